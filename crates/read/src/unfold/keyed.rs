//! Data that is a program or an archive behind a constant: every byte xored with a short key,
//! shifted by a constant, or the whole reversed.
//!
//! The first bytes of what is looked for are known, so they tell the key; a few more must then
//! agree. That costs a few comparisons for any file that is none.

use model::ContentKind;

use crate::artifact::{Artifact, Member, Reader};
use crate::encoding::substitution;
use crate::{guess, kind};

/// The first sixteen bytes of an ELF file: class and byte order vary, the rest is mostly zero.
const ELF: [[u8; 16]; 3] = [
    [0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0x7f, b'E', b'L', b'F', 2, 1, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0],
    [0x7f, b'E', b'L', b'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
];

/// Longest key that the known bytes can tell and prove.
const LONGEST_KEY: usize = 12;

/// Beginnings of archives and programs of which all bytes are known.
const MAGIC: &[&[u8]] = &[
    b"\x7fELF",
    b"PK\x03\x04",
    b"\x1f\x8b\x08\0",
    b"\xfd7zXZ\0",
    b"#!/bin/",
    b"#!/usr/bin/",
    b"BZh91AY&SY",
];

/// Shortest content looked at.
const SHORTEST: usize = 32;

/// Bytes from which the key of a text is told, and that must then read as text.
const SAMPLE: usize = 1 << 10;

/// How content is undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Xored with these bytes over and over.
    Xor(Vec<u8>),
    /// Every byte is this much too large.
    Add(u8),
    /// The last byte first.
    Reversed,
}

/// Reads what data is behind a constant, if it is anything.
pub fn open(reader: &mut Reader, artifact: &Artifact) {
    let Some(key) = find(artifact.content) else {
        return;
    };
    let step = match &key {
        Key::Xor(key) => format!("xor {}", crate::encoding::hex::encode(key)),
        Key::Add(shift) => format!("shifted by {shift}"),
        Key::Reversed => "reversed".to_owned(),
    };
    let content = undo(&key, artifact.content);
    reader.decoded(&Member::new(*b"", artifact.further(step)), content);
}

/// Undoes a key.
fn undo(key: &Key, content: &[u8]) -> Vec<u8> {
    match key {
        Key::Xor(key) => substitution::xor(content, key),
        Key::Add(shift) => content
            .iter()
            .map(|byte| byte.wrapping_sub(*shift))
            .collect(),
        Key::Reversed => content.iter().rev().copied().collect(),
    }
}

/// The key behind which content is a program or an archive.
pub fn find(content: &[u8]) -> Option<Key> {
    if content.len() < SHORTEST {
        return None;
    }
    let first = *content.first()?;
    for magic in MAGIC {
        let (&known, rest) = magic.split_first()?;
        let after = content.get(1..magic.len())?;
        let (key, shift) = (first ^ known, first.wrapping_sub(known));
        if key != 0
            && after
                .iter()
                .zip(rest)
                .all(|(byte, known)| byte ^ key == *known)
        {
            return Some(Key::Xor(vec![key]));
        }
        if shift != 0
            && after
                .iter()
                .zip(rest)
                .all(|(byte, known)| byte.wrapping_sub(shift) == *known)
        {
            return Some(Key::Add(shift));
        }
    }
    elf_key(content)
        .map(Key::Xor)
        .or_else(|| is_reversed(content).then_some(Key::Reversed))
        .or_else(|| text_key(content).map(|key| Key::Xor(vec![key])))
}

/// A key of several bytes behind which content begins like an ELF file.
fn elf_key(content: &[u8]) -> Option<Vec<u8>> {
    let head = content.first_chunk::<16>()?;
    ELF.iter().find_map(|known| {
        let mut stream = [0; 16];
        for (byte, (have, want)) in stream.iter_mut().zip(head.iter().zip(known)) {
            *byte = have ^ want;
        }
        let repeats = |length: &usize| {
            stream
                .iter()
                .zip(stream.iter().skip(*length))
                .all(|(a, b)| a == b)
        };
        let length = (2..=LONGEST_KEY).find(repeats)?;
        let key = stream.get(..length)?.to_vec();
        // The type of the file and its machine are small numbers.
        let next = substitution::xor(content.get(..20)?, &key);
        let sound = next.get(17) == Some(&0)
            && matches!(next.get(16), Some(1..=4))
            && next.get(19) == Some(&0);
        (sound && key.iter().any(|&byte| byte != 0)).then_some(key)
    })
}

fn is_reversed(content: &[u8]) -> bool {
    content.ends_with(b"FLE\x7f")
        || content.trim_ascii_end().ends_with(b"/!#")
        || content.ends_with(b"\x04\x03KP")
}

/// What the most frequent byte of a text mostly stands for.
const FREQUENT: &[u8] = b" estoaric\n/0;";

/// The key of a text: its most frequent byte stands for one that is frequent in texts. What comes
/// out must be text, and code.
fn text_key(content: &[u8]) -> Option<u8> {
    let sample = content.get(..SAMPLE.min(content.len()))?;
    let mut counts = [0_u32; 256];
    for &byte in sample {
        counts[usize::from(byte)] += 1;
    }
    let (most, _) = counts.iter().enumerate().max_by_key(|(_, count)| **count)?;
    let most = u8::try_from(most).ok()?;
    FREQUENT.iter().map(|plain| most ^ plain).find(|&key| {
        let is_text = |byte: &u8| matches!(byte ^ key, b'\t' | b'\n' | b'\r' | 0x20..0x7f);
        key != 0 && sample.iter().all(is_text) && is_code(&substitution::xor(sample, &[key]))
    })
}

fn is_code(plain: &[u8]) -> bool {
    let kind = kind::of_content(plain);
    let known = matches!(kind, ContentKind::Script(language) if language != model::Language::Other);
    known || guess::language(&String::from_utf8_lossy(plain)).is_some()
}
