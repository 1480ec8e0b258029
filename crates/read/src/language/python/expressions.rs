//! Expressions of a tree-sitter-python tree.

use std::rc::Rc;

use tree_sitter::Node;

use super::parse::Reader;
use crate::language::script::literal::{self, Integer};
use crate::language::script::syntax::{
    Argument, Clause, Comparison, Comprehension, ComprehensionKind, Expression, Operator, Trailer,
    Unary,
};

/// The operator written as `text`.
pub fn operator(text: &str) -> Option<Operator> {
    Some(match text {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::Divide,
        "//" => Operator::FloorDivide,
        "%" => Operator::Modulo,
        "**" => Operator::Power,
        "@" => Operator::MatrixMultiply,
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
        "==" => Comparison::Equal,
        "!=" | "<>" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterEqual,
        "in" => Comparison::In,
        "not in" => Comparison::NotIn,
        "is" => Comparison::Is,
        "is not" => Comparison::IsNot,
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
        if self.is_too_deep(depth) {
            return nothing();
        }
        let depth = depth + 1;
        match node.kind() {
            "identifier" | "dotted_name" => Expression::Name(self.name(node)),
            "string" => self.string(node, depth),
            "concatenated_string" => self.concatenated(node, depth),
            "integer" => self.integer(node),
            "float" => self
                .source(node)
                .replace('_', "")
                .parse()
                .map_or_else(|_| nothing(), Expression::Float),
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            "none" | "ellipsis" => Expression::None,
            "attribute" | "call" | "subscript" => self.postfix(node, depth),
            "binary_operator" => self.operation(node, depth),
            "boolean_operator" => self.logic(node, depth),
            "comparison_operator" => self.comparison(node, depth),
            "not_operator" => self.unary(node, Unary::Not, depth),
            "unary_operator" => self.unary_operator(node, depth),
            "list" | "set" | "list_pattern" => Expression::List(self.children(node, depth)),
            "tuple" | "expression_list" | "pattern_list" | "tuple_pattern" => {
                Expression::Tuple(self.children(node, depth))
            }
            "dictionary" => self.dictionary(node, depth),
            "list_comprehension"
            | "set_comprehension"
            | "generator_expression"
            | "dictionary_comprehension" => self.comprehension(node, depth),
            "lambda" => self.lambda(node, depth),
            "conditional_expression" => self.conditional_expression(node, depth),
            "named_expression" => self.walrus(node, depth),
            "list_splat" | "list_splat_pattern" => self
                .inner(node, depth)
                .map_or_else(nothing, |inner| Expression::Starred(Box::new(inner))),
            "parenthesized_expression" => self.parenthesized(node, depth),
            "await" | "type" => self.inner(node, depth).unwrap_or_else(nothing),
            "yield" => {
                self.yields.set(true);
                Expression::Yield(self.inner(node, depth).map(Box::new))
            }
            _ => Expression::Unreadable(self.children(node, depth)),
        }
    }

    /// The first expression below a node.
    fn inner(&self, node: Node, depth: usize) -> Option<Expression> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .find(|child| child.kind() != "comment")
            .map(|child| self.expression(child, depth))
    }

    /// Parentheses around parentheses need no recursion.
    fn parenthesized(&self, node: Node, depth: usize) -> Expression {
        let mut node = node;
        loop {
            let mut cursor = node.walk();
            let child = node
                .named_children(&mut cursor)
                .find(|child| child.kind() != "comment");
            match child {
                Some(child) if child.kind() == "parenthesized_expression" => node = child,
                Some(child) => return self.expression(child, depth),
                None => return nothing(),
            }
        }
    }

    fn integer(&self, node: Node) -> Expression {
        match literal::integer(self.source(node)) {
            Some(Integer::Small(number)) => Expression::Int(number),
            Some(Integer::Big(bytes)) => Expression::BigInt(Rc::from(bytes)),
            None => nothing(),
        }
    }

    // ---- operators ----

    /// `a + b - c`, nested to the left in the grammar.
    fn operation(&self, node: Node, depth: usize) -> Expression {
        let mut rest = Vec::new();
        let mut node = node;
        let first = loop {
            let operator = node
                .child_by_field_name("operator")
                .and_then(|operator_node| operator(self.source(operator_node)));
            if let (Some(operator), Some(right)) = (operator, self.field(node, "right", depth)) {
                rest.push((operator, right));
            }
            match node.child_by_field_name("left") {
                Some(left) if left.kind() == "binary_operator" => node = left,
                Some(left) => break self.expression(left, depth),
                None => break nothing(),
            }
        };
        rest.reverse();
        Expression::Operation(Box::new(first), rest)
    }

    fn logic(&self, node: Node, depth: usize) -> Expression {
        let word = |node: Node| {
            node.child_by_field_name("operator")
                .map(|operator| self.source(operator))
        };
        let which = word(node);
        let mut operands = Vec::new();
        let mut node = node;
        loop {
            operands.extend(self.field(node, "right", depth));
            match node.child_by_field_name("left") {
                Some(left) if left.kind() == "boolean_operator" && word(left) == which => {
                    node = left;
                }
                left => {
                    operands.extend(left.map(|left| self.expression(left, depth)));
                    break;
                }
            }
        }
        operands.reverse();
        Expression::Logic(which == Some("and"), operands)
    }

    fn comparison(&self, node: Node, depth: usize) -> Expression {
        let mut operands = self.children(node, depth).into_iter();
        let Some(first) = operands.next() else {
            return nothing();
        };
        let mut cursor = node.walk();
        let operators = node
            .children_by_field_name("operators", &mut cursor)
            .filter_map(|operator| {
                let words: Vec<&str> = self.source(operator).split_whitespace().collect();
                comparison(&words.join(" "))
            });
        Expression::Compare(Box::new(first), operators.zip(operands).collect())
    }

    fn unary(&self, node: Node, operator: Unary, depth: usize) -> Expression {
        let operand = self.field(node, "argument", depth).unwrap_or_else(nothing);
        Expression::Unary(operator, Box::new(operand))
    }

    fn unary_operator(&self, node: Node, depth: usize) -> Expression {
        let operator = match node.child_by_field_name("operator").map(|o| self.source(o)) {
            Some("-") => Unary::Minus,
            Some("~") => Unary::Invert,
            _ => Unary::Plus,
        };
        self.unary(node, operator, depth)
    }

    fn conditional_expression(&self, node: Node, depth: usize) -> Expression {
        let parts = self.children(node, depth);
        match <[Expression; 3]>::try_from(parts) {
            Ok([then, condition, otherwise]) => {
                Expression::Conditional(Box::new([condition, then, otherwise]))
            }
            Err(parts) => Expression::Unreadable(parts),
        }
    }

    fn walrus(&self, node: Node, depth: usize) -> Expression {
        let value = self.field(node, "value", depth).unwrap_or_else(nothing);
        match node.child_by_field_name("name") {
            Some(name) => Expression::Walrus(self.name(name), Box::new(value)),
            None => value,
        }
    }

    // ---- primaries ----

    /// `a.b(c)[d]`, nested to the left in the grammar.
    fn postfix(&self, node: Node, depth: usize) -> Expression {
        let mut trailers = Vec::new();
        let mut node = node;
        let base = loop {
            let field = match node.kind() {
                "attribute" => {
                    if let Some(name) = node.child_by_field_name("attribute") {
                        trailers.push(Trailer::Attribute(self.name(name)));
                    }
                    "object"
                }
                "call" => {
                    if let Some(list) = node.child_by_field_name("arguments") {
                        trailers.push(Trailer::Call(self.arguments(list, depth)));
                    }
                    "function"
                }
                "subscript" => {
                    trailers.push(self.subscript(node, depth));
                    "value"
                }
                _ => break self.expression(node, depth),
            };
            match node.child_by_field_name(field) {
                Some(inner) => node = inner,
                None => break nothing(),
            }
        };
        trailers.reverse();
        Expression::Postfix(Box::new(base), trailers)
    }

    fn subscript(&self, node: Node, depth: usize) -> Trailer {
        let mut cursor = node.walk();
        let parts: Vec<Node> = node
            .children_by_field_name("subscript", &mut cursor)
            .collect();
        match parts.as_slice() {
            [slice] if slice.kind() == "slice" => self.slice(*slice, depth),
            [index] => Trailer::Index(Box::new(self.expression(*index, depth))),
            several => Trailer::Index(Box::new(Expression::Tuple(
                several
                    .iter()
                    .map(|part| self.expression(*part, depth))
                    .collect(),
            ))),
        }
    }

    fn slice(&self, node: Node, depth: usize) -> Trailer {
        let mut bounds = [None, None, None];
        let mut at = 0;
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            if child.kind() == ":" {
                at += 1;
            } else if child.is_named()
                && let Some(bound) = bounds.get_mut(at)
            {
                *bound = Some(self.expression(child, depth));
            }
        }
        Trailer::Slice(Box::new(bounds))
    }

    /// Arguments of a call or bases of a class.
    pub fn arguments(&self, node: Node, depth: usize) -> Vec<Argument> {
        if self.is_too_deep(depth) {
            return Vec::new();
        }
        if node.kind() == "generator_expression" {
            return vec![Argument::Plain(self.expression(node, depth))];
        }
        let mut arguments = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            arguments.extend(match child.kind() {
                "comment" => None,
                "keyword_argument" => self.keyword_argument(child, depth),
                "list_splat" => self.inner(child, depth + 1).map(Argument::Rest),
                "dictionary_splat" => self.inner(child, depth + 1).map(Argument::RestNamed),
                _ => Some(Argument::Plain(self.expression(child, depth))),
            });
        }
        arguments
    }

    fn keyword_argument(&self, node: Node, depth: usize) -> Option<Argument> {
        let name = self.name(node.child_by_field_name("name")?);
        Some(Argument::Named(name, self.field(node, "value", depth)?))
    }

    fn dictionary(&self, node: Node, depth: usize) -> Expression {
        let mut pairs = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "pair" => {
                    let value = self.field(child, "value", depth).unwrap_or_else(nothing);
                    pairs.push((self.field(child, "key", depth), value));
                }
                "comment" => {}
                _ => pairs.extend(self.inner(child, depth).map(|inner| (None, inner))),
            }
        }
        Expression::Dictionary(pairs)
    }

    fn comprehension(&self, node: Node, depth: usize) -> Expression {
        let Some(body) = node.child_by_field_name("body") else {
            return nothing();
        };
        let pair = body.kind() == "pair";
        let (kind, element, value) = if pair {
            (
                ComprehensionKind::Dictionary,
                self.field(body, "key", depth).unwrap_or_else(nothing),
                self.field(body, "value", depth),
            )
        } else {
            (
                ComprehensionKind::Sequence,
                self.expression(body, depth),
                None,
            )
        };
        let mut clauses = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "for_in_clause" => {
                    if let (Some(target), Some(source)) = (
                        self.field(child, "left", depth),
                        self.field(child, "right", depth),
                    ) {
                        clauses.push(Clause::For(target, source));
                    }
                }
                "if_clause" => clauses.extend(self.inner(child, depth).map(Clause::If)),
                _ => {}
            }
        }
        Expression::Comprehension(Box::new(Comprehension {
            kind,
            element,
            value,
            clauses,
        }))
    }
}
