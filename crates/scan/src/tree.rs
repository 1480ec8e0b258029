//! The merged view of an image's layers, as detection asks for it.

use std::sync::Arc;

use bstr::{BStr, ByteSlice};
use detect::{FileRef, Tree};
use image::overlay;
use model::LayerFacts;

/// Layers laid over one another.
pub struct Merged<'a>(overlay::Merged<'a>);

impl<'a> Merged<'a> {
    /// Lays the layers over one another, base first. A layer that could not be read is left out:
    /// its gap is in the report.
    pub fn of(layers: &'a [Option<Arc<LayerFacts>>]) -> Self {
        let mut merged = overlay::Merged::default();
        for (layer, facts) in (0..).zip(layers) {
            let files = facts.iter().flat_map(|facts| &facts.files);
            merged.add(
                layer,
                (0..)
                    .zip(files)
                    .map(|(at, record)| (at, record.path.as_bstr(), &record.kind)),
            );
        }
        Self(merged)
    }

    /// Entries that the merged view had no room for.
    pub const fn dropped(&self) -> u64 {
        self.0.dropped()
    }
}

impl Tree for Merged<'_> {
    fn resolve(&self, path: &BStr) -> Option<FileRef> {
        self.0
            .resolve(path)
            .map(|(layer, file)| FileRef { layer, file })
    }

    fn entry(&self, path: &BStr) -> Option<FileRef> {
        self.0
            .entry(path)
            .map(|(layer, file)| FileRef { layer, file })
    }

    fn exists(&self, path: &BStr) -> bool {
        self.0.exists(path)
    }

    fn hidden_by(&self, file: FileRef) -> Option<u32> {
        self.0.hidden_by((file.layer, file.file))
    }
}
