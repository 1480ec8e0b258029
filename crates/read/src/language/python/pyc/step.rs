//! What single instructions do to the stack, and the statements some of them are.
//!
//! Source: the documentation of module `dis` and `Python/bytecodes.c` (`ceval.c` before 3.12).

use super::opcodes::{Op, Version};
use super::unit::{Item, Unit, comparison, operation, postfix};
use crate::language::script::syntax::{
    Comparison, Expression, Name, Operator, StatementKind, Trailer, Unary,
};

/// The operators of `BINARY_OP` by number; those in place come after them in the same order.
const OPERATORS: [Operator; 13] = [
    Operator::Add,
    Operator::And,
    Operator::FloorDivide,
    Operator::ShiftLeft,
    Operator::MatrixMultiply,
    Operator::Multiply,
    Operator::Modulo,
    Operator::Or,
    Operator::Power,
    Operator::ShiftRight,
    Operator::Subtract,
    Operator::Divide,
    Operator::Xor,
];

/// What stands for a slice until something is indexed with it.
pub const SLICE: &str = "$slice";

/// What stands below a function that is called without a receiver.
const NULL: &str = "$null";

impl Unit<'_> {
    /// Does what an instruction does that is no jump.
    pub fn step(&mut self, op: Op, operand: usize) {
        let done = self.order(op, operand)
            || self.load(op, operand)
            || self.store(op, operand)
            || self.compute(op, operand)
            || self.build(op, operand)
            || self.fill(op, operand)
            || self.call(op, operand);
        if !done {
            self.other(op, operand);
        }
    }

    /// Instructions that order the stack.
    fn order(&mut self, op: Op, operand: usize) -> bool {
        let top = self.stack.len();
        match op {
            Op::PopTop => {
                let item = self.pop();
                if item.again().is_none() {
                    self.emit(StatementKind::Expression(item.expression));
                }
            }
            Op::PopTwo => {
                self.pops(2);
            }
            Op::Swap => {
                if let Some(other) = top.checked_sub(operand)
                    && operand > 0
                    && top > 0
                {
                    self.stack.swap(top - 1, other);
                } else {
                    self.misfit();
                }
            }
            Op::RotTwo => self.rotate(2),
            Op::RotThree => self.rotate(3),
            Op::RotFour => self.rotate(4),
            Op::RotN => self.rotate(operand),
            Op::DupTop => self.copy(1),
            Op::Copy => self.copy(operand),
            Op::DupTopTwo => (0..2).for_each(|_| self.copy(2)),
            Op::DupTopX => (0..operand.min(3)).for_each(|_| self.copy(operand)),
            Op::PopExcept => {
                let most = if self.shared.version >= Version::V311 {
                    1
                } else {
                    3
                };
                for _ in 0..most {
                    if self.stack.last().is_some_and(Item::is_unknown) {
                        self.stack.pop();
                    }
                }
            }
            Op::PushExcInfo => self.stack.extend([Item::unknown(), Item::unknown()]),
            Op::CheckMatch => {
                self.pop();
                self.stack.push(Item::unknown());
            }
            _ => return false,
        }
        true
    }

    /// The uppermost of `count` values goes below the others.
    fn rotate(&mut self, count: usize) {
        match self.stack.len().checked_sub(count) {
            Some(at) if count > 0 => {
                let item = self.pop();
                self.stack.insert(at, item);
            }
            _ => self.misfit(),
        }
    }

    fn copy(&mut self, depth: usize) {
        let item = self.copied(depth.max(1));
        self.stack.push(item);
    }

    /// Instructions that load something.
    fn load(&mut self, op: Op, operand: usize) -> bool {
        let version = self.shared.version;
        match op {
            Op::LoadConst => self.load_constant(operand),
            Op::LoadName | Op::LoadFromDictOrGlobals => {
                if op == Op::LoadFromDictOrGlobals {
                    self.pop();
                }
                self.push_name(self.global(operand));
            }
            Op::LoadGlobal => {
                let new = version >= Version::V311;
                let name = self.global(if new { operand >> 1 } else { operand });
                let calls = new && operand & 1 == 1;
                self.push_callee(Expression::Name(name), 0, calls);
            }
            Op::LoadFast => self.push_name(self.local(operand)),
            Op::LoadFastLoadFast => {
                self.push_name(self.local(operand >> 4));
                self.push_name(self.local(operand & 15));
            }
            Op::LoadDeref => self.push_name(self.cell(operand)),
            Op::LoadFromDictOrDeref => {
                self.pop();
                self.push_name(self.cell(operand));
            }
            Op::LoadAttr => {
                let new = version >= Version::V312;
                let name = self.global(if new { operand >> 1 } else { operand });
                self.attribute(name, new && operand & 1 == 1);
            }
            Op::LoadMethod => self.attribute(self.global(operand), true),
            Op::LoadSuperAttr => {
                self.pops(3);
                let call = Trailer::Call(Vec::new());
                self.push(postfix(Expression::Name("super".into()), call), 1);
                self.attribute(self.global(operand >> 2), operand & 1 == 1);
            }
            Op::LoadBuildClass => self.push_name(super::calls::CLASS.into()),
            Op::LoadUnknown => self.stack.push(Item::unknown()),
            Op::PushNull => self.push_name(NULL.into()),
            _ => return false,
        }
        true
    }

    fn load_constant(&mut self, at: usize) {
        let Some(object) = self.code.constants.get(at) else {
            self.misfit();
            self.stack.push(Item::unknown());
            return;
        };
        match object {
            super::marshal::Object::Code(code) => {
                let function = self.function(code);
                self.push(Expression::Lambda(function), 1);
            }
            object => {
                let expression = self.constant(object, 0);
                self.push(expression, 1);
            }
        }
    }

    fn attribute(&mut self, name: Name, calls: bool) {
        let item = self.pop();
        // A chain is flat: it is as deep as what it begins with.
        let depth = item.depth.max(1);
        self.push_callee(
            postfix(item.expression, Trailer::Attribute(name)),
            depth,
            calls,
        );
    }

    /// Pushes something; if it is to be called, with what stands for no receiver.
    fn push_callee(&mut self, callee: Expression, depth: u16, calls: bool) {
        let null_first = self.shared.version < Version::V313;
        if calls && null_first {
            self.push_name(NULL.into());
        }
        self.push(callee, depth);
        if calls && !null_first {
            self.push_name(NULL.into());
        }
    }

    /// Whether a value stands for no receiver.
    pub fn is_null(item: &Item) -> bool {
        matches!(&item.expression, Expression::Name(name) if &**name == NULL)
    }

    /// Instructions that store something.
    fn store(&mut self, op: Op, operand: usize) -> bool {
        match op {
            Op::StoreName => self.store_name(self.global(operand)),
            Op::StoreGlobal => {
                let name = self.global(operand);
                if !self.globals.contains(&name) {
                    self.globals.push(name.clone());
                }
                self.store_name(name);
            }
            Op::StoreFast => self.store_name(self.local(operand)),
            Op::StoreFastLoadFast => {
                self.store_name(self.local(operand >> 4));
                self.push_name(self.local(operand & 15));
            }
            Op::StoreFastStoreFast => {
                self.store_name(self.local(operand >> 4));
                self.store_name(self.local(operand & 15));
            }
            Op::StoreDeref => self.store_name(self.cell(operand)),
            Op::StoreAttr => {
                let object = self.pop().expression;
                let value = self.pop().expression;
                let target = postfix(object, Trailer::Attribute(self.global(operand)));
                self.assign(target, value);
            }
            Op::StoreSubscript => {
                let index = self.pop().expression;
                let object = self.pop().expression;
                let value = self.pop().expression;
                self.assign(postfix(object, indexed(index)), value);
            }
            Op::StoreSlice => {
                let (ends, _) = self.pops(2);
                let object = self.pop().expression;
                let value = self.pop().expression;
                self.assign(postfix(object, sliced(ends)), value);
            }
            Op::OldStoreSlice(which) => {
                let (from, to) = self.old_slice(which);
                let object = self.pop().expression;
                let value = self.pop().expression;
                self.assign(
                    postfix(object, Trailer::Slice(Box::new([from, to, None]))),
                    value,
                );
            }
            _ => return false,
        }
        true
    }

    fn store_name(&mut self, name: Name) {
        let item = self.pop();
        let target = Expression::Name(name.clone());
        match item.expression {
            Expression::Lambda(function) if function.name == name => {
                self.emit(StatementKind::Function(function, Vec::new()));
            }
            Expression::Name(class) if class == name => {}
            value => self.assign(target, value),
        }
    }

    /// Instructions that compute.
    fn compute(&mut self, op: Op, operand: usize) -> bool {
        match op {
            Op::Binary(operator) => self.binary(operator),
            Op::BinaryNumbered => match OPERATORS.get(operand % OPERATORS.len()) {
                Some(operator) => self.binary(*operator),
                None => self.misfit(),
            },
            Op::Unary(operator) => {
                let item = self.pop();
                let value = match (operator, item.expression) {
                    (Unary::Not, value) => super::unit::negated(value),
                    (operator, value) => Expression::Unary(operator, Box::new(value)),
                };
                self.push(value, item.depth + 1);
            }
            Op::Represent => self.format_field(Some('r'), String::new()),
            Op::Compare => {
                let shift = match self.shared.version {
                    Version::V313 => 5,
                    Version::V312 => 4,
                    _ => 0,
                };
                self.compare(operand >> shift);
            }
            Op::Contains => self.compare(if operand == 0 { 6 } else { 7 }),
            Op::Is => self.compare(if operand == 0 { 8 } else { 9 }),
            Op::Subscript => {
                let index = self.pop();
                let object = self.pop();
                let depth = index.depth.max(object.depth) + 1;
                self.push(postfix(object.expression, indexed(index.expression)), depth);
            }
            Op::BinarySlice => {
                let (ends, depth) = self.pops(2);
                let object = self.pop();
                let depth = depth.max(object.depth + 1);
                self.push(postfix(object.expression, sliced(ends)), depth);
            }
            Op::Slice(which) => {
                let (from, to) = self.old_slice(which);
                let object = self.pop();
                let slice = Trailer::Slice(Box::new([from, to, None]));
                self.push(postfix(object.expression, slice), object.depth + 2);
            }
            _ => return false,
        }
        true
    }

    fn binary(&mut self, operator: Operator) {
        let right = self.pop();
        let left = self.pop();
        let is_chain = matches!(left.expression, Expression::Operation(..));
        let depth = if is_chain {
            left.depth.max(right.depth + 1)
        } else {
            left.depth.max(right.depth) + 1
        };
        self.push(
            operation(left.expression, operator, right.expression),
            depth,
        );
    }

    fn compare(&mut self, which: usize) {
        let right = self.pop();
        let left = self.pop();
        let how = match which {
            0 => Comparison::Less,
            1 => Comparison::LessEqual,
            2 => Comparison::Equal,
            3 => Comparison::NotEqual,
            4 => Comparison::Greater,
            5 => Comparison::GreaterEqual,
            6 => Comparison::In,
            7 => Comparison::NotIn,
            8 => Comparison::Is,
            9 => Comparison::IsNot,
            // Whether an exception is of a class.
            _ => return self.stack.push(Item::unknown()),
        };
        let depth = left.depth.max(right.depth) + 1;
        self.push(comparison(left.expression, how, right.expression), depth);
    }

    /// The ends of a slice of 2.7: bit 0 says that there is a first, bit 1 a last.
    fn old_slice(&mut self, which: u8) -> (Option<Expression>, Option<Expression>) {
        let to = (which & 2 != 0).then(|| self.pop().expression);
        let from = (which & 1 != 0).then(|| self.pop().expression);
        (from, to)
    }

    /// Everything else: imports, `with`, `print`, unpacking.
    fn other(&mut self, op: Op, operand: usize) {
        match op {
            Op::ImportName => {
                let (sources, _) = self.pops(2);
                let names = matches!(
                    sources.get(1),
                    Some(Expression::Tuple(_) | Expression::Text(_))
                );
                self.import(self.global(operand), names);
            }
            Op::ImportFrom => {
                let module = self.copied(1).expression;
                self.import_from(module, self.global(operand));
            }
            Op::ImportStar => self.import_all(),
            Op::Intrinsic1 if operand == 2 => {
                self.import_all();
                self.stack.push(Item::flat(Expression::None));
            }
            Op::With => {
                let item = self.pop();
                let item = self.spilled(item);
                self.stack.push(Item::flat(Expression::None));
                self.stack.push(item);
            }
            Op::PrintItem => {
                let value = self.pop().expression;
                self.emit(StatementKind::Print(None, vec![value]));
            }
            Op::PrintItemTo => {
                let to = self.pop().expression;
                let value = self.pop().expression;
                self.emit(StatementKind::Print(Some(to), vec![value]));
            }
            Op::Exec => {
                let (mut parts, _) = self.pops(3);
                if !parts.is_empty() {
                    self.emit(StatementKind::Exec(parts.swap_remove(0)));
                }
            }
            Op::UnpackSequence => self.unpack(operand, 0),
            Op::UnpackEx => self.unpack((operand & 0xff) + 1, operand >> 8),
            Op::Yield => {
                let item = self.pop();
                self.push(
                    Expression::Yield(Some(Box::new(item.expression))),
                    item.depth + 1,
                );
            }
            _ => {}
        }
    }

    /// The items of a value, the first on top; `after` more come behind the ones that count from
    /// the front.
    fn unpack(&mut self, count: usize, after: usize) {
        let item = self.pop();
        let value = match item.again() {
            Some(item) => item,
            None => self.spilled(item),
        };
        let at = |index: i128| {
            let value = value.again().unwrap_or_else(Item::unknown).expression;
            let index = Trailer::Index(Box::new(Expression::Int(index)));
            Item {
                expression: postfix(value, index),
                depth: 1,
            }
        };
        if !self.shared.burn(count + after) {
            return;
        }
        let behind = (1..=after).filter_map(|n| i128::try_from(n).ok());
        let behind: Vec<Item> = behind.map(|n| at(-n)).collect();
        let front = (0..count).rev().filter_map(|n| i128::try_from(n).ok());
        let front: Vec<Item> = front.map(at).collect();
        self.stack.extend(behind.into_iter().chain(front));
    }
}

/// `[index]`, or the slice that the index stands for.
pub fn indexed(index: Expression) -> Trailer {
    match index {
        Expression::Postfix(first, mut trailers) if matches!(&*first, Expression::Name(name) if &**name == SLICE) => {
            trailers.pop().unwrap_or(Trailer::Index(first))
        }
        other => Trailer::Index(Box::new(other)),
    }
}

/// `[from:to:step]`.
pub fn sliced(ends: Vec<Expression>) -> Trailer {
    let mut ends = ends.into_iter().map(|end| match end {
        Expression::None => None,
        other => Some(other),
    });
    let mut next = || ends.next().flatten();
    Trailer::Slice(Box::new([next(), next(), next()]))
}
