//! A layer's bytes to its entries: verify, decompress, hash, walk the tar.
//!
//! Source: OCI image specification 1.1, `layer.md`.

mod content;
pub mod header;
pub mod path;
mod pax;
pub mod plain;
mod sparse;
pub mod tar;
pub mod visit;

#[cfg(test)]
mod tests;

use std::io::{self, BufReader, Read};

use model::text::printable;
use model::{Algorithm, Budget, Digest, Entry};

use crate::compression::{Compression, Decompressor};
use crate::verify::Verifying;
use crate::{EntryVisitor, Layer, LayerContent, LayerEnd};
use plain::{Ended, Plain};
use tar::{Reader, Stop};
use visit::Damages;

/// Bytes the tar walk reads at once.
const CHUNK: usize = 64 << 10;

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
        self.end.damage = self.damages.finish();
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
        // A failure is remembered by the plain side.
        let hidden = plain::count_beyond_zeros(&mut input).unwrap_or_else(|(count, _)| count);
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
        // Some tools write no end marker; that matters only if nothing else tells that it is whole.
        let is_checked = self.layer.digest.is_some()
            || self.layer.diff_id.is_some()
            || self.layer.size.is_some();
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
            Compression::None => format!(
                "it is neither a tar nor compressed in a known way (gzip, zstd, xz, bzip2){}",
                match self.layer.media_type.as_str() {
                    "" => String::new(),
                    said => format!(
                        "; its media type is {}",
                        model::text::printable(said.as_bytes())
                    ),
                }
            ),
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
            let member = match archive.next_member() {
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
            self.damages.visit(&member, archive, visitor);
        }
    }
}
