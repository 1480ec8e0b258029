//! What must be found and what must not, end to end from a file's bytes to the verdict.
//!
//! Each `fixtures/NAME.hits` holds files separated by `=== file name` lines; every one of them, put
//! into an otherwise empty image that starts it, must give a malicious verdict and show the rule
//! the group is about. A name with a folder is the file's path, and nothing but the path starts it. Every file of `fixtures/NAME.misses` must give no finding that weighs. The
//! files are inert: documentation addresses only.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use image::{EntryVisitor, Image, Layer, LayerContent, LayerEnd, Resolved};
use model::{Entry, ImageConfig, Report, Verdict};
use scan::layer::LayerReader;
use scan::{LayerResult, Settings, Silent, report};

/// The rules one of which each group of hits must show.
const GROUPS: &[(&str, &[&str])] = &[
    ("reverse_shell", &["shell/reverse"]),
    (
        "php",
        &[
            "collection/web-shell",
            "shell/reverse",
            "execution/fetch-and-run",
        ],
    ),
    (
        "perl",
        &[
            "shell/reverse",
            "shell/bind",
            "execution/fetch-and-run",
            "persistence/cron",
        ],
    ),
    ("bind_shell", &["shell/bind"]),
    ("fetch_and_run", &["execution/fetch-and-run"]),
    ("host_write", &["escape/host-write"]),
    ("miner", &["impact/miner"]),
    ("ssh_key", &["persistence/ssh-key"]),
    ("javascript", ANY),
    ("ruby", ANY),
    ("lua", ANY),
    (
        "machine_code",
        &[
            "shell/reverse",
            "shell/bind",
            "execution/fetch-and-run",
            "evasion/hooking-library",
            "impact/miner-binary",
            "impact/flood-bot",
        ],
    ),
    (
        "persistence",
        &[
            "persistence/cron",
            "persistence/systemd-unit",
            "persistence/login-script",
            "persistence/library-preload",
        ],
    ),
    (
        "credential",
        &[
            "credential/files",
            "credential/service-account-token",
            "credential/cloud-metadata",
            "credential/environment",
        ],
    ),
    ("web_shell", &["collection/web-shell"]),
    (
        "evasion",
        &[
            "evasion/process-hiding",
            "evasion/memory-execution",
            "evasion/security-tools",
            "evasion/file-hiding",
        ],
    ),
    (
        "escape",
        &[
            "escape/release-agent",
            "escape/core-pattern",
            "escape/uevent-helper",
            "escape/kernel-module",
            "escape/device",
            "escape/runc-overwrite",
            "escape/docker-socket",
        ],
    ),
    ("worm", &["lateral/worm"]),
    (
        "impact",
        &[
            "impact/ransom",
            "impact/wiper",
            "impact/proxyware",
            "impact/flood",
        ],
    ),
    (
        "command",
        &[
            "command/dns-channel",
            "command/web-poll",
            "command/irc",
            "command/tunnel",
            "shell/reverse",
        ],
    ),
    (
        "started",
        &[
            "persistence/cron",
            "persistence/systemd-unit",
            "persistence/init-service",
            "persistence/login-script",
            "persistence/event-hook",
        ],
    ),
    ("inetd", &["shell/bind"]),
    ("python_startup", &["persistence/python-startup"]),
    (
        "package_hook",
        &["execution/package-hook", "credential/environment"],
    ),
    ("account", &["persistence/account"]),
    ("sudo_rule", &["persistence/sudo-rule"]),
    ("pam", &["persistence/pam"]),
    ("sshd_config", &["persistence/sshd-config"]),
    ("set_uid_shell", &["persistence/set-uid-shell"]),
];

/// What programs of one language show in turn.
const ANY: &[&str] = &[
    "shell/reverse",
    "shell/bind",
    "execution/fetch-and-run",
    "impact/miner",
    "persistence/ssh-key",
    "persistence/cron",
];

/// The path of a case's file.
fn path_of(name: &str) -> String {
    if name.contains('/') {
        format!("/{name}")
    } else {
        format!("/opt/{name}")
    }
}

/// An image with one file, started by its entrypoint unless its place says what starts it.
fn image_of(name: &str) -> Image {
    let path = path_of(name);
    let entrypoint = match name.rsplit('.').next() {
        _ if name.contains('/') => Vec::new(),
        Some("py") => vec!["python3".to_owned(), path],
        Some("php") => vec!["php".to_owned(), path],
        Some("pl") => vec!["perl".to_owned(), path],
        Some("sh") => vec!["bash".to_owned(), path],
        Some("elf") => vec![path],
        Some("js" | "mjs" | "cjs" | "ts") => vec!["node".to_owned(), path],
        Some("rb") => vec!["ruby".to_owned(), path],
        Some("lua") => vec!["lua".to_owned(), path],
        _ => vec!["/usr/bin/worker".to_owned(), "--config".to_owned(), path],
    };
    Image {
        target: name.to_owned(),
        names: Vec::new(),
        manifest: None,
        config_digest: None,
        platform: None,
        artifact: None,
        config: ImageConfig {
            entrypoint,
            ..ImageConfig::default()
        },
        layers: vec![Layer {
            key: "layer".to_owned(),
            digest: None,
            diff_id: None,
            size: None,
            media_type: String::new(),
            content: LayerContent::Tar,
        }],
        damage: Vec::new(),
    }
}

fn scan(name: &str, content: &str) -> Report {
    let settings = Settings::default();
    let mut reader = LayerReader::new("layer", None, &settings, &Silent);
    let content = bytes_of(name, content);
    let mut entry = Entry::file(path_of(name).trim_start_matches('/'), content.len() as u64);
    entry.mode = 0o755;
    reader.entry(&entry, &mut content.as_slice());
    let facts = Arc::new(reader.finish(LayerEnd::default()));
    let layers: BTreeMap<String, LayerResult> = [("layer".to_owned(), Ok(facts))].into();
    report::of(&Resolved::Image(image_of(name)), &layers, &settings, false)
}

/// The bytes of a file: those of a compiled program stand there in hexadecimal.
fn bytes_of(name: &str, content: &str) -> Vec<u8> {
    if !name.ends_with(".elf") {
        return content.as_bytes().to_vec();
    }
    let digits: Vec<u32> = content.chars().filter_map(|c| c.to_digit(16)).collect();
    let byte = |pair: &[u32]| u8::try_from(pair[0] * 16 + pair[1]).unwrap();
    digits.chunks(2).map(byte).collect()
}

/// The files of a group.
fn cases(group: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(group);
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Vec::new();
    };
    let cases = text.split("=== ").skip(1);
    cases
        .map(|case| {
            let (name, content) = case.split_once('\n').unwrap();
            (name.to_owned(), content.to_owned())
        })
        .collect()
}

fn shown(report: &Report) -> String {
    let line = |f: &model::Finding| {
        format!(
            "\n    {} {:?}/{:?}: {}",
            f.rule, f.severity, f.confidence, f.detail
        )
    };
    report.findings.iter().map(line).collect()
}

#[test]
fn every_hit_is_malicious_and_named() {
    let mut failures = Vec::new();
    for (group, rules) in GROUPS {
        let cases = cases(&format!("{group}.hits"));
        assert!(!cases.is_empty(), "{group} has no hits");
        for (name, content) in cases {
            let report = scan(&name, &content);
            let named = report
                .findings
                .iter()
                .any(|f| rules.contains(&f.rule.as_str()));
            if report.verdict != Verdict::Malicious || !named {
                failures.push(format!(
                    "  {group} {name}: {}{}",
                    report.verdict,
                    shown(&report)
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} hits missed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn no_miss_weighs() {
    let mut failures = Vec::new();
    for (group, _) in GROUPS {
        for (name, content) in cases(&format!("{group}.misses")) {
            let report = scan(&name, &content);
            if report.verdict != Verdict::Clean {
                failures.push(format!(
                    "  {group} {name}: {}{}",
                    report.verdict,
                    shown(&report)
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} false alarms:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
