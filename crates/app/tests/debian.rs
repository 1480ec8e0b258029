//! A real system, full of honest programs that scanners like to stumble over: nothing is found.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail loudly"
)]

mod run;

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use run::{bilgewatch, finish};

/// What is installed besides the packages that every Debian has.
const PACKAGES: &str = "python3,nodejs,openssh-server,cron,git,curl,nginx";

/// Longest time to fetch and unpack them, in seconds.
const PATIENCE: &str = "600";

fn call(words: &[&str]) {
    let status = Command::new("timeout")
        .arg(PATIENCE)
        .args(words)
        .stdin(Stdio::null())
        .status();
    assert!(status.unwrap().success(), "{words:?}");
}

/// The folder that holds the image; made by the first test that asks.
fn image() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(make)
}

/// An OCI layout with a Debian 12 image; made once and kept beside the build.
fn make() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    PACKAGES.hash(&mut hasher);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("debian-{:x}", hasher.finish()));
    if kept.exists() {
        return kept;
    }
    let draft = kept.with_extension("draft");
    let _ = fs::remove_dir_all(&draft);
    fs::create_dir_all(&draft).unwrap();
    let path = |name: &str| draft.join(name).to_str().unwrap().to_owned();
    let include = format!("--include={PACKAGES}");
    call(&[
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        &include,
        "bookworm",
        &path("root.tar"),
    ]);
    call(&["umoci", "init", "--layout", &path("layout")]);
    let image = format!("{}:latest", path("layout"));
    call(&["umoci", "new", "--image", &image]);
    call(&[
        "umoci",
        "raw",
        "add-layer",
        "--image",
        &image,
        &path("root.tar"),
    ]);
    let entrypoint = ["--config.entrypoint=nginx", "--config.entrypoint=-g"];
    let command = "--config.entrypoint=daemon off;";
    call(&[
        "umoci",
        "config",
        "--image",
        &image,
        entrypoint[0],
        entrypoint[1],
        command,
    ]);
    fs::rename(&draft, &kept).unwrap();
    kept
}

#[test]
fn debian_is_clean_as_an_image_and_as_a_folder() {
    let kept = image();
    expect_clean(&format!("oci-dir:{}:latest", kept.join("layout").display()));

    let folder = tempfile::TempDir::new().unwrap();
    let tar = kept.join("root.tar");
    call(&[
        "tar",
        "--extract",
        "--file",
        tar.to_str().unwrap(),
        "--exclude=./dev",
        "--directory",
        folder.path().to_str().unwrap(),
    ]);
    expect_clean(&format!("dir:{}", folder.path().display()));
}

#[test]
fn a_planted_login_server_is_told_from_the_packaged_one() {
    let kept = image();
    let folder = tempfile::TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (layout, layer) = (path("layout"), path("layer.tar"));
    call(&[
        "cp",
        "--recursive",
        kept.join("layout").to_str().unwrap(),
        &layout,
    ]);
    fs::create_dir(path("root")).unwrap();
    let at_root = ["--directory", &path("root")];
    let tar = kept.join("root.tar");
    let from = ["--file", tar.to_str().unwrap()];
    let taken = ["./usr/sbin/sshd", "./usr/bin/git"];
    call(&[&["tar", "--extract"], &from[..], &at_root, &taken].concat());
    for file in taken {
        let file = Path::new(&path("root")).join(file);
        let mut program = fs::read(&file).unwrap();
        program.extend(b"planted");
        fs::write(&file, program).unwrap();
    }
    let to = ["--file", &layer];
    call(&[&["tar", "--create"], &to[..], &at_root, &["usr"]].concat());
    let tag = format!("{layout}:latest");
    call(&["umoci", "raw", "add-layer", "--image", &tag, &layer]);

    let run = finish(bilgewatch().args(["scan", "-o", "json", &format!("oci-dir:{tag}")]));
    let report = &run.reports()[0];
    assert_eq!(report["verdict"], "suspicious", "{:#}", report["findings"]);
    let findings = report["findings"].as_array().unwrap().iter();
    let changed: Vec<_> = findings
        .filter(|finding| finding["rule"] == "integrity/changed-program")
        .map(|finding| (&finding["where"]["path"], &finding["confidence"], finding))
        .collect();
    assert_eq!(changed.len(), 2, "{changed:#?}");
    assert_eq!(
        (changed[0].0, changed[0].1),
        (&"/usr/sbin/sshd".into(), &"medium".into())
    );
    assert_eq!(
        (changed[1].0, changed[1].1),
        (&"/usr/bin/git".into(), &"low".into())
    );
    let (_, _, sshd) = changed[0];
    assert_eq!(sshd["where"]["layer_index"], 1);
    let detail = sshd["detail"].as_str().unwrap();
    assert!(
        detail.contains("dpkg package openssh-server 1:9"),
        "{detail}"
    );
}

fn expect_clean(target: &str) {
    let run = finish(bilgewatch().args(["scan", "-o", "json", target]));
    let reports = run.reports();
    assert_eq!(reports.len(), 1, "{target}");
    let report = &reports[0];
    assert_eq!(
        report["verdict"], "clean",
        "{target}:\n{:#}\n{:#}\n{}",
        report["findings"], report["gaps"], run.stderr
    );
    assert_eq!(run.code, 0);
    assert!(
        report["stats"]["entries"].as_u64().unwrap() > 5000,
        "{:#}",
        report["stats"]
    );
}
