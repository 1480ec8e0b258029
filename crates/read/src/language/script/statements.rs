//! Running statements in order, and what they bind.

use std::rc::Rc;

use model::Provenance;

use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::{Class, Function, Object};
use super::syntax::{
    Argument, ClassSyntax, Expression, FunctionSyntax, Name, Operator, Statement, StatementKind,
    Trailer,
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
                if !this.later.is_empty() {
                    this.call_waiting();
                }
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
            StatementKind::Local(targets, value) => {
                let value = self.evaluate(value);
                for target in targets {
                    if let Expression::Name(name) = target {
                        self.scopes.bind(self.scope, name.clone(), value.clone());
                    } else {
                        self.declare_targets(target);
                        self.bind(target, value.clone());
                    }
                }
            }
            StatementKind::Declare(names) => {
                for name in names {
                    self.declare(name);
                }
            }
            StatementKind::Augment(target, operator, value) => {
                self.augment(target, *operator, value, false);
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
            StatementKind::Loop(parts) => return self.run_loop(parts),
            StatementKind::Switch(subject, cases) => return self.run_switch(subject, cases),
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
            // `{ key: target = default }`
            Expression::Dictionary(targets) => {
                for (key, target) in targets {
                    let part = match key {
                        Some(key) => {
                            let key = self.evaluate(key);
                            self.index(&value, &key)
                        }
                        None => value.clone(),
                    };
                    self.bind(target, part);
                }
            }
            Expression::Assign(target, default) => {
                let value = match value {
                    Object::None => self.evaluate(default),
                    value => value,
                };
                self.bind(target, value);
            }
            Expression::Postfix(base, trailers) => {
                if let Some((last, before)) = trailers.split_last() {
                    let holder = match last {
                        Trailer::Index(_) | Trailer::Append => self.holder(base, before),
                        _ => self.evaluate_postfix(base, before),
                    };
                    self.store(&holder, last, value);
                }
            }
            _ => {}
        }
    }

    /// What is stored into; in a dialect that says so, it becomes a container by that.
    fn holder(&mut self, base: &Expression, trailers: &[Trailer]) -> Object {
        let holder = self.evaluate_postfix(base, trailers);
        let is_unset = match &holder {
            Object::None => true,
            Object::Unknown(value) => value.from == [Provenance::Unknown],
            _ => false,
        };
        if !is_unset || !self.dialect.makes_containers() {
            return holder;
        }
        let made = self.heap.dictionary(Vec::new());
        match trailers.split_last() {
            None => self.bind(base, made.clone()),
            Some((last, before)) => {
                let outer = self
                    .deeper(|this| this.holder(base, before))
                    .unwrap_or(holder);
                self.store(&outer, last, made.clone());
            }
        }
        made
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

    /// Makes the names of a target the current scope's own.
    fn declare_targets(&mut self, target: &Expression) {
        if let Expression::Tuple(targets) | Expression::List(targets) = target {
            for target in targets {
                if let Expression::Name(name) = target {
                    self.scopes.bind(self.scope, name.clone(), Object::None);
                }
            }
        }
    }

    /// Makes a name the current scope's own.
    fn declare(&mut self, name: &Name) {
        if !self.scopes.has(self.scope, name) {
            self.scopes.bind(self.scope, name.clone(), Object::None);
        }
    }

    /// `target operator= value`; its value is the new one, or else the old one.
    pub fn augment(
        &mut self,
        target: &Expression,
        operator: Operator,
        value: &Expression,
        gives_old: bool,
    ) -> Object {
        let value = self.evaluate(value);
        if let Expression::Name(name) = target {
            let owner = self.scopes.owner(self.scope, name);
            let taken = match self.scopes.take(owner, name) {
                Some(own) => own,
                None => match self.dialect.unset(operator) {
                    Some(empty) if self.scopes.get(self.scope, name).is_none() => empty,
                    _ => self.lookup(name),
                },
            };
            let old = gives_old.then(|| taken.clone());
            let result = self.combine(taken, operator, value);
            self.scopes.bind(owner, name.clone(), result.clone());
            return old.unwrap_or(result);
        }
        let old = self.evaluate(target);
        let result = self.combine(old.clone(), operator, value);
        self.bind(target, result.clone());
        if gives_old { old } else { result }
    }

    /// `own operator= value`: a list is extended in place, whatever else names it.
    fn combine(&mut self, own: Object, operator: Operator, value: Object) -> Object {
        if operator == Operator::Add && matches!(own, Object::List(_)) {
            self.call_method(&own, &Rc::from("extend"), Arguments::plain(vec![value]));
            return own;
        }
        self.operate(own, operator, value)
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
        if decorators.iter().any(super::library::served::is_route) {
            self.routes.insert(Rc::as_ptr(syntax));
        }
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
        self.scopes.define(self.scope, &syntax.name, object);
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
            .define(self.scope, &syntax.name, Object::Class(slot));
        self.run_class_body(slot, &syntax.body);
    }
}
