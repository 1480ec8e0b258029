//! Base85 in its two living forms: Python's `b85` (RFC 1924's digits) and Adobe's Ascii85.

/// Digits of RFC 1924 in order.
const DIGITS: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// Decodes `base64.b85encode`'s form.
pub fn b85(bytes: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = bytes
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| {
            let at = DIGITS.iter().position(|digit| digit == byte)?;
            u8::try_from(at).ok()
        })
        .collect();
    groups(&digits?)
}

/// Decodes Ascii85, with or without `<~ ~>`; `z` stands for four zero bytes, `y` for four spaces.
pub fn a85(bytes: &[u8]) -> Option<Vec<u8>> {
    let inner = bytes.trim_ascii();
    let inner = inner.strip_prefix(b"<~").unwrap_or(inner);
    let inner = inner.strip_suffix(b"~>").unwrap_or(inner);
    let mut digits = Vec::with_capacity(inner.len());
    for &byte in inner {
        match byte {
            b'!'..=b'u' => digits.push(byte - b'!'),
            b'z' if digits.len() % 5 == 0 => digits.extend([0; 5]),
            // 0x20202020 in base 85.
            b'y' if digits.len() % 5 == 0 => digits.extend([10, 27, 53, 67, 43]),
            _ if byte.is_ascii_whitespace() || byte == 0 => {}
            _ => return None,
        }
    }
    groups(&digits)
}

/// Five digits make four bytes; a last group of n digits makes n - 1.
fn groups(digits: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(digits.len() / 5 * 4 + 4);
    for group in digits.chunks(5) {
        let padded = group.iter().copied().chain(std::iter::repeat(84)).take(5);
        let number = padded.fold(0_u64, |number, digit| number * 85 + u64::from(digit));
        let bytes = u32::try_from(number).ok()?.to_be_bytes();
        out.extend(bytes.iter().take(group.len().checked_sub(1)?));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        // python3 -c "import base64; print(base64.b85encode(b'hello world'))"
        assert_eq!(b85(b"Xk~0{Zy<MXa%^M").unwrap(), b"hello world");
        assert_eq!(a85(b"<~BOu!rD]j7BEbo7~>").unwrap(), b"hello world");
        assert_eq!(a85(b"zy").unwrap(), b"\0\0\0\0    ");
        assert_eq!(a85(b"v"), None);
        assert_eq!(b85(b"\""), None);
        assert_eq!(b85(b"~~~~~"), None);
    }
}
