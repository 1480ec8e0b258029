//! Memory of the followed machine: the file's segments, and over them what the code wrote.
//!
//! A byte is known or not. What is not known may still have a source (received over a connection,
//! an argument), kept by ranges, and a text that is only partly known is kept whole at its address.

use std::collections::BTreeMap;
use std::rc::Rc;

use model::{Provenance, Value};

use crate::binary::elf::Elf;

/// Bytes of a page: small, for a path of the code writes little and is copied at every branch.
const PAGE: u64 = 256;
/// Most pages one path may write: 4 MiB.
const MOST_PAGES: usize = 16_384;
/// Most bytes of a buffer whose source is kept: what is done with one begins at its start.
const LONGEST_FILL: u64 = 4 << 10;
/// Longest text read from memory, in bytes.
pub const LONGEST_TEXT: usize = 64 << 10;

/// What is known of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Known(u8),
    Unknown,
    /// Unknown, but its source is: position in [`Memory::sources`].
    From(u16),
}

impl Cell {
    const fn byte(self) -> Option<u8> {
        match self {
            Self::Known(byte) => Some(byte),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
struct Page {
    cells: [Cell; PAGE as usize],
}

/// The memory.
#[derive(Debug, Clone)]
pub struct Memory<'a> {
    elf: &'a Elf<'a>,
    /// What the loader wrote: the same on every path.
    resolved: Rc<BTreeMap<u64, Rc<Page>>>,
    /// What the code wrote.
    pages: BTreeMap<u64, Rc<Page>>,
    /// Values that stand at an address as a whole.
    texts: BTreeMap<u64, Value>,
    /// Where unknown bytes come from.
    sources: Rc<Vec<Provenance>>,
}

impl<'a> Memory<'a> {
    /// The memory a file is loaded to.
    pub fn new(elf: &'a Elf<'a>) -> Self {
        Self {
            elf,
            resolved: Rc::default(),
            pages: BTreeMap::new(),
            texts: BTreeMap::new(),
            sources: Rc::default(),
        }
    }

    /// One byte, if it is known.
    pub fn byte(&self, address: u64) -> Option<u8> {
        self.cell(address).byte()
    }

    fn cell(&self, address: u64) -> Cell {
        let index = address / PAGE;
        match self.pages.get(&index).or_else(|| self.resolved.get(&index)) {
            Some(page) => page.cells[(address % PAGE) as usize],
            None => self.loaded(address),
        }
    }

    /// Up to 15 bytes from an address, as far as they are known: the longest instruction.
    pub fn code(&self, address: u64) -> ([u8; 15], usize) {
        let mut code = [0; 15];
        let pages = [address, address.wrapping_add(14)].map(|at| at / PAGE);
        let is_written =
            |page: &u64| self.pages.contains_key(page) || self.resolved.contains_key(page);
        if !pages.iter().any(is_written)
            && let Some(loaded) = self.elf.at(address)
        {
            let length = loaded.len().min(15);
            code[..length].copy_from_slice(&loaded[..length]);
            return (code, length);
        }
        let mut known = 0;
        while let Some(place) = code.get_mut(known)
            && let Some(byte) = self.byte(address.wrapping_add(known as u64))
        {
            *place = byte;
            known += 1;
        }
        (code, known)
    }

    /// What the loader put there. Beyond the file's segments nothing is known.
    fn loaded(&self, address: u64) -> Cell {
        let found = self.elf.segments.iter().find_map(|segment| {
            let offset = address.checked_sub(segment.address)?;
            if offset >= segment.length {
                return None;
            }
            let byte = usize::try_from(offset)
                .ok()
                .and_then(|at| segment.data.get(at));
            Some(byte.copied().unwrap_or(0))
        });
        found.map_or(Cell::Unknown, Cell::Known)
    }

    /// A number of `length` bytes (at most eight), if all of them are known.
    pub fn number(&self, address: u64, length: usize) -> Option<u64> {
        let mut number = 0;
        for at in (0..length.min(8) as u64).rev() {
            number = number << 8 | u64::from(self.byte(address.wrapping_add(at))?);
        }
        Some(number)
    }

    /// Writes a number of `length` bytes, or forgets what stands there.
    pub fn set_number(&mut self, address: u64, length: usize, number: Option<u64>) {
        for at in 0..length.min(8) {
            let byte = number.map(|number| (number >> (at * 8)) as u8);
            self.set_byte(address.wrapping_add(at as u64), byte);
        }
    }

    /// Writes one byte, or forgets it.
    pub fn set_byte(&mut self, address: u64, byte: Option<u8>) {
        self.set_cell(address, byte.map_or(Cell::Unknown, Cell::Known));
    }

    fn set_cell(&mut self, address: u64, cell: Cell) {
        self.set_range(address, 1, cell);
    }

    /// Sets a range of bytes alike, a page at a time.
    fn set_range(&mut self, address: u64, length: u64, cell: Cell) {
        let mut at = address;
        let mut left = length;
        while left > 0 {
            let offset = at % PAGE;
            let count = left.min(PAGE - offset);
            let Some(page) = self.page(at / PAGE) else {
                return;
            };
            let (from, to) = (offset as usize, (offset + count) as usize);
            page.cells[from..to].fill(cell);
            at = at.wrapping_add(count);
            left -= count;
        }
        if !self.texts.is_empty() {
            let end = address.saturating_add(length);
            let gone: Vec<u64> = self.texts.range(address..end).map(|(at, _)| *at).collect();
            for at in gone {
                self.texts.remove(&at);
            }
        }
    }

    /// A page to write to, unless too many are written already.
    fn page(&mut self, index: u64) -> Option<&mut Page> {
        if !self.pages.contains_key(&index) {
            if self.pages.len() >= MOST_PAGES {
                return None;
            }
            let page = match self.resolved.get(&index) {
                Some(page) => Rc::clone(page),
                None => self.loaded_page(index),
            };
            self.pages.insert(index, page);
        }
        self.pages.get_mut(&index).map(Rc::make_mut)
    }

    fn loaded_page(&self, index: u64) -> Rc<Page> {
        let mut page = Page {
            cells: [Cell::Unknown; PAGE as usize],
        };
        for (at, cell) in page.cells.iter_mut().enumerate() {
            *cell = self.loaded(index.wrapping_mul(PAGE).wrapping_add(at as u64));
        }
        Rc::new(page)
    }

    /// What was written up to now was written by the loader: paths share it from here on.
    pub fn settle(&mut self) {
        self.resolved = Rc::new(std::mem::take(&mut self.pages));
    }

    /// Writes the same byte many times, or forgets as many.
    pub fn set_all(&mut self, address: u64, length: u64, byte: Option<u8>) {
        let length = length.min(LONGEST_TEXT as u64);
        self.set_range(address, length, byte.map_or(Cell::Unknown, Cell::Known));
    }

    /// Writes bytes.
    pub fn set_bytes(&mut self, address: u64, bytes: &[u8]) {
        for (at, byte) in bytes.iter().take(LONGEST_TEXT).enumerate() {
            self.set_byte(address.wrapping_add(at as u64), Some(*byte));
        }
    }

    /// Copies bytes, with what is known of their source.
    pub fn copy(&mut self, to: u64, from: u64, length: u64) {
        let length = length.min(LONGEST_TEXT as u64);
        let cells: Vec<_> = (0..length)
            .map(|at| self.cell(from.wrapping_add(at)))
            .collect();
        let text = self.texts.get(&from).cloned();
        for (at, cell) in cells.into_iter().enumerate() {
            self.set_cell(to.wrapping_add(at as u64), cell);
        }
        if let Some(text) = text {
            self.texts.insert(to, text);
        }
    }

    /// From now on `length` bytes are unknown and come from `source`.
    pub fn fill(&mut self, address: u64, length: u64, source: Provenance) {
        let known = self.sources.iter().position(|known| *known == source);
        let index = known.unwrap_or_else(|| {
            Rc::make_mut(&mut self.sources).push(source);
            self.sources.len() - 1
        });
        let cell = u16::try_from(index).map_or(Cell::Unknown, Cell::From);
        self.set_range(address, length.clamp(1, LONGEST_FILL), cell);
    }

    /// Where the unknown byte at an address comes from.
    pub fn source(&self, address: u64) -> Option<&Provenance> {
        match self.cell(address) {
            Cell::From(index) => self.sources.get(usize::from(index)),
            _ => None,
        }
    }

    /// The text that ends with a zero byte.
    pub fn text(&self, address: u64) -> Value {
        self.span(address, LONGEST_TEXT, true)
    }

    /// `length` bytes as a text.
    pub fn bytes(&self, address: u64, length: usize) -> Value {
        self.span(address, length.min(LONGEST_TEXT), false)
    }

    fn span(&self, address: u64, length: usize, to_zero: bool) -> Value {
        let mut bytes = Vec::new();
        let mut unknown = None;
        for at in 0..length as u64 {
            let place = address.wrapping_add(at);
            // A text behind this one stands there as a whole: it was appended.
            if let Some(text) = self.texts.get(&place) {
                let mut whole = Value::literal(crate::encoding::to_text(&bytes));
                whole.append(text);
                return whole;
            }
            match self.byte(place) {
                Some(0) if to_zero => break,
                Some(byte) => bytes.push(byte),
                None => {
                    unknown = Some(self.source(place).cloned().unwrap_or(Provenance::Unknown));
                    break;
                }
            }
        }
        let mut text = Value::literal(crate::encoding::to_text(&bytes));
        if let Some(source) = unknown {
            text.append(&Value::unknown(source));
        }
        text
    }

    /// Writes a text and its zero byte; one that is not wholly known stands there as a whole.
    pub fn set_text(&mut self, address: u64, text: &Value) {
        if text.known {
            let bytes = crate::encoding::to_bytes(&text.text);
            self.set_bytes(address, &bytes);
            self.set_byte(address.wrapping_add(bytes.len() as u64), Some(0));
        } else {
            self.set_byte(address, None);
        }
        if !text.known || !text.from.is_empty() {
            self.texts.insert(address, text.clone());
        }
    }
}
