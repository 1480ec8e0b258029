//! Miners, known by how they are called and never by name alone: a renamed miner still has to be
//! told where to mine, for whom and what.

use model::{Behavior, Value};

use super::Call;
use crate::world::World;

/// Signs that a start must show to be mining.
const ENOUGH: u32 = 2;

/// Options whose value is a pool.
const POOL: &[&str] = &[
    "-o",
    "--url",
    "--pool",
    "-pool",
    "-P",
    "--server",
    "-s",
    "-uri",
    "--daemon-rpc-address",
    "-l",
    "--stratum",
];

/// Options whose value is an account.
const ACCOUNT: &[&str] = &[
    "-u",
    "--user",
    "--wallet",
    "-wal",
    "-w",
    "--address",
    "--wallet-address",
    "--username",
    "--account",
    "-O",
    "--userpass",
    "--coin-address",
    "--mining-address",
];

/// Options whose value is an algorithm or coin.
const ALGORITHM: &[&str] = &["-a", "--algo", "--algorithm", "--coin", "-coin"];

/// Options that no other kind of program has.
const OWN: &[&str] = &[
    "--donate-level",
    "--donate-over-proxy",
    "--nicehash",
    "--rig-id",
    "--cpu-max-threads-hint",
    "--cpu-priority",
    "--cpu-affinity",
    "--cpu-no-yield",
    "--cpu-memory-pool",
    "--randomx-1gb-pages",
    "--randomx-init",
    "--randomx-no-numa",
    "--randomx-mode",
    "--randomx-no-rdmsr",
    "--randomx-wrmsr",
    "--no-huge-pages",
    "--huge-pages-jit",
    "--argon2-impl",
    "--max-cpu-usage",
    "--cuda-bfactor-hint",
    "--opencl-devices",
    "--cuda-devices",
    "--mining-threads",
    "--daemon-poll-interval",
    "--self-select",
    "--tls-fingerprint",
    "--noDevFee",
    "-epsw",
    "-eworker",
    "--rigid",
    "--enable-cpu-extension",
    "--scratchpad",
];

/// Names of algorithms and coins. Ambiguous words count only as the value of such an option.
const ALGORITHMS: &[&str] = &[
    "rx",
    "cn",
    "cn-lite",
    "cn-heavy",
    "cn-pico",
    "cn_gpu",
    "argon2",
    "astrobwt",
    "randomx",
    "cryptonight",
    "ethash",
    "etchash",
    "kawpow",
    "progpow",
    "progpowz",
    "autolykos2",
    "equihash",
    "beamhash",
    "cuckaroo",
    "cuckatoo",
    "octopus",
    "verushash",
    "yescrypt",
    "yespower",
    "ghostrider",
    "gr",
    "flex",
    "minotaurx",
    "kheavyhash",
    "heavyhash",
    "blake3",
    "x11",
    "x16r",
    "x16rv2",
    "scrypt",
    "neoscrypt",
    "lyra2z",
    "lyra2rev2",
    "m7m",
    "sha256d",
    "firopow",
    "monero",
    "xmr",
    "ravencoin",
    "rvn",
    "zephyr",
    "dero",
    "salvium",
    "wownero",
    "aleo",
    "pyrin",
    "karlsenhash",
    "nexapow",
    "panthera",
];

/// What the arguments of a start say.
#[derive(Default)]
struct Signs {
    pool: Value,
    account: Value,
    algorithm: Value,
    count: u32,
    has_pool: bool,
    has_password: bool,
}

/// Records mining if the arguments of a started program say so.
pub fn recognize(world: &mut World, call: &Call) {
    let mut signs = Signs::default();
    let mut rest = call.arguments.iter().peekable();
    while let Some(word) = rest.next() {
        let (option, attached) = match word.text.split_once('=') {
            Some((option, value)) if option.starts_with('-') => {
                (option, Some(word.map_text(|_| value.to_owned())))
            }
            _ => (word.text.as_str(), None),
        };
        if is_pool_url(word) {
            signs.pool_url(word);
        } else if option.starts_with('-') {
            let value = attached.or_else(|| rest.peek().map(|value| (*value).clone()));
            signs.option(option, value);
        }
    }
    if signs.has_pool && signs.has_password && !signs.account.text.is_empty() {
        signs.count += 1;
    }
    if signs.count >= ENOUGH {
        world.act(Behavior::Mine {
            pool: signs.pool,
            account: signs.account,
            algorithm: signs.algorithm,
        });
    }
}

impl Signs {
    /// A stratum URL says it all: no other protocol is called so. It may hold the account.
    fn pool_url(&mut self, url: &Value) {
        if self.pool.text.is_empty() || !is_pool_url(&self.pool) {
            self.pool = url.clone();
        }
        self.has_pool = true;
        self.count += ENOUGH;
        let account = url
            .text
            .split_once("://")
            .and_then(|(_, rest)| rest.rsplit_once('@'));
        if let Some((account, _)) = account
            && self.account.text.is_empty()
        {
            self.account = url.map_text(|_| account.to_owned());
        }
    }

    fn option(&mut self, option: &str, value: Option<Value>) {
        if OWN.contains(&option) {
            self.count += 1;
        }
        let Some(value) = value.filter(|value| !value.text.is_empty()) else {
            return;
        };
        if POOL.contains(&option)
            && !self.has_pool
            && (is_host_and_port(&value) || is_variable(&value, "POOL"))
        {
            self.has_pool = true;
            self.count += 1;
            self.pool = value;
        } else if ACCOUNT.contains(&option) && self.account.text.is_empty() {
            let is_sign = is_wallet(&value.text) || is_variable(&value, "WALLET");
            self.count += u32::from(is_sign);
            if is_sign || matches!(option, "-u" | "--user") {
                self.account = value;
            }
        } else if ALGORITHM.contains(&option) && is_algorithm(&value.text) {
            self.count += 1;
            self.algorithm = value;
        } else if matches!(option, "-p" | "--pass") && value.text.eq_ignore_ascii_case("x") {
            self.has_password = true;
        }
    }
}

fn is_pool_url(value: &Value) -> bool {
    let text = value
        .text
        .rsplit_once("=")
        .map_or(value.text.as_str(), |(_, text)| text);
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let is_stratum = scheme.starts_with("stratum")
        || matches!(
            scheme,
            "daemon+http" | "daemon+https" | "ethproxy" | "ethstratum" | "nicehash+tcp"
        );
    is_stratum && rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '{' || c == '[')
}

fn is_host_and_port(value: &Value) -> bool {
    let text = match value.text.split_once("://") {
        Some(("tcp" | "ssl" | "tls" | "stratum", text)) => text,
        // Any other scheme is not a pool's.
        Some(_) => return false,
        None => value.text.as_str(),
    };
    let Some((host, port)) = text.trim_end_matches('/').rsplit_once(':') else {
        return false;
    };
    let is_port = port.parse::<u16>().is_ok() || !value.known && port.starts_with('{');
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-._[]{}:@".contains(c);
    is_port && !host.is_empty() && host.chars().all(is_host)
}

/// Whether the value is a variable whose name says what it holds.
fn is_variable(value: &Value, word: &str) -> bool {
    !value.known && value.text.starts_with('{') && value.text.to_ascii_uppercase().contains(word)
}

fn is_algorithm(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let family = text.split(['/', '-', '_']).next().unwrap_or(&text);
    ALGORITHMS.contains(&text.as_str()) || ALGORITHMS.contains(&family)
}

/// Whether a text has the form of a wallet's address, a worker's name behind it or not.
fn is_wallet(text: &str) -> bool {
    let text = text.rsplit_once(':').map_or(
        text,
        |(coin, address)| if coin.len() <= 8 { address } else { text },
    );
    let address = text.split(['.', '/', '+', ':']).next().unwrap_or(text);
    let is_base58 = |c: char| c.is_ascii_alphanumeric() && !matches!(c, '0' | 'O' | 'I' | 'l');
    let is_mixed = address.contains(|c: char| c.is_ascii_digit())
        && address.contains(|c: char| c.is_ascii_lowercase())
        && address.contains(|c: char| c.is_ascii_uppercase());
    let is_hex = address.strip_prefix("0x").is_some_and(|digits| {
        digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    let bech32 = [
        "bc1", "ltc1", "dero1", "deroi1", "zil1", "aleo1", "qub1", "xch1", "iron1", "solo1",
    ];
    let is_bech32 = address.len() >= 30 && bech32.iter().any(|start| address.starts_with(start));
    let is_kaspa = address.len() >= 60
        && address
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && address.starts_with(['q', 'p']);
    is_hex
        || is_bech32
        || is_kaspa
        || address.len() >= 26 && is_mixed && address.chars().all(is_base58)
}
