//! Conditions that leave no choice to whoever sends a request: behind them, a value is one of a
//! few, or of a harmless form.

use tree_sitter::Node;

use super::parse::Reader;
use crate::language::script::syntax::{Argument, Expression, Statement, StatementKind, Trailer};

/// Functions that check an argument, and which.
const CHECKING: &[(&str, u32)] = &[
    ("in_array", 0),
    ("array_key_exists", 0),
    ("array_search", 0),
    ("is_numeric", 0),
    ("is_int", 0),
    ("ctype_alnum", 0),
    ("ctype_alpha", 0),
    ("ctype_digit", 0),
    ("ctype_xdigit", 0),
    ("preg_match", 1),
];

/// How many parts of a condition are looked at.
const PARTS: usize = 32;

/// What is checked where the body of an `if` runs.
pub fn holding<'n>(reader: &Reader, node: Node<'n>) -> Vec<Node<'n>> {
    node.child_by_field_name("condition")
        .map(|condition| checked(reader, condition, false))
        .unwrap_or_default()
}

/// What is checked behind an `if` whose body is left for good.
pub fn left<'n>(reader: &Reader, node: Node<'n>) -> Vec<Node<'n>> {
    let leaves = node.child_by_field_name("body").is_some_and(|body| {
        let mut last = body;
        while last.kind() == "compound_statement"
            && let Some(inner) = last
                .named_child_count()
                .checked_sub(1)
                .and_then(|at| last.named_child(u32::try_from(at).ok()?))
        {
            last = inner;
        }
        let text = reader.source(last);
        matches!(
            last.kind(),
            "return_statement" | "exit_statement" | "continue_statement"
        ) || ["die", "exit", "throw"]
            .iter()
            .any(|word| text.starts_with(word))
    });
    match node.child_by_field_name("condition") {
        Some(condition) if leaves => checked(reader, condition, true),
        _ => Vec::new(),
    }
}

/// The arguments that a condition checks, where it (or, `negated`, its opposite) holds.
fn checked<'n>(reader: &Reader, condition: Node<'n>, negated: bool) -> Vec<Node<'n>> {
    let mut found = Vec::new();
    let mut parts = vec![(condition, negated)];
    for _ in 0..PARTS {
        let Some((part, negated)) = parts.pop() else {
            break;
        };
        match part.kind() {
            "parenthesized_expression" => {
                parts.extend(part.named_child(0).map(|inner| (inner, negated)));
            }
            "unary_op_expression" if reader.source(part).starts_with('!') => {
                let inner = part.child_by_field_name("argument").or(part.named_child(0));
                parts.extend(inner.map(|inner| (inner, !negated)));
            }
            "binary_expression" => {
                let operator = part.child_by_field_name("operator");
                let operator = operator.map_or("", |operator| reader.source(operator));
                let joins = match negated {
                    false => matches!(operator, "&&" | "and"),
                    true => matches!(operator, "||" | "or"),
                };
                if joins {
                    let sides = ["left", "right"].map(|side| part.child_by_field_name(side));
                    parts.extend(sides.into_iter().flatten().map(|side| (side, negated)));
                }
            }
            "function_call_expression" if !negated => found.extend(argument(reader, part)),
            _ => {}
        }
    }
    found
}

/// The argument that a call checks.
fn argument<'n>(reader: &Reader, call: Node<'n>) -> Option<Node<'n>> {
    let name = reader.source(call.child_by_field_name("function")?);
    let (name, at) = CHECKING
        .iter()
        .find(|(own, _)| name.eq_ignore_ascii_case(own))?;
    let arguments = call.child_by_field_name("arguments")?;
    if *name == "preg_match" {
        // Only a pattern for the whole text says what it is.
        let pattern = reader.source(arguments.named_child(0)?);
        let anchored = pattern.contains('^') && pattern.contains('$') && !pattern.contains(".*");
        if !anchored || pattern.contains(".+") {
            return None;
        }
    }
    arguments.named_child(*at)?.named_child(0)
}

/// Notes that values are (no longer) checked.
pub fn note(reader: &Reader, checked: &[Node], holds: bool, depth: usize) -> Statement {
    let name = if holds { "#checked()" } else { "#unchecked()" };
    let arguments = checked
        .iter()
        .map(|node| Argument::Plain(reader.expression(*node, depth)))
        .collect();
    let base = Expression::Name(reader.intern(name.to_owned()));
    let call = Expression::Postfix(Box::new(base), vec![Trailer::Call(arguments)]);
    let at = checked.first().copied();
    match at {
        Some(at) => reader.statement_at(at, StatementKind::Expression(call)),
        None => Statement {
            line: 0,
            source: 0..0,
            kind: StatementKind::Expression(call),
        },
    }
}
