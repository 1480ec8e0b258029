//! Indicators: values that tie images together and can be looked up elsewhere.

use serde::{Deserialize, Serialize};

/// What an indicator names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndicatorType {
    /// A URL.
    Url,
    /// A host name or address.
    Host,
    /// A Monero address whose checksum holds.
    WalletMonero,
    /// A Bitcoin address whose checksum holds.
    WalletBitcoin,
    /// An Ethereum address; mixed case only if its EIP-55 checksum holds.
    WalletEthereum,
    /// A mining pool, host and port.
    Pool,
    /// Fingerprint of an SSH key.
    SshKey,
    /// SHA-256 of a file.
    FileDigest,
}

/// One indicator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Indicator {
    /// What it names.
    #[serde(rename = "type")]
    pub kind: IndicatorType,
    /// The value, in its usual spelling.
    pub value: String,
}
