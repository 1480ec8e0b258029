//! Loops, branches and jumps of PHP in terms of the shared syntax.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use tree_sitter::Node;

use super::parse::{Reader, call, nothing};
use crate::language::script::syntax::{
    Block, Comparison, Expression, StatementKind, Trailer, Unary,
};

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

/// `do … while (condition)`: a loop that is left at its end.
pub fn do_while(reader: &Reader, node: Node, depth: usize) -> StatementKind {
    let mut body = reader.field_block(node, "body", depth);
    let condition = reader
        .field(node, "condition", depth)
        .unwrap_or_else(nothing);
    let leaves = Expression::Unary(Unary::Not, Box::new(condition));
    let stop = vec![reader.statement_at(node, StatementKind::Break)];
    let branch = StatementKind::If(vec![(leaves, stop)], Vec::new());
    body.push(reader.statement_at(node, branch));
    StatementKind::While(Expression::Bool(true), body, Vec::new())
}

/// `for (first; condition; step)`. Where the body goes on early, the step stands in front of the
/// condition of every turn but the first.
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
    let mut body: Block = bodies
        .iter()
        .flat_map(|body| reader.body(*body, depth))
        .collect();
    let goes_on = bodies
        .iter()
        .any(|body| reader.source(*body).contains("continue"));
    let mut condition = parts("condition");
    let step = parts("update");
    let mut all = parts("initialize");
    if condition.is_empty() {
        let always = StatementKind::Expression(Expression::Bool(true));
        condition.push(reader.statement_at(node, always));
    }
    if goes_on {
        let first = reader.intern(format!("#first{}", node.start_byte()));
        let set = |truth: bool| {
            let name = Expression::Name(first.clone());
            let kind = StatementKind::Assign(vec![name], Expression::Bool(truth));
            reader.statement_at(node, kind)
        };
        all.push(set(true));
        let test = (Expression::Name(first.clone()), vec![set(false)]);
        condition.insert(
            0,
            reader.statement_at(node, StatementKind::If(vec![test], step)),
        );
    } else {
        body.extend(step);
    }
    let turns = StatementKind::While(Expression::Block(condition), body, Vec::new());
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

/// `switch`: a chain of conditions. A case without statements shares the next one's; one that runs
/// into the next is followed by it.
pub fn switch(reader: &Reader, node: Node, depth: usize) -> Option<StatementKind> {
    let subject = reader.field(node, "condition", depth)?;
    let held = reader.intern(format!("#switch{}", node.start_byte()));
    let block = node.child_by_field_name("body")?;
    let mut cursor = block.walk();
    let cases: Vec<Node> = block
        .named_children(&mut cursor)
        .filter(|child| matches!(child.kind(), "case_statement" | "default_statement"))
        .collect();
    let mut branches = Vec::new();
    let mut otherwise = Vec::new();
    let mut tests = Vec::new();
    let mut is_default = false;
    for (at, case) in cases.iter().enumerate() {
        match case.child_by_field_name("value") {
            Some(value) => {
                let value = reader.expression(value, depth);
                let name = Expression::Name(held.clone());
                tests.push(Expression::Compare(
                    Box::new(name),
                    vec![(Comparison::Equal, value)],
                ));
            }
            None => is_default = true,
        }
        let Some(body) = case_body(reader, &cases, at, depth) else {
            continue;
        };
        let test = match tests.len() {
            0 => None,
            1 => tests.pop(),
            _ => Some(Expression::Logic(false, std::mem::take(&mut tests))),
        };
        tests.clear();
        if std::mem::take(&mut is_default) {
            otherwise = body;
        } else if let Some(test) = test {
            branches.push((test, body));
        }
    }
    let set = StatementKind::Assign(vec![Expression::Name(held)], subject);
    let set = reader.statement_at(node, set);
    if branches.is_empty() {
        otherwise.insert(0, set);
        return Some(StatementKind::Unreadable(otherwise));
    }
    let chain = reader.statement_at(node, StatementKind::If(branches, otherwise));
    Some(StatementKind::Unreadable(vec![set, chain]))
}

/// How many cases that run into one another are put together.
const RUN_ON: usize = 4;

/// The statements of one case.
fn statements<'n>(case: Node<'n>) -> Vec<Node<'n>> {
    let value = case.child_by_field_name("value").map(|value| value.id());
    let mut cursor = case.walk();
    case.named_children(&mut cursor)
        .filter(|child| Some(child.id()) != value && child.kind() != "comment")
        .collect()
}

/// The statements of a case and of those it runs into; `None` if it has none of its own.
fn case_body(reader: &Reader, cases: &[Node], at: usize, depth: usize) -> Option<Block> {
    let mut nodes = statements(*cases.get(at)?);
    if nodes.is_empty() && at + 1 < cases.len() {
        return None;
    }
    let leaves = |node: Option<&Node>| {
        node.is_some_and(|node| {
            matches!(
                node.kind(),
                "break_statement" | "continue_statement" | "return_statement" | "exit_statement"
                    | "compound_statement" | "goto_statement"
            )
        })
    };
    for next in cases.iter().skip(at + 1).take(RUN_ON) {
        if leaves(nodes.last()) {
            break;
        }
        nodes.extend(statements(*next));
    }
    if nodes.last().is_some_and(|last| last.kind() == "break_statement") {
        nodes.pop();
    }
    let mut block = reader.statements(&nodes, depth);
    // `break` at the end of a case in braces.
    if let Some(last) = block.last_mut()
        && let StatementKind::Unreadable(inner) = &mut last.kind
        && matches!(inner.last().map(|last| &last.kind), Some(StatementKind::Break))
    {
        inner.pop();
    }
    Some(block)
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
