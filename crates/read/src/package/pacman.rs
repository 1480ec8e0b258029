//! pacman: a folder a package with its file hierarchy, compressed, and a description.
//!
//! Source: `ALPM-MTREE(5)`, `alpm-db-files(5)` and `alpm-db-desc(5)`.

use bstr::{BStr, ByteSlice};
use model::{Claim, FileDigest, Manager};

use super::{Database, LONGEST_DATABASE, Reader, plain, text};
use crate::encoding::compression;

/// The reader of a file below `var/lib/pacman/local/`.
pub fn reader(name: &[u8]) -> Option<Reader> {
    match name.rsplit_once_str("/")? {
        (_, b"mtree") => Some(mtree),
        (_, b"files") => Some(files),
        _ => None,
    }
}

/// Name and version, from the folder's name: `NAME-VERSION-RELEASE`.
fn package(database: &mut Database, path: &BStr) -> u32 {
    let folder = path.rsplitn_str(3, "/").nth(1).unwrap_or_default();
    let mut parts = folder.rsplitn_str(3, "-");
    let release = parts.next().unwrap_or_default();
    let version = parts.next().unwrap_or_default();
    let name = parts.next().unwrap_or(folder);
    let version = [version, b"-", release].concat();
    database.files.package(text(name), text(&version))
}

/// `./path key=value …` a line; `/set` gives the values that the lines after it have.
fn mtree(path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Pacman);
    let package = package(&mut database, path);
    let Some(hierarchy) = compression::gzip(content, LONGEST_DATABASE) else {
        database.not_understood(1, "hierarchies");
        return database;
    };
    let mut default_kind: &[u8] = b"file";
    for line in hierarchy.lines() {
        let mut words = line.fields();
        let Some(name) = words.next() else { continue };
        let mut kind = default_kind;
        let mut digest = None;
        for word in words {
            if let Some(value) = word.strip_prefix(b"type=") {
                kind = value;
            } else if let Some(value) = word
                .strip_prefix(b"sha256digest=")
                .or_else(|| word.strip_prefix(b"sha256="))
            {
                digest = FileDigest::of_hex(value);
            }
        }
        if name == b"/set" {
            default_kind = kind;
        } else if name.starts_with(b"./") && kind == b"file" {
            let path = unescape(plain(name));
            // What describes the package is not installed.
            if !path.starts_with(b".") {
                database.files.claims.push(Claim {
                    path: BStr::new(&path),
                    package,
                    digest,
                    is_configuration: false,
                });
            }
        }
    }
    database
}

/// The list whose section `%BACKUP%` names configuration: a path, a tab and a digest a line.
fn files(path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Pacman);
    let package = package(&mut database, path);
    let backup = content
        .lines()
        .skip_while(|line| *line != b"%BACKUP%")
        .skip(1)
        .take_while(|line| !line.is_empty());
    for line in backup {
        let (name, digest) = line.split_once_str("\t").unwrap_or((line, b""));
        database.files.claims.push(Claim {
            path: plain(name),
            package,
            digest: FileDigest::of_hex(digest),
            is_configuration: true,
        });
    }
    database
}

/// A backslash and three octal digits stand for a byte.
fn unescape(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        let escaped = after.first_chunk::<3>().filter(|_| first == b'\\');
        let digits = escaped.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = after.get(3..).unwrap_or_default();
            }
            None => out.push(first),
        }
    }
    out
}
