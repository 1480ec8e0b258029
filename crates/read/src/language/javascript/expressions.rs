//! Expressions of a tree-sitter-javascript tree.
//!
//! Source: the grammar of tree-sitter-javascript 0.25; ECMA-262, "Expressions".

use tree_sitter::Node;

use super::literals;
use super::parse::Reader;
use crate::language::script::syntax::{
    Argument, Comparison, Expression, Operator, StatementKind, Trailer, Unary,
};
use crate::language::script::tree::children;

/// The operator written as `text`.
fn operator(text: &str) -> Option<Operator> {
    Some(match text {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::Divide,
        "%" => Operator::Modulo,
        "**" => Operator::Power,
        "|" => Operator::Or,
        "&" => Operator::And,
        "^" => Operator::Xor,
        "<<" => Operator::ShiftLeft,
        ">>" => Operator::ShiftRight,
        ">>>" => Operator::ShiftRightUnsigned,
        _ => return None,
    })
}

fn comparison(text: &str) -> Option<Comparison> {
    Some(match text {
        "==" | "===" => Comparison::Equal,
        "!=" | "!==" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterEqual,
        "in" => Comparison::In,
        _ => return None,
    })
}

/// What is not there, or too deep.
pub const fn nothing() -> Expression {
    Expression::Unreadable(Vec::new())
}

impl Reader {
    /// The expressions below a node.
    pub fn all(&self, node: Node, depth: usize) -> Vec<Expression> {
        let parts = children(node).into_iter();
        parts.map(|part| self.expression(part, depth)).collect()
    }

    /// Reads an expression.
    pub fn expression(&self, node: Node, depth: usize) -> Expression {
        if self.source.is_too_deep(depth) {
            return nothing();
        }
        let depth = depth + 1;
        match node.kind() {
            "identifier" | "this" | "super" | "import" => Expression::Name(self.source.name(node)),
            "string" => self.string(node),
            "number" => literals::number(self.source.of(node)),
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            "undefined" => Expression::None,
            "null" => Expression::Name(self.source.intern("@null")),
            "template_string" => self.template(node, depth),
            "regex" => self.regex(node),
            "member_expression" | "subscript_expression" | "call_expression" => {
                self.postfix(node, depth)
            }
            "new_expression" => self.construction(node, depth),
            "array" => Expression::List(self.items(node, depth)),
            "object" => self.object(node, depth),
            "function_expression" | "generator_function" | "arrow_function" => self
                .function(node, depth)
                .map_or_else(nothing, Expression::Lambda),
            "class" => {
                let class = self.class(node, depth);
                let name = class.name.clone();
                let line = self.source.statement(node, StatementKind::Class(class));
                let value = StatementKind::Expression(Expression::Name(name));
                let value = self.source.statement(node, value);
                Expression::Block(vec![line, value])
            }
            "binary_expression" => self.binary(node, depth),
            "unary_expression" => self.unary(node, depth),
            "update_expression" => self.update(node, depth),
            "assignment_expression" => self.assigned(node, depth),
            "augmented_assignment_expression" => self.augmented(node, depth),
            "ternary_expression" => self.ternary(node, depth),
            "sequence_expression" => self.sequence(node, depth),
            "parenthesized_expression" => self.parenthesized(node, depth),
            "await_expression" | "yield_expression" => {
                let value = children(node).first().copied();
                value.map_or(Expression::None, |value| {
                    let value = self.expression(value, depth);
                    self.applied("@await", vec![value])
                })
            }
            "spread_element" => children(node).first().map_or_else(nothing, |inner| {
                Expression::Starred(Box::new(self.expression(*inner, depth)))
            }),
            "meta_property" => Expression::Name(self.source.intern("@meta")),
            _ => Expression::Unreadable(self.all(node, depth)),
        }
    }

    /// Parentheses around parentheses need no recursion.
    fn parenthesized(&self, node: Node, depth: usize) -> Expression {
        let mut node = node;
        while let Some(child) = children(node).first().copied() {
            if child.kind() != "parenthesized_expression" {
                return self.expression(child, depth);
            }
            node = child;
        }
        nothing()
    }

    /// Items of an array; a hole is undefined.
    fn items(&self, node: Node, depth: usize) -> Vec<Expression> {
        let mut items = Vec::new();
        let mut filled = false;
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "," if !filled => items.push(Expression::None),
                "," => filled = false,
                "[" | "]" | "comment" => {}
                _ => {
                    items.push(self.expression(child, depth));
                    filled = true;
                }
            }
        }
        items
    }

    /// `a, b, c`: nested to the right in the grammar of some versions.
    fn sequence(&self, node: Node, depth: usize) -> Expression {
        let mut block = Vec::new();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            if node.kind() == "sequence_expression" {
                stack.extend(children(node).into_iter().rev());
            } else {
                let kind = StatementKind::Expression(self.expression(node, depth));
                block.push(self.source.statement(node, kind));
            }
        }
        Expression::Block(block)
    }

    // ---- operators ----

    /// `a + b - c`, nested to the left in the grammar.
    fn binary(&self, node: Node, depth: usize) -> Expression {
        let word = |node: Node| {
            let operator = node.child_by_field_name("operator");
            operator.map_or("", |operator| self.source.of(operator))
        };
        let sign = word(node);
        let right = |node: Node| self.field(node, "right", depth).unwrap_or_else(nothing);
        let left = node.child_by_field_name("left");
        if matches!(sign, "&&" | "||" | "??") {
            let mut operands = vec![right(node)];
            let mut left = left;
            while let Some(inner) = left {
                if inner.kind() != "binary_expression" || word(inner) != sign {
                    break;
                }
                operands.push(right(inner));
                left = inner.child_by_field_name("left");
            }
            operands.extend(left.map(|left| self.expression(left, depth)));
            operands.reverse();
            return Expression::Logic(sign == "&&", operands);
        }
        if let Some(comparison) = comparison(sign) {
            let first = left.map_or_else(nothing, |left| self.expression(left, depth));
            let rest = vec![(comparison, right(node))];
            return Expression::Compare(Box::new(first), rest);
        }
        if operator(sign).is_none() {
            return Expression::Unreadable(self.all(node, depth));
        }
        let mut rest = Vec::new();
        let mut node = node;
        let first = loop {
            if let Some(operator) = operator(word(node)) {
                rest.push((operator, right(node)));
            }
            match node.child_by_field_name("left") {
                Some(left)
                    if left.kind() == "binary_expression" && operator(word(left)).is_some() =>
                {
                    node = left;
                }
                Some(left) => break self.expression(left, depth),
                None => break nothing(),
            }
        };
        rest.reverse();
        Expression::Operation(Box::new(first), rest)
    }

    fn unary(&self, node: Node, depth: usize) -> Expression {
        let operand = self.field(node, "argument", depth).unwrap_or_else(nothing);
        let sign = node.child_by_field_name("operator");
        let with = |first: i128, operator: Operator, operand: Expression| {
            let first = Box::new(Expression::Int(first));
            Expression::Operation(first, vec![(operator, operand)])
        };
        match sign.map_or("", |sign| self.source.of(sign)) {
            "!" => Expression::Unary(Unary::Not, Box::new(operand)),
            "-" => with(0, Operator::Subtract, operand),
            "~" => with(-1, Operator::Xor, operand),
            "+" => self.applied("@number", vec![operand]),
            "typeof" => self.applied("@typeof", vec![operand]),
            "void" => self.applied("@void", vec![operand]),
            _ => Expression::Unreadable(vec![operand]),
        }
    }

    /// `x++`, `--x`.
    fn update(&self, node: Node, depth: usize) -> Expression {
        let Some(argument) = node.child_by_field_name("argument") else {
            return nothing();
        };
        let sign = node.child_by_field_name("operator");
        let operator = match sign.map_or("", |sign| self.source.of(sign)) {
            "--" => Operator::Subtract,
            _ => Operator::Add,
        };
        let is_postfix = sign.is_some_and(|sign| sign.start_byte() > argument.start_byte());
        let target = self.pattern(argument, depth);
        Expression::Augment(Box::new((target, operator, Expression::Int(1))), is_postfix)
    }

    fn assigned(&self, node: Node, depth: usize) -> Expression {
        let target = node.child_by_field_name("left");
        let target = target.map_or_else(nothing, |target| self.pattern(target, depth));
        let value = self.field(node, "right", depth).unwrap_or_else(nothing);
        Expression::Assign(Box::new(target), Box::new(value))
    }

    fn augmented(&self, node: Node, depth: usize) -> Expression {
        let Some(left) = node.child_by_field_name("left") else {
            return nothing();
        };
        let target = self.pattern(left, depth);
        let value = self.field(node, "right", depth).unwrap_or_else(nothing);
        let sign = node.child_by_field_name("operator");
        let sign = sign.map_or("", |sign| self.source.of(sign).trim_end_matches('='));
        match operator(sign) {
            Some(operator) => Expression::Augment(Box::new((target, operator, value)), false),
            // `||=` and its like: it may be set.
            None => Expression::Assign(Box::new(target), Box::new(value)),
        }
    }

    fn ternary(&self, node: Node, depth: usize) -> Expression {
        let part = |name: &str| self.field(node, name, depth).unwrap_or_else(nothing);
        let parts = [part("condition"), part("consequence"), part("alternative")];
        Expression::Conditional(Box::new(parts))
    }

    // ---- primaries ----

    /// `a.b(c)[d]`, nested to the left in the grammar.
    fn postfix(&self, node: Node, depth: usize) -> Expression {
        let mut trailers = Vec::new();
        let mut node = node;
        let base = loop {
            let field = match node.kind() {
                "member_expression" => {
                    if let Some(name) = node.child_by_field_name("property") {
                        let name = literals::identifier(self.source.of(name));
                        trailers.push(Trailer::Attribute(self.source.intern(&name)));
                    }
                    "object"
                }
                "call_expression" => {
                    if let Some(list) = node.child_by_field_name("arguments") {
                        trailers.push(Trailer::Call(self.arguments(list, depth)));
                    }
                    "function"
                }
                "subscript_expression" => {
                    let index = self.field(node, "index", depth).unwrap_or_else(nothing);
                    trailers.push(match index {
                        Expression::Text(name) => Trailer::Attribute(name),
                        index => Trailer::Index(Box::new(index)),
                    });
                    "object"
                }
                _ => break self.expression(node, depth),
            };
            match node.child_by_field_name(field) {
                Some(inner) => node = inner,
                None => break nothing(),
            }
        };
        trailers.reverse();
        // `super(…)` is the constructor of the class above.
        if let Expression::Name(name) = &base
            && &**name == "super"
            && let Some(Trailer::Call(_)) = trailers.first()
        {
            trailers.insert(0, Trailer::Attribute(self.source.intern("__init__")));
        }
        Expression::Postfix(Box::new(base), trailers)
    }

    /// Arguments of a call; a template behind a function is its one argument.
    fn arguments(&self, node: Node, depth: usize) -> Vec<Argument> {
        if self.source.is_too_deep(depth) {
            return Vec::new();
        }
        if node.kind() == "template_string" {
            return vec![Argument::Plain(self.expression(node, depth))];
        }
        let parts = children(node).into_iter();
        let argument = |part: Node| match part.kind() {
            "spread_element" => children(part)
                .first()
                .map(|inner| Argument::Rest(self.expression(*inner, depth + 1))),
            _ => Some(Argument::Plain(self.expression(part, depth))),
        };
        parts.filter_map(argument).collect()
    }

    /// `new callee(…)`.
    fn construction(&self, node: Node, depth: usize) -> Expression {
        let callee = self
            .field(node, "constructor", depth)
            .unwrap_or_else(nothing);
        let mut arguments = vec![Argument::Plain(callee)];
        if let Some(list) = node.child_by_field_name("arguments") {
            arguments.extend(self.arguments(list, depth));
        }
        Expression::Postfix(
            Box::new(Expression::Name(self.source.intern("@new"))),
            vec![Trailer::Call(arguments)],
        )
    }

    // ---- literals ----

    /// A string with its escapes undone.
    pub fn string(&self, node: Node) -> Expression {
        let text = self.source.of(node);
        let inner = text
            .get(1..text.len().saturating_sub(1))
            .unwrap_or_default();
        Expression::Text(self.source.intern(&literals::unescape(inner)))
    }

    /// A template: its parts one after the other as a text.
    fn template(&self, node: Node, depth: usize) -> Expression {
        let mut rest = Vec::new();
        for part in children(node) {
            let part = match part.kind() {
                "template_substitution" => children(part)
                    .first()
                    .map_or_else(nothing, |inner| self.expression(*inner, depth)),
                _ => Expression::Text(
                    self.source
                        .intern(&literals::unescape(self.source.of(part))),
                ),
            };
            rest.push((Operator::Add, part));
        }
        let empty = Expression::Text(self.source.intern(""));
        match rest.is_empty() {
            true => empty,
            false => Expression::Operation(Box::new(empty), rest),
        }
    }

    fn regex(&self, node: Node) -> Expression {
        let part = |name: &str| {
            let part = node.child_by_field_name(name);
            Expression::Text(
                self.source
                    .intern(part.map_or("", |part| self.source.of(part))),
            )
        };
        self.applied("@regex", vec![part("pattern"), part("flags")])
    }

    /// `{a: 1, b, [c]: 2, d() {}, ...e}`.
    fn object(&self, node: Node, depth: usize) -> Expression {
        let mut pairs = Vec::new();
        for child in children(node) {
            match child.kind() {
                "pair" => {
                    let value = self.field(child, "value", depth).unwrap_or_else(nothing);
                    pairs.push((Some(self.key(child, "key", depth)), value));
                }
                "method_definition" => {
                    if let Some(function) = self.function(child, depth) {
                        let key = self.key(child, "name", depth);
                        pairs.push((Some(key), Expression::Lambda(function)));
                    }
                }
                "shorthand_property_identifier" => {
                    let name = self.source.name(child);
                    pairs.push((Some(Expression::Text(name.clone())), Expression::Name(name)));
                }
                _ => pairs.extend(
                    children(child)
                        .first()
                        .map(|inner| (None, self.expression(*inner, depth))),
                ),
            }
        }
        Expression::Dictionary(pairs)
    }

    /// The key of a property: a name, a literal or `[expression]`.
    pub fn key(&self, node: Node, field: &str, depth: usize) -> Expression {
        let Some(key) = node.child_by_field_name(field) else {
            return nothing();
        };
        match key.kind() {
            "computed_property_name" => children(key)
                .first()
                .map_or_else(nothing, |inner| self.expression(*inner, depth)),
            "string" => self.string(key),
            _ => Expression::Text(
                self.source
                    .intern(&literals::identifier(self.source.of(key))),
            ),
        }
    }
}
