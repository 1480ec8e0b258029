//! Python programs frozen into one ELF file: the archive PyInstaller appends to its loader
//! (`PyInstaller/archive/readers.py`, `CArchiveReader`).
//!
//! The archive stands at the end of the file; its last record, the cookie, tells where it begins
//! and where the table of members stands. All numbers are big-endian.

use crate::encoding::compression;

/// The cookie's magic number.
const MAGIC: &[u8] = b"MEI\x0c\x0b\x0a\x0b\x0e";
/// How far from the end the cookie is looked for, in bytes: a signature may follow it.
const TAIL: usize = 64 << 10;
/// Bytes of the cookie before the library's name, and with it.
const COOKIE: usize = 88;
/// Bytes of a member's record before its name.
const RECORD: usize = 18;
/// Most members.
const MOST_MEMBERS: usize = 4_096;

/// A member of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name, printable.
    pub name: String,
    /// Its bytes, decompressed.
    pub bytes: Vec<u8>,
}

/// The program's own scripts and data, without the libraries that come with them; at most `most`
/// bytes of them. Empty if the file is not frozen this way.
pub fn members(content: &[u8], most: usize) -> Vec<Member> {
    let mut left = most;
    let mut members = Vec::new();
    for record in records(content).unwrap_or_default() {
        // 's' are scripts, 'x' data; 'M', 'm' and 'z' modules, 'b' libraries.
        if !matches!(record.kind, b's' | b'x') {
            continue;
        }
        let bytes = if record.is_compressed {
            compression::zlib(record.data, left).unwrap_or_default()
        } else {
            record.data.to_vec()
        };
        let Some(rest) = left.checked_sub(bytes.len()) else {
            break;
        };
        left = rest;
        members.push(Member {
            name: record.name,
            bytes,
        });
    }
    members
}

struct Record<'a> {
    name: String,
    kind: u8,
    is_compressed: bool,
    data: &'a [u8],
}

fn records(content: &[u8]) -> Option<Vec<Record<'_>>> {
    let from = content.len().saturating_sub(TAIL);
    let cookie = from + memchr::memmem::rfind(content.get(from..)?, MAGIC)?;
    let length = number(content, cookie + 8)?;
    let table = number(content, cookie + 12)?;
    let table_length = number(content, cookie + 16)?;
    let start = cookie.checked_add(COOKIE)?.checked_sub(length)?;
    let archive = content.get(start..)?;
    let table = archive.get(table..)?.get(..table_length)?;
    let mut records = Vec::new();
    let mut at = 0;
    while records.len() < MOST_MEMBERS && at < table.len() {
        let size = number(table, at)?;
        let record = table.get(at..)?.get(..size.max(RECORD))?;
        let (position, stored) = (number(record, 4)?, number(record, 8)?);
        let data = archive.get(position..).and_then(|rest| rest.get(..stored));
        let name = record[RECORD..]
            .split(|&byte| byte == 0)
            .next()
            .unwrap_or_default();
        if let Some(data) = data {
            records.push(Record {
                name: model::text::printable(name),
                kind: record[17],
                is_compressed: record[16] == 1,
                data,
            });
        }
        at += size.max(RECORD);
    }
    Some(records)
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}

#[cfg(test)]
pub mod tests {
    use std::io::Write;

    use super::*;

    /// A loader with an archive behind it.
    pub fn frozen(members: &[(&str, u8, &[u8])]) -> Vec<u8> {
        let mut data = Vec::new();
        let mut table = Vec::new();
        for (name, kind, bytes) in members {
            let mut packed =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(bytes).unwrap();
            let packed = packed.finish().unwrap();
            let put = |table: &mut Vec<u8>, number: usize| {
                table.extend_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
            };
            put(&mut table, RECORD + name.len() + 1);
            put(&mut table, data.len());
            put(&mut table, packed.len());
            put(&mut table, bytes.len());
            table.extend_from_slice(&[1, *kind]);
            table.extend_from_slice(name.as_bytes());
            table.push(0);
            data.extend_from_slice(&packed);
        }
        let mut file = b"\x7fELF loader".to_vec();
        let (at, length) = (data.len(), table.len());
        file.extend_from_slice(&data);
        file.extend_from_slice(&table);
        file.extend_from_slice(MAGIC);
        for number in [at + length + COOKIE, at, length, 311] {
            file.extend_from_slice(&u32::try_from(number).unwrap().to_be_bytes());
        }
        file.resize(file.len() + 64, 0);
        file
    }

    #[test]
    fn scripts_and_data_are_taken_out() {
        let file = frozen(&[
            ("main", b's', b"code"),
            ("os", b'm', b"library"),
            ("run.sh", b'x', b"id"),
        ]);
        let found = members(&file, 1 << 20);
        let names: Vec<_> = found
            .iter()
            .map(|member| (member.name.as_str(), &member.bytes[..]))
            .collect();
        assert_eq!(names, [("main", &b"code"[..]), ("run.sh", b"id")]);
    }

    #[test]
    fn damage_and_bounds_end_it() {
        let file = frozen(&[("main", b's', &[b'a'; 5_000]), ("b", b'x', b"id")]);
        assert!(
            members(&file, 10)
                .iter()
                .all(|member| member.bytes.len() <= 10)
        );
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 0xff;
            members(&damaged, 1 << 20);
        }
        assert!(members(&file[..file.len() - 100], 1 << 20).is_empty());
        assert!(members(b"\x7fELF", 1 << 20).is_empty());
    }
}
