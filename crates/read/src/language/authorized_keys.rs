//! `authorized_keys`: who may log in with which key (`sshd(8)`, AUTHORIZED_KEYS FILE FORMAT).
//!
//! Read line by line and tolerantly: a line that sshd would refuse still shows the intent.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use model::{Behavior, Language, Trigger, Value};
use sha2::{Digest, Sha256};

use crate::language::start::{Start, part};
use crate::language::{FrontEnd, Places, Signs, quoted};
use crate::world::World;

/// Key types as they stand in the file.
const KEY_TYPES: &[&str] = &[
    "ssh-rsa",
    "ssh-dss",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-ed25519-cert-v01@openssh.com",
];

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &[
            ".ssh/authorized_keys",
            ".ssh/authorized_keys2",
            "etc/dropbear/authorized_keys",
        ],
        folders: &["etc/authorized_keys/"],
        named: &[],
    },
    signs: Signs::Whole(is_list_of_keys),
    ..FrontEnd::new(Language::AuthorizedKeys, lower)
};

/// Whether every line is a key with options of a login before it, wherever the file lies. Keys
/// without options may be anything: a public key beside its private one, a list of hosts.
fn is_list_of_keys(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    lines.peek().is_some()
        && lines.all(|line| {
            key_type(line)
                .is_some_and(|(at, _)| line.get(..at).is_some_and(|o| o.contains("command=")))
        })
}

/// Lowers the file.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(4) {
            break;
        }
        if let Some(grant) = grant(line.trim()) {
            world.at(number, line);
            let options = match &grant {
                Behavior::GrantAccess { options, .. } => options.clone(),
                _ => String::new(),
            };
            world.act(grant);
            run_options(world, &options);
        }
    }
    Value::literal("")
}

/// What the options before a key make a login do: `command="…"` is handed to a shell,
/// `environment="NAME=value"` is set for it.
fn run_options(world: &mut World, options: &str) {
    let mut rest = options;
    while let Some((before, after)) = rest.split_once("=\"") {
        let name = before.rsplit([',', ' ']).next().unwrap_or(before);
        let (value, next) = quoted::text(after);
        match name.to_ascii_lowercase().as_str() {
            "command" => {
                let start = Start {
                    trigger: Trigger::Login,
                    when: "at a login with the key",
                    step: "command",
                };
                start.shell(world, &value);
            }
            "environment" => {
                if let Some((name, value)) = value.split_once('=') {
                    world.act(Behavior::SetVariable {
                        name: name.to_owned(),
                        value: part(value),
                    });
                }
            }
            _ => {}
        }
        rest = next;
    }
}

/// The key of one line, if it has one.
pub fn grant(line: &str) -> Option<Behavior> {
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (at, key_type) = key_type(line)?;
    let mut words = line[at + key_type.len()..].split_whitespace();
    let key = words.next().unwrap_or_default();
    Some(Behavior::GrantAccess {
        key_type: key_type.to_owned(),
        fingerprint: fingerprint(key_type, key).unwrap_or_default(),
        comment: words.collect::<Vec<_>>().join(" "),
        options: line[..at].trim().to_owned(),
    })
}

/// The first key type that stands as a word outside quotes: options may come before it.
fn key_type(line: &str) -> Option<(usize, &'static str)> {
    let mut quoted = false;
    let mut word = 0;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => word = at + c.len_utf8(),
            _ if at == word && !quoted => {
                let rest = &line[at..];
                let is_type = |known: &&&str| {
                    rest.strip_prefix(**known)
                        .is_some_and(|after| after.starts_with(char::is_whitespace))
                };
                if let Some(known) = KEY_TYPES.iter().find(is_type) {
                    return Some((at, known));
                }
            }
            _ => {}
        }
    }
    None
}

/// `SHA256:…` of the key blob, if it decodes and names the type written before it.
fn fingerprint(key_type: &str, key: &str) -> Option<String> {
    let blob = STANDARD
        .decode(key)
        .or_else(|_| STANDARD_NO_PAD.decode(key.trim_end_matches('=')))
        .ok()?;
    let length = usize::try_from(u32::from_be_bytes(*blob.first_chunk::<4>()?)).ok()?;
    let named = blob.get(4..4_usize.checked_add(length)?)?;
    (named == key_type.as_bytes())
        .then(|| format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_quotes_and_comments() {
        let mut blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec();
        blob.extend([7; 32]);
        let key = STANDARD.encode(blob);
        let line =
            format!("command=\"echo ssh-rsa x\",restrict ssh-ed25519 {key} me@example.com x");
        let Some(Behavior::GrantAccess {
            key_type,
            fingerprint,
            comment,
            options,
        }) = grant(&line)
        else {
            panic!()
        };
        assert_eq!(
            (key_type.as_str(), comment.as_str()),
            ("ssh-ed25519", "me@example.com x")
        );
        assert_eq!(options, "command=\"echo ssh-rsa x\",restrict");
        assert!(fingerprint.starts_with("SHA256:") && fingerprint.len() == 50);
        assert!(grant("# ssh-rsa AAAA").is_none());
        let Some(Behavior::GrantAccess { fingerprint, .. }) = grant("ssh-rsa AAAAgarbage") else {
            panic!()
        };
        assert_eq!(fingerprint, "", "a malformed key is still a key line");
    }
}
