//! 7z archives.
//!
//! Source: the LZMA SDK's `7zFormat.txt`. Folders are streams of several files one after another;
//! their coders are undone where the usual ones are used: copy, LZMA, LZMA2, deflate, bzip2, and
//! x86 branches before one of these.

use std::io::Read;

use model::{Step, text};

use super::{Counted, fill, skip};
use crate::artifact::{Artifact, Member, Reader};
use crate::encoding::compression;

/// Bytes of the header in front.
const START: usize = 32;

/// Longest header that is unpacked: the names of a hundred thousand files.
const LONGEST_HEADER: u64 = 16 << 20;

/// Most files, folders and streams that a header may tell.
const MOST: usize = 200_000;

/// A coder: its identifier and properties.
#[derive(Debug)]
struct Coder<'a> {
    id: &'a [u8],
    properties: &'a [u8],
}

/// A folder: its coders and the length of what they yield.
#[derive(Debug, Default)]
struct Folder<'a> {
    coders: Vec<Coder<'a>>,
    /// How many streams its coders yield, the inner ones too.
    outputs: usize,
    packed_streams: usize,
    lengths: Vec<u64>,
    has_sum: bool,
    /// Lengths of the files in it.
    files: Vec<u64>,
}

/// Where streams are and how they are packed.
#[derive(Debug, Default)]
struct Streams<'a> {
    position: u64,
    packed: Vec<u64>,
    folders: Vec<Folder<'a>>,
}

/// Opens a 7z archive.
pub fn open(reader: &mut Reader, artifact: &Artifact) {
    let content = artifact.content;
    let Some(header) = header(content) else {
        return;
    };
    let mut fields = Fields(header);
    match fields.byte() {
        Some(1) => files(reader, artifact, header),
        Some(0x17) => {
            let Some(streams) = fields.streams() else {
                return;
            };
            let Some((folder, packed)) = streams.folders.first().zip(packed(content, &streams, 0))
            else {
                return;
            };
            let Some(stream) = unpacked(folder, packed) else {
                reader.gap(
                    &artifact.steps,
                    "its list of files is packed or encrypted in a way that is not undone",
                    true,
                );
                return;
            };
            let mut plain = Vec::new();
            let mut stream = Counted::new(stream, reader.bounds.left.clone());
            let length = folder
                .lengths
                .last()
                .copied()
                .unwrap_or(0)
                .min(LONGEST_HEADER);
            fill(&mut (&mut stream).take(length), &mut plain, usize::MAX);
            files(reader, artifact, &plain);
        }
        _ => {}
    }
}

/// The header at the end.
fn header(content: &[u8]) -> Option<&[u8]> {
    let number = |at: usize| Some(u64::from_le_bytes(*content.get(at..)?.first_chunk::<8>()?));
    let start = usize::try_from(number(12)?).ok()?.checked_add(START)?;
    let length = usize::try_from(number(20)?).ok()?;
    content.get(start..start.checked_add(length)?)
}

/// The packed bytes of a folder.
fn packed<'a>(content: &'a [u8], streams: &Streams, folder: usize) -> Option<&'a [u8]> {
    let before: usize = streams
        .folders
        .iter()
        .take(folder)
        .map(|folder| folder.packed_streams)
        .sum();
    let skipped = streams
        .packed
        .iter()
        .take(before)
        .try_fold(0_u64, |sum, length| sum.checked_add(*length))?;
    let start = streams
        .position
        .checked_add(skipped)?
        .checked_add(START as u64)?;
    let start = usize::try_from(start).ok()?;
    let length = usize::try_from(*streams.packed.get(before)?).ok()?;
    content.get(start..start.checked_add(length)?.min(content.len()))
}

/// What a folder's coders yield; `None` if one of them is not known.
fn unpacked<'a>(folder: &Folder, packed: &'a [u8]) -> Option<Box<dyn Read + 'a>> {
    const X86: &[u8] = &[3, 3, 1, 3];
    let is_filter = |coder: &&Coder| coder.id == X86 || coder.id == [4];
    let filtered = folder.coders.iter().any(|coder| is_filter(&coder));
    let mut others = folder.coders.iter().filter(|coder| !is_filter(coder));
    let coder = others.next()?;
    if others.next().is_some() || folder.packed_streams != 1 {
        return None;
    }
    match (coder.id, filtered) {
        ([0], false) => Some(Box::new(packed)),
        ([3, 1, 1] | [0x21], _) => {
            let length = folder.lengths.iter().copied().max()?;
            compression::raw_lzma_stream(
                packed,
                coder.id == [0x21],
                coder.properties,
                filtered,
                length,
            )
        }
        ([4, 1, 8], false) => Some(compression::deflate_stream(packed)),
        ([4, 2, 2], false) => Some(compression::bzip2_stream(packed)),
        _ => None,
    }
}

/// Reads the files a header tells.
fn files(reader: &mut Reader, artifact: &Artifact, header: &[u8]) {
    let mut fields = Fields(header);
    let Some((streams, mut entries)) = fields.header() else {
        return;
    };
    entries.retain(|entry| !entry.is_empty);
    let mut entries = entries.into_iter();
    for (at, folder) in streams.folders.iter().enumerate() {
        let stream =
            packed(artifact.content, &streams, at).and_then(|packed| unpacked(folder, packed));
        let mut stream = stream.map(|stream| Counted::new(stream, reader.bounds.left.clone()));
        for &length in &folder.files {
            let Some(entry) = entries.next() else {
                return;
            };
            let mut member = Member::new(entry.name, artifact.steps.clone());
            let shown = text::cut(&text::printable(&member.path), 256);
            member.steps.push(Step::new(format!("7z: {shown}")));
            member.executable = entry.executable;
            let Some(stream) = &mut stream else {
                reader.gap(
                    &member.steps,
                    "it is packed or encrypted in a way that is not undone",
                    true,
                );
                continue;
            };
            let mut content = stream.take(length);
            reader.member(&member, &mut content);
            let rest = content.limit();
            if !skip(stream, rest) || reader.bounds.is_over() {
                reader.note_exhausted(&artifact.steps);
                return;
            }
        }
    }
}

/// A file as the header tells it.
#[derive(Debug, Default, Clone)]
struct Entry {
    name: Vec<u8>,
    is_empty: bool,
    executable: bool,
}

/// What is left of a header.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number: leading ones of the first byte tell how many bytes follow, the rest of it is the
    /// highest part.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let count = first.leading_ones().min(8);
        let mut value = 0_u64;
        for n in 0..count {
            value |= u64::from(self.byte()?) << (8 * n);
        }
        let high = u64::from(first) & (0x7f >> count.min(7));
        Some(if count < 8 {
            value | high.checked_shl(8 * count).unwrap_or(0)
        } else {
            value
        })
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?)
            .ok()
            .filter(|count| *count <= MOST)
    }

    /// As many bits as there are items; all of them if one byte says so.
    fn bits(&mut self, count: usize, may_be_all: bool) -> Option<Vec<bool>> {
        if may_be_all && self.byte()? != 0 {
            return Some(vec![true; count]);
        }
        let bytes = self.take(count.div_ceil(8))?;
        Some(
            (0..count)
                .map(|n| {
                    bytes
                        .get(n / 8)
                        .is_some_and(|byte| byte & (0x80 >> (n % 8)) != 0)
                })
                .collect(),
        )
    }

    /// Sums of as many streams; which of them have one.
    fn sums(&mut self, count: usize) -> Option<Vec<bool>> {
        let defined = self.bits(count, true)?;
        self.take(defined.iter().filter(|defined| **defined).count() * 4)?;
        Some(defined)
    }

    /// A whole header.
    fn header(&mut self) -> Option<(Streams<'a>, Vec<Entry>)> {
        let mut streams = Streams::default();
        (self.byte()? == 1).then_some(())?;
        loop {
            match self.byte()? {
                0 => return Some((streams, Vec::new())),
                2 => {
                    while self.byte()? != 0 {
                        let length = self.count()?;
                        self.take(length)?;
                    }
                }
                3 => drop(self.streams()?),
                4 => streams = self.streams()?,
                5 => return Some((streams, self.entries()?)),
                _ => return None,
            }
        }
    }

    fn streams(&mut self) -> Option<Streams<'a>> {
        let mut streams = Streams::default();
        loop {
            match self.byte()? {
                0 => return Some(streams),
                6 => self.packed(&mut streams)?,
                7 => self.folders(&mut streams)?,
                8 => self.files_of_folders(&mut streams)?,
                _ => return None,
            }
        }
    }

    fn packed(&mut self, streams: &mut Streams<'a>) -> Option<()> {
        streams.position = self.number()?;
        let count = self.count()?;
        loop {
            match self.byte()? {
                0 => return Some(()),
                9 => {
                    for _ in 0..count {
                        streams.packed.push(self.number()?);
                    }
                }
                10 => drop(self.sums(count)?),
                _ => return None,
            }
        }
    }

    fn folders(&mut self, streams: &mut Streams<'a>) -> Option<()> {
        (self.byte()? == 11).then_some(())?;
        let count = self.count()?;
        // They could stand elsewhere; nobody writes that.
        (self.byte()? == 0).then_some(())?;
        for _ in 0..count {
            streams.folders.push(self.folder()?);
        }
        (self.byte()? == 12).then_some(())?;
        for folder in &mut streams.folders {
            for _ in 0..folder.outputs {
                folder.lengths.push(self.number()?);
            }
            folder.files = folder.lengths.last().copied().into_iter().collect();
        }
        loop {
            match self.byte()? {
                0 => return Some(()),
                10 => {
                    let sums = self.sums(streams.folders.len())?;
                    for (folder, has_sum) in streams.folders.iter_mut().zip(sums) {
                        folder.has_sum = has_sum;
                    }
                }
                _ => return None,
            }
        }
    }

    fn folder(&mut self) -> Option<Folder<'a>> {
        let mut folder = Folder::default();
        let mut inputs = 0;
        // Four at most, as the SDK's own reader has it; more is damage.
        let coders = self.count().filter(|coders| *coders <= 4)?;
        for _ in 0..coders {
            let flags = self.byte()?;
            let id = self.take(usize::from(flags & 15))?;
            let (own_inputs, outputs) = if flags & 0x10 != 0 {
                (self.count()?, self.count()?)
            } else {
                (1, 1)
            };
            let length = if flags & 0x20 != 0 { self.count()? } else { 0 };
            let properties = self.take(length)?;
            inputs += own_inputs;
            folder.outputs += outputs;
            folder.coders.push(Coder { id, properties });
        }
        let pairs = folder.outputs.checked_sub(1)?;
        for _ in 0..pairs {
            self.number()?;
            self.number()?;
        }
        folder.packed_streams = inputs.checked_sub(pairs)?;
        if folder.packed_streams > 1 {
            for _ in 0..folder.packed_streams {
                self.number()?;
            }
        }
        Some(folder)
    }

    fn files_of_folders(&mut self, streams: &mut Streams<'a>) -> Option<()> {
        let mut counts = vec![1; streams.folders.len()];
        let mut kind = self.byte()?;
        if kind == 13 {
            for count in &mut counts {
                *count = self.count()?;
            }
            kind = self.byte()?;
        }
        for (folder, &count) in streams.folders.iter_mut().zip(&counts) {
            let whole = folder.lengths.last().copied().unwrap_or(0);
            let mut files = Vec::new();
            let mut rest = whole;
            for n in 0..count {
                let length = if n + 1 == count || kind != 9 {
                    rest
                } else {
                    self.number()?
                };
                rest = rest.saturating_sub(length);
                files.push(length);
            }
            folder.files = files;
        }
        if kind == 9 {
            kind = self.byte()?;
        }
        while kind != 0 {
            (kind == 10).then_some(())?;
            let folders = streams.folders.iter().zip(&counts);
            let unknown = folders.filter(|(folder, count)| **count != 1 || !folder.has_sum);
            let unknown = unknown.map(|(_, count)| *count).sum();
            self.sums(unknown)?;
            kind = self.byte()?;
        }
        Some(())
    }

    fn entries(&mut self) -> Option<Vec<Entry>> {
        let count = self.count()?;
        let mut entries = vec![Entry::default(); count];
        loop {
            let kind = self.byte()?;
            if kind == 0 {
                return Some(entries);
            }
            let length = usize::try_from(self.number()?).ok()?;
            let mut property = Fields(self.take(length)?);
            match kind {
                14 => {
                    for (entry, is_empty) in entries.iter_mut().zip(property.bits(count, false)?) {
                        entry.is_empty = is_empty;
                    }
                }
                17 => {
                    property.byte()?;
                    let (units, _) = property.0.as_chunks::<2>();
                    let units: Vec<u16> =
                        units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
                    for (entry, name) in entries.iter_mut().zip(units.split(|unit| *unit == 0)) {
                        entry.name = String::from_utf16_lossy(name).into_bytes();
                    }
                }
                21 => {
                    let defined = property.bits(count, true)?;
                    property.byte()?;
                    for (entry, _) in entries
                        .iter_mut()
                        .zip(defined)
                        .filter(|(_, defined)| *defined)
                    {
                        let attributes = u32::from_le_bytes(*property.take(4)?.first_chunk()?);
                        // Made on Unix: the mode stands in the upper half.
                        entry.executable =
                            attributes & 0x8000 != 0 && attributes >> 16 & 0o111 != 0;
                    }
                }
                _ => {}
            }
        }
    }
}
