//! Literals of JavaScript source: strings with their escapes, identifiers and numbers.
//!
//! Source: ECMA-262, "String Literals", "Numeric Literals", "Names and Keywords"; its annex B for
//! octal escapes and integers.

use std::borrow::Cow;

use crate::language::script::literal::{self, Integer};
use crate::language::script::syntax::Expression;

/// A string's text with escapes undone. Surrogates in escapes are joined.
pub fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut high: Option<u32> = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let unit = if c == '\\' {
            let (unit, after) = escape(rest);
            rest = after;
            unit
        } else {
            Some(u32::from(c))
        };
        let Some(unit) = unit else { continue };
        match (high.take(), unit) {
            (Some(first), 0xdc00..=0xdfff) => {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (unit - 0xdc00);
                out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            (before, _) => {
                out.extend(before.map(|_| '\u{fffd}'));
                match unit {
                    0xd800..=0xdbff => high = Some(unit),
                    _ => out.push(char::from_u32(unit).unwrap_or('\u{fffd}')),
                }
            }
        }
    }
    out.extend(high.map(|_| '\u{fffd}'));
    out
}

/// The code unit of an escape whose backslash stands before `text`, and what is behind it.
fn escape(text: &str) -> (Option<u32>, &str) {
    let Some(letter) = text.chars().next() else {
        return (None, text);
    };
    let after = &text[letter.len_utf8()..];
    let hex = |text: &str, digits: usize| {
        let number = text.get(..digits)?;
        u32::from_str_radix(number, 16).ok()
    };
    match letter {
        '\n' | '\u{2028}' | '\u{2029}' => (None, after),
        '\r' => (None, after.strip_prefix('\n').unwrap_or(after)),
        'n' => (Some(10), after),
        't' => (Some(9), after),
        'r' => (Some(13), after),
        'b' => (Some(8), after),
        'f' => (Some(12), after),
        'v' => (Some(11), after),
        'x' => match hex(after, 2) {
            Some(code) => (Some(code), &after[2..]),
            None => (Some(u32::from(letter)), after),
        },
        'u' => {
            if let Some((digits, behind)) = after
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'))
            {
                return (u32::from_str_radix(digits, 16).ok(), behind);
            }
            match hex(after, 4) {
                Some(code) => (Some(code), &after[4..]),
                None => (Some(u32::from(letter)), after),
            }
        }
        '0'..='7' => {
            let most = if letter <= '3' { 3 } else { 2 };
            let digits = text
                .bytes()
                .take(most)
                .take_while(|b| (b'0'..=b'7').contains(b))
                .count();
            (
                u32::from_str_radix(&text[..digits], 8).ok(),
                &text[digits..],
            )
        }
        other => (Some(u32::from(other)), after),
    }
}

/// An identifier, which may be written with escapes (`\u0065val`).
pub fn identifier(text: &str) -> Cow<'_, str> {
    match text.contains('\\') {
        true => Cow::Owned(unescape(text)),
        false => Cow::Borrowed(text),
    }
}

/// A number.
pub fn number(text: &str) -> Expression {
    let plain = text.replace('_', "");
    let digits = plain.trim_end_matches('n');
    match literal::integer(digits) {
        Some(Integer::Small(number)) => Expression::Int(number),
        Some(Integer::Big(bytes)) if plain.ends_with('n') => Expression::BigInt(bytes.into()),
        _ => digits
            .parse()
            .map_or(Expression::Unreadable(Vec::new()), float),
    }
}

/// A number that may be whole.
fn float(number: f64) -> Expression {
    match super::coercion::number(number) {
        crate::language::script::object::Object::Int(number) => Expression::Int(number),
        _ => Expression::Float(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescape(r"\x65v\u0061\u{6c}\151\n\q\0"), "evali\nq\0");
        assert_eq!(unescape(r"\ud83d\ude00"), "\u{1f600}");
        assert_eq!(unescape("a\\\r\nb\\"), "ab");
        assert_eq!(unescape(r"\ud83dx"), "\u{fffd}x");
        assert_eq!(identifier(r"\u0065val"), "eval");
    }

    #[test]
    fn numbers_of_all_notations() {
        for (text, expected) in [
            ("0x1F", 31),
            ("1_000", 1000),
            ("0b11", 3),
            ("1e3", 1000),
            ("7n", 7),
        ] {
            assert!(
                matches!(number(text), Expression::Int(n) if n == expected),
                "{text}"
            );
        }
        assert!(matches!(number(".5"), Expression::Float(_)));
    }
}
