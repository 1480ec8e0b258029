//! rpm: one header a package, held in one of three databases.
//!
//! Source: rpm's `docs/manual/` (`format_header.md`, `tags.md`) and `lib/backend/`. The header is
//! the same in all of them; [`sqlite`], [`ndb`] and [`hash`] only find where each one lies.

mod hash;
mod header;
mod ndb;
mod sqlite;

use bstr::BStr;
use model::Manager;

use super::{Database, Reader};

/// The reader of a file in one of rpm's folders.
pub fn reader(name: &[u8]) -> Option<Reader> {
    match name {
        b"rpmdb.sqlite" => Some(|_, content| database(content, sqlite::headers)),
        b"Packages.db" => Some(|_, content| database(content, ndb::headers)),
        b"Packages" => Some(|_, content| database(content, hash::headers)),
        b"rpmdb.sqlite-wal" => Some(write_ahead),
        _ => None,
    }
}

/// Finds the headers of a database and shows each; what is damaged is told in words.
type Headers = fn(content: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), Damage>;

/// Why a database, or a part of it, cannot be read.
type Damage = &'static str;

fn database(content: &[u8], headers: Headers) -> Database {
    let mut database = Database::new(Manager::Rpm);
    if content.is_empty() {
        return database;
    }
    let mut bad = 0;
    let end = headers(content, &mut |blob| {
        if header::read(blob, &mut database.files).is_none() {
            bad += 1;
        }
    });
    database.not_understood(bad, "headers");
    if let Err(damage) = end {
        database
            .gaps
            .push(format!("the package database is damaged: {damage}"));
    }
    database
}

/// SQLite's log of what is not in the database yet: empty once the last writer closed it.
fn write_ahead(_path: &BStr, content: &[u8]) -> Database {
    let mut database = Database::new(Manager::Rpm);
    if !content.is_empty() {
        let gap = "changes to the package database that were not yet written into it are not read";
        database.gaps.push(gap.to_owned());
    }
    database
}

/// Bytes at an offset.
fn slice(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}
