//! The state of a Python program that is followed, and how its texts are run.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::rc::Rc;

use model::{Behavior, Provenance, Step, Value};

use super::Dialect;
use super::calls::Arguments;
use super::heap::Heap;
use super::object::{Function, Object, ScopeId};
use super::scope::{GLOBALS, Scopes};
use super::syntax::{Block, FunctionSyntax, StatementKind};
use crate::world::{World, is_placeholder};

/// Most texts that a program hands to `exec`: generators wrap code some fifty times, and test
/// suites evaluate hundreds.
const LAYERS: usize = 4_096;

/// Deepest nesting of calls, blocks and expressions while running, all together: what a thread's
/// stack of 2 MiB holds.
const NESTING: usize = 300;

/// Deepest nesting of calls of the program's own functions.
pub const CALLS: usize = 8;

/// Bytes of text that cost one unit of fuel to make.
const BYTES_A_UNIT: usize = 32;

/// Bytes of text that cost one unit of fuel to copy.
const COPIED_A_UNIT: usize = 256;

/// Where the program is.
#[derive(Debug, Clone)]
pub struct Place {
    line: u32,
    source: Range<usize>,
    text: Rc<str>,
}

/// A call of a function that is being followed.
#[derive(Debug, Default)]
pub struct Frame {
    /// What it returns so far.
    pub returned: Option<Object>,
    /// What it yields so far.
    pub yielded: Vec<Object>,
    /// The instance or class a method was called on.
    pub receiver: Option<Object>,
    /// Its function.
    pub function: Option<Rc<Function>>,
}

/// What is known of a call that was followed before.
#[derive(Debug, Clone)]
pub struct Followed {
    /// How often.
    pub times: u32,
    /// Whether it did anything.
    pub acted: bool,
    /// What it returned.
    pub returned: Object,
}

/// What a function has cost so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Fuel of calls that did something or whose outcome could not be told.
    pub fuel: u64,
    /// Whether any did something.
    pub acted: bool,
}

/// A program being followed.
pub struct Interpreter<'w, 'b> {
    world: &'w mut World<'b>,
    /// The language it is written in.
    pub dialect: &'static dyn Dialect,
    /// Its mutable objects.
    pub heap: Heap,
    /// Its names.
    pub scopes: Scopes,
    /// The scope the current statement runs in.
    pub scope: ScopeId,
    /// Calls being followed, innermost last.
    pub frames: Vec<Frame>,
    /// What the next function that is called is called on, where a language passes that unsaid.
    pub receiver: Option<Object>,
    /// Calls that wait for the current statement to end: what is called, on what, with what.
    pub later: VecDeque<(Object, Option<Object>, Arguments)>,
    /// Properties of functions, where a language has them.
    pub properties: HashMap<*const Function, Object>,
    /// Calls followed before, by a hash of function and arguments.
    pub followed: HashMap<u64, Followed>,
    /// What functions have cost so far, by their syntax.
    pub costs: HashMap<*const FunctionSyntax, Cost>,
    /// Functions that answer requests.
    pub routes: HashSet<*const FunctionSyntax>,
    /// Dead branches that were read.
    pub visited: HashSet<*const Block>,
    /// Functions of the program in order of definition.
    functions: Vec<Rc<Function>>,
    called: HashSet<*const FunctionSyntax>,
    /// What it prints.
    pub printed: Value,
    /// Counts acts.
    pub effects: u64,
    /// Counts conditions and calls whose outcome cannot be told.
    pub uncertain: u64,
    /// Fuel used.
    pub spent: u64,
    place: Option<Place>,
    told: bool,
    text: Rc<str>,
    nesting: usize,
    layers: usize,
    inside_exec: bool,
    /// Whether the statement is the last of its text, so that what it hands to `exec` can wait.
    tail: bool,
    pending: VecDeque<Value>,
    stopped: bool,
    /// Whether a loop that computes was left before its end.
    pub unfinished: bool,
    /// Whether something was started or evaluated of which nothing is known.
    pub ran_unknown: bool,
}

impl<'w, 'b> Interpreter<'w, 'b> {
    /// A program that has not started.
    pub fn new(world: &'w mut World<'b>, dialect: &'static dyn Dialect) -> Self {
        Self {
            nesting: world.nesting,
            world,
            dialect,
            heap: Heap::default(),
            scopes: Scopes::new(dialect.assigns_outward()),
            scope: GLOBALS,
            frames: Vec::new(),
            receiver: None,
            later: VecDeque::new(),
            properties: HashMap::new(),
            followed: HashMap::new(),
            costs: HashMap::new(),
            routes: HashSet::new(),
            visited: HashSet::new(),
            functions: Vec::new(),
            called: HashSet::new(),
            printed: Value::literal(""),
            effects: 0,
            uncertain: 0,
            spent: 0,
            place: None,
            told: false,
            text: Rc::from(""),
            layers: 0,
            inside_exec: false,
            tail: false,
            pending: VecDeque::new(),
            stopped: false,
            unfinished: false,
            ran_unknown: false,
        }
    }

    // ---- the world ----

    /// The world, to act in: the current statement is where acts happen.
    pub fn acts(&mut self) -> &mut World<'b> {
        self.tell_place();
        self.effects += 1;
        self.world.nesting = self.nesting;
        self.world
    }

    /// The world, to look at.
    pub fn world(&mut self) -> &mut World<'b> {
        self.world
    }

    /// Records an act.
    pub fn act(&mut self, behavior: Behavior) {
        self.acts().act(behavior);
    }

    fn tell_place(&mut self) {
        if self.told {
            return;
        }
        self.told = true;
        if let Some(place) = &self.place {
            let source = place.text.get(place.source.clone()).unwrap_or_default();
            self.world.at(place.line, source);
        }
    }

    /// From now on, acts are of this statement; of a function of another text than the one that
    /// runs, they are of the statement that calls it.
    pub fn at(&mut self, line: u32, source: &Range<usize>, text: Option<&Rc<str>>) {
        if text.is_some_and(|text| !Rc::ptr_eq(text, &self.text)) {
            return;
        }
        self.told = false;
        self.place = Some(Place {
            line,
            source: source.clone(),
            text: self.text.clone(),
        });
    }

    /// The current statement.
    pub fn place(&self) -> Option<Place> {
        self.place.clone()
    }

    /// Runs something as if a statement before were the current one.
    pub fn back_at<T>(&mut self, place: Option<Place>, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.staying(|this| {
            this.place = place;
            this.told = false;
            inner(this)
        })
    }

    /// Runs something that may move to other statements, and comes back to the current one.
    pub fn staying<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        let place = self.place.clone();
        let tail = std::mem::replace(&mut self.tail, false);
        let result = inner(self);
        self.place = place;
        self.told = false;
        self.tail = tail;
        result
    }

    /// Takes fuel; `false` when none is left.
    pub fn burn(&mut self, units: u64) -> bool {
        self.spent += units;
        if !self.stopped && !self.world.burn(units) {
            self.stopped = true;
        }
        !self.stopped
    }

    /// Takes fuel for making a text or list of `length`; `false` if that is too long or too much.
    pub fn may_make(&mut self, length: usize) -> bool {
        length <= self.world.budget().program_text && self.burn((length / BYTES_A_UNIT) as u64)
    }

    /// An object as a value; its text is paid for.
    pub fn value_of(&mut self, object: &Object) -> Value {
        let value = self.heap.value(object);
        self.burn((value.text.len() / COPIED_A_UNIT) as u64);
        value
    }

    /// Whether fuel has run out.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Runs `inner` one deeper, unless that is too deep.
    pub fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.nesting >= NESTING {
            let language = self.dialect.language().name();
            self.world.gap(format!(
                "{language} code nested too deep in calls and expressions was not followed"
            ));
            return None;
        }
        self.nesting += 1;
        let result = inner(self);
        self.nesting -= 1;
        Some(result)
    }

    // ---- texts ----

    /// Runs the program's own text to its end; returns what it prints.
    pub fn run(mut self, text: &str) -> Value {
        let first = self.functions.len();
        self.run_text(text);
        self.run_pending();
        self.run_uncalled(first);
        self.start_waiting(0);
        // A computation that feeds nothing started or evaluated hides nothing.
        if self.unfinished && self.ran_unknown {
            let language = self.dialect.language().name();
            self.world.doubt(format!(
                "a loop of the {language} code takes more turns than the budget allows"
            ));
        }
        self.world.nesting = self.world.nesting.min(self.nesting);
        self.printed
    }

    /// Hands a text to the interpreter itself; returns the value of its last expression.
    pub fn run_code(&mut self, code: &Value, keeps_value: bool) -> Object {
        self.act(Behavior::Evaluate {
            language: self.dialect.language(),
            code: code.clone(),
        });
        let output = Object::unknown(Provenance::Output(
            self.dialect.language().name().to_owned(),
        ));
        if code.text.is_empty() || is_placeholder(code) {
            self.note_started(code);
            return output;
        }
        if self.tail && !keeps_value {
            self.pending.push_back(code.clone());
            return Object::None;
        }
        self.run_layer(code).unwrap_or(output)
    }

    /// Notes what is started or evaluated.
    pub fn note_started(&mut self, code: &Value) {
        self.ran_unknown |= !code.known && code.from.contains(&Provenance::Unknown);
    }

    /// Runs a text handed to `exec`, one step further in. An `exec` directly inside an `exec` is
    /// no step of its own: generators nest dozens.
    fn run_layer(&mut self, code: &Value) -> Option<Object> {
        self.layers += 1;
        if self.layers > LAYERS {
            self.world.gap(format!(
                "more than {LAYERS} texts handed to exec in one program"
            ));
            return None;
        }
        if self.inside_exec {
            return self.run_evaluated(code);
        }
        self.tell_place();
        let entered = self.world.enter(code, Step::new("exec"))?;
        self.inside_exec = true;
        let result = self.run_evaluated(code);
        self.inside_exec = false;
        self.world.leave(entered);
        result
    }

    fn run_evaluated(&mut self, code: &Value) -> Option<Object> {
        let outer = self.text.clone();
        let first = self.functions.len();
        let natives = self.heap.length();
        let result = self.staying(|this| {
            this.deeper(|this| {
                let value = this.run_text(&code.text);
                this.run_pending();
                this.run_uncalled(first);
                this.start_waiting(natives);
                value
            })
        });
        self.text = outer;
        result
    }

    fn run_pending(&mut self) {
        while let Some(code) = self.pending.pop_front() {
            self.run_layer(&code);
        }
    }

    fn run_text(&mut self, text: &str) -> Object {
        self.burn((text.len() / BYTES_A_UNIT) as u64);
        let module = self.dialect.parse(text);
        for damage in &module.damage {
            self.world.gap(damage.clone());
        }
        self.text = module.text.clone();
        let Some((last, before)) = module.body.split_last() else {
            return Object::None;
        };
        self.run_block(before);
        match &last.kind {
            StatementKind::Expression(expression) => {
                self.at(last.line, &last.source, None);
                self.tail = true;
                let value = self.evaluate(expression);
                self.tail = false;
                self.call_waiting();
                value
            }
            StatementKind::Exec(_) => {
                self.tail = true;
                self.run_block(std::slice::from_ref(last));
                self.tail = false;
                Object::None
            }
            _ => {
                self.run_block(std::slice::from_ref(last));
                Object::None
            }
        }
    }

    // ---- functions nobody calls ----

    /// Notes a function of the program.
    pub fn define(&mut self, function: &Rc<Function>) {
        self.functions.push(function.clone());
    }

    /// Notes that a function is called.
    pub fn note_called(&mut self, function: &Function) {
        self.called.insert(Rc::as_ptr(&function.syntax));
    }

    /// Runs the functions that nothing in the text calls: something else may. Their arguments
    /// are whatever the caller gives.
    fn run_uncalled(&mut self, first: usize) {
        let mut at = first;
        while let Some(function) = self.functions.get(at).cloned() {
            at += 1;
            if self.called.contains(&Rc::as_ptr(&function.syntax)) || self.stopped {
                continue;
            }
            let receiver = self.receiver_of(&function);
            self.staying(|this| this.call_unseen(&function, receiver));
        }
    }

    /// An instance (or the class) for a method that nothing calls.
    fn receiver_of(&mut self, function: &Rc<Function>) -> Option<Object> {
        let class = function.class.filter(|_| !function.is_static)?;
        let made = self.heap.class_of(class)?.instance;
        let instance = made.unwrap_or_else(|| self.heap.instance(class));
        Some(Object::Instance(instance))
    }
}
