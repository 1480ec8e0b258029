//! Loops, branches and jumps of PHP in terms of the shared syntax.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use tree_sitter::Node;

use super::parse::{Reader, call, nothing};
use crate::language::script::syntax::{Block, Expression, Loop, StatementKind, Trailer};

/// Statements in the order in which `goto` has them run: obfuscators shuffle them and chain them up
/// again. What nothing jumps to follows at the end.
pub fn in_order<'n>(reader: &Reader, nodes: Vec<Node<'n>>) -> Vec<Node<'n>> {
    if !nodes.iter().any(|node| node.kind() == "goto_statement") {
        return nodes;
    }
    let label_of = |node: &Node| node.named_child(0).map(|name| reader.source(name));
    let labels: HashMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.kind() == "named_label_statement")
        .filter_map(|(at, node)| Some((label_of(node)?, at)))
        .collect();
    let mut seen = HashSet::new();
    let mut ordered = Vec::with_capacity(nodes.len());
    let mut starts = (0..nodes.len()).rev().collect::<Vec<_>>();
    while let Some(start) = starts.pop() {
        let mut at = start;
        while let Some(node) = nodes.get(at) {
            if !seen.insert(at) {
                break;
            }
            let target = match node.kind() {
                "goto_statement" => label_of(node).and_then(|label| labels.get(label)),
                _ => None,
            };
            ordered.push(*node);
            at = target.copied().unwrap_or(at + 1);
        }
    }
    ordered
}

/// `do … while (condition)`.
pub fn do_while(reader: &Reader, node: Node, depth: usize) -> StatementKind {
    StatementKind::Loop(Box::new(Loop {
        condition: reader
            .field(node, "condition", depth)
            .unwrap_or_else(nothing),
        body: reader.field_block(node, "body", depth),
        update: Vec::new(),
        asks_after: true,
    }))
}

/// `for (first; condition; step)`; of several conditions, the last decides.
pub fn for_loop(reader: &Reader, node: Node, depth: usize) -> StatementKind {
    let parts = |field: &str| -> Block {
        let mut cursor = node.walk();
        let found: Vec<Node> = node.children_by_field_name(field, &mut cursor).collect();
        let all = found.into_iter().flat_map(|part| match part.kind() {
            "sequence_expression" => reader.children(part, depth),
            "," => Vec::new(),
            _ => vec![reader.expression(part, depth)],
        });
        all.map(|part| reader.statement_at(node, StatementKind::Expression(part)))
            .collect()
    };
    let mut cursor = node.walk();
    let bodies: Vec<Node> = node.children_by_field_name("body", &mut cursor).collect();
    let condition = parts("condition");
    let mut all = parts("initialize");
    let turns = StatementKind::Loop(Box::new(Loop {
        condition: match condition.is_empty() {
            true => Expression::Bool(true),
            false => Expression::Block(condition),
        },
        body: bodies
            .iter()
            .flat_map(|body| reader.body(*body, depth))
            .collect(),
        update: parts("update"),
        asks_after: false,
    }));
    all.push(reader.statement_at(node, turns));
    StatementKind::Unreadable(all)
}

/// `foreach (iterable as key => value)`.
pub fn foreach(reader: &Reader, node: Node, depth: usize) -> Option<StatementKind> {
    let mut cursor = node.walk();
    let parts: Vec<Node> = node
        .named_children(&mut cursor)
        .filter(|child| !matches!(child.kind(), "comment"))
        .collect();
    let (iterable, target) = (parts.first()?, parts.get(1)?);
    let (key, value) = match target.kind() {
        "pair" => (target.named_child(0), target.named_child(1)?),
        _ => (None, *target),
    };
    let by_reference = value.kind() == "by_ref";
    let value = match by_reference {
        true => value.named_child(0)?,
        false => value,
    };
    let mut body = reader.field_block(node, "body", depth);
    let mut iterated = reader.expression(*iterable, depth);
    let target_of = |node: Node| match node.kind() {
        "list_literal" | "array_creation_expression" => Expression::Tuple(
            reader
                .list_targets(node)
                .into_iter()
                .map(|(_, target)| target.map_or_else(nothing, |t| reader.expression(t, depth)))
                .collect(),
        ),
        _ => reader.expression(node, depth),
    };
    let bound = target_of(value);
    if key.is_none() && !by_reference {
        let all = call("#values()", vec![iterated]);
        return Some(StatementKind::For(bound, all, body, Vec::new()));
    }
    let key_name = reader.intern(format!("#key{}", node.start_byte()));
    let key = match key {
        Some(key) => reader.expression(key, depth),
        None => Expression::Name(key_name),
    };
    let mut all = Vec::new();
    if by_reference {
        let array = Expression::Name(reader.intern(format!("#array{}", node.start_byte())));
        all.push(reader.statement_at(
            node,
            StatementKind::Assign(vec![reader.same(&array)], iterated),
        ));
        let place = Expression::Postfix(
            Box::new(reader.same(&array)),
            vec![Trailer::Index(Box::new(reader.same(&key)))],
        );
        let kind = StatementKind::Assign(vec![place], reader.same(&bound));
        body.push(reader.statement_at(node, kind));
        iterated = array;
    }
    let target = Expression::Tuple(vec![key, bound]);
    let pairs = call("#pairs()", vec![iterated]);
    let turns = StatementKind::For(target, pairs, body, Vec::new());
    all.push(reader.statement_at(node, turns));
    Some(StatementKind::Unreadable(all))
}

/// `switch`.
pub fn switch(reader: &Reader, node: Node, depth: usize) -> Option<StatementKind> {
    let subject = reader.field(node, "condition", depth)?;
    let block = node.child_by_field_name("body")?;
    let mut cursor = block.walk();
    let cases = block
        .named_children(&mut cursor)
        .filter(|child| matches!(child.kind(), "case_statement" | "default_statement"))
        .map(|case| {
            let value = case.child_by_field_name("value");
            let value_id = value.map(|value| value.id());
            let mut inner = case.walk();
            let nodes: Vec<Node> = case
                .named_children(&mut inner)
                .filter(|child| Some(child.id()) != value_id && child.kind() != "comment")
                .collect();
            let value = value.map(|value| reader.expression(value, depth));
            (value, reader.statements(&nodes, depth))
        })
        .collect();
    Some(StatementKind::Switch(subject, cases))
}

impl Reader<'_> {
    /// A name once more; what is no name cannot be had twice.
    fn same(&self, expression: &Expression) -> Expression {
        match expression {
            Expression::Name(name) => Expression::Name(Rc::clone(name)),
            _ => nothing(),
        }
    }
}
