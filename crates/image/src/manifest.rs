//! Manifests, indexes and configurations: parsing, and walking from a root descriptor to images.
//!
//! Source: OCI image specification 1.1 (`descriptor.md`, `manifest.md`, `image-index.md`,
//! `config.md`) and Docker's "Image Manifest V2, Schema 2".

use std::collections::BTreeMap;

use model::{Digest, ImageConfig, Platform};

use crate::{Error, Options, Resolved};

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

/// Walks from `root` (an index or a manifest) to all wanted images. Nested indexes are followed, a
/// loop or too deep a nest is broken off and said. What cannot be read becomes
/// [`Resolved::Broken`]; layer keys are the layers' digests.
///
/// `target_of` names an image as one could name it again, given its manifest's descriptor.
pub fn resolve(
    _documents: &dyn Documents,
    _root: &Descriptor,
    _names: &[String],
    _target_of: &dyn Fn(&Descriptor) -> String,
    _options: &Options,
) -> Vec<Resolved> {
    unimplemented!("helper: local")
}

/// Parses a configuration blob, tolerating absent and null fields and Docker's older spellings
/// (`Entrypoint` as a string, `container_config` only).
///
/// # Errors
/// If it is not a JSON object.
pub fn parse_config(_bytes: &[u8]) -> Result<ImageConfig, Error> {
    unimplemented!("helper: local")
}
