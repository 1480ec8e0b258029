//! Expressions of a tree-sitter-ruby tree.
//!
//! Source: the grammar of tree-sitter-ruby 0.23; the documentation of Ruby, "Literals", "Calling
//! Methods", "Operators".

use tree_sitter::Node;

use super::literals;
use super::parse::Reader;
use crate::language::script::literal::{self, Integer};
use crate::language::script::syntax::{
    Argument, Comparison, Expression, Operator, Statement, StatementKind, Trailer, Unary,
};
use crate::language::script::tree::children;

/// The operator written as `text`.
fn operator(text: &str) -> Option<Operator> {
    Some(match text {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::FloorDivide,
        "%" => Operator::Modulo,
        "**" => Operator::Power,
        "|" => Operator::Or,
        "&" => Operator::And,
        "^" => Operator::Xor,
        "<<" => Operator::ShiftLeft,
        ">>" => Operator::ShiftRight,
        _ => return None,
    })
}

fn comparison(text: &str) -> Option<Comparison> {
    Some(match text {
        "==" | "===" => Comparison::Equal,
        "!=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterEqual,
        _ => return None,
    })
}

/// What is not there, or too deep.
pub const fn nothing() -> Expression {
    Expression::Unreadable(Vec::new())
}

impl Reader<'_> {
    /// Reads an expression.
    pub fn expression(&self, node: Node, depth: usize) -> Expression {
        if self.source.is_too_deep(depth) {
            return nothing();
        }
        let depth = depth + 1;
        match node.kind() {
            "identifier" | "constant" | "self" | "global_variable" | "file" => {
                Expression::Name(self.source.name(node))
            }
            "instance_variable" | "class_variable" => self.instance_variable(node),
            "nil" | "empty_statement" => Expression::None,
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            "integer" => match literal::integer(self.source.of(node)) {
                Some(Integer::Small(number)) => Expression::Int(number),
                Some(Integer::Big(bytes)) => Expression::BigInt(bytes.into()),
                None => nothing(),
            },
            "float" => self
                .source
                .of(node)
                .replace('_', "")
                .parse()
                .map_or_else(|_| nothing(), Expression::Float),
            "string" | "bare_string" | "delimited_symbol" | "bare_symbol" | "chained_string"
            | "heredoc_beginning" | "character" | "simple_symbol" | "hash_key_symbol" => {
                self.text(node, depth)
            }
            "subshell" => {
                let command = self.parts(node, literals::Kind::Double, depth);
                self.applied("def `", vec![command])
            }
            "regex" => {
                let pattern = self.parts(node, literals::Kind::Raw, depth);
                self.applied("@regex", vec![pattern])
            }
            "array" | "string_array" | "symbol_array" | "right_assignment_list" => {
                Expression::List(self.items(node, depth))
            }
            "hash" => self.hash(node, depth),
            "call" | "element_reference" | "scope_resolution" => self.postfix(node, depth),
            "super" => self.applied("@super", Vec::new()),
            "yield" => {
                let list = children(node).first().copied();
                let arguments = list.map(|list| self.arguments(list, depth));
                Expression::Postfix(
                    Box::new(Expression::Name(self.source.intern("&"))),
                    vec![Trailer::Call(arguments.unwrap_or_default())],
                )
            }
            "binary" => self.binary(node, depth),
            "unary" => self.unary(node, depth),
            "assignment" => self.assigned(node, depth),
            "operator_assignment" => self.augmented(node, depth),
            "conditional" => self.ternary(node, depth),
            "range" => self.range(node, depth),
            "lambda" | "block" | "do_block" => self.closure(node, depth),
            "if" | "unless" => self.conditional_value(node, depth),
            "parenthesized_statements" | "begin" | "interpolation" | "then" => {
                self.grouped(node, depth)
            }
            "splat_argument" | "hash_splat_argument" => {
                children(node).first().map_or_else(nothing, |inner| {
                    Expression::Starred(Box::new(self.expression(*inner, depth)))
                })
            }
            "block_argument" | "argument_list" | "in" | "pattern" | "superclass" => children(node)
                .first()
                .map_or_else(nothing, |inner| self.expression(*inner, depth)),
            "case" | "while" | "until" | "for" | "if_modifier" | "unless_modifier"
            | "while_modifier" | "until_modifier" | "return" | "break" | "next" | "method"
            | "class" | "module" | "rescue_modifier" | "singleton_method" => {
                let statement = self
                    .statement(node, depth)
                    .map(|kind| self.source.statement(node, kind));
                Expression::Block(statement.into_iter().collect())
            }
            _ => Expression::Unreadable(self.items(node, depth)),
        }
    }

    /// The expressions below a node.
    pub fn items(&self, node: Node, depth: usize) -> Vec<Expression> {
        let parts = children(node).into_iter();
        parts
            .filter(|part| part.kind() != "heredoc_body")
            .map(|part| match part.kind() {
                "pair" => self.pair(part, depth),
                _ => self.expression(part, depth),
            })
            .collect()
    }

    fn instance_variable(&self, node: Node) -> Expression {
        let name = self.source.name(node);
        match self.in_class.get() {
            true => Expression::Postfix(
                Box::new(Expression::Name(self.source.intern("self"))),
                vec![Trailer::Attribute(name)],
            ),
            false => Expression::Name(name),
        }
    }

    /// Statements in parentheses; their value is that of the last.
    fn grouped(&self, node: Node, depth: usize) -> Expression {
        let parts = children(node);
        match parts.as_slice() {
            [one] if !matches!(one.kind(), "rescue" | "ensure" | "else") => {
                self.expression(*one, depth)
            }
            _ => Expression::Block(self.block(node, depth)),
        }
    }

    /// `if` as a value.
    fn conditional_value(&self, node: Node, depth: usize) -> Expression {
        let StatementKind::If(branches, otherwise) = self.conditional(node, depth) else {
            return nothing();
        };
        let mut value = Expression::Block(otherwise);
        for (condition, body) in branches.into_iter().rev() {
            value = Expression::Conditional(Box::new([condition, Expression::Block(body), value]));
        }
        value
    }

    // ---- operators ----

    /// `a + b - c`, nested to the left in the grammar.
    fn binary(&self, node: Node, depth: usize) -> Expression {
        let word = |node: Node| {
            let operator = node.child_by_field_name("operator");
            operator.map_or("", |operator| self.source.of(operator))
        };
        let right = |node: Node| self.field(node, "right", depth).unwrap_or_else(nothing);
        let sign = word(node);
        let left = node.child_by_field_name("left");
        if matches!(sign, "&&" | "||" | "and" | "or") {
            let mut operands = vec![right(node)];
            let mut left = left;
            while let Some(inner) = left {
                if inner.kind() != "binary" || word(inner) != sign {
                    break;
                }
                operands.push(right(inner));
                left = inner.child_by_field_name("left");
            }
            operands.extend(left.map(|left| self.expression(left, depth)));
            operands.reverse();
            return Expression::Logic(matches!(sign, "&&" | "and"), operands);
        }
        if let Some(comparison) = comparison(sign) {
            let first = left.map_or_else(nothing, |left| self.expression(left, depth));
            return Expression::Compare(Box::new(first), vec![(comparison, right(node))]);
        }
        if operator(sign).is_none() {
            return Expression::Unreadable(self.items(node, depth));
        }
        let mut rest = Vec::new();
        let mut node = node;
        let first = loop {
            if let Some(operator) = operator(word(node)) {
                rest.push((operator, right(node)));
            }
            match node.child_by_field_name("left") {
                Some(left) if left.kind() == "binary" && operator(word(left)).is_some() => {
                    node = left;
                }
                Some(left) => break left,
                None => return nothing(),
            }
        };
        rest.reverse();
        // `text << more` changes the text itself.
        let is_variable = matches!(
            first.kind(),
            "identifier" | "instance_variable" | "global_variable"
        );
        if is_variable && matches!(rest.first(), Some((Operator::ShiftLeft, _))) {
            let (operator, value) = rest.remove(0);
            let target = self.target(first, depth);
            let changed = Expression::Augment(Box::new((target, operator, value)), false);
            return match rest.is_empty() {
                true => changed,
                false => Expression::Operation(Box::new(changed), rest),
            };
        }
        Expression::Operation(Box::new(self.expression(first, depth)), rest)
    }

    fn unary(&self, node: Node, depth: usize) -> Expression {
        let operand = self.field(node, "operand", depth).unwrap_or_else(nothing);
        let sign = node.child_by_field_name("operator");
        let unary = match sign.map_or("", |sign| self.source.of(sign)) {
            "!" | "not" => Unary::Not,
            "-" => Unary::Minus,
            "~" => Unary::Invert,
            "+" => Unary::Plus,
            _ => return Expression::Unreadable(Vec::new()),
        };
        Expression::Unary(unary, Box::new(operand))
    }

    fn assigned(&self, node: Node, depth: usize) -> Expression {
        let target = node.child_by_field_name("left");
        let target = target.map_or_else(nothing, |target| self.target(target, depth));
        let value = self.field(node, "right", depth).unwrap_or_else(nothing);
        Expression::Assign(Box::new(target), Box::new(value))
    }

    fn augmented(&self, node: Node, depth: usize) -> Expression {
        let target = node.child_by_field_name("left");
        let target = target.map_or_else(nothing, |target| self.target(target, depth));
        let value = self.field(node, "right", depth).unwrap_or_else(nothing);
        let sign = node.child_by_field_name("operator");
        let sign = sign.map_or("", |sign| self.source.of(sign).trim_end_matches('='));
        match operator(sign) {
            Some(operator) => Expression::Augment(Box::new((target, operator, value)), false),
            // `||=` and `&&=`: it may be set.
            None => Expression::Assign(Box::new(target), Box::new(value)),
        }
    }

    fn ternary(&self, node: Node, depth: usize) -> Expression {
        let part = |name: &str| self.field(node, name, depth).unwrap_or_else(nothing);
        let parts = [part("condition"), part("consequence"), part("alternative")];
        Expression::Conditional(Box::new(parts))
    }

    /// `a..b`, `a...b`.
    fn range(&self, node: Node, depth: usize) -> Expression {
        let part = |name: &str| self.field(node, name, depth).unwrap_or(Expression::None);
        let sign = node.child_by_field_name("operator");
        let excludes = sign.is_some_and(|sign| self.source.of(sign) == "...");
        let bounds = vec![part("begin"), part("end"), Expression::Bool(excludes)];
        self.applied("@range", bounds)
    }

    // ---- primaries ----

    /// `a.b(c)[d]`, nested to the left in the grammar.
    fn postfix(&self, node: Node, depth: usize) -> Expression {
        let mut trailers = Vec::new();
        let mut node = node;
        let base = loop {
            let inner = match node.kind() {
                "call" => {
                    let mut arguments = node
                        .child_by_field_name("arguments")
                        .map(|list| self.arguments(list, depth))
                        .unwrap_or_default();
                    if let Some(block) = node.child_by_field_name("block") {
                        let closure = self.closure(block, depth);
                        arguments.push(Argument::Named(self.source.intern("&"), closure));
                    }
                    trailers.push(Trailer::Call(arguments));
                    let method = node.child_by_field_name("method");
                    let name = method.map_or("call", |method| self.source.of(method));
                    match node.child_by_field_name("receiver") {
                        Some(receiver) => {
                            trailers.push(Trailer::Attribute(self.source.intern(name)));
                            receiver
                        }
                        None => break Expression::Name(self.source.intern(&format!("def {name}"))),
                    }
                }
                "element_reference" => {
                    let object = node.child_by_field_name("object");
                    let parts = children(node).into_iter();
                    let parts = parts.filter(|part| Some(*part) != object);
                    let parts = parts.map(|part| Argument::Plain(self.expression(part, depth)));
                    trailers.push(Trailer::Call(parts.collect()));
                    trailers.push(Trailer::Attribute(self.source.intern("[]")));
                    match object {
                        Some(object) => object,
                        None => break nothing(),
                    }
                }
                "scope_resolution" => {
                    if let Some(name) = node.child_by_field_name("name") {
                        trailers.push(Trailer::Attribute(self.source.name(name)));
                    }
                    match node.child_by_field_name("scope") {
                        Some(scope) => scope,
                        // `::Name`
                        None => break Expression::Name(self.source.intern("Object")),
                    }
                }
                _ => break self.expression(node, depth),
            };
            node = inner;
        };
        trailers.reverse();
        Expression::Postfix(Box::new(base), trailers)
    }

    /// Arguments of a call; `a => b` pairs are one more argument.
    pub fn arguments(&self, node: Node, depth: usize) -> Vec<Argument> {
        if self.source.is_too_deep(depth) {
            return Vec::new();
        }
        let mut arguments = Vec::new();
        let mut pairs = Vec::new();
        for part in children(node) {
            match part.kind() {
                "heredoc_body" => {}
                "pair" => {
                    let key = part.child_by_field_name("key");
                    let value = self.field(part, "value", depth + 1);
                    match (key, value) {
                        (Some(key), Some(value)) if key.kind() == "hash_key_symbol" => {
                            arguments.push(Argument::Named(self.source.name(key), value));
                        }
                        (Some(key), Some(value)) => {
                            pairs.push((Some(self.expression(key, depth + 1)), value));
                        }
                        _ => {}
                    }
                }
                "splat_argument" => arguments.extend(
                    children(part)
                        .first()
                        .map(|inner| Argument::Rest(self.expression(*inner, depth + 1))),
                ),
                "block_argument" => arguments.extend(children(part).first().map(|inner| {
                    Argument::Named(self.source.intern("&"), self.expression(*inner, depth + 1))
                })),
                _ => arguments.push(Argument::Plain(self.expression(part, depth + 1))),
            }
        }
        if !pairs.is_empty() {
            arguments.push(Argument::Plain(Expression::Dictionary(pairs)));
        }
        arguments
    }

    fn pair(&self, node: Node, depth: usize) -> Expression {
        let key = self.field(node, "key", depth).unwrap_or_else(nothing);
        let value = self.field(node, "value", depth).unwrap_or_else(nothing);
        Expression::Dictionary(vec![(Some(key), value)])
    }

    fn hash(&self, node: Node, depth: usize) -> Expression {
        let mut pairs = Vec::new();
        for part in children(node) {
            match part.kind() {
                "pair" => {
                    let value = self.field(part, "value", depth).unwrap_or_else(nothing);
                    pairs.push((self.field(part, "key", depth), value));
                }
                _ => pairs.extend(
                    children(part)
                        .first()
                        .map(|inner| (None, self.expression(*inner, depth))),
                ),
            }
        }
        Expression::Dictionary(pairs)
    }

    /// A statement that stands where a node does.
    pub fn at(&self, node: Node, kind: StatementKind) -> Statement {
        self.source.statement(node, kind)
    }
}
