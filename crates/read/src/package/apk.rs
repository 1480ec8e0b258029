//! apk: one text file with every package and every file.
//!
//! Source: apk-tools `doc/apk-package.5`, and the Alpine wiki's "Apk spec" on the fields of the
//! installed database: `P:` and `V:` name a package, `F:` a folder, `R:` a file in it and `Z:` its
//! digest, `Q1` and base64 of a SHA-1 or `Q2` and base64 of a SHA-256. Of a symbolic link the
//! digest is that of its target's name.

use bstr::{BStr, ByteSlice};
use model::{Claim, FileDigest, Manager};

use super::{Database, below, text};
use crate::encoding::base64;

/// A file whose digest may still come.
struct Open {
    path: bstr::BString,
    digest: Option<FileDigest>,
}

/// Reads `installed`.
pub fn read(_path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Apk);
    let mut folder: &[u8] = b"";
    let mut name: &[u8] = b"";
    let mut package = None;
    let mut open: Option<Open> = None;
    let mut bad = 0;
    for line in content.lines() {
        let (field, value) = match line {
            [] => {
                take(&mut database, open.take(), package);
                (folder, name, package) = (b"", b"", None);
                continue;
            }
            [field, b':', value @ ..] => (*field, value),
            _ => {
                bad += 1;
                continue;
            }
        };
        match field {
            b'P' => name = value,
            b'V' => package = Some(database.files.package(text(name), text(value))),
            b'F' => folder = value,
            b'R' => {
                take(&mut database, open.take(), package);
                let path = below(folder, value);
                open = Some(Open { path, digest: None });
            }
            b'Z' => {
                if let Some(open) = &mut open {
                    open.digest = digest(value);
                }
            }
            _ => {}
        }
    }
    take(&mut database, open, package);
    database.not_understood(bad, "lines");
    database
}

/// What is in the folder of configuration, apk itself keeps as the administrator left it
/// (`protected_paths.d`, whose default is `etc`).
fn take(database: &mut Database, open: Option<Open>, package: Option<u32>) {
    if let (Some(open), Some(package)) = (open, package) {
        database.files.claims.push(Claim {
            path: open.path.as_bstr(),
            package,
            digest: open.digest,
            is_configuration: open.path.starts_with(b"etc/"),
        });
    }
}

fn digest(value: &[u8]) -> Option<FileDigest> {
    let encoded = value
        .strip_prefix(b"Q1")
        .or_else(|| value.strip_prefix(b"Q2"));
    match encoded {
        Some(encoded) => FileDigest::of_bytes(&base64::decode(encoded)?),
        // Before apk 2.0: MD5 in hexadecimal.
        None => FileDigest::of_hex(value),
    }
}
