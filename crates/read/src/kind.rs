//! What content is, by its bytes; and what a name says it is.

use memchr::memmem;
use model::{ContentKind, Language};

use crate::language;

/// Bytes of the head that decide whether content is text.
const TEXT_HEAD: usize = 8 << 10;

/// Kind of content, judged by its first bytes (all of them, or at least 64 KiB).
pub fn of_content(head: &[u8]) -> ContentKind {
    if head.is_empty() {
        return ContentKind::Empty;
    }
    if let Some(kind) = of_magic(head) {
        return kind;
    }
    if let Some(interpreter) = interpreter(head) {
        return of_interpreter(interpreter);
    }
    if is_text(head) {
        ContentKind::Text
    } else {
        ContentKind::Data
    }
}

/// Magic numbers, from the formats' own specifications.
fn of_magic(head: &[u8]) -> Option<ContentKind> {
    const MAGIC: &[(usize, &[u8], ContentKind)] = &[
        (0, b"\x7fELF", ContentKind::Elf),
        (0, b"\xff\xd8\xff", ContentKind::Jpeg),
        (0, b"\x89PNG\r\n\x1a\n", ContentKind::Png),
        (0, b"GIF87a", ContentKind::Gif),
        (0, b"GIF89a", ContentKind::Gif),
        (0, b"%PDF-", ContentKind::Pdf),
        (0, b"\x1f\x8b\x08", ContentKind::Gzip),
        (0, b"\xfd7zXZ\0", ContentKind::Xz),
        (0, b"\x28\xb5\x2f\xfd", ContentKind::Zstd),
        (0, b"PK\x03\x04", ContentKind::Zip),
        (0, b"PK\x05\x06", ContentKind::Zip),
        (0, b"!<arch>\n", ContentKind::Ar),
        (0, b"!<thin>\n", ContentKind::Ar),
        (0, b"\xed\xab\xee\xdb", ContentKind::Rpm),
        (0, b"7z\xbc\xaf\x27\x1c", ContentKind::SevenZip),
        (257, b"ustar", ContentKind::Tar),
        (0, b"OggS", ContentKind::Media),
        (0, b"ID3", ContentKind::Media),
        (0, b"fLaC", ContentKind::Media),
        (0, b"wOFF", ContentKind::Media),
        (0, b"wOF2", ContentKind::Media),
        (0, b"OTTO\0", ContentKind::Media),
        (0, b"\0\x01\0\0\0", ContentKind::Media),
        (0, b"\0\0\x01\0", ContentKind::Media),
        (0, b"II*\0", ContentKind::Media),
        (0, b"MM\0*", ContentKind::Media),
        (4, b"ftyp", ContentKind::Media),
    ];
    let has = |offset: usize, magic: &[u8]| {
        head.get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    if let Some((_, _, kind)) = MAGIC.iter().find(|(offset, magic, _)| has(*offset, magic)) {
        return Some(*kind);
    }
    if has(0, b"BZh") && has(4, b"1AY&SY") {
        return Some(ContentKind::Bzip2);
    }
    if has(0, b"RIFF") && (has(8, b"WEBP") || has(8, b"WAVE") || has(8, b"AVI ")) {
        return Some(ContentKind::Media);
    }
    if has(0, b"MZ") && is_pe(head) {
        return Some(ContentKind::Pe);
    }
    if is_cpio(head) {
        return Some(ContentKind::Cpio);
    }
    if is_lzma(head) {
        return Some(ContentKind::Lzma);
    }
    if is_old_tar(head) {
        return Some(ContentKind::Tar);
    }
    // CPython's magic number, below 4,000 (3.14 is 3,6xx) or of 2.7, and "\r\n".
    let version = head
        .first_chunk::<2>()
        .map(|bytes| u16::from_le_bytes(*bytes));
    let is_pyc = has(2, b"\r\n")
        && head.len() > 16
        && version.is_some_and(|v| (3_000..4_000).contains(&v) || (62_171..=62_211).contains(&v));
    is_pyc.then_some(ContentKind::Pyc)
}

/// The PE signature stands where the DOS header's last field points.
fn is_pe(head: &[u8]) -> bool {
    let offset = head
        .get(0x3c..0x40)
        .and_then(|bytes| bytes.first_chunk::<4>())
        .map(|b| u32::from_le_bytes(*b));
    let at = offset.and_then(|offset| usize::try_from(offset).ok());
    at.and_then(|at| head.get(at..))
        .is_some_and(|rest| rest.starts_with(b"PE\0\0"))
}

/// The header of a cpio archive, in digits (`cpio(5)`: the new ASCII format and the portable one).
fn is_cpio(head: &[u8]) -> bool {
    let digits = |length: usize| {
        head.get(..length)
            .is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit))
    };
    (head.starts_with(b"070701") || head.starts_with(b"070702")) && digits(110)
        || head.starts_with(b"070707") && digits(76)
}

/// The header of lzma data (LZMA SDK, `lzma-file-format.txt`): the properties every encoder
/// writes, a dictionary that is a power of two or one and a half of one, and a length that is
/// unknown or below a terabyte.
fn is_lzma(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<13>() else {
        return false;
    };
    let [properties, d0, d1, d2, d3, length @ ..] = *header;
    let dictionary = u32::from_le_bytes([d0, d1, d2, d3]);
    let length = u64::from_le_bytes(length);
    let usual = dictionary >= 1 << 12
        && (dictionary.is_power_of_two() || (dictionary / 3).is_power_of_two());
    // The range coder's first byte is always zero.
    properties == 0x5d
        && usual
        && (length == u64::MAX || (1..1 << 40).contains(&length))
        && head.get(13) == Some(&0)
}

/// A tar header from before POSIX has no magic number, but a sum over itself (`tar(5)`).
fn is_old_tar(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<512>() else {
        return false;
    };
    let (before, rest) = header.split_at(148);
    let (field, after) = rest.split_at(8);
    let digits = field.trim_ascii();
    let digits = digits
        .split(|&b| b == 0 || b == b' ')
        .next()
        .unwrap_or_default();
    let Some(told) = std::str::from_utf8(digits)
        .ok()
        .filter(|digits| digits.len() >= 3)
        .and_then(|digits| u32::from_str_radix(digits, 8).ok())
    else {
        return false;
    };
    let sum: u32 = before.iter().chain(after).map(|&b| u32::from(b)).sum();
    header[0] != 0 && sum + 8 * u32::from(b' ') == told
}

/// The program a `#!` line names: its base name, with `env` and its options skipped.
pub fn interpreter(head: &[u8]) -> Option<&[u8]> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let line = head.strip_prefix(b"#!")?;
    let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len()).min(512)];
    let words = || {
        line.split(|b| b.is_ascii_whitespace())
            .filter(|word| !word.is_empty())
    };
    let base = |word: &'_ [u8]| {
        word.iter()
            .rposition(|&b| b == b'/')
            .map_or(0, |slash| slash + 1)
    };
    let first = words().next()?;
    // `with-contenv` of s6-overlay is env with the container's variables.
    if !matches!(&first[base(first)..], b"env" | b"with-contenv") {
        return Some(&first[base(first)..]);
    }
    let named = words()
        .skip(1)
        .find(|word| !word.starts_with(b"-") && !word.contains(&b'='))?;
    Some(&named[base(named)..])
}

fn of_interpreter(name: &[u8]) -> ContentKind {
    let language = std::str::from_utf8(name)
        .ok()
        .and_then(language::of_interpreter);
    ContentKind::Script(language.unwrap_or(Language::Other))
}

/// Text has no NUL and hardly any control character.
fn is_text(head: &[u8]) -> bool {
    let head = &head[..head.len().min(TEXT_HEAD)];
    if memchr::memchr(0, head).is_some() {
        return false;
    }
    let odd = head
        .iter()
        .filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x08))
        .count();
    odd * 50 <= head.len()
}

/// Whether content of this kind says what it holds at its end too, so that its head is not enough.
pub const fn needs_all(kind: ContentKind) -> bool {
    matches!(kind, ContentKind::Script(_)) || is_shown(kind) || is_packed(kind)
}

/// Whether it is a picture whose end can be told.
pub const fn is_shown(kind: ContentKind) -> bool {
    matches!(
        kind,
        ContentKind::Jpeg | ContentKind::Png | ContentKind::Gif
    )
}

/// Whether it is an archive or compressed data.
pub const fn is_packed(kind: ContentKind) -> bool {
    use ContentKind as K;
    matches!(
        kind,
        K::Tar
            | K::Gzip
            | K::Bzip2
            | K::Xz
            | K::Zstd
            | K::Lzma
            | K::Zip
            | K::Ar
            | K::Cpio
            | K::Rpm
            | K::SevenZip
    )
}

/// What an extension promises, for extensions of things that are shown or played and never run:
/// content that is a program under such a name is disguised.
pub fn harmless_extension(name: &[u8]) -> Option<&'static str> {
    const EXTENSIONS: &[&str] = &[
        ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".ico", ".webp", ".tiff", ".tif", ".svg", ".avif",
        ".mp3", ".mp4", ".ogg", ".wav", ".avi", ".mkv", ".flac", ".woff", ".woff2", ".ttf", ".otf",
        ".eot", ".pdf", ".css", ".doc", ".docx", ".xls", ".xlsx",
    ];
    let dot = name.iter().rposition(|&b| b == b'.')?;
    let extension = name[dot..].to_ascii_lowercase();
    EXTENSIONS
        .iter()
        .find(|known| known.as_bytes() == extension)
        .copied()
}

/// Where something that is shown or played ends, if its end can be told and it is whole.
pub fn shown_end(kind: ContentKind, bytes: &[u8]) -> Option<usize> {
    match kind {
        ContentKind::Jpeg => jpeg_end(bytes),
        ContentKind::Png => png_end(bytes),
        ContentKind::Gif => gif_end(bytes),
        ContentKind::Pdf => memmem::rfind(bytes, b"%%EOF").map(|at| at + b"%%EOF".len()),
        ContentKind::Media if bytes.starts_with(b"RIFF") => riff_end(bytes),
        ContentKind::Media if bytes.get(4..8) == Some(b"ftyp") => boxes_end(bytes),
        _ => None,
    }
}

/// A RIFF file tells its length ("Multimedia Programming Interface and Data Specifications 1.0").
fn riff_end(bytes: &[u8]) -> Option<usize> {
    let length = u32::from_le_bytes(*bytes.get(4..)?.first_chunk::<4>()?);
    let end = usize::try_from(length)
        .ok()?
        .checked_next_multiple_of(2)?
        .checked_add(8)?;
    (end <= bytes.len()).then_some(end)
}

/// Walks the boxes of a film (ISO/IEC 14496-12, section 4.2) until one has no name a box has.
fn boxes_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0_usize;
    while let Some(header) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let [length @ .., a, b, c, d] = *header;
        if ![a, b, c, d]
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b" -_".contains(b))
        {
            return Some(at);
        }
        let length = match u32::from_be_bytes(length) {
            // It goes on to the end.
            0 => return None,
            1 => u64::from_be_bytes(*bytes.get(at + 8..)?.first_chunk::<8>()?),
            length => u64::from(length),
        };
        if length < 8 {
            return Some(at);
        }
        at = at.checked_add(usize::try_from(length).ok()?)?;
        if at > bytes.len() {
            return None;
        }
    }
    Some(at)
}

/// Walks JPEG segments to the end-of-image marker (ITU-T T.81, annex B).
fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        at += 2;
        match marker {
            0xff => at -= 1,
            0xd9 => return Some(at),
            0x01 | 0xd0..=0xd8 => {}
            _ => {
                let length = u16::from_be_bytes(*bytes.get(at..)?.first_chunk::<2>()?);
                at += usize::from(length.max(2));
                if marker == 0xda {
                    at = entropy_end(bytes, at)?;
                }
            }
        }
    }
}

/// The first marker after entropy-coded data: `FF` not followed by a stuffed zero or a restart.
fn entropy_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr(0xff, bytes.get(at..)?)?;
        match *bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Some(at),
        }
    }
}

/// Walks PNG chunks to `IEND` (PNG specification, section 5.3).
fn png_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 8_usize;
    loop {
        let header = bytes.get(at..at.checked_add(8)?)?;
        let length = usize::try_from(u32::from_be_bytes(*header.first_chunk::<4>()?)).ok()?;
        at = at.checked_add(length)?.checked_add(12)?;
        if &header[4..] == b"IEND" {
            return (at <= bytes.len()).then_some(at);
        }
    }
}

/// Walks GIF blocks to the trailer (GIF89a specification, appendix A).
fn gif_end(bytes: &[u8]) -> Option<usize> {
    let table = |flags: u8| {
        if flags & 0x80 == 0 {
            0
        } else {
            3 << ((flags & 7) + 1)
        }
    };
    let mut at = 13 + table(*bytes.get(10)?);
    loop {
        match *bytes.get(at)? {
            0x3b => return Some(at + 1),
            0x21 => at = sub_blocks_end(bytes, at + 2)?,
            0x2c => {
                let flags = *bytes.get(at + 9)?;
                at = sub_blocks_end(bytes, at + 11 + table(flags))?;
            }
            _ => return None,
        }
    }
}

fn sub_blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += length + 1;
        if length == 0 {
            return Some(at);
        }
    }
}

/// Whether `bytes` hold any of `words`: a cheap look before a dear one.
pub fn has_any(bytes: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_from_bytes() {
        let cases: &[(&[u8], ContentKind)] = &[
            (b"", ContentKind::Empty),
            (b"\x7fELF\x02\x01", ContentKind::Elf),
            (b"#!/bin/sh\necho", ContentKind::Script(Language::Shell)),
            (
                b"#! /usr/bin/env -S bash -e\n",
                ContentKind::Script(Language::Shell),
            ),
            (
                b"#!/usr/bin/python3.11\n",
                ContentKind::Script(Language::Python),
            ),
            (
                b"#!/command/with-contenv bash\n",
                ContentKind::Script(Language::Shell),
            ),
            (b"#!/usr/bin/perl\n", ContentKind::Script(Language::Perl)),
            (b"plain words\n", ContentKind::Text),
            (b"\0\x02\x03", ContentKind::Data),
            (b"MZ is how this text begins", ContentKind::Text),
        ];
        for (bytes, kind) in cases {
            assert_eq!(
                of_content(bytes),
                *kind,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn the_end_of_a_picture_is_found() {
        let gif =
            b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
        assert_eq!(shown_end(ContentKind::Gif, gif), Some(gif.len()));
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82".to_vec();
        assert_eq!(shown_end(ContentKind::Png, &png), Some(20));
        png.truncate(18);
        assert_eq!(shown_end(ContentKind::Png, &png), None);
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xda\0\x02\x12\xff\0\x34\xff\xd0\x56\xff\xd9tail";
        assert_eq!(shown_end(ContentKind::Jpeg, jpeg), Some(jpeg.len() - 4));
    }
}
