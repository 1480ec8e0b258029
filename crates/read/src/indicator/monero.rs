//! Monero addresses: base58 in blocks of eleven characters, network byte, Keccak checksum.
//!
//! Source: Monero's `cryptonote_basic_impl` and the CryptoNote standard 007 (keys and addresses).

use sha3::{Digest, Keccak256};

/// Network bytes of the main network: standard, integrated, subaddress.
const NETWORKS: [u8; 3] = [18, 19, 42];

/// Characters of a standard address or subaddress.
const STANDARD: usize = 95;
/// Characters of an integrated address (eight bytes of payment ID more).
const INTEGRATED: usize = 106;

/// The address, if `run` is one of the main network and its checksum holds.
pub fn wallet(run: &[u8]) -> Option<String> {
    if !matches!(run.len(), STANDARD | INTEGRATED) || !matches!(run.first(), Some(b'4' | b'8')) {
        return None;
    }
    let text = std::str::from_utf8(run).ok()?;
    let bytes = base58_monero::decode(text).ok()?;
    let (payload, checksum) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    let network = payload.first()?;
    let holds = Keccak256::digest(payload).starts_with(checksum);
    (holds && NETWORKS.contains(network)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address nobody can spend from: both public keys are fixed bytes.
    fn address(network: u8, payment_id: &[u8]) -> String {
        let mut payload = vec![network];
        payload.extend([0x42; 64]);
        payload.extend(payment_id);
        let checksum = Keccak256::digest(&payload);
        payload.extend(&checksum[..4]);
        base58_monero::encode(&payload).unwrap()
    }

    #[test]
    fn only_a_whole_address_with_its_checksum_is_a_wallet() {
        for (network, payment_id) in [(18, &[][..]), (42, &[][..]), (19, &[7; 8][..])] {
            let good = address(network, payment_id);
            assert_eq!(wallet(good.as_bytes()), Some(good.clone()), "{network}");
            let mut bad = good.clone().into_bytes();
            bad[40] = if bad[40] == b'a' { b'b' } else { b'a' };
            assert_eq!(wallet(&bad), None, "{network}");
        }
        assert_eq!(wallet(address(53, &[]).as_bytes()), None, "test network");
    }
}
