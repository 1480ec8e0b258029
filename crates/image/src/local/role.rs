//! What a file of a stream is for, told by its name alone: by then nothing else is known.
//!
//! Names are those that the known writers give: OCI layouts and Docker since 25 (`blobs/…`),
//! Docker before (`ID/layer.tar`, `ID/json`, `ID.json`), skopeo and podman (`ID.tar`, with links
//! `ID/layer.tar`), kaniko and go-containerregistry (`sha256:ID`, `ID.tar.gz`).

use super::catalog::digest_of_path;

/// What a member is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A folder of the archive itself.
    Folder,
    /// A link between layers.
    Link,
    /// A small document: a catalog, a configuration.
    Document,
    /// A layer, or a blob that may be one.
    Layer,
    /// No part of an image archive.
    Loose,
}

/// Tells roles, and remembers whether the stream is (also) a root file system: names that a root
/// file system may have too then no longer count as an archive's.
#[derive(Debug, Default)]
pub struct Roles {
    has_loose: bool,
}

impl Roles {
    /// Whether anything loose has come by.
    pub const fn has_loose(&self) -> bool {
        self.has_loose
    }

    /// The role of a member by its normalised path and type flag.
    pub fn of(&mut self, path: &str, flag: u8, size: u64) -> Role {
        let is_link = matches!(flag, b'1' | b'2');
        let is_file = !matches!(flag, b'1'..=b'6');
        let role = match by_name(path, self.has_loose) {
            Role::Folder if flag == b'5' || (flag == 0 && size == 0) => Role::Folder,
            Role::Layer | Role::Document if is_link => Role::Link,
            role @ (Role::Layer | Role::Document) if is_file => role,
            _ => Role::Loose,
        };
        // A stream's root may be written as an entry of its own.
        self.has_loose |= role == Role::Loose && !path.is_empty();
        role
    }
}

fn by_name(path: &str, is_rootfs: bool) -> Role {
    match path {
        "" | "blobs" | "blobs/sha256" | "blobs/sha512" => return Role::Folder,
        "manifest.json" | "index.json" | "oci-layout" | "repositories" => return Role::Document,
        _ if digest_of_path(path).is_some() => return Role::Layer,
        _ => {}
    }
    let (id, rest) = match path.split_once('/') {
        Some((id, rest)) => (id, Some(rest)),
        None => path
            .split_once('.')
            .map_or((path, None), |(id, _)| (id, None)),
    };
    // Nothing but an archive has names with an ID; the others a root file system may have too.
    let is_certain = is_id(id);
    match rest {
        None if is_certain && path == id && !id.contains(':') => Role::Folder,
        Some("json" | "VERSION") if is_certain => Role::Document,
        _ if is_rootfs && !is_certain => Role::Loose,
        Some("layer.tar") => Role::Layer,
        None if path.ends_with(".json") || path == id && is_certain => Role::Document,
        None if is_archive_name(path) => Role::Layer,
        _ => Role::Loose,
    }
}

fn is_archive_name(name: &str) -> bool {
    [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// Whether a name is an image or layer ID.
fn is_id(name: &str) -> bool {
    let hex = name.strip_prefix("sha256:").unwrap_or(name);
    hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_known_writers_are_told_from_a_root_file_system() {
        let id = "ab".repeat(32);
        let mut roles = Roles::default();
        for (path, flag, role) in [
            ("", b'5', Role::Folder),
            (&*format!("blobs/sha256/{id}"), b'0', Role::Layer),
            (&format!("{id}/layer.tar"), b'0', Role::Layer),
            (&format!("{id}/layer.tar"), b'2', Role::Link),
            (&format!("{id}/VERSION"), b'0', Role::Document),
            (&format!("{id}.tar"), b'0', Role::Layer),
            (&format!("sha256:{id}"), b'0', Role::Document),
            ("manifest.json", b'0', Role::Document),
        ] {
            assert_eq!(roles.of(path, flag, 1), role, "{path}");
        }
        assert!(!roles.has_loose());
        assert_eq!(roles.of("etc", b'5', 0), Role::Loose);
        assert_eq!(roles.of("backup.tar", b'0', 1), Role::Loose);
        assert_eq!(roles.of("app/layer.tar", b'0', 1), Role::Loose);
        assert_eq!(roles.of(&format!("{id}/layer.tar"), b'0', 1), Role::Layer);
        assert_eq!(roles.of(&format!("{id}.json"), b'0', 1), Role::Document);
        assert_eq!(roles.of("manifest.json", b'0', 1), Role::Document);
        assert!(roles.has_loose());
    }
}
