//! Letters and bytes exchanged or turned round: rot13 and its like, reversal, exclusive or.

/// Shifts letters by `places` in the alphabet; 13 is rot13.
pub fn rotate_letters(text: &str, places: u8) -> String {
    let shift = |c: char, first: u8| {
        let at = (u32::from(c) - u32::from(first) + u32::from(places)) % 26;
        char::from_u32(u32::from(first) + at).unwrap_or(c)
    };
    text.chars()
        .map(|c| match c {
            'a'..='z' => shift(c, b'a'),
            'A'..='Z' => shift(c, b'A'),
            _ => c,
        })
        .collect()
}

/// The characters in reverse order.
pub fn reverse(text: &str) -> String {
    text.chars().rev().collect()
}

/// Each byte xored with the key, repeated. An empty key changes nothing.
pub fn xor(bytes: &[u8], key: &[u8]) -> Vec<u8> {
    if key.is_empty() {
        return bytes.to_vec();
    }
    bytes
        .iter()
        .zip(key.iter().cycle())
        .map(|(byte, key)| byte ^ key)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_undone() {
        assert_eq!(rotate_letters("Hello, z", 13), "Uryyb, m");
        assert_eq!(rotate_letters("Uryyb, m", 13), "Hello, z");
        assert_eq!(reverse("abc"), "cba");
        assert_eq!(xor(&xor(b"secret", b"ab"), b"ab"), b"secret");
        assert_eq!(xor(b"x", b""), b"x");
    }
}
