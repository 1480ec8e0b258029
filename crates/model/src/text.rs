//! Text from outside made safe to keep and to print.

/// Longest evidence a fact carries, in bytes.
pub const EVIDENCE_BYTES: usize = 512;

/// `text` cut to at most `limit` bytes at a character border, with `…` if anything was cut.
pub fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit.saturating_sub('…'.len_utf8()));
    format!("{}…", &text[..end])
}

/// Evidence of `text`: trimmed and cut to [`EVIDENCE_BYTES`].
pub fn evidence(text: &str) -> String {
    cut(text.trim(), EVIDENCE_BYTES)
}

/// Bytes from outside as printable text: control characters, invalid UTF-8 and bidirectional
/// overrides are written as escapes, so that no name in an image can drive a terminal or a page.
pub fn printable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_unsafe(c) {
                out.extend(c.escape_unicode());
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Whether `c` could change what a reader sees: controls and invisible formatting characters.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_cannot_reach_the_terminal() {
        assert_eq!(printable(b"a\x1b[31m\n\xffb"), "a\\u{1b}[31m\\u{a}\\xffb");
        assert_eq!(printable("x\u{202e}y é".as_bytes()), "x\\u{202e}y é");
    }

    #[test]
    fn cutting_keeps_characters_whole() {
        assert_eq!(cut("ééééé", 7), "éé…");
        assert_eq!(cut("abc", 3), "abc");
    }
}
