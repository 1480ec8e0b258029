//! Evaluating expressions.

use std::rc::Rc;

use model::Value;

use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::Object;
use super::scope::GLOBALS;
use super::syntax::{
    Argument, Clause, Comprehension, ComprehensionKind, Expression, FormatPart, Name, Statement,
    StatementKind, Trailer, Unary,
};

/// Most elements a comprehension makes.
const ELEMENTS: usize = 1 << 20;

impl Interpreter<'_, '_> {
    /// Evaluates an expression.
    pub fn evaluate(&mut self, expression: &Expression) -> Object {
        if !self.burn(1) {
            return Object::anything();
        }
        match expression {
            Expression::None => Object::None,
            Expression::Bool(truth) => Object::Bool(*truth),
            Expression::Int(number) => Object::Int(*number),
            Expression::BigInt(bytes) => Object::BigInt(bytes.clone()),
            Expression::Float(number) => Object::Float(*number),
            Expression::Text(text) => self.text_literal(text),
            Expression::Bytes(bytes) => self.bytes_literal(bytes),
            Expression::Name(name) => self.lookup(name),
            _ => self
                .deeper(|this| this.evaluate_nested(expression))
                .unwrap_or_else(Object::anything),
        }
    }

    fn text_literal(&mut self, text: &str) -> Object {
        if self.may_make(text.len()) {
            Object::text(text)
        } else {
            Object::anything()
        }
    }

    fn bytes_literal(&mut self, bytes: &[u8]) -> Object {
        if self.may_make(bytes.len()) {
            Object::bytes(bytes)
        } else {
            Object::anything()
        }
    }

    fn evaluate_nested(&mut self, expression: &Expression) -> Object {
        match expression {
            Expression::Postfix(base, trailers) => self.evaluate_postfix(base, trailers),
            Expression::Format(parts) => self.format_literal(parts),
            Expression::Operation(first, rest) => {
                let mut left = self.evaluate(first);
                for (operator, right) in rest {
                    let right = self.evaluate(right);
                    left = self.operate(left, *operator, right);
                }
                left
            }
            Expression::Logic(and, operands) => self.logic(*and, operands),
            Expression::Unary(operator, operand) => self.unary(*operator, operand),
            Expression::Compare(first, rest) => {
                let mut left = self.evaluate(first);
                let mut all = Some(true);
                for (comparison, right) in rest {
                    let right = self.evaluate(right);
                    self.burn(self.weight(&left) + self.weight(&right));
                    let holds = self.compare(&left, *comparison, &right);
                    all = match (all, holds) {
                        (Some(all), Some(holds)) => Some(all && holds),
                        _ => None,
                    };
                    left = right;
                }
                all.map_or_else(Object::anything, Object::Bool)
            }
            Expression::Lambda(syntax) => Object::Function(self.make_function(syntax, false)),
            Expression::Conditional(parts) => self.conditional(parts),
            Expression::List(items) => {
                let items = self.elements(items);
                self.heap.list(items)
            }
            Expression::Tuple(items) => Object::Tuple(Rc::new(self.elements(items))),
            Expression::Dictionary(pairs) => self.dictionary_literal(pairs),
            Expression::Comprehension(comprehension) => self.comprehension(comprehension),
            Expression::Starred(inner) => self.evaluate(inner),
            Expression::Walrus(name, value) => {
                let value = self.evaluate(value);
                self.scopes.set(self.scope, name, value.clone());
                value
            }
            Expression::Assign(target, value) => {
                let value = self.evaluate(value);
                self.bind(target, value.clone());
                value
            }
            Expression::Augment(parts, old) => {
                let (target, operator, value) = &**parts;
                self.augment(target, *operator, value, *old)
            }
            Expression::Block(block) => self.block_value(block),
            Expression::Yield(value) => self.yield_value(value.as_deref()),
            Expression::Unreadable(parts) => {
                for part in parts {
                    self.evaluate(part);
                }
                Object::anything()
            }
            _ => Object::anything(),
        }
    }

    fn yield_value(&mut self, value: Option<&Expression>) -> Object {
        let value = value.map_or(Object::None, |value| self.evaluate(value));
        if let Some(frame) = self.frames.last_mut()
            && frame.yielded.len() < ELEMENTS
        {
            frame.yielded.push(value);
        }
        Object::anything()
    }

    fn elements(&mut self, items: &[Expression]) -> Vec<Object> {
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            let value = self.evaluate(item);
            match item {
                Expression::Starred(_) => match self.iterate(&value) {
                    Some(more) if self.burn(more.len() as u64) => all.extend(more),
                    _ => all.push(self.element_of(&value)),
                },
                _ => all.push(value),
            }
        }
        all
    }

    fn dictionary_literal(&mut self, pairs: &[(Option<Expression>, Expression)]) -> Object {
        let mut entries = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let key = key.as_ref().map(|key| self.evaluate(key));
            let value = self.evaluate(value);
            match (key, value) {
                (Some(key), value) => entries.push((key, value)),
                (None, Object::Dictionary(slot)) => {
                    entries.extend_from_slice(self.heap.entries(slot));
                }
                (None, _) => {}
            }
        }
        self.heap.dictionary(entries)
    }

    fn logic(&mut self, and: bool, operands: &[Expression]) -> Object {
        let mut best: Option<Object> = None;
        let mut certain = true;
        for operand in operands {
            let value = self.evaluate(operand);
            let truth = self.truth(&value);
            let decides = truth == Some(!and);
            if truth.is_none() {
                self.uncertain += 1;
                certain = false;
            }
            let better = best
                .as_ref()
                .is_none_or(|held| certain || value.rank() > held.rank());
            if better {
                best = Some(value);
            }
            if decides && certain {
                break;
            }
        }
        best.unwrap_or_else(Object::anything)
    }

    fn unary(&mut self, operator: Unary, operand: &Expression) -> Object {
        let value = self.evaluate(operand);
        match operator {
            Unary::Not => self
                .truth(&value)
                .map_or_else(Object::anything, |truth| Object::Bool(!truth)),
            Unary::Minus => match value {
                Object::Float(number) => Object::Float(-number),
                value => value
                    .as_int()
                    .and_then(i128::checked_neg)
                    .map_or_else(Object::anything, Object::Int),
            },
            Unary::Invert => value
                .as_int()
                .map_or_else(Object::anything, |number| Object::Int(!number)),
            Unary::Plus => value,
        }
    }

    fn conditional(&mut self, parts: &[Expression; 3]) -> Object {
        let [condition, then, otherwise] = parts;
        let condition = self.evaluate(condition);
        match self.truth(&condition) {
            Some(true) => self.evaluate(then),
            Some(false) => self.evaluate(otherwise),
            None => {
                self.uncertain += 1;
                let then = self.evaluate(then);
                let otherwise = self.evaluate(otherwise);
                if otherwise.rank() > then.rank() {
                    otherwise
                } else {
                    then
                }
            }
        }
    }

    // ---- names ----

    /// What a name stands for.
    pub fn lookup(&mut self, name: &Name) -> Object {
        if let Some(object) = self.scopes.get(self.scope, name) {
            return object.clone();
        }
        let dialect = self.dialect;
        dialect.name(self, name).unwrap_or_else(Object::anything)
    }

    /// Runs statements; the value is that of the last one, if it has one.
    fn block_value(&mut self, block: &[Statement]) -> Object {
        let Some((last, before)) = block.split_last() else {
            return Object::None;
        };
        self.run_block(before);
        if let StatementKind::Expression(value) = &last.kind {
            return self.evaluate(value);
        }
        self.run_block(std::slice::from_ref(last));
        Object::None
    }

    // ---- primaries ----

    /// Evaluates a primary expression and its trailers.
    pub fn evaluate_postfix(&mut self, base: &Expression, trailers: &[Trailer]) -> Object {
        let mut object = self.evaluate(base);
        let mut rest = trailers;
        while let Some((trailer, after)) = rest.split_first() {
            rest = after;
            if !self.burn(1) {
                return Object::anything();
            }
            object = match trailer {
                Trailer::Attribute(name) => match rest.split_first() {
                    Some((Trailer::Call(arguments), after)) => {
                        rest = after;
                        let arguments = self.arguments(arguments);
                        self.call_method(&object, name, arguments)
                    }
                    _ => self.attribute(&object, name),
                },
                Trailer::Call(arguments) => {
                    let arguments = self.arguments(arguments);
                    self.call(&object, arguments)
                }
                Trailer::Index(index) => {
                    let index = self.evaluate(index);
                    match rest.split_first() {
                        Some((Trailer::Call(arguments), after))
                            if self.dialect.items_are_methods()
                                && (index.as_text().is_some()
                                    || matches!(index, Object::Int(_))) =>
                        {
                            rest = after;
                            let name = Rc::from(self.shown(&index).text);
                            let arguments = self.arguments(arguments);
                            self.call_method(&object, &name, arguments)
                        }
                        _ => self.index(&object, &index),
                    }
                }
                Trailer::Append => Object::anything(),
                Trailer::Slice(bounds) => {
                    let bounds = [&bounds[0], &bounds[1], &bounds[2]]
                        .map(|bound| bound.as_ref().map(|bound| self.evaluate(bound)));
                    self.slice(&object, &bounds)
                }
            };
        }
        object
    }

    /// Evaluates arguments.
    pub fn arguments(&mut self, syntax: &[Argument]) -> Arguments {
        let mut arguments = Arguments::default();
        for argument in syntax {
            match argument {
                Argument::Plain(value) => arguments.plain.push(self.evaluate(value)),
                Argument::Named(name, value) => {
                    let value = self.evaluate(value);
                    arguments.named.push((name.clone(), value));
                }
                Argument::Rest(value) => {
                    let value = self.evaluate(value);
                    match self.iterate(&value) {
                        Some(items) if self.burn(items.len() as u64) => {
                            arguments.plain.extend(items);
                        }
                        _ => {
                            let element = self.element_of(&value);
                            arguments.plain.push(element);
                            arguments.open = true;
                        }
                    }
                }
                Argument::RestNamed(value) => {
                    let value = self.evaluate(value);
                    self.named_arguments(&value, &mut arguments);
                }
            }
        }
        arguments
    }

    fn named_arguments(&mut self, value: &Object, arguments: &mut Arguments) {
        let Object::Dictionary(slot) = value else {
            arguments.open = true;
            return;
        };
        for (key, value) in self.heap.entries(*slot) {
            if let Some(name) = key.as_text() {
                arguments.named.push((Rc::from(name), value.clone()));
            }
        }
    }

    // ---- formatted strings ----

    fn format_literal(&mut self, parts: &[FormatPart]) -> Object {
        let mut whole = Value::literal("");
        for part in parts {
            match part {
                FormatPart::Text(text) => whole.text.push_str(text),
                FormatPart::Field(expression, conversion, specification) => {
                    let value = self.evaluate(expression);
                    let shown = match conversion {
                        Some('r' | 'a') => self.repr(&value),
                        _ if specification.is_empty() => self.shown(&value),
                        _ => super::format::specified(self, &value, specification),
                    };
                    whole.append(&shown);
                }
            }
            if !self.may_make(whole.text.len()) {
                return Object::anything();
            }
        }
        Object::of_value(whole)
    }

    // ---- comprehensions ----

    fn comprehension(&mut self, comprehension: &Comprehension) -> Object {
        let outer = self.scope;
        self.scope = self.scopes.open(outer);
        let mut made = Vec::new();
        self.clauses(comprehension, &comprehension.clauses, &mut made);
        self.scopes.close(self.scope);
        self.scope = outer;
        match comprehension.kind {
            ComprehensionKind::Dictionary => self.heap.dictionary(made),
            ComprehensionKind::Sequence => {
                let items = made.into_iter().map(|(item, _)| item).collect();
                self.heap.list(items)
            }
        }
    }

    fn clauses(
        &mut self,
        comprehension: &Comprehension,
        clauses: &[Clause],
        made: &mut Vec<(Object, Object)>,
    ) {
        if self.is_stopped() || made.len() >= ELEMENTS {
            return;
        }
        let Some((clause, rest)) = clauses.split_first() else {
            let element = self.evaluate(&comprehension.element);
            let value = comprehension.value.as_ref();
            let value = value.map_or(Object::None, |value| self.evaluate(value));
            made.push((element, value));
            return;
        };
        match clause {
            Clause::If(condition) => {
                let condition = self.evaluate(condition);
                if self.truth(&condition) != Some(false) {
                    self.clauses(comprehension, rest, made);
                }
            }
            Clause::For(target, iterable) => {
                let iterable = self.evaluate(iterable);
                let items = match self.iterate(&iterable) {
                    Some(items) => items,
                    None => {
                        self.uncertain += 1;
                        vec![self.element_of(&iterable)]
                    }
                };
                let effects = self.effects;
                for (turn, item) in items.into_iter().enumerate() {
                    self.bind(target, item);
                    self.deeper(|this| this.clauses(comprehension, rest, made));
                    // What acts need not act for every number of a range.
                    if self.is_stopped() || self.effects > effects && turn > 255 {
                        break;
                    }
                }
            }
        }
    }

    /// The scope names are global in.
    pub const fn global_scope(&self) -> u32 {
        GLOBALS
    }
}
