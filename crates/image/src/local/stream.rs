//! Archives that can only be read once, front to back: standard input, compressed archives, a
//! daemon's export.
//!
//! Layers may come before the catalog that names them, so each is read as it comes by, under the
//! name the catalog will use, and the small documents are kept until the end. What is no part of
//! an image archive is a root file system's; a stream that mixes both yields both.

use std::io::{self, BufReader, Cursor, Read};

use bstr::ByteSlice;
use model::text::printable;
use model::{Budget, Digest, Platform};

use super::catalog::{self, Naming, digest_of_path};
use super::file::plain_image;
use super::kept::{Kept, Seen};
use super::role::{Role, Roles};
use crate::compression::{Compression, Decompressor, Sniffed, sniff};
use crate::layer::path::normalise;
use crate::layer::plain::count_beyond_zeros;
use crate::layer::tar::{Member, Reader, Stop};
use crate::layer::visit::{Damages, entry_of};
use crate::{
    Error, ErrorKind, Image, Layer, LayerContent, LayerEnd, LayerSink, Options, Resolved,
    StreamSource, layer,
};

/// Bytes the walk over the archive reads at once.
const CHUNK: usize = 64 << 10;
/// Bytes of a file that tell whether it is a layer or a document.
const HEAD: usize = 64 << 10;

/// A tar that comes by: an image archive, or a root file system.
pub struct TarStream {
    reader: Box<dyn Read + Send>,
    naming: Naming,
    image: Option<String>,
    options: Options,
}

impl TarStream {
    /// A stream whose images are named after standard input.
    pub fn new(reader: Box<dyn Read + Send>, budget: Budget) -> Self {
        Self {
            reader,
            naming: Naming::new("-"),
            image: None,
            options: Options {
                budget,
                ..Options::default()
            },
        }
    }

    /// Names the images after `prefix`: `docker-archive:PATH` gives `docker-archive:PATH:NAME`.
    #[must_use]
    pub fn named(mut self, prefix: impl Into<String>) -> Self {
        self.naming = Naming::new(prefix);
        self
    }

    /// Only the image of this name, tag or digest.
    #[must_use]
    pub fn only(mut self, image: Option<String>) -> Self {
        self.image = image;
        self
    }

    /// Only images of these platforms; all if empty.
    #[must_use]
    pub fn platforms(mut self, platforms: &[Platform]) -> Self {
        self.options.platforms = platforms.to_vec();
        self
    }
}

impl StreamSource for TarStream {
    fn drain(self: Box<Self>, sink: &mut dyn LayerSink) -> Result<Vec<Resolved>, Error> {
        let Self {
            reader,
            naming,
            image,
            options,
        } = *self;
        let target = printable(naming.target().as_bytes());
        let unreadable = |error: io::Error| {
            Error::new(ErrorKind::Io, format!("{target} cannot be read: {error}"))
        };
        let input = Decompressor::new(reader).map_err(unreadable)?;
        let compression = input.compression();
        let archive = Reader::new(
            BufReader::with_capacity(CHUNK, input),
            options.budget.layer_bytes,
        );
        let mut drain = Drain {
            kept: Kept::new(&options.budget),
            roles: Roles::default(),
            loose: None,
            loose_keys: Vec::new(),
            damage: Vec::new(),
            budget: &options.budget,
            sink,
        };
        match drain.archive(archive) {
            Ok(()) => {}
            Err(Stop::NotTar) => return Err(no_tar(&target, compression)),
            Err(Stop::Input(error)) if drain.is_empty() => return Err(unreadable(error)),
            Err(Stop::Input(error)) => drain.damage.push(error.to_string()),
            Err(Stop::Damaged(reason)) => drain.damage.push(reason),
        }
        drain.images(&naming, image.as_deref(), &options)
    }
}

fn no_tar(target: &str, compression: Compression) -> Error {
    let what = match compression {
        Compression::None => {
            "it is neither a tar nor compressed in a known way (gzip, zstd, xz, bzip2)".to_owned()
        }
        known => format!("its {} data holds no tar", known.name()),
    };
    Error::new(ErrorKind::Invalid, format!("{target} is no image: {what}"))
        .advise("for a single file use file:")
}

/// A run of loose files being handed over.
struct Loose {
    key: String,
    damages: Damages,
    bytes: u64,
}

/// One reading of one stream.
struct Drain<'a> {
    kept: Kept,
    roles: Roles,
    loose: Option<Loose>,
    loose_keys: Vec<String>,
    /// What is wrong with the stream as a whole.
    damage: Vec<String>,
    budget: &'a Budget,
    sink: &'a mut dyn LayerSink,
}

type Archive<R> = Reader<BufReader<Decompressor<R>>>;

impl Drain<'_> {
    /// Whether nothing has come by yet.
    fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.loose.is_none() && self.loose_keys.is_empty()
    }

    /// Reads the whole archive.
    fn archive<R: Read>(&mut self, mut archive: Archive<R>) -> Result<(), Stop> {
        let mut count = 0_u64;
        let mut bound_hit = false;
        while let Some(member) = archive.next_member()? {
            count += 1;
            bound_hit =
                count > self.budget.layer_entries || archive.position() > self.budget.layer_bytes;
            if bound_hit {
                self.damage.push(format!(
                    "reading stopped at the bound of {} entries or {} bytes",
                    self.budget.layer_entries, self.budget.layer_bytes
                ));
                break;
            }
            self.member(&member, &mut archive)?;
        }
        if !bound_hit {
            self.behind(archive);
        }
        Ok(())
    }

    /// What follows the archive, to the last byte of the stream.
    fn behind<R: Read>(&mut self, archive: Archive<R>) {
        let has_end = archive.has_end_marker();
        let mut rest = archive.into_inner();
        let (hidden, failure) = match count_beyond_zeros(&mut rest) {
            Ok(hidden) => (hidden, None),
            Err((hidden, error)) => (hidden, Some(error.to_string())),
        };
        self.damage.extend(failure);
        if has_end && hidden > 0 {
            self.damage.push(format!(
                "{hidden} bytes that are not all zero follow the end of the tar"
            ));
        }
        self.damage
            .extend(rest.get_ref().trailing().map(str::to_owned));
        if !has_end {
            self.damage
                .push("the tar has no end marker: it may have been cut".to_owned());
        }
    }

    fn member<R: Read>(&mut self, member: &Member, archive: &mut Archive<R>) -> Result<(), Stop> {
        let path = normalise(&member.header.name);
        let flag = member.header.flag;
        let role = match path.to_str() {
            Ok(path) => self.roles.of(path, flag, member.size),
            Err(_) => Role::Loose,
        };
        let path = path.to_string();
        match role {
            Role::Folder => Ok(()),
            Role::Link => {
                self.kept.link(&path, flag, &member.header.link);
                Ok(())
            }
            Role::Document if self.kept.has_room(member.size) => {
                self.document(path, member, archive)
            }
            Role::Layer => self.layer(path, member, archive),
            Role::Document | Role::Loose => {
                self.loose(member, archive);
                Ok(())
            }
        }
    }

    /// Keeps a document. `has_room` was asked, so its length is bounded.
    fn document<R: Read>(
        &mut self,
        path: String,
        member: &Member,
        archive: &mut Archive<R>,
    ) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        #[expect(clippy::disallowed_methods)]
        archive.content(member).read_to_end(&mut bytes)?;
        self.keep(path, member, bytes);
        Ok(())
    }

    fn keep(&mut self, path: String, member: &Member, bytes: Vec<u8>) {
        if self.kept.keep(&path, entry_of(member), bytes) {
            let path = printable(path.as_bytes());
            self.damage.push(format!(
                "{path} is there twice: two readers would see different images"
            ));
        }
    }

    /// A blob or a file that a catalog will call a layer: looked at, and read or kept.
    fn layer<R: Read>(
        &mut self,
        path: String,
        member: &Member,
        archive: &mut Archive<R>,
    ) -> Result<(), Stop> {
        let digest = digest_of_path(&path);
        let key = digest
            .as_ref()
            .map_or_else(|| path.clone(), Digest::to_string);
        self.end_loose();
        if self.kept.seen(&key).is_some() {
            self.damage.push(format!(
                "{} is there twice, and only the first was read",
                printable(path.as_bytes())
            ));
            return Ok(());
        }
        let mut content = archive.content(member);
        let mut head = Vec::new();
        // At most HEAD bytes.
        #[expect(clippy::disallowed_methods)]
        let begun = (&mut content).take(HEAD as u64).read_to_end(&mut head);
        let is_json = head
            .trim_ascii_start()
            .first()
            .is_some_and(|byte| b"{[".contains(byte));
        if digest.is_some() && begun.is_ok() && is_json && self.kept.has_room(member.size) {
            #[expect(clippy::disallowed_methods)]
            content.read_to_end(&mut head)?;
            self.keep(path, member, head);
            return Ok(());
        }
        let is_tar = matches!(sniff(&head), Sniffed::Tar(_));
        let layer = Layer {
            key: key.clone(),
            digest,
            diff_id: None,
            size: Some(member.size),
            media_type: String::new(),
            content: if is_tar {
                LayerContent::Tar
            } else {
                LayerContent::Blob(key.clone())
            },
        };
        let mut stored = Cursor::new(head).chain(content);
        let seen = hand_over(self.sink, &layer, &mut stored, self.budget, member.size);
        self.kept.saw(key, Seen { is_tar, ..seen });
        Ok(())
    }

    fn loose<R: Read>(&mut self, member: &Member, archive: &mut Archive<R>) {
        let loose = begin_loose(&mut self.loose, &mut self.loose_keys, self.sink);
        let before = archive.position();
        loose.damages.visit(member, archive, self.sink);
        loose.bytes = loose
            .bytes
            .saturating_add(archive.position().saturating_sub(before));
    }

    fn end_loose(&mut self) {
        if let Some(loose) = self.loose.take() {
            let end = LayerEnd {
                diff_id: None,
                bytes: loose.bytes,
                damage: loose.damages.finish(),
            };
            self.sink.end(&loose.key, end);
        }
    }
}

/// The run of loose files that is open, or a new one.
fn begin_loose<'a>(
    open: &'a mut Option<Loose>,
    keys: &mut Vec<String>,
    sink: &mut dyn LayerSink,
) -> &'a mut Loose {
    open.get_or_insert_with(|| {
        let key = format!("files:{}", keys.len() + 1);
        keys.push(key.clone());
        sink.begin(&key);
        Loose {
            key,
            damages: Damages::default(),
            bytes: 0,
        }
    })
}

/// Reads one layer into the sink.
fn hand_over(
    sink: &mut dyn LayerSink,
    layer: &Layer,
    stored: &mut dyn Read,
    budget: &Budget,
    size: u64,
) -> Seen {
    sink.begin(&layer.key);
    let end = layer::read(stored, layer, budget, sink);
    let seen = Seen {
        diff_id: end.diff_id.clone(),
        is_sound: end.damage.is_empty(),
        size,
        is_tar: false,
    };
    sink.end(&layer.key, end);
    seen
}

impl Drain<'_> {
    /// The images, now that everything has come by.
    fn images(
        mut self,
        naming: &Naming,
        selector: Option<&str>,
        options: &Options,
    ) -> Result<Vec<Resolved>, Error> {
        let is_archive = self.kept.has_layers() || !self.roles.has_loose();
        let listed = if is_archive && self.kept.has_catalog() {
            catalog::images(&self.kept, naming, selector, options)
        } else {
            Ok(Vec::new())
        };
        let mut images = listed.map_err(|error| self.with_damage(error))?;
        for image in &mut images {
            if let Resolved::Image(image) = image {
                self.complete(image);
            }
        }
        if self.roles.has_loose() {
            self.loose_documents(!images.is_empty());
        }
        self.end_loose();
        let has_images = !images.is_empty();
        if !has_images || (!self.loose_keys.is_empty() && selector.is_none()) {
            images.push(self.rest(naming, has_images)?);
        }
        for image in &mut images {
            if let Resolved::Image(image) = image {
                image.damage.extend(self.damage.iter().cloned());
            }
        }
        Ok(images)
    }

    fn with_damage(&self, mut error: Error) -> Error {
        if let Some(damage) = self.damage.first() {
            error.message = format!("{}; {damage}", error.message);
        }
        error
    }

    /// Checks what came by against what the image says of its layers, and hands over those that
    /// were kept as documents.
    fn complete(&mut self, image: &mut Image) {
        for layer in &mut image.layers {
            if self.kept.seen(&layer.key).is_none()
                && let Some(bytes) = self.kept.bytes_of(&layer.key)
            {
                let bytes = bytes.to_vec();
                let size = bytes.len() as u64;
                let is_tar = layer.content == LayerContent::Tar;
                let seen = hand_over(self.sink, layer, &mut bytes.as_slice(), self.budget, size);
                self.kept.saw(layer.key.clone(), Seen { is_tar, ..seen });
            }
            let shown = printable(layer.key.as_bytes());
            let Some(seen) = self.kept.seen(&layer.key) else {
                image
                    .damage
                    .push(format!("its layer {shown} is not in the archive"));
                continue;
            };
            image.damage.extend(
                seen.contradiction(layer)
                    .map(|what| format!("its layer {shown}: {what}")),
            );
            if seen.is_tar {
                layer.content = LayerContent::Tar;
            }
        }
    }

    /// In a root file system, files that only look like an archive's documents are files.
    fn loose_documents(&mut self, is_archive: bool) {
        for (entry, bytes) in self.kept.unused_documents(is_archive) {
            begin_loose(&mut self.loose, &mut self.loose_keys, self.sink);
            self.sink.entry(&entry, &mut bytes.as_slice());
        }
    }

    /// What no catalog names: a root file system, or an archive whose catalog never came.
    fn rest(&mut self, naming: &Naming, has_images: bool) -> Result<Resolved, Error> {
        let mut keys = Vec::new();
        let mut damage = Vec::new();
        if !has_images {
            keys.extend(self.kept.keys_in_order());
            if !self.roles.has_loose() {
                damage.push(
                    "the archive lists no image: it has neither manifest.json nor index.json"
                        .to_owned(),
                );
            }
        }
        keys.append(&mut self.loose_keys);
        if keys.is_empty() {
            let target = printable(naming.target().as_bytes());
            return Err(self.with_damage(Error::new(
                ErrorKind::Invalid,
                format!("{target} is no image: it holds no file"),
            )));
        }
        let mut image = plain_image(naming.target().to_owned(), String::new(), LayerContent::Tar);
        let empty = image.layers.pop();
        image.layers = keys
            .into_iter()
            .filter_map(|key| {
                Some(Layer {
                    key,
                    ..empty.clone()?
                })
            })
            .collect();
        image.damage = damage;
        Ok(Resolved::Image(image))
    }
}
