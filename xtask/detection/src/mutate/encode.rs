//! Encodings that the rewritings wrap texts in.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// base64.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Hex digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `\x41`, as `printf` and many languages read it.
pub fn hex_escapes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect()
}

/// `\101`.
pub fn octal_escapes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:03o}")).collect()
}

/// base32 (RFC 4648, section 6).
pub fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for piece in bytes.chunks(5) {
        let mut bits = 0_u64;
        for at in 0..5 {
            bits = bits << 8 | u64::from(piece.get(at).copied().unwrap_or(0));
        }
        let digits = (piece.len() * 8).div_ceil(5);
        for at in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or_default();
            text.push(if at < digits {
                char::from(DIGITS[digit])
            } else {
                '='
            });
        }
    }
    text
}

/// Letters turned by 13 places.
pub fn rot13(text: &str) -> String {
    let turn = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from_u32(c as u32 + 13).unwrap_or(c),
        'n'..='z' | 'N'..='Z' => char::from_u32(c as u32 - 13).unwrap_or(c),
        _ => c,
    };
    text.chars().map(turn).collect()
}

/// Each line back to front, as `rev` undoes it.
pub fn reversed_lines(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.chars().rev().collect::<String>());
    lines.collect::<Vec<_>>().join("\n")
}

/// Back to front.
pub fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    written(encoder.write_all(bytes));
    encoder.finish().unwrap_or_default()
}

/// zlib.
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    written(encoder.write_all(bytes));
    encoder.finish().unwrap_or_default()
}

/// Raw deflate.
pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    written(encoder.write_all(bytes));
    encoder.finish().unwrap_or_default()
}

/// bzip2.
pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    written(encoder.write_all(bytes));
    encoder.finish().unwrap_or_default()
}

/// xz.
pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 6);
    written(encoder.write_all(bytes));
    encoder.finish().unwrap_or_default()
}

/// Writing to memory does not fail; were it to, the rewriting would be empty and missed, and seen.
fn written(result: std::io::Result<()>) {
    if let Err(error) = result {
        eprintln!("encoding failed: {error}");
    }
}

/// A text in single quotes of a POSIX shell.
pub fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_those_of_the_tools() {
        assert_eq!(base32(b"id\n"), "NFSAU===");
        assert_eq!(rot13("curl Z"), "phey M");
        assert_eq!(octal_escapes(b"sh"), "\\163\\150");
        assert_eq!(shell_quoted("it's"), "'it'\\''s'");
    }
}
