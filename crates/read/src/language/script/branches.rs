//! Branches and loops: every branch is taken, and loops over what is known are unrolled.

use model::Provenance;

use super::interpreter::Interpreter;
use super::object::Object;
use super::scope::Bindings;
use super::statements::Flow;
use super::syntax::{Block, Case, Comparison, Expression, Loop, Statement, Try};

/// Most turns of a loop that is computed.
const TURNS: usize = 65_536;

/// Fuel one loop that is computed may take.
const LOOP_FUEL: u64 = 400_000;

/// Most turns of a loop whose turns do nothing and whose outcome cannot be told.
const UNCERTAIN_TURNS: usize = 16;

/// Most turns of a loop over a list whose turns do things.
const ACTING_TURNS: usize = 256;

/// Most turns of a loop over a range whose turns do things.
const ACTING_TURNS_OF_RANGE: usize = 4;

impl Interpreter<'_, '_> {
    // ---- branches ----

    /// Runs an `if` statement.
    pub fn run_if(&mut self, branches: &[(Expression, Block)], otherwise: &Block) -> Flow {
        let mut left = Vec::new();
        let mut flows = Vec::new();
        let mut certain = false;
        for (at, (condition, body)) in branches.iter().enumerate() {
            let value = self.evaluate(condition);
            match self.truth(&value) {
                Some(false) => {
                    if !is_constant(condition) {
                        self.visit(body);
                    }
                }
                Some(true) => {
                    if !is_constant(condition) {
                        for (_, dead) in branches.iter().skip(at + 1) {
                            self.visit(dead);
                        }
                        self.visit(otherwise);
                    }
                    if left.is_empty() {
                        return self.run_block(body);
                    }
                    self.run_branch(body, &mut left, &mut flows);
                    certain = true;
                    break;
                }
                None => {
                    self.uncertain += 1;
                    self.run_branch(body, &mut left, &mut flows);
                }
            }
        }
        if left.is_empty() {
            return self.run_block(otherwise);
        }
        if !certain {
            self.run_branch(otherwise, &mut left, &mut flows);
        }
        self.scopes.join_branches(left);
        match flows.as_slice() {
            [first, rest @ ..] if rest.iter().all(|flow| flow == first) => *first,
            flows if flows.contains(&Flow::Stop) => Flow::Stop,
            _ => Flow::Next,
        }
    }

    /// Runs a branch that may run, from the bindings all branches start with.
    fn run_branch(&mut self, body: &Block, left: &mut Vec<Bindings>, flows: &mut Vec<Flow>) {
        let mark = self.scopes.mark();
        flows.push(self.run_block(body));
        left.push(self.scopes.roll_back(mark));
    }

    /// Reads a branch that does not run as far as can be told, once: what it does counts (it is
    /// for another version or system), what it binds does not.
    fn visit(&mut self, body: &Block) {
        if body.is_empty() || !self.visited.insert(std::ptr::from_ref(body)) {
            return;
        }
        let returned = self.frames.last().and_then(|frame| frame.returned.clone());
        // A loop around it computes, whatever stands in branches that it does not take.
        let (effects, uncertain) = (self.effects, self.uncertain);
        let mark = self.scopes.mark();
        let before = self.heap.freeze();
        self.run_block(body);
        self.heap.thaw(before);
        self.scopes.roll_back(mark);
        (self.effects, self.uncertain) = (effects, uncertain);
        if let Some(frame) = self.frames.last_mut() {
            frame.returned = returned;
        }
    }

    /// Runs a `match` statement.
    pub fn run_match(&mut self, subject: &Expression, cases: &[Case]) -> Flow {
        let subject = self.evaluate(subject);
        let mut left = Vec::new();
        let mut flows = Vec::new();
        self.uncertain += 1;
        for case in cases {
            let mark = self.scopes.mark();
            for name in &case.names {
                if name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    self.scopes.set(self.scope, name, subject.clone());
                }
            }
            if let Some(guard) = &case.guard {
                self.evaluate(guard);
            }
            flows.push(self.run_block(&case.body));
            left.push(self.scopes.roll_back(mark));
        }
        self.scopes.join_branches(left);
        Flow::Next
    }

    /// Runs a `try` statement.
    pub fn run_try(&mut self, parts: &Try) -> Flow {
        let (effects, uncertain) = (self.effects, self.uncertain);
        let flow = self.run_block(&parts.body);
        // What is computed to its end raises nothing.
        let computed = self.effects == effects && self.uncertain == uncertain;
        let raises = flow == Flow::Raise || !computed;
        for (alias, handler) in &parts.handlers {
            if !raises {
                self.visit(handler);
                continue;
            }
            let mark = self.scopes.mark();
            if let Some(alias) = alias {
                self.bind(alias, Object::anything());
            }
            self.run_block(handler);
            let left = self.scopes.roll_back(mark);
            self.scopes.join(left);
        }
        if !parts.handlers.is_empty() && !computed {
            self.uncertain += 1;
        }
        let otherwise = match flow {
            Flow::Next => self.run_block(&parts.otherwise),
            _ => Flow::Next,
        };
        let finally = self.run_block(&parts.finally);
        match (flow, otherwise, finally) {
            (Flow::Stop, _, _) | (_, Flow::Stop, _) | (_, _, Flow::Stop) => Flow::Stop,
            (_, _, Flow::Return) => Flow::Return,
            (Flow::Raise, _, _) if parts.handlers.is_empty() => Flow::Raise,
            (Flow::Raise, _, _) => Flow::Next,
            (Flow::Next, otherwise, _) => otherwise,
            (flow, _, _) => flow,
        }
    }

    /// Runs a `with` statement.
    pub fn run_with(&mut self, items: &[(Expression, Option<Expression>)], body: &Block) -> Flow {
        for (manager, target) in items {
            let manager = self.evaluate(manager);
            let entered = self.enter_manager(&manager);
            if let Some(target) = target {
                self.bind(target, entered);
            }
        }
        self.run_block(body)
    }

    // ---- loops ----

    /// Runs a `while` statement.
    pub fn run_while(&mut self, condition: &Expression, body: &Block, otherwise: &Block) -> Flow {
        match self.repeat_while(condition, body, &[], false) {
            Flow::Next => self.run_block(otherwise),
            Flow::Break => Flow::Next,
            flow => flow,
        }
    }

    /// Runs a loop with statements between its turns.
    pub fn run_loop(&mut self, parts: &Loop) -> Flow {
        let Loop {
            condition,
            body,
            update,
            asks_after,
        } = parts;
        match self.repeat_while(condition, body, update, *asks_after) {
            Flow::Break => Flow::Next,
            flow => flow,
        }
    }

    /// Repeats as long as the condition holds; `Next` if it comes to hold no more.
    fn repeat_while(
        &mut self,
        condition: &Expression,
        body: &Block,
        update: &[Statement],
        asks_after: bool,
    ) -> Flow {
        let spent = self.spent;
        let effects = self.effects;
        for turn in 0..TURNS {
            let known = match turn {
                0 if asks_after => Some(true),
                _ => {
                    let value = self.evaluate(condition);
                    self.truth(&value)
                }
            };
            if known == Some(false) {
                if turn == 0 && !is_constant(condition) {
                    self.visit(body);
                }
                break;
            }
            let uncertain = self.uncertain;
            let changes = self.changes();
            let flow = self.run_block(body);
            match flow {
                Flow::Break | Flow::Return | Flow::Raise | Flow::Stop => return flow,
                Flow::Next | Flow::Continue => {}
            }
            self.run_block(update);
            let computed = known == Some(true)
                && self.uncertain == uncertain
                && self.effects == effects
                && self.changes() != changes;
            if !computed {
                self.uncertain += 1;
                break;
            }
            if turn + 1 == TURNS || self.spent - spent > LOOP_FUEL {
                self.unfinished = true;
                break;
            }
        }
        Flow::Next
    }

    /// Runs a `switch` statement.
    pub fn run_switch(
        &mut self,
        subject: &Expression,
        cases: &[(Option<Expression>, Block)],
    ) -> Flow {
        let subject = self.evaluate(subject);
        let mut chosen = cases.iter().position(|(value, _)| value.is_none());
        let mut certain = true;
        for (at, (value, _)) in cases.iter().enumerate() {
            let Some(value) = value else { continue };
            let value = self.evaluate(value);
            match self.compare(&subject, Comparison::Equal, &value) {
                Some(true) => {
                    chosen = Some(at);
                    break;
                }
                Some(false) => {}
                None => certain = false,
            }
        }
        if !certain {
            return self.run_any_case(cases);
        }
        let start = chosen.unwrap_or(cases.len());
        let mut flow = Flow::Next;
        for (_, body) in cases.iter().skip(start) {
            flow = self.run_block(body);
            self.visited.insert(std::ptr::from_ref(body));
            if flow != Flow::Next {
                break;
            }
        }
        for (_, body) in cases {
            self.visit(body);
        }
        match flow {
            Flow::Break => Flow::Next,
            flow => flow,
        }
    }

    /// Runs every case of a `switch` of whose subject nothing is known.
    fn run_any_case(&mut self, cases: &[(Option<Expression>, Block)]) -> Flow {
        self.uncertain += 1;
        let mut left = Vec::new();
        let mut flows = Vec::new();
        for (_, body) in cases {
            self.run_branch(body, &mut left, &mut flows);
        }
        self.scopes.join_branches(left);
        match flows.contains(&Flow::Stop) {
            true => Flow::Stop,
            false => Flow::Next,
        }
    }

    /// Runs a `for` statement.
    pub fn run_for(
        &mut self,
        target: &Expression,
        iterable: &Expression,
        body: &Block,
        otherwise: &Block,
    ) -> Flow {
        let iterable_value = self.evaluate(iterable);
        let Some(items) = self.iterate(&iterable_value) else {
            self.uncertain += 1;
            let element = self.element_of(&iterable_value);
            self.bind(target, element);
            let flow = self.run_block(body);
            return match flow {
                Flow::Stop => flow,
                _ => self.run_block(otherwise),
            };
        };
        if items.is_empty() {
            self.bind(target, Object::anything());
            self.visit(body);
            return self.run_block(otherwise);
        }
        let of_range = items.iter().all(|item| matches!(item, Object::Int(_)));
        let acting = match of_range && items.len() > 16 {
            true => ACTING_TURNS_OF_RANGE,
            false => ACTING_TURNS,
        };
        match self.turns(target, items, body, acting) {
            Flow::Next => self.run_block(otherwise),
            Flow::Break => Flow::Next,
            flow => flow,
        }
    }

    /// Runs the body for every item, as far as the bounds allow.
    fn turns(
        &mut self,
        target: &Expression,
        items: Vec<Object>,
        body: &Block,
        acting: usize,
    ) -> Flow {
        let (spent, effects, uncertain) = (self.spent, self.effects, self.uncertain);
        for (turn, item) in items.into_iter().enumerate() {
            self.bind(target, item);
            match self.run_block(body) {
                Flow::Next | Flow::Continue => {}
                flow => return flow,
            }
            if self.effects > effects && turn + 1 >= acting {
                break;
            }
            let idle = self.effects == effects && self.uncertain > uncertain;
            if idle && turn >= UNCERTAIN_TURNS {
                break;
            }
            if self.spent - spent > LOOP_FUEL {
                self.unfinished = true;
                break;
            }
        }
        Flow::Next
    }

    /// Counts changes of names and objects.
    fn changes(&self) -> u64 {
        self.scopes.changes + self.heap.changes
    }

    /// What one element of something that cannot be told item by item is.
    pub fn element_of(&mut self, object: &Object) -> Object {
        match object {
            Object::List(slot) | Object::Dictionary(slot) if self.heap.items(*slot).is_empty() => {
                Object::anything()
            }
            Object::Native(_) => self.read_line(object),
            Object::Library(path) if &**path == "sys.stdin" || &**path == "fileinput.input" => {
                Object::unknown(Provenance::Argument)
            }
            _ => {
                let value = self.value_of(object);
                Object::from_sources(value.from)
            }
        }
    }
}

/// Whether a condition is a constant in the source: what stands behind `if False` is not code.
fn is_constant(condition: &Expression) -> bool {
    matches!(
        condition,
        Expression::Bool(_) | Expression::Int(_) | Expression::None
    )
}
