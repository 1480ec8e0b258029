//! Base64 (RFC 4648 sections 4 and 5), as tolerant as the decoders of real systems are.

use ::base64::Engine;
use ::base64::alphabet::STANDARD as ALPHABET;
use ::base64::engine::general_purpose::{GeneralPurpose, NO_PAD_INDIFFERENT, STANDARD};

/// Padding is cut off beforehand and bits left over are dropped, as GNU `base64` does.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    NO_PAD_INDIFFERENT.with_decode_allow_trailing_bits(true),
);

/// Characters of a line that `base64` writes.
const LINE: usize = 76;

/// Decodes either alphabet. White space, missing padding and several padded parts one after
/// another are taken; any other character makes it `None`.
pub fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_of_it =
        |byte: &u8| byte.is_ascii_whitespace() || *byte == b'=' || standard_digit(*byte).is_some();
    bytes
        .iter()
        .all(is_of_it)
        .then(|| decode_ignoring_garbage(bytes))?
}

/// Decodes either alphabet and skips what belongs to neither, as `base64 -di` and Python's
/// `b64decode` do. `None` if there is something but nothing of base64 in it.
pub fn decode_ignoring_garbage(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let mut seen = false;
    for part in bytes.split(|&byte| byte == b'=') {
        let mut digits: Vec<u8> = part.iter().copied().filter_map(standard_digit).collect();
        if digits.len() % 4 == 1 {
            digits.pop();
        }
        seen |= !digits.is_empty();
        out.extend(TOLERANT.decode(&digits).ok()?);
    }
    (seen || bytes.trim_ascii().is_empty()).then_some(out)
}

/// The digit of the standard alphabet that stands for `byte` of either.
fn standard_digit(byte: u8) -> Option<u8> {
    match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'+' | b'/' => Some(byte),
        _ => byte.is_ascii_alphanumeric().then_some(byte),
    }
}

/// Encodes in lines of 76 characters, as `base64` prints it.
pub fn encode_lines(bytes: &[u8]) -> String {
    let digits = encode(bytes);
    let mut out = String::with_capacity(digits.len() + digits.len() / LINE + 1);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            out.push('\n');
        }
        out.push(digit);
    }
    out.push('\n');
    out
}

/// Encodes with padding and without line ends.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_real_decoders_take_is_taken() {
        let cases: &[(&str, &str)] = &[
            ("aGVsbG8=", "hello"),
            ("aGVsbG8", "hello"),
            ("aGVs\nbG8=\n", "hello"),
            ("YQ==Yg==", "ab"),
            ("Pz8_Pj4-", "???>>>"),
            ("Pz8/Pj4+", "???>>>"),
            ("", ""),
        ];
        for (encoded, decoded) in cases {
            assert_eq!(
                decode(encoded.as_bytes()).unwrap(),
                decoded.as_bytes(),
                "{encoded}"
            );
        }
        assert_eq!(decode(b"aGVs*bG8="), None);
        assert_eq!(decode_ignoring_garbage(b"aG*Vs bG8=").unwrap(), b"hello");
        assert_eq!(decode_ignoring_garbage(b"***"), None);
    }

    #[test]
    fn encoding_breaks_lines_as_the_program_does() {
        let encoded = encode_lines(&[b'x'; 60]);
        assert_eq!(encoded.lines().next().unwrap().len(), 76);
        assert_eq!(decode(encoded.as_bytes()).unwrap(), [b'x'; 60]);
    }
}
