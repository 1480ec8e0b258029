//! Methods of arrays.
//!
//! Source: ECMA-262, "Array Objects", "TypedArray Objects".

use std::rc::Rc;

use super::{coercion, objects};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::{Object, Slot};
use crate::language::script::syntax::Comparison;

/// What an array has.
pub const METHODS: &str = "at concat copyWithin entries every fill filter find findIndex findLast \
    flat flatMap forEach includes indexOf join keys lastIndexOf map pop push reduce reduceRight \
    reverse shift slice some sort splice unshift values toReversed subarray set";

/// Most items of an array that are followed.
const ITEMS: usize = 1 << 20;

/// Calls a method of an array.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let items = interpreter.iterate(receiver)?;
    if !interpreter.burn(items.len() as u64 / 32) {
        return None;
    }
    if let Some(first) = arguments.plain.first()
        && objects::is_callable(first)
        && let Some(result) = walk(interpreter, &items, name, arguments)
    {
        return Some(result);
    }
    if let Object::List(slot) = receiver
        && let Some(result) = change(interpreter, *slot, &items, name, arguments)
    {
        return Some(result);
    }
    select(interpreter, receiver, items, name, arguments)
}

/// Methods that call a function for every item.
fn walk(
    interpreter: &mut Interpreter,
    items: &[Object],
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let callee = arguments.plain.first()?.clone();
    let numbered = (0..).map(Object::Int);
    let mut made = Vec::new();
    match name {
        "reduce" | "reduceRight" => {
            let mut items = items.to_vec();
            if name == "reduceRight" {
                items.reverse();
            }
            let mut items = items.into_iter().zip(numbered);
            let mut held = match arguments.plain.get(1) {
                Some(first) => first.clone(),
                None => items.next()?.0,
            };
            for (item, at) in items {
                held = interpreter.call_plain(&callee, vec![held, item, at]);
                if interpreter.is_stopped() {
                    return None;
                }
            }
            return Some(held);
        }
        "sort" => return None,
        _ => {}
    }
    for (item, at) in items.iter().zip(numbered) {
        let result = interpreter.call_plain(&callee, vec![item.clone(), at.clone()]);
        if interpreter.is_stopped() {
            return None;
        }
        let truth = || interpreter.truth(&result);
        match name {
            "map" => made.push(result),
            "flatMap" => match interpreter.iterate(&result) {
                Some(more) if matches!(result, Object::List(_)) => made.extend(more),
                _ => made.push(result),
            },
            "filter" => {
                if truth() != Some(false) {
                    made.push(item.clone());
                }
            }
            "find" if truth() == Some(true) => return Some(item.clone()),
            "findIndex" if truth() == Some(true) => return Some(at),
            "some" if truth() == Some(true) => return Some(Object::Bool(true)),
            "every" if truth() == Some(false) => return Some(Object::Bool(false)),
            "find" | "findIndex" | "some" | "every" if truth().is_none() => {
                interpreter.uncertain += 1;
                return Some(match name {
                    "find" => item.clone(),
                    _ => Object::anything(),
                });
            }
            "find" | "findIndex" | "some" | "every" | "forEach" => {}
            _ => return None,
        }
    }
    Some(match name {
        "map" | "filter" | "flatMap" => interpreter.heap.list(made),
        "findIndex" => Object::Int(-1),
        "some" => Object::Bool(false),
        "every" => Object::Bool(true),
        _ => Object::None,
    })
}

/// Methods that change an array.
fn change(
    interpreter: &mut Interpreter,
    slot: Slot,
    items: &[Object],
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let length = |interpreter: &Interpreter| {
        Object::Int(i128::try_from(interpreter.heap.items(slot).len()).unwrap_or(0))
    };
    match name {
        "push" | "unshift" => {
            let more = arguments.plain.clone();
            if items.len() + more.len() <= ITEMS
                && let Some(own) = interpreter.heap.items_mut(slot)
            {
                match name {
                    "push" => own.extend(more),
                    _ => drop(own.splice(0..0, more)),
                }
            }
            Some(length(interpreter))
        }
        "pop" | "shift" => {
            let own = interpreter.heap.items_mut(slot)?;
            let taken = match name {
                "pop" => own.pop(),
                _ if own.is_empty() => None,
                _ => Some(own.remove(0)),
            };
            Some(taken.unwrap_or(Object::None))
        }
        "reverse" => {
            interpreter.heap.items_mut(slot)?.reverse();
            Some(Object::List(slot))
        }
        "sort" => {
            let texts = Arguments::default();
            let sorted = match arguments.plain.first() {
                None => crate::language::script::containers::sorted(
                    interpreter,
                    items.to_vec(),
                    &texts,
                )?,
                Some(compare) => by_function(interpreter, items, &compare.clone())?,
            };
            *interpreter.heap.items_mut(slot)? = sorted;
            Some(Object::List(slot))
        }
        "fill" => {
            let value = arguments.plain.first().cloned().unwrap_or(Object::None);
            interpreter.heap.items_mut(slot)?.fill(value);
            Some(Object::List(slot))
        }
        "set" => {
            let more = interpreter.iterate(arguments.plain.first()?)?;
            let at = arguments.plain.get(1).and_then(Object::as_int).unwrap_or(0);
            let at = usize::try_from(at).ok()?;
            let own = interpreter.heap.items_mut(slot)?;
            for (held, new) in own.iter_mut().skip(at).zip(more) {
                *held = new;
            }
            Some(Object::None)
        }
        "splice" => {
            let (start, end) = bounds(interpreter, items.len(), arguments, true)?;
            let more: Vec<Object> = arguments.plain.iter().skip(2).cloned().collect();
            let own = interpreter.heap.items_mut(slot)?;
            let taken = own
                .splice(start..end.max(start).min(own.len()), more)
                .collect();
            Some(interpreter.heap.list(taken))
        }
        _ => None,
    }
}

/// Items in the order that a function gives them: insertion, as far as every answer is known.
fn by_function(
    interpreter: &mut Interpreter,
    items: &[Object],
    compare: &Object,
) -> Option<Vec<Object>> {
    /// Longest array that is sorted by a function of the program.
    const SORTED: usize = 512;
    if items.len() > SORTED {
        return None;
    }
    let mut sorted: Vec<Object> = Vec::with_capacity(items.len());
    for item in items {
        let mut at = sorted.len();
        while let Some(before) = at.checked_sub(1) {
            let other = sorted.get(before)?.clone();
            let order = interpreter.call_plain(compare, vec![other, item.clone()]);
            let order = coercion::to_number(interpreter, &order)?;
            if order <= 0.0 {
                break;
            }
            at = before;
        }
        sorted.insert(at, item.clone());
    }
    Some(sorted)
}

/// Start and end of `slice(start, end)` or `splice(start, count)`.
fn bounds(
    interpreter: &mut Interpreter,
    length: usize,
    arguments: &Arguments,
    counts: bool,
) -> Option<(usize, usize)> {
    let mut given = [None, None];
    for (own, argument) in given.iter_mut().zip(&arguments.plain) {
        *own = match argument {
            Object::None => None,
            argument => Some(coercion::to_number(interpreter, argument)?),
        };
    }
    let length = length as f64;
    let place = |number: f64| match number < 0.0 {
        true => (number + length).max(0.0),
        false => number.min(length),
    };
    let start = given[0].map_or(0.0, place);
    let end = match (counts, given[1]) {
        (_, None) => length,
        (true, Some(count)) => (start + count.max(0.0)).min(length),
        (false, Some(end)) => place(end),
    };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the length"
    )]
    Some((start as usize, end as usize))
}

/// Methods that make something of an array.
#[expect(clippy::too_many_lines, reason = "a table: one short arm a method")]
fn select(
    interpreter: &mut Interpreter,
    receiver: &Object,
    items: Vec<Object>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "join" | "toString" | "toLocaleString" => {
            let separator = match (name, first) {
                ("join", Some(separator)) => interpreter.shown(separator).text,
                _ => ",".to_owned(),
            };
            let items = items
                .into_iter()
                .map(|item| match item {
                    Object::None => Object::text(""),
                    item => item,
                })
                .collect();
            let list = interpreter.heap.list(items);
            let separator = Object::text(separator);
            let Object::Text(separator) = separator else {
                return None;
            };
            let joined = Arguments::plain(vec![list]);
            return crate::language::script::texts::method(
                interpreter,
                &separator,
                "join",
                &joined,
            );
        }
        "slice" | "subarray" => {
            let (start, end) = bounds(interpreter, items.len(), arguments, false)?;
            let taken = items
                .get(start..end.max(start))
                .unwrap_or_default()
                .to_vec();
            interpreter.heap.list(taken)
        }
        "concat" => {
            let mut all = items;
            for more in &arguments.plain {
                match more {
                    Object::List(_) | Object::Tuple(_) => all.extend(interpreter.iterate(more)?),
                    other => all.push(other.clone()),
                }
            }
            let length = all.len();
            (length <= ITEMS && interpreter.burn(length as u64 / 8))
                .then(|| interpreter.heap.list(all))?
        }
        "flat" => {
            let mut all = Vec::new();
            for item in items {
                match interpreter.iterate(&item) {
                    Some(more) if matches!(item, Object::List(_)) => all.extend(more),
                    _ => all.push(item),
                }
            }
            interpreter.heap.list(all)
        }
        "toReversed" => interpreter.heap.list(items.into_iter().rev().collect()),
        "at" => {
            let at = first?.as_int()?;
            let length = i128::try_from(items.len()).ok()?;
            let at = usize::try_from(if at < 0 { at + length } else { at }).ok();
            at.and_then(|at| items.get(at).cloned())
                .unwrap_or(Object::None)
        }
        "indexOf" | "includes" | "lastIndexOf" | "has" => {
            let wanted = first?;
            let equal =
                |item: &Object| interpreter.compare(item, Comparison::Equal, wanted) == Some(true);
            let found = items.iter().position(equal);
            match name {
                "includes" | "has" => Object::Bool(found.is_some()),
                _ => Object::Int(found.map_or(-1, |at| at as i128)),
            }
        }
        "entries" | "keys" | "values" if first.is_none() => {
            return Some(match name {
                "values" => receiver.clone(),
                "keys" => interpreter
                    .heap
                    .list((0..items.len()).map(|at| Object::Int(at as i128)).collect()),
                _ if items.is_empty() => Object::library("js.@iterator"),
                _ => {
                    let pairs = items.into_iter().enumerate();
                    let pairs = pairs
                        .map(|(at, item)| {
                            Object::Tuple(Rc::new(vec![Object::Int(at as i128), item]))
                        })
                        .collect();
                    interpreter.heap.list(pairs)
                }
            });
        }
        "add" => {
            let item = first?.clone();
            if let Object::List(slot) = receiver
                && items.len() < ITEMS
            {
                interpreter.heap.items_mut(*slot)?.push(item);
            }
            receiver.clone()
        }
        _ => return None,
    })
}
