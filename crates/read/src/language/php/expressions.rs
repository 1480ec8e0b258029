//! Expressions of a tree-sitter-php tree.

use std::rc::Rc;

use tree_sitter::Node;

use super::parse::{Reader, call, nothing};
use super::strings;
use crate::language::script::syntax::{
    Argument, Comparison, Expression, FormatPart, Operator, StatementKind, Trailer, Unary,
};

/// Deepest nesting that a chain of operators of different kinds builds.
const MIXED: usize = 64;

/// The operator written as `text`.
pub fn operator(text: &str) -> Option<Operator> {
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
        "." => Operator::Concatenate,
        _ => return None,
    })
}

fn comparison(text: &str) -> Option<Comparison> {
    Some(match text {
        "==" | "===" => Comparison::Equal,
        "!=" | "!==" | "<>" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterEqual,
        _ => return None,
    })
}

impl Reader<'_> {
    /// Reads an expression.
    pub fn expression(&self, node: Node, depth: usize) -> Expression {
        if self.is_too_deep(depth) {
            return nothing();
        }
        let depth = depth + 1;
        match node.kind() {
            "variable_name" => Expression::Name(self.variable(node)),
            "string" => Expression::Text(Rc::from(strings::single(quoted(self.source(node))))),
            "encapsed_string" => self.interpolated(node, depth, 0),
            "heredoc" | "nowdoc" => self.document(node, depth),
            "integer" | "float" => strings::number(self.source(node)),
            "boolean" => Expression::Bool(self.source(node).eq_ignore_ascii_case("true")),
            "null" => Expression::None,
            "name" | "qualified_name" | "relative_name" => {
                Expression::Name(self.intern(format!("const {}", self.last_name(node))))
            }
            "binary_expression" => self.binary(node, depth),
            "function_call_expression"
            | "member_call_expression"
            | "nullsafe_member_call_expression"
            | "member_access_expression"
            | "nullsafe_member_access_expression"
            | "scoped_call_expression"
            | "scoped_property_access_expression"
            | "class_constant_access_expression"
            | "subscript_expression" => self.primary(node, depth),
            "dynamic_variable_name" => self.dynamic_variable(node, depth),
            "parenthesized_expression"
            | "error_suppression_expression"
            | "clone_expression"
            | "by_ref"
            | "array_element_initializer"
            | "argument" => self.only(node, depth).unwrap_or_else(nothing),
            "assignment_expression" | "reference_assignment_expression" => {
                self.assignment(node, depth)
            }
            "augmented_assignment_expression" => self.augmented(node, depth),
            "unary_op_expression" => self.unary(node, depth),
            "update_expression" => self.update(node, depth),
            "cast_expression" => self.cast(node, depth),
            "conditional_expression" => self.conditional_expression(node, depth),
            "match_expression" => self.match_expression(node, depth).unwrap_or_else(nothing),
            "array_creation_expression" | "list_literal" => self.array(node, depth),
            "anonymous_function" | "arrow_function" => self.closure(node, depth),
            "object_creation_expression" => self.creation(node, depth),
            "print_intrinsic" => call("echo()", self.children(node, depth)),
            "include_expression"
            | "include_once_expression"
            | "require_expression"
            | "require_once_expression" => call("include()", self.children(node, depth)),
            "shell_command_expression" => {
                let command = self.interpolated(node, depth, 0);
                call("shell_exec()", vec![command])
            }
            "yield_expression" => Expression::Yield(self.only(node, depth).map(Box::new)),
            "variadic_unpacking" => {
                Expression::Starred(Box::new(self.only(node, depth).unwrap_or_else(nothing)))
            }
            _ => Expression::Unreadable(self.children(node, depth)),
        }
    }

    // ---- texts ----

    /// A text with values in it. Between these, all of its source is text.
    fn interpolated(&self, node: Node, depth: usize, blanks: usize) -> Expression {
        let is_quoted = node.kind() != "heredoc_body";
        let mut parts = Vec::new();
        let mut raw = String::new();
        let flush = |raw: &mut String, parts: &mut Vec<FormatPart>| {
            if raw.is_empty() {
                return;
            }
            let plain = strings::unindented(raw, blanks, parts.is_empty());
            let text = strings::double(&plain, is_quoted);
            parts.push(FormatPart::Text(Rc::from(text)));
            raw.clear();
        };
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "string_content" | "escape_sequence" => raw.push_str(self.source(child)),
                _ if child.is_named() && child.kind() != "comment" => {
                    flush(&mut raw, &mut parts);
                    let value = self.expression(child, depth);
                    parts.push(FormatPart::Field(value, None, String::new()));
                }
                _ => {}
            }
        }
        flush(&mut raw, &mut parts);
        match parts.as_slice() {
            [] => Expression::Text(Rc::from("")),
            [FormatPart::Text(text)] => Expression::Text(text.clone()),
            _ => Expression::Format(parts),
        }
    }

    fn document(&self, node: Node, depth: usize) -> Expression {
        let blanks = node
            .child_by_field_name("end_tag")
            .map_or(0, |end| end.start_position().column);
        let Some(body) = node.child_by_field_name("value") else {
            return Expression::Text(Rc::from(""));
        };
        if node.kind() == "nowdoc" {
            let text = self.source(body);
            let text = text.strip_prefix('\n').unwrap_or(text);
            return Expression::Text(Rc::from(strings::unindented(text, blanks, true)));
        }
        self.interpolated(body, depth, blanks)
    }

    // ---- operators ----

    /// A chain of operators, nested to the left in the grammar.
    fn binary(&self, node: Node, depth: usize) -> Expression {
        let mut chain = Vec::new();
        let mut first = node;
        while first.kind() == "binary_expression" {
            let operator = first.child_by_field_name("operator");
            let operator = operator.map_or("", |operator| self.source(operator));
            chain.push((operator, first.child_by_field_name("right")));
            let Some(left) = first.child_by_field_name("left") else {
                return Expression::Unreadable(self.children(first, depth));
            };
            first = left;
        }
        let mut whole = self.expression(first, depth);
        let mut nested = 0;
        for (text, right) in chain.into_iter().rev() {
            let right = right.map_or_else(nothing, |right| self.expression(right, depth));
            let before = std::mem::discriminant(&whole);
            whole = joined(whole, text, right);
            if std::mem::discriminant(&whole) != before {
                nested += 1;
            }
            if nested > MIXED {
                self.is_too_deep(usize::MAX);
                return nothing();
            }
        }
        whole
    }

    fn unary(&self, node: Node, depth: usize) -> Expression {
        let sign = node
            .child_by_field_name("operator")
            .map_or("", |operator| self.source(operator));
        let operand = match node.child_by_field_name("argument") {
            Some(operand) => self.expression(operand, depth),
            None => self.only(node, depth).unwrap_or_else(nothing),
        };
        let operator = match sign {
            "!" => Unary::Not,
            "~" => return call("#invert()", vec![operand]),
            "-" => return call("#negative()", vec![operand]),
            _ => return call("#number()", vec![operand]),
        };
        Expression::Unary(operator, Box::new(operand))
    }

    /// `$a++`, `--$a`.
    fn update(&self, node: Node, depth: usize) -> Expression {
        let Some(target) = node.child_by_field_name("argument") else {
            return nothing();
        };
        let operator = node.child_by_field_name("operator");
        let function = match operator.map(|operator| self.source(operator)) {
            Some("--") => "#decrement()",
            _ => "#increment()",
        };
        let stepped = call(function, vec![self.expression(target, depth)]);
        let place = self.expression(target, depth);
        let assigned = Expression::Assign(Box::new(place), Box::new(stepped));
        if operator.is_some_and(|operator| operator.start_byte() < target.start_byte()) {
            return assigned;
        }
        call("#first()", vec![self.expression(target, depth), assigned])
    }

    fn cast(&self, node: Node, depth: usize) -> Expression {
        let kind = node
            .child_by_field_name("type")
            .map_or("", |kind| self.source(kind));
        let value = self.field(node, "value", depth).unwrap_or_else(nothing);
        match kind.to_ascii_lowercase().as_str() {
            "int" | "integer" => call("intval()", vec![value]),
            "float" | "double" | "real" => call("floatval()", vec![value]),
            "bool" | "boolean" => call("boolval()", vec![value]),
            "string" | "binary" => call("strval()", vec![value]),
            "array" => call("#array()", vec![value]),
            _ => value,
        }
    }

    fn conditional_expression(&self, node: Node, depth: usize) -> Expression {
        let part = |name| self.field(node, name, depth);
        let condition = part("condition").unwrap_or_else(nothing);
        let otherwise = part("alternative").unwrap_or_else(nothing);
        match part("body") {
            Some(then) => Expression::Conditional(Box::new([condition, then, otherwise])),
            None => Expression::Logic(false, vec![condition, otherwise]),
        }
    }

    /// `match`: a chain of conditions, whose value is held under a name.
    fn match_expression(&self, node: Node, depth: usize) -> Option<Expression> {
        let subject = self.field(node, "condition", depth)?;
        let name =
            |what: &str| Expression::Name(self.intern(format!("#{what}{}", node.start_byte())));
        let give = |value: Expression| {
            let kind = StatementKind::Assign(vec![name("match")], value);
            vec![self.statement_at(node, kind)]
        };
        let body = node.child_by_field_name("body")?;
        let (mut branches, mut otherwise) = (Vec::new(), Vec::new());
        let mut cursor = body.walk();
        for arm in body.named_children(&mut cursor) {
            let Some(value) = self.field(arm, "return_expression", depth) else {
                continue;
            };
            let Some(list) = arm.child_by_field_name("conditional_expressions") else {
                otherwise = give(value);
                continue;
            };
            let tests = self.children(list, depth).into_iter().map(|test| {
                Expression::Compare(Box::new(name("subject")), vec![(Comparison::Equal, test)])
            });
            branches.push((Expression::Logic(false, tests.collect()), give(value)));
        }
        let set = StatementKind::Assign(vec![name("subject")], subject);
        let value = StatementKind::Expression(name("match"));
        Some(Expression::Block(vec![
            self.statement_at(node, set),
            self.statement_at(node, StatementKind::If(branches, otherwise)),
            self.statement_at(node, value),
        ]))
    }

    // ---- assignments ----

    fn assignment(&self, node: Node, depth: usize) -> Expression {
        let Some(left) = node.child_by_field_name("left") else {
            return nothing();
        };
        let right = self.field(node, "right", depth).unwrap_or_else(nothing);
        if !matches!(left.kind(), "list_literal" | "array_creation_expression") {
            let target = self.expression(left, depth);
            return Expression::Assign(Box::new(target), Box::new(right));
        }
        let held = self.intern(format!("#list{}", left.start_byte()));
        let hold = StatementKind::Assign(vec![Expression::Name(held.clone())], right);
        let mut block = vec![self.statement_at(node, hold)];
        for (key, target) in self.list_targets(left) {
            let Some(target) = target else {
                continue;
            };
            let key = match key {
                Ok(key) => self.expression(key, depth),
                Err(at) => Expression::Int(at),
            };
            let item = Expression::Postfix(
                Box::new(Expression::Name(held.clone())),
                vec![Trailer::Index(Box::new(key))],
            );
            let target = self.expression(target, depth);
            let kind = StatementKind::Assign(vec![target], item);
            block.push(self.statement_at(node, kind));
        }
        block.push(self.statement_at(node, StatementKind::Expression(Expression::Name(held))));
        Expression::Block(block)
    }

    /// The targets in `list(…)` or `[…]`, with their keys or positions.
    pub fn list_targets<'n>(
        &self,
        node: Node<'n>,
    ) -> Vec<(Result<Node<'n>, i128>, Option<Node<'n>>)> {
        let mut all = Vec::new();
        let mut at = 0;
        let mut key = None;
        let mut target = None;
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "," | "]" | ")" => {
                    all.push((key.take().ok_or(at), target.take()));
                    at += 1;
                }
                "=>" => key = target.take(),
                "array_element_initializer" => {
                    let last = child.named_child_count().saturating_sub(1);
                    if last > 0 {
                        key = child.named_child(0);
                    }
                    target = u32::try_from(last)
                        .ok()
                        .and_then(|last| child.named_child(last));
                }
                _ if child.is_named() && child.kind() != "comment" => target = Some(child),
                _ => {}
            }
        }
        all
    }

    fn augmented(&self, node: Node, depth: usize) -> Expression {
        let parts = (
            node.child_by_field_name("left"),
            self.field(node, "right", depth),
        );
        let (Some(left), Some(right)) = parts else {
            return nothing();
        };
        let (old, target) = (self.expression(left, depth), self.expression(left, depth));
        let value = match self.augmenting(node) {
            Some(operator) => Expression::Operation(Box::new(old), vec![(operator, right)]),
            None => Expression::Logic(false, vec![old, right]),
        };
        Expression::Assign(Box::new(target), Box::new(value))
    }

    // ---- arrays ----

    fn array(&self, node: Node, depth: usize) -> Expression {
        let mut entries = Vec::new();
        let mut is_list = true;
        let mut cursor = node.walk();
        for element in node.named_children(&mut cursor) {
            let first = element.named_child(0);
            match (element.kind(), first, element.named_child(1)) {
                ("array_element_initializer", Some(key), Some(value)) => {
                    is_list = false;
                    entries.push(Argument::RestNamed(Expression::Tuple(vec![
                        self.expression(key, depth),
                        self.expression(value, depth),
                    ])));
                }
                ("comment", ..) => {}
                (_, Some(inner), None) if inner.kind() == "variadic_unpacking" => {
                    let all = self.only(inner, depth).unwrap_or_else(nothing);
                    entries.push(Argument::Rest(call("#values()", vec![all])));
                }
                _ => entries.push(Argument::Plain(self.expression(element, depth))),
            }
        }
        let plain = |argument| match argument {
            Argument::Plain(value) => Argument::Plain(value),
            Argument::RestNamed(pair) => Argument::Plain(pair),
            other => other,
        };
        if is_list {
            let base = Expression::Name(Rc::from("#items()"));
            return Expression::Postfix(Box::new(base), vec![Trailer::Call(entries)]);
        }
        // Items without a key among others get the next number: as a pair without one.
        let entries = entries.into_iter().map(|entry| match entry {
            Argument::Plain(value) => Argument::Plain(Expression::Tuple(vec![value])),
            other => plain(other),
        });
        let base = Expression::Name(Rc::from("#entries()"));
        Expression::Postfix(Box::new(base), vec![Trailer::Call(entries.collect())])
    }
}

/// The text between quotes.
fn quoted(source: &str) -> &str {
    let source = source.trim_start_matches(['b', 'B']);
    let inner = source.strip_prefix('\'').unwrap_or(source);
    inner.strip_suffix('\'').unwrap_or(inner)
}

/// `left operator right`, in one chain with what is left where that has the same kind.
fn joined(left: Expression, text: &str, right: Expression) -> Expression {
    if let Some(operator) = operator(text) {
        return match left {
            Expression::Operation(first, mut rest) => {
                rest.push((operator, right));
                Expression::Operation(first, rest)
            }
            left => Expression::Operation(Box::new(left), vec![(operator, right)]),
        };
    }
    if let Some(comparison) = comparison(text) {
        return Expression::Compare(Box::new(left), vec![(comparison, right)]);
    }
    let and = match text.to_ascii_lowercase().as_str() {
        "&&" | "and" => true,
        "||" | "or" | "??" => false,
        "|>" => return call("#call()", vec![right, left]),
        _ => return Expression::Unreadable(vec![left, right]),
    };
    match left {
        Expression::Logic(own, mut operands) if own == and => {
            operands.push(right);
            Expression::Logic(and, operands)
        }
        left => Expression::Logic(and, vec![left, right]),
    }
}
