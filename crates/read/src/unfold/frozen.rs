//! Python programs frozen into one executable by PyInstaller: an archive behind the loader.
//!
//! Source: PyInstaller's documentation, "CArchive" and "ZlibArchive", and its `archive/readers.py`.
//! The cookie near the end tells where the archive and its table are. Scripts are marshalled code;
//! modules stand in an inner archive, each compressed by itself.

use memchr::memmem;

use super::Counted;
use crate::artifact::{Artifact, Member, Reader};
use crate::encoding::compression;
use crate::language::python::pyc;

/// What the cookie begins with.
const COOKIE: &[u8] = b"MEI\x0c\x0b\x0a\x0b\x0e";

/// Bytes of an entry of the table before its name.
const ENTRY: usize = 18;

/// Longest table of the inner archive.
const LONGEST_TABLE: usize = 16 << 20;

/// Opens the archive behind an executable, if there is one.
pub fn open(reader: &mut Reader, artifact: &Artifact) {
    let content = artifact.content;
    let Some(cookie) = memmem::rfind(content, COOKIE) else {
        return;
    };
    let field = |n: usize| number(content, cookie + COOKIE.len() + 4 * n);
    let (Some(length), Some(table), Some(table_length), Some(python)) =
        (field(0), field(1), field(2), field(3))
    else {
        return;
    };
    // The length counts the cookie too, which is 24 bytes long, or 88 with a library's name.
    let start = [88, 24]
        .into_iter()
        .filter_map(|end| (cookie + end).checked_sub(length))
        .find(|start| {
            content
                .get(start + table..)
                .is_some_and(|rest| rest.len() >= table_length)
        });
    let Some(archive) = start.and_then(|start| content.get(start..)) else {
        return;
    };
    let mut entries = archive
        .get(table..table.saturating_add(table_length))
        .unwrap_or_default();
    while let Some(length) = number(entries, 0).filter(|length| *length > ENTRY) {
        let Some((entry, rest)) = entries.split_at_checked(length) else {
            return;
        };
        entries = rest;
        entry_inside(reader, artifact, archive, entry, python);
        if reader.bounds.is_over() {
            return;
        }
    }
}

/// Reads an entry of the outer table.
fn entry_inside(
    reader: &mut Reader,
    artifact: &Artifact,
    archive: &[u8],
    entry: &[u8],
    python: usize,
) {
    let (Some(at), Some(length)) = (number(entry, 4), number(entry, 8)) else {
        return;
    };
    let (Some(packed), Some(kind)) = (entry.get(16), entry.get(17)) else {
        return;
    };
    let name = entry.get(ENTRY..).unwrap_or_default();
    let name = name.split(|&b| b == 0).next().unwrap_or_default();
    let Some(data) = archive.get(at..).and_then(|rest| rest.get(..length)) else {
        return;
    };
    let data = if *packed == 0 {
        Some(data.to_vec())
    } else {
        compression::zlib(data, reader.bounds.room(reader.budget))
    };
    let Some(data) = data else {
        return;
    };
    match kind {
        b's' | b'm' | b'M' => {
            let file = pyc::file_of(python, &data);
            hand_on(reader, artifact, name, file.unwrap_or(data));
        }
        b'z' | b'Z' => modules(reader, artifact, &data),
        // What it is linked with: libraries, data files.
        _ => hand_on(reader, artifact, name, data),
    }
}

/// Reads the modules of the inner archive.
fn modules(reader: &mut Reader, artifact: &Artifact, archive: &[u8]) {
    let Some(magic) = archive
        .strip_prefix(b"PYZ\0")
        .and_then(|rest| rest.first_chunk::<4>())
    else {
        return;
    };
    let table = number(archive, 8).and_then(|at| archive.get(at..));
    let Some(table) = table.filter(|table| table.len() <= LONGEST_TABLE) else {
        return;
    };
    for (name, at, length) in pyc::table(*magic, table) {
        let Some(data) = archive.get(at..).and_then(|rest| rest.get(..length)) else {
            continue;
        };
        let stream = flate2::read::ZlibDecoder::new(data);
        let mut stream = Counted::new(stream, reader.bounds.left.clone());
        let mut code = Vec::new();
        super::fill(&mut stream, &mut code, reader.bounds.room(reader.budget));
        hand_on(
            reader,
            artifact,
            name.as_bytes(),
            pyc::file_with(*magic, &code),
        );
        if reader.bounds.is_over() {
            return;
        }
    }
}

fn hand_on(reader: &mut Reader, artifact: &Artifact, name: &[u8], content: Vec<u8>) {
    let shown = model::text::cut(&model::text::printable(name), 256);
    let steps = artifact.further(format!("PyInstaller: {shown}"));
    reader.decoded(&Member::new(name, steps), content);
}

/// A number of the archive, big-endian.
fn number(content: &[u8], at: usize) -> Option<usize> {
    let bytes = content.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*bytes)).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use model::{Budget, Entry, Fact};

    const PYC: &[u8] = include_bytes!("../language/python/pyc/fixtures/shell.311.pyc");

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn big(value: usize) -> [u8; 4] {
        u32::try_from(value).unwrap().to_be_bytes()
    }

    /// An executable with an archive of these entries: type, name, content.
    fn frozen(entries: &[(u8, &str, Vec<u8>)]) -> Vec<u8> {
        let mut data = Vec::new();
        let mut table = Vec::new();
        for (kind, name, content) in entries {
            let packed = zlib(content);
            let length = big(super::ENTRY + name.len() + 1);
            let places = [big(data.len()), big(packed.len()), big(content.len())].concat();
            table.extend([&length[..], &places, &[1, *kind], name.as_bytes(), &[0]].concat());
            data.extend(packed);
        }
        let length = data.len() + table.len() + 88;
        let cookie = [
            super::COOKIE,
            &big(length),
            &big(data.len()),
            &big(table.len()),
            &big(311),
            &[0; 64],
        ]
        .concat();
        [
            &b"\x7fELF\x02\x01\x01\0"[..],
            &[1; 100],
            &data,
            &table,
            &cookie,
        ]
        .concat()
    }

    fn chains(content: &[u8]) -> Vec<String> {
        let entry = Entry::file("usr/bin/x", content.len() as u64);
        let reading = crate::file(&entry, content, &Budget::default(), None);
        let chain = |fact: &Fact| match fact {
            Fact::Program(program) => {
                Some(program.steps.iter().map(|step| step.0.clone()).collect())
            }
            _ => None,
        };
        let chains: Vec<Vec<String>> = reading.facts.iter().filter_map(chain).collect();
        chains.iter().map(|steps| steps.join(" > ")).collect()
    }

    #[test]
    fn scripts_and_modules_of_a_frozen_program_are_read() {
        let code = PYC[16..].to_vec();
        let packed = zlib(&code);
        // A list of one tuple: the name, and a tuple of kind, place and length.
        let number =
            |value: usize| [&b"i"[..], &u32::try_from(value).unwrap().to_le_bytes()].concat();
        let table = [
            &b"[\x01\0\0\0)\x02z\x03mod)\x03"[..],
            &number(0),
            &number(12),
            &number(packed.len()),
        ]
        .concat();
        let inner = [
            &b"PYZ\0"[..],
            &PYC[..4],
            &big(12 + packed.len()),
            &packed,
            &table,
        ]
        .concat();
        let content = frozen(&[
            (b's', "main", code),
            (b'z', "PYZ.pyz", inner),
            (b'b', "lib.so", vec![1; 40]),
        ]);
        assert_eq!(chains(&content), ["PyInstaller: main", "PyInstaller: mod"]);
        for cut in 0..content.len() / 8 {
            chains(&content[cut * 8..]);
        }
    }
}
