//! The example, from the command line to the exit code: 17 malicious images, 17 clean twins.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

mod repository;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use repository::workspace;
use run::{Run, bilgewatch, finish};

fn scan(format: &str) -> Run {
    let example = workspace().join("examples/docker123321");
    let target = format!("oci-dir:{}", example.display());
    finish(bilgewatch().args(["scan", "-o", format, &target]))
}

/// Report by name, `docker123321/tomcat`.
fn by_name(run: &Run) -> BTreeMap<String, Value> {
    let reports = run.reports();
    let name = |report: &Value| {
        let target = report["target"].as_str().unwrap();
        let (_, reference) = target.split_once("docker123321:").unwrap();
        reference.trim_end_matches(":latest").to_owned()
    };
    reports
        .into_iter()
        .map(|report| (name(&report), report))
        .collect()
}

#[test]
fn seventeen_are_malicious_and_seventeen_clean() {
    let run = scan("json");
    let reports = by_name(&run);
    assert_eq!(reports.len(), 34);
    let wrong: Vec<_> = reports
        .iter()
        .filter(|(name, report)| {
            let expected = if name.starts_with("twins/") {
                "clean"
            } else {
                "malicious"
            };
            report["verdict"] != expected
        })
        .map(|(name, report)| format!("{name} is {}:\n{:#}", report["verdict"], report["findings"]))
        .collect();
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), run.stderr);
    assert_eq!(run.code, 2);
}

/// What each image must be called malicious for.
const WHY: &[(&str, &str)] = &[
    ("tomcat", "shell/reverse"),
    ("tomcat11", "shell/reverse"),
    ("t1", "shell/reverse"),
    ("t2", "shell/reverse"),
    ("cronm", "shell/reverse"),
    ("mysql2", "shell/reverse"),
    ("cronnn", "shell/reverse"),
    ("tomcat22", "persistence/ssh-key"),
    ("kk", "execution/fetch-and-run"),
    ("mysql", "execution/fetch-and-run"),
    ("data", "execution/fetch-and-run"),
    ("mysql0", "execution/fetch-and-run"),
    ("cron", "execution/fetch-and-run"),
    ("mysql3", "execution/fetch-and-run"),
    ("mysql4", "execution/fetch-and-run"),
    ("mysql5", "execution/fetch-and-run"),
    ("mysql6", "execution/fetch-and-run"),
];

#[test]
fn each_is_found_for_what_it_does() {
    let reports = by_name(&scan("json"));
    for (name, rule) in WHY {
        let report = &reports[&format!("docker123321/{name}")];
        let found: BTreeSet<_> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|finding| finding["rule"].as_str())
            .collect();
        assert!(found.contains(rule), "{name}: {rule} is not in {found:?}");
    }
}

#[test]
fn two_runs_print_the_same_bytes() {
    for format in ["text", "json", "sarif"] {
        let (first, second) = (scan(format), scan(format));
        assert!(!first.stdout.is_empty());
        assert!(
            first.stdout == second.stdout,
            "{format} differs between runs"
        );
    }
}

#[test]
fn the_report_is_what_its_schema_says() {
    let schema = fs::read(workspace().join("docs/schema/report-1.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document: Value = serde_json::from_str(&scan("json").stdout).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert_eq!(document["schema"], "bilgewatch.report/1");
}
