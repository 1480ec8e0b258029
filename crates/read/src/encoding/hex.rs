//! Hexadecimal: plain, with separators, with `\x` or `0x`, and `xxd`'s dump.

/// Decodes digits; white space, `:`, `,`, `\x` and `0x` between them are skipped. `None` if
/// anything else stands there. An odd last digit is dropped, as `xxd -r -p` does.
pub fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut digits = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        if let Some(after) = ["\\x", "\\X", "0x", "0X"]
            .iter()
            .find_map(|mark| rest.strip_prefix(mark.as_bytes()))
            && digits.len() % 2 == 0
        {
            rest = after;
            continue;
        }
        rest = after;
        match digit(byte) {
            Some(value) => digits.push(value),
            None if byte.is_ascii_whitespace() || b":,".contains(&byte) => {}
            None => return None,
        }
    }
    Some(pairs(&digits))
}

/// Undoes `xxd`'s dump (`00000000: 6865 6c6c 6f  hello`): the digits between the colon and two
/// spaces. The offsets are not followed.
pub fn dump(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (_, columns) = line.split_once(':')?;
        let columns = columns.strip_prefix(' ').unwrap_or(columns);
        let columns = columns.split("  ").next().unwrap_or(columns);
        let digits: Vec<u8> = columns.bytes().filter_map(digit).collect();
        out.extend(pairs(&digits));
    }
    Some(out)
}

/// Encodes, in lower case.
pub fn encode(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn pairs(digits: &[u8]) -> Vec<u8> {
    let (pairs, _) = digits.as_chunks::<2>();
    pairs.iter().map(|[high, low]| high << 4 | low).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_hexadecimal_is_written() {
        for text in [
            "68656c6c6f",
            "68 65 6C\n6c 6f",
            "\\x68\\x65\\x6c\\x6c\\x6f",
            "0x68,0x65,0x6c,0x6c,0x6f",
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap(), b"hello", "{text}");
        }
        assert_eq!(decode(b"680"), Some(b"h".to_vec()));
        assert_eq!(decode(b"xyz"), None);
        assert_eq!(
            dump("00000000: 6865 6c6c 6f0a            hello.\n").unwrap(),
            b"hello\n"
        );
        assert_eq!(encode(b"hi\xff"), "6869ff");
    }
}
