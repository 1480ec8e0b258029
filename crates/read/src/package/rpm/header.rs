//! The header of an installed package.
//!
//! Source: rpm `docs/manual/format_header.md` (index and store, big-endian, without the lead-in
//! that a package file has) and `docs/manual/tags.md`.

use bstr::{BString, ByteSlice};
use model::{Claim, FileDigest, PackageFiles};

use super::slice;
use crate::package::{plain, text};

/// Tags of a header.
mod tag {
    pub const NAME: u32 = 1000;
    pub const VERSION: u32 = 1001;
    pub const RELEASE: u32 = 1002;
    pub const FILE_STATES: u32 = 1029;
    pub const FILE_MODES: u32 = 1030;
    pub const FILE_DIGESTS: u32 = 1035;
    pub const FILE_FLAGS: u32 = 1037;
    pub const FILE_VERIFY_FLAGS: u32 = 1045;
    pub const DIR_INDEXES: u32 = 1116;
    pub const BASE_NAMES: u32 = 1117;
    pub const DIR_NAMES: u32 = 1118;
    pub const OLD_FILE_NAMES: u32 = 1027;
}

/// `RPMFILE_CONFIG`.
const CONFIG: u32 = 1;
/// `RPMFILE_GHOST`: the package has no content for it.
const GHOST: u32 = 1 << 6;
/// `RPMVERIFY_FILEDIGEST`: its digest is to be compared.
const COMPARE_DIGEST: u32 = 1;
/// Type bits of a mode, and those of a regular file.
const TYPE_MASK: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;

/// Most index entries of a header, as in rpm (`HEADER_TAGS_MAX`).
const ENTRIES_MAX: usize = 65_536;

/// Adds what a header claims; `None` if it is none.
pub fn read(blob: &[u8], files: &mut PackageFiles) -> Option<()> {
    let header = Header::of(blob)?;
    let name = header.string(tag::NAME)?;
    let version = [
        header.string(tag::VERSION).unwrap_or_default(),
        b"-",
        header.string(tag::RELEASE).unwrap_or_default(),
    ]
    .concat();
    let package = files.package(text(name), text(&version));
    let digests = header.strings(tag::FILE_DIGESTS);
    let modes = header.numbers(tag::FILE_MODES);
    let flags = header.numbers(tag::FILE_FLAGS);
    let verify = header.numbers(tag::FILE_VERIFY_FLAGS);
    let states = header.numbers(tag::FILE_STATES);
    for (at, path) in header.paths().iter().enumerate() {
        let flags = flags.get(at).copied().unwrap_or_default();
        // Replaced by another package, not installed, or of another architecture.
        let is_absent = states.get(at).is_some_and(|&state| state != 0);
        let is_regular = modes.get(at).is_none_or(|mode| mode & TYPE_MASK == REGULAR);
        if is_absent || !is_regular || flags & GHOST != 0 {
            continue;
        }
        let compared = verify.get(at).is_none_or(|bits| bits & COMPARE_DIGEST != 0);
        let digest = digests.get(at).filter(|_| compared);
        files.claims.push(Claim {
            path: plain(path),
            package,
            digest: digest.and_then(|digits| FileDigest::of_hex(digits)),
            is_configuration: flags & CONFIG != 0,
        });
    }
    Some(())
}

/// Index and store of a header.
struct Header<'a> {
    index: &'a [u8],
    store: &'a [u8],
}

/// One tag's data: type, the rest of the store from its first byte, number of items.
struct Entry<'a> {
    kind: u32,
    data: &'a [u8],
    count: usize,
}

impl<'a> Header<'a> {
    fn of(blob: &'a [u8]) -> Option<Self> {
        let entries = usize::try_from(number(slice(blob, 0, 4)?)).ok()?;
        let length = usize::try_from(number(slice(blob, 4, 4)?)).ok()?;
        if entries > ENTRIES_MAX {
            return None;
        }
        let index = slice(blob, 8, entries * 16)?;
        let store = slice(blob, 8 + entries * 16, length)?;
        Some(Self { index, store })
    }

    fn entry(&self, wanted: u32) -> Option<Entry<'a>> {
        let (entries, _) = self.index.as_chunks::<16>();
        let found = entries.iter().find(|entry| number(&entry[..4]) == wanted)?;
        let offset = usize::try_from(number(&found[8..12])).ok()?;
        Some(Entry {
            kind: number(&found[4..8]),
            data: self.store.get(offset..)?,
            count: usize::try_from(number(&found[12..16])).ok()?,
        })
    }

    /// `RPM_STRING_TYPE`.
    fn string(&self, wanted: u32) -> Option<&'a [u8]> {
        self.strings(wanted).into_iter().next()
    }

    /// `RPM_STRING_TYPE` and `RPM_STRING_ARRAY_TYPE`: each ends with a NUL, so there are no more
    /// than the store has bytes.
    fn strings(&self, wanted: u32) -> Vec<&'a [u8]> {
        let Some(entry) = self
            .entry(wanted)
            .filter(|entry| matches!(entry.kind, 6 | 8 | 9))
        else {
            return Vec::new();
        };
        let mut rest = entry.data;
        let mut strings = Vec::new();
        while strings.len() < entry.count {
            let Some(end) = rest.find_byte(0) else { break };
            strings.push(&rest[..end]);
            rest = &rest[end + 1..];
        }
        strings
    }

    /// `RPM_CHAR_TYPE`, `RPM_INT8_TYPE`, `RPM_INT16_TYPE` and `RPM_INT32_TYPE`.
    fn numbers(&self, wanted: u32) -> Vec<u32> {
        let Some(entry) = self.entry(wanted) else {
            return Vec::new();
        };
        let width = match entry.kind {
            1 | 2 => 1,
            3 => 2,
            4 => 4,
            _ => return Vec::new(),
        };
        let items = entry.data.chunks_exact(width).take(entry.count);
        items.map(number).collect()
    }

    /// Paths: base names with their folders, or, before rpm 4, whole.
    fn paths(&self) -> Vec<BString> {
        let names = self.strings(tag::BASE_NAMES);
        if names.is_empty() {
            let whole = self.strings(tag::OLD_FILE_NAMES);
            return whole.into_iter().map(BString::from).collect();
        }
        let folders = self.strings(tag::DIR_NAMES);
        let indexes = self.numbers(tag::DIR_INDEXES);
        let folder = |at: usize| {
            let index = usize::try_from(*indexes.get(at)?).ok()?;
            folders.get(index).copied()
        };
        let path = |(at, name): (usize, &&[u8])| {
            BString::from([folder(at).unwrap_or_default(), name].concat())
        };
        names.iter().enumerate().map(path).collect()
    }
}

/// A big-endian number of up to four bytes.
fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, &byte| number << 8 | u32::from(byte))
}
