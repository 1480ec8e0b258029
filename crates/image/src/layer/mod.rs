//! A layer's bytes to its entries: verify, decompress, hash, walk the tar.
//!
//! Source: OCI image specification 1.1, `layer.md`.

pub mod header;
pub mod path;
mod pax;
mod plain;
mod sparse;
pub mod tar;

#[cfg(test)]
mod tests;

use std::io::{self, BufReader, Read};

use bstr::{BString, ByteSlice};
use model::text::printable;
use model::{Algorithm, Budget, Digest, Entry, EntryKind, Removal};

use crate::compression::{Compression, Decompressor};
use crate::verify::Verifying;
use crate::{Damage, EntryVisitor, Layer, LayerContent, LayerEnd};
use path::Meaning;
use plain::{Ended, Plain};
use tar::{Member, Reader, Stop};

/// Most damages kept of one layer; the rest is counted.
const DAMAGES_MAX: usize = 1_000;
/// Bytes the tar walk reads at once.
const CHUNK: usize = 64 << 10;
/// The extended attribute that makes a folder opaque for overlayfs itself, should a runtime
/// restore it.
const OVERLAY_OPAQUE: &[u8] = b"trusted.overlay.opaque";

/// Reads a layer as stored (compressed or not) to its end and hands every entry to `visitor`.
///
/// Verifies `layer.digest` over the stored bytes and `layer.diff_id` over the uncompressed ones;
/// whatever is wrong becomes [`LayerEnd::damage`] and what was read until then counts. Both ends
/// are read to the last byte, also past the tar's end marker, so that nothing hides behind it.
///
/// Where tar leaves a choice, entries are what container runtimes make of them. AUFS's own files
/// (`.wh..wh.*` at the root) are visited under their names, though no runtime unpacks them.
pub fn read(
    stored: &mut dyn Read,
    layer: &Layer,
    budget: &Budget,
    visitor: &mut dyn EntryVisitor,
) -> LayerEnd {
    let algorithm = layer
        .digest
        .as_ref()
        .map_or(Algorithm::Sha256, Digest::algorithm);
    let limit = budget.layer_bytes.saturating_add(1);
    let mut stored = Verifying::new(stored.take(limit), algorithm);
    let mut walk = Walk {
        layer,
        budget,
        damages: Damages::default(),
        end: LayerEnd::default(),
    };
    let result = match &layer.content {
        LayerContent::Tar => walk.tar(&mut stored, visitor),
        LayerContent::Blob(name) => {
            walk.blob(name, &mut stored, visitor);
            Ok(())
        }
        LayerContent::Foreign(urls) => {
            walk.damages.whole(format!(
                "it is not held here; it would have to be fetched from {}",
                printable(urls.join(", ").as_bytes())
            ));
            return walk.finish();
        }
    };
    let drained = result.and_then(|()| io::copy(&mut stored, &mut io::sink()));
    if let Err(error) = drained {
        let length = stored.length();
        walk.damages.whole(format!(
            "it cannot be read on after {length} stored bytes: {error}"
        ));
    } else if stored.length() > budget.layer_bytes {
        walk.bound_reached();
    } else if let Err(problem) = stored.verify(layer.digest.as_ref(), layer.size) {
        walk.damages.whole(format!("as stored, {problem}"));
    }
    walk.finish()
}

/// What is wrong so far, bounded.
#[derive(Default)]
struct Damages {
    list: Vec<Damage>,
    more: u64,
}

impl Damages {
    fn push(&mut self, path: Option<BString>, reason: String) {
        if self.list.len() < DAMAGES_MAX {
            self.list.push(Damage { path, reason });
        } else {
            self.more += 1;
        }
    }

    fn whole(&mut self, reason: impl Into<String>) {
        self.push(None, reason.into());
    }
}

/// One reading of one layer.
struct Walk<'a> {
    layer: &'a Layer,
    budget: &'a Budget,
    damages: Damages,
    end: LayerEnd,
}

type Archive<'a, R> = Reader<BufReader<Plain<Decompressor<&'a mut Verifying<R>>>>>;

impl Walk<'_> {
    fn finish(mut self) -> LayerEnd {
        if self.damages.more > 0 {
            let more = self.damages.more;
            self.damages.list.push(Damage {
                path: None,
                reason: format!("{more} more things are wrong with it"),
            });
        }
        self.end.damage = self.damages.list;
        self.end
    }

    fn bound_reached(&mut self) {
        self.damages.whole(format!(
            "reading stopped at the bound of {} bytes for a layer",
            self.budget.layer_bytes
        ));
    }

    /// An artifact's file.
    fn blob<R: Read>(
        &mut self,
        name: &str,
        stored: &mut Verifying<R>,
        visitor: &mut dyn EntryVisitor,
    ) {
        let path = path::normalise(name.as_bytes());
        let size = self.layer.size.unwrap_or(0);
        visitor.entry(&Entry::file(path, size), stored);
        // What the visitor left unread is read by the caller, which also says if it cannot be.
        let _ = io::copy(stored, &mut io::sink());
        self.end.bytes = stored.length();
    }

    /// A tar, stored in whatever way its first bytes say.
    fn tar<R: Read>(
        &mut self,
        stored: &mut Verifying<R>,
        visitor: &mut dyn EntryVisitor,
    ) -> io::Result<()> {
        let decompressor = Decompressor::new(stored)?;
        let compression = decompressor.compression();
        let algorithm = self
            .layer
            .diff_id
            .as_ref()
            .map_or(Algorithm::Sha256, Digest::algorithm);
        let plain = Plain::new(decompressor, algorithm, self.budget.layer_bytes);
        let input = BufReader::with_capacity(CHUNK, plain);
        let mut archive = Reader::new(input, self.budget.layer_bytes);
        let is_tar = self.entries(&mut archive, visitor);
        if let Err(Stop::NotTar) = is_tar {
            self.not_a_tar(compression);
        }
        let (has_end, at) = (archive.has_end_marker(), archive.position());
        let mut input = archive.into_inner();
        let hidden = plain::count_beyond_zeros(&mut input);
        if has_end && hidden > 0 {
            self.damages.whole(format!(
                "{hidden} bytes that are not all zero follow the end of the tar at byte {at}: container runtimes ignore them"
            ));
        }
        let is_tar = !matches!(is_tar, Err(Stop::NotTar));
        let mut ended = input.into_inner().finish();
        self.settle(&ended, is_tar, has_end);
        ended.inner.drain_stored(u64::MAX).map(drop)
    }

    /// Compares the plain side with what was promised, once all of it was read.
    fn settle<R: Read>(&mut self, ended: &Ended<Decompressor<R>>, is_tar: bool, has_end: bool) {
        let Ended { digest, bytes, .. } = ended;
        self.end.bytes = *bytes;
        if let Some(trailing) = ended.inner.trailing() {
            self.damages.whole(trailing);
        }
        if let Some(failure) = &ended.failure {
            self.damages.whole(failure);
            return;
        }
        self.end.diff_id = is_tar.then(|| digest.clone());
        let is_checked = self.layer.digest.is_some() || self.layer.diff_id.is_some();
        match &self.layer.diff_id {
            Some(promised) if promised != digest => self.damages.whole(format!(
                "uncompressed, its digest is {digest}, and the configuration says {promised}"
            )),
            _ if is_tar && !has_end && *bytes > 0 && !is_checked => self.damages.whole(format!(
                "the tar has no end marker after its {bytes} bytes: it may have been cut"
            )),
            _ => {}
        }
    }
}

impl Walk<'_> {
    fn not_a_tar(&mut self, compression: Compression) {
        self.damages.whole(match compression {
            Compression::None if self.layer.media_type.ends_with("+encrypted") => {
                "it is encrypted".to_owned()
            }
            Compression::None => {
                "it is neither a tar nor compressed in a known way (gzip, zstd, xz, bzip2)"
                    .to_owned()
            }
            known => format!("its {} data holds no tar", known.name()),
        });
    }

    /// Walks the entries; an error if that could not be done to the end, which has been said.
    fn entries<R: Read>(
        &mut self,
        archive: &mut Archive<'_, R>,
        visitor: &mut dyn EntryVisitor,
    ) -> Result<(), Stop> {
        let mut count = 0_u64;
        loop {
            let member = match archive.next() {
                Ok(Some(member)) => member,
                Ok(None) => return Ok(()),
                Err(stop) => {
                    if let Stop::Damaged(reason) = &stop {
                        self.damages.whole(reason.clone());
                    }
                    return Err(stop);
                }
            };
            count += 1;
            if count > self.budget.layer_entries {
                self.damages.whole(format!(
                    "reading stopped at the bound of {} entries for a layer",
                    self.budget.layer_entries
                ));
                return Ok(());
            }
            self.visit(&member, archive, visitor);
        }
    }

    /// Hands over one entry, with what it means in a layer.
    fn visit<R: Read>(
        &mut self,
        member: &Member,
        archive: &mut Archive<'_, R>,
        visitor: &mut dyn EntryVisitor,
    ) {
        let mut entry = entry_of(member);
        for problem in member.problems.iter().chain(&shorten(&mut entry)) {
            self.damages.push(Some(entry.path.clone()), problem.clone());
        }
        match path::meaning(entry.path.as_ref()) {
            Meaning::Whiteout(removed, removal) => {
                if member.size > 0 {
                    self.damages.push(
                        Some(entry.path.clone()),
                        format!(
                            "it is a whiteout and yet has {} bytes of content, which no runtime shows",
                            member.size
                        ),
                    );
                }
                whiteout(&entry, removed, removal, visitor);
                return;
            }
            Meaning::Nameless => self.damages.push(
                Some(entry.path.clone()),
                "it is a whiteout of nothing".to_owned(),
            ),
            Meaning::Plain => {}
        }
        let mut content = archive.content(member);
        visitor.entry(&entry, &mut content);
        let read = content.position();
        if archive.is_out_of_holes() {
            self.bound_reached();
        }
        if archive.skip_content().is_err() {
            self.damages.push(
                Some(entry.path.clone()),
                format!(
                    "it is cut: only {read} of its {} bytes were read",
                    entry.size
                ),
            );
        }
        let is_opaque = entry
            .xattrs
            .iter()
            .any(|(name, value)| name == OVERLAY_OPAQUE && value == "y");
        if entry.kind == EntryKind::Directory && is_opaque {
            whiteout(&entry, entry.path.clone(), Removal::Children, visitor);
        }
    }
}

fn whiteout(entry: &Entry, path: BString, removal: Removal, visitor: &mut dyn EntryVisitor) {
    let entry = Entry {
        path,
        kind: EntryKind::Whiteout(removal),
        size: 0,
        xattrs: Vec::new(),
        ..entry.clone()
    };
    visitor.entry(&entry, &mut io::empty());
}

/// The entry a tar header describes, before whiteouts are told.
fn entry_of(member: &Member) -> Entry {
    let header = &member.header;
    let (major, minor) = header.device;
    let kind = match header.flag {
        b'1' => EntryKind::Hardlink(path::normalise(&header.link)),
        b'2' => EntryKind::Symlink(header.link.as_bstr().to_owned()),
        b'3' => EntryKind::CharacterDevice(major, minor),
        b'4' => EntryKind::BlockDevice(major, minor),
        b'5' => EntryKind::Directory,
        b'6' => EntryKind::Fifo,
        // Before POSIX, folders were files whose name ends in a slash.
        0 if header.name.ends_with(b"/") && member.size == 0 => EntryKind::Directory,
        _ => EntryKind::File,
    };
    Entry {
        path: path::normalise(&header.name),
        kind,
        mode: header.mode,
        uid: header.uid,
        gid: header.gid,
        size: member.size,
        mtime: header.mtime,
        xattrs: member.xattrs.clone(),
    }
}

/// Cuts names that are longer than Linux allows; what was cut, as a fragment.
fn shorten(entry: &mut Entry) -> Option<String> {
    let target = match &mut entry.kind {
        EntryKind::Symlink(target) | EntryKind::Hardlink(target) => target,
        _ => &mut BString::default(),
    };
    let longest = entry.path.len().max(target.len());
    entry.path.truncate(path::PATH_MAX);
    target.truncate(path::PATH_MAX);
    (longest > path::PATH_MAX).then(|| {
        format!(
            "its name or link target is {longest} bytes long, more than Linux allows, and was cut"
        )
    })
}
