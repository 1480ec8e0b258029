//! Everything that must hold before a change may land, in the order that fails soonest.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

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
    steps.run("release build", || {
        call(cargo(root).args([
            "build",
            "--release",
            "--locked",
            "--quiet",
            "--package",
            "app",
        ]))
    })?;
    steps.run("tests", || {
        // The same profile as the build above: everything is compiled once, and runs fast.
        call(cargo(root).args(["test", "--release", "--workspace", "--locked", "--quiet"]))
    })?;
    steps.run("documentation", || {
        let doc = ["doc", "--workspace", "--no-deps", "--locked", "--quiet"];
        call(cargo(root).args(doc).env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    steps.summary();
    println!("all checks passed");
    Ok(())
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
