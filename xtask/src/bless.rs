//! Writes the committed files that code makes, and says which changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::example;
use crate::rules_page;
use crate::steps::call;

/// Where the example lives, from the workspace's folder.
pub const EXAMPLE: &str = "examples/docker123321";

/// Writes everything that is generated: the example, the page of rules, and the outputs that the
/// app's own tests expect.
///
/// # Errors
/// If a file cannot be made or written.
pub fn run(root: &Path) -> Result<()> {
    example(root)?;
    rules_page::write(root)?;
    let tests = [
        "test",
        "--release",
        "--locked",
        "--quiet",
        "--package",
        "app",
        "--bins",
    ];
    call(
        Command::new("cargo")
            .current_dir(root)
            .args(tests)
            .env("BLESS", "1"),
    )?;
    println!("changed against the last commit:");
    call(
        Command::new("git")
            .current_dir(root)
            .args(["status", "--short"]),
    )
}

/// Writes the example images.
///
/// # Errors
/// If they cannot be made or written.
pub fn example(root: &Path) -> Result<()> {
    let folder = root.join(EXAMPLE);
    let wanted = example::files()?;
    let present = read_folder(&folder)?;
    let mut changed = 0;
    for (path, content) in &wanted {
        if present.get(path) != Some(content) {
            write(&folder.join(path), content)?;
            println!("wrote   {EXAMPLE}/{}", path.display());
            changed += 1;
        }
    }
    for path in present.keys().filter(|path| !wanted.contains_key(*path)) {
        let path = folder.join(path);
        fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
        println!("removed {}", path.display());
        changed += 1;
    }
    if changed == 0 {
        println!("{EXAMPLE}: nothing changed");
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    let parent = path.parent().context("a file without a folder")?;
    fs::create_dir_all(parent).with_context(|| format!("make {}", parent.display()))?;
    fs::write(path, content).with_context(|| format!("write {}", path.display()))
}

/// Every file below `folder` with its content; nothing if it is not there.
pub fn read_folder(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(open) = folders.pop() {
        if !open.exists() {
            continue;
        }
        for entry in fs::read_dir(&open).with_context(|| format!("list {}", open.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_path_buf();
                let content =
                    fs::read(&path).with_context(|| format!("read {}", path.display()))?;
                files.insert(name, content);
            }
        }
    }
    Ok(files)
}
