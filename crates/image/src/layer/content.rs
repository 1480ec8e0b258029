//! The content of an entry, as stored or with its holes.

use std::io::{self, Read};

use super::tar::{Member, Reader};

/// The content of one entry, holes filled with zeros.
pub struct Content<'a, R> {
    reader: &'a mut Reader<R>,
    member: &'a Member,
    at: u64,
    extent: usize,
}

impl<'a, R> Content<'a, R> {
    /// The content of the entry that `reader` is at.
    pub const fn new(reader: &'a mut Reader<R>, member: &'a Member) -> Self {
        Self {
            reader,
            member,
            at: 0,
            extent: 0,
        }
    }
}

impl<R: Read> Content<'_, R> {
    /// Bytes handed out so far.
    pub const fn position(&self) -> u64 {
        self.at
    }

    /// Bytes up to the next change between data and hole, and whether they are data.
    fn run(&mut self) -> (u64, bool) {
        let left = self.member.size.saturating_sub(self.at);
        let Some(extents) = &self.member.extents else {
            return (left, true);
        };
        while let Some(&(offset, length)) = extents.get(self.extent) {
            let end = offset.saturating_add(length);
            if self.at < offset {
                return (offset - self.at, false);
            }
            if self.at < end {
                return (end - self.at, true);
            }
            self.extent += 1;
        }
        (left, false)
    }
}

impl<R: Read> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (run, is_data) = self.run();
        let n = usize::try_from(run).map_or(buffer.len(), |run| run.min(buffer.len()));
        let buffer = buffer.get_mut(..n).unwrap_or_default();
        if buffer.is_empty() {
            return Ok(0);
        }
        let n = if is_data {
            self.reader.read_content(buffer)?
        } else {
            let Some(holes) = self.reader.holes.checked_sub(n as u64) else {
                self.reader.out_of_holes = true;
                return Err(io::Error::other(
                    "the bound on bytes of a layer was reached in a hole",
                ));
            };
            self.reader.holes = holes;
            buffer.fill(0);
            n
        };
        if n == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the tar ends early, at byte {}", self.reader.position()),
            ));
        }
        self.at = self.at.saturating_add(n as u64);
        Ok(n)
    }
}
