//! Ignore files: what they set aside, and what they warn of.

use model::Verdict;

use super::*;
use crate::samples;

const TODAY: Day = Day(20_780); // 2026-11-23

fn ignores(text: &str) -> Ignores {
    let mut all = Ignores::default();
    all.add(text, "ignore.toml").unwrap();
    all
}

fn entry(rest: &str) -> String {
    format!("[[ignore]]\nrule = \"shell/reverse\"\nreason = \"a drill\"\n{rest}\n")
}

/// How many findings of the malicious sample the entry sets aside.
fn set_aside(rest: &str) -> usize {
    let judged = ignores(&entry(rest)).apply(samples::malicious(), TODAY);
    judged.suppressed.len() - samples::malicious().suppressed.len()
}

#[test]
fn sets_aside_and_judges_anew() {
    let mut all = ignores(&format!(
        "{}[[ignore]]\nrule = \"persistence/cron\"\nreason = \"known\"\n",
        entry("")
    ));
    let before = samples::malicious();
    let after = all.apply(before.clone(), TODAY);
    assert_eq!(before.report.verdict, Verdict::Malicious);
    assert_eq!(after.report.verdict, Verdict::Incomplete);
    assert!(after.suppressed.iter().any(|s| s.reason == "a drill"));
    let count = |judged: &Judged| judged.report.findings.len() + judged.suppressed.len();
    assert_eq!(count(&before), count(&after));
    assert!(all.warnings(TODAY).is_empty());
}

#[test]
fn an_entry_may_be_narrow() {
    assert_eq!(set_aside(""), 1);
    assert_eq!(set_aside("path = '/usr/local/bin/start.sh'"), 1);
    assert_eq!(set_aside("path = '/usr/*/start.sh'"), 1);
    assert_eq!(set_aside("path = '/usr/local/bin'"), 0);
    assert_eq!(set_aside("field = 'Entrypoint'"), 0);
    assert_eq!(set_aside(&format!("digest = '{}'", samples::digest(3))), 1);
    assert_eq!(
        set_aside(&format!("digest = '{}'", samples::digest(0xaa))),
        1
    );
    assert_eq!(
        set_aside(&format!("digest = '{}'", samples::digest(0x77))),
        0
    );
}

#[test]
fn expiry_counts_from_the_day_after() {
    assert_eq!(set_aside("expires = 2026-11-23"), 1);
    assert_eq!(set_aside("expires = '2026-11-23'"), 1);
    assert_eq!(set_aside("expires = 2026-11-22"), 0);
}

#[test]
fn stale_and_expired_entries_are_told() {
    let mut all = ignores(&format!(
        "{}{}",
        entry("path = '/nowhere'"),
        entry("expires = 2020-01-01")
    ));
    all.apply(samples::malicious(), TODAY);
    let warnings = all.warnings(TODAY);
    assert_eq!(warnings.len(), 2);
    assert!(warnings[0].contains("entry 1 of ignore.toml") && warnings[0].contains("nothing"));
    assert!(warnings[1].contains("expired after 2020-01-01"));
}

#[test]
fn rule_and_reason_are_mandatory_and_typos_are_errors() {
    for (text, words) in [
        ("[[ignore]]\nrule = 'a/b'", "reason"),
        ("[[ignore]]\nreason = 'x'", "rule"),
        (
            "[[ignore]]\nrule = 'a/b'\nreason = ' '",
            "`reason` is empty",
        ),
        (
            "[[ignore]]\nrule = 'a/b'\nreason = 'x'\nexpire = 2030-01-01",
            "expire",
        ),
        (
            "[[ignore]]\nrule = 'a/b'\nreason = 'x'\nexpires = 2030-02-30",
            "expires",
        ),
        (
            "[[ignore]]\nrule = 'a/b'\nreason = 'x'\nexpires = 'soon'",
            "no date",
        ),
        (
            "[[ignore]]\nrule = 'a/b'\nreason = 'x'\nexpires = 3",
            "YYYY-MM-DD",
        ),
        (
            "[[ignore]]\nrule = 'a/b'\nreason = 'x'\ndigest = 'abc'",
            "not a digest",
        ),
        ("[[ignores]]\nrule = 'a/b'\nreason = 'x'", "ignores"),
    ] {
        let error = Ignores::default().add(text, "f.toml").unwrap_err();
        let message = format!("{error:#}");
        assert!(
            message.contains(words) && message.contains("f.toml"),
            "{text}: {message}"
        );
    }
}

#[test]
fn wildcards() {
    for (pattern, text, expected) in [
        ("/a", "/a", true),
        ("/a", "/ab", false),
        ("*", "", true),
        ("/usr/*", "/usr/bin/x", true),
        ("*.sh", "/a.sh.sh", true),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("**", "x", true),
        ("", "x", false),
    ] {
        assert_eq!(
            wildcard(pattern.as_bytes(), text.as_bytes()),
            expected,
            "{pattern} {text}"
        );
    }
}
