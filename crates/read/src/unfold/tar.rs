//! Tar archives inside files: the members one after another, with GNU's and POSIX's long names.
//!
//! Source: POSIX `pax`, "ustar Interchange Format" and "pax Interchange Format"; GNU tar's manual,
//! "Basic Tar Format". Layers of images are read elsewhere and strictly; here a reader must
//! only not miss what `tar` would unpack.

use std::io::Read;

use model::{Step, text};

use super::{fill, skip};
use crate::artifact::{Artifact, Member, Reader};

/// Bytes of a header, and what content is padded to.
const BLOCK: usize = 512;

/// Longest extended header: names are at most a few KiB.
const LONGEST_EXTENSION: u64 = 1 << 20;

/// Opens a tar archive that is held.
pub fn open(reader: &mut Reader, artifact: &Artifact) {
    let mut content = artifact.content;
    walk(reader, &artifact.steps, &mut content);
}

/// What an extended header says of the next member.
#[derive(Default)]
struct Extension {
    path: Option<Vec<u8>>,
    size: Option<u64>,
}

/// Reads the members of a tar stream whose own steps are `steps`.
pub fn walk(reader: &mut Reader, steps: &[Step], from: &mut dyn Read) {
    let mut next = Extension::default();
    let mut empty = 0;
    loop {
        let mut header = Vec::with_capacity(BLOCK);
        fill(&mut (&mut *from).take(BLOCK as u64), &mut header, BLOCK);
        let Some(header) = header.first_chunk::<BLOCK>() else {
            return;
        };
        if header.iter().all(|&b| b == 0) {
            // Two end an archive; `tar -i` and concatenated archives go on behind them.
            empty += 1;
            if empty > 64 {
                return;
            }
            continue;
        }
        let told = number(&header[124..136]).unwrap_or(0);
        let kind = header[156];
        if matches!(kind, b'L' | b'K' | b'x' | b'g') {
            if told > LONGEST_EXTENSION || !extension(kind, told, &mut next, from) {
                return;
            }
            continue;
        }
        let size = next.size.take().unwrap_or(told);
        let path = next.path.take().unwrap_or_else(|| name(header));
        // Links and folders have no content, whatever they tell of a size.
        if !matches!(kind, 0 | b'0' | b'7' | b'S') {
            if !(b'1'..=b'6').contains(&kind) && !skip(from, padded(size)) {
                return;
            }
            continue;
        }
        let mut member = Member::new(path, steps.to_vec());
        let shown = text::printable(member.path.strip_prefix(b"./").unwrap_or(&member.path));
        member
            .steps
            .push(Step::new(format!("tar: {}", text::cut(&shown, 256))));
        member.executable = number(&header[100..108]).is_some_and(|mode| mode & 0o111 != 0);
        let mut content = (&mut *from).take(size);
        if size > 0 {
            reader.member(&member, &mut content);
        }
        let rest = content.limit();
        if !skip(from, rest.saturating_add(padded(size) - size)) || reader.bounds.is_over() {
            return;
        }
    }
}

/// The length of content with its padding.
fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK as u64).unwrap_or(size)
}

/// Reads an extended header; `false` at the end of the stream.
fn extension(kind: u8, size: u64, next: &mut Extension, from: &mut dyn Read) -> bool {
    let mut content = Vec::new();
    fill(&mut (&mut *from).take(size), &mut content, usize::MAX);
    if !skip(from, padded(size) - size) {
        return false;
    }
    match kind {
        b'L' => {
            let end = memchr::memchr(0, &content).unwrap_or(content.len());
            content.truncate(end);
            next.path = Some(content);
        }
        b'x' => records(&content, next),
        _ => {}
    }
    true
}

/// The records of a pax header: `length keyword=value\n`.
fn records(mut content: &[u8], next: &mut Extension) {
    while let Some(space) = memchr::memchr(b' ', content) {
        let length = std::str::from_utf8(&content[..space])
            .ok()
            .and_then(|digits| digits.parse::<usize>().ok());
        let Some(record) = length.and_then(|length| content.get(space + 1..length)) else {
            return;
        };
        content = &content[space + 1 + record.len()..];
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        if let Some(path) = record.strip_prefix(b"path=") {
            next.path = Some(path.to_vec());
        } else if let Some(size) = record.strip_prefix(b"size=") {
            next.size = std::str::from_utf8(size)
                .ok()
                .and_then(|size| size.parse().ok());
        }
    }
}

/// The name in a header, with ustar's prefix.
fn name(header: &[u8; BLOCK]) -> Vec<u8> {
    let text = |field: &[u8]| {
        let end = memchr::memchr(0, field).unwrap_or(field.len());
        field[..end].to_vec()
    };
    let name = text(&header[..100]);
    let prefix = text(&header[345..500]);
    // GNU's own format keeps other things there.
    if &header[257..263] == b"ustar\0" && !prefix.is_empty() {
        return [&prefix[..], b"/", &name].concat();
    }
    name
}

/// A number in octal digits, or in base 256 as GNU tar writes large ones.
fn number(field: &[u8]) -> Option<u64> {
    let (&first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        return rest
            .iter()
            .try_fold(u64::from(first & 0x7f), |value, &byte| {
                value.checked_mul(256).map(|value| value | u64::from(byte))
            });
    }
    let digits = field.iter().skip_while(|b| b.is_ascii_whitespace());
    Some(
        digits
            .take_while(|b| (b'0'..=b'7').contains(b))
            .fold(0, |value, &digit| value << 3 | u64::from(digit - b'0')),
    )
}
