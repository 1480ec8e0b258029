//! Secrets that an image carries: private keys, keys of clouds, tokens of services.
//!
//! What is told is verified as far as its form allows: a checksum where there is one, the structure
//! of a key, the alphabet and length of a token; and it is never told whole. Sources: RFC 7468 (PEM),
//! PROTOCOL.key of OpenSSH, and what the services publish of their tokens' forms.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::encoding;

/// Most secrets told of one file: more is a list of examples.
const MOST: usize = 16;

/// How far behind the name of a cloud's key its secret is looked for, in bytes.
const NEAR: usize = 300;

/// Longest private key that is looked for, in bytes: RSA of 16,384 bits, armoured.
const KEY_BYTES: usize = 16_384;

/// Fewest different characters of a token: an example repeats one.
const VARIETY: usize = 8;

/// Characters of a secret that are shown.
const SHOWN: usize = 8;

/// A secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is, in words.
    pub kind: &'static str,
    /// How it begins.
    pub shown: String,
    /// Where it starts.
    pub offset: usize,
}

/// How a secret of a kind is verified: what follows its mark, and the bytes before it; the length
/// of the secret from its mark on.
type Verify = fn(&[u8]) -> Option<usize>;

/// The marks by which secrets are found.
const KINDS: &[(&str, &str, Verify)] = &[
    ("-----BEGIN ", "a private key", private_key),
    ("AKIA", "an access key of AWS with its secret", aws),
    ("ghp_", "a token of GitHub", checked),
    ("gho_", "a token of GitHub", checked),
    ("ghu_", "a token of GitHub", checked),
    ("ghs_", "a token of GitHub", checked),
    ("ghr_", "a token of GitHub", checked),
    ("npm_", "a token of npm", checked),
    ("github_pat_", "a token of GitHub", |rest| {
        token(rest, 11, 82, 82)
    }),
    ("glpat-", "a token of GitLab", |rest| token(rest, 6, 20, 64)),
    ("dckr_pat_", "a token of Docker Hub", |rest| {
        token(rest, 9, 27, 27)
    }),
    ("xoxb-", "a token of Slack", slack),
    ("xoxp-", "a token of Slack", slack),
    ("sk_live_", "a key of Stripe", |rest| token(rest, 8, 24, 99)),
    ("hvs.", "a token of Vault", |rest| token(rest, 4, 90, 120)),
    ("dop_v1_", "a token of DigitalOcean", |rest| {
        token(rest, 7, 64, 64)
    }),
    ("pypi-AgEIcHlwaS5vcmc", "a token of PyPI", |rest| {
        token(rest, 20, 50, 250)
    }),
];

static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let marks = KINDS.iter().map(|(mark, ..)| mark);
    // This kind of search skips what cannot begin a mark many bytes at a time.
    let builder = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(marks);
    builder.ok()
});

/// The secrets in some content.
pub fn find(bytes: &[u8]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let Some(marks) = &*MARKS else {
        return found;
    };
    for mark in marks.find_iter(bytes) {
        let before = mark.start().checked_sub(1).and_then(|at| bytes.get(at));
        // The mark of a longer word is none.
        let starts_word = before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        let rest = bytes.get(mark.start()..).unwrap_or_default();
        let Some((_, kind, verify)) = KINDS.get(mark.pattern().as_usize()) else {
            continue;
        };
        let Some(length) = verify(rest).filter(|_| starts_word || rest.starts_with(b"-----"))
        else {
            continue;
        };
        let shown = shown(rest.get(..length).unwrap_or_default());
        let known = |known: &Found| known.kind == *kind && known.shown == shown;
        if found.len() < MOST && !found.iter().any(known) {
            found.push(Found {
                kind,
                shown,
                offset: mark.start(),
            });
        }
    }
    found
}

/// How a secret begins; of a private key, its kind is enough.
fn shown(secret: &[u8]) -> String {
    let text = encoding::to_text(secret);
    let line = text.lines().next().unwrap_or_default();
    if line.starts_with("-----") {
        return line.to_owned();
    }
    format!("{}…", line.get(..SHOWN.min(line.len())).unwrap_or_default())
}

fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Whether bytes differ enough among themselves to have been drawn at random.
fn varies(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(seen) = seen.get_mut(usize::from(*byte)) {
            *seen = true;
        }
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    different >= VARIETY && digits > 0
}

/// A token of between `least` and `most` characters behind a mark of `mark` bytes.
fn token(rest: &[u8], mark: usize, least: usize, most: usize) -> Option<usize> {
    let body = rest.get(mark..)?;
    let length = body
        .iter()
        .take(most + 1)
        .take_while(|byte| is_word(byte))
        .count();
    let body = body.get(..length)?;
    ((least..=most).contains(&length) && varies(body)).then_some(mark + length)
}

/// A token of four characters of mark, thirty of its own and six of their checksum: CRC-32 in base
/// 62, as GitHub describes it ("Behind GitHub's new authentication token formats") and npm does too.
fn checked(rest: &[u8]) -> Option<usize> {
    const LENGTH: usize = 40;
    let body = rest.get(4..LENGTH)?;
    if rest.get(LENGTH).is_some_and(is_word) || !body.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let (own, checksum) = body.split_at(30);
    (base62(crc32(own)) == checksum).then_some(LENGTH)
}

/// CRC-32 of ISO 3309, bit by bit: it is computed of thirty bytes now and then.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let odd = crc & 1 == 1;
            crc >>= 1;
            if odd {
                crc ^= 0xedb8_8320;
            }
        }
    }
    !crc
}

/// A number in base 62, in six digits.
fn base62(mut number: u32) -> Vec<u8> {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = vec![b'0'; 6];
    for place in out.iter_mut().rev() {
        if let Some(digit) = DIGITS.get((number % 62) as usize) {
            *place = *digit;
        }
        number /= 62;
    }
    out
}

/// `xoxb-NUMBER-NUMBER-SECRET`.
fn slack(rest: &[u8]) -> Option<usize> {
    let length = token(rest, 5, 40, 120)?;
    let body = rest.get(5..length)?;
    let mut parts = body.split(|byte| *byte == b'-');
    let is_number = |part: &[u8]| part.len() >= 9 && part.iter().all(u8::is_ascii_digit);
    (is_number(parts.next()?) && is_number(parts.next()?)).then_some(length)
}

/// The name of a key of AWS, with forty characters of its secret near it.
fn aws(rest: &[u8]) -> Option<usize> {
    const LENGTH: usize = 20;
    let name = rest.get(..LENGTH)?;
    // Base 32, of which the examples of the documentation are not.
    let is_base32 = |byte: &u8| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7');
    let ends = !rest.get(LENGTH).is_some_and(u8::is_ascii_alphanumeric);
    if !ends || !name.iter().all(is_base32) || !varies(name) || name.ends_with(b"EXAMPLE") {
        return None;
    }
    let near = rest.get(LENGTH..rest.len().min(LENGTH + NEAR))?;
    let is_of_secret = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+');
    let is_secret = |run: &[u8]| {
        run.len() == 40
            && varies(run)
            && run.iter().any(u8::is_ascii_lowercase)
            && run.iter().any(u8::is_ascii_uppercase)
            && !run.ends_with(b"EXAMPLEKEY")
    };
    near.split(|byte| !is_of_secret(byte))
        .any(is_secret)
        .then_some(LENGTH)
}

/// A private key that no password protects, whole and of the right structure.
fn private_key(rest: &[u8]) -> Option<usize> {
    let rest = rest.get(..rest.len().min(KEY_BYTES))?;
    let end_of_line = memchr::memmem::find(rest, b"PRIVATE KEY-----")? + b"PRIVATE KEY-----".len();
    let head = rest.get(..end_of_line)?;
    // `BEGIN RSA PRIVATE KEY`: one word of kind at most, and none that says it is encrypted.
    if head.len() > 40 || memchr::memmem::find(head, b"ENCRYPTED").is_some() {
        return None;
    }
    let body = rest.get(end_of_line..)?;
    let end = memchr::memmem::find(body, b"-----END ")?;
    let body = body.get(..end)?;
    if memchr::memmem::find(body, b"ENCRYPTED").is_some() {
        return None;
    }
    // In a JSON text, lines end in `\n` written out.
    let text = encoding::to_text(body)
        .replace("\\n", "\n")
        .replace("\\r", "");
    let is_armour =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=') || c.is_whitespace();
    if !text.chars().all(is_armour) {
        return None;
    }
    let bytes = encoding::base64::decode(text.as_bytes())?;
    let is_der = bytes.first() == Some(&0x30) && bytes.len() >= 40;
    // An encrypted one names its cipher in place of `none`.
    let is_openssh = bytes.starts_with(b"openssh-key-v1\0\0\0\0\x04none");
    (is_der || is_openssh).then_some(end_of_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<&'static str> {
        find(text.as_bytes())
            .iter()
            .map(|found| found.kind)
            .collect()
    }

    #[test]
    fn a_checksum_tells_a_token_from_its_like() {
        let own = "0123456789abcdefghijABCDEFGHIJ";
        let checksum = String::from_utf8(base62(crc32(own.as_bytes()))).unwrap();
        let token = format!("GITHUB_TOKEN=ghp_{own}{checksum}\n");
        let found = find(token.as_bytes());
        assert_eq!(found[0].shown, "ghp_0123…");
        assert_eq!(found[0].offset, 13);
        assert!(kinds(&format!("ghp_{own}AAAAAA")).is_empty());
        assert!(kinds(&format!("xghp_{own}{checksum}")).is_empty());
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_cloud_key_needs_its_secret() {
        let name = ["AKIA", "Q3EGVZ7XL2MWT5KD"].concat();
        let secret = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5hJ7k";
        let both = format!("aws_access_key_id = {name}\naws_secret_access_key = {secret}\n");
        assert_eq!(kinds(&both), ["an access key of AWS with its secret"]);
        assert!(kinds(&name).is_empty());
        let example = "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        assert!(kinds(example).is_empty());
    }

    #[test]
    fn private_keys_are_whole_and_open() {
        let der = [&[0x30_u8, 0x2e][..], &[7; 46]].concat();
        let body = encoding::base64::encode_lines(&der);
        let key = |kind: &str| {
            format!("-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----\n")
        };
        assert_eq!(kinds(&key("RSA ")), ["a private key"]);
        assert_eq!(kinds(&key("").replace('\n', "\\n")), ["a private key"]);
        assert!(kinds(&key("ENCRYPTED ")).is_empty());
        assert!(
            kinds("-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----").is_empty()
        );
        assert!(kinds("if line.startswith('-----BEGIN PRIVATE KEY-----'):").is_empty());
    }

    #[test]
    fn any_bytes_are_looked_through() {
        for (mark, ..) in KINDS {
            for end in 0..60 {
                find(&[mark.as_bytes(), &vec![b'A'; end]].concat());
                find(&[mark.as_bytes(), &vec![0xff; end]].concat());
            }
        }
    }
}
