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

/// An OCI layout with a Debian 12 image; made once and kept beside the build.
fn image() -> PathBuf {
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
