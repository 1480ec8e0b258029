//! What content holds: archives and compressed data opened, encodings undone, payloads behind the
//! end of something else found.
//!
//! Each format yields members, one at a time, and hands them back to the [`Reader`], which reads
//! them as it reads a file. Damage ends an archive where it is met: what came before was read, and
//! what cannot be unpacked by us cannot by others. What could be unpacked by somebody and not here
//! (a password, a method) is a gap if anything runs the file.

use model::{ContentKind, Language};

use crate::artifact::{Artifact, Reader};

pub mod ar;
mod bounds;
mod compressed;
pub mod cpio;
pub mod encoded;
mod frozen;
mod keyed;
mod metadata;
pub mod rpm;
mod script;
mod sevenz;
mod strings;
pub mod tar;
mod trailing;
pub mod zip;

pub use bounds::{Bounds, Counted, fill, skip, too_many};

/// Reads what an artifact holds.
pub fn inside(
    reader: &mut Reader,
    artifact: &Artifact,
    kind: ContentKind,
    language: Option<Language>,
) {
    match kind {
        ContentKind::Empty => return,
        ContentKind::Gzip
        | ContentKind::Bzip2
        | ContentKind::Xz
        | ContentKind::Zstd
        | ContentKind::Lzma => compressed::open(reader, artifact, kind),
        ContentKind::Tar => tar::open(reader, artifact),
        ContentKind::Cpio => cpio::open(reader, artifact),
        ContentKind::Ar => ar::open(reader, artifact),
        ContentKind::Rpm => rpm::open(reader, artifact),
        ContentKind::Zip => zip::open(reader, artifact, "zip"),
        ContentKind::SevenZip => sevenz::open(reader, artifact),
        ContentKind::Jpeg
        | ContentKind::Png
        | ContentKind::Gif
        | ContentKind::Pdf
        | ContentKind::Media => {
            metadata::open(reader, artifact, kind);
            if trailing::open(reader, artifact, kind) {
                return;
            }
        }
        ContentKind::Script(_) | ContentKind::Text
            if kind != ContentKind::Script(Language::Other) && language.is_some() =>
        {
            if script::open(reader, artifact) {
                return;
            }
        }
        ContentKind::Text | ContentKind::Script(_) => {
            if !encoded::open(reader, artifact) {
                strings::open(reader, artifact);
                keyed::open(reader, artifact);
            }
        }
        ContentKind::Data => keyed::open(reader, artifact),
        ContentKind::Elf | ContentKind::Pe => frozen::open(reader, artifact),
        ContentKind::Pyc => {}
    }
    // A zip archive is found from its end, whatever stands before it.
    if kind != ContentKind::Zip && zip::ends_in_one(artifact.content) {
        zip::open(reader, artifact, "zip at the end");
    }
}

#[cfg(test)]
mod tests;
