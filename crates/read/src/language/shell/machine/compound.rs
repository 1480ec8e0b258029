//! Compound commands: every branch is taken, loops over known values are unrolled.

use std::rc::Rc;

use model::{Stream, Value};

use super::super::ast::{Arm, Command, Kind, List, Word};
use super::Machine;
use super::lookup::Found;

/// Most iterations of one loop.
const UNROLLED: usize = 4_096;

/// Most iterations of one loop that does something other than compute.
const REPEATED: usize = 24;

impl<'a> Machine<'a, '_, '_> {
    /// Runs a compound command; its redirections are in place.
    pub(super) fn compound(&mut self, command: &Command<'a>) {
        match &command.kind {
            Kind::Simple(_) => {}
            Kind::Group(list) => self.list(list),
            Kind::Subshell(list) => self.subshell(|machine| machine.list(list)),
            Kind::If(arms, otherwise) => self.branches(arms, otherwise.as_ref()),
            Kind::For { name, words, body } => self.for_each(name, words.as_deref(), body),
            Kind::Count { expressions, body } => self.count(expressions, body),
            Kind::Loop {
                until,
                condition,
                body,
            } => self.repeat(*until, condition, body),
            Kind::Case(word, arms) => self.case(word, arms),
            Kind::Function(name, body) => self.define(name, body),
            Kind::Test(words) => {
                self.world.at(command.line, command.source);
                self.status = self.test_words(words);
            }
            Kind::Arithmetic(text) => {
                self.world.at(command.line, command.source);
                self.status = self.calculate_kept(text).map(|value| value != 0);
            }
            Kind::Coprocess(name, command) => self.coprocess(name, command),
        }
    }

    fn branches(&mut self, arms: &[(List<'a>, List<'a>)], otherwise: Option<&List<'a>>) {
        let mut taken = false;
        for (condition, body) in arms {
            if taken {
                self.put_off(condition);
                self.put_off(body);
                continue;
            }
            self.perhaps(|machine| machine.list(condition));
            match self.status {
                Some(true) => {
                    taken = true;
                    self.perhaps(|machine| machine.list(body));
                }
                Some(false) => self.put_off(body),
                None => self.perhaps(|machine| machine.list(body)),
            }
            if self.halt.is_some() {
                return;
            }
        }
        if let Some(list) = otherwise {
            if taken {
                self.put_off(list);
            } else {
                self.perhaps(|machine| machine.list(list));
            }
        }
        self.status = None;
    }

    fn case(&mut self, word: &Word<'a>, arms: &[Arm<'a>]) {
        let value = self.single(word);
        let mut taken = false;
        for arm in arms {
            let fits = if taken {
                Some(false)
            } else {
                self.arm_fits(&value, arm)
            };
            match fits {
                Some(true) => {
                    taken = true;
                    self.perhaps(|machine| machine.list(&arm.body));
                }
                Some(false) => self.put_off(&arm.body),
                None => self.perhaps(|machine| machine.list(&arm.body)),
            }
            if self.halt.is_some() {
                return;
            }
        }
        self.status = None;
    }

    /// Whether a branch of a `case` is taken; `None` if that cannot be told.
    fn arm_fits(&mut self, value: &Value, arm: &Arm<'a>) -> Option<bool> {
        let text = value.as_known()?;
        let mut all_told = true;
        for pattern in &arm.patterns {
            let is_extended = pattern.source.contains("(");
            match self.pattern(pattern).matches(text) {
                Some(true) => return Some(true),
                Some(false) if !is_extended => {}
                _ => all_told = false,
            }
        }
        all_told.then_some(false)
    }

    fn for_each(&mut self, name: &str, words: Option<&[Word<'a>]>, body: &List<'a>) {
        let values = match words {
            Some(words) => self.fields(words),
            None => match self.look_up("@", None) {
                Found::Many(values, _) => values,
                Found::One(value) | Found::Unset(value) => vec![value],
            },
        };
        if values.is_empty() {
            return self.put_off(body);
        }
        let before = self.world.act_count();
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 && !self.goes_on(at, before) {
                break;
            }
            self.assign(name, None, value);
            self.perhaps(|machine| machine.list(body));
            if self.halt.is_some() {
                break;
            }
        }
        self.status = None;
    }

    /// Whether one more iteration is worth running: at most so many, and fewer if they do the
    /// same things again and again.
    fn goes_on(&mut self, iteration: usize, acts_before: usize) -> bool {
        let acts = self.world.act_count() > acts_before;
        if iteration >= if acts { REPEATED } else { UNROLLED } || self.iterations == 0 {
            return false;
        }
        self.iterations -= 1;
        self.world.burn(1)
    }

    fn count(&mut self, expressions: &[&'a str; 3], body: &List<'a>) {
        let [start, condition, step] = *expressions;
        self.calculate_kept(start);
        let before = self.world.act_count();
        for at in 0.. {
            let holds = match condition {
                "" => None,
                condition => self.calculate_kept(condition).map(|value| value != 0),
            };
            if holds == Some(false) {
                if at == 0 {
                    self.put_off(body);
                }
                break;
            }
            if at > 0 && (holds.is_none() || !self.goes_on(at, before)) {
                break;
            }
            self.perhaps(|machine| machine.list(body));
            if self.halt.is_some() {
                break;
            }
            self.calculate_kept(step);
        }
        self.status = None;
    }

    fn repeat(&mut self, until: bool, condition: &List<'a>, body: &List<'a>) {
        let is_constant = is_constant(condition);
        let before = self.world.act_count();
        for at in 0.. {
            let progress = self.progress();
            if at == 0 {
                self.list(condition);
            } else {
                self.perhaps(|machine| machine.list(condition));
            }
            let holds = self.status.map(|status| status != until);
            if holds == Some(false) {
                if at == 0 {
                    self.put_off(body);
                }
                break;
            }
            self.perhaps(|machine| machine.list(body));
            // A loop whose end cannot be told, or that nothing it computes will end.
            let goes_on = holds.is_some() && !is_constant && progress != self.progress();
            if !goes_on || self.halt.is_some() || !self.goes_on(at + 1, before) {
                break;
            }
        }
        self.status = None;
    }

    /// Numbers that change when something is assigned or input is read.
    fn progress(&self) -> (usize, usize) {
        let input = match &self.world.standard {
            [Stream::Text(value), ..] => value.text.len(),
            _ => 0,
        };
        (self.assignments, input)
    }

    fn coprocess(&mut self, name: &str, command: &Command<'a>) {
        let [input, ..] = &mut self.world.standard;
        let outer = std::mem::replace(input, Stream::Unknown);
        let printed = self.capture(|machine| machine.command(command));
        let [input, ..] = &mut self.world.standard;
        *input = outer;
        let stream = match printed.received_over() {
            Some(connection) => Stream::Connection(connection),
            None => Stream::Text(printed),
        };
        for (index, descriptor) in [(0, 63_u32), (1, 62)] {
            let value = Value::literal(descriptor.to_string());
            self.assign(name, Some(if index == 0 { "0" } else { "1" }), value);
            self.open.insert(descriptor, stream.clone());
        }
    }

    fn define(&mut self, name: &str, body: &Rc<Command<'a>>) {
        self.add_function(name, body);
        self.status = Some(true);
    }
}

/// Whether a condition is the same every time: `true`, `:`, `[ 1 ]`, `(( 1 ))`.
fn is_constant(condition: &List) -> bool {
    condition.items.iter().all(|item| {
        item.rest.is_empty()
            && item.first.stages.iter().all(|command| match &command.kind {
                Kind::Simple(simple) => {
                    let name = simple.words.first().map_or("", |word| word.source);
                    matches!(name, "true" | "false" | ":" | "[" | "test")
                        && simple.words.iter().all(Word::is_plain)
                }
                Kind::Arithmetic(text) => text.trim().bytes().all(|byte| byte.is_ascii_digit()),
                Kind::Test(words) => words.iter().all(Word::is_plain),
                _ => false,
            })
    })
}
