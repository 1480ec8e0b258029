//! One code object being turned back into statements: its stack and what it emits.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::marshal::{Code, Object, text_of};
use super::opcodes::{Instruction, Op, Version, instructions};
use super::render;
use crate::language::script::syntax::{
    Block, Comparison, Expression, Name, Operator, Statement, StatementKind, Trailer, Unary,
};

/// Deepest nesting of an expression; deeper ones go through a temporary.
const EXPRESSION_NESTING: u16 = 24;

/// Instructions and constants that are followed for each byte of a text, and for any: code and
/// constants may be referred to any number of times, but a compiler hardly does.
const STEPS_A_BYTE: usize = 8;
const LEAST_STEPS: usize = 4_096;

/// What the code objects of one text share.
pub struct Shared {
    /// The version whose instructions they are in.
    pub version: Version,
    /// The text that statements are of, as rendered in a first pass; empty during that.
    pub text: Rc<str>,
    /// The text as it is rendered in this pass.
    pub rendered: RefCell<String>,
    /// Whether something was nested too deep, or too long.
    pub cut: Cell<bool>,
    /// What did not fit: instructions unknown, and values taken from an empty stack.
    pub misfits: Cell<usize>,
    left: Cell<usize>,
    temporaries: Cell<u32>,
}

impl Shared {
    /// For one pass over code that takes `length` bytes.
    pub fn new(version: Version, text: Rc<str>, length: usize) -> Self {
        Self {
            version,
            text,
            rendered: RefCell::default(),
            cut: Cell::new(false),
            misfits: Cell::new(0),
            left: Cell::new(
                length
                    .saturating_mul(STEPS_A_BYTE)
                    .saturating_add(LEAST_STEPS),
            ),
            temporaries: Cell::new(0),
        }
    }

    /// Takes steps; `false` if none are left.
    pub fn burn(&self, steps: usize) -> bool {
        let left = self.left.get().checked_sub(steps);
        self.left.set(left.unwrap_or(0));
        if left.is_none() {
            self.cut.set(true);
        }
        left.is_some()
    }

    /// A name that no program has.
    pub fn temporary(&self) -> Name {
        self.temporaries.set(self.temporaries.get().wrapping_add(1));
        format!("${}", self.temporaries.get()).into()
    }
}

/// A value on the stack and how deep it is nested.
#[derive(Debug)]
pub struct Item {
    pub expression: Expression,
    pub depth: u16,
}

impl Item {
    /// A value that is no deeper than a name.
    pub const fn flat(expression: Expression) -> Self {
        Self {
            expression,
            depth: 0,
        }
    }

    /// A value of which nothing is known.
    pub const fn unknown() -> Self {
        Self::flat(Expression::Unreadable(Vec::new()))
    }

    /// Whether it says nothing.
    pub fn is_unknown(&self) -> bool {
        matches!(&self.expression, Expression::Unreadable(parts) if parts.is_empty())
    }

    /// The same value again, if that needs no evaluation.
    pub fn again(&self) -> Option<Self> {
        let expression = match &self.expression {
            Expression::Name(name) => Expression::Name(name.clone()),
            Expression::Text(text) => Expression::Text(text.clone()),
            Expression::Bytes(bytes) => Expression::Bytes(bytes.clone()),
            Expression::Int(value) => Expression::Int(*value),
            Expression::Bool(value) => Expression::Bool(*value),
            Expression::None => Expression::None,
            Expression::Unreadable(parts) if parts.is_empty() => Expression::Unreadable(Vec::new()),
            _ => return None,
        };
        Some(Self::flat(expression))
    }

    /// Whether two values are known to be the same.
    pub fn same(&self, other: &Self) -> bool {
        match (&self.expression, &other.expression) {
            (Expression::Name(one), Expression::Name(other)) => one == other,
            (Expression::Text(one), Expression::Text(other)) => one == other,
            (Expression::Int(one), Expression::Int(other)) => one == other,
            (Expression::Bool(one), Expression::Bool(other)) => one == other,
            (Expression::None, Expression::None) => true,
            _ => self.is_unknown() && other.is_unknown(),
        }
    }
}

/// A code object being read.
pub struct Unit<'a> {
    pub code: &'a Code,
    pub shared: &'a Shared,
    pub instructions: Vec<Instruction>,
    pub stack: Vec<Item>,
    pub out: Block,
    /// Names of the keywords of the next call.
    pub keywords: Vec<Name>,
    /// Names that are stored as globals.
    pub globals: Vec<Name>,
    /// Modules that names are imported from, by the temporary that stands for them.
    pub modules: HashMap<Name, Name>,
    /// How deep the stack is where an exception is handled.
    pub handlers: HashMap<usize, usize>,
    /// Ends of the loops that are no `for`, by their starts.
    pub loops: HashMap<usize, usize>,
    /// Whether lists or dictionaries are filled in a loop.
    pub fills: bool,
    /// How many arguments the function made last takes by position.
    pub positional: usize,
    /// How deep code objects are inside one another.
    pub depth: usize,
}

impl<'a> Unit<'a> {
    /// A code object at its start.
    pub fn new(code: &'a Code, shared: &'a Shared, depth: usize) -> Self {
        let instructions = instructions(&code.code, shared.version);
        let fills = instructions
            .iter()
            .any(|i| matches!(i.op, Some(Op::ListAppend | Op::MapAdd)));
        Self {
            code,
            shared,
            instructions,
            stack: Vec::new(),
            out: Vec::new(),
            keywords: Vec::new(),
            globals: Vec::new(),
            modules: HashMap::new(),
            handlers: HashMap::new(),
            loops: HashMap::new(),
            fills,
            positional: 0,
            depth,
        }
    }

    // ---- stack ----

    /// Pushes a value made of others; one nested too deep goes through a temporary.
    pub fn push(&mut self, expression: Expression, depth: u16) {
        let item = Item { expression, depth };
        let item = if depth > EXPRESSION_NESTING {
            self.spilled(item)
        } else {
            item
        };
        self.stack.push(item);
    }

    /// Pushes a name.
    pub fn push_name(&mut self, name: Name) {
        self.stack.push(Item::flat(Expression::Name(name)));
    }

    /// Takes the uppermost value.
    pub fn pop(&mut self) -> Item {
        self.stack.pop().unwrap_or_else(|| {
            self.misfit();
            Item::unknown()
        })
    }

    /// Takes the uppermost values, lowest first, and tells how deep they are nested together.
    pub fn pops(&mut self, count: usize) -> (Vec<Expression>, u16) {
        let at = self.stack.len().saturating_sub(count);
        if count > self.stack.len() {
            self.misfit();
        }
        let items = self.stack.split_off(at);
        let depth = items.iter().map(|item| item.depth).max().unwrap_or(0) + 1;
        (
            items.into_iter().map(|item| item.expression).collect(),
            depth,
        )
    }

    /// The value `depth` below the top, the top being 1.
    pub fn peek(&mut self, depth: usize) -> Option<&mut Item> {
        let at = self.stack.len().checked_sub(depth)?;
        self.stack.get_mut(at)
    }

    /// Puts a value through a temporary, so that it can be named more than once.
    pub fn spilled(&mut self, item: Item) -> Item {
        let name = self.shared.temporary();
        self.emit(StatementKind::Assign(
            vec![Expression::Name(name.clone())],
            item.expression,
        ));
        Item::flat(Expression::Name(name))
    }

    /// Makes the value `depth` below the top one that can be had again, and returns it.
    pub fn copied(&mut self, depth: usize) -> Item {
        let Some(at) = self.stack.len().checked_sub(depth) else {
            self.misfit();
            return Item::unknown();
        };
        if let Some(again) = self.stack.get(at).and_then(Item::again) {
            return again;
        }
        let Some(item) = self.stack.get_mut(at) else {
            return Item::unknown();
        };
        let item = std::mem::replace(item, Item::unknown());
        let item = self.spilled(item);
        let again = item.again().unwrap_or_else(Item::unknown);
        if let Some(place) = self.stack.get_mut(at) {
            *place = item;
        }
        again
    }

    /// The whole stack again, for the other branch.
    pub fn stack_again(&mut self) -> Vec<Item> {
        (1..=self.stack.len())
            .rev()
            .map(|depth| self.copied(depth))
            .collect()
    }

    /// Notes that something does not fit.
    pub fn misfit(&self) {
        self.shared.misfits.set(self.shared.misfits.get() + 1);
    }

    // ---- statements ----

    /// Adds a statement.
    pub fn emit(&mut self, kind: StatementKind) {
        let mut text = self.shared.rendered.borrow_mut();
        let start = text.len();
        render::statement(&kind, &mut text);
        let source = start..text.len();
        text.push('\n');
        drop(text);
        self.out.push(Statement {
            line: 0,
            source,
            kind,
        });
    }

    /// Assigns to one target.
    pub fn assign(&mut self, target: Expression, value: Expression) {
        self.emit(StatementKind::Assign(vec![target], value));
    }

    /// The statements that `inner` emits.
    pub fn captured(&mut self, inner: impl FnOnce(&mut Self)) -> Block {
        let outer = std::mem::take(&mut self.out);
        inner(self);
        std::mem::replace(&mut self.out, outer)
    }

    // ---- names and constants ----

    /// A name of a table.
    pub fn name(&self, names: &[Object], at: usize) -> Name {
        names.get(at).and_then(text_of).unwrap_or_else(|| {
            self.misfit();
            Rc::from("_")
        })
    }

    /// A name of an attribute, a global or a module.
    pub fn global(&self, at: usize) -> Name {
        self.name(&self.code.names, at)
    }

    /// A local variable.
    pub fn local(&self, at: usize) -> Name {
        self.name(&self.code.locals, at)
    }

    /// A cell or free variable.
    pub fn cell(&self, at: usize) -> Name {
        if self.shared.version >= Version::V311 {
            self.local(at)
        } else {
            self.name(&self.code.cells, at)
        }
    }

    /// A constant as an expression; code has none.
    pub fn constant(&self, object: &Object, depth: u16) -> Expression {
        if depth > EXPRESSION_NESTING || !self.shared.burn(1) {
            return Expression::Unreadable(Vec::new());
        }
        let inner = |object: &Object| self.constant(object, depth + 1);
        match object {
            Object::None => Expression::None,
            Object::Bool(value) => Expression::Bool(*value),
            Object::Int(value) => Expression::Int(*value),
            Object::Big(bytes) => Expression::BigInt(bytes.clone()),
            Object::Float(value) => Expression::Float(*value),
            // The strings of 2.7 are bytes, and texts at once.
            Object::Bytes(_) if self.shared.version == Version::V27 => {
                Expression::Text(text_of(object).unwrap_or_default())
            }
            Object::Bytes(bytes) => Expression::Bytes(bytes.clone()),
            Object::Text(text) => Expression::Text(text.clone()),
            Object::Tuple(items) => Expression::Tuple(items.iter().map(inner).collect()),
            Object::Dictionary(items) => {
                let pair = |(key, value): &(Object, Object)| (Some(inner(key)), inner(value));
                Expression::Dictionary(items.iter().map(pair).collect())
            }
            Object::Code(_) => Expression::Unreadable(Vec::new()),
        }
    }
}

/// `expression` with something behind it; chains stay flat.
pub fn postfix(expression: Expression, trailer: Trailer) -> Expression {
    match expression {
        Expression::Postfix(first, mut trailers) => {
            trailers.push(trailer);
            Expression::Postfix(first, trailers)
        }
        other => Expression::Postfix(Box::new(other), vec![trailer]),
    }
}

/// `left operator right`; chains stay flat.
pub fn operation(left: Expression, operator: Operator, right: Expression) -> Expression {
    match left {
        Expression::Operation(first, mut rest) => {
            rest.push((operator, right));
            Expression::Operation(first, rest)
        }
        other => Expression::Operation(Box::new(other), vec![(operator, right)]),
    }
}

/// `left comparison right`.
pub fn comparison(left: Expression, comparison: Comparison, right: Expression) -> Expression {
    Expression::Compare(Box::new(left), vec![(comparison, right)])
}

/// `not expression`.
pub fn negated(expression: Expression) -> Expression {
    match expression {
        Expression::Unary(Unary::Not, inner) => *inner,
        other => Expression::Unary(Unary::Not, Box::new(other)),
    }
}
