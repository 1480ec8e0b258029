//! Package databases: who owns a path, and what its content should be.
//!
//! One file a database. Each says what its lines claim and judges nothing: whether the files of
//! the image are as claimed is found out when the layers lie over one another, for a database may
//! stand in another layer than the files.

mod apk;
mod conda;
mod dpkg;
mod npm;
mod pacman;
mod pip;
mod rpm;

use bstr::{BStr, BString, ByteSlice};
use md5::{Digest, Md5};
use model::{OldDigests, PackageFiles};
use sha1::Sha1;

/// Longest package database that is held and read whole, in bytes: that of a whole Fedora
/// workstation takes 200 MiB.
pub const LONGEST_DATABASE: usize = 256 << 20;

/// What reading a database yields.
#[derive(Debug)]
pub struct Database {
    /// What it claims.
    pub files: PackageFiles,
    /// What was not understood.
    pub gaps: Vec<String>,
}

impl Database {
    fn new(manager: model::Manager) -> Self {
        Self {
            files: PackageFiles::new(manager),
            gaps: Vec::new(),
        }
    }

    /// Notes that some records were not understood.
    fn not_understood(&mut self, count: usize, what: &str) {
        if count > 0 {
            self.gaps.push(format!(
                "{count} {what} of the package database cannot be read"
            ));
        }
    }

    fn sealed(mut self) -> Self {
        self.files.claims.seal();
        self
    }
}

/// Reads a database whose content is held whole.
type Reader = fn(path: &BStr, content: &[u8]) -> Database;

/// The reader of a path, if a package database stands there.
fn reader(path: &BStr) -> Option<Reader> {
    if let Some(name) = path.strip_prefix(b"var/lib/dpkg/") {
        return dpkg::reader(BStr::new(name));
    }
    let folders: [&[u8]; 2] = [b"var/lib/rpm/", b"usr/lib/sysimage/rpm/"];
    if let Some(name) = folders.iter().find_map(|folder| path.strip_prefix(*folder)) {
        return rpm::reader(name);
    }
    if let Some(name) = path.strip_prefix(b"var/lib/pacman/local/") {
        return pacman::reader(name);
    }
    match path.as_bytes() {
        b"lib/apk/db/installed" | b"usr/lib/apk/db/installed" => Some(apk::read),
        other => pip::reader(other)
            .or_else(|| conda::reader(other))
            .or_else(|| npm::reader(other)),
    }
}

/// Whether a package database stands at this path.
pub fn is_database(path: &BStr) -> bool {
    reader(path).is_some()
}

/// What the database at this path claims, if one stands there.
pub fn read(path: &BStr, content: &[u8]) -> Option<Database> {
    reader(path).map(|read| read(path, content).sealed())
}

/// The older digests of a program, taken as its bytes come.
#[derive(Default)]
pub struct OldHashes {
    md5: Md5,
    sha1: Sha1,
}

impl OldHashes {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.sha1.update(bytes);
    }

    /// Ends.
    pub fn finish(self) -> OldDigests {
        OldDigests {
            md5: self.md5.finalize().into(),
            sha1: self.sha1.finalize().into(),
        }
    }
}

/// Whether a package of a distribution may own a program at this path: these folders hold all of
/// them (Filesystem Hierarchy Standard 3.0, sections 3 and 4), and elsewhere nobody asks for the
/// older digests.
pub fn is_system_place(path: &BStr) -> bool {
    let top = path.split(|&byte| byte == b'/').next().unwrap_or_default();
    match top {
        b"bin" | b"sbin" | b"opt" | b"etc" | b"boot" => true,
        b"usr" => !path.starts_with(b"usr/local/"),
        b"var" => path.starts_with(b"var/lib/"),
        _ => top.starts_with(b"lib"),
    }
}

/// A path as databases write it, without what leads to the root.
fn plain(path: &[u8]) -> &BStr {
    let path = path
        .strip_prefix(b".")
        .filter(|rest| rest.starts_with(b"/"))
        .unwrap_or(path);
    BStr::new(path.trim_start_with(|c| c == '/'))
}

/// The path that `relative` means in `folder`, with `..` resolved.
fn below(folder: &[u8], relative: &[u8]) -> BString {
    let mut parts: Vec<&[u8]> = Vec::new();
    let base = if relative.starts_with(b"/") {
        &[][..]
    } else {
        folder
    };
    for part in base
        .split(|&b| b == b'/')
        .chain(relative.split(|&b| b == b'/'))
    {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join(&b"/"[..]).into()
}

/// Text of a database as a report may print it.
fn text(bytes: &[u8]) -> String {
    model::text::cut(&model::text::printable(bytes), LONGEST_NAME)
}

/// Longest name or version kept, in bytes: Debian's longest are below 100.
const LONGEST_NAME: usize = 200;

#[cfg(test)]
mod tests;
