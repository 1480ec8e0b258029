//! Base32 (RFC 4648 section 6), either case, with or without padding.

/// Decodes; white space and padding are skipped, anything else makes it `None`.
pub fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() / 8 * 5);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for &byte in bytes {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a',
            b'2'..=b'7' => byte - b'2' + 26,
            b'=' => continue,
            _ if byte.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(digit)) & 0xfff;
        held += 5;
        if held >= 8 {
            held -= 8;
            out.extend(u8::try_from(bits >> held & 0xff));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_examples_of_the_rfc() {
        let decode = |text: &str| super::decode(text.as_bytes());
        assert_eq!(decode("MZXW6YTBOI======").unwrap(), b"foobar");
        assert_eq!(decode("mzxw6ytb\n").unwrap(), b"fooba");
        assert_eq!(decode("MZXW6===").unwrap(), b"foo");
        assert_eq!(decode("M1"), None);
    }
}
