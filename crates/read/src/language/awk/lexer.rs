//! Tokens of awk.
//!
//! Source: POSIX.1-2017, "awk", grammar and lexical conventions; the GNU awk manual for `|&`,
//! `**`, `@` and its escapes.

use std::ops::Range;

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Line, from 1.
    pub line: u32,
    /// Bytes of the text.
    pub source: Range<usize>,
}

/// Kinds of tokens.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The end of a line that ends a statement.
    Newline,
    /// A number.
    Number(f64),
    /// A string, its escapes undone.
    Text(String),
    /// A regular expression, as written.
    Regex(String),
    /// A name or keyword.
    Name(String),
    /// A name with `(` directly behind it (which is its own token still).
    Called(String),
    /// An operator or other punctuation.
    Mark(&'static str),
}

/// Longest first, so that `>>` is not two `>`.
const MARKS: &[&str] = &[
    "**=", "&&", "||", "|&", "==", "!=", "<=", ">=", "!~", "++", "--", "+=", "-=", "*=", "/=",
    "%=", "^=", ">>", "**", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^",
    "!", ">", "<", "|", "?", ":", "~", "$", "=", "@", "&",
];

/// The tokens of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        at: 0,
        line: 1,
        tokens: Vec::new(),
    };
    while lexer.step() {}
    lexer.tokens
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    tokens: Vec<Token>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let source = self.at..self.at + length;
        self.tokens.push(Token {
            kind,
            line: self.line,
            source,
        });
        self.at += length;
    }

    /// Takes one token; `false` at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return false;
        };
        match first {
            '\n' => {
                self.push(Kind::Newline, 1);
                self.line += 1;
            }
            '\\' if rest.starts_with("\\\n") || rest.starts_with("\\\r\n") => {
                self.at += rest.find('\n').map_or(1, |at| at + 1);
                self.line += 1;
            }
            '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
            '"' => {
                let (text, length) = string(rest);
                self.push(Kind::Text(text), length);
            }
            '/' if self.regex_may_stand() && regex(rest).is_some() => {
                let length = regex(rest).unwrap_or(1);
                let inner = rest.get(1..length - 1).unwrap_or_default().to_owned();
                self.push(Kind::Regex(inner), length);
            }
            c if c.is_ascii_digit() || c == '.' && starts_number(rest) => self.number(),
            c if c == '_' || c.is_ascii_alphabetic() => {
                let end = rest
                    .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
                    .unwrap_or(rest.len());
                let name = rest[..end].to_owned();
                let kind = if rest[end..].starts_with('(') {
                    Kind::Called(name)
                } else {
                    Kind::Name(name)
                };
                self.push(kind, end);
            }
            c => match MARKS.iter().find(|mark| rest.starts_with(**mark)) {
                Some(mark) => self.push(Kind::Mark(mark), mark.len()),
                None => self.at += c.len_utf8(),
            },
        }
        true
    }

    /// Whether a slash begins a regular expression here: not behind an operand.
    fn regex_may_stand(&self) -> bool {
        match self.tokens.last().map(|token| &token.kind) {
            Some(Kind::Number(_) | Kind::Text(_) | Kind::Regex(_)) => false,
            Some(Kind::Name(name)) => {
                ["print", "printf", "return", "in", "else", "do"].contains(&name.as_str())
            }
            Some(Kind::Mark(mark)) => ![")", "]", "$", "++", "--"].contains(mark),
            _ => true,
        }
    }

    fn number(&mut self) {
        let rest = self.rest();
        if let Some(digits) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
            let end = digits
                .find(|c: char| !c.is_ascii_hexdigit())
                .unwrap_or(digits.len());
            #[allow(clippy::cast_precision_loss, reason = "as awk does")]
            let number = u64::from_str_radix(&digits[..end], 16).unwrap_or(0) as f64;
            self.push(Kind::Number(number), end + 2);
            return;
        }
        let plain = |text: &str| {
            text.find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len())
        };
        let mut end = plain(rest);
        if rest[end..].starts_with('.') {
            end += 1 + plain(&rest[end + 1..]);
        }
        if let Some(exponent) = rest[end..].strip_prefix(['e', 'E']) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            let digits = plain(&exponent[sign..]);
            if digits > 0 {
                end += 1 + sign + digits;
            }
        }
        self.push(Kind::Number(rest[..end].parse().unwrap_or(0.0)), end);
    }
}

fn starts_number(rest: &str) -> bool {
    rest[1..].starts_with(|c: char| c.is_ascii_digit())
}

/// A string at the start of `rest` and its length with quotes; one that is not closed ends with
/// the text.
fn string(rest: &str) -> (String, usize) {
    let mut text = Vec::new();
    let bytes = rest.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => return (crate::encoding::to_text(&text), at),
            b'\\' => at += escape(&bytes[at..], &mut text),
            _ => text.push(byte),
        }
    }
    (crate::encoding::to_text(&text), bytes.len())
}

/// Undoes the escape whose letters `rest` starts with; how many they are.
fn escape(rest: &[u8], text: &mut Vec<u8>) -> usize {
    let digits = |from: usize, most: usize, radix: u32| {
        let digits = rest
            .iter()
            .skip(from)
            .take(most)
            .take_while(|b| char::from(**b).is_digit(radix))
            .count();
        let value = rest[from..from + digits]
            .iter()
            .filter_map(|b| char::from(*b).to_digit(radix))
            .fold(0_u32, |sum, digit| sum * radix + digit);
        (digits, u8::try_from(value & 0xff).unwrap_or(0))
    };
    let Some(&letter) = rest.first() else {
        return 0;
    };
    let plain = match letter {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'v' => 11,
        b'\n' => return 1,
        b'0'..=b'7' => {
            let (length, byte) = digits(0, 3, 8);
            text.push(byte);
            return length;
        }
        b'x' => {
            let (length, byte) = digits(1, 2, 16);
            if length > 0 {
                text.push(byte);
                return 1 + length;
            }
            b'x'
        }
        other => other,
    };
    text.push(plain);
    1
}

/// Length of the regular expression at the start of `rest`, slashes included; `None` if the line
/// does not close it.
fn regex(rest: &str) -> Option<usize> {
    let (mut escaped, mut in_class) = (false, false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return Some(at + 1),
            _ => {}
        }
    }
    None
}
