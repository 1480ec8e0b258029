//! Sparse files: where the stored bytes belong, the rest being holes that read as zeros.
//!
//! Source: GNU tar manual, "Storing Sparse Files" (the old GNU format, and PAX 0.0, 0.1, 1.0).

use super::header::{BLOCK, field, number};

/// Most extents of one file: 4 MiB of map. GNU tar writes one for each run of data, and a file
/// this fragmented is not seen in images.
pub const EXTENTS_MAX: usize = 1 << 18;

/// One run of stored bytes: offset and length.
pub type Extent = (u64, u64);

/// Extents of an old GNU header: up to four of them, and whether a block of more follows.
pub fn of_header(block: &[u8; BLOCK]) -> (Vec<Extent>, bool) {
    (extents(block, 386, 4), field(block, 482, 1) != [0])
}

/// Extents of a block that follows an old GNU header, and whether yet another follows.
pub fn of_extension(block: &[u8; BLOCK]) -> (Vec<Extent>, bool) {
    (extents(block, 0, 21), field(block, 504, 1) != [0])
}

/// The length with holes that an old GNU header says.
pub fn real_size(block: &[u8; BLOCK]) -> Option<u64> {
    number(field(block, 483, 12)).and_then(|size| u64::try_from(size).ok())
}

fn extents(block: &[u8; BLOCK], start: usize, count: usize) -> Vec<Extent> {
    (0..count)
        .map(|n| field(block, start + n * 24, 24))
        .take_while(|pair| pair.first().is_some_and(|&byte| byte != 0))
        .map_while(|pair| {
            let offset = number(field(pair, 0, 12))?;
            let length = number(field(pair, 12, 12))?;
            Some((u64::try_from(offset).ok()?, u64::try_from(length).ok()?))
        })
        .collect()
}

/// Pairs the numbers of a PAX map.
pub fn pairs(numbers: &[u64]) -> Option<Vec<Extent>> {
    let (pairs, rest) = numbers.as_chunks::<2>();
    rest.is_empty().then(|| {
        pairs
            .iter()
            .map(|&[offset, length]| (offset, length))
            .collect()
    })
}

/// The map in front of a PAX 1.0 sparse file's content, read line by line.
#[derive(Default)]
pub struct ContentMap {
    count: Option<usize>,
    numbers: Vec<u64>,
    digits: Option<u64>,
}

impl ContentMap {
    /// Takes the next block of the map; the extents once it is whole (the content begins with the
    /// next block then), or nothing if more blocks are needed.
    ///
    /// # Errors
    /// If the map is malformed or too long.
    pub fn take(&mut self, block: &[u8; BLOCK]) -> Result<Option<Vec<Extent>>, &'static str> {
        for &byte in block {
            match byte {
                b'0'..=b'9' => {
                    let digit = u64::from(byte - b'0');
                    let value = self.digits.unwrap_or(0).checked_mul(10);
                    let value = value.and_then(|value| value.checked_add(digit));
                    self.digits = Some(value.ok_or("a number of the sparse map is too large")?);
                }
                b'\n' => {
                    let number = self.digits.take().ok_or("the sparse map is malformed")?;
                    if self.line(number)? {
                        return Ok(pairs(&self.numbers));
                    }
                }
                _ => return Err("the sparse map is malformed"),
            }
        }
        Ok(None)
    }

    /// One line; whether it was the last.
    fn line(&mut self, number: u64) -> Result<bool, &'static str> {
        match self.count {
            None => {
                let count = usize::try_from(number).ok();
                self.count = Some(
                    count
                        .filter(|&count| count <= EXTENTS_MAX)
                        .ok_or("the sparse map is too long")?,
                );
            }
            Some(_) => self.numbers.push(number),
        }
        Ok(self
            .count
            .is_some_and(|count| self.numbers.len() == count * 2))
    }
}

/// Whether a map is in order, inside the file, and accounts for the stored bytes.
pub fn is_sound(extents: &[Extent], size: u64, stored: u64) -> bool {
    let mut end = 0_u64;
    let mut sum = 0_u64;
    for &(offset, length) in extents {
        let Some(next) = offset.checked_add(length) else {
            return false;
        };
        if offset < end || next > size {
            return false;
        }
        end = next;
        sum += length;
    }
    sum == stored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sound_maps_are_followed() {
        assert!(is_sound(&[(0, 2), (5, 3)], 8, 5));
        assert!(is_sound(&[], 100, 0));
        assert!(!is_sound(&[(5, 3), (0, 2)], 8, 5), "order");
        assert!(!is_sound(&[(0, 3), (2, 3)], 8, 6), "overlap");
        assert!(!is_sound(&[(6, 3)], 8, 3), "outside");
        assert!(!is_sound(&[(u64::MAX, 3)], 8, 3), "overflow");
        assert!(!is_sound(&[(0, 3)], 8, 4), "left over");
    }

    #[test]
    fn a_map_may_cross_blocks() {
        let mut text = b"200\n".to_vec();
        for n in 0..200 {
            text.extend_from_slice(format!("{}\n1\n", n * 2).as_bytes());
        }
        text.resize(text.len().next_multiple_of(BLOCK), 0);
        let mut map = ContentMap::default();
        let mut found = None;
        for block in text.as_chunks::<BLOCK>().0 {
            assert!(found.is_none());
            found = map.take(block).unwrap();
        }
        assert_eq!(found.unwrap().len(), 200);
    }

    #[test]
    fn hostile_maps_are_refused() {
        for text in ["99999999\n", "99999999999999999999999\n", "x", "\n"] {
            let mut block = [0; BLOCK];
            block[..text.len()].copy_from_slice(text.as_bytes());
            assert!(ContentMap::default().take(&block).is_err(), "{text}");
        }
    }
}
