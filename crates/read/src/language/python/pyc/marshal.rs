//! Marshalled objects: what a compiled file holds, and what `marshal.loads` takes.
//!
//! Source: CPython's `Python/marshal.c` of 2.7 and 3.6 to 3.13. The layout of a code object
//! differs between versions, and nothing in the data says which it is; so the caller names one.

use std::rc::Rc;

use super::opcodes::Version;

/// Deepest nesting of objects: code inside code, tuples inside tuples.
const NESTING: usize = 64;

/// Most bytes of an integer that is kept.
const INTEGER: usize = 1 << 16;

/// An object.
#[derive(Debug, Clone)]
pub enum Object {
    /// `None`, `...`, and what stands for the end of a list.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer.
    Int(i128),
    /// A larger one, as big-endian bytes; its sign is lost.
    Big(Rc<[u8]>),
    /// A floating-point number.
    Float(f64),
    /// Bytes.
    Bytes(Rc<[u8]>),
    /// A text.
    Text(Rc<str>),
    /// A tuple, list or set.
    Tuple(Rc<[Self]>),
    /// A dictionary.
    Dictionary(Rc<[(Self, Self)]>),
    /// Code.
    Code(Rc<Code>),
}

/// A code object.
#[derive(Debug)]
pub struct Code {
    /// Arguments by position.
    pub arguments: usize,
    /// Arguments by name only.
    pub named: usize,
    /// `CO_…` flags.
    pub flags: u32,
    /// Instructions.
    pub code: Rc<[u8]>,
    /// Constants.
    pub constants: Rc<[Object]>,
    /// Names of globals, attributes and modules.
    pub names: Rc<[Object]>,
    /// Names of local variables; from 3.11 on, cells and free ones among them.
    pub locals: Rc<[Object]>,
    /// Names of cells and free variables, before 3.11.
    pub cells: Vec<Object>,
    /// Its name.
    pub name: Rc<str>,
}

/// Reads the code object that `bytes` begin with, in the layout of a version.
pub fn code(bytes: &[u8], version: Version) -> Option<Rc<Code>> {
    match object(bytes, version)? {
        Object::Code(code) => Some(code),
        _ => None,
    }
}

/// Reads the object that `bytes` begin with, code in the layout of a version.
pub fn object(bytes: &[u8], version: Version) -> Option<Object> {
    let mut reader = Reader {
        rest: bytes,
        version,
        references: Vec::new(),
        interned: Vec::new(),
    };
    reader.object(0)
}

struct Reader<'a> {
    rest: &'a [u8],
    version: Version,
    /// Objects that later ones refer to (3.4 and later).
    references: Vec<Object>,
    /// Strings that later ones refer to (2.7).
    interned: Vec<Object>,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken.to_vec())
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn number(&mut self) -> Option<i32> {
        let (bytes, rest) = self.rest.split_first_chunk::<4>()?;
        self.rest = rest;
        Some(i32::from_le_bytes(*bytes))
    }

    fn length(&mut self) -> Option<usize> {
        let length = usize::try_from(self.number()?).ok()?;
        // Every item takes a byte at least.
        (length <= self.rest.len()).then_some(length)
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        if depth > NESTING {
            return None;
        }
        let tag = self.byte()?;
        let (kind, is_referred) = (tag & 0x7f, tag & 0x80 != 0);
        // Its number is given out before what it holds is read.
        let at = self.references.len();
        if is_referred {
            self.references.push(Object::None);
        }
        let object = self.of_kind(kind, depth)?;
        if is_referred && let Some(place) = self.references.get_mut(at) {
            *place = object.clone();
        }
        Some(object)
    }

    fn of_kind(&mut self, kind: u8, depth: usize) -> Option<Object> {
        Some(match kind {
            b'0' | b'N' | b'.' | b'S' => Object::None,
            b'T' => Object::Bool(true),
            b'F' => Object::Bool(false),
            b'i' => Object::Int(self.number()?.into()),
            b'I' => {
                let bytes = self.take(8)?;
                Object::Int(i64::from_le_bytes(*bytes.first_chunk()?).into())
            }
            b'l' => self.integer()?,
            b'g' => Object::Float(f64::from_le_bytes(*self.take(8)?.first_chunk()?)),
            b'f' => {
                let length = self.byte()?;
                let digits = self.take(length.into())?;
                Object::Float(std::str::from_utf8(&digits).ok()?.parse().ok()?)
            }
            b'y' => {
                self.take(16)?;
                Object::None
            }
            b's' => {
                let length = self.length()?;
                Object::Bytes(self.take(length)?.into())
            }
            b't' if self.version == Version::V27 => {
                let length = self.length()?;
                let object = Object::Bytes(self.take(length)?.into());
                self.interned.push(object.clone());
                object
            }
            b'R' => {
                let at = usize::try_from(self.number()?).ok()?;
                self.interned.get(at)?.clone()
            }
            b'r' => {
                let at = usize::try_from(self.number()?).ok()?;
                self.references.get(at)?.clone()
            }
            b'a' | b'A' | b'u' | b't' => {
                let length = self.length()?;
                self.text(length)?
            }
            b'z' | b'Z' => {
                let length = self.byte()?;
                self.text(length.into())?
            }
            b')' => {
                let length = self.byte()?;
                self.items(length.into(), depth)?
            }
            b'(' | b'[' | b'<' | b'>' => {
                let length = self.length()?;
                self.items(length, depth)?
            }
            b'{' => self.dictionary(depth)?,
            b'c' => Object::Code(Rc::new(self.code(depth)?)),
            _ => return None,
        })
    }

    fn text(&mut self, length: usize) -> Option<Object> {
        let bytes = self.take(length)?;
        Some(Object::Text(crate::encoding::to_text(&bytes).into()))
    }

    fn items(&mut self, length: usize, depth: usize) -> Option<Object> {
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(self.object(depth + 1)?);
        }
        Some(Object::Tuple(items.into()))
    }

    fn dictionary(&mut self, depth: usize) -> Option<Object> {
        let mut items = Vec::new();
        while self.rest.first() != Some(&b'0') {
            items.push((self.object(depth + 1)?, self.object(depth + 1)?));
        }
        self.byte()?;
        Some(Object::Dictionary(items.into()))
    }

    /// An integer in digits of 15 bits; the sign is that of their number.
    fn integer(&mut self) -> Option<Object> {
        let count = self.number()?;
        let digits = self.take(usize::try_from(count.unsigned_abs()).ok()?.checked_mul(2)?)?;
        if digits.len() > INTEGER {
            return Some(Object::None);
        }
        let (pairs, _) = digits.as_chunks::<2>();
        if pairs.len() <= 8 {
            let value = pairs.iter().rev().fold(0_i128, |value, digit| {
                value << 15 | i128::from(u16::from_le_bytes(*digit) & 0x7fff)
            });
            return Some(Object::Int(if count < 0 { -value } else { value }));
        }
        let mut bytes = Vec::new();
        let (mut bits, mut held) = (0_u32, 0);
        for digit in pairs {
            bits |= u32::from(u16::from_le_bytes(*digit) & 0x7fff) << held;
            held += 15;
            while held >= 8 {
                bytes.push(u8::try_from(bits & 0xff).unwrap_or_default());
                bits >>= 8;
                held -= 8;
            }
        }
        bytes.push(u8::try_from(bits & 0xff).unwrap_or_default());
        while bytes.pop_if(|byte| *byte == 0).is_some() {}
        bytes.reverse();
        Some(Object::Big(bytes.into()))
    }

    fn code(&mut self, depth: usize) -> Option<Code> {
        let version = self.version;
        let mut count = || usize::try_from(self.number()?).ok();
        let arguments = count()?;
        if version >= Version::V38 {
            // How many of the arguments have no name.
            count()?;
        }
        let named = if version >= Version::V36 { count()? } else { 0 };
        if version < Version::V311 {
            // How many local variables.
            count()?;
        }
        // The size of the stack.
        count()?;
        let flags = self.number()?.cast_unsigned();
        let Object::Bytes(code) = self.object(depth + 1)? else {
            return None;
        };
        let constants = self.tuple(depth)?;
        let names = self.tuple(depth)?;
        let locals = self.tuple(depth)?;
        let mut cells = Vec::new();
        if version >= Version::V311 {
            // The kinds of the locals.
            self.object(depth + 1)?;
        } else {
            let free = self.tuple(depth)?;
            cells.extend(self.tuple(depth)?.iter().cloned());
            cells.extend(free.iter().cloned());
        }
        // The name of the file.
        self.object(depth + 1)?;
        let name = text_of(&self.object(depth + 1)?)?;
        if version >= Version::V311 {
            self.object(depth + 1)?;
        }
        // The first line, and which lines the instructions are of.
        self.number()?;
        self.object(depth + 1)?;
        if version >= Version::V311 {
            self.object(depth + 1)?;
        }
        Some(Code {
            arguments,
            named,
            flags,
            code,
            constants,
            names,
            locals,
            cells,
            name,
        })
    }

    fn tuple(&mut self, depth: usize) -> Option<Rc<[Object]>> {
        match self.object(depth + 1)? {
            Object::Tuple(items) => Some(items),
            _ => None,
        }
    }
}

/// A text, or bytes that are one as in 2.7.
pub fn text_of(object: &Object) -> Option<Rc<str>> {
    match object {
        Object::Text(text) => Some(text.clone()),
        Object::Bytes(bytes) => Some(crate::encoding::to_text(bytes).into()),
        _ => None,
    }
}
