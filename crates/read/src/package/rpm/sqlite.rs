//! `rpmdb.sqlite`: the column `blob` of the table `Packages`.
//!
//! Source: <https://www.sqlite.org/fileformat2.html>. Only what a table walk needs is read: pages,
//! cells of table b-trees, overflow pages and records. A library would open files itself, which
//! nothing here may.

use super::{Damage, slice};

/// Deepest b-tree walked: three levels hold any database that is read whole.
const DEPTH_MAX: usize = 20;

/// Shows every header.
pub fn headers(content: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), Damage> {
    let pages = Pages::of(content).ok_or("it is no SQLite database")?;
    let mut root = None;
    let mut walk = Walk::new(&pages);
    // sqlite_schema: type, name, tbl_name, rootpage, sql.
    walk.table(1, 0, &mut |record| {
        if record.first() == Some(&Value::Bytes(b"table"))
            && record.get(1) == Some(&Value::Bytes(b"Packages"))
            && let Some(Value::Number(page)) = record.get(3)
        {
            root = u32::try_from(*page).ok();
        }
    })?;
    let root = root.ok_or("it has no table of packages")?;
    let mut walk = Walk::new(&pages);
    // hnum (an alias of the row's number), blob.
    walk.table(root, 0, &mut |record| {
        if let Some(Value::Bytes(blob)) = record.get(1) {
            each(blob);
        }
    })
}

/// The file as pages (section 1.3).
struct Pages<'a> {
    bytes: &'a [u8],
    size: usize,
    /// What is left of a page when the reserved bytes at its end are taken off.
    usable: usize,
}

impl<'a> Pages<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let header = slice(bytes, 0, 100)?;
        if !header.starts_with(b"SQLite format 3\0") {
            return None;
        }
        let size = match big_endian(&header[16..18]) {
            1 => 65_536,
            size => usize::try_from(size).ok()?,
        };
        let usable = size.checked_sub(usize::from(header[20]))?;
        (size >= 512 && size.is_power_of_two() && usable >= 480).then_some(Self {
            bytes,
            size,
            usable,
        })
    }

    /// A page; the first has number 1.
    fn page(&self, number: u32) -> Option<&'a [u8]> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        slice(self.bytes, at.checked_mul(self.size)?, self.size)
    }

    fn count(&self) -> usize {
        self.bytes.len() / self.size
    }
}

/// A value of a record, as far as it is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Other,
}

/// A walk over a table b-tree.
struct Walk<'a, 'p> {
    pages: &'p Pages<'a>,
    /// Pages that may still be visited: a damaged tree may have circles.
    left: usize,
}

impl<'a, 'p> Walk<'a, 'p> {
    fn new(pages: &'p Pages<'a>) -> Self {
        Self {
            pages,
            left: pages.count(),
        }
    }

    /// Visits a page of a table b-tree and what is below it (section 1.6).
    fn table(
        &mut self,
        number: u32,
        depth: usize,
        each: &mut dyn FnMut(&[Value<'_>]),
    ) -> Result<(), Damage> {
        let damage = "a page of a table is not where it should be";
        self.left = self.left.checked_sub(1).ok_or("its pages form a circle")?;
        if depth > DEPTH_MAX {
            return Err("its pages are too deep inside one another");
        }
        let page = self.pages.page(number).ok_or(damage)?;
        let start = if number == 1 { 100 } else { 0 };
        let header = slice(page, start, 12).ok_or(damage)?;
        let cells = usize::try_from(big_endian(&header[3..5])).unwrap_or_default();
        let (is_interior, pointers) = match header[0] {
            5 => (true, start + 12),
            13 => (false, start + 8),
            _ => return Err(damage),
        };
        for cell in 0..cells {
            let pointer = slice(page, pointers + cell * 2, 2).ok_or(damage)?;
            let at = usize::try_from(big_endian(pointer)).unwrap_or_default();
            if is_interior {
                let child = slice(page, at, 4).ok_or(damage)?;
                self.table(page_number(child), depth + 1, each)?;
            } else {
                let payload = self
                    .payload(page, at)
                    .ok_or("a row of a table is cut off")?;
                each(&record(&payload).ok_or("a row of a table is no record")?);
            }
        }
        if is_interior {
            self.table(page_number(&header[8..12]), depth + 1, each)?;
        }
        Ok(())
    }

    /// The payload of a leaf cell, with its overflow pages (section 1.6, "Cell payload overflow").
    fn payload(&self, page: &[u8], at: usize) -> Option<Vec<u8>> {
        let (length, rest) = varint(page.get(at..)?)?;
        let (_row, rest) = varint(rest)?;
        let length = usize::try_from(length).ok()?;
        if length > self.pages.bytes.len() {
            return None;
        }
        let usable = self.pages.usable;
        let most = usable - 35;
        if length <= most {
            return Some(rest.get(..length)?.to_vec());
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let fitting = least + (length - least) % (usable - 4);
        let local = if fitting <= most { fitting } else { least };
        let mut payload = rest.get(..local)?.to_vec();
        let mut next = page_number(slice(rest, local, 4)?);
        // Each page adds bytes, so the length bounds the walk.
        while payload.len() < length {
            let page = self.pages.page(next)?;
            next = page_number(slice(page, 0, 4)?);
            let take = (length - payload.len()).min(usable - 4);
            payload.extend_from_slice(slice(page, 4, take)?);
        }
        Some(payload)
    }
}

/// A record: a header of serial types, then the values (section 2.1).
fn record(payload: &[u8]) -> Option<Vec<Value<'_>>> {
    let (length, rest) = varint(payload)?;
    let length = usize::try_from(length).ok()?;
    let taken = payload.len() - rest.len();
    let mut types = rest.get(..length.checked_sub(taken)?)?;
    let mut body = payload.get(length..)?;
    let mut values = Vec::new();
    while !types.is_empty() {
        let (kind, left) = varint(types)?;
        types = left;
        let size = match kind {
            0 | 8..=11 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            _ => (kind - 12) / 2,
        };
        let (value, left) = body.split_at_checked(usize::try_from(size).ok()?)?;
        body = left;
        values.push(match kind {
            8 | 9 => Value::Number(kind - 8),
            1..=6 => Value::Number(big_endian(value)),
            12.. => Value::Bytes(value),
            _ => Value::Other,
        });
    }
    Some(values)
}

/// A variable-length integer: seven bits a byte, the ninth has eight (section 1.6).
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for at in 0..8 {
        let byte = *bytes.get(at)?;
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    let last = *bytes.get(8)?;
    Some((number << 8 | u64::from(last), bytes.get(9..)?))
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// A page number of four bytes; 0, which no page has, if they are not four.
fn page_number(bytes: &[u8]) -> u32 {
    u32::try_from(big_endian(bytes)).unwrap_or_default()
}
