//! Text that is one encoded blob: base64, hexadecimal, base32, base85, percent, uuencode, rot13,
//! reversed.
//!
//! Much that is honest is kept this way (certificates, pictures, test data). What a blob yields is
//! read only if it is something: a program, an archive, code, or another blob.

use model::ContentKind;

use super::keyed;
use crate::artifact::{Artifact, Member, Reader};
use crate::encoding::{base32, base64, base85, hex, percent, substitution, uuencode};
use crate::{guess, kind};

/// Shortest blob: shorter ones are identifiers and digests.
const SHORTEST: usize = 64;

/// Shortest text that is looked at as reversed or turned: its own words tell it.
const SHORTEST_TEXT: usize = 16;

/// Shortest line of a blob behind a script, but for its last.
const SHORTEST_LINE: usize = 40;

/// Most blobs inside one another that are tried to tell whether there is something in them.
const NESTING: usize = 4;

/// Bytes from which the alphabet is told.
const HEAD: usize = 256;

/// Words of code in rot13: `import `, `exec(`, `eval(`, `/bin/`, `/dev/tcp`, `curl `, `wget `,
/// `bash`.
const TURNED: &[&str] = &[
    "vzcbeg ", "rkrp(", "riny(", "/ova/", "/qri/gpc", "phey ", "jtrg ", "onfu",
];

/// A way of encoding: its name, and the decoder.
type Way = (&'static str, fn(&[u8]) -> Option<Vec<u8>>);

/// Reads what a text decodes to, if it is a blob as a whole; `true` if it is.
pub fn open(reader: &mut Reader, artifact: &Artifact) -> bool {
    let text = artifact.content.trim_ascii();
    let Some((name, decoded)) = decode(text) else {
        return false;
    };
    reader.decoded(&Member::new(*b"", artifact.further(name)), decoded);
    true
}

/// Reads a blob that follows the text of a script, or stands in it with uuencode's marks.
pub fn behind(reader: &mut Reader, artifact: &Artifact) {
    let content = artifact.content;
    let uuencoded = memchr::memmem::find_iter(content, b"\nbegin ")
        .find_map(|at| uuencoded(content.get(at + 1..).unwrap_or_default()));
    let found = uuencoded.map(|decoded| ("uuencode", decoded)).or_else(|| {
        let at = tail(content);
        decode(content.get(at..).unwrap_or_default().trim_ascii())
    });
    if let Some((name, decoded)) = found {
        let mut steps = artifact.further("after the script");
        steps.push(model::Step::new(name));
        reader.decoded(&Member::new(*b"", steps), decoded);
    }
}

/// Where the lines of a blob begin that end a text: its length if there are none.
fn tail(content: &[u8]) -> usize {
    let end = content.trim_ascii_end().len();
    let mut start = end;
    let mut last = true;
    while let Some(text) = content.get(..start) {
        let line_at = memchr::memrchr(b'\n', text).map_or(0, |at| at + 1);
        let line = text.get(line_at..).unwrap_or_default().trim_ascii();
        let is_of_it = line
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=-_".contains(b));
        if !is_of_it || line.is_empty() || line.len() < SHORTEST_LINE && !last || line_at == 0 {
            // The line break before the lines that are.
            let first = start.min(end);
            return if last { content.len() } else { first };
        }
        last = false;
        start = line_at - 1;
    }
    content.len()
}

/// What a blob decodes to, if that is something.
pub fn decode(text: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    decode_inside(text, 0)
}

fn decode_inside(text: &[u8], nesting: usize) -> Option<(&'static str, Vec<u8>)> {
    if nesting > NESTING {
        return None;
    }
    if text.len() < SHORTEST_TEXT {
        return None;
    }
    let head = text.get(..HEAD.min(text.len())).unwrap_or(text);
    let mut ways: Vec<Way> = Vec::new();
    if text.len() >= SHORTEST {
        alphabets(text, head, &mut ways);
    }
    if text.ends_with(b"!#") {
        ways.push(("reversed", |text| {
            Some(text.iter().rev().copied().collect())
        }));
    }
    if kind::has_any(head, TURNED) {
        ways.push(("rot13", rot13));
    }
    ways.into_iter().find_map(|(name, decode)| {
        let decoded = decode(text)?;
        (decoded != text && holds_something(&decoded, nesting + 1)).then_some((name, decoded))
    })
}

/// The encodings whose alphabet a text is written in.
fn alphabets(text: &[u8], head: &[u8], ways: &mut Vec<Way>) {
    let all = |is: fn(&u8) -> bool| head.iter().all(is) && text.iter().all(is);
    let blank = |b: &u8| b.is_ascii_whitespace();
    if all(|b| b.is_ascii_hexdigit() || b.is_ascii_whitespace() || b"\\x,:".contains(b)) {
        ways.push(("hex", hex::decode));
    }
    if all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7' | b'=') || b.is_ascii_whitespace()) {
        ways.push(("base32", base32::decode));
    }
    if all(|b| b.is_ascii_alphanumeric() || b.is_ascii_whitespace() || b"+/=-_".contains(b)) {
        ways.push(if text.starts_with(b"=") {
            ("reversed base64", reversed_base64)
        } else {
            ("base64", base64::decode)
        });
    } else if text.starts_with(b"data:") {
        ways.push(("base64", data_url));
    } else if text.starts_with(b"begin ") {
        ways.push(("uuencode", uuencoded));
    } else if text.starts_with(b"<~") {
        ways.push(("ascii85", base85::a85));
    } else if !head.iter().any(blank) {
        ways.push(("base85", base85::b85));
        ways.push(("ascii85", base85::a85));
    }
    if memchr::memchr_iter(b'%', head).count() * 4 > head.len() {
        ways.push(("percent", |text| Some(percent::decode(text, false))));
    }
}

/// Whether what was decoded is worth reading.
pub fn is_something(content: &[u8]) -> bool {
    holds_something(content, 0)
}

fn holds_something(content: &[u8], nesting: usize) -> bool {
    let kind = kind::of_content(content);
    if kind.is_program() || kind::is_packed(kind) {
        return true;
    }
    match kind {
        ContentKind::Pyc => true,
        ContentKind::Text => {
            let text = String::from_utf8_lossy(content);
            guess::language(&text).is_some()
                || crate::language::of_whole(&text).is_some()
                || decode_inside(content.trim_ascii(), nesting).is_some()
                || keyed::find(content).is_some()
        }
        ContentKind::Data => keyed::find(content).is_some(),
        _ => false,
    }
}

fn reversed_base64(text: &[u8]) -> Option<Vec<u8>> {
    let turned: Vec<u8> = text.iter().rev().copied().collect();
    base64::decode(&turned)
}

fn data_url(text: &[u8]) -> Option<Vec<u8>> {
    let head = text.get(..HEAD.min(text.len()))?;
    let at = memchr::memmem::find(head, b";base64,")?;
    base64::decode(text.get(at + 8..)?)
}

fn uuencoded(text: &[u8]) -> Option<Vec<u8>> {
    let mode = text.get(6..9)?;
    if !mode.iter().all(|b| (b'0'..=b'7').contains(b)) || text.get(9) != Some(&b' ') {
        return None;
    }
    uuencode::decode(std::str::from_utf8(text).ok()?)
}

fn rot13(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    Some(substitution::rotate_letters(text, 13).into_bytes())
}
