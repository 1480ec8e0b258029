//! A tree-sitter-lua tree.
//!
//! Source: the grammar of tree-sitter-lua 0.5; The Lua 5.4 Reference Manual, chapter 3; of 5.1 and
//! LuaJIT what differs.

use std::rc::Rc;

use model::Language;
use tree_sitter::Node;

use super::literals;
use crate::language::script::syntax::{
    Argument, Block, Comparison, Expression, FunctionSyntax, Loop, Module, Name, Operator,
    Parameter, ParameterKind, StatementKind, Trailer, Unary,
};
use crate::language::script::tree::{self, Source, children};

/// Parses a text.
pub fn module(text: &str) -> Module {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source::new(text);
    let Some(tree) = tree::parse(&tree_sitter_lua::LANGUAGE.into(), text) else {
        return Module {
            body: Vec::new(),
            text: source.text,
            damage: tree::unparsed(Language::Lua),
        };
    };
    let reader = Reader { source };
    let mut body = reader.block(tree.root_node(), 0);
    // `load("return x")()`: what a chunk returns is its value.
    if let Some(last) = body.last_mut()
        && let StatementKind::Return(Some(value)) = &mut last.kind
    {
        let value = std::mem::replace(value, nothing());
        last.kind = StatementKind::Expression(value);
    }
    Module {
        body,
        text: reader.source.text.clone(),
        damage: reader.source.damage(Language::Lua),
    }
}

/// What is not there, or too deep.
const fn nothing() -> Expression {
    Expression::Unreadable(Vec::new())
}

fn operator(text: &str) -> Option<Operator> {
    Some(match text {
        "+" => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" => Operator::Divide,
        "//" => Operator::FloorDivide,
        "%" => Operator::Modulo,
        "^" => Operator::Power,
        "|" => Operator::Or,
        "&" => Operator::And,
        "~" => Operator::Xor,
        "<<" => Operator::ShiftLeft,
        ">>" => Operator::ShiftRight,
        ".." => Operator::Concatenate,
        _ => return None,
    })
}

fn comparison(text: &str) -> Option<Comparison> {
    Some(match text {
        "==" => Comparison::Equal,
        "~=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterEqual,
        _ => return None,
    })
}

/// Reads a tree.
struct Reader {
    source: Source,
}

impl Reader {
    /// The statements below a node, functions of their own name first.
    fn block(&self, node: Node, depth: usize) -> Block {
        let mut block = Vec::new();
        if self.source.is_too_deep(depth) {
            return block;
        }
        for child in children(node) {
            if let Some(kind) = self.statement(child, depth + 1) {
                block.push(self.source.statement(child, kind));
            }
        }
        block
    }

    fn body(&self, node: Node, field: &str, depth: usize) -> Block {
        node.child_by_field_name(field)
            .map(|body| self.block(body, depth))
            .unwrap_or_default()
    }

    fn field(&self, node: Node, field: &str, depth: usize) -> Expression {
        node.child_by_field_name(field)
            .map_or_else(nothing, |child| self.expression(child, depth))
    }

    fn statement(&self, node: Node, depth: usize) -> Option<StatementKind> {
        Some(match node.kind() {
            "assignment_statement" => {
                let (targets, value) = self.assignment(node, depth)?;
                StatementKind::Assign(vec![targets], value)
            }
            "variable_declaration" => self.local(node, depth)?,
            "function_declaration" => self.declared(node, depth)?,
            "if_statement" => self.conditional(node, depth),
            "while_statement" => StatementKind::While(
                self.field(node, "condition", depth),
                self.body(node, "body", depth),
                Vec::new(),
            ),
            "repeat_statement" => {
                let condition = self.field(node, "condition", depth);
                StatementKind::Loop(Box::new(Loop {
                    condition: Expression::Unary(Unary::Not, Box::new(condition)),
                    body: self.body(node, "body", depth),
                    update: Vec::new(),
                    asks_after: true,
                }))
            }
            "for_statement" => self.for_statement(node, depth)?,
            "do_statement" => StatementKind::Unreadable(self.body(node, "body", depth)),
            "ERROR" | "block" => StatementKind::Unreadable(self.block(node, depth)),
            "return_statement" => {
                let list = children(node).first().copied();
                let mut values = list.map(|list| self.list(list, depth)).unwrap_or_default();
                StatementKind::Return(match values.len() {
                    0 | 1 => values.pop(),
                    _ => Some(Expression::Tuple(values)),
                })
            }
            "break_statement" => StatementKind::Break,
            "goto_statement" | "label_statement" | "empty_statement" | "hash_bang_line"
            | "comment" => return None,
            _ => StatementKind::Expression(self.expression(node, depth)),
        })
    }

    /// The expressions of a list.
    fn list(&self, node: Node, depth: usize) -> Vec<Expression> {
        let parts = children(node).into_iter();
        parts
            .filter(|part| part.kind() != "attribute")
            .map(|part| self.expression(part, depth))
            .collect()
    }

    /// Targets and value of `a, b = c, d`.
    fn assignment(&self, node: Node, depth: usize) -> Option<(Expression, Expression)> {
        let parts = children(node);
        let mut targets = self.list(*parts.first()?, depth);
        let mut values = parts
            .get(1)
            .map(|list| self.list(*list, depth))
            .unwrap_or_default();
        let target = match targets.len() {
            1 => targets.pop()?,
            _ => Expression::Tuple(targets),
        };
        let value = match (&target, values.len()) {
            (Expression::Tuple(targets), 1) => {
                let count = i128::try_from(targets.len()).ok()?;
                self.applied("@many", vec![values.pop()?, Expression::Int(count)])
            }
            (_, 1) => values.pop()?,
            (Expression::Tuple(_), _) => Expression::Tuple(values),
            _ => values.into_iter().next()?,
        };
        Some((target, value))
    }

    fn local(&self, node: Node, depth: usize) -> Option<StatementKind> {
        let inner = children(node).first().copied()?;
        if inner.kind() == "assignment_statement" {
            let (target, value) = self.assignment(inner, depth)?;
            return Some(StatementKind::Local(vec![target], value));
        }
        let names = children(inner)
            .into_iter()
            .filter(|name| name.kind() == "identifier");
        Some(StatementKind::Declare(
            names.map(|name| self.source.name(name)).collect(),
        ))
    }

    /// `function a.b:c(…)`, `local function d(…)`.
    fn declared(&self, node: Node, depth: usize) -> Option<StatementKind> {
        let name = node.child_by_field_name("name")?;
        let is_method = name.kind() == "method_index_expression";
        let function = self.function(node, is_method, depth);
        if name.kind() == "identifier" {
            let is_local = self.source.of(node).starts_with("local");
            let syntax = Rc::new(FunctionSyntax {
                name: self.source.name(name),
                ..Rc::try_unwrap(function).ok()?
            });
            return Some(match is_local {
                true => StatementKind::Function(syntax, Vec::new()),
                false => StatementKind::Assign(
                    vec![Expression::Name(self.source.name(name))],
                    Expression::Lambda(syntax),
                ),
            });
        }
        let target = self.expression(name, depth);
        Some(StatementKind::Assign(
            vec![target],
            Expression::Lambda(function),
        ))
    }

    fn function(&self, node: Node, is_method: bool, depth: usize) -> Rc<FunctionSyntax> {
        let plain = |name: Name, kind| Parameter {
            name,
            kind,
            default: None,
        };
        let mut parameters = Vec::new();
        if is_method {
            parameters.push(plain(self.source.intern("self"), ParameterKind::Plain));
        }
        let list = node.child_by_field_name("parameters").map(children);
        for parameter in list.unwrap_or_default() {
            parameters.push(match parameter.kind() {
                "vararg_expression" => plain(self.source.intern("..."), ParameterKind::Rest),
                _ => plain(self.source.name(parameter), ParameterKind::Plain),
            });
        }
        Rc::new(FunctionSyntax {
            name: self.source.intern("function"),
            parameters,
            body: match self.source.is_too_deep(depth) {
                true => Vec::new(),
                false => self.body(node, "body", depth + 1),
            },
            generator: false,
            text: self.source.text.clone(),
        })
    }

    fn conditional(&self, node: Node, depth: usize) -> StatementKind {
        let branch = |node: Node| {
            (
                self.field(node, "condition", depth),
                self.body(node, "consequence", depth),
            )
        };
        let mut branches = vec![branch(node)];
        let mut otherwise = Vec::new();
        for child in children(node) {
            match child.kind() {
                "elseif_statement" => branches.push(branch(child)),
                "else_statement" => otherwise = self.body(child, "body", depth),
                _ => {}
            }
        }
        StatementKind::If(branches, otherwise)
    }

    /// `for i = a, b, c do`, `for k, v in pairs(t) do`.
    fn for_statement(&self, node: Node, depth: usize) -> Option<StatementKind> {
        let clause = node.child_by_field_name("clause")?;
        let body = self.body(node, "body", depth);
        let (target, iterable) = if clause.kind() == "for_numeric_clause" {
            let mut bounds = vec![
                self.field(clause, "start", depth),
                self.field(clause, "end", depth),
            ];
            if clause.child_by_field_name("step").is_some() {
                bounds.push(self.field(clause, "step", depth));
            }
            let name = self.source.name(clause.child_by_field_name("name")?);
            (Expression::Name(name), self.applied("@range", bounds))
        } else {
            let parts = children(clause);
            let mut names = self.list(*parts.first()?, depth);
            let values = self.list(*parts.get(1)?, depth);
            let target = match names.len() {
                1 => {
                    names.push(Expression::Name(self.source.intern("@")));
                    Expression::Tuple(names)
                }
                _ => Expression::Tuple(names),
            };
            (target, self.applied("@walk", values))
        };
        Some(StatementKind::For(target, iterable, body, Vec::new()))
    }

    /// A call of a function of this front-end.
    fn applied(&self, function: &str, arguments: Vec<Expression>) -> Expression {
        let arguments = arguments.into_iter().map(Argument::Plain).collect();
        Expression::Postfix(
            Box::new(Expression::Name(self.source.intern(function))),
            vec![Trailer::Call(arguments)],
        )
    }

    fn expression(&self, node: Node, depth: usize) -> Expression {
        if self.source.is_too_deep(depth) {
            return nothing();
        }
        let depth = depth + 1;
        match node.kind() {
            "identifier" => Expression::Name(self.source.name(node)),
            "vararg_expression" => Expression::Name(self.source.intern("...")),
            "nil" => Expression::None,
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            "number" => literals::number(self.source.of(node)),
            "string" => {
                Expression::Text(self.source.intern(&literals::string(self.source.of(node))))
            }
            "dot_index_expression"
            | "bracket_index_expression"
            | "method_index_expression"
            | "function_call" => self.postfix(node, depth),
            "function_definition" => Expression::Lambda(self.function(node, false, depth)),
            "table_constructor" => self.table(node, depth),
            "binary_expression" => self.binary(node, depth),
            "unary_expression" => self.unary(node, depth),
            "parenthesized_expression" => children(node)
                .first()
                .map_or_else(nothing, |inner| self.expression(*inner, depth)),
            _ => Expression::Unreadable(self.list(node, depth)),
        }
    }

    /// `a.b:c(d)[e]`, nested to the left in the grammar.
    fn postfix(&self, node: Node, depth: usize) -> Expression {
        let mut trailers = Vec::new();
        let mut node = node;
        let base = loop {
            let field = match node.kind() {
                "dot_index_expression" => {
                    if let Some(name) = node.child_by_field_name("field") {
                        let name = Expression::Text(self.source.name(name));
                        trailers.push(Trailer::Index(Box::new(name)));
                    }
                    "table"
                }
                "bracket_index_expression" => {
                    let index = self.field(node, "field", depth);
                    trailers.push(Trailer::Index(Box::new(index)));
                    "table"
                }
                // Only methods are called by an attribute.
                "method_index_expression" => {
                    if let Some(name) = node.child_by_field_name("method") {
                        trailers.push(Trailer::Attribute(self.source.name(name)));
                    }
                    "table"
                }
                "function_call" => {
                    let list = node.child_by_field_name("arguments");
                    let arguments = list.map(|list| match list.kind() {
                        "arguments" => self.arguments(list, depth),
                        _ => vec![Argument::Plain(self.expression(list, depth))],
                    });
                    trailers.push(Trailer::Call(arguments.unwrap_or_default()));
                    "name"
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

    fn arguments(&self, node: Node, depth: usize) -> Vec<Argument> {
        let parts = children(node).into_iter();
        let argument = |part: Node| match part.kind() {
            "vararg_expression" => Argument::Rest(self.expression(part, depth)),
            _ => Argument::Plain(self.expression(part, depth)),
        };
        parts.map(argument).collect()
    }

    /// `{1, 2, a = 3, [b] = 4}`: items alone make a list, which counts from 1.
    fn table(&self, node: Node, depth: usize) -> Expression {
        let mut pairs = Vec::new();
        let mut items = Vec::new();
        for field in children(node) {
            let value = self.field(field, "value", depth);
            match field.child_by_field_name("name") {
                None => items.push(match field.named_child(0).map(|value| value.kind()) {
                    Some("vararg_expression") => Expression::Starred(Box::new(value)),
                    _ => value,
                }),
                Some(name) => {
                    let is_bracket = field.child(0).is_some_and(|first| first.kind() == "[");
                    let key = match is_bracket {
                        true => self.expression(name, depth),
                        false => Expression::Text(self.source.name(name)),
                    };
                    pairs.push((Some(key), value));
                }
            }
        }
        // An empty table may become anything.
        if pairs.is_empty() && !items.is_empty() {
            return Expression::List(items);
        }
        for (at, item) in (1..).zip(items) {
            pairs.push((Some(Expression::Int(at)), item));
        }
        Expression::Dictionary(pairs)
    }

    fn binary(&self, node: Node, depth: usize) -> Expression {
        let word = |node: Node| {
            let operator = node.child_by_field_name("operator");
            operator.map_or("", |operator| self.source.of(operator))
        };
        let sign = word(node);
        let (left, right) = (
            node.child_by_field_name("left"),
            node.child_by_field_name("right"),
        );
        if matches!(sign, "and" | "or") {
            let operands = vec![
                self.field(node, "left", depth),
                self.field(node, "right", depth),
            ];
            return Expression::Logic(sign == "and", operands);
        }
        if let Some(comparison) = comparison(sign) {
            let first = self.field(node, "left", depth);
            let rest = vec![(comparison, self.field(node, "right", depth))];
            return Expression::Compare(Box::new(first), rest);
        }
        let Some(own) = operator(sign) else {
            return Expression::Unreadable(self.list(node, depth));
        };
        // `a .. b .. c` is nested to the right, everything else to the left.
        let mut rest = Vec::new();
        if own == Operator::Concatenate {
            let mut node = right;
            while let Some(inner) = node {
                if inner.kind() != "binary_expression" || word(inner) != sign {
                    rest.push((own, self.expression(inner, depth)));
                    break;
                }
                rest.push((own, self.field(inner, "left", depth)));
                node = inner.child_by_field_name("right");
            }
            return Expression::Operation(Box::new(self.field_or(left, depth)), rest);
        }
        let mut node = node;
        let first = loop {
            if let Some(operator) = operator(word(node)) {
                rest.push((operator, self.field(node, "right", depth)));
            }
            match node.child_by_field_name("left") {
                Some(left)
                    if left.kind() == "binary_expression"
                        && operator(word(left)).is_some_and(|o| o != Operator::Concatenate) =>
                {
                    node = left;
                }
                left => break self.field_or(left, depth),
            }
        };
        rest.reverse();
        Expression::Operation(Box::new(first), rest)
    }

    fn field_or(&self, node: Option<Node>, depth: usize) -> Expression {
        node.map_or_else(nothing, |node| self.expression(node, depth))
    }

    fn unary(&self, node: Node, depth: usize) -> Expression {
        let operand = self.field(node, "operand", depth);
        let sign = node.child_by_field_name("operator");
        let unary = match sign.map_or("", |sign| self.source.of(sign)) {
            "not" => Unary::Not,
            "-" => Unary::Minus,
            "~" => Unary::Invert,
            _ => return self.applied("@length", vec![operand]),
        };
        Expression::Unary(unary, Box::new(operand))
    }
}
