//! What unfolding one file may cost, all its artifacts together.

use std::cell::Cell;
use std::io::{ErrorKind, Read};
use std::rc::Rc;

use model::Budget;

/// Bytes that decoding may yield for a byte of the file, beyond [`Budget::unfolded`]: text packs
/// some tenfold; more is either a bomb or nearly empty.
const RATIO: u64 = 16;

/// Most members one file may have, those of inner archives included: the largest honest archives
/// that fit the longest file have a fifth of it.
const MEMBERS: u32 = 200_000;

/// How many programs' worth of fuel and of acts the programs in one file may take together: far
/// more than a package of source takes, and an end for an archive full of loops.
const PROGRAMS: u64 = 16;

/// What may still be spent on one file.
#[derive(Debug)]
pub struct Bounds {
    /// Bytes that decoding may still yield; shared with the streams that yield them.
    pub left: Rc<Cell<u64>>,
    /// What `left` was at first.
    pub allowed: u64,
    /// Whether it was noted that nothing is left.
    pub noted: bool,
    /// Bytes of members that are held at the moment.
    pub held: usize,
    members: u32,
    fuel: u64,
    acts: usize,
}

impl Bounds {
    /// The bounds for a file of `length` bytes.
    pub fn new(length: usize, budget: &Budget) -> Self {
        let allowed =
            (budget.unfolded as u64).saturating_add((length as u64).saturating_mul(RATIO));
        Self {
            left: Rc::new(Cell::new(allowed)),
            allowed,
            noted: false,
            held: 0,
            members: MEMBERS,
            fuel: budget.fuel.saturating_mul(PROGRAMS),
            acts: budget
                .acts
                .saturating_mul(usize::try_from(PROGRAMS).unwrap_or(usize::MAX)),
        }
    }

    /// Whether decoding may yield nothing more.
    pub fn exhausted(&self) -> bool {
        self.left.get() == 0
    }

    /// Whether nothing more can be read: an archive need not be walked to its end.
    pub fn is_over(&self) -> bool {
        self.exhausted() || self.members == 0
    }

    /// Takes `bytes` from what decoding may yield; if that is too much, nothing is left.
    pub fn take(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes as u64);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Takes one member; `false` if there were too many.
    pub fn one_more(&mut self) -> bool {
        let left = self.members.checked_sub(1);
        self.members = left.unwrap_or(0);
        left.is_some()
    }

    /// How many bytes of the next member may be held: members inside one another together hold no
    /// more than decoding of one text may yield.
    pub fn room(&self, budget: &Budget) -> usize {
        budget
            .unfolded
            .saturating_sub(self.held)
            .min(budget.whole_file)
    }

    /// The fuel and the acts the next program may take.
    pub fn program(&self, budget: &Budget) -> (u64, usize) {
        (self.fuel.min(budget.fuel), self.acts.min(budget.acts))
    }

    /// Takes what a program took.
    pub fn spend(&mut self, fuel: u64, acts: usize) {
        self.fuel = self.fuel.saturating_sub(fuel);
        self.acts = self.acts.saturating_sub(acts);
    }
}

/// The words for too many members.
pub fn too_many() -> String {
    format!("it holds more than {MEMBERS} members")
}

/// A stream that yields no more than decoding may: it ends there.
pub struct Counted<R> {
    from: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Counted<R> {
    /// Counts what `from` yields.
    pub const fn new(from: R, left: Rc<Cell<u64>>) -> Self {
        Self { from, left }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.left.get();
        let room = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let count = self.from.read(buffer.get_mut(..room).unwrap_or_default())?;
        self.left.set(left.saturating_sub(count as u64));
        Ok(count)
    }
}

/// Appends what a stream yields, up to `limit` bytes in all; `true` if it ended before. Damage
/// ends it: what came before counts.
pub fn fill(from: &mut dyn Read, into: &mut Vec<u8>, limit: usize) -> bool {
    let mut buffer = [0; 16 << 10];
    while into.len() < limit {
        let room = buffer.len().min(limit - into.len());
        match from.read(buffer.get_mut(..room).unwrap_or_default()) {
            Ok(0) => return true,
            Ok(count) => into.extend(buffer.iter().take(count)),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return true,
        }
    }
    // Whether it ends right here, only reading on tells.
    !matches!(from.read(buffer.get_mut(..1).unwrap_or_default()), Ok(1..))
}

/// Reads on over `count` bytes; `false` if the stream ends before.
pub fn skip(from: &mut dyn Read, count: u64) -> bool {
    std::io::copy(&mut from.take(count), &mut std::io::sink()).is_ok_and(|read| read == count)
}
