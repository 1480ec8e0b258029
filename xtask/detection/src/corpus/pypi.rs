//! Packages of PyPI: wheels for one fixed platform, and source distributions.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Archive;
use super::unpack::{downloaded, run, tar, zip};

/// The wheels' platform, so that every machine fetches the same.
const PLATFORM: &[&str] = &[
    "--only-binary=:all:",
    "--implementation=cp",
    "--python-version=3.11",
    "--platform=manylinux2014_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--platform=manylinux_2_28_x86_64",
    "--platform=any",
];

/// Fetches a wheel and unpacks it as Debian's Python finds it.
pub fn wheel(name: &str, download: &Path, root: &Path) -> Result<Archive> {
    run(pip(download).args(PLATFORM).arg(name))?;
    let (wheel, archive) = downloaded(download, &[".whl"])?;
    zip(&wheel, &root.join("usr/local/lib/python3.11/dist-packages"))?;
    Ok(archive)
}

/// Fetches a source distribution.
pub fn source(name: &str, download: &Path, root: &Path) -> Result<Archive> {
    let plain = name.split("==").next().unwrap_or(name);
    run(pip(download).arg(format!("--no-binary={plain}")).arg(name))?;
    let (sdist, archive) = downloaded(download, &[".tar.gz", ".tar.bz2", ".zip"])?;
    let to = root.join("usr/src");
    if archive.file.ends_with(".zip") {
        zip(&sdist, &to)?;
    } else {
        tar(&sdist, &to)?;
    }
    Ok(archive)
}

fn pip(download: &Path) -> Command {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "--quiet", "download", "--no-deps", "--dest"]);
    pip.arg(download);
    pip
}
