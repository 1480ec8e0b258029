//! Python: what an installer recorded of each distribution.
//!
//! Source: the Python Packaging User Guide, "Recording installed projects": `RECORD` is CSV with a
//! path relative to the folder above, `sha256=` and URL-safe base64 without padding, and a length.
//! Before it, `installed-files.txt` in an `.egg-info` folder held paths and no digests.

use bstr::{BStr, ByteSlice};
use model::{Claim, FileDigest, Manager};

use super::{Database, Reader, below, text};
use crate::encoding::base64;

/// The reader of a path, if it is a record of this kind.
pub fn reader(path: &[u8]) -> Option<Reader> {
    if path.ends_with(b".dist-info/RECORD") {
        return Some(record);
    }
    path.ends_with(b".egg-info/installed-files.txt")
        .then_some(installed_files)
}

/// The folder of metadata, and the one it stands in.
fn folders(path: &BStr) -> (&[u8], &[u8]) {
    let metadata = path.rfind_byte(b'/').map_or(&[][..], |at| &path[..at]);
    let site = metadata
        .rfind_byte(b'/')
        .map_or(&[][..], |at| &metadata[..at]);
    (metadata, site)
}

/// Name and version, from the folder's name: `NAME-VERSION.dist-info`.
fn package(database: &mut Database, metadata: &[u8]) -> u32 {
    let name = model::entry::file_name(BStr::new(metadata));
    let stem = name
        .strip_suffix(b".dist-info")
        .or_else(|| name.strip_suffix(b".egg-info"))
        .unwrap_or(name);
    let mut parts = stem.splitn(3, |&byte| byte == b'-');
    let name = parts.next().unwrap_or_default();
    let version = parts.next().unwrap_or_default();
    database.files.package(text(name), text(version))
}

fn record(path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Pip);
    let (metadata, site) = folders(path);
    let package = package(&mut database, metadata);
    for line in content.lines().filter(|line| !line.is_empty()) {
        let (name, rest) = first_field(line);
        let digest = rest
            .split(|&byte| byte == b',')
            .next()
            .and_then(|field| field.strip_prefix(b"sha256="))
            .and_then(base64::decode)
            .and_then(|bytes| FileDigest::of_bytes(&bytes));
        database.files.claims.push(Claim {
            path: below(site, &name).as_bstr(),
            package,
            digest,
            is_configuration: false,
        });
    }
    database
}

/// The first field of a CSV line (RFC 4180), and what follows its comma.
fn first_field(line: &[u8]) -> (Vec<u8>, &[u8]) {
    let Some(mut rest) = line.strip_prefix(b"\"") else {
        let end = line.find_byte(b',').unwrap_or(line.len());
        return (
            line[..end].to_vec(),
            line.get(end + 1..).unwrap_or_default(),
        );
    };
    let mut field = Vec::new();
    while let Some(quote) = rest.find_byte(b'"') {
        field.extend_from_slice(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.strip_prefix(b"\"") {
            // Two quotes stand for one.
            Some(after) => {
                field.push(b'"');
                rest = after;
            }
            None => break,
        }
    }
    (field, rest.strip_prefix(b",").unwrap_or(rest))
}

fn installed_files(path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Pip);
    let (metadata, _) = folders(path);
    let package = package(&mut database, metadata);
    for line in content.lines().filter(|line| !line.is_empty()) {
        database.files.claims.push(Claim {
            path: below(metadata, line).as_bstr(),
            package,
            digest: None,
            is_configuration: false,
        });
    }
    database
}
