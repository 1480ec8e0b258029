//! Cpio archives: the payload of RPM packages and of initial RAM disks.
//!
//! Source: `cpio(5)`: the new ASCII format with or without a sum, and the portable ASCII format.

use std::io::Read;

use model::{Step, text};

use super::{fill, skip};
use crate::artifact::{Artifact, Member, Reader};

/// Longest name of a member.
const LONGEST_NAME: u64 = 64 << 10;

/// Opens a cpio archive that is held.
pub fn open(reader: &mut Reader, artifact: &Artifact) {
    let mut content = artifact.content;
    walk(reader, &artifact.steps, &mut content);
}

/// A member's header.
struct Header {
    mode: u64,
    name: u64,
    size: u64,
    /// What header with name, and content, are padded to.
    align: u64,
    length: u64,
}

/// Reads the members of a cpio stream whose own steps are `steps`.
pub fn walk(reader: &mut Reader, steps: &[Step], from: &mut dyn Read) {
    while let Some(header) = header(from) {
        if header.name > LONGEST_NAME {
            return;
        }
        let mut path = Vec::new();
        fill(&mut (&mut *from).take(header.name), &mut path, usize::MAX);
        while path.pop_if(|last| *last == 0).is_some() {}
        if path == b"TRAILER!!!" || !skip(from, padding(header.length + header.name, header.align))
        {
            return;
        }
        let mut content = (&mut *from).take(header.size);
        if header.mode & 0o170_000 == 0o100_000 && header.size > 0 {
            let mut member = Member::new(path, steps.to_vec());
            let shown = text::printable(member.path.strip_prefix(b"./").unwrap_or(&member.path));
            member
                .steps
                .push(Step::new(format!("cpio: {}", text::cut(&shown, 256))));
            member.executable = header.mode & 0o111 != 0;
            reader.member(&member, &mut content);
        }
        let rest = content.limit();
        if !skip(
            from,
            rest.saturating_add(padding(header.size, header.align)),
        ) || reader.bounds.is_over()
        {
            return;
        }
    }
}

fn padding(length: u64, align: u64) -> u64 {
    length.checked_next_multiple_of(align).unwrap_or(length) - length
}

/// Reads a header; `None` at the end, or if it is none.
fn header(from: &mut dyn Read) -> Option<Header> {
    let mut bytes = Vec::new();
    fill(&mut (&mut *from).take(6), &mut bytes, usize::MAX);
    match bytes.as_slice() {
        b"070701" | b"070702" => {
            fill(&mut (&mut *from).take(104), &mut bytes, usize::MAX);
            let field = |n: usize| number(bytes.get(6 + 8 * n..14 + 8 * n)?, 16);
            Some(Header {
                mode: field(1)?,
                name: field(11)?,
                size: field(6)?,
                align: 4,
                length: 110,
            })
        }
        b"070707" => {
            fill(&mut (&mut *from).take(70), &mut bytes, usize::MAX);
            let field = |from: usize, length: usize| number(bytes.get(from..from + length)?, 8);
            Some(Header {
                mode: field(18, 6)?,
                name: field(59, 6)?,
                size: field(65, 11)?,
                align: 1,
                length: 76,
            })
        }
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}
