//! Compiled programs: what an ELF file is made of, and what its code does.
//!
//! Two readings give facts. The code of a small program is followed ([`machine`]) and lowered to
//! the acts every language is lowered to. Of any program, however large, it is noted what it is
//! made of: words of telling vocabularies, functions it stands in front of, how it is packed.
//! Machine code can never be followed whole, so code that is not followed is no gap.

use model::{Binary, Budget, Fact, Form, Language, Step};

use crate::FileReading;
use crate::indicator;
use crate::world::World;

mod elf;
mod hooks;
mod machine;
mod packing;
mod texts;
mod vocabulary;

pub use vocabulary::Found;

use elf::{Elf, Processor};

/// Largest code that is followed, in bytes. The code of a larger program is mostly libraries.
const FOLLOWED_CODE: usize = 4 << 20;
/// Most packings inside one another.
const MOST_PACKINGS: usize = 3;

/// Reads an ELF file that is held whole.
pub fn read(content: &[u8], steps: &[Step], budget: &Budget, reading: &mut FileReading) {
    let Some(elf) = Elf::parse(content) else {
        return;
    };
    let mut found = Found::default();
    found.push(content);
    let mut binary = describe(&elf, &found);
    binary.packing = packing::packing(content, &elf);
    if let Some(packing) = &mut binary.packing {
        packing.is_undone = unpack(content, steps, budget, reading);
    }
    tell(binary, steps, reading);
    texts::read(content, steps, budget, reading);
    follow(&elf, steps, budget, reading);
}

/// Reads what a packed program unpacks to, if that can be told.
fn unpack(content: &[u8], steps: &[Step], budget: &Budget, reading: &mut FileReading) -> bool {
    if steps.len() >= MOST_PACKINGS {
        return false;
    }
    let Some(inner) = packing::upx::unpack(content, budget.unfolded) else {
        return false;
    };
    let steps = [steps, &[Step::new("unpacked")]].concat();
    for found in indicator::strong(&inner) {
        reading.facts.push(Fact::Indicator {
            evidence: found.indicator.value.clone(),
            indicator: found.indicator,
            steps: steps.clone(),
            line: 0,
        });
    }
    read(&inner, &steps, budget, reading);
    true
}

/// Reads the head of an ELF file that is too long to be held, with the words that all of it holds.
/// A program of that length is not packed, and its code is mostly libraries.
pub fn read_head(head: &[u8], found: &Found, budget: &Budget, reading: &mut FileReading) {
    let Some(elf) = Elf::parse(head) else {
        return;
    };
    tell(describe(&elf, found), &[], reading);
    texts::read(head, &[], budget, reading);
    follow(&elf, &[], budget, reading);
}

fn describe(elf: &Elf, found: &Found) -> Binary {
    let mut marks = found.marks();
    // Only kernel modules speak of the kernel's functions for use.
    marks.retain(|mark| hooks::may_speak(elf.form, mark.vocabulary));
    Binary {
        form: elf.form,
        is_static: !elf.is_dynamic,
        is_stripped: elf.symbols.is_empty(),
        packing: None,
        hooks: hooks::hooks(elf),
        calls_next: hooks::calls_next(elf),
        exports: u32::try_from(elf.exports.len()).unwrap_or(u32::MAX),
        marks,
    }
}

/// Keeps the fact, if there is something to say.
fn tell(binary: Binary, steps: &[Step], reading: &mut FileReading) {
    if !binary.marks.is_empty() || binary.packing.is_some() || !binary.hooks.is_empty() {
        reading.facts.push(Fact::Binary {
            binary,
            steps: steps.to_vec(),
        });
    }
}

/// Follows the code of a program that could do harm by itself.
fn follow(elf: &Elf, steps: &[Step], budget: &Budget, reading: &mut FileReading) {
    if elf.processor == Processor::Other || elf.code_bytes() > FOLLOWED_CODE {
        return;
    }
    let mut entries = Vec::new();
    match elf.form {
        Form::Program => entries.push(elf.entry),
        Form::Library => {
            entries.extend(&elf.constructors);
            entries.extend(hooks::entries(elf));
        }
        Form::KernelModule | Form::Other => return,
    }
    let mut world = World::new(budget);
    machine::follow(&mut world, elf, &entries);
    let lowered = world.finish();
    if !lowered.acts.is_empty() {
        let program = lowered.into_program(Language::Machine, steps.to_vec(), true);
        reading.facts.push(Fact::Program(program));
    }
}
