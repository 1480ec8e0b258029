//! `Packages.db`: rpm's own format, which SUSE uses.
//!
//! Source: rpm `lib/backend/ndb/rpmpkg.c`: a header, a table of slots that say where the blob of
//! each package lies, and the blobs; all numbers little-endian, blobs counted in blocks.

use super::{Damage, slice};

/// Length of the header, of a slot, of a block and of a blob's head.
const UNIT: usize = 16;
/// The header takes two slots.
const HEADER: usize = 2 * UNIT;
/// Length of a page of slots.
const PAGE: usize = 4_096;

/// Shows every header.
pub fn headers(content: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), Damage> {
    let header = slice(content, 0, HEADER)
        .filter(|header| header.starts_with(b"RpmP"))
        .ok_or("it is no package database of rpm")?;
    let pages = number(header, 12).unwrap_or_default();
    let end = pages.saturating_mul(PAGE);
    let slots = content
        .get(HEADER..end)
        .ok_or("its table of packages is cut off")?;
    let mut lost = false;
    for slot in slots.chunks_exact(UNIT) {
        if !slot.starts_with(b"Slot") {
            return Err("its table of packages is overwritten");
        }
        let package = number(slot, 4).unwrap_or_default();
        let block = number(slot, 8).unwrap_or_default();
        if block == 0 {
            continue;
        }
        match blob(content, block, package) {
            Some(blob) => each(blob),
            None => lost = true,
        }
    }
    if lost {
        return Err("a package is not where its table says");
    }
    Ok(())
}

/// The blob at a block: `BlbS`, number of the package, generation, length, content.
fn blob(content: &[u8], block: usize, package: usize) -> Option<&[u8]> {
    let at = block.checked_mul(UNIT)?;
    let head = slice(content, at, UNIT)?;
    let is_it = head.starts_with(b"BlbS") && number(head, 4)? == package;
    let length = number(head, 12).filter(|_| is_it)?;
    slice(content, at + UNIT, length)
}

/// The number of four bytes at an offset.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}
