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
/// character.
pub fn to_text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(
            chunk
                .invalid()
                .iter()
                .filter_map(|&byte| char::from_u32(RAW + u32::from(byte))),
        );
    }
    out
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
    }
}
