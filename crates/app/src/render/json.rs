//! JSON for programs: pretty-printed, in the order of the fields, ending in a line feed.

use std::fmt::Write;

use anyhow::Context;
use model::text::is_unsafe;
use serde::Serialize;

/// Renders any value.
pub fn render(value: &impl Serialize) -> anyhow::Result<String> {
    let text = serde_json::to_string_pretty(value).context("writing JSON")?;
    Ok(escape(&text))
}

/// Writes every character that could change what a reader of the raw text sees as an escape.
///
/// Outside strings JSON of the serializer holds only ASCII and line feeds, so what is replaced
/// stands inside a string and keeps its meaning.
fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if c != '\n' && is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_text_is_harmless_and_means_the_same() {
        let hostile = "a\u{1b}[31m\u{9b}31m\u{202e}\u{7f}\u{e0041}\n\"\\é";
        let text = render(&serde_json::json!({ "x": hostile })).unwrap();
        assert!(text.ends_with("}\n"));
        assert!(
            !text.trim_end().chars().any(|c| c != '\n' && is_unsafe(c)),
            "{text}"
        );
        let back: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["x"], hostile);
    }

    #[test]
    fn the_same_document_gives_the_same_bytes() {
        let render = || render(&crate::samples::document()).unwrap();
        assert_eq!(render(), render());
    }
}
