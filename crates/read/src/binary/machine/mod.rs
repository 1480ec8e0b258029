//! Follows the machine code of a small x86 program, to tell what it does and with what.
//!
//! The code is run on paper: registers and memory hold what is known, calls to the system and to
//! the C library have the effect that they have when they succeed, and a branch on something
//! unknown is followed both ways. So an address that is put together byte by byte, decoded by a
//! loop or kept in a table is read as well as one that stands there openly, and what is done with
//! a connection is told from what is done with a file. Nothing is run for real.
//!
//! Instructions are decoded by `iced-x86`; their meaning is that of Intel's Software Developer's
//! Manual, volume 2. What is not modelled makes its result unknown.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use iced_x86::{Decoder, DecoderOptions};
use model::{Behavior, Language, Provenance, Step, Value};

use crate::binary::elf::{Elf, Processor, Slot};
use crate::world::World;

mod arithmetic;
mod execute;
mod format;
mod library;
mod memory;
mod operand;
mod syscall;
mod system;
#[cfg(test)]
pub mod tests;
mod vector;

use memory::Memory;
use system::Descriptor;

/// Most instructions followed on one path, and on all paths of a program: enough for any start-up
/// and a decoder of some kilobytes.
const PATH_STEPS: u32 = 300_000;
const ALL_STEPS: u32 = 400_000;
/// The same for all paths of a program with more code than [`SMALL_CODE`]: what it hides it hides
/// near its start, or it is not found this way.
const LARGE_STEPS: u32 = 100_000;
const SMALL_CODE: usize = 64 << 10;
/// Instructions that a call of a named function counts for.
const CALL_STEPS: u32 = 50;
/// Most paths that wait to be followed.
const MOST_PATHS: usize = 256;
/// How often one branch on something unknown is followed both ways in the same situation.
const MOST_VISITS: u32 = 3;
/// How often one call of a named function is followed in the same situation.
const MOST_CALLS: u32 = 256;
/// The same for functions that wait for something outside.
const MOST_WAITS: u32 = 4;

// Where things are put that the file has no address for. All fit 32 bits.
const HEAP: u64 = 0xa000_0000;
const STACK: u64 = 0xbfff_0000;
const ARGUMENTS: u64 = 0xc000_0000;
const STREAMS: u64 = 0xd000_0000;
const END: u64 = 0xefff_fff0;
const IMPORTS: u64 = 0xf000_0000;
/// Bytes between two addresses of imports.
const IMPORT_STEP: u64 = 16;
/// Arguments that a program is taken to be started with, at most.
const ARGUMENT_COUNT: u64 = 8;

/// Condition flags, each known or not.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    zero: Option<bool>,
    sign: Option<bool>,
    carry: Option<bool>,
    overflow: Option<bool>,
    parity: Option<bool>,
    /// String instructions go down.
    down: bool,
}

/// One path through the program.
#[derive(Debug, Clone)]
struct Path<'a> {
    ip: u64,
    registers: [Option<u64>; 16],
    vectors: [[Option<u64>; 2]; 16],
    flags: Flags,
    /// Where the last floating-point instruction stood: position-independent code asks for it.
    float_ip: Option<u64>,
    memory: Memory<'a>,
    descriptors: BTreeMap<u64, Descriptor>,
    heap: u64,
    steps: u32,
    /// Instructions since the start, until `main` was found.
    before_main: bool,
}

/// What comes after an instruction.
enum Next {
    /// The following one.
    On,
    /// The one there.
    To(u64),
    /// The path ends.
    Stop,
}

/// The machine.
struct Machine<'a, 'w, 'b> {
    elf: &'a Elf<'a>,
    world: &'w mut World<'b>,
    wide: bool,
    /// Functions with a name, by address.
    names: HashMap<u64, String>,
    waiting: Vec<Path<'a>>,
    visits: HashMap<(u64, u64), u32>,
    called: HashMap<(u64, u64), u32>,
    steps: u32,
    /// Acts recorded, so that a second path through them changes nothing.
    seen: HashSet<u64>,
    /// Connections by where they are made and to what.
    connections: HashMap<(u64, String, String), u32>,
    /// Hosts whose address is not known, by the address they are given here.
    hosts: Vec<Value>,
}

/// Follows a program from its start, or a library from what runs when it is loaded and from the
/// functions in `entries`.
pub fn follow(world: &mut World, elf: &Elf, entries: &[u64]) {
    let mut machine = Machine::new(world, elf);
    let fresh = machine.fresh();
    for &entry in entries.iter().rev() {
        let mut path = fresh.clone();
        path.ip = entry;
        path.before_main = entry == elf.entry;
        if entry == elf.entry {
            // The kernel clears them.
            path.registers = path.registers.map(|register| register.or(Some(0)));
        } else {
            machine.push(&mut path, Some(END));
        }
        machine.waiting.push(path);
    }
    machine.run();
}

impl<'a, 'w, 'b> Machine<'a, 'w, 'b> {
    fn new(world: &'w mut World<'b>, elf: &'a Elf<'a>) -> Self {
        let symbols = elf.symbols.iter().map(|(name, at)| (*at, name.clone()));
        let imports = elf
            .imports
            .iter()
            .enumerate()
            .map(|(index, name)| (import_address(index), name.clone()));
        Self {
            elf,
            world,
            wide: elf.processor == Processor::Wide,
            names: symbols.chain(imports).collect(),
            waiting: Vec::new(),
            visits: HashMap::new(),
            called: HashMap::new(),
            steps: 0,
            seen: HashSet::new(),
            connections: HashMap::new(),
            hosts: Vec::new(),
        }
    }

    /// The state a program starts in: its arguments on the stack, what it imports resolved.
    fn fresh(&mut self) -> Path<'a> {
        let mut memory = Memory::new(self.elf);
        for (place, slot) in &self.elf.slots {
            let value = match slot {
                Slot::Own(address) => *address,
                Slot::Import(index) => import_address(*index),
            };
            memory.set_number(*place, self.elf.word, Some(value));
        }
        memory.settle();
        let word = self.elf.word as u64;
        let mut place = STACK;
        let mut put = |memory: &mut Memory, value| {
            memory.set_number(place, word as usize, value);
            place += word;
        };
        put(&mut memory, None);
        for index in 0..ARGUMENT_COUNT {
            let at = ARGUMENTS + index * 0x1000;
            memory.set_text(at, &Value::unknown(Provenance::Argument));
            put(&mut memory, Some(at));
        }
        // The end of the arguments, no environment, the end of what the kernel tells.
        for _ in 0..4 {
            put(&mut memory, Some(0));
        }
        let mut registers = [None; 16];
        registers[operand::SP] = Some(STACK);
        Path {
            ip: 0,
            registers,
            vectors: [[None; 2]; 16],
            flags: Flags::default(),
            float_ip: None,
            memory,
            descriptors: system::standard(),
            heap: HEAP,
            steps: 0,
            before_main: false,
        }
    }

    fn run(&mut self) {
        let small = self.elf.code_bytes() <= SMALL_CODE;
        let most = if small { ALL_STEPS } else { LARGE_STEPS };
        while let Some(mut path) = self.waiting.pop() {
            while path.steps < PATH_STEPS && self.steps < most {
                path.steps += 1;
                self.steps += 1;
                match self.step(&mut path) {
                    Next::On => {}
                    Next::To(target) => path.ip = target,
                    Next::Stop => break,
                }
            }
            if self.steps >= most {
                return;
            }
        }
    }

    /// One instruction, or one call of a function that is known by name.
    fn step(&mut self, path: &mut Path<'a>) -> Next {
        if path.ip == END {
            return Next::Stop;
        }
        if path.before_main && self.find_main(path) {
            return Next::On;
        }
        if let Some(name) = self.names.get(&path.ip).cloned() {
            if !self.calls(path, &name) {
                return Next::Stop;
            }
            if let Some(next) = self.library(path, &name) {
                self.steps = self.steps.saturating_add(CALL_STEPS);
                return next;
            }
        }
        let (code, length) = path.memory.code(path.ip);
        if length == 0 {
            self.unknown_code(path);
            return Next::Stop;
        }
        let bits = if self.wide { 64 } else { 32 };
        let mut decoder = Decoder::with_ip(bits, &code[..length], path.ip, DecoderOptions::NONE);
        let instruction = decoder.decode();
        if instruction.is_invalid() {
            return Next::Stop;
        }
        let here = path.ip;
        path.ip = instruction.next_ip();
        self.execute(path, &instruction, here)
    }

    /// Code starts in the C library's start-up, which is not followed when it is part of the
    /// program: it ends in a call that hands over `main` and the arguments' address.
    fn find_main(&mut self, path: &mut Path<'a>) -> bool {
        if !self.wide || self.elf.is_dynamic || path.steps > 200 {
            path.before_main &= path.steps <= 200;
            return false;
        }
        let word = self.elf.word as u64;
        let (main, arguments) = (path.registers[operand::DI], path.registers[operand::DX]);
        let Some(main) = main.filter(|&main| self.elf.runs(main) && main != path.ip) else {
            return false;
        };
        if arguments != Some(STACK + word) {
            return false;
        }
        path.before_main = false;
        self.start_main(path, main);
        true
    }

    /// Goes on in `main`, as the C library does.
    fn start_main(&mut self, path: &mut Path<'a>, main: u64) {
        for &constructor in self.elf.constructors.iter().take(8) {
            let mut other = path.clone();
            other.ip = constructor;
            self.push(&mut other, Some(END));
            self.wait(other);
        }
        let arguments = STACK + self.elf.word as u64;
        if self.wide {
            path.registers[operand::DI] = None;
            path.registers[operand::SI] = Some(arguments);
            path.registers[operand::DX] = Some(arguments + (ARGUMENT_COUNT + 1) * 8);
        } else {
            self.push(path, Some(arguments + (ARGUMENT_COUNT + 1) * 4));
            self.push(path, Some(arguments));
            self.push(path, None);
        }
        self.push(path, Some(END));
        path.ip = main;
    }

    /// The path runs what it was never seen to write: what it received, if that is what it is.
    fn unknown_code(&mut self, path: &Path<'a>) {
        let Some(source) = path.memory.source(path.ip).cloned() else {
            return;
        };
        if matches!(source, Provenance::Received(_)) {
            let act = Behavior::Evaluate {
                language: Language::Machine,
                code: Value::unknown(source),
            };
            self.act(path, "runs what it receives", act);
        }
    }

    /// Follows `other` later, unless too many wait.
    fn wait(&mut self, other: Path<'a>) {
        if self.waiting.len() < MOST_PATHS {
            self.waiting.push(other);
        }
    }

    /// Whether a call of a named function is worth following again from where it is made: a loop
    /// that waits for something waits for ever here.
    fn calls(&mut self, path: &Path<'a>, name: &str) -> bool {
        let top = path.registers[operand::SP];
        let caller = top.and_then(|top| path.memory.number(top, self.elf.word));
        let place = (caller.unwrap_or(path.ip), system::situation(path));
        let calls = self.called.entry(place).or_default();
        *calls += 1;
        *calls <= if waits(name) { MOST_WAITS } else { MOST_CALLS }
    }

    /// Whether a branch at `ip` is still worth following both ways.
    fn forks(&mut self, path: &Path<'a>, ip: u64) -> bool {
        let visits = self
            .visits
            .entry((ip, system::situation(path)))
            .or_default();
        *visits += 1;
        *visits <= MOST_VISITS
    }

    /// Records an act once.
    fn act(&mut self, path: &Path<'a>, what: &str, act: Behavior) {
        if self.is_new(path.ip, &act) {
            self.world.at(0, what);
            self.world.act(act);
        }
    }

    /// Whether something was not seen at this place yet.
    fn is_new(&mut self, ip: u64, what: &impl std::fmt::Debug) -> bool {
        let mut hasher = DefaultHasher::new();
        ip.hash(&mut hasher);
        format!("{what:?}").hash(&mut hasher);
        self.seen.insert(hasher.finish())
    }

    /// Hands a command line to the shell.
    fn shell(&mut self, path: &Path<'a>, function: &str, code: &Value) {
        let standard = system::standard_streams(path);
        if self.is_new(path.ip, &(code, &standard)) {
            self.world.at(0, &format!("{function}({code})"));
            self.world.with_standard(standard, Vec::new(), |world| {
                world.evaluate(Language::Shell, code, Step::new(function))
            });
        }
    }
}

/// Whether a function waits for time or for somebody else.
fn waits(name: &str) -> bool {
    matches!(
        name,
        "sleep"
            | "usleep"
            | "nanosleep"
            | "select"
            | "poll"
            | "epoll_wait"
            | "wait"
            | "waitpid"
            | "accept"
            | "connect"
            | "recv"
            | "recvfrom"
            | "read"
            | "fgets"
            | "getline"
            | "pause"
    )
}

const fn import_address(index: usize) -> u64 {
    IMPORTS + index as u64 * IMPORT_STEP
}
