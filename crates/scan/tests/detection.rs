//! What must be found and what must not, end to end from a file's bytes to the verdict.
//!
//! Each `fixtures/NAME.hits` holds files separated by `=== file name` lines; every one of them, put
//! into an otherwise empty image that starts it, must give a malicious verdict and show the rule
//! the group is about. Every file of `fixtures/NAME.misses` must give no finding that weighs. The
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
use model::{Budget, Entry, ImageConfig, Report, Verdict};
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
    (
        "persistence",
        &[
            "persistence/cron",
            "persistence/systemd-unit",
            "persistence/login-script",
            "persistence/library-preload",
        ],
    ),
];

/// An image with one file, started by its entrypoint.
fn image_of(name: &str) -> Image {
    let path = format!("/opt/{name}");
    let entrypoint = match name.rsplit('.').next() {
        Some("py") => vec!["python3".to_owned(), path],
        Some("php") => vec!["php".to_owned(), path],
        Some("pl") => vec!["perl".to_owned(), path],
        Some("sh") => vec!["bash".to_owned(), path],
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
    let budget = Budget::default();
    let mut reader = LayerReader::new("layer", None, &budget, &Silent);
    let mut entry = Entry::file(format!("opt/{name}"), content.len() as u64);
    entry.mode = 0o755;
    reader.entry(&entry, &mut content.as_bytes());
    let facts = Arc::new(reader.finish(LayerEnd::default()));
    let layers: BTreeMap<String, LayerResult> = [("layer".to_owned(), Ok(facts))].into();
    report::of(&Resolved::Image(image_of(name)), &layers, &settings, false)
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
