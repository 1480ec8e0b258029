//! The abstract interpreter: what a shell that takes every branch would do.
//!
//! Values flow as far as they are known. A branch whose condition can be told is preferred, the
//! others are put off to the end, so that all of a text is seen and none of it spoils what is
//! known. Loops over known values are unrolled up to a bound, others run once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use model::{Provenance, Step, Stream, Value};

use super::ast::{List, Word};
use super::parser::{NESTING, Parser};
use super::texts::Texts;
use crate::world::World;

mod arithmetic;
mod assign;
mod braces;
mod builtin;
mod compound;
mod escape;
mod expand;
mod field;
mod filler;
mod function;
mod glob;
mod input;
mod lookup;
mod operator;
mod pattern;
mod redirect;
mod run;
mod simple;
mod substitution;
mod test;
mod variable;

use field::bounded_append;
use function::Function;
use variable::Variable;

/// Most branches put off and functions run at the end of a text.
const PUT_OFF: usize = 65_536;

/// Iterations of loops of one text that are unrolled.
const ITERATIONS: u32 = 65_536;

/// What ends the run of a list before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Halt {
    /// `return`
    Return,
    /// `exit`, or `exec` of a program.
    Exit,
}

/// A branch that was not taken where it stands.
struct PutOff<'a> {
    list: List<'a>,
    standard: [Stream; 3],
}

/// The state of a shell.
pub struct Machine<'a, 'w, 'b> {
    world: &'w mut World<'b>,
    /// The last of the texts made so far.
    texts: &'a Texts,
    variables: HashMap<String, Variable>,
    functions: HashMap<String, Rc<Function<'a>>>,
    aliases: HashMap<String, Value>,
    /// Aliases and functions being expanded, which do not expand again inside themselves.
    expanding: Vec<String>,
    /// `$1` and on, if they are known.
    positional: Option<Vec<Value>>,
    /// `$0`
    zero: Value,
    open: BTreeMap<u32, Stream>,
    /// Files that redirections of `exec` write to and that were recorded.
    logs: HashSet<String>,
    /// Whether standard output is a file that `exec` opened, so that all goes on behind what was
    /// written.
    logs_output: bool,
    /// Exit status of the last command: whether it succeeded, if that can be told.
    status: Option<bool>,
    /// What went to the standard output that is being taken.
    printed: Value,
    /// Nesting of lists, substitutions, functions and evaluated texts.
    depth: usize,
    deepest: usize,
    /// How many constructs around the current command may or may not run it.
    conditional: u32,
    halt: Option<Halt>,
    put_off: Vec<PutOff<'a>>,
    /// Commands of `trap`.
    traps: Vec<Value>,
    iterations: u32,
    directory: Option<String>,
    /// What was received and is being evaluated.
    received: Option<u32>,
    /// Next descriptor of a process substitution.
    process: u32,
    /// What `>( … )` runs on what the current command writes there.
    processes: Vec<(Value, List<'a>)>,
    calls: HashMap<u64, function::Memory>,
    /// Variables that functions have covered with their own.
    covered: Vec<(String, Option<Variable>)>,
    functions_active: usize,
    /// `conditional` as it was when the current function was called.
    return_level: u32,
    /// Functions that were replaced before anything called them.
    replaced: Vec<Rc<Function<'a>>>,
    /// Functions to be run at the end, last first.
    uncalled: Vec<Rc<Function<'a>>>,
    /// The variable being assigned, if it was never assigned before: what its own value holds of
    /// itself is empty, not the environment's.
    accumulating: Option<&'a str>,
    /// How many assignments were made.
    assignments: usize,
    /// The pipeline that the next command is a stage of.
    pipeline: Option<&'a str>,
}

impl<'a, 'w, 'b> Machine<'a, 'w, 'b> {
    /// A shell as it starts.
    pub fn new(world: &'w mut World<'b>, texts: &'a Texts) -> Self {
        let mut arguments = world.arguments.clone().into_iter();
        let zero = arguments.next();
        let is_told = zero.is_some();
        // Shells inside shells share what the stack allows.
        let deepest = (2 * NESTING)
            .checked_div(2 + world.depth())
            .unwrap_or(NESTING)
            .max(8);
        Self {
            world,
            texts,
            variables: HashMap::new(),
            functions: HashMap::new(),
            aliases: HashMap::new(),
            expanding: Vec::new(),
            positional: is_told.then(|| arguments.collect()),
            zero: zero.unwrap_or_else(|| Value::unknown(Provenance::Argument)),
            open: BTreeMap::new(),
            logs: HashSet::new(),
            logs_output: false,
            status: Some(true),
            printed: Value::literal(""),
            depth: 0,
            deepest,
            conditional: 0,
            halt: None,
            put_off: Vec::new(),
            traps: Vec::new(),
            iterations: ITERATIONS,
            directory: None,
            received: None,
            process: 63,
            processes: Vec::new(),
            calls: HashMap::new(),
            covered: Vec::new(),
            functions_active: 0,
            return_level: 0,
            replaced: Vec::new(),
            uncalled: Vec::new(),
            accumulating: None,
            assignments: 0,
            pipeline: None,
        }
    }

    /// Runs a text from its first line to its end, then what was put off; what it printed.
    pub fn run(mut self, text: &'a str) -> Value {
        self.text(text, 1);
        let printed = std::mem::take(&mut self.printed);
        self.run_rest();
        printed
    }

    /// Keeps a text for as long as the machine runs.
    fn keep(&mut self, text: String) -> &'a str {
        self.texts = self.texts.keep(text);
        self.texts.text()
    }

    /// Runs the commands of a text.
    fn text(&mut self, text: &'a str, line: u32) {
        let cost = u64::try_from(text.len() / 256).unwrap_or(u64::MAX);
        if !self.world.burn(cost) {
            return;
        }
        let placeholders = self.world.depth() > 0 || self.depth > 0;
        let deepest = self.deepest.saturating_sub(self.depth);
        let mut parser = Parser::new(text, line, deepest, placeholders);
        while let Some(item) = parser.next_command() {
            self.and_or(&item);
            if self.halt.is_some() || !self.world.burn(1) {
                break;
            }
        }
        if parser.is_too_deep() {
            self.too_deep();
        }
    }

    fn too_deep(&mut self) {
        let deepest = self.deepest;
        self.world.gap(format!(
            "shell commands nested more than {deepest} deep were not followed"
        ));
    }

    /// Runs `inner` one level deeper, unless that is too deep.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= self.deepest {
            self.too_deep();
            return None;
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        Some(result)
    }

    /// Runs `inner` as something that may not happen.
    fn perhaps<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.conditional += 1;
        let result = inner(self);
        self.conditional -= 1;
        result
    }

    /// Runs `inner` and returns what it writes to standard output.
    fn capture(&mut self, inner: impl FnOnce(&mut Self)) -> Value {
        let outer = std::mem::replace(&mut self.printed, Value::literal(""));
        let [_, output, _] = &mut self.world.standard;
        let stream = std::mem::replace(output, Stream::Text(Value::default()));
        let logs_output = std::mem::replace(&mut self.logs_output, false);
        inner(self);
        self.logs_output = logs_output;
        let [_, output, _] = &mut self.world.standard;
        *output = stream;
        std::mem::replace(&mut self.printed, outer)
    }

    /// Adds what a command printed to what is taken, if it goes there.
    fn emit(&mut self, printed: &Value) {
        let [_, output, _] = &self.world.standard;
        match output {
            Stream::Inherited | Stream::Text(_) | Stream::Unknown => {
                let limit = self.world.budget().program_text;
                bounded_append(&mut self.printed, printed, limit);
            }
            Stream::Connection(connection) if !printed.text.is_empty() => {
                let (connection, data) = (*connection, printed.clone());
                self.world.act(model::Behavior::Send { connection, data });
            }
            Stream::File(path) => {
                let path = path.clone();
                self.log(path, printed);
            }
            _ => {}
        }
    }

    /// Runs commands in a shell of their own: its folder and descriptors end with it. Variables
    /// are left as they are set, for what is known of them can only help.
    fn subshell(&mut self, inner: impl FnOnce(&mut Self)) {
        let directory = self.directory.clone();
        let open = self.open.clone();
        let halt = self.halt;
        let conditional = self.conditional;
        inner(self);
        self.directory = directory;
        self.open = open;
        self.halt = halt;
        self.conditional = conditional;
    }

    /// Evaluates a text with the state of this shell, as `eval` and `.` do.
    fn evaluate(&mut self, code: &Value, step: &str) {
        self.world.act(model::Behavior::Evaluate {
            language: model::Language::Shell,
            code: code.clone(),
        });
        self.evaluate_quietly(code, step);
    }

    fn evaluate_quietly(&mut self, code: &Value, step: &str) {
        self.status = None;
        if code.text.trim().is_empty() {
            return;
        }
        if crate::world::is_placeholder(code) {
            self.emit(&Value::unknown(Provenance::Output("shell".to_owned())));
            return;
        }
        if self.depth >= self.deepest {
            return self.too_deep();
        }
        let text = self.keep(code.text.clone());
        let received = std::mem::replace(&mut self.received, code.received_over());
        self.depth += 1;
        self.inside(code, step, text);
        self.depth -= 1;
        self.received = received;
    }

    /// Runs `text` inside a step of the world.
    fn inside(&mut self, code: &Value, step: &str, text: &'a str) {
        if let Some(place) = self.world.enter(code, Step::new(step)) {
            self.text(text, 1);
            self.world.leave(place);
        }
    }

    /// Runs what no command of the text has run: branches put off, functions never called, traps.
    fn run_rest(&mut self) {
        let traps = std::mem::take(&mut self.traps);
        self.halt = None;
        for trap in &traps {
            self.evaluate_quietly(trap, "trap");
            self.halt = None;
        }
        for _ in 0..PUT_OFF {
            self.conditional = 1;
            if let Some(PutOff { list, standard }) = self.put_off.pop() {
                if !list.visited.get() {
                    self.world.standard.clone_from(&standard);
                    self.list(&list);
                }
            } else if !self.run_uncalled_function() {
                break;
            }
            self.halt = None;
            if !self.world.burn(1) {
                break;
            }
        }
    }

    /// Puts off a branch that is not taken.
    fn put_off(&mut self, list: &List<'a>) {
        if !list.visited.get() && self.put_off.len() < PUT_OFF {
            self.put_off.push(PutOff {
                list: Rc::clone(list),
                standard: self.world.standard.clone(),
            });
        }
    }
}
