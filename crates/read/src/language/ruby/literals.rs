//! Strings of Ruby source.
//!
//! Source: the documentation of Ruby, "Literals": double-quoted and single-quoted strings,
//! here-documents.

use crate::language::script::literal;

/// How a string is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Escapes are undone.
    Double,
    /// Only backslashes and quotes may be escaped.
    Single,
    /// Nothing is.
    Raw,
}

/// The text of an escape sequence.
pub fn escape(text: &str, kind: Kind) -> String {
    match kind {
        Kind::Double => unescape(text),
        Kind::Single => single(text),
        Kind::Raw => text.to_owned(),
    }
}

/// A text with the escapes of double quotes undone.
pub fn unescape(text: &str) -> String {
    if let Some(codes) = text
        .strip_prefix("\\u{")
        .and_then(|rest| rest.strip_suffix('}'))
    {
        let codes = codes.split_whitespace();
        let characters = codes.filter_map(|code| u32::from_str_radix(code, 16).ok());
        return characters.filter_map(char::from_u32).collect();
    }
    match text {
        "\\e" => "\u{1b}".to_owned(),
        "\\s" => " ".to_owned(),
        "\\\n" => String::new(),
        _ => {
            let plain = literal::unescape(text, false);
            match plain == text {
                true => text.strip_prefix('\\').unwrap_or(text).to_owned(),
                false => plain,
            }
        }
    }
}

/// A text with the escapes of single quotes undone.
pub fn single(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    text.replace("\\\\", "\u{0}")
        .replace("\\'", "'")
        .replace('\u{0}', "\\")
}

/// A here-document without the indentation that all its lines have.
pub fn dedent(text: &str) -> String {
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let least = lines.map(|line| indent(&line)).min().unwrap_or(0);
    let cut = |line: &str| {
        line.get(least.min(indent(&line))..)
            .unwrap_or_default()
            .to_owned()
    };
    let mut whole: Vec<String> = text.lines().map(cut).collect();
    if text.ends_with('\n') {
        whole.push(String::new());
    }
    whole.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_by_the_kind_of_quotes() {
        assert_eq!(escape("\\x41", Kind::Double), "A");
        assert_eq!(escape("\\u{41 42}", Kind::Double), "AB");
        assert_eq!(escape("\\101", Kind::Double), "A");
        assert_eq!(escape("\\q", Kind::Double), "q");
        assert_eq!(single("a\\'b\\\\n"), "a'b\\n");
        assert_eq!(dedent("  a\n    b\n\n"), "a\n  b\n\n");
    }
}
