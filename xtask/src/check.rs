//! Everything that must hold before a change may land, in the order that fails soonest.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::rules_page;
use crate::setup;
use crate::steps::{Steps, call};

/// Runs every check.
///
/// # Errors
/// At the first step that fails.
pub fn run(root: &Path) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("set up", || setup::run(root))?;
    steps.run("format", || {
        call(cargo(root).args(["fmt", "--all", "--check"]))
    })?;
    steps.run("licences, bans, sources", || deny(root))?;
    steps.run("lints", || {
        let clippy = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--quiet",
        ];
        call(cargo(root).args(clippy).args(["--", "-D", "warnings"]))
    })?;
    steps.run("release build, and the README's first command", || {
        first_command(root)
    })?;
    steps.run("tests", || {
        // The same profile as the build above: everything is compiled once, and runs fast.
        call(cargo(root).args(["test", "--release", "--workspace", "--locked", "--quiet"]))
    })?;
    steps.run("generated pages", || rules_page::compare(root))?;
    steps.run("documentation", || {
        let doc = ["doc", "--workspace", "--no-deps", "--locked", "--quiet"];
        call(cargo(root).args(doc).env(
            "RUSTDOCFLAGS",
            "-D warnings -A rustdoc::private_intra_doc_links",
        ))
    })?;
    steps.summary();
    println!("all checks passed");
    Ok(())
}

/// Scans the example as the README says; exit code 2 says that something was found.
fn first_command(root: &Path) -> Result<()> {
    let line = "cargo run --release --locked -- scan oci-dir:examples/docker123321";
    let readme = root.join("README.md");
    if !std::fs::read_to_string(readme)?.contains(line) {
        bail!("the README no longer says `{line}`");
    }
    println!("$ {line}");
    let output = cargo(root)
        .args(line.split(' ').skip(1))
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    if output.status.code() != Some(2) {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{line}` ended with {}, not with 2:\n{errors}",
            output.status
        );
    }
    Ok(())
}

/// Runs the bench of detection, a crate of its own: this one must build before anything is set up,
/// and that one holds the engine, in the profile that users run.
///
/// # Errors
/// If it misses a target.
pub fn detection(root: &Path, arguments: &[String]) -> Result<()> {
    let run = [
        "run",
        "--release",
        "--locked",
        "--quiet",
        "--package",
        "detection",
        "--",
    ];
    call(cargo(root).args(run).args(arguments))
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root);
    command
}

/// Runs cargo-deny from the tools folder; cargo finds its subcommands on the path.
fn deny(root: &Path) -> Result<()> {
    let mut path = OsString::from(setup::tools(root).join("bin"));
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let deny = [
        "deny",
        "--log-level",
        "error",
        "check",
        "--hide-inclusion-graph",
    ];
    call(
        cargo(root)
            .args(deny)
            .args(["licenses", "bans", "sources"])
            .env("PATH", path),
    )
}
