//! Percent-encoding (RFC 3986 section 2.1).

/// Decodes `%XX`; with `plus`, `+` is a space as in forms. What is no escape stays.
pub fn decode(bytes: &[u8], plus: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, tail @ ..]) => match super::hex::decode(&[*high, *low]).as_deref() {
                Some([decoded]) => {
                    out.push(*decoded);
                    rest = tail;
                }
                _ => out.push(byte),
            },
            (b'+', _) if plus => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_are_undone_and_the_rest_stays() {
        assert_eq!(super::decode(b"a%20b%2fc%zz%4+", false), b"a b/c%zz%4+");
        assert_eq!(super::decode(b"a+b", true), b"a b");
    }
}
