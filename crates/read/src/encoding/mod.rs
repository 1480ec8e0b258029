//! Encodings undone: the same functions for every language.
//!
//! Each decoder takes bytes and returns the decoded bytes, or `None` if the input is not of that
//! encoding; all are bounded by the number of bytes they may yield.
//!
//! [`Value::text`](model::Value) is text, but decoding passes through bytes that are not:
//! [`to_text`] and [`to_bytes`] carry them through without loss.

pub mod base32;
pub mod base64;
pub mod base85;
pub mod compression;
pub mod hex;
pub mod percent;
pub mod substitution;
pub mod uuencode;

/// Bytes that are not UTF-8 stand as characters from here on in a text (private use plane 16).
const RAW: u32 = 0x0010_FF00;

/// Bytes as a text that [`to_bytes`] turns back: UTF-8 as it is, any other byte as a private-use
/// character; and so each byte of what would be taken for such a character.
pub fn to_text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        // The characters of plane 16 all begin with this byte.
        if memchr::memchr(0xf4, chunk.valid().as_bytes()).is_none() {
            out.push_str(chunk.valid());
        } else {
            for c in chunk.valid().chars() {
                if u32::from(c) >= RAW {
                    out.extend(c.encode_utf8(&mut [0; 4]).bytes().filter_map(raw));
                } else {
                    out.push(c);
                }
            }
        }
        out.extend(chunk.invalid().iter().copied().filter_map(raw));
    }
    out
}

/// The character that stands for a byte.
fn raw(byte: u8) -> Option<char> {
    char::from_u32(RAW + u32::from(byte))
}

/// The bytes of a text made by [`to_text`], or the UTF-8 of any other.
pub fn to_bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c)
            .checked_sub(RAW)
            .and_then(|raw| u8::try_from(raw).ok())
        {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_survive_as_text() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(to_bytes(&to_text(&all)), all);
        assert_eq!(to_text("é".as_bytes()), "é");
        let last = "a\u{10ff41}\u{10ffff}\u{10fe00}".as_bytes();
        assert_eq!(to_bytes(&to_text(last)), last);
    }
}
