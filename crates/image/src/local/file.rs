//! A single file, read as one entry.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use bstr::BString;
use model::text::printable;
use model::{Entry, ImageConfig};

use crate::{
    EntryVisitor, Error, ErrorKind, Image, Layer, LayerContent, LayerEnd, Options, Resolved, Source,
};

/// A file as a source: one image of one layer of one entry.
pub struct SingleFile {
    path: PathBuf,
    images: Vec<Resolved>,
    limit: u64,
}

/// Opens a regular file for reading without ever waiting for a pipe or a device. Links to it are
/// followed: the user named it.
///
/// # Errors
/// If it is not there, no regular file, or cannot be opened.
pub fn open_regular(path: &Path) -> Result<(File, Metadata), Error> {
    let shown = printable(path.as_os_str().as_bytes());
    let fail = |error: io::Error| {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => ErrorKind::NotFound,
            _ => ErrorKind::Io,
        };
        Error::new(kind, format!("{shown} cannot be opened: {error}"))
    };
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .map_err(fail)?;
    let metadata = file.metadata().map_err(fail)?;
    if metadata.is_file() {
        return Ok((file, metadata));
    }
    let what = if metadata.is_dir() {
        "a folder"
    } else {
        "no regular file"
    };
    Err(Error::new(ErrorKind::Invalid, format!("{shown} is {what}")))
}

/// An image that is a plain folder or file: one layer, no configuration.
pub fn plain_image(target: String, key: String, content: LayerContent) -> Image {
    Image {
        target,
        names: Vec::new(),
        manifest: None,
        config_digest: None,
        platform: None,
        artifact: None,
        config: ImageConfig::default(),
        layers: vec![Layer {
            key,
            digest: None,
            diff_id: None,
            size: None,
            media_type: String::new(),
            content,
        }],
        damage: Vec::new(),
    }
}

/// The owner, mode and time of a file as an entry has them.
pub fn entry_of(path: BString, metadata: &Metadata) -> Entry {
    Entry {
        mode: metadata.mode() & 0o7777,
        uid: u64::from(metadata.uid()),
        gid: u64::from(metadata.gid()),
        mtime: metadata.mtime(),
        ..Entry::file(path, metadata.len())
    }
}

impl SingleFile {
    /// Opens `path`.
    ///
    /// # Errors
    /// If it is not there, or no regular file.
    pub fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        open_regular(path).map_err(|error| match error.kind {
            ErrorKind::Invalid => error.advise("for a folder use dir:"),
            _ => error,
        })?;
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let target = crate::Target::File(path.to_owned()).to_string();
        let image = plain_image(target, "file".to_owned(), LayerContent::Blob(name));
        Ok(Self {
            path: path.to_owned(),
            images: vec![Resolved::Image(image)],
            limit: options.budget.layer_bytes,
        })
    }
}

impl Source for SingleFile {
    fn images(&self) -> &[Resolved] {
        &self.images
    }

    fn read_layer(
        &self,
        _layer: &Layer,
        visitor: &mut dyn EntryVisitor,
    ) -> Result<LayerEnd, Error> {
        let (file, metadata) = open_regular(&self.path)?;
        let name = self.path.file_name().unwrap_or_default().as_bytes();
        let entry = entry_of(name.into(), &metadata);
        let mut end = LayerEnd::default();
        let mut content = super::folder::Content::new(file, entry.size.min(self.limit));
        visitor.entry(&entry, &mut content);
        end.bytes = content.position();
        end.damage.extend(content.damage(&entry));
        Ok(end)
    }
}
