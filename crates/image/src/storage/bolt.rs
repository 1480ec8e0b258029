//! A read-only reader of bolt databases, in which containerd keeps its records.
//!
//! Source: `go.etcd.io/bbolt`, `page.go` and `internal/common` (page headers, branch and leaf
//! elements), `meta.go` (the two meta pages and their FNV-1a checksum), `bucket.go` (inline
//! buckets), `db.go` (choice of the meta page). Numbers are in the byte order of the machine that
//! wrote them; only little-endian files are read.
//!
//! The database may be written to meanwhile, and its lock is held by the daemon. Bolt never
//! overwrites a page that the newest meta page reaches, so a read during which the transaction
//! number stood still is consistent, and any other is done again: [`Database::read`].

use std::fs::File;
use std::os::unix::fs::FileExt;

/// First number of a meta page.
const MAGIC: u32 = 0xed0c_daed;
/// The only version of the format.
const VERSION: u32 = 2;
/// Length of a page header.
const HEADER: usize = 16;
/// Length of a meta page's content without its checksum.
const META: usize = 56;
/// Deepest tree that is followed. A branch has at least two children, so that a tree of this depth
/// would hold more pages than any file.
const DEPTH: usize = 64;
/// Longest run of pages read as one. containerd's values are a few hundred bytes.
const RUN_BYTES: u64 = 64 << 20;
/// How often a read is tried while the database is written.
const ATTEMPTS: usize = 8;
/// Page sizes at which a second meta page is looked for, if the first is damaged.
const PAGE_SIZES: [u64; 7] = [
    1 << 12,
    1 << 13,
    1 << 14,
    1 << 15,
    1 << 16,
    1 << 10,
    1 << 11,
];

const BRANCH_FLAG: u16 = 0x01;
const LEAF_FLAG: u16 = 0x02;
const BUCKET_FLAG: u32 = 0x01;

/// Why a database cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoltError {
    /// The file cannot be read.
    #[error("{0}")]
    Io(String),
    /// It is not a bolt database, or damaged.
    #[error("{0}")]
    Damaged(String),
    /// It was being written all the time.
    #[error("it was written to during all {ATTEMPTS} attempts to read it")]
    Busy,
}

fn damaged(what: impl Into<String>) -> BoltError {
    BoltError::Damaged(what.into())
}

/// One state of a database: what its newest meta page reaches.
#[derive(Debug)]
pub struct Database<'a> {
    file: &'a File,
    length: u64,
    meta: Meta,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Meta {
    page_size: u64,
    root: u64,
    transaction: u64,
}

/// A bucket: a sorted map of keys to values and further buckets.
#[derive(Debug)]
pub struct Bucket<'a> {
    database: &'a Database<'a>,
    root: Root,
}

#[derive(Debug)]
enum Root {
    Page(u64),
    Inline(Vec<u8>),
}

/// What a key names.
#[derive(Debug)]
pub enum Value<'a> {
    /// Bytes.
    Bytes(Vec<u8>),
    /// A bucket in the bucket.
    Bucket(Bucket<'a>),
}

impl<'a> Database<'a> {
    /// Runs `work` on a consistent state of the database.
    ///
    /// # Errors
    /// Those of `work`, if the database stood still meanwhile; if it is no database, or never
    /// stands still.
    pub fn read<T>(
        file: &File,
        mut work: impl FnMut(&Database<'_>) -> Result<T, BoltError>,
    ) -> Result<T, BoltError> {
        for _ in 0..ATTEMPTS {
            let database = match Database::open(file) {
                // The meta pages are written one after the other: once more.
                Err(BoltError::Damaged(_)) => Database::open(file)?,
                other => other?,
            };
            let outcome = work(&database);
            if Database::open(file).is_ok_and(|now| now.meta == database.meta) {
                return outcome;
            }
        }
        Err(BoltError::Busy)
    }

    fn open(file: &'a File) -> Result<Self, BoltError> {
        let length = file
            .metadata()
            .map_err(|error| BoltError::Io(error.to_string()))?
            .len();
        let first = read_meta(file, length, 0);
        let second = match &first {
            Some(meta) => read_meta(file, length, meta.page_size),
            None => PAGE_SIZES
                .iter()
                .find_map(|&size| read_meta(file, length, size).filter(|m| m.page_size == size)),
        };
        let meta = [first, second]
            .into_iter()
            .flatten()
            .max_by_key(|meta| meta.transaction)
            .ok_or_else(|| damaged("it has no valid meta page, so it is no bolt database"))?;
        Ok(Self { file, length, meta })
    }

    /// The bucket that holds all others.
    pub fn root(&'a self) -> Bucket<'a> {
        Bucket {
            database: self,
            root: Root::Page(self.meta.root),
        }
    }

    /// The bucket reached by `path`, key by key; `None` if one of them is not there.
    ///
    /// # Errors
    /// If the database is damaged.
    pub fn bucket(&'a self, path: &[&[u8]]) -> Result<Option<Bucket<'a>>, BoltError> {
        let mut bucket = self.root();
        for key in path {
            bucket = match bucket.get(key)? {
                Some(Value::Bucket(inner)) => inner,
                _ => return Ok(None),
            };
        }
        Ok(Some(bucket))
    }

    /// The page `id` with those that overflow from it.
    fn page(&self, id: u64) -> Result<Vec<u8>, BoltError> {
        let start = id
            .checked_mul(self.meta.page_size)
            .ok_or_else(|| damaged(format!("page {id} is past the end of the file")))?;
        let header = self.bytes(start, HEADER as u64)?;
        let (own, overflow) = (u64_at(&header, 0)?, u32_at(&header, 12)?);
        if own != id {
            return Err(damaged(format!("page {id} says it is page {own}")));
        }
        let length = (u64::from(overflow) + 1).saturating_mul(self.meta.page_size);
        if length > RUN_BYTES {
            return Err(damaged(format!("page {id} claims {length} bytes")));
        }
        self.bytes(start, length)
    }

    fn bytes(&self, start: u64, length: u64) -> Result<Vec<u8>, BoltError> {
        let inside = start
            .checked_add(length)
            .is_some_and(|end| end <= self.length);
        let size = usize::try_from(length).ok().filter(|_| inside);
        let size = size.ok_or_else(|| {
            damaged(format!(
                "it refers to {length} bytes at {start}, past its end"
            ))
        })?;
        let mut bytes = vec![0; size];
        self.file
            .read_exact_at(&mut bytes, start)
            .map_err(|error| BoltError::Io(error.to_string()))?;
        Ok(bytes)
    }
}

impl<'a> Bucket<'a> {
    /// What `key` names.
    ///
    /// # Errors
    /// If the database is damaged.
    pub fn get(&self, key: &[u8]) -> Result<Option<Value<'a>>, BoltError> {
        let mut page = match &self.root {
            Root::Inline(bytes) => bytes.clone(),
            Root::Page(id) => self.database.page(*id)?,
        };
        for _ in 0..DEPTH {
            match parse(&page)? {
                Page::Leaf(elements) => {
                    let found = elements.into_iter().find(|element| element.key == key);
                    return found.map(|element| self.value(&element)).transpose();
                }
                Page::Branch(children) => {
                    // Each child holds the keys from its own to the next one's.
                    let after = children.iter().position(|(first, _)| *first > key);
                    let index = after.unwrap_or(children.len()).saturating_sub(1);
                    let Some((_, id)) = children.get(index) else {
                        return Ok(None);
                    };
                    page = self.database.page(*id)?;
                }
            }
        }
        Err(damaged(format!("its tree is deeper than {DEPTH} pages")))
    }

    /// The bytes that `key` names; `None` if it is not there or a bucket.
    ///
    /// # Errors
    /// If the database is damaged.
    pub fn bytes(&self, key: &[u8]) -> Result<Option<Vec<u8>>, BoltError> {
        Ok(match self.get(key)? {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        })
    }

    /// Calls `each` with every key and value, in the order of the keys.
    ///
    /// # Errors
    /// Those of `each`; if the database is damaged.
    pub fn for_each(
        &self,
        mut each: impl FnMut(&[u8], Value<'a>) -> Result<(), BoltError>,
    ) -> Result<(), BoltError> {
        // Every page is reached once, so together they are no longer than the file. Without this
        // a damaged tree with cycles could be walked for ever.
        let mut allowance = self.database.length;
        let mut pending: Vec<(u64, usize)> = Vec::new();
        let mut page = match &self.root {
            Root::Inline(bytes) => Some((bytes.clone(), 0)),
            Root::Page(id) => Some((self.database.page(*id)?, 0)),
        };
        while let Some((bytes, depth)) = page {
            match parse(&bytes)? {
                Page::Leaf(elements) => {
                    for element in elements {
                        each(element.key, self.value(&element)?)?;
                    }
                }
                Page::Branch(_) if depth >= DEPTH => {
                    return Err(damaged(format!("its tree is deeper than {DEPTH} pages")));
                }
                Page::Branch(children) => {
                    pending.extend(children.iter().rev().map(|(_, id)| (*id, depth + 1)));
                }
            }
            page = match pending.pop() {
                Some((id, depth)) => {
                    let bytes = self.database.page(id)?;
                    allowance = allowance
                        .checked_sub(bytes.len() as u64)
                        .ok_or_else(|| damaged("its pages refer to each other in a circle"))?;
                    Some((bytes, depth))
                }
                None => None,
            };
        }
        Ok(())
    }

    fn value(&self, element: &Element<'_>) -> Result<Value<'a>, BoltError> {
        if element.flags & BUCKET_FLAG == 0 {
            return Ok(Value::Bytes(element.value.to_vec()));
        }
        let root = match u64_at(element.value, 0)? {
            0 => Root::Inline(element.value.get(HEADER..).unwrap_or_default().to_vec()),
            page => Root::Page(page),
        };
        Ok(Value::Bucket(Bucket {
            database: self.database,
            root,
        }))
    }
}

enum Page<'p> {
    Branch(Vec<(&'p [u8], u64)>),
    Leaf(Vec<Element<'p>>),
}

struct Element<'p> {
    flags: u32,
    key: &'p [u8],
    value: &'p [u8],
}

/// Parses a branch or leaf page: the header, an array of elements, then keys and values.
fn parse(page: &[u8]) -> Result<Page<'_>, BoltError> {
    let flags = u16_at(page, 8)?;
    let count = usize::from(u16_at(page, 10)?);
    // Elements are 16 bytes on both kinds of page; positions count from the element's start.
    let starts = (0..count).map(|index| HEADER + index * 16);
    match flags {
        BRANCH_FLAG => starts
            .map(|at| {
                let key = slice(page, at, u32_at(page, at)?, u32_at(page, at + 4)?)?;
                Ok((key, u64_at(page, at + 8)?))
            })
            .collect::<Result<_, _>>()
            .map(Page::Branch),
        LEAF_FLAG => starts
            .map(|at| {
                let (position, key) = (u32_at(page, at + 4)?, u32_at(page, at + 8)?);
                let value = u32_at(page, at + 12)?;
                let behind = position
                    .checked_add(key)
                    .ok_or_else(|| damaged("a key ends past its page"))?;
                Ok(Element {
                    flags: u32_at(page, at)?,
                    key: slice(page, at, position, key)?,
                    value: slice(page, at, behind, value)?,
                })
            })
            .collect::<Result<_, _>>()
            .map(Page::Leaf),
        other => Err(damaged(format!(
            "a page of its tree is neither branch nor leaf (flags {other:#x})"
        ))),
    }
}

fn slice(page: &[u8], element: usize, position: u32, length: u32) -> Result<&[u8], BoltError> {
    let start = element.saturating_add(position as usize);
    page.get(start..start.saturating_add(length as usize))
        .ok_or_else(|| damaged("a key or value lies outside its page"))
}

/// A meta page, if it is valid.
fn read_meta(file: &File, length: u64, start: u64) -> Option<Meta> {
    let mut page = [0; HEADER + META + 8];
    file.read_exact_at(&mut page, start).ok()?;
    let meta = page.get(HEADER..)?;
    let page_size = u64::from(u32_at(meta, 8).ok()?);
    let valid = u32_at(meta, 0).ok()? == MAGIC
        && u32_at(meta, 4).ok()? == VERSION
        && page_size.is_power_of_two()
        && (1 << 10..=1 << 20).contains(&page_size)
        && page_size <= length
        && u64_at(meta, META).ok()? == fnv1a(meta.get(..META)?);
    valid.then_some(Meta {
        page_size,
        root: u64_at(meta, 16).ok()?,
        transaction: u64_at(meta, 48).ok()?,
    })
}

/// FNV-1a, 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], BoltError> {
    bytes
        .get(at..at.saturating_add(N))
        .and_then(|part| part.try_into().ok())
        .ok_or_else(|| damaged("a page ends in the middle of a number"))
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, BoltError> {
    array(bytes, at).map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, BoltError> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64, BoltError> {
    array(bytes, at).map(u64::from_le_bytes)
}

#[cfg(test)]
#[path = "bolt_tests.rs"]
mod tests;
