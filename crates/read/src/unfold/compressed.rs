//! Compressed data: gzip, bzip2, xz, lzma, zstd. What is inside is mostly an archive, which is
//! then walked as it is decompressed; anything else is one member.

use std::io::Read;

use model::ContentKind;

use super::{Counted, cpio, fill, tar};
use crate::artifact::{Artifact, Member, Reader};
use crate::encoding::compression;
use crate::kind;

/// Bytes that tell an archive from other content.
const HEAD: u64 = 512;

/// Opens compressed data.
pub fn open(reader: &mut Reader, artifact: &Artifact, kind: ContentKind) {
    let Some((name, stream)) = of_kind(kind, artifact.content) else {
        return;
    };
    stream_inside(reader, artifact, name, stream);
}

/// The decompressed stream of a kind, with its name.
fn of_kind(kind: ContentKind, content: &[u8]) -> Option<(&'static str, Box<dyn Read + '_>)> {
    let (name, stream) = match kind {
        ContentKind::Gzip => ("gzip", compression::gzip_stream(content)),
        ContentKind::Bzip2 => ("bzip2", compression::bzip2_stream(content)),
        ContentKind::Xz => ("xz", compression::xz_stream(content)?),
        ContentKind::Lzma => ("lzma", compression::xz_stream(content)?),
        ContentKind::Zstd => ("zstd", compression::zstd_stream(content)?),
        _ => return None,
    };
    Some((name, stream))
}

/// Reads what a stream yields: `step` leads to it.
pub fn stream_inside(
    reader: &mut Reader,
    artifact: &Artifact,
    step: &str,
    stream: Box<dyn Read + '_>,
) {
    let steps = artifact.further(step);
    let path = plain_name(artifact.path);
    let mut head = Vec::new();
    let mut stream = Counted::new(stream, reader.bounds.left.clone());
    fill(&mut stream.by_ref().take(HEAD), &mut head, usize::MAX);
    match kind::of_content(&head) {
        ContentKind::Empty => {}
        ContentKind::Tar => tar::walk(reader, &steps, &mut head.as_slice().chain(stream)),
        ContentKind::Cpio => cpio::walk(reader, &steps, &mut head.as_slice().chain(stream)),
        _ => {
            let mut member = Member::new(path, steps);
            member.executable = artifact.executable;
            reader.member(&member, &mut head.as_slice().chain(stream));
        }
    }
    reader.note_exhausted(&artifact.steps);
}

/// A name without the ending of its compression: what unpacking it in place yields.
fn plain_name(path: &[u8]) -> Vec<u8> {
    const ENDS: &[(&[u8], &[u8])] = &[
        (b".gz", b""),
        (b".bz2", b""),
        (b".xz", b""),
        (b".lzma", b""),
        (b".zst", b""),
        (b".tgz", b".tar"),
        (b".txz", b".tar"),
        (b".tbz2", b".tar"),
        (b".svgz", b".svg"),
    ];
    for (end, plain) in ENDS {
        if let Some(before) = path.strip_suffix(*end) {
            return [before, plain].concat();
        }
    }
    path.to_vec()
}
