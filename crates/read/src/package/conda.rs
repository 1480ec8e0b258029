//! conda: one JSON document a package in the `conda-meta` folder of an environment.
//!
//! Source: conda's developer guide (`PrefixRecord`) and the specification of packages
//! (`paths.json`): paths are relative to the environment. Where the folder's own path was written
//! into a file on installation, `sha256_in_prefix` is the digest of the result.

use bstr::{BStr, ByteSlice};
use model::{Claim, FileDigest, Manager};
use serde_json::Value;

use super::{Database, Reader, below, text};

/// The reader of a path, if it is a record of this kind.
pub fn reader(path: &[u8]) -> Option<Reader> {
    let folder = path.strip_suffix(b".json")?;
    let folder = &folder[..folder.rfind_byte(b'/')?];
    (folder == b"conda-meta" || folder.ends_with(b"/conda-meta")).then_some(read)
}

fn read(path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Conda);
    let Ok(record) = serde_json::from_slice::<Value>(content) else {
        database.not_understood(1, "documents");
        return database;
    };
    let word = |name: &str| {
        let value = record.get(name).and_then(Value::as_str);
        text(value.unwrap_or_default().as_bytes())
    };
    // Other documents stand there too: the state of the environment.
    if word("name").is_empty() {
        return database;
    }
    let package = database.files.package(word("name"), word("version"));
    let environment = path.rsplitn_str(3, "/").nth(2).unwrap_or_default();
    let paths = record
        .pointer("/paths_data/paths")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for entry in paths {
        let Some(name) = entry.get("_path").and_then(Value::as_str) else {
            continue;
        };
        let digest = ["sha256_in_prefix", "sha256"]
            .iter()
            .find_map(|field| entry.get(field).and_then(Value::as_str))
            .and_then(|digits| FileDigest::of_hex(digits.as_bytes()));
        let is_link = entry.get("path_type").and_then(Value::as_str) == Some("softlink");
        database.files.claims.push(Claim {
            path: below(environment, name.as_bytes()).as_bstr(),
            package,
            digest: digest.filter(|_| !is_link),
            is_configuration: false,
        });
    }
    database
}
