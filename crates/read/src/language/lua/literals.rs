//! Literals of Lua source.
//!
//! Source: The Lua 5.4 Reference Manual, 3.1 "Lexical Conventions".

use crate::language::script::syntax::Expression;

/// The text of a string, quoted or in long brackets.
pub fn string(text: &str) -> String {
    if let Some(rest) = text.strip_prefix('[') {
        let level = rest.bytes().take_while(|&byte| byte == b'=').count();
        let inner = text.get(level + 2..text.len().saturating_sub(level + 2));
        let inner = inner.unwrap_or_default();
        let inner = inner.strip_prefix("\r\n").unwrap_or(inner);
        return inner.strip_prefix('\n').unwrap_or(inner).to_owned();
    }
    let inner = text
        .get(1..text.len().saturating_sub(1))
        .unwrap_or_default();
    unescape(inner)
}

/// A text with escapes undone; bytes are characters below 256.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(letter) = rest.chars().next() else {
            break;
        };
        let after = &rest[letter.len_utf8()..];
        rest = after;
        match letter {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            'z' => rest = after.trim_start(),
            'x' => {
                let code = after
                    .get(..2)
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok());
                if let Some(code) = code {
                    out.push(char::from(code));
                    rest = &after[2..];
                }
            }
            'u' => {
                if let Some((digits, behind)) =
                    after.strip_prefix('{').and_then(|r| r.split_once('}'))
                {
                    let code = u32::from_str_radix(digits, 16).ok();
                    out.extend(code.and_then(char::from_u32));
                    rest = behind;
                }
            }
            '0'..='9' => {
                let whole = format!("{letter}{after}");
                let digits: String = whole
                    .chars()
                    .take(3)
                    .take_while(char::is_ascii_digit)
                    .collect();
                if let Ok(code) = digits.parse::<u8>() {
                    out.push(char::from(code));
                }
                rest = &after[digits.len() - 1..];
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
    out
}

/// A number.
pub fn number(text: &str) -> Expression {
    let plain = text.trim_end_matches(['U', 'L', 'u', 'l', 'i']);
    let lower = plain.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return i128::from_str_radix(digits, 16)
            .map_or(Expression::Unreadable(Vec::new()), Expression::Int);
    }
    if let Ok(number) = lower.parse::<i128>() {
        return Expression::Int(number);
    }
    lower
        .parse()
        .map_or(Expression::Unreadable(Vec::new()), Expression::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_all_kinds() {
        assert_eq!(string(r#""\104\x69\u{41}\n\z   x\9""#), "hiA\nx\t");
        assert_eq!(string("[==[\na]]b]==]"), "a]]b");
        assert_eq!(string("'it\\'s'"), "it's");
    }
}
