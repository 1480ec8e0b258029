//! A layer that a daemon has unpacked into a folder, read as the layer it was.

use bstr::{BString, ByteSlice};
use model::Budget;

use super::folder::Folder;
use super::tar_split::{Assembled, Difference};
use super::tree;
use crate::{Damage, EntryVisitor, Error, ErrorKind, Layer, LayerEnd, layer};

/// Where an unpacked layer is, relative to the storage's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    /// Its files.
    pub folder: String,
    /// The record of its tar, if the storage keeps one.
    pub tar_split: Option<String>,
}

impl Unpacked {
    /// Reads the layer: as the exact tar it was, so that its diff ID tells whether the storage
    /// still holds what was pulled; as a tree, unverified, if the record of the tar is lost.
    ///
    /// # Errors
    /// If the folder with the layer's files cannot be opened.
    pub fn read(
        &self,
        root: &Folder,
        layer: &Layer,
        budget: &Budget,
        visitor: &mut dyn EntryVisitor,
    ) -> Result<LayerEnd, Error> {
        let folder = root.folder(self.folder.as_str().into()).map_err(|error| {
            let shown = root.path().join(&self.folder);
            Error::new(
                ErrorKind::Io,
                format!(
                    "the layer's files in {} cannot be read: {error}",
                    shown.display()
                ),
            )
            .advise(
                "the storage is damaged, or the layer is just being removed; pull the image again",
            )
        })?;
        let assembled = self
            .tar_split
            .as_ref()
            .and_then(|path| root.file(path.as_str().into()).ok())
            .and_then(|record| Assembled::open(record, &folder).ok());
        let Some(mut assembled) = assembled else {
            return Ok(tree::read(&folder, budget, visitor));
        };
        let mut end = layer::read(&mut assembled, layer, budget, visitor);
        let (differences, unlisted) = assembled.differences();
        for difference in differences {
            report(&folder, difference, &mut end, visitor);
        }
        if unlisted > 0 {
            end.damage.push(Damage {
                path: None,
                reason: format!("the storage differs from the layer in {unlisted} more files"),
            });
        }
        Ok(end)
    }
}

/// Says that a file differs. One that has another length does not fit the tar, so it is handed
/// over once more, as it is now: that is what a container would see.
fn report(
    folder: &Folder,
    difference: Difference,
    end: &mut LayerEnd,
    visitor: &mut dyn EntryVisitor,
) {
    let path = normal(&difference.path);
    if difference.resized
        && let Ok(bytes) = tree::read_file(folder, path.as_bstr(), visitor)
    {
        end.bytes = end.bytes.saturating_add(bytes);
    }
    end.damage.push(Damage {
        path: Some(path),
        reason: format!("the storage differs from the layer: {}", difference.reason),
    });
}

/// A path of a tar in the form of [`model::Entry::path`].
fn normal(path: &BString) -> BString {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split_str("/") {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    bstr::join("/", parts).into()
}
