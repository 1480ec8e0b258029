//! Running statements: every branch is taken, and what is certain is computed.

use std::rc::Rc;

use model::Provenance;

use super::interpreter::Interpreter;
use super::object::{Class, Function, Object};
use super::syntax::{
    Argument, Block, Case, ClassSyntax, Expression, FunctionSyntax, Name, Operator, Statement,
    StatementKind, Try,
};

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The next one runs.
    Next,
    /// Certainly leaves the loop.
    Break,
    /// Certainly goes on with the loop.
    Continue,
    /// Certainly returns.
    Return,
    /// Certainly raises.
    Raise,
    /// Fuel has run out.
    Stop,
}

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
    /// Runs statements in order.
    pub fn run_block(&mut self, block: &[Statement]) -> Flow {
        self.deeper(|this| {
            for statement in block {
                if !this.burn(1) {
                    return Flow::Stop;
                }
                this.place_at(statement);
                let flow = this.run_statement(statement);
                if flow != Flow::Next {
                    return flow;
                }
            }
            Flow::Next
        })
        .unwrap_or(Flow::Next)
    }

    /// Goes to a statement.
    fn place_at(&mut self, statement: &Statement) {
        let text = self
            .frames
            .last()
            .and_then(|frame| frame.function.as_ref())
            .map(|function| function.syntax.text.clone());
        self.at(statement.line, &statement.source, text.as_ref());
    }

    fn run_statement(&mut self, statement: &Statement) -> Flow {
        match &statement.kind {
            StatementKind::Expression(expression) => {
                self.evaluate(expression);
            }
            StatementKind::Assign(targets, value) => {
                let value = self.evaluate(value);
                for target in targets {
                    self.bind(target, value.clone());
                }
            }
            StatementKind::Augment(target, operator, value) => {
                self.augment(target, *operator, value);
            }
            StatementKind::Import(names) => self.import(names),
            StatementKind::ImportFrom(module, names) => self.import_from(module, names),
            StatementKind::ImportAll(module) => {
                let module = super::modules::canonical(module);
                self.scopes.star(self.scope, module);
            }
            StatementKind::Print(to, printed) => self.print_statement(to.as_ref(), printed),
            StatementKind::Exec(code) => {
                let code = self.evaluate(code);
                self.execute_code(&code, false);
            }
            StatementKind::Return(value) => return self.return_statement(value.as_ref()),
            StatementKind::Raise(values) => {
                for value in values {
                    self.evaluate(value);
                }
                return Flow::Raise;
            }
            StatementKind::Break => return Flow::Break,
            StatementKind::Continue => return Flow::Continue,
            StatementKind::Global(names) => self.scopes.declare_outer(self.scope, names),
            StatementKind::If(branches, otherwise) => return self.run_if(branches, otherwise),
            StatementKind::While(condition, body, otherwise) => {
                return self.run_while(condition, body, otherwise);
            }
            StatementKind::For(target, iterable, body, otherwise) => {
                return self.run_for(target, iterable, body, otherwise);
            }
            StatementKind::Try(parts) => return self.run_try(parts),
            StatementKind::With(items, body) => return self.run_with(items, body),
            StatementKind::Function(syntax, decorators) => self.define_function(syntax, decorators),
            StatementKind::Class(syntax) => self.define_class(syntax),
            StatementKind::Match(subject, cases) => return self.run_match(subject, cases),
            StatementKind::Unreadable(block) => return self.run_block(block),
        }
        Flow::Next
    }

    // ---- bindings ----

    /// Binds a target.
    pub fn bind(&mut self, target: &Expression, value: Object) {
        match target {
            Expression::Name(name) => self.scopes.set(self.scope, name, value),
            Expression::Tuple(targets) | Expression::List(targets) => self.unpack(targets, &value),
            Expression::Starred(inner) => self.bind(inner, value),
            Expression::Postfix(base, trailers) => {
                if let Some((last, before)) = trailers.split_last() {
                    let holder = self.evaluate_postfix(base, before);
                    self.store(&holder, last, value);
                }
            }
            _ => {}
        }
    }

    fn unpack(&mut self, targets: &[Expression], value: &Object) {
        let items = self.iterate(value);
        let star = targets
            .iter()
            .position(|target| matches!(target, Expression::Starred(_)));
        let Some(items) = items.filter(|items| match star {
            Some(_) => items.len() + 1 >= targets.len(),
            None => items.len() == targets.len(),
        }) else {
            for target in targets {
                let element = self.element_of(value);
                self.bind(target, element);
            }
            return;
        };
        let rest = (items.len() + 1).saturating_sub(targets.len());
        let mut items = items.into_iter();
        for (at, target) in targets.iter().enumerate() {
            let item = if star == Some(at) {
                let taken = items.by_ref().take(rest).collect();
                self.heap.list(taken)
            } else {
                items.next().unwrap_or_else(Object::anything)
            };
            self.bind(target, item);
        }
    }

    fn augment(&mut self, target: &Expression, operator: Operator, value: &Expression) {
        let value = self.evaluate(value);
        if let Expression::Name(name) = target {
            let taken = match self.scopes.take(self.scope, name) {
                Some(own) => own,
                None => self.lookup(name),
            };
            let result = self.operate(taken, operator, value);
            self.scopes.set(self.scope, name, result);
            return;
        }
        let old = self.evaluate(target);
        let result = self.operate(old, operator, value);
        self.bind(target, result);
    }

    fn import(&mut self, names: &[(Name, Option<Name>)]) {
        for (name, alias) in names {
            match alias {
                Some(alias) => {
                    let module = Object::Library(super::modules::canonical(name));
                    self.scopes.set(self.scope, alias, module);
                }
                None => {
                    let first: Name = Rc::from(name.split('.').next().unwrap_or(name));
                    let module = Object::Library(super::modules::canonical(&first));
                    self.scopes.set(self.scope, &first, module);
                }
            }
        }
    }

    fn import_from(&mut self, module: &Name, names: &[(Name, Option<Name>)]) {
        let module = Object::Library(super::modules::canonical(module));
        for (name, alias) in names {
            let member = self.attribute(&module, name);
            let bound = alias.as_ref().unwrap_or(name);
            self.scopes.set(self.scope, bound, member);
        }
    }

    fn return_statement(&mut self, value: Option<&Expression>) -> Flow {
        let value = value.map_or(Object::None, |value| self.evaluate(value));
        if let Some(frame) = self.frames.last_mut() {
            let better = frame
                .returned
                .as_ref()
                .is_none_or(|held| value.rank() > held.rank());
            if better {
                frame.returned = Some(value);
            }
        }
        Flow::Return
    }

    fn define_function(&mut self, syntax: &Rc<FunctionSyntax>, decorators: &[Expression]) {
        let decorators: Vec<Object> = decorators
            .iter()
            .map(|decorator| self.evaluate(decorator))
            .collect();
        let is_static = decorators.iter().any(|d| d.is_library("staticmethod"));
        let function = self.make_function(syntax, is_static);
        let class = function.class;
        let mut object = Object::Function(function.clone());
        for decorator in decorators.into_iter().rev() {
            match &decorator {
                Object::Function(_) => {
                    let made = self.call_plain(&decorator, vec![object.clone()]);
                    if matches!(made, Object::Function(_) | Object::Partial(_)) {
                        object = made;
                    }
                }
                Object::Library(path) if &**path == "property" => {
                    object = self.call_plain(&decorator, vec![object]);
                }
                Object::Library(path) if &**path == "classmethod" => {
                    if let Some(class) = class {
                        object = Object::Bound(Rc::new((Object::Class(class), function.clone())));
                    }
                }
                // `@name.setter`: the property stays what it is.
                Object::Method(method) if matches!(&*method.1, "setter" | "deleter") => return,
                _ => {}
            }
        }
        self.scopes.set(self.scope, &syntax.name, object);
    }

    /// A function of the program in the current scope.
    pub fn make_function(&mut self, syntax: &Rc<FunctionSyntax>, is_static: bool) -> Rc<Function> {
        let defaults = syntax
            .parameters
            .iter()
            .map(|parameter| parameter.default.as_ref().map(|d| self.evaluate(d)))
            .collect();
        let class = self.class_of_scope();
        // A class's own names are no names inside its methods.
        let scope = match class {
            Some(_) => self.scopes.outside(self.scope),
            None => self.scope,
        };
        self.scopes.capture(scope);
        let function = Rc::new(Function {
            syntax: syntax.clone(),
            scope,
            defaults,
            class,
            is_static,
        });
        self.define(&function);
        function
    }

    fn define_class(&mut self, syntax: &Rc<ClassSyntax>) {
        let mut bases = Vec::new();
        for base in &syntax.bases {
            if let Argument::Plain(base) = base {
                bases.push(self.evaluate(base));
            }
        }
        let slot = self.heap.class(Class {
            bases,
            attributes: Vec::new(),
            instance: None,
        });
        self.scopes
            .set(self.scope, &syntax.name, Object::Class(slot));
        self.run_class_body(slot, &syntax.body);
    }

    // ---- branches ----

    fn run_if(&mut self, branches: &[(Expression, Block)], otherwise: &Block) -> Flow {
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
    fn run_branch(
        &mut self,
        body: &Block,
        left: &mut Vec<super::scope::Bindings>,
        flows: &mut Vec<Flow>,
    ) {
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
        let mark = self.scopes.mark();
        self.run_block(body);
        self.scopes.roll_back(mark);
        if let Some(frame) = self.frames.last_mut() {
            frame.returned = returned;
        }
    }

    fn run_match(&mut self, subject: &Expression, cases: &[Case]) -> Flow {
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

    fn run_try(&mut self, parts: &Try) -> Flow {
        let flow = self.run_block(&parts.body);
        for (alias, handler) in &parts.handlers {
            let mark = self.scopes.mark();
            if let Some(alias) = alias {
                self.bind(alias, Object::anything());
            }
            self.run_block(handler);
            let left = self.scopes.roll_back(mark);
            self.scopes.join(left);
        }
        if !parts.handlers.is_empty() {
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

    fn run_with(&mut self, items: &[(Expression, Option<Expression>)], body: &Block) -> Flow {
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

    fn run_while(&mut self, condition: &Expression, body: &Block, otherwise: &Block) -> Flow {
        let spent = self.spent;
        let effects = self.effects;
        for turn in 0..TURNS {
            let value = self.evaluate(condition);
            let known = self.truth(&value);
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
                Flow::Break => return Flow::Next,
                Flow::Return | Flow::Raise | Flow::Stop => return flow,
                Flow::Next | Flow::Continue => {}
            }
            let computed = known == Some(true)
                && self.uncertain == uncertain
                && self.effects == effects
                && self.changes() != changes;
            if !computed {
                self.uncertain += 1;
                break;
            }
            if turn + 1 == TURNS || self.spent - spent > LOOP_FUEL {
                self.world()
                    .gap("a loop of the Python code takes more turns than the budget allows");
                break;
            }
        }
        self.run_block(otherwise)
    }

    fn run_for(
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
                self.world()
                    .gap("a loop of the Python code takes more turns than the budget allows");
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
                let value = self.heap.value(object);
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
