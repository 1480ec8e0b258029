//! Literals of texts and numbers.
//!
//! Source: The PHP Manual, "Strings", "Integers", "Floating point numbers". Texts are bytes; those
//! that are no UTF-8 stand in a text as [`encoding`] says.

use crate::encoding;
use crate::language::script::literal::{self, Integer};
use crate::language::script::syntax::Expression;

/// What a text in single quotes holds.
pub fn single(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\\', Some(&escaped @ ('\\' | '\''))) => {
                out.push(escaped);
                rest.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// What a text in double quotes (or, with `quote` false, of a heredoc) holds.
pub fn double(raw: &str, quote: bool) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.extend(encoding::to_bytes(before));
        let taken = escaped(escape, quote, &mut out);
        rest = escape.get(taken..).unwrap_or_default();
    }
    out.extend(encoding::to_bytes(rest));
    encoding::to_text(&out)
}

/// One escape: what it stands for goes to `out`; returns its length.
fn escaped(escape: &str, quote: bool, out: &mut Vec<u8>) -> usize {
    let bytes = escape.as_bytes();
    let byte = match bytes.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'v') => 0x0b,
        Some(b'e') => 0x1b,
        Some(b'f') => 0x0c,
        Some(b'\\') => b'\\',
        Some(b'$') => b'$',
        Some(b'"') if quote => b'"',
        Some(b'`') if quote => b'`',
        Some(b'0'..=b'7') => return coded(escape, 1, 3, 8, out),
        Some(b'x' | b'X') if bytes.get(2).is_some_and(u8::is_ascii_hexdigit) => {
            return coded(escape, 2, 2, 16, out);
        }
        Some(b'u') if bytes.get(2) == Some(&b'{') => {
            let digits = escape.get(3..).and_then(|rest| rest.split_once('}'));
            let c = digits
                .and_then(|(digits, _)| u32::from_str_radix(digits, 16).ok())
                .and_then(char::from_u32);
            if let (Some((digits, _)), Some(c)) = (digits, c) {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return digits.len() + 4;
            }
            b'\\'
        }
        _ => {
            out.push(b'\\');
            return 1;
        }
    };
    out.push(byte);
    if byte == b'\\' && bytes.get(1) != Some(&b'\\') {
        return 1;
    }
    2
}

/// An escape of digits, of which there are at most `most` behind `from` bytes.
fn coded(escape: &str, from: usize, most: usize, base: u32, out: &mut Vec<u8>) -> usize {
    let digits = escape.bytes().skip(from).take(most);
    let length = digits
        .take_while(|&digit| char::from(digit).is_digit(base))
        .count();
    let digits = escape.get(from..from + length).unwrap_or_default();
    let code = u32::from_str_radix(digits, base).unwrap_or(0);
    // Octal codes beyond a byte wrap around.
    out.extend(code.to_le_bytes().first());
    from + length
}

/// A number.
pub fn number(source: &str) -> Expression {
    let plain = source.replace('_', "").to_ascii_lowercase();
    let (digits, base) = match plain.get(..2) {
        Some("0x") => (plain.get(2..).unwrap_or_default(), 16),
        Some("0b") => (plain.get(2..).unwrap_or_default(), 2),
        Some("0o") => (plain.get(2..).unwrap_or_default(), 8),
        _ if plain.len() > 1
            && plain.starts_with('0')
            && plain.bytes().all(|b| b.is_ascii_digit()) =>
        {
            (plain.get(1..).unwrap_or_default(), 8)
        }
        _ => (plain.as_str(), 10),
    };
    if let Some(Integer::Small(number)) = literal::parse(digits, base) {
        return Expression::Int(number);
    }
    plain
        .parse()
        .map_or(Expression::Unreadable(Vec::new()), Expression::Float)
}

/// Takes as many leading blanks off each line as the closing mark of a heredoc has.
pub fn unindented(text: &str, blanks: usize, at_line_start: bool) -> String {
    if blanks == 0 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let strips = at > 0 || at_line_start;
        let held = line
            .bytes()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        let cut = if strips { held.min(blanks) } else { 0 };
        out.push_str(line.get(cut..).unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_bytes() {
        assert_eq!(double(r"\x73\171\163\x74em", true), "system");
        assert_eq!(double(r"a\n\$b\q\u{41}", true), "a\n$b\\qA");
        assert_eq!(double(r#"\""#, false), r#"\""#);
        assert_eq!(encoding::to_bytes(&double(r"\xff\xfe", true)), [0xff, 0xfe]);
        assert_eq!(single(r"a\'b\\c\n"), r"a'b\c\n");
    }

    #[test]
    fn numbers_have_their_bases() {
        for (source, number) in [("0x1F", 31), ("017", 15), ("0b11", 3), ("1_000", 1000)] {
            assert!(matches!(super::number(source), Expression::Int(n) if n == number));
        }
    }
}
