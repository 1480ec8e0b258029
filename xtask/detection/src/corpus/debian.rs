//! Binary packages of Debian, with their maintainer scripts where an installed system has them.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Archive;
use super::unpack::{downloaded, run};

/// Packages that one call of apt-get downloads: starting it costs more than a small package.
const AT_ONCE: usize = 40;

/// Downloads `names` into `folder`, many with one call. What that leaves out [`fetch`] tries again
/// by itself, and says why it fails.
pub fn download_all(names: &[&str], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let held: Vec<String> = held(folder);
    let is_held = |name: &&&str| {
        held.iter()
            .any(|file| file.starts_with(&format!("{name}_")))
    };
    let names: Vec<&str> = names
        .iter()
        .filter(|name| !is_held(name))
        .copied()
        .collect();
    for some in names.chunks(AT_ONCE) {
        // One name that is gone fails the whole call, after it is said which.
        let mut some = some.to_vec();
        while !some.is_empty() {
            let Err(error) = apt_get(&some, folder) else {
                break;
            };
            let words = format!("{error:#}");
            let before = some.len();
            some.retain(|name| !words.split_whitespace().any(|word| word == *name));
            if some.len() == before {
                break;
            }
        }
    }
    Ok(())
}

/// Names of the files in a folder.
fn held(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn apt_get(names: &[&str], folder: &Path) -> Result<()> {
    let mut command = Command::new("apt-get");
    run(command
        .args(["--quiet=2", "download"])
        .args(names)
        .current_dir(folder))
}

/// Unpacks `name` as it would be installed; downloads it if `all` does not hold it yet.
pub fn fetch(name: &str, all: &Path, download: &Path, root: &Path) -> Result<Archive> {
    let start = format!("{name}_");
    match held(all).into_iter().find(|file| file.starts_with(&start)) {
        Some(file) => fs::rename(all.join(&file), download.join(&file))?,
        None => apt_get(&[name], download)?,
    }
    let (deb, archive) = downloaded(download, &[".deb"])?;
    run(Command::new("dpkg-deb")
        .arg("--extract")
        .arg(&deb)
        .arg(root))?;
    let control = download.join("control");
    run(Command::new("dpkg-deb")
        .arg("--control")
        .arg(&deb)
        .arg(&control))?;
    let info = root.join("var/lib/dpkg/info");
    fs::create_dir_all(&info)?;
    for entry in fs::read_dir(&control)? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        fs::rename(&path, info.join(format!("{name}.{file}")))?;
    }
    Ok(archive)
}
