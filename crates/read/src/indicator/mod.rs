//! Indicators in content: wallets whose checksum holds, and pool addresses.
//!
//! A wallet is looked for in every byte of an image, so candidates are found by one pass over runs
//! of letters and digits, and only a run of exactly the right length is decoded.

use model::{Indicator, IndicatorType};

pub mod bitcoin;
pub mod ethereum;
pub mod monero;

/// An indicator and where it starts in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub indicator: Indicator,
    /// Position of its first byte.
    pub offset: usize,
}

/// Most indicators kept of one file: a list of more is a database, not a payload.
pub const MOST: usize = 64;

/// Monero wallets and stratum URLs: strong enough to be told from any content.
pub fn strong(bytes: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    for (offset, run) in runs(bytes) {
        if let Some(wallet) = monero::wallet(run) {
            push(&mut found, IndicatorType::WalletMonero, wallet, offset);
        }
    }
    for offset in memchr::memmem::find_iter(bytes, b"stratum") {
        if let Some(pool) = stratum_url(&bytes[offset..]) {
            push(&mut found, IndicatorType::Pool, pool, offset);
        }
    }
    found
}

/// All wallets in a text that is known to be code or configuration.
pub fn wallets(text: &str) -> Vec<Indicator> {
    let mut found = Vec::new();
    for (offset, run) in runs(text.as_bytes()) {
        let wallet = monero::wallet(run)
            .map(|wallet| (IndicatorType::WalletMonero, wallet))
            .or_else(|| bitcoin::wallet(run).map(|wallet| (IndicatorType::WalletBitcoin, wallet)))
            .or_else(|| {
                ethereum::wallet(run).map(|wallet| (IndicatorType::WalletEthereum, wallet))
            });
        if let Some((kind, wallet)) = wallet {
            push(&mut found, kind, wallet, offset);
        }
    }
    found.into_iter().map(|found| found.indicator).collect()
}

fn push(found: &mut Vec<Found>, kind: IndicatorType, value: String, offset: usize) {
    let indicator = Indicator { kind, value };
    if found.len() < MOST && !found.iter().any(|known| known.indicator == indicator) {
        found.push(Found { indicator, offset });
    }
}

/// Longest run of letters and digits that can be a wallet: a Monero integrated address.
const LONGEST: usize = 106;
/// Shortest: an old Bitcoin address.
const SHORTEST: usize = 26;

/// Runs of ASCII letters and digits of a length a wallet can have, with their positions.
fn runs(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            // A run that is long enough covers this byte: most of the content is skipped 26 bytes
            // at a time.
            let probe = at + SHORTEST - 1;
            if !bytes.get(probe)?.is_ascii_alphanumeric() {
                at = probe + 1;
                continue;
            }
            let start = (at..probe)
                .rev()
                .find(|&i| !bytes[i].is_ascii_alphanumeric())
                .map_or(at, |i| i + 1);
            let length = bytes[start..]
                .iter()
                .take(LONGEST + 1)
                .take_while(|b| b.is_ascii_alphanumeric())
                .count();
            let whole = start == 0 || !bytes[start - 1].is_ascii_alphanumeric();
            if length > LONGEST {
                // Too long for a wallet: skip to its end.
                let rest = bytes[start..]
                    .iter()
                    .position(|b| !b.is_ascii_alphanumeric());
                at = rest.map_or(bytes.len(), |rest| start + rest + 1);
                continue;
            }
            at = start + length + 1;
            if whole && length >= SHORTEST {
                return Some((start, &bytes[start..start + length]));
            }
        }
        None
    })
}

/// `stratum+tcp://host:port` and its variants, as written.
fn stratum_url(bytes: &[u8]) -> Option<String> {
    const SCHEMES: &[&[u8]] = &[
        b"stratum+tcp://",
        b"stratum+ssl://",
        b"stratum+tls://",
        b"stratum2+tcp://",
        b"stratum2+ssl://",
        b"stratum://",
    ];
    let scheme = SCHEMES.iter().find(|scheme| bytes.starts_with(scheme))?;
    let host = bytes[scheme.len()..]
        .iter()
        .take(260)
        .take_while(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(b));
    let length = scheme.len() + host.count();
    let text = std::str::from_utf8(&bytes[..length]).ok()?;
    let rest = text.get(scheme.len()..)?;
    // A format string or an example in a manual names no host.
    let (name, port) = rest.rsplit_once(':')?;
    (name.contains('.') && port.parse::<u16>().is_ok()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_wherever_they_stand() {
        for before in 0..60 {
            let mut text = "-".repeat(before);
            text.push_str(&"a".repeat(30));
            text.push_str(" tail");
            let found: Vec<_> = runs(text.as_bytes())
                .map(|(at, run)| (at, run.len()))
                .collect();
            assert_eq!(found, [(before, 30)], "{before}");
        }
        assert_eq!(runs("a".repeat(500).as_bytes()).count(), 0);
        let two = format!("{} {}", "b".repeat(95), "c".repeat(106));
        assert_eq!(
            runs(two.as_bytes())
                .map(|(_, run)| run.len())
                .collect::<Vec<_>>(),
            [95, 106]
        );
    }

    #[test]
    fn pools_need_a_host_and_a_port() {
        let found = strong(
            b"x stratum+tcp://pool.example.com:3333\" and stratum+tcp://%s:%d stratum+tcp://host",
        );
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].indicator.value,
            "stratum+tcp://pool.example.com:3333"
        );
    }
}
