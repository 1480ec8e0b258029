//! Lists, dictionaries, slices and formatted texts: what instructions build, and what they put
//! into it later.

use super::opcodes::{Op, Version};
use super::step::{SLICE, indexed, sliced};
use super::unit::{Item, Unit, postfix};
use crate::language::script::syntax::{Argument, Expression, FormatPart, StatementKind, Trailer};

impl Unit<'_> {
    /// Instructions that build something of what is on the stack.
    pub fn build(&mut self, op: Op, operand: usize) -> bool {
        match op {
            Op::BuildList | Op::BuildMap if operand == 0 => {
                let empty = match op {
                    Op::BuildList => Expression::List(Vec::new()),
                    _ => Expression::Dictionary(Vec::new()),
                };
                // What a loop fills needs a name to be filled by.
                let item = if self.fills {
                    self.spilled(Item::flat(empty))
                } else {
                    Item::flat(empty)
                };
                self.stack.push(item);
            }
            Op::BuildList | Op::BuildTuple => {
                let (items, depth) = self.pops(operand);
                let made = if op == Op::BuildList {
                    Expression::List(items)
                } else {
                    Expression::Tuple(items)
                };
                self.push(made, depth);
            }
            // In 2.7 the operand is only how large it will be.
            Op::BuildMap if self.shared.version == Version::V27 => {
                self.stack
                    .push(Item::flat(Expression::Dictionary(Vec::new())));
            }
            Op::BuildMap => {
                let (items, depth) = self.pops(operand.saturating_mul(2));
                let mut pairs = Vec::new();
                let mut items = items.into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    pairs.push((Some(key), value));
                }
                self.push(Expression::Dictionary(pairs), depth);
            }
            Op::BuildConstKeyMap => {
                let keys = self.pop().expression;
                let (values, depth) = self.pops(operand);
                let keys = match keys {
                    Expression::Tuple(keys) => keys,
                    _ => Vec::new(),
                };
                let pairs = keys.into_iter().map(Some).zip(values).collect();
                self.push(Expression::Dictionary(pairs), depth);
            }
            Op::BuildUnpack => {
                let (items, depth) = self.pops(operand & 0xff);
                let starred = |item| Expression::Starred(Box::new(item));
                self.push(
                    Expression::List(items.into_iter().map(starred).collect()),
                    depth,
                );
            }
            Op::BuildMapUnpack => {
                let (items, depth) = self.pops(operand & 0xff);
                let pairs = items.into_iter().map(|item| (None, item)).collect();
                self.push(Expression::Dictionary(pairs), depth);
            }
            Op::BuildSlice => {
                let (ends, depth) = self.pops(operand);
                self.push(postfix(Expression::Name(SLICE.into()), sliced(ends)), depth);
            }
            _ => return self.build_text(op, operand),
        }
        true
    }

    /// Instructions that build a formatted text.
    fn build_text(&mut self, op: Op, operand: usize) -> bool {
        match op {
            Op::BuildString => {
                let (items, depth) = self.pops(operand);
                let mut parts = Vec::new();
                for item in items {
                    match item {
                        Expression::Text(text) => parts.push(FormatPart::Text(text)),
                        Expression::Format(inner) => parts.extend(inner),
                        other => parts.push(FormatPart::Field(other, None, String::new())),
                    }
                }
                self.push(Expression::Format(parts), depth);
            }
            Op::FormatValue => {
                let spec = (operand & 4 != 0).then(|| self.pop().expression);
                let conversion = [None, Some('s'), Some('r'), Some('a')];
                self.format_field(
                    conversion.get(operand & 3).copied().flatten(),
                    spec_of(spec),
                );
            }
            Op::FormatSimple => self.format_field(None, String::new()),
            Op::FormatWithSpec => {
                let spec = self.pop().expression;
                self.format_field(None, spec_of(Some(spec)));
            }
            Op::ConvertValue => {
                let conversion = [None, Some('s'), Some('r'), Some('a')];
                self.format_field(conversion.get(operand).copied().flatten(), String::new());
            }
            _ => return false,
        }
        true
    }

    pub fn format_field(&mut self, conversion: Option<char>, spec: String) {
        let item = self.pop();
        let field = FormatPart::Field(item.expression, conversion, spec);
        self.push(Expression::Format(vec![field]), item.depth + 1);
    }

    /// Instructions that put more into a list or dictionary.
    pub fn fill(&mut self, op: Op, operand: usize) -> bool {
        match op {
            Op::ListAppend => {
                let value = self.pop().expression;
                self.call_on(operand, "append", value);
            }
            Op::ListExtend => {
                let value = self.pop();
                let depth = value.depth + 1;
                match self.peek(operand) {
                    Some(Item {
                        expression: Expression::List(items),
                        depth: own,
                    }) => {
                        *own = depth.max(*own);
                        match value.expression {
                            Expression::Tuple(more) | Expression::List(more) => items.extend(more),
                            other => items.push(Expression::Starred(Box::new(other))),
                        }
                    }
                    _ => self.call_on(operand, "extend", value.expression),
                }
            }
            Op::DictMerge => {
                let value = self.pop();
                let depth = value.depth + 1;
                match self.peek(operand) {
                    Some(Item {
                        expression: Expression::Dictionary(pairs),
                        depth: own,
                    }) => {
                        *own = depth.max(*own);
                        pairs.push((None, value.expression));
                    }
                    _ => self.call_on(operand, "update", value.expression),
                }
            }
            Op::MapAdd => {
                let mut pair = [self.pop().expression, self.pop().expression];
                if self.shared.version >= Version::V38 {
                    pair.reverse();
                }
                let [key, value] = pair;
                let target = self.copied(operand).expression;
                self.assign(postfix(target, indexed(key)), value);
            }
            Op::StoreMap => {
                let key = self.pop().expression;
                let value = self.pop();
                if let Some(Item {
                    expression: Expression::Dictionary(pairs),
                    depth,
                }) = self.peek(1)
                {
                    *depth = (value.depth + 1).max(*depth);
                    pairs.push((Some(key), value.expression));
                }
            }
            _ => return false,
        }
        true
    }

    /// Calls a method of the value `depth` below the top.
    fn call_on(&mut self, depth: usize, method: &str, value: Expression) {
        let target = self.copied(depth).expression;
        let method = postfix(target, Trailer::Attribute(method.into()));
        let call = postfix(method, Trailer::Call(vec![Argument::Plain(value)]));
        self.emit(StatementKind::Expression(call));
    }
}

fn spec_of(spec: Option<Expression>) -> String {
    match spec {
        Some(Expression::Text(text)) => text.to_string(),
        _ => String::new(),
    }
}
