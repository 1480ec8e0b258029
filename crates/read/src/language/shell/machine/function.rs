//! Functions: defined, called with arguments, and run once at the end if nothing calls them.

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use model::{Stream, Value};

use super::super::ast::Command;
use super::{Halt, Machine};

/// Most functions a shell keeps.
const FUNCTIONS: usize = 16_384;

/// How often a function may be active at once.
const RECURSION: usize = 3;

/// How often a function is followed with the same arguments and input: once more than a loop
/// needs to show that it repeats.
const SAME_CALLS: u8 = 3;

/// Most different calls that are told apart.
const CALLS: usize = 65_536;

/// A function.
#[derive(Debug)]
pub struct Function<'a> {
    body: Rc<Command<'a>>,
    called: Cell<bool>,
    active: Cell<usize>,
}

/// What is known of calls with the same arguments.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    times: u8,
    printed: Value,
}

impl<'a> Machine<'a, '_, '_> {
    /// Defines a function. One of that name that nothing called yet is run at the end all the
    /// same: it may be called in a branch.
    pub(super) fn add_function(&mut self, name: &str, body: &Rc<Command<'a>>) {
        if self.functions.len() >= FUNCTIONS {
            return self
                .world
                .gap("the program defines more functions than are followed");
        }
        let function = Function {
            body: Rc::clone(body),
            called: Cell::new(false),
            active: Cell::new(0),
        };
        let replaced = self.functions.insert(name.to_owned(), Rc::new(function));
        if let Some(replaced) = replaced
            && !replaced.called.get()
            && !Rc::ptr_eq(&replaced.body, body)
            && self.replaced.len() < FUNCTIONS
        {
            self.replaced.push(replaced);
        }
    }

    /// Calls a function.
    pub(super) fn call(&mut self, function: &Rc<Function<'a>>, arguments: Vec<Value>) {
        self.status = None;
        if function.active.get() >= RECURSION {
            return;
        }
        let key = self.key(function, &arguments);
        if let Some(memory) = self.calls.get(&key)
            && memory.times >= SAME_CALLS
        {
            let printed = memory.printed.clone();
            self.emit(&printed);
            return;
        }
        let start = self.printed.text.len();
        self.enter_function(function, Some(arguments));
        let written = self.printed.text.get(start..).unwrap_or_default();
        if self.calls.len() < CALLS {
            let printed = Value {
                text: written.to_owned(),
                known: self.printed.known,
                from: self.printed.from.clone(),
            };
            let memory = self.calls.entry(key).or_default();
            memory.times += 1;
            memory.printed = printed;
        }
    }

    fn key(&self, function: &Rc<Function<'a>>, arguments: &[Value]) -> u64 {
        let mut hasher = DefaultHasher::new();
        Rc::as_ptr(function).hash(&mut hasher);
        for argument in arguments {
            argument.text.hash(&mut hasher);
        }
        if let [Stream::Text(input), ..] = &self.world.standard {
            input.text.hash(&mut hasher);
        }
        hasher.finish()
    }

    fn enter_function(&mut self, function: &Rc<Function<'a>>, arguments: Option<Vec<Value>>) {
        function.called.set(true);
        function.active.set(function.active.get() + 1);
        let outer = std::mem::replace(&mut self.positional, arguments);
        let conditional = std::mem::replace(&mut self.return_level, self.conditional);
        let covered = self.covered.len();
        self.functions_active += 1;
        let body = Rc::clone(&function.body);
        self.deeper(|machine| machine.command(&body));
        self.functions_active -= 1;
        self.uncover(covered);
        self.return_level = conditional;
        self.positional = outer;
        function.active.set(function.active.get() - 1);
        if self.halt == Some(Halt::Return) {
            self.halt = None;
        }
    }

    /// Remembers what a variable was before a function made it its own.
    pub(super) fn cover(&mut self, name: &str) {
        /// Most variables covered at once.
        const COVERED: usize = 65_536;
        if self.functions_active > 0 && self.covered.len() < COVERED {
            let before = self.variables.remove(name);
            self.covered.push((name.to_owned(), before));
        }
    }

    fn uncover(&mut self, down_to: usize) {
        while self.covered.len() > down_to {
            match self.covered.pop() {
                Some((name, Some(before))) => {
                    self.variables.insert(name, before);
                }
                Some((name, None)) => {
                    self.variables.remove(&name);
                }
                None => break,
            }
        }
    }

    /// Runs a function that nothing has called, if there is one left.
    pub(super) fn run_uncalled_function(&mut self) -> bool {
        if self.uncalled.is_empty() {
            let mut waiting: Vec<_> = self
                .functions
                .iter()
                .filter(|(_, function)| !function.called.get())
                .map(|(name, function)| (name.clone(), Rc::clone(function)))
                .collect();
            // Back to front, for they are taken from the end.
            waiting.sort_by(|(a, left), (b, right)| (right.body.line, b).cmp(&(left.body.line, a)));
            self.uncalled
                .extend(waiting.into_iter().map(|(_, function)| function));
            self.uncalled.append(&mut self.replaced);
        }
        let Some(function) = self.uncalled.pop() else {
            return false;
        };
        if !function.called.get() {
            self.world.standard = [Stream::Inherited, Stream::Inherited, Stream::Inherited];
            self.enter_function(&function, None);
        }
        true
    }
}
