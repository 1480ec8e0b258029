//! What the registries' clients have in common: running a tool, finding and hashing what it left.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::Archive;

/// Runs a command quietly; its last words are the error.
pub fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let mut words = errors.lines().filter(|line| !line.trim().is_empty());
        let last = words.next_back().unwrap_or("no word").trim().to_owned();
        bail!("{program}: {last}");
    }
    Ok(())
}

/// The one file in `folder` with one of these endings, and its digest.
pub fn downloaded(folder: &Path, endings: &[&str]) -> Result<(PathBuf, Archive)> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        if endings.iter().any(|ending| file.ends_with(ending)) {
            let archive = Archive {
                sha256: sha256(&path)?,
                file: file.into_owned(),
            };
            return Ok((path, archive));
        }
    }
    bail!("the download left no {}", endings.join(" or "))
}

fn sha256(path: &Path) -> Result<String> {
    let mut file = fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Unpacks a tar, compressed or not, into `to` (which is made), without owners or special modes.
pub fn tar(archive: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let options = [
        "--no-same-owner",
        "--no-same-permissions",
        "--extract",
        "--file",
    ];
    run(Command::new("tar")
        .args(options)
        .arg(archive)
        .arg("--directory")
        .arg(to))
}

/// Unpacks a zip into `to` (which is made).
pub fn zip(archive: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    run(Command::new("python3")
        .args(["-m", "zipfile", "-e"])
        .arg(archive)
        .arg(to))
}
