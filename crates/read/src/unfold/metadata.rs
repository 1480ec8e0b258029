//! Comments and other texts inside pictures, and code that stands in one as if it were none.
//!
//! Source: ITU-T T.81 annex B (JPEG segments), the PNG specification chapter 11.3.3 (textual
//! data), GIF89a section 24 (comments). What a PHP interpreter is given it searches for `<?php`,
//! whatever stands before it.

use memchr::memmem;
use model::{ContentKind, Language};

use crate::artifact::{Artifact, Member, Reader, Told};
use crate::encoding::compression;

/// Shortest text that can be code worth reading.
const SHORTEST: usize = 16;

/// Longest text a compressed comment may be.
const LONGEST: usize = 1 << 20;

/// Most texts of one picture that are looked at.
const MOST: usize = 256;

/// Reads the texts in a picture, and PHP code anywhere in it.
pub fn open(reader: &mut Reader, artifact: &Artifact, kind: ContentKind) {
    let content = artifact.content;
    if let Some(at) = memmem::find(content, b"<?php") {
        let step = format!("PHP inside {}", kind.name());
        let mut member = Member::new(*b"", artifact.further(step));
        member.told = Told::Program(Language::Php);
        let code = content.get(at..).unwrap_or_default();
        reader.member(&member, &mut &*code);
    }
    let texts = match kind {
        ContentKind::Jpeg => jpeg(content),
        ContentKind::Png => png(content),
        ContentKind::Gif => gif(content),
        _ => Vec::new(),
    };
    for (name, text) in texts {
        let text = text.trim_ascii();
        if text.len() < SHORTEST {
            continue;
        }
        let member = Member::new(*b"", artifact.further(name));
        reader.member(&member, &mut &*text);
    }
}

/// A text with the step to it.
type Named = (&'static str, Vec<u8>);

/// Comments and application data that is text.
fn jpeg(content: &[u8]) -> Vec<Named> {
    let mut found = Vec::new();
    let mut at = 2;
    while found.len() < MOST {
        let Some([0xff, marker, high, low]) = content.get(at..at + 4) else {
            break;
        };
        // The picture itself begins.
        if matches!(marker, 0xda | 0xd9) {
            break;
        }
        let length = usize::from(u16::from_be_bytes([*high, *low])).max(2);
        let data = content.get(at + 4..at + 2 + length).unwrap_or_default();
        match marker {
            0xfe => found.push(("JPEG comment", data.to_vec())),
            0xe1 => found.extend(exif(data).into_iter().map(|text| ("EXIF", text))),
            0xe0..=0xef => {}
            _ => {}
        }
        at += 2 + length;
    }
    found
}

/// Texts in EXIF data: runs of printable characters.
fn exif(data: &[u8]) -> Vec<Vec<u8>> {
    let printable = |b: &u8| (0x20..0x7f).contains(b) || b.is_ascii_whitespace() || *b >= 0x80;
    data.split(|b| !printable(b))
        .filter(|run| run.len() >= SHORTEST && run.is_ascii())
        .take(MOST)
        .map(<[u8]>::to_vec)
        .collect()
}

/// The three kinds of textual chunks.
fn png(content: &[u8]) -> Vec<Named> {
    let mut found = Vec::new();
    let mut at = 8_usize;
    while found.len() < MOST {
        let Some((length, kind)) = content.get(at..).and_then(|rest| {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            Some((length, *rest.first_chunk::<4>()?))
        }) else {
            break;
        };
        let start = at + 8;
        let Some(end) = start.checked_add(length) else {
            break;
        };
        let Some(data) = content.get(start..end) else {
            break;
        };
        let text = memchr::memchr(0, data).and_then(|nul| data.get(nul + 1..));
        match (&kind, text) {
            (b"tEXt", Some(text)) => found.push(("PNG text", text.to_vec())),
            (b"zTXt", Some(text)) => {
                found.extend(unpacked(text.get(1..)).map(|text| ("PNG text", text)))
            }
            (b"iTXt", Some(text)) => {
                found.extend(international(text).map(|text| ("PNG text", text)))
            }
            (b"eXIf", _) => found.extend(exif(data).into_iter().map(|text| ("EXIF", text))),
            _ => {}
        }
        at = end + 4;
    }
    found
}

fn unpacked(text: Option<&[u8]>) -> Option<Vec<u8>> {
    compression::zlib(text?, LONGEST)
}

/// The text of an `iTXt` chunk, behind flag, method, language and translated keyword.
fn international(rest: &[u8]) -> Option<Vec<u8>> {
    let (flags, rest) = rest.split_first_chunk::<2>()?;
    let rest = rest.get(memchr::memchr(0, rest)? + 1..)?;
    let text = rest.get(memchr::memchr(0, rest)? + 1..)?;
    if flags[0] == 1 {
        unpacked(Some(text))
    } else {
        Some(text.to_vec())
    }
}

/// Comment extensions.
fn gif(content: &[u8]) -> Vec<Named> {
    let mut found = Vec::new();
    for at in memmem::find_iter(content, b"\x21\xfe").take(MOST) {
        let mut text = Vec::new();
        let mut rest = content.get(at + 2..).unwrap_or_default();
        while let Some((&length, after)) = rest.split_first()
            && length > 0
            && let Some((block, after)) = after.split_at_checked(usize::from(length))
        {
            text.extend_from_slice(block);
            rest = after;
        }
        if text.is_ascii() {
            found.push(("GIF comment", text));
        }
    }
    found
}
