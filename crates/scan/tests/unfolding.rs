//! A payload gives the same verdict wherever it sits in a file, and the finding shows the way in.

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

/// An image with one file that its entrypoint is given.
fn image_of(path: &str) -> Image {
    Image {
        target: path.to_owned(),
        names: Vec::new(),
        manifest: None,
        config_digest: None,
        platform: None,
        artifact: None,
        config: ImageConfig {
            entrypoint: vec!["/usr/bin/worker".to_owned(), path.to_owned()],
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

/// The report on an image that starts something with a file.
fn scan(name: &str, content: &[u8]) -> Report {
    report_on(name, content, &format!("/opt/{name}"))
}

/// The report on an image that holds a file and starts something else.
fn scan_unused(name: &str, content: &[u8]) -> Report {
    report_on(name, content, "/opt/other")
}

fn report_on(name: &str, content: &[u8], used: &str) -> Report {
    let settings = Settings::default();
    let mut reader = LayerReader::new("layer", None, &settings, &Silent);
    let entry = Entry::file(format!("opt/{name}"), content.len() as u64);
    reader.entry(&entry, &mut &*content);
    let facts = Arc::new(reader.finish(LayerEnd::default()));
    let layers: BTreeMap<String, LayerResult> = [("layer".to_owned(), Ok(facts))].into();
    report::of(
        &Resolved::Image(image_of(used)),
        &layers,
        &Settings::default(),
        false,
    )
}

/// A fixture of the reader.
fn fixture(path: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../read/src");
    std::fs::read(folder.join(path)).unwrap()
}

/// The steps to the reverse shell.
fn chain(report: &Report) -> Vec<String> {
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.rule == "shell/reverse");
    let steps = finding.map(|finding| finding.place.steps.iter().map(|step| step.0.clone()));
    steps.map(Iterator::collect).unwrap_or_default()
}

#[test]
fn a_payload_is_found_in_every_format() {
    let cases: [(&str, &[&str]); 12] = [
        ("run.sh.gz", &["gzip"]),
        ("run.sh.lzma", &["lzma"]),
        ("pax.tar.gz", &["gzip", "tar: run.sh"]),
        ("deflated.zip", &["zip: lib/run.sh"]),
        ("streamed.zip", &["zip: lib/run.sh"]),
        ("xz.deb", &["ar: control.tar.xz", "xz", "tar: postinst"]),
        ("zst.rpm", &["rpm: %post"]),
        ("newc.cpio", &["cpio: opt/run.sh"]),
        ("odc.cpio", &["cpio: opt/run.sh"]),
        ("tail.run", &["after the script", "gzip", "tar: run.sh"]),
        (
            "base64.run",
            &["after the script", "base64", "gzip", "tar: run.sh"],
        ),
        ("uu.run", &["after the script", "uuencode"]),
    ];
    for (name, expected) in cases {
        let report = scan(name, &fixture(&format!("unfold/fixtures/{name}")));
        assert_eq!(report.verdict, Verdict::Malicious, "{name}");
        let steps = chain(&report);
        assert!(steps.len() >= expected.len(), "{name}: {steps:?}");
        assert_eq!(steps[..expected.len()], *expected, "{name}");
    }
}

#[test]
fn compiled_python_of_every_version_is_found() {
    for version in ["27", "36", "37", "38", "39", "310", "311", "312", "313"] {
        let name = format!("shell.{version}.pyc");
        let report = scan(
            &name,
            &fixture(&format!("language/python/pyc/fixtures/{name}")),
        );
        assert_eq!(report.verdict, Verdict::Malicious, "{name}");
        assert!(
            report
                .findings
                .iter()
                .any(|finding| finding.rule == "shell/reverse")
        );
    }
}

#[test]
fn what_cannot_be_opened_counts_only_if_it_is_used() {
    let encrypted = fixture("unfold/fixtures/encrypted.zip");
    assert_eq!(scan("x.zip", &encrypted).verdict, Verdict::Incomplete);
    assert_eq!(scan_unused("x.zip", &encrypted).verdict, Verdict::Clean);
}
