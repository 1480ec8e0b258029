//! Zip archives and what builds on them: jar, war, whl, egg, apk, docx.
//!
//! Source: PKWARE's APPNOTE 6.3.10. Most programs go by the directory at the end, streaming ones
//! by the headers before each member, and an archive can say one thing to the first and another to
//! the second. So both are read: every member of the directory, and every header that the
//! directory does not know.

use std::collections::BTreeSet;
use std::io::Read;

use memchr::memmem;
use model::{Step, text};

use super::Counted;
use crate::artifact::{Artifact, Member, Reader};
use crate::encoding::compression;

/// Bytes of the directory's end without comment, and longest comment.
const END: usize = 22;
const LONGEST_COMMENT: usize = 0xffff;

/// A member as the directory or its own header tells it.
#[derive(Debug, Default, Clone)]
struct Told {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    packed: u64,
    /// Where its own header is, from the start of the content.
    header: u64,
    executable: bool,
}

/// Whether content ends in the end of a zip directory.
pub fn ends_in_one(content: &[u8]) -> bool {
    end(content).is_some()
}

/// Where the directory's end is: the last place where its comment reaches the end of the content.
fn end(content: &[u8]) -> Option<usize> {
    let from = content.len().saturating_sub(END + LONGEST_COMMENT);
    let near = content.get(from..)?;
    memmem::rfind_iter(near, b"PK\x05\x06").find_map(|at| {
        let comment = near.get(at + 20..)?.first_chunk::<2>()?;
        let whole = at + END + usize::from(u16::from_le_bytes(*comment)) == near.len();
        whole.then_some(from + at)
    })
}

/// Opens a zip archive, which may begin anywhere in the content.
pub fn open(reader: &mut Reader, artifact: &Artifact, step: &str) {
    let content = artifact.content;
    let archive = Archive { content, step };
    // Without a sound end, any directory's end will do, and without one the headers alone.
    let end = end(content).or_else(|| memmem::rfind(content, b"PK\x05\x06"));
    let (told, start) = end.map_or((Vec::new(), None), |end| directory(content, end));
    let mut known = BTreeSet::new();
    for member in &told {
        known.insert(member.header);
        archive.member(reader, artifact, member, "");
        if reader.bounds.is_over() {
            return;
        }
    }
    let from = told.iter().map(|member| member.header).min();
    let from = from.map_or(0, |first| start.unwrap_or(first).min(first));
    archive.unlisted(reader, artifact, from, &told, &known);
}

struct Archive<'a> {
    content: &'a [u8],
    step: &'a str,
}

impl<'a> Archive<'a> {
    /// Reads the members whose headers the directory does not know.
    fn unlisted(
        &self,
        reader: &mut Reader,
        artifact: &Artifact,
        from: u64,
        told: &[Told],
        known: &BTreeSet<u64>,
    ) {
        let ends: std::collections::BTreeMap<u64, u64> = told
            .iter()
            .filter_map(|member| {
                let (_, data) = local(self.content, member.header)?;
                Some((member.header, (data as u64).checked_add(member.packed)?))
            })
            .collect();
        let mut at = from;
        while !reader.bounds.is_over() {
            let Some(rest) = usize::try_from(at)
                .ok()
                .and_then(|at| self.content.get(at..))
            else {
                return;
            };
            let Some(found) = memmem::find(rest, b"PK\x03\x04") else {
                return;
            };
            at += found as u64;
            if known.contains(&at) {
                at = ends.get(&at).copied().unwrap_or(at).max(at + 4);
                continue;
            }
            let Some((member, data)) = local(self.content, at) else {
                at += 4;
                continue;
            };
            let note = if told.is_empty() {
                ""
            } else {
                " (not in its directory)"
            };
            self.member(reader, artifact, &member, note);
            at = (data as u64).saturating_add(member.packed).max(at + 4);
        }
    }

    /// Reads one member.
    fn member(&self, reader: &mut Reader, artifact: &Artifact, told: &Told, note: &str) {
        let Some((own, data)) = local(self.content, told.header) else {
            return;
        };
        if told.name.ends_with(b"/") && told.packed == 0 {
            return;
        }
        let shown = text::cut(&text::printable(&told.name), 256);
        let mut member = Member::new(told.name.clone(), artifact.steps.clone());
        member
            .steps
            .push(Step::new(format!("{}: {shown}{note}", self.step)));
        member.executable = told.executable;
        if told.flags & 1 != 0 {
            reader.gap(&member.steps, "it is encrypted", true);
            return;
        }
        let rest = self.content.get(data..).unwrap_or_default();
        // A header before streamed content does not tell the length: the content does.
        let length = if told.packed == 0 && told.flags & 8 != 0 {
            rest.len()
        } else {
            usize::try_from(told.packed)
                .unwrap_or(usize::MAX)
                .min(rest.len())
        };
        let packed = rest.get(..length).unwrap_or(rest);
        self.unpack(reader, &member, told.method, packed);
        // What goes by the headers calls it by its other name.
        if own.name != told.name && crate::language::of_extension(&own.name).is_some() {
            member.path = own.name;
            self.unpack(reader, &member, told.method, packed);
        }
    }

    fn unpack(&self, reader: &mut Reader, member: &Member, method: u16, packed: &'a [u8]) {
        let stream: Option<Box<dyn Read + '_>> = match method {
            0 => Some(Box::new(packed)),
            8 => Some(compression::deflate_stream(packed)),
            12 => Some(compression::bzip2_stream(packed)),
            14 => compression::zip_lzma_stream(packed),
            93 => compression::zstd_stream(packed),
            95 => compression::xz_stream(packed),
            _ => None,
        };
        let Some(stream) = stream else {
            let reason = format!("it is packed by method {method}, which is not undone");
            reader.gap(&member.steps, reason, true);
            return;
        };
        let mut stream = Counted::new(stream, reader.bounds.left.clone());
        reader.member(member, &mut stream);
    }
}

/// A number of the content, little-endian.
fn number<const N: usize>(content: &[u8], at: usize) -> Option<u64> {
    let bytes = content.get(at..)?.first_chunk::<N>()?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |value, &byte| value << 8 | u64::from(byte)),
    )
}

fn short(content: &[u8], at: usize) -> Option<u16> {
    number::<2>(content, at).and_then(|value| u16::try_from(value).ok())
}

/// The members the directory tells, and where the archive starts in the content.
fn directory(content: &[u8], end: usize) -> (Vec<Told>, Option<u64>) {
    let (Some(mut size), Some(mut offset)) = (
        number::<4>(content, end + 12),
        number::<4>(content, end + 16),
    ) else {
        return (Vec::new(), None);
    };
    let mut after = end as u64;
    // The larger numbers of Zip64 stand in an end of their own, which a locator before this one
    // points to; it is mostly right before the locator.
    if let Some(locator) = end.checked_sub(20)
        && content
            .get(locator..)
            .is_some_and(|rest| rest.starts_with(b"PK\x06\x07"))
        && let Some(large) = memmem::rfind(&content[..locator], b"PK\x06\x06")
    {
        size = number::<8>(content, large + 40).unwrap_or(size);
        offset = number::<8>(content, large + 48).unwrap_or(offset);
        after = large as u64;
    }
    // What stands before the archive shifts it: offsets count from its own start.
    let Some(directory) = after.checked_sub(size) else {
        return (Vec::new(), None);
    };
    let shift = directory.saturating_sub(offset);
    let mut members = Vec::new();
    let mut at = usize::try_from(directory).unwrap_or(usize::MAX);
    while let Some((member, next)) = entry(content, at, shift) {
        members.push(member);
        at = next;
    }
    (members, Some(shift))
}

/// An entry of the directory, and where the next one is.
fn entry(content: &[u8], at: usize, shift: u64) -> Option<(Told, usize)> {
    if !content.get(at..)?.starts_with(b"PK\x01\x02") {
        return None;
    }
    let lengths = [28, 30, 32].map(|field| short(content, at + field).map(usize::from));
    let [Some(name), Some(extra), Some(comment)] = lengths else {
        return None;
    };
    let start = at + 46;
    let mut member = Told {
        name: content.get(start..start + name)?.to_vec(),
        flags: short(content, at + 8)?,
        method: short(content, at + 10)?,
        packed: number::<4>(content, at + 20)?,
        header: number::<4>(content, at + 42)?,
        // Made on Unix: the mode stands in the upper half of the external attributes.
        executable: number::<4>(content, at + 38)? >> 16 & 0o111 != 0,
    };
    let extra_field = content.get(start + name..start + name + extra)?;
    large_numbers(extra_field, &mut member, number::<4>(content, at + 24)?);
    member.header = member.header.saturating_add(shift);
    Some((member, start + name + extra + comment))
}

/// Zip64's extra field holds those numbers that are all ones where they should be.
fn large_numbers(mut extra: &[u8], member: &mut Told, plain: u64) {
    const ONES: u64 = 0xffff_ffff;
    while let (Some(id), Some(length)) = (short(extra, 0), short(extra, 2)) {
        let length = usize::from(length);
        if id == 1 {
            let mut at = 4 + if plain == ONES { 8 } else { 0 };
            for field in [&mut member.packed, &mut member.header] {
                if *field == ONES
                    && let Some(value) = number::<8>(extra, at)
                {
                    *field = value;
                    at += 8;
                }
            }
        }
        extra = extra.get(4 + length..).unwrap_or_default();
    }
}

/// A member's own header, and where its content starts.
fn local(content: &[u8], at: u64) -> Option<(Told, usize)> {
    let start = usize::try_from(at).ok()?;
    if !content.get(start..)?.starts_with(b"PK\x03\x04") {
        return None;
    }
    let (name, extra) = (short(content, start + 26)?, short(content, start + 28)?);
    let name_at = start + 30;
    let extra_at = name_at + usize::from(name);
    let data = extra_at + usize::from(extra);
    let mut member = Told {
        name: content.get(name_at..extra_at)?.to_vec(),
        flags: short(content, start + 6)?,
        method: short(content, start + 8)?,
        packed: number::<4>(content, start + 18)?,
        header: at,
        executable: false,
    };
    large_numbers(
        content.get(extra_at..data)?,
        &mut member,
        number::<4>(content, start + 22)?,
    );
    Some((member, data))
}
