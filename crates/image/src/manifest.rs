//! Manifests, indexes and configurations: parsing, and walking from a root descriptor to images.
//!
//! Source: OCI image specification 1.1 (`descriptor.md`, `manifest.md`, `image-index.md`,
//! `config.md`) and Docker's "Image Manifest V2, Schema 2".

mod config;
mod document;
mod json;
mod resolve;

use std::collections::BTreeMap;

use model::{Digest, Platform};

use crate::{Error, Image, Resolved};

pub use config::parse_config;
pub use document::{Document, Listed};
pub use json::{Object, object, parse as parse_json};
pub use resolve::{Resolution, no_such_platform, resolve, resolve_all};

/// A descriptor: what something is, how long, and its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// Media type as written, may be empty.
    pub media_type: String,
    /// Digest of the content.
    pub digest: Digest,
    /// Length in bytes, if written.
    pub size: Option<u64>,
    /// Platform, in an index.
    pub platform: Option<Platform>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// Where else to fetch it (foreign layers).
    pub urls: Vec<String>,
    /// `artifactType`, if written.
    pub artifact_type: Option<String>,
}

/// Fetches whole, small documents by descriptor. Implementors check nothing: [`resolve`] verifies
/// digest and length, and bounds the length by the budget.
pub trait Documents {
    /// An index or manifest, at most `limit` bytes.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    fn manifest(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error>;

    /// A configuration (or other blob), at most `limit` bytes.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    fn blob(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error>;
}

/// Images that one manifest describes become one, with all names; so do broken ones.
pub fn merge(images: Vec<Resolved>) -> Vec<Resolved> {
    let mut merged: Vec<Resolved> = Vec::with_capacity(images.len());
    let mut by_manifest: BTreeMap<Digest, usize> = BTreeMap::new();
    for next in images {
        let manifest = match &next {
            Resolved::Image(image) => image.manifest.clone(),
            Resolved::Broken { manifest, .. } => manifest.clone(),
        };
        let Some(manifest) = manifest else {
            merged.push(next);
            continue;
        };
        let known = by_manifest.entry(manifest).or_insert(merged.len());
        match (merged.get_mut(*known), next) {
            (Some(Resolved::Image(image)), Resolved::Image(same)) => add_names(image, same.names),
            (Some(_), _) => {}
            (None, next) => merged.push(next),
        }
    }
    merged
}

/// Adds names that are not there yet.
pub fn add_names(image: &mut Image, names: Vec<String>) {
    for name in names {
        if !image.names.contains(&name) {
            image.names.push(name);
        }
    }
}
