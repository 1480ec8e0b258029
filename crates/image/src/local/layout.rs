//! OCI's catalog: `index.json` of an image layout, its blobs by digest.
//!
//! Source: OCI image specification 1.1, `image-layout.md` and `annotations.md`; containerd's
//! `io.containerd.image.name`, the full name where `ref.name` is only a tag.

use model::{Digest, Platform};

use super::catalog::{Held, Listing, Naming, blob_path};
use crate::manifest::{self, Descriptor, Document, Documents, Resolution};
use crate::{Error, ErrorKind, Options, Resolved};

/// The catalog's name.
pub const CATALOG: &str = "index.json";
/// Most entries of one layout.
const ENTRIES_MAX: usize = 10_000;
const REF_NAME: &str = "org.opencontainers.image.ref.name";
const CONTAINERD_NAME: &str = "io.containerd.image.name";

/// Documents of a layout.
struct Blobs<'a>(&'a dyn Held);

impl Documents for Blobs<'_> {
    fn manifest(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error> {
        self.0.document(&blob_path(&descriptor.digest), limit)
    }

    fn blob(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error> {
        self.manifest(descriptor, limit)
    }
}

/// Everything `index.json` lists.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn listings(
    held: &dyn Held,
    naming: &Naming,
    options: &Options,
) -> Result<Vec<Listing>, Error> {
    let bytes = held.document(CATALOG, options.budget.document)?;
    let invalid = |problem| {
        Error::new(
            ErrorKind::Invalid,
            format!("{CATALOG} cannot be read: {problem}"),
        )
    };
    let entries = match Document::parse(&bytes).map_err(invalid)? {
        Document::Index(entries) => entries,
        Document::Manifest { .. } => {
            return Err(invalid("it is a manifest, not an index".to_owned()));
        }
    };
    let shared = shared_tags(&entries);
    let count = entries.len();
    let mut listings: Vec<Listing> = entries
        .into_iter()
        .take(ENTRIES_MAX)
        .map(|entry| match entry {
            Ok(root) => listing(&root, &shared, held, naming, options),
            Err(problem) => broken(
                naming,
                format!("an entry of {CATALOG} is no descriptor: {problem}"),
            ),
        })
        .collect();
    if count > ENTRIES_MAX {
        listings.push(broken(
            naming,
            format!("{CATALOG} lists {count} images, over the bound of {ENTRIES_MAX}"),
        ));
    }
    Ok(listings)
}

fn broken(naming: &Naming, reason: String) -> Listing {
    Listing {
        found: Resolution {
            images: vec![Resolved::Broken {
                target: naming.target().to_owned(),
                manifest: None,
                platform: None,
                reason,
            }],
            unwanted: Vec::new(),
        },
        ..Listing::default()
    }
}

/// `ref.name` annotations that several entries have, as archives of several images do (`latest`).
fn shared_tags(entries: &[manifest::Listed]) -> Vec<String> {
    let mut tags: Vec<&String> = entries
        .iter()
        .filter_map(|entry| entry.as_ref().ok()?.annotations.get(REF_NAME))
        .collect();
    tags.sort();
    let shared = tags.windows(2).filter_map(|pair| match pair {
        [one, other] if one == other => Some((*one).clone()),
        _ => None,
    });
    shared.collect()
}

fn listing(
    root: &Descriptor,
    shared: &[String],
    held: &dyn Held,
    naming: &Naming,
    options: &Options,
) -> Listing {
    let names = names_of(root, shared);
    let mut names_shown = names.clone();
    // A bare tag is no name where a full one is known.
    if names_shown.len() > 1 {
        names_shown.retain(|name| {
            root.annotations.get(REF_NAME) != Some(name) || name.contains([':', '/'])
        });
    }
    if let Some(platform) = root
        .platform
        .clone()
        .filter(|platform| !is_wanted(platform, options))
    {
        return Listing {
            names,
            digests: vec![root.digest.clone()],
            found: Resolution {
                images: Vec::new(),
                unwanted: vec![platform],
            },
        };
    }
    let target_of = |descriptor: &Descriptor| target(descriptor, root, &names, naming);
    let found = manifest::resolve_all(&Blobs(held), root, &names_shown, &target_of, options);
    Listing {
        names,
        digests: vec![root.digest.clone()],
        found,
    }
}

fn is_wanted(platform: &Platform, options: &Options) -> bool {
    options.wants(platform) || platform.os == "unknown" || platform.os.is_empty()
}

/// What the entry may be called: its tag where that is its own, its full name.
fn names_of(root: &Descriptor, shared: &[String]) -> Vec<String> {
    let tag = root.annotations.get(REF_NAME).filter(|tag| !tag.is_empty());
    let full = root
        .annotations
        .get(CONTAINERD_NAME)
        .filter(|name| !name.is_empty());
    let is_shared = |tag: &String| shared.contains(tag) && full.is_some();
    let mut names: Vec<String> = tag
        .filter(|tag| !is_shared(tag))
        .into_iter()
        .chain(full)
        .cloned()
        .collect();
    names.dedup();
    names
}

/// An image under a tag is named by the tag, with all platforms; what is of no platform (an
/// attestation) by its digest.
fn target(descriptor: &Descriptor, root: &Descriptor, names: &[String], naming: &Naming) -> String {
    let is_root = descriptor.digest == root.digest;
    let has_platform = descriptor
        .platform
        .as_ref()
        .is_some_and(|platform| !matches!(platform.os.as_str(), "" | "unknown"));
    let names = if is_root || has_platform { names } else { &[] };
    let digest: &Digest = &descriptor.digest;
    naming.of(names, Some(digest))
}
