//! Identifiers: Python compares them after Unicode's NFKC, so `𝒆𝒙𝒆𝒄` and `ｅｘｅｃ` are `exec`.
//!
//! Source: The Python Language Reference, 2.3 "Identifiers and keywords"; Unicode Standard Annex
//! 15. Folded here are the compatibility letters and digits that stand for ASCII ones.

use std::rc::Rc;

/// The name an identifier stands for.
pub fn fold(identifier: &str) -> Rc<str> {
    if identifier.is_ascii() {
        return Rc::from(identifier);
    }
    Rc::from(identifier.chars().map(ascii).collect::<String>())
}

/// Whether a text may hold identifiers that fold to ASCII names: checked by the lead bytes of the
/// blocks (Mathematical Alphanumeric Symbols, Fullwidth Forms, Letterlike Symbols, modifiers).
pub fn may_fold(text: &[u8]) -> bool {
    const BLOCKS: [&[u8]; 8] = [
        b"\xf0\x9d\x90",
        b"\xf0\x9d\x91",
        b"\xf0\x9d\x92",
        b"\xf0\x9d\x93",
        b"\xf0\x9d\x94",
        b"\xf0\x9d\x95",
        b"\xf0\x9d\x96",
        b"\xf0\x9d\x97",
    ];
    const MORE: [&[u8]; 7] = [
        b"\xf0\x9d\x98",
        b"\xf0\x9d\x99",
        b"\xf0\x9d\x9a",
        b"\xef\xbc",
        b"\xef\xbd",
        b"\xe2\x84",
        b"\xe1\xb5",
    ];
    memchr::memchr3(0xf0, 0xef, 0xe2, text).is_some()
        && BLOCKS
            .iter()
            .chain(&MORE)
            .any(|block| memchr::memmem::find(text, block).is_some())
}

/// The ASCII character that a compatibility character stands for, or the character itself.
fn ascii(c: char) -> char {
    let code = u32::from(c);
    let letter = |offset: u32| {
        let base = if offset < 26 { 'A' } else { 'a' };
        char::from_u32(u32::from(base) + offset % 26).unwrap_or(c)
    };
    match code {
        // Thirteen alphabets of 52 letters.
        0x1d400..=0x1d6a3 => letter((code - 0x1d400) % 52),
        // Five rows of ten digits.
        0x1d7ce..=0x1d7ff => char::from_u32(0x30 + (code - 0x1d7ce) % 10).unwrap_or(c),
        0xff10..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        // Letters that the mathematical alphabets leave to older blocks.
        0x2102 | 0x212d => 'C',
        0x210a => 'g',
        0x210b..=0x210d => 'H',
        0x210e | 0x210f => 'h',
        0x2110 | 0x2111 => 'I',
        0x2112 => 'L',
        0x2113 => 'l',
        0x2115 => 'N',
        0x2119 => 'P',
        0x211a => 'Q',
        0x211b..=0x211d => 'R',
        0x2124 | 0x2128 => 'Z',
        0x212c => 'B',
        0x212f => 'e',
        0x2130 => 'E',
        0x2131 => 'F',
        0x2133 => 'M',
        0x2134 => 'o',
        0xaa => 'a',
        0xba => 'o',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compatibility_letters_fold() {
        assert_eq!(&*fold("𝒆𝒙𝒆𝒄"), "exec");
        assert_eq!(&*fold("ｅｖａｌ"), "eval");
        assert_eq!(&*fold("ℯxℯc"), "exec");
        assert_eq!(&*fold("naïve"), "naïve");
        assert!(may_fold("𝓮val".as_bytes()));
        assert!(!may_fold(b"plain"));
    }
}
