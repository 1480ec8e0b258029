//! Compiled Python: `.pyc` files, and what `marshal.loads` makes of bytes.
//!
//! Instructions are turned back into the statements they were compiled from ([`mod@unit`], [`flow`]),
//! as far as that matters to what they do; the same interpreter then runs them, so that nothing is
//! known of compiled code that is not known of source.

use std::rc::Rc;

use model::ContentKind;

use crate::encoding::to_bytes;
use crate::kind;
use crate::language::script::syntax::Module;

mod build;
mod calls;
mod flow;
mod marshal;
mod numbers;
mod opcodes;
mod render;
mod step;
mod unit;

use marshal::{Code, Object, text_of};
use opcodes::Version;
use unit::{Shared, Unit};

/// Most code objects, one inside the other, that names are looked for in.
const NESTING: usize = 32;

/// Characters that tell compiled code from text.
const HEAD: usize = 32;

/// Whether a text is compiled code carried as one: a file, or a marshalled code object.
pub fn is_compiled(text: &str) -> bool {
    let head: String = text.chars().take(HEAD).collect();
    let head = to_bytes(&head);
    kind::of_content(&head) == ContentKind::Pyc || is_code(&head)
}

/// Whether a compiled file is of a version that is read.
pub fn is_known(bytes: &[u8]) -> bool {
    of_file(bytes).is_some()
}

/// Whether bytes begin like a marshalled code object: its tag, and the number of its arguments.
pub fn is_code(bytes: &[u8]) -> bool {
    matches!(bytes, [0x63 | 0xe3, _, 0, 0, 0, ..])
}

/// The version whose file the bytes begin, if they do.
fn of_file(bytes: &[u8]) -> Option<Version> {
    let (magic, rest) = bytes.split_first_chunk::<2>()?;
    rest.starts_with(b"\r\n").then_some(())?;
    Version::of_magic(u16::from_le_bytes(*magic))
}

/// Code of a Python, told as `311` or as `37`, as a file of it would hold it.
pub fn file_of(python: usize, code: &[u8]) -> Option<Vec<u8>> {
    let (major, minor) = match python {
        0..100 => (python / 10, python % 10),
        _ => (python / 100, python % 100),
    };
    let magic = Version::of_number(major, minor)?.magic().to_le_bytes();
    Some(file_with([magic[0], magic[1], b'\r', b'\n'], code))
}

/// Code as a file with this magic number would hold it.
pub fn file_with(magic: [u8; 4], code: &[u8]) -> Vec<u8> {
    let header = of_file(&magic).map_or(16, Version::header);
    let mut file = magic.to_vec();
    file.resize(header, 0);
    file.extend_from_slice(code);
    file
}

/// A marshalled table of names, each with a kind, a place and a length.
pub fn table(magic: [u8; 4], bytes: &[u8]) -> Vec<(Rc<str>, usize, usize)> {
    let Some(version) = of_file(&magic) else {
        return Vec::new();
    };
    let entry = |name: &Object, place: &Object| {
        let Object::Tuple(place) = place else {
            return None;
        };
        let [_, Object::Int(at), Object::Int(length)] = &**place else {
            return None;
        };
        Some((
            text_of(name)?,
            usize::try_from(*at).ok()?,
            usize::try_from(*length).ok()?,
        ))
    };
    match marshal::object(bytes, version) {
        Some(Object::Tuple(items)) => {
            let pair = |item: &Object| match item {
                Object::Tuple(pair) => entry(pair.first()?, pair.get(1)?),
                _ => None,
            };
            items.iter().filter_map(pair).collect()
        }
        Some(Object::Dictionary(items)) => items
            .iter()
            .filter_map(|(name, place)| entry(name, place))
            .collect(),
        _ => Vec::new(),
    }
}

/// Compiled code read as a module.
pub fn module(text: &str) -> Module {
    let bytes = to_bytes(text);
    let read = match of_file(&bytes) {
        Some(version) => {
            let code = bytes.get(version.header()..).unwrap_or_default();
            marshal::code(code, version).map(|code| (code, version))
        }
        None => of_any_version(&bytes),
    };
    match read {
        Some((code, version)) => statements(&code, version, bytes.len()),
        None => Module {
            body: Vec::new(),
            text: Rc::from(""),
            damage: vec![
                "compiled Python code that is damaged, or of a version that is not read".to_owned(),
            ],
        },
    }
}

/// The statements of a code object: rendered once, so that they can be of that text.
fn statements(code: &Code, version: Version, length: usize) -> Module {
    let first = Shared::new(version, Rc::from(""), length);
    Unit::new(code, &first, 0).run();
    let text: Rc<str> = first.rendered.into_inner().into();
    let second = Shared::new(version, text.clone(), length);
    let mut unit = Unit::new(code, &second, 0);
    unit.run();
    let body = std::mem::take(&mut unit.out);
    let mut damage = Vec::new();
    if second.cut.get() {
        damage
            .push("compiled Python code nested too deep, or too long, was not followed".to_owned());
    }
    Module { body, text, damage }
}

/// The code object and its version, if only the code itself can tell it: the one in whose
/// instructions it makes most sense.
fn of_any_version(bytes: &[u8]) -> Option<(Rc<Code>, Version)> {
    let fits = Version::ALL.into_iter().filter_map(|version| {
        let code = marshal::code(bytes, version)?;
        let shared = Shared::new(version, Rc::from(""), bytes.len());
        Unit::new(&code, &shared, 0).run();
        Some((shared.misfits.get(), code, version))
    });
    let best = fits.min_by_key(|(misfits, ..)| *misfits);
    best.map(|(_, code, version)| (code, version))
}

/// The words that stand in compiled code as names and as texts, for a cheap look before a dear
/// one; `None` if it cannot be read.
pub fn names(text: &str) -> Option<Vec<Rc<str>>> {
    let bytes = to_bytes(text);
    let version = of_file(&bytes)?;
    let code = marshal::code(bytes.get(version.header()..)?, version)?;
    let mut names = Vec::new();
    // Code may be referred to any number of times; each is at least as long as this in a file.
    let mut left = bytes.len() / SHORTEST_CODE + 1;
    collect(&code, &mut names, &mut left, 0);
    Some(names)
}

/// Bytes of the shortest code object: its numbers alone.
const SHORTEST_CODE: usize = 24;

fn collect(code: &Code, names: &mut Vec<Rc<str>>, left: &mut usize, depth: usize) {
    let Some(fewer) = left.checked_sub(1) else {
        return;
    };
    *left = fewer;
    names.extend(code.names.iter().filter_map(text_of));
    for constant in code.constants.iter() {
        match constant {
            Object::Code(inner) if depth < NESTING => collect(inner, names, left, depth + 1),
            // `from module import names` keeps them here.
            Object::Tuple(items) => names.extend(items.iter().filter_map(text_of)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
