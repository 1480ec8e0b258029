//! The escapes of `$'…'` (XCU 2.2.4, bash manual 3.1.2.4).

use std::iter::Peekable;
use std::str::Chars;

use crate::encoding::to_text;

/// What `$'text'` stands for.
pub fn undo(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            push(&mut out, c);
            continue;
        }
        let Some(kind) = rest.next() else {
            out.push(b'\\');
            break;
        };
        match kind {
            'a' => out.push(7),
            'b' => out.push(8),
            'e' | 'E' => out.push(27),
            'f' => out.push(12),
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            'v' => out.push(11),
            '\\' | '\'' | '"' | '?' => push(&mut out, kind),
            'x' => match number(&mut rest, 16, 2, 0) {
                Some(code) => out.push(low_byte(code)),
                None => out.extend_from_slice(b"\\x"),
            },
            'u' | 'U' => {
                let digits = if kind == 'u' { 4 } else { 8 };
                match number(&mut rest, 16, digits, 0).and_then(char::from_u32) {
                    Some(c) => push(&mut out, c),
                    None => push(&mut out, kind),
                }
            }
            'c' => {
                if let Some(c) = rest.next() {
                    out.push(low_byte(u32::from(c)) & 0x1f);
                }
            }
            '0'..='7' => {
                let first = kind.to_digit(8).unwrap_or_default();
                let code = number(&mut rest, 8, 2, first).unwrap_or(first);
                out.push(low_byte(code));
            }
            other => {
                out.push(b'\\');
                push(&mut out, other);
            }
        }
    }
    to_text(&out)
}

fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(&crate::encoding::to_bytes(c.encode_utf8(&mut [0; 4])));
}

fn low_byte(code: u32) -> u8 {
    u8::try_from(code & 0xff).unwrap_or_default()
}

/// Up to `most` digits behind those that make `first`; `None` if there is none.
fn number(rest: &mut Peekable<Chars>, radix: u32, most: usize, first: u32) -> Option<u32> {
    let mut code = first;
    let mut any = false;
    for _ in 0..most {
        let Some(digit) = rest.peek().and_then(|c| c.to_digit(radix)) else {
            break;
        };
        code = code.saturating_mul(radix).saturating_add(digit);
        any = true;
        rest.next();
    }
    any.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::undo;

    #[test]
    fn escapes_are_undone() {
        let table = [
            (r"\x6e\x63", "nc"),
            (r"\142\141\163\150", "bash"),
            (r"a\tb\n", "a\tb\n"),
            (r"\u0063at", "cat"),
            (r"it\'s", "it's"),
            (r"\q\", "\\q\\"),
            (r"\xc3\xa9", "é"),
        ];
        for (text, expected) in table {
            assert_eq!(undo(text), expected, "{text}");
        }
    }
}
