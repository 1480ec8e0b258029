//! dpkg: lists of paths and of MD5 digests, one of each a package, and the status file.
//!
//! Source: `deb-src-files(5)`, `dpkg(1)` (FILES), `dpkg-divert(1)` and Debian policy 5.1 on control
//! files. An image without dpkg (distroless) keeps the control text and the digests of each
//! package in `status.d/`.

use bstr::{BStr, ByteSlice};
use model::{Claim, Diversion, FileDigest, Manager};

use super::{Database, Reader, plain, text};

/// The reader of a file below `var/lib/dpkg/`.
pub fn reader(name: &BStr) -> Option<Reader> {
    let (folder, file) = name.rsplit_once_str("/").unwrap_or((b"", name));
    match folder {
        b"info" if file.ends_with(b".list") => Some(list),
        b"info" | b"status.d" if file.ends_with(b".md5sums") => Some(md5sums),
        b"status.d" => Some(status),
        b"" if file == b"status" => Some(status),
        b"" if file == b"diversions" => Some(diversions),
        _ => None,
    }
}

/// The package that a file is named after: `libc6:amd64.md5sums` is of `libc6`.
fn package_of(path: &BStr) -> String {
    let name = model::entry::file_name(path);
    let name = name
        .strip_suffix(b".md5sums")
        .or_else(|| name.strip_suffix(b".list"))
        .unwrap_or(name);
    text(name.split(|&byte| byte == b':').next().unwrap_or(name))
}

/// `digest, two spaces, path` a line.
fn md5sums(path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Dpkg);
    let package = database.files.package(package_of(path), "");
    let mut bad = 0;
    for line in content.lines().filter(|line| !line.trim_ascii().is_empty()) {
        let digest = line.get(..32).and_then(FileDigest::of_hex);
        let name = line.get(32..).and_then(|rest| {
            rest.strip_prefix(b"  ")
                .or_else(|| rest.strip_prefix(b" *"))
        });
        match (digest, name) {
            (Some(digest), Some(name)) => database.files.claims.push(Claim {
                path: plain(name),
                package,
                digest: Some(digest),
                is_configuration: false,
            }),
            _ => bad += 1,
        }
    }
    database.not_understood(bad, "lines");
    database
}

/// A path a line, folders and what is in them: a line that the next one goes on from is a folder.
fn list(path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Dpkg);
    let package = database.files.package(package_of(path), "");
    let mut lines = content.lines().peekable();
    while let Some(line) = lines.next() {
        let is_folder = lines.peek().is_some_and(|next| {
            next.strip_prefix(line)
                .is_some_and(|rest| rest.starts_with(b"/"))
        });
        let path = plain(line);
        if !is_folder && !path.is_empty() && path != "." {
            database.files.claims.push(Claim {
                path,
                package,
                digest: None,
                is_configuration: false,
            });
        }
    }
    database
}

/// Paragraphs of `Field: value`, with the configuration files and their digests.
fn status(_path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Dpkg);
    let mut bad = 0;
    for paragraph in paragraphs(content) {
        let field = |name: &[u8]| {
            let named = paragraph
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(b":"));
            named.map(<[u8]>::trim_ascii)
        };
        let Some(name) = field(b"Package") else {
            bad += 1;
            continue;
        };
        let version = field(b"Version").unwrap_or_default();
        let package = database.files.package(text(name), text(version));
        let conffiles = paragraph
            .lines()
            .skip_while(|line| !line.starts_with(b"Conffiles:"))
            .skip(1)
            .take_while(|line| line.starts_with(b" "));
        for line in conffiles {
            let mut words = line.trim_ascii().split(|&byte| byte == b' ');
            let (Some(path), Some(digest)) = (words.next(), words.next()) else {
                bad += 1;
                continue;
            };
            database.files.claims.push(Claim {
                path: plain(path),
                package,
                digest: FileDigest::of_hex(digest),
                is_configuration: true,
            });
        }
    }
    database.not_understood(bad, "records");
    database
}

fn paragraphs(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content
        .split_str("\n\n")
        .filter(|paragraph| !paragraph.trim_ascii().is_empty())
}

/// Three lines a diversion: the path, where it went, the package that diverts (`:` for the
/// administrator).
fn diversions(_path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Dpkg);
    let lines: Vec<&[u8]> = content.lines().collect();
    for lines in lines.chunks(3) {
        let [from, to, by] = lines else {
            database.not_understood(1, "diversions");
            continue;
        };
        database.files.diversions.push(Diversion {
            from: plain(from).into(),
            to: plain(to).into(),
            by: if *by == b":" { String::new() } else { text(by) },
        });
    }
    database
}
