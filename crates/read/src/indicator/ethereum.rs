//! Ethereum addresses. Mixed case carries a checksum (EIP-55); all lower or upper case does not,
//! so these count only where code or configuration is known to name an account.

use sha3::{Digest, Keccak256};

/// The address, if `run` is `0x` and 40 hexadecimal digits, with EIP-55's checksum if mixed.
pub fn wallet(run: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(run).ok()?;
    let digits = text
        .strip_prefix("0x")
        .filter(|digits| digits.len() == 40)?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let lower = digits.to_ascii_lowercase();
    let plain = digits == lower || digits == digits.to_ascii_uppercase();
    (plain || digits == checksummed(&lower)).then(|| text.to_owned())
}

/// Digit i is upper case if nibble i of the hash of the lower-case address is 8 or more.
fn checksummed(lower: &str) -> String {
    let hash = Keccak256::digest(lower.as_bytes());
    let nibble = |i: usize| {
        hash.get(i / 2).map_or(0, |byte| {
            if i.is_multiple_of(2) {
                byte >> 4
            } else {
                byte & 15
            }
        })
    };
    let cased = |(i, c): (usize, char)| {
        if nibble(i) >= 8 {
            c.to_ascii_uppercase()
        } else {
            c
        }
    };
    lower.chars().enumerate().map(cased).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eip_55_examples() {
        assert!(wallet(b"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").is_some());
        assert!(wallet(b"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD").is_none());
        assert!(wallet(b"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").is_some());
        assert!(wallet(b"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae").is_none());
    }
}
