//! The tokens of a Python program that rewritings touch: names and plain strings.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name or keyword.
    Name,
    /// A string without prefix, escapes or line ends, in single quotes of one or the other kind.
    Plain,
    /// Another string.
    Text,
    /// Anything else but white space.
    Other,
}

/// A token.
#[derive(Debug, Clone)]
pub struct Token {
    /// What.
    pub kind: Kind,
    /// Where.
    pub range: Range<usize>,
    /// How deep in brackets.
    pub depth: usize,
    /// Whether it is the first of its line.
    pub first: bool,
}

/// All tokens.
pub fn of(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let (mut at, mut depth, mut first) = (0, 0_usize, true);
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let kind = match byte {
            b'\n' => {
                at += 1;
                first = depth == 0;
                continue;
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'#' => {
                at = bytes[at..]
                    .iter()
                    .position(|b| *b == b'\n')
                    .map_or(bytes.len(), |n| at + n);
                continue;
            }
            b'\'' | b'"' => {
                at = string_end(bytes, at);
                let inner = text
                    .get(start + 1..at.saturating_sub(1))
                    .unwrap_or_default();
                let is_plain = !inner.contains(['\\', '\n']) && !inner.contains(byte as char);
                if is_plain { Kind::Plain } else { Kind::Text }
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                while bytes
                    .get(at)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
                {
                    at += 1;
                }
                let is_prefix = matches!(bytes.get(at), Some(b'\'' | b'"')) && at - start <= 2;
                if is_prefix {
                    at = string_end(bytes, at);
                    Kind::Text
                } else {
                    Kind::Name
                }
            }
            _ => {
                match byte {
                    b'(' | b'[' | b'{' => depth += 1,
                    b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                at += 1;
                Kind::Other
            }
        };
        if at > text.len() || !text.is_char_boundary(at) {
            break;
        }
        tokens.push(Token {
            kind,
            range: start..at,
            depth,
            first,
        });
        first = false;
    }
    tokens
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let triple = bytes
        .get(at..at + 3)
        .is_some_and(|three| three.iter().all(|b| *b == quote));
    let mut end = at + if triple { 3 } else { 1 };
    while let Some(&byte) = bytes.get(end) {
        if byte == b'\\' {
            end += 2;
        } else if !triple && byte == quote {
            return end + 1;
        } else if triple
            && bytes
                .get(end..end + 3)
                .is_some_and(|three| three.iter().all(|b| *b == quote))
        {
            return end + 3;
        } else {
            end += 1;
        }
    }
    bytes.len()
}

/// The text with some tokens replaced.
pub fn replaced(
    text: &str,
    tokens: &[Token],
    mut new: impl FnMut(usize, &str) -> Option<String>,
) -> String {
    let mut result = String::new();
    let mut done = 0;
    for (at, token) in tokens.iter().enumerate() {
        if let Some(new) = new(at, &text[token.range.clone()]) {
            result.push_str(&text[done..token.range.start]);
            result.push_str(&new);
            done = token.range.end;
        }
    }
    result.push_str(&text[done..]);
    result
}
