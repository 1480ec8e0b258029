//! The images of a storage folder whose layers are unpacked: Docker's and podman's.

use std::collections::BTreeMap;

use model::{Budget, Digest};
use sha2::{Digest as _, Sha256};

use super::folder::Folder;
use super::unpacked::Unpacked;
use crate::{EntryVisitor, Error, ErrorKind, Layer, LayerContent, LayerEnd, Resolved, Source};

/// Where a layer is, or why it cannot be read.
pub type Place = Result<Unpacked, String>;

/// Images and where their layers are.
pub struct Store {
    /// The storage's root.
    pub root: Folder,
    /// Bounds on layers.
    pub budget: Budget,
    /// The images.
    pub images: Vec<Resolved>,
    /// The layers by [`Layer::key`].
    pub layers: BTreeMap<String, Place>,
}

impl Source for Store {
    fn images(&self) -> &[Resolved] {
        &self.images
    }

    fn read_layer(&self, layer: &Layer, visitor: &mut dyn EntryVisitor) -> Result<LayerEnd, Error> {
        let missing = |why: &str| {
            Error::new(ErrorKind::NotFound, why.to_owned())
                .advise("the storage is incomplete; pull the image again")
        };
        match self.layers.get(&layer.key) {
            Some(Ok(unpacked)) => unpacked.read(&self.root, layer, &self.budget, visitor),
            Some(Err(why)) => Err(missing(why)),
            None => Err(missing(&format!("the storage has no layer {}", layer.key))),
        }
    }
}

/// A layer that is kept unpacked.
pub fn layer(key: String, diff_id: Option<Digest>) -> Layer {
    Layer {
        key,
        digest: None,
        diff_id,
        size: None,
        media_type: "application/vnd.oci.image.layer.v1.tar".to_owned(),
        content: LayerContent::Tar,
    }
}

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest::sha256(&Sha256::digest(bytes).into())
}

/// The chain ID of a layer on a chain: what a layer is in its place. Source: OCI image
/// specification, `config.md`, "Layer ChainID".
pub fn chain_id(parent: Option<&Digest>, diff_id: &Digest) -> Digest {
    match parent {
        Some(parent) => sha256(format!("{parent} {diff_id}").as_bytes()),
        None => diff_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_ids_are_those_of_docker() {
        let diff: Digest =
            "sha256:a57ee402289c74cf471e18e34d18f44d5b4c66601a996900ba428599bd76ac16"
                .parse()
                .unwrap();
        let second: Digest =
            "sha256:cac7f8d0a7fe7e5ba7fdbb9241f19961e3e22a7fc98b721ebe9b92faa454ac83"
                .parse()
                .unwrap();
        let first = chain_id(None, &diff);
        assert_eq!(first, diff);
        assert_eq!(
            chain_id(Some(&first), &second).hex(),
            "e502b91d6c6507bdbd95d7e50d4fc0b9de0dfc1b3a69e858ba0d37ddacd5e5dc"
        );
    }
}
