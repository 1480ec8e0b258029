//! Packages of npm, without what they depend on and without running any of their scripts.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Archive;
use super::unpack::{downloaded, run, tar};

/// Fetches `name` with `npm pack` and unpacks it as a global installation has it.
pub fn fetch(name: &str, download: &Path, root: &Path) -> Result<Archive> {
    run(Command::new("npm")
        .args([
            "pack",
            "--silent",
            "--ignore-scripts",
            &name.replace("==", "@"),
        ])
        .current_dir(download))?;
    let (tarball, archive) = downloaded(download, &[".tgz"])?;
    tar(&tarball, &root.join("usr/lib/node_modules").join(name))?;
    Ok(archive)
}
