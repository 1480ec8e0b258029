//! `Packages`: a hash table of Berkeley DB, which rpm used before version 4.16.
//!
//! Source: Berkeley DB 5.3 `src/dbinc/db_page.h`, and rpm `lib/backend/bdb_ro.c`, which reads it
//! the same way: every page of the hash is looked at, whatever bucket it is of. Values longer than
//! a page, as most headers are, lie in a chain of overflow pages.

use super::{Damage, slice};

/// `DB_HASHMAGIC`.
const MAGIC: u32 = 0x0006_1561;
/// Length of the head of a page.
const HEAD: usize = 26;
/// Types of pages: hash, unsorted and sorted.
const PAGE_HASH: [u8; 2] = [2, 13];
/// The type of an overflow page.
const PAGE_OVERFLOW: u8 = 7;
/// Types of items.
const ITEM_INLINE: u8 = 1;
const ITEM_OVERFLOW: u8 = 3;

/// Shows every header.
pub fn headers(content: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), Damage> {
    let file = File::of(content).ok_or("it is no hash table of Berkeley DB")?;
    // Number of the last page.
    let last = file.long(content, 32).unwrap_or(usize::MAX);
    let mut lost = last >= content.len() / file.page_size;
    for page in content.chunks_exact(file.page_size) {
        if !PAGE_HASH.contains(&page[25]) {
            continue;
        }
        let items = file.short(page, 20).unwrap_or_default();
        for pair in 0..items / 2 {
            let key = file.item(page, pair * 2);
            let value = file.item(page, pair * 2 + 1);
            // The record with number 0 holds the next number and no package.
            if key.is_some_and(|key| key.get(1..) == Some(&[0; 4])) {
                continue;
            }
            match value.and_then(|value| file.value(value)) {
                Some(value) => each(&value),
                None => lost = true,
            }
        }
    }
    if lost {
        return Err("a package is not where its page says");
    }
    Ok(())
}

/// A database file.
struct File<'a> {
    content: &'a [u8],
    page_size: usize,
    is_big_endian: bool,
}

impl<'a> File<'a> {
    /// Reads the first page, which says what the others are like.
    fn of(content: &'a [u8]) -> Option<Self> {
        let magic = *content.get(12..)?.first_chunk::<4>()?;
        let is_big_endian = match magic {
            _ if u32::from_le_bytes(magic) == MAGIC => false,
            _ if u32::from_be_bytes(magic) == MAGIC => true,
            _ => return None,
        };
        let mut file = Self {
            content,
            page_size: 0,
            is_big_endian,
        };
        file.page_size = file.long(content, 20)?;
        let is_size = file.page_size.is_power_of_two() && (512..=65_536).contains(&file.page_size);
        is_size.then_some(file)
    }

    fn long(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let bytes = *bytes.get(at..)?.first_chunk::<4>()?;
        let number = if self.is_big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        };
        usize::try_from(number).ok()
    }

    fn short(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let bytes = *bytes.get(at..)?.first_chunk::<2>()?;
        Some(usize::from(if self.is_big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        }))
    }

    /// An item of a page: they fill it from its end, so each ends where the one before begins.
    fn item<'b>(&self, page: &'b [u8], index: usize) -> Option<&'b [u8]> {
        let start = self.short(page, HEAD + index * 2)?;
        let end = match index.checked_sub(1) {
            Some(before) => self.short(page, HEAD + before * 2)?,
            None => page.len(),
        };
        page.get(start..end)
    }

    /// The bytes of an item.
    fn value(&self, item: &[u8]) -> Option<Vec<u8>> {
        match *item.first()? {
            ITEM_INLINE => Some(item.get(1..)?.to_vec()),
            ITEM_OVERFLOW => self.overflow(self.long(item, 4)?, self.long(item, 8)?),
            _ => None,
        }
    }

    /// The bytes that a chain of pages holds.
    fn overflow(&self, first: usize, length: usize) -> Option<Vec<u8>> {
        let mut value = Vec::new();
        let mut next = first;
        // Each page must add bytes, so the length bounds the walk.
        while value.len() < length {
            let at = next.checked_mul(self.page_size).filter(|&at| at > 0)?;
            let page = slice(self.content, at, self.page_size)?;
            let held = self.short(page, 22)?;
            if page[25] != PAGE_OVERFLOW || held == 0 {
                return None;
            }
            value.extend_from_slice(slice(page, HEAD, held)?);
            next = self.long(page, 16)?;
        }
        value.truncate(length);
        Some(value)
    }
}
