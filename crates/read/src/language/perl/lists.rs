//! Lists and single values: what an expression is where the one or the other is wanted, and what
//! assigning to lists does.
//!
//! Source: perldata ("List value constructors"), perlop ("Assignment Operators").

use std::rc::Rc;

use super::expressions::same;
use super::parse::{Parser, call, nothing};
use crate::language::script::syntax::{Argument, Expression, Name, StatementKind, Trailer};

/// Whether an expression is a list by its syntax.
fn is_list(expression: &Expression) -> bool {
    match expression {
        Expression::Tuple(_) | Expression::Starred(_) => true,
        Expression::Name(name) => name.starts_with(['@', '%']),
        Expression::Postfix(base, trailers) => match (&**base, trailers.as_slice()) {
            (Expression::Name(name), [Trailer::Call(_)]) => {
                name.ends_with("()") && !is_scalar_function(name)
            }
            (_, [.., Trailer::Call(_)]) => true,
            _ => false,
        },
        Expression::Conditional(parts) => parts.iter().skip(1).any(is_list),
        _ => false,
    }
}

/// Functions whose result is never a list.
fn is_scalar_function(name: &str) -> bool {
    matches!(
        name,
        "#number()"
            | "#increment()"
            | "#decrement()"
            | "#first()"
            | "#repeat()"
            | "#negative()"
            | "#reference()"
            | "#new_list()"
            | "#new_hash()"
            | "#count()"
            | "join()"
            | "lc()"
            | "uc()"
            | "substr()"
            | "sprintf()"
            | "pack()"
            | "chr()"
            | "ord()"
            | "shift()"
            | "pop()"
            | "bless()"
            | "length()"
            | "index()"
            | "ref()"
            | "defined()"
            | "lcfirst()"
            | "ucfirst()"
            | "scalar()"
            | "hex()"
            | "oct()"
            | "int()"
            | "#concatenate()"
            | "#scalar()"
            | "socket()"
            | "fork()"
    )
}

/// An expression as an item of a list: what is a list itself is spread there.
pub fn flat(expression: Expression) -> Expression {
    match expression {
        Expression::Name(name) if name.starts_with('%') => {
            Expression::Starred(Box::new(call("#pairs()", vec![Expression::Name(name)])))
        }
        Expression::Name(name) if name.starts_with('@') => {
            Expression::Starred(Box::new(call("#items()", vec![Expression::Name(name)])))
        }
        Expression::Tuple(items) => Expression::Starred(Box::new(Expression::Tuple(items))),
        Expression::Postfix(base, trailers) if matches!(&*base, Expression::Name(name) if matches!(&**name, "#array()")) =>
        {
            let list = Expression::Postfix(base, trailers);
            Expression::Starred(Box::new(call("#items()", vec![list])))
        }
        Expression::Postfix(base, trailers) if matches!(&*base, Expression::Name(name) if &**name == "#hash()") =>
        {
            let hash = Expression::Postfix(base, trailers);
            Expression::Starred(Box::new(call("#pairs()", vec![hash])))
        }
        other if is_list(&other) => match other {
            Expression::Starred(inner) => Expression::Starred(inner),
            other => Expression::Starred(Box::new(call("#spread()", vec![other]))),
        },
        other => other,
    }
}

/// An expression where one value is wanted: of an array, how many items it has.
pub fn scalar(expression: Expression) -> Expression {
    match expression {
        Expression::Name(name) if name.starts_with(['@', '%']) => {
            call("#count()", vec![Expression::Name(name)])
        }
        Expression::Postfix(base, trailers)
            if trailers.len() == 1
                && matches!(&*base, Expression::Name(name) if &**name == "#array()") =>
        {
            call("#count()", vec![Expression::Postfix(base, trailers)])
        }
        Expression::Tuple(mut items) if items.len() == 1 => match items.pop() {
            Some(Expression::Starred(inner)) => call("#scalar()", vec![*inner]),
            Some(item) => item,
            None => nothing(),
        },
        Expression::Postfix(base, trailers) if matches!(&*base, Expression::Name(name) if &**name == "reverse()") =>
        {
            let name = Expression::Name(Rc::from("#reverse_text()"));
            Expression::Postfix(Box::new(name), trailers)
        }
        Expression::Postfix(base, trailers) if matches!(&*base, Expression::Name(name) if matches!(&**name, "localtime()" | "#match()" | "splice()")) => {
            call("#scalar()", vec![Expression::Postfix(base, trailers)])
        }
        other => other,
    }
}

/// An expression as a list that is walked.
pub fn list_of(expression: Expression) -> Expression {
    match expression {
        Expression::Tuple(items) => Expression::Tuple(items),
        other => Expression::Tuple(vec![flat(other)]),
    }
}

/// What a function returns: a list as one.
pub fn returned(expression: Expression) -> Expression {
    match flat(expression) {
        Expression::Starred(inner) => match *inner {
            Expression::Tuple(items) => Expression::Tuple(items),
            Expression::Postfix(base, mut trailers) if matches!(&*base, Expression::Name(name) if &**name == "#spread()") =>
            {
                // A call's own result goes on as it is.
                match trailers.pop() {
                    Some(Trailer::Call(mut arguments)) if arguments.len() == 1 => {
                        match arguments.pop() {
                            Some(Argument::Plain(own)) => own,
                            _ => nothing(),
                        }
                    }
                    _ => nothing(),
                }
            }
            other => Expression::Tuple(vec![Expression::Starred(Box::new(other))]),
        },
        other => other,
    }
}

/// The names that a declaration declares.
pub fn declared(expression: &Expression) -> Vec<Name> {
    let of = |target: &Expression| match target {
        Expression::Name(name) => Some(name.clone()),
        Expression::Starred(inner) => match &**inner {
            Expression::Postfix(_, trailers) => match trailers.first() {
                Some(Trailer::Call(arguments)) => match arguments.first() {
                    Some(Argument::Plain(Expression::Name(name))) => Some(name.clone()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    match expression {
        Expression::Assign(target, _) => declared(target),
        Expression::Tuple(targets) => targets.iter().filter_map(of).collect(),
        Expression::Block(block) => block
            .iter()
            .flat_map(|statement| match &statement.kind {
                StatementKind::Assign(targets, _) => targets.iter().filter_map(of).collect(),
                _ => Vec::new(),
            })
            .collect(),
        Expression::Name(name) if name.starts_with('$') => vec![name.clone()],
        _ => Vec::new(),
    }
}

/// `left = right`.
pub fn assigned(
    parser: &mut Parser,
    left: Expression,
    right: Expression,
    from: usize,
) -> Expression {
    match left {
        Expression::Tuple(targets) => list_assigned(parser, targets, right, from),
        Expression::Name(name) if name.starts_with('@') => {
            let list = call("#new_list()", vec![flat(right)]);
            Expression::Assign(Box::new(Expression::Name(name)), Box::new(list))
        }
        Expression::Name(name) if name.starts_with('%') => {
            let hash = call("#new_hash()", vec![flat(right)]);
            Expression::Assign(Box::new(Expression::Name(name)), Box::new(hash))
        }
        Expression::Postfix(base, trailers) if matches!(&*base, Expression::Name(name) if matches!(&**name, "#array()" | "#hash()" | "#slice()")) =>
        {
            let into = Expression::Postfix(base, trailers);
            call("#fill()", vec![into, flat(right)])
        }
        // `local $x = …`, `substr($x, 1, 2) = …`: what is called is not assigned.
        left => Expression::Assign(Box::new(left), Box::new(scalar(right))),
    }
}

/// `($a, @b) = …`.
fn list_assigned(
    parser: &mut Parser,
    targets: Vec<Expression>,
    right: Expression,
    from: usize,
) -> Expression {
    let held = parser.named(&format!("#list{from}"));
    let list = call("#new_list()", vec![flat(right)]);
    let hold = StatementKind::Assign(vec![same(&held).unwrap_or_else(nothing)], list);
    let mut block = vec![parser.at(from, hold)];
    for (at, target) in targets.into_iter().enumerate() {
        let held = same(&held).unwrap_or_else(nothing);
        let at = i128::try_from(at).unwrap_or(0);
        let (target, value) = match target {
            Expression::Starred(inner) => {
                let names = declared(&Expression::Tuple(vec![Expression::Starred(inner)]));
                let Some(name) = names.into_iter().next() else {
                    continue;
                };
                let function = match name.starts_with('%') {
                    true => "#rest_hash()",
                    false => "#rest()",
                };
                let value = call(function, vec![held, Expression::Int(at)]);
                (Expression::Name(name), value)
            }
            Expression::None => continue,
            target => {
                let index = Trailer::Index(Box::new(Expression::Int(at)));
                let value = Expression::Postfix(Box::new(held), vec![index]);
                (target, value)
            }
        };
        let kind = StatementKind::Assign(vec![target], value);
        block.push(parser.at(from, kind));
    }
    block.push(parser.at(from, StatementKind::Expression(held)));
    Expression::Block(block)
}
