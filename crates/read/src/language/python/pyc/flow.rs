//! Jumps: which statements they make conditional, and which they repeat.
//!
//! Instructions are read in order, branches inside one another. What a jump leads to that fits no
//! branch and no loop (handlers of exceptions, mostly) is read where it stands, as if it were run
//! after what comes before it: every branch counts.

use super::opcodes::{Instruction, Op, Version, When};
use super::unit::{Item, Unit, comparison, negated};
use crate::language::script::syntax::{Comparison, Expression, StatementKind};

/// Deepest nesting of blocks.
const NESTING: usize = 48;

/// The loop around a block: its first instruction, and the first behind it.
#[derive(Debug, Clone, Copy)]
pub struct Loop {
    start: usize,
    end: usize,
}

impl Unit<'_> {
    /// Reads all instructions.
    pub fn run(&mut self) {
        self.find_loops();
        if self.shared.burn(self.instructions.len()) {
            self.block(0, self.instructions.len(), None, 0);
        }
    }

    /// Loops that are no `for`: what jumps backwards elsewhere than to one.
    fn find_loops(&mut self) {
        for (at, instruction) in self.instructions.iter().enumerate() {
            let Some(target) = self.target(instruction) else {
                continue;
            };
            let first = self.instructions.get(target).and_then(|first| first.op);
            let repeats = !matches!(first, Some(Op::ForIter | Op::Send) | None);
            if target <= at && repeats {
                let end = self.loops.entry(target).or_insert(0);
                *end = (at + 1).max(*end);
            }
        }
    }

    /// Where an instruction jumps to.
    fn target(&self, instruction: &Instruction) -> Option<usize> {
        let version = self.shared.version;
        let unit = if version >= Version::V310 { 2 } else { 1 };
        let distance = instruction.operand.checked_mul(unit)?;
        let absolute = version < Version::V311;
        let at = match instruction.op? {
            Op::JumpForward | Op::ForIter | Op::SetupTry | Op::With | Op::Send => {
                instruction.end.checked_add(distance)?
            }
            Op::JumpBackward | Op::PopJumpBack(_) => instruction.end.checked_sub(distance)?,
            Op::Jump => distance,
            Op::PopJump(_) | Op::JumpOrPop(_) if absolute => distance,
            Op::PopJump(_) | Op::JumpOrPop(_) => instruction.end.checked_add(distance)?,
            _ => return None,
        };
        Some(self.instructions.partition_point(|i| i.at < at))
    }

    /// Reads a range of instructions; `true` if its end is not reached.
    fn block(&mut self, from: usize, to: usize, around: Option<Loop>, depth: usize) -> bool {
        if depth > NESTING {
            self.shared.cut.set(true);
            return false;
        }
        let mut at = from;
        let mut ended = false;
        while at < to {
            let Some(&instruction) = self.instructions.get(at) else {
                break;
            };
            self.enter_handler(at);
            let is_around = around.is_some_and(|around| around.start == at);
            if let Some(&end) = self.loops.get(&at)
                && !is_around
                && end <= to
            {
                self.forever(at, end, depth);
                at = end;
                continue;
            }
            ended = false;
            let target = self.target(&instruction);
            at = match (instruction.op, target) {
                (Some(Op::ForIter), Some(end)) => self.for_loop(at, end.min(to), depth),
                (Some(Op::PopJump(when)), Some(target)) if target > at => {
                    self.branch(at, target, to, when, around, depth)
                }
                (Some(Op::PopJump(when) | Op::PopJumpBack(when)), Some(target)) => {
                    self.jump_back(at, target, when, around);
                    at + 1
                }
                (Some(Op::JumpOrPop(when)), Some(target)) => {
                    self.either(at, target, to, when, around, depth)
                }
                (Some(Op::Jump | Op::JumpForward | Op::JumpBackward), Some(target)) => {
                    ended = self.jump(at, target, to, around);
                    at + 1
                }
                (Some(Op::BreakLoop), _) => {
                    ended = self.leave(StatementKind::Break, at, to);
                    at + 1
                }
                (Some(op @ (Op::Return | Op::ReturnConst | Op::Raise | Op::Reraise)), _) => {
                    ended = self.end(op, instruction.operand, at, to);
                    at + 1
                }
                // Waiting for something yields what it yields.
                (Some(Op::Send), Some(target)) => {
                    self.pop();
                    target.max(at + 1)
                }
                (Some(op), target) => {
                    // Later versions keep a table of handlers instead.
                    let has_handler = matches!(op, Op::SetupTry | Op::With);
                    if let Some(target) = target
                        && has_handler
                        && self.shared.version < Version::V311
                    {
                        self.handlers.insert(target, self.stack.len());
                    }
                    self.step(op, instruction.operand);
                    at + 1
                }
                (None, _) => {
                    self.misfit();
                    at + 1
                }
            };
        }
        ended
    }

    /// Where an exception is handled, the stack is what it was, with the exception on it.
    fn enter_handler(&mut self, at: usize) {
        if let Some(depth) = self.handlers.remove(&at) {
            self.stack.truncate(depth);
            let pushed = match self.shared.version {
                Version::V27 => 3,
                _ => 6,
            };
            self.stack.extend((0..pushed).map(|_| Item::unknown()));
        }
    }

    /// A statement that leaves its block: mid-block, something else comes to what follows.
    fn leave(&mut self, kind: StatementKind, at: usize, to: usize) -> bool {
        if at + 1 >= to {
            self.emit(kind);
            return true;
        }
        let block = self.captured(|this| this.emit(kind));
        self.emit(StatementKind::If(
            vec![(Expression::Unreadable(Vec::new()), block)],
            Vec::new(),
        ));
        false
    }

    /// `return` and `raise`.
    fn end(&mut self, op: Op, operand: usize, at: usize, to: usize) -> bool {
        let kind = match op {
            Op::ReturnConst => {
                let constant = self.code.constants.get(operand);
                StatementKind::Return(constant.map(|constant| self.constant(constant, 0)))
            }
            Op::Return => StatementKind::Return(Some(self.pop().expression)),
            Op::Raise => StatementKind::Raise(self.pops(operand.min(3)).0),
            _ => {
                // What is raised again was handled, which is read where it stands.
                while self.stack.last().is_some_and(Item::is_unknown) {
                    self.stack.pop();
                }
                return false;
            }
        };
        self.leave(kind, at, to)
    }

    /// A jump that no condition guards.
    fn jump(&mut self, at: usize, target: usize, to: usize, around: Option<Loop>) -> bool {
        let Some(around) = around else {
            return false;
        };
        if target == around.start && at + 1 != around.end {
            return self.leave(StatementKind::Continue, at, to);
        }
        if target >= around.end && at + 1 != around.end {
            return self.leave(StatementKind::Break, at, to);
        }
        false
    }

    /// A conditional jump backwards: the end of a loop, or a way back to its start.
    fn jump_back(&mut self, at: usize, target: usize, when: When, around: Option<Loop>) {
        let condition = self.pop();
        let Some(around) = around.filter(|around| around.start == target) else {
            self.emit(StatementKind::Expression(condition.expression));
            return;
        };
        let (condition, kind) = if at + 1 == around.end {
            (stays(when, condition.expression), StatementKind::Break)
        } else {
            (jumps(when, condition.expression), StatementKind::Continue)
        };
        let block = self.captured(|this| this.emit(kind));
        self.emit(StatementKind::If(vec![(condition, block)], Vec::new()));
    }

    /// A conditional jump forwards: `if`, with its `else` if what is skipped ends in a jump; the
    /// two may leave a value each.
    fn branch(
        &mut self,
        at: usize,
        target: usize,
        to: usize,
        when: When,
        around: Option<Loop>,
        depth: usize,
    ) -> usize {
        let condition = self.pop();
        let leaves = around.is_some_and(|around| target >= around.end);
        if target > to || leaves {
            if leaves {
                let block = self.captured(|this| this.emit(StatementKind::Break));
                let condition = jumps(when, condition.expression);
                self.emit(StatementKind::If(vec![(condition, block)], Vec::new()));
            } else if condition.again().is_none() {
                self.emit(StatementKind::Expression(condition.expression));
            }
            return at + 1;
        }
        let last = target - 1;
        let behind = self
            .instructions
            .get(last)
            .filter(|_| last > at)
            .and_then(|jump| {
                let is_jump = matches!(jump.op, Some(Op::Jump | Op::JumpForward));
                self.target(jump)
                    .filter(|behind| is_jump && *behind > target && *behind <= to)
            });
        let (end, resume) = behind.map_or((target, target), |behind| (last, behind));
        let other = self.stack_again();
        let mut ended = false;
        let then = self.captured(|this| ended = this.block(at + 1, end, around, depth + 1));
        let after = std::mem::replace(&mut self.stack, other);
        let mut other_ended = false;
        let otherwise =
            self.captured(|this| other_ended = this.block(target, resume, around, depth + 1));
        let mut condition = condition;
        if ended {
            // What it leaves on the stack is nobody's.
        } else if other_ended && resume > target {
            self.stack = after;
        } else {
            condition = self.merge(condition, when, after);
        }
        if !then.is_empty() || !otherwise.is_empty() || condition.again().is_none() {
            let condition = stays(when, condition.expression);
            self.emit(StatementKind::If(vec![(condition, then)], otherwise));
        }
        resume
    }

    /// Joins the stack as one branch leaves it with the one that the other leaves; returns the
    /// condition, to be used again.
    fn merge(&mut self, condition: Item, when: When, then: Vec<Item>) -> Item {
        let mut condition = condition;
        if then.len() != self.stack.len() {
            if then.len() > self.stack.len() {
                self.stack = then;
            }
            return condition;
        }
        let differs = then
            .iter()
            .zip(&self.stack)
            .any(|(one, other)| !one.same(other));
        if !differs {
            return condition;
        }
        if condition.again().is_none() {
            condition = self.spilled(condition);
        }
        let others = std::mem::take(&mut self.stack);
        for (one, other) in then.into_iter().zip(others) {
            if one.same(&other) {
                self.stack.push(other);
                continue;
            }
            let depth = one.depth.max(other.depth) + 1;
            let test = condition.again().unwrap_or_else(Item::unknown).expression;
            let parts = [stays(when, test), one.expression, other.expression];
            self.push(Expression::Conditional(Box::new(parts)), depth);
        }
        condition
    }

    /// `and` and `or`, whose first value stays if it decides.
    fn either(
        &mut self,
        at: usize,
        target: usize,
        to: usize,
        when: bool,
        around: Option<Loop>,
        depth: usize,
    ) -> usize {
        if target > to || target <= at {
            return at + 1;
        }
        let left = self.pop();
        let below = self.stack.len();
        let block = self.captured(|this| {
            this.block(at + 1, target, around, depth + 1);
        });
        let right = if self.stack.len() > below {
            self.pop()
        } else {
            Item::unknown()
        };
        let mut left = left;
        if !block.is_empty() {
            left = self.spilled(left);
            let test = left.again().unwrap_or_else(Item::unknown).expression;
            let test = if when { negated(test) } else { test };
            self.emit(StatementKind::If(vec![(test, block)], Vec::new()));
        }
        let depth = left.depth.max(right.depth) + 1;
        self.push(
            Expression::Logic(!when, vec![left.expression, right.expression]),
            depth,
        );
        target
    }

    /// `for`; returns where to go on.
    fn for_loop(&mut self, at: usize, end: usize, depth: usize) -> usize {
        let end = end.max(at + 1);
        let iterable = self.pop();
        let below = self.stack.len();
        let item = self.shared.temporary();
        // The iterator stays below the item.
        self.stack.push(Item::unknown());
        self.push_name(item.clone());
        let around = Loop { start: at, end };
        let body = self.captured(|this| {
            this.block(at + 1, end, Some(around), depth + 1);
        });
        self.stack.truncate(below);
        let target = Expression::Name(item);
        self.emit(StatementKind::For(
            target,
            iterable.expression,
            body,
            Vec::new(),
        ));
        let op = |at: usize| self.instructions.get(at).and_then(|i| i.op);
        match (op(end), op(end + 1), self.shared.version) {
            // It takes the iterator off in two steps.
            (Some(Op::EndFor), Some(Op::PopTop), Version::V313) => end + 2,
            (Some(Op::EndFor), ..) => end + 1,
            _ => end,
        }
    }

    /// A loop without a condition of its own: jumps out of it are what ends it.
    fn forever(&mut self, at: usize, end: usize, depth: usize) {
        let around = Loop { start: at, end };
        let body = self.captured(|this| {
            this.block(at, end, Some(around), depth + 1);
        });
        self.emit(StatementKind::While(
            Expression::Bool(true),
            body,
            Vec::new(),
        ));
    }
}

/// The condition under which a jump is taken.
fn jumps(when: When, value: Expression) -> Expression {
    match when {
        When::True => value,
        When::False => negated(value),
        When::None => comparison(value, Comparison::Is, Expression::None),
        When::NotNone => comparison(value, Comparison::IsNot, Expression::None),
    }
}

/// The condition under which it is not.
fn stays(when: When, value: Expression) -> Expression {
    let other = match when {
        When::True => When::False,
        When::False => When::True,
        When::None => When::NotNone,
        When::NotNone => When::None,
    };
    jumps(other, value)
}
