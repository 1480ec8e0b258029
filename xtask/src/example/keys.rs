//! A wallet and a key that are well formed and that nobody holds.
//!
//! Both are hashes of a phrase where a public key belongs: to know the private part one would have
//! to invert the hash or the curve. Sources: CryptoNote standard 007 (addresses: network byte,
//! public spend key, public view key, first four bytes of Keccak-256), RFC 4253 section 6.6 and
//! RFC 8709 section 4 (`ssh-ed25519`).

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Sha256;
use sha3::{Digest, Keccak256};

/// Network byte of a standard address on Monero's main network.
const MONERO_MAIN: u8 = 18;

/// A Monero address with a right checksum and no owner.
///
/// # Errors
/// If the encoder refuses, which it does only for blocks of impossible length.
pub fn monero(phrase: &str) -> Result<String> {
    let mut address = vec![MONERO_MAIN];
    address.extend(Keccak256::digest(format!("spend: {phrase}")));
    address.extend(Keccak256::digest(format!("view: {phrase}")));
    let sum = Keccak256::digest(&address);
    address.extend(sum.iter().take(4));
    base58_monero::encode(&address).map_err(|error| anyhow!("encode an address: {error:?}"))
}

/// A line of `authorized_keys`.
pub fn ssh(phrase: &str, comment: &str) -> String {
    const TYPE: &str = "ssh-ed25519";
    let key = Sha256::digest(phrase);
    let mut blob = Vec::new();
    for field in [TYPE.as_bytes(), key.as_slice()] {
        blob.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        blob.extend(field);
    }
    format!("{TYPE} {} {comment}", STANDARD.encode(blob))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_looks_like_one() {
        let address = monero("a").unwrap();
        assert_eq!(address.len(), 95);
        assert!(address.starts_with('4'));
        assert_ne!(address, monero("b").unwrap());
        let bytes = base58_monero::decode(&address).unwrap();
        let (body, sum) = bytes.split_at(65);
        assert_eq!(&Keccak256::digest(body)[..4], sum);
    }

    #[test]
    fn a_key_has_the_length_openssh_writes() {
        let line = ssh("a", "user@host");
        assert!(line.starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"));
        assert_eq!(line.len(), "ssh-ed25519 ".len() + 68 + " user@host".len());
    }
}
