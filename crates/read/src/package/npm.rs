//! npm: what is installed in a `node_modules` folder.
//!
//! Source: npm's documentation of `package-lock.json`, section "Hidden Lockfiles". The digests in
//! it are those of the archives that packages came in, so no file can be compared with them.

use bstr::{BStr, ByteSlice};
use model::Manager;
use serde_json::Value;

use super::{Database, Reader, text};

/// The reader of a path, if it is a lock file that npm keeps of what it installed.
pub fn reader(path: &[u8]) -> Option<Reader> {
    path.ends_with(b"node_modules/.package-lock.json")
        .then_some(read)
}

fn read(_path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Npm);
    let Ok(lock) = serde_json::from_slice::<Value>(content) else {
        database.not_understood(1, "documents");
        return database;
    };
    let packages = lock.get("packages").and_then(Value::as_object);
    for (place, package) in packages.into_iter().flatten() {
        let Some((_, name)) = place.as_bytes().rsplit_once_str("node_modules/") else {
            continue;
        };
        let version = package.get("version").and_then(Value::as_str);
        database
            .files
            .package(text(name), text(version.unwrap_or_default().as_bytes()));
    }
    database
}
