//! Installs what the checks need on a fresh Debian 12 with Rust. A second run changes nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::steps::{call, succeeds};

/// Debian packages, and what needs them.
const PACKAGES: &[&str] = &[
    // The C compiler and headers for aws-lc-sys, zstd-sys and the tree-sitter grammars.
    "gcc",
    "g++",
    "libc6-dev",
    "make",
    // The holders of images that the tests scan through.
    "containerd",
    "docker.io",
    "docker-registry",
    "podman",
    // What podman and containerd need to hold and run an image.
    "crun",
    "fuse-overlayfs",
    "netavark",
    "runc",
    "uidmap",
    // The tools that build and copy the tests' images.
    "apache2-utils",
    "buildah",
    "mmdebstrap",
    "skopeo",
    "umoci",
    "xz-utils",
    "zstd",
    "ca-certificates",
    "iproute2",
    // What makes the package databases of systems that are not Debian.
    "db5.3-util",
    "rpm",
];

/// Version of cargo-deny that the checks are written for.
const CARGO_DENY: &str = "0.20.2";

/// Asked before a package starts its service; 101 forbids it (Debian's `invoke-rc.d`).
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs everything.
///
/// # Errors
/// If a package manager is missing or fails.
pub fn run(root: &Path) -> Result<()> {
    packages()?;
    components()?;
    cargo_deny(root)
}

/// Where tools that are built from source go: in the target folder, so that a cached target
/// folder carries them.
pub fn tools(root: &Path) -> PathBuf {
    root.join("target/tools")
}

fn packages() -> Result<()> {
    let missing: Vec<_> = PACKAGES.iter().filter(|name| !installed(name)).collect();
    if missing.is_empty() {
        println!("Debian packages: all {} are there", PACKAGES.len());
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|name| **name).collect();
    if !succeeds(Command::new("apt-get").arg("--version")) {
        bail!(
            "apt-get is not here; install by other means what Debian calls {}",
            names.join(", ")
        );
    }
    let _quiet = NoServices::new()?;
    call(apt()?.arg("update"))?;
    call(
        apt()?
            .args(["install", "--yes", "--no-install-recommends"])
            .args(&names),
    )
}

fn installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["--show", "--showformat=${Status}", package])
        .output()
        .is_ok_and(|output| output.stdout == b"install ok installed")
}

fn apt() -> Result<Command> {
    let mut command = as_root("env")?;
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]);
    Ok(command)
}

/// A command that runs as root, through sudo if need be.
fn as_root(program: &str) -> Result<Command> {
    let id = Command::new("id").arg("-u").output().context("run `id`")?;
    if id.stdout == b"0\n" {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    Ok(command)
}

/// While it lives, installing a package starts no service.
struct NoServices {
    ours: bool,
}

impl NoServices {
    fn new() -> Result<Self> {
        if Path::new(POLICY).exists() {
            return Ok(Self { ours: false });
        }
        let draft = std::env::temp_dir().join(format!("policy-rc.d.{}", std::process::id()));
        fs::write(&draft, "#!/bin/sh\nexit 101\n")?;
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o755))?;
        let moved = call(
            as_root("install")?
                .args(["-m", "755"])
                .arg(&draft)
                .arg(POLICY),
        );
        fs::remove_file(&draft)?;
        moved.map(|()| Self { ours: true })
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.ours
            && let Err(error) = as_root("rm").and_then(|mut rm| call(rm.arg(POLICY)))
        {
            eprintln!("xtask: {POLICY} is left behind, remove it: {error:#}");
        }
    }
}

fn components() -> Result<()> {
    for (tool, component) in [("clippy", "clippy"), ("fmt", "rustfmt")] {
        if !succeeds(Command::new("cargo").args([tool, "--version"])) {
            call(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    println!("clippy and rustfmt are there");
    Ok(())
}

fn cargo_deny(root: &Path) -> Result<()> {
    let program = tools(root).join("bin/cargo-deny");
    let wanted = format!("cargo-deny {CARGO_DENY}\n");
    let there = Command::new(&program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.stdout == wanted.as_bytes());
    if there {
        println!("cargo-deny {CARGO_DENY} is there");
        return Ok(());
    }
    call(
        Command::new("cargo")
            .args(["install", "--locked", "cargo-deny", "--version", CARGO_DENY])
            .arg("--root")
            .arg(tools(root)),
    )
}
