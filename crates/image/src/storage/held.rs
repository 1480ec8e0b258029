//! From the names that containerd has to images, whether asked over its socket or its files.
//!
//! containerd pulls one platform of an index as a rule and keeps the index as it was. So an index
//! names manifests that are not held, and that is no damage: what is not held cannot be run from
//! here. Such platforms are left out, unless they were asked for or nothing else is held.

use std::collections::BTreeMap;

use model::{Digest, Platform};

use super::names;
use crate::manifest::{self, Descriptor, Documents};
use crate::target::Reference;
use crate::{Error, ErrorKind, Options, Resolved};

/// One name in containerd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Namespace the name is in.
    pub namespace: String,
    /// The name: a normalised reference, or what a client chose.
    pub name: String,
    /// Index or manifest that it names.
    pub target: Descriptor,
}

/// What is held of the documents that an image names.
pub trait Held: Documents {
    /// Whether content of this digest is held.
    fn holds(&self, digest: &Digest) -> bool;
}

/// What was asked for, found among all names: roots to resolve, each with its namespace and names.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// The namespace in which the first name was found.
    pub namespace: String,
    /// The name by which it is named again.
    pub name: String,
    /// All names of the root, or of the index that it was picked from.
    pub names: Vec<String>,
    /// The root.
    pub root: Descriptor,
}

/// Looks `asked` up among `all` names; empty for all images.
///
/// # Errors
/// If there is no such name: the error lists those there are.
pub fn find(asked: &str, all: &[Named], place: &str) -> Result<Vec<Found>, Error> {
    let mut found: Vec<Found> = Vec::new();
    for (root, matching) in matches(asked, all) {
        let known = found.iter_mut().find(|f| f.root.digest == root.digest);
        match known {
            Some(known) => add_name(&mut known.names, &matching.name),
            None => found.push(Found {
                namespace: matching.namespace.clone(),
                name: String::new(),
                names: vec![matching.name.clone()],
                root,
            }),
        }
    }
    for one in &mut found {
        // An image found by one name is reported with all that it has.
        for named in all.iter().filter(|n| n.target.digest == one.root.digest) {
            add_name(&mut one.names, &named.name);
        }
        one.name = display_name(one, all);
    }
    if found.is_empty() && !asked.is_empty() {
        let present = all.iter().map(|named| named.name.clone()).collect();
        return Err(names::not_found(asked, place, present));
    }
    Ok(found)
}

fn add_name(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// The names that `asked` stands for, each with the root to resolve.
fn matches<'a>(asked: &str, all: &'a [Named]) -> Vec<(Descriptor, &'a Named)> {
    let whole = |test: &dyn Fn(&Named) -> bool| -> Vec<(Descriptor, &'a Named)> {
        all.iter()
            .filter(|named| test(named))
            .map(|named| (named.target.clone(), named))
            .collect()
    };
    if asked.is_empty() {
        return whole(&|_| true);
    }
    let spellings = names::spellings(asked);
    let by_name = whole(&|named| spellings.contains(&named.name));
    if !by_name.is_empty() {
        return by_name;
    }
    let by_id = whole(&|named| {
        names::is_id(asked, named.target.digest.hex())
            || named
                .name
                .strip_prefix("sha256:")
                .is_some_and(|hex| names::is_id(asked, hex))
    });
    if !by_id.is_empty() {
        return by_id;
    }
    by_digest(asked, all)
}

/// `NAME@DIGEST` where only NAME is known: one manifest of the index that NAME stands for.
fn by_digest<'a>(asked: &str, all: &'a [Named]) -> Vec<(Descriptor, &'a Named)> {
    let Some((name, digest)) = asked.split_once('@') else {
        return Vec::new();
    };
    let Ok(digest) = digest.parse::<Digest>() else {
        return Vec::new();
    };
    let spellings = names::spellings(name);
    let repository = Reference::parse(name)
        .map(|reference| reference.name())
        .ok();
    let same = |named: &&Named| {
        spellings.contains(&named.name)
            || Reference::parse(&named.name).is_ok_and(|known| Some(known.name()) == repository)
    };
    let root = Descriptor {
        media_type: String::new(),
        digest,
        size: None,
        platform: None,
        annotations: BTreeMap::new(),
        urls: Vec::new(),
        artifact_type: None,
    };
    all.iter()
        .filter(same)
        .take(1)
        .map(|named| (root.clone(), named))
        .collect()
}

/// Resolves what was found. `prefix` is what targets begin with: `containerd:`.
pub fn resolve(found: &Found, held: &dyn Held, prefix: &str, options: &Options) -> Vec<Resolved> {
    let name = &found.name;
    let target_of = |descriptor: &Descriptor| -> String {
        if descriptor.digest == found.root.digest || name.contains('@') {
            format!("{prefix}{name}")
        } else {
            format!("{prefix}{name}@{}", descriptor.digest)
        }
    };
    let names: Vec<String> = found
        .names
        .iter()
        .filter(|name| !name.contains('@') && !name.starts_with("sha256:"))
        .cloned()
        .collect();
    let mut resolved = manifest::resolve(held, &found.root, &names, &target_of, options);
    if options.platforms.is_empty() {
        let absent = |one: &Resolved| match one {
            Resolved::Broken {
                manifest: Some(digest),
                ..
            } => *digest != found.root.digest && !held.holds(digest),
            _ => false,
        };
        if !resolved.iter().all(absent) {
            resolved.retain(|one| !absent(one));
        }
    }
    resolved
}

/// The name by which an image is named again: one with a tag, if it has one; with the digest
/// besides, if what was found is one manifest of what the name stands for.
fn display_name(found: &Found, all: &[Named]) -> String {
    let digest = &found.root.digest;
    let tagged = |name: &&String| !name.contains('@') && !name.starts_with("sha256:");
    let first = found.names.iter().find(tagged);
    let Some(name) = first.or_else(|| found.names.first()) else {
        return digest.to_string();
    };
    let stands_for_it = |n: &Named| n.name == *name && n.target.digest == *digest;
    match name.split_once('@') {
        None if !all.iter().any(stands_for_it) => format!("{name}@{digest}"),
        _ => name.clone(),
    }
}

/// The image that was found is for none of the platforms asked for.
pub fn other_platform(asked: &str, options: &Options) -> Error {
    let platforms: Vec<String> = options.platforms.iter().map(ToString::to_string).collect();
    Error::new(
        ErrorKind::NotFound,
        format!(
            "`{}` is there, but for none of the platforms {}",
            model::text::printable(asked.as_bytes()),
            platforms.join(", ")
        ),
    )
    .advise("scan without --platform, or pull the image for that platform first")
}

/// Whether an image of `platform` is wanted. One whose platform is not known is.
pub fn wanted(options: &Options, platform: Option<&Platform>) -> bool {
    platform.is_none_or(|platform| options.wants(platform))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(namespace: &str, name: &str, byte: &str) -> Named {
        Named {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            target: Descriptor {
                media_type: String::new(),
                digest: format!("sha256:{}", byte.repeat(32)).parse().unwrap(),
                size: None,
                platform: None,
                annotations: BTreeMap::new(),
                urls: Vec::new(),
                artifact_type: None,
            },
        }
    }

    #[test]
    fn names_of_one_image_are_joined_as_kubernetes_has_them() {
        let id = format!("sha256:{}", "cc".repeat(32));
        let by_digest = format!("docker.io/library/a@sha256:{}", "aa".repeat(32));
        let all = [
            named("k8s.io", &id, "aa"),
            named("k8s.io", "docker.io/library/a:1", "aa"),
            named("k8s.io", &by_digest, "aa"),
            named("default", "example.com/b:2", "bb"),
        ];
        for asked in ["a:1", &id, &by_digest, "sha256:aaaa", "cccccccccccc"] {
            let found = find(asked, &all, "here").unwrap();
            assert_eq!(found.len(), 1, "{asked}");
            assert_eq!(found[0].name, "docker.io/library/a:1");
            assert_eq!(found[0].names.len(), 3);
        }
        assert_eq!(find("", &all, "here").unwrap().len(), 2);
        assert!(find("a:2", &all, "here").is_err());
        // One manifest of an index.
        let member = format!("example.com/b:2@sha256:{}", "dd".repeat(32));
        let found = find(&member, &all, "here").unwrap();
        assert_eq!(found[0].name, member);
        assert_eq!(found[0].namespace, "default");
    }
}
