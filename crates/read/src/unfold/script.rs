//! What a script carries behind its last line: self-extracting archives.
//!
//! Installers (and droppers) cut themselves in two: `tail -n +N "$0" | tar xz`, `sed '1,/^__END__/d'
//! "$0" | base64 -d`, makeself. Which way they do it does not matter: what follows the text is
//! looked for by what it is.

use memchr::memmem;
use model::ContentKind;

use super::encoded;
use crate::artifact::{Artifact, Member, Reader};
use crate::kind;

/// Beginnings of what is carried in binary.
const MAGIC: &[&[u8]] = &[
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
    b"\x5d\0\0",
    b"\x7fELF",
    b"PK\x03\x04",
    b"7z\xbc\xaf",
];

/// Reads what follows the text of a script; `true` if that is binary.
pub fn open(reader: &mut Reader, artifact: &Artifact) -> bool {
    let content = artifact.content;
    let is_text = content.is_ascii() && memchr::memchr(0, content).is_none();
    if !is_text && let Some(at) = binary(content) {
        let rest = content.get(at..).unwrap_or_default();
        let member = Member::new(*b"", artifact.further("after the script"));
        reader.member(&member, &mut &*rest);
        return true;
    }
    encoded::behind(reader, artifact);
    false
}

/// Where binary content starts: at the beginning of a line, and with the number of a kind that is
/// an archive or a program.
fn binary(content: &[u8]) -> Option<usize> {
    let mut first: Option<usize> = None;
    for magic in MAGIC {
        let near = content
            .get(..first.unwrap_or(content.len()))
            .unwrap_or(content);
        let found = memmem::find_iter(near, magic).find(|&at| {
            let starts_line = at > 0 && matches!(content.get(at - 1), Some(b'\n' | b'\r'));
            starts_line && is_carried(content.get(at..).unwrap_or_default())
        });
        first = found.or(first);
    }
    // A tar archive has its number inside.
    let tar = memmem::find_iter(content, b"ustar").find_map(|at| {
        let start = at.checked_sub(257)?;
        let line = start > 0 && content.get(start - 1) == Some(&b'\n');
        line.then_some(start)
    });
    match (first, tar) {
        (Some(first), Some(tar)) => Some(first.min(tar)),
        (first, tar) => first.or(tar),
    }
}

fn is_carried(rest: &[u8]) -> bool {
    let kind = kind::of_content(rest);
    kind::is_packed(kind) || matches!(kind, ContentKind::Elf)
}
