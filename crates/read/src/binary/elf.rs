//! An ELF file as the system sees it: segments, what is loaded from where, and what is resolved
//! when it starts (System V ABI, chapters 4 and 5, and the processor supplements for x86).
//!
//! Only what the loader needs is trusted: sections are a courtesy to tools, so a file without them
//! (packed, hand-made, damaged on purpose) is read as well as any other.

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{Dyn, FileHeader, ProgramHeader, Sym};
use object::{Endian, Endianness};

use model::Form;

/// Most segments, symbols and relocations that are looked at: the largest honest programs have
/// fewer, and a table of more is there to cost time.
const MOST_SEGMENTS: usize = 256;
const MOST_SYMBOLS: usize = 1 << 16;
const MOST_RELOCATIONS: usize = 1 << 17;
/// Longest name of a symbol that is read, in bytes.
const LONGEST_NAME: usize = 256;

/// The processors whose code is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// x86-64.
    Wide,
    /// i386.
    Narrow,
    /// Another one.
    Other,
}

/// What is loaded from a part of the file.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Where it is loaded to.
    pub address: u64,
    /// Its bytes in the file.
    pub data: &'a [u8],
    /// Its length in memory; zeros follow the data.
    pub length: u64,
    /// Whether it may be run.
    pub runs: bool,
    /// Whether it may be written.
    pub writable: bool,
}

/// What the loader puts in a place before the program starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The address of imported symbol n.
    Import(usize),
    /// An address in the file itself.
    Own(u64),
}

/// An ELF file.
#[derive(Debug, Clone)]
pub struct Elf<'a> {
    /// Whose code it is.
    pub processor: Processor,
    /// What the system does with it.
    pub form: Form,
    /// Where it starts.
    pub entry: u64,
    /// What is loaded.
    pub segments: Vec<Segment<'a>>,
    /// Whether it names a loader or libraries.
    pub is_dynamic: bool,
    /// Names of functions and data it takes from libraries.
    pub imports: Vec<String>,
    /// Functions it offers, with their addresses.
    pub exports: Vec<(String, u64)>,
    /// Functions its symbol table names, with their addresses.
    pub symbols: Vec<(String, u64)>,
    /// What is resolved when it is loaded.
    pub slots: Vec<(u64, Slot)>,
    /// Functions that run before it starts, or when it is loaded.
    pub constructors: Vec<u64>,
    /// Whether it has sections.
    pub has_sections: bool,
    /// Whether it is little-endian.
    pub little: bool,
    /// Bytes of an address.
    pub word: usize,
}

/// Values of the dynamic section.
#[derive(Debug, Default)]
struct Dynamic {
    strings: u64,
    symbols: u64,
    tables: Vec<(u64, u64, bool)>,
    constructors: (u64, u64),
    initial: u64,
}

impl<'a> Elf<'a> {
    /// Reads the headers; `None` if they are not those of an ELF file.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        match bytes.get(4)? {
            1 => Self::of(FileHeader32::<Endianness>::parse(bytes).ok()?, bytes),
            2 => Self::of(FileHeader64::<Endianness>::parse(bytes).ok()?, bytes),
            _ => None,
        }
    }

    fn of<H: FileHeader<Endian = Endianness>>(header: &H, bytes: &'a [u8]) -> Option<Self> {
        let endian = header.endian().ok()?;
        let processor = match header.e_machine(endian) {
            elf::EM_X86_64 => Processor::Wide,
            elf::EM_386 => Processor::Narrow,
            _ => Processor::Other,
        };
        let sections = header.sections(endian, bytes).ok();
        let mut read = Self {
            processor,
            form: Form::Other,
            entry: header.e_entry(endian).into(),
            segments: Vec::new(),
            is_dynamic: false,
            imports: Vec::new(),
            exports: Vec::new(),
            symbols: Vec::new(),
            slots: Vec::new(),
            constructors: Vec::new(),
            has_sections: sections.is_some_and(|sections| !sections.is_empty()),
            little: endian.is_little_endian(),
            word: if header.is_type_64() { 8 } else { 4 },
        };
        let mut dynamic = None;
        let mut names_loader = false;
        for segment in header
            .program_headers(endian, bytes)
            .unwrap_or_default()
            .iter()
            .take(MOST_SEGMENTS)
        {
            match segment.p_type(endian) {
                elf::PT_LOAD => read.segments.push(load(segment, endian, bytes)),
                elf::PT_INTERP => names_loader = true,
                elf::PT_DYNAMIC => dynamic = segment.dynamic(endian, bytes).ok().flatten(),
                _ => {}
            }
        }
        let names_library = dynamic.is_some_and(|entries| {
            entries
                .iter()
                .any(|entry| entry.tag(endian) == elf::DT_NEEDED)
        });
        read.is_dynamic = names_loader || names_library;
        read.form = match header.e_type(endian) {
            elf::ET_EXEC => Form::Program,
            elf::ET_DYN if names_loader || !names_library && read.entry != 0 => Form::Program,
            elf::ET_DYN => Form::Library,
            elf::ET_REL => read.relocatable(header, endian, bytes),
            _ => Form::Other,
        };
        read.static_symbols(header, endian, bytes);
        if let Some(entries) = dynamic {
            read.dynamic(entries, endian);
        }
        Some(read)
    }

    /// A kernel module is an object file with the kernel's own section in it.
    fn relocatable<H: FileHeader>(
        &mut self,
        header: &H,
        endian: H::Endian,
        bytes: &'a [u8],
    ) -> Form {
        let Ok(sections) = header.sections(endian, bytes) else {
            return Form::Other;
        };
        let is_module = [".modinfo".as_bytes(), b".gnu.linkonce.this_module"]
            .iter()
            .any(|name| sections.section_by_name(endian, name).is_some());
        if is_module {
            Form::KernelModule
        } else {
            Form::Other
        }
    }

    /// The symbol table that linkers leave and `strip` takes away; for object files also what they
    /// take from elsewhere.
    fn static_symbols<H: FileHeader>(&mut self, header: &H, endian: H::Endian, bytes: &'a [u8]) {
        let Ok(sections) = header.sections(endian, bytes) else {
            return;
        };
        let Ok(table) = sections.symbols(endian, bytes, elf::SHT_SYMTAB) else {
            return;
        };
        for symbol in table.iter().take(MOST_SYMBOLS) {
            let Ok(name) = symbol.name(endian, table.strings()) else {
                continue;
            };
            if name.is_empty() || name.len() > LONGEST_NAME {
                continue;
            }
            let name = || String::from_utf8_lossy(name).into_owned();
            if symbol.is_undefined(endian) {
                if self.form == Form::KernelModule {
                    self.imports.push(name());
                }
            } else if symbol.st_type() == elf::STT_FUNC {
                self.symbols.push((name(), symbol.st_value(endian).into()));
            }
        }
    }

    fn dynamic<D: Dyn>(&mut self, entries: &[D], endian: D::Endian) {
        let mut found = Dynamic::default();
        let value = |tag| {
            entries
                .iter()
                .find(|entry| entry.tag(endian) == tag)
                .map(|entry| entry.val(endian))
        };
        found.strings = value(elf::DT_STRTAB).unwrap_or(0);
        found.symbols = value(elf::DT_SYMTAB).unwrap_or(0);
        let plt_has_addend = value(elf::DT_PLTREL) == u64::try_from(elf::DT_RELA.0).ok();
        let tables = [
            (elf::DT_RELA, elf::DT_RELASZ, true),
            (elf::DT_REL, elf::DT_RELSZ, false),
            (elf::DT_JMPREL, elf::DT_PLTRELSZ, plt_has_addend),
        ];
        for (at, size, addend) in tables {
            if let (Some(at), Some(size)) = (value(at), value(size)) {
                found.tables.push((at, size, addend));
            }
        }
        found.constructors = (
            value(elf::DT_INIT_ARRAY).unwrap_or(0),
            value(elf::DT_INIT_ARRAYSZ).unwrap_or(0),
        );
        found.initial = value(elf::DT_INIT).unwrap_or(0);
        self.dynamic_symbols(&found);
        self.relocations(&found);
        self.find_constructors(&found);
    }

    /// The dynamic symbols. Their number stands nowhere; in practice their names follow them.
    fn dynamic_symbols(&mut self, dynamic: &Dynamic) {
        let size = if self.word == 8 { 24 } else { 16 };
        let room = dynamic.strings.saturating_sub(dynamic.symbols) / size;
        let most = usize::try_from(room).unwrap_or(0).min(MOST_SYMBOLS);
        for index in 1..most {
            let Some((name, value, is_function, is_defined)) = self.dynamic_symbol(dynamic, index)
            else {
                break;
            };
            if is_defined && is_function {
                self.exports.push((name, value));
            } else if !is_defined && !name.is_empty() {
                self.imports.push(name);
            }
        }
    }

    /// Name, value, whether it is a function, whether it is defined here.
    fn dynamic_symbol(&self, dynamic: &Dynamic, index: usize) -> Option<(String, u64, bool, bool)> {
        let index = u64::try_from(index).ok()?;
        let (size, value_at, info_at, section_at) = if self.word == 8 {
            (24, 8, 4, 6)
        } else {
            (16, 4, 12, 14)
        };
        let at = dynamic.symbols.checked_add(index.checked_mul(size)?)?;
        let name = self.number(at, 4)?;
        let value = self.number(at.checked_add(value_at)?, self.word)?;
        let info = self.number(at.checked_add(info_at)?, 1)?;
        let section = self.number(at.checked_add(section_at)?, 2)?;
        let name = self.text(dynamic.strings.checked_add(name)?);
        // STT_FUNC is 2, STT_GNU_IFUNC 10.
        Some((name, value, matches!(info & 15, 2 | 10), section != 0))
    }

    fn relocations(&mut self, dynamic: &Dynamic) {
        let index_of: std::collections::HashMap<String, usize> = self
            .imports
            .iter()
            .enumerate()
            .map(|(index, name)| (name.clone(), index))
            .collect();
        for &(table, bytes, has_addend) in &dynamic.tables {
            let word = self.word as u64;
            let size = if has_addend { word * 3 } else { word * 2 };
            let count = usize::try_from(bytes / size)
                .unwrap_or(0)
                .min(MOST_RELOCATIONS);
            for index in 0..count as u64 {
                let Some(at) = table.checked_add(index * size) else {
                    return;
                };
                let Some(place) = self.number(at, self.word) else {
                    return;
                };
                let info = self.number(at.wrapping_add(word), self.word).unwrap_or(0);
                let (symbol, kind) = if self.word == 8 {
                    (info >> 32, info & 0xffff_ffff)
                } else {
                    (info >> 8, info & 0xff)
                };
                let addend = if has_addend {
                    self.number(at.wrapping_add(word * 2), self.word)
                } else {
                    self.number(place, self.word)
                };
                // RELATIVE is 8 on both; GLOB_DAT 6, JUMP_SLOT 7, a plain address 1.
                let slot = match kind {
                    8 => addend.map(Slot::Own),
                    1 | 6 | 7 => self.symbol_slot(dynamic, symbol, &index_of),
                    _ => None,
                };
                if let Some(slot) = slot {
                    self.slots.push((place, slot));
                }
            }
        }
    }

    fn symbol_slot(
        &self,
        dynamic: &Dynamic,
        symbol: u64,
        index_of: &std::collections::HashMap<String, usize>,
    ) -> Option<Slot> {
        let symbol = usize::try_from(symbol).ok()?;
        let (name, value, _, is_defined) = self.dynamic_symbol(dynamic, symbol)?;
        if is_defined {
            return Some(Slot::Own(value));
        }
        index_of.get(&name).copied().map(Slot::Import)
    }

    fn find_constructors(&mut self, dynamic: &Dynamic) {
        if dynamic.initial != 0 {
            self.constructors.push(dynamic.initial);
        }
        let (start, length) = dynamic.constructors;
        let word = self.word as u64;
        for index in 0..(length / word).min(64) {
            let place = start.wrapping_add(index * word);
            let resolved = self.slots.iter().find_map(|(at, slot)| match slot {
                Slot::Own(value) if *at == place => Some(*value),
                _ => None,
            });
            let address = resolved.or_else(|| self.number(place, self.word));
            self.constructors
                .extend(address.filter(|&at| at != 0 && at != u64::MAX));
        }
    }

    /// The bytes of the file at an address, to the end of their segment's data.
    pub fn at(&self, address: u64) -> Option<&'a [u8]> {
        self.segments.iter().find_map(|segment| {
            let offset = usize::try_from(address.checked_sub(segment.address)?).ok()?;
            segment.data.get(offset..).filter(|rest| !rest.is_empty())
        })
    }

    /// Whether an address is in a segment that may be run.
    pub fn runs(&self, address: u64) -> bool {
        self.segments.iter().any(|segment| {
            segment.runs && address >= segment.address && address - segment.address < segment.length
        })
    }

    /// Bytes of segments that may be run.
    pub fn code_bytes(&self) -> usize {
        let code = self.segments.iter().filter(|segment| segment.runs);
        code.map(|segment| segment.data.len()).sum()
    }

    /// A number of up to eight bytes at an address.
    fn number(&self, address: u64, length: usize) -> Option<u64> {
        let bytes = self.at(address)?.get(..length)?;
        let fold = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.little {
            bytes.iter().rev().fold(0, fold)
        } else {
            bytes.iter().fold(0, fold)
        })
    }

    fn text(&self, address: u64) -> String {
        let bytes = self.at(address).unwrap_or_default();
        let bytes = &bytes[..bytes.len().min(LONGEST_NAME)];
        let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }
}

fn load<'a, P: ProgramHeader>(segment: &P, endian: P::Endian, bytes: &'a [u8]) -> Segment<'a> {
    let (offset, length) = segment.file_range(endian);
    let start = usize::try_from(offset)
        .unwrap_or(usize::MAX)
        .min(bytes.len());
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let data = &bytes[start..start.saturating_add(length).min(bytes.len())];
    let flags = segment.p_flags(endian);
    Segment {
        address: segment.p_vaddr(endian).into(),
        data,
        length: segment.p_memsz(endian).into(),
        runs: flags.contains(elf::PF_X),
        writable: flags.contains(elf::PF_W),
    }
}
