//! Bitcoin addresses: base58check (P2PKH, P2SH) and bech32 or bech32m (segregated witness).
//!
//! Source: Bitcoin's base58check encoding, BIP 173 and BIP 350.

use sha2::{Digest, Sha256};

/// Version bytes of the main network.
const VERSIONS: [u8; 2] = [0x00, 0x05];

/// The address, if `run` is one of the main network and its checksum holds.
pub fn wallet(run: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(run).ok()?;
    match run.first()? {
        b'1' | b'3' if (26..=35).contains(&run.len()) => base58check(text),
        b'b' | b'B' if (42..=62).contains(&run.len()) => segwit(text),
        _ => None,
    }
}

fn base58check(text: &str) -> Option<String> {
    let bytes = bs58::decode(text).into_vec().ok()?;
    let (payload, checksum) = bytes.split_at_checked(21)?;
    let holds = Sha256::digest(Sha256::digest(payload)).get(..4)? == checksum;
    (holds && VERSIONS.contains(payload.first()?)).then(|| text.to_owned())
}

fn segwit(text: &str) -> Option<String> {
    let (prefix, _version, _program) = bech32::segwit::decode(text).ok()?;
    (prefix == bech32::hrp::BC).then(|| text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_decide() {
        // Burn addresses and the examples of BIP 173: nobody holds their keys.
        for good in [
            "1BitcoinEaterAddressDontSendf59kuE",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ] {
            assert_eq!(wallet(good.as_bytes()), Some(good.to_owned()));
        }
        for bad in [
            "1BitcoinEaterAddressDontSendf59kuF",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "1",
            "",
        ] {
            assert_eq!(wallet(bad.as_bytes()), None, "{bad}");
        }
    }
}
