//! Built-in functions over sequences.

use std::rc::Rc;

use super::calls::Arguments;
use super::containers;
use super::interpreter::Interpreter;
use super::object::Object;
use super::syntax::Operator;

/// Longest range whose numbers are walked.
const RANGE: i128 = 1 << 17;

/// Calls one of them; `None` if it is none or its result cannot be told.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    match path {
        "range" | "xrange" => range(interpreter, arguments),
        "list" | "set" | "frozenset" | "tuple" | "iter" => collection(interpreter, path, first),
        "dict" => Some(dictionary(interpreter, arguments)),
        "enumerate" | "zip" | "reversed" | "sorted" | "map" | "filter" | "reduce" | "sum"
        | "min" | "max" | "any" | "all" | "next" => sequence(interpreter, path, arguments),
        _ => None,
    }
}

fn range(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let numbers: Option<Vec<i128>> = arguments.plain.iter().map(Object::as_int).collect();
    let (start, stop, step) = match numbers?.as_slice() {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [start, stop, step] => (*start, *stop, *step),
        _ => return None,
    };
    let span = stop.checked_sub(start)?;
    if step == 0 || span / step > RANGE {
        return None;
    }
    let mut items = Vec::new();
    let mut at = start;
    while step > 0 && at < stop || step < 0 && at > stop {
        items.push(Object::Int(at));
        at = at.checked_add(step)?;
    }
    interpreter
        .burn(items.len() as u64 / 8)
        .then(|| interpreter.heap.list(items))
}

fn collection(interpreter: &mut Interpreter, path: &str, first: Option<&Object>) -> Option<Object> {
    let items = match first {
        None => Vec::new(),
        Some(object) => match interpreter.iterate(object) {
            Some(items) => items,
            None => {
                let from = interpreter.heap.sources(object);
                return Some(Object::from_sources(from));
            }
        },
    };
    Some(match path {
        "tuple" => Object::Tuple(Rc::new(items)),
        _ => interpreter.heap.list(items),
    })
}

fn dictionary(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let mut entries = Vec::new();
    match arguments.plain.first() {
        Some(Object::Dictionary(slot)) => {
            entries.extend_from_slice(interpreter.heap.entries(*slot))
        }
        Some(object) => {
            let Some(pairs) = interpreter.iterate(object) else {
                return Object::from_sources(interpreter.heap.sources(object));
            };
            for pair in pairs {
                if let Some([key, value]) = interpreter
                    .iterate(&pair)
                    .and_then(|pair| <[Object; 2]>::try_from(pair).ok())
                {
                    entries.push((key, value));
                }
            }
        }
        None => {}
    }
    for (name, value) in &arguments.named {
        entries.push((Object::text(&**name), value.clone()));
    }
    interpreter.heap.dictionary(entries)
}

fn sequence(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first()?;
    match path {
        "map" => return map(interpreter, arguments),
        "filter" | "reduce" => return fold(interpreter, path, arguments),
        "zip" => return zip(interpreter, arguments),
        "min" | "max" if arguments.plain.len() > 1 => {
            return extreme(interpreter, path, arguments.plain.clone());
        }
        _ => {}
    }
    let Some(items) = interpreter.iterate(first) else {
        interpreter.uncertain += 1;
        let from = interpreter.heap.sources(first);
        return Some(Object::from_sources(from));
    };
    match path {
        "enumerate" => {
            let start = arguments
                .get(1, "start")
                .and_then(Object::as_int)
                .unwrap_or(0);
            let items = (start..)
                .zip(items)
                .map(|(at, item)| Object::Tuple(Rc::new(vec![Object::Int(at), item])))
                .collect();
            Some(interpreter.heap.list(items))
        }
        "reversed" => Some(interpreter.heap.list(items.into_iter().rev().collect())),
        "sorted" => {
            let sorted = containers::sorted(interpreter, items, arguments)?;
            Some(interpreter.heap.list(sorted))
        }
        "sum" => {
            let mut total = arguments.plain.get(1).cloned().unwrap_or(Object::Int(0));
            for item in items {
                total = interpreter.operate(total, Operator::Add, item);
            }
            Some(total)
        }
        "min" | "max" => extreme(interpreter, path, items),
        "next" => items.into_iter().next(),
        "any" | "all" => {
            let mut truths = items.iter().map(|item| interpreter.truth(item));
            let decides = path == "any";
            match truths.clone().any(|truth| truth == Some(decides)) {
                true => Some(Object::Bool(decides)),
                false => truths
                    .all(|truth| truth.is_some())
                    .then_some(Object::Bool(!decides)),
            }
        }
        _ => None,
    }
}

fn extreme(interpreter: &Interpreter, path: &str, items: Vec<Object>) -> Option<Object> {
    let mut items = items.into_iter();
    let mut best = items.next()?;
    for item in items {
        let order = interpreter.order(&item, &best)?;
        if (path == "min") == order.is_lt() && order.is_ne() {
            best = item;
        }
    }
    Some(best)
}

fn map(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let (callee, sources) = arguments.plain.split_first()?;
    let mut columns = Vec::new();
    for source in sources {
        columns.push(match interpreter.iterate(source) {
            Some(items) => items,
            None => vec![interpreter.element_of(source)],
        });
    }
    let length = columns.iter().map(Vec::len).min()?;
    let mut items = Vec::with_capacity(length);
    for at in 0..length {
        if !interpreter.burn(1) {
            return None;
        }
        let row = columns
            .iter()
            .filter_map(|column| column.get(at).cloned())
            .collect();
        items.push(interpreter.call_plain(callee, row));
    }
    Some(interpreter.heap.list(items))
}

fn fold(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let callee = arguments.plain.first()?.clone();
    let items = interpreter.iterate(arguments.plain.get(1)?)?;
    if path == "filter" {
        let mut kept = Vec::new();
        for item in items {
            let keeps = match callee {
                Object::None => item.clone(),
                _ => interpreter.call_plain(&callee, vec![item.clone()]),
            };
            if interpreter.truth(&keeps) != Some(false) {
                kept.push(item);
            }
        }
        return Some(interpreter.heap.list(kept));
    }
    let mut items = items.into_iter();
    let mut total = match arguments.plain.get(2) {
        Some(start) => start.clone(),
        None => items.next()?,
    };
    for item in items {
        total = interpreter.call_plain(&callee, vec![total, item]);
    }
    Some(total)
}

fn zip(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let mut columns = Vec::new();
    for source in &arguments.plain {
        columns.push(cycled_or_items(interpreter, source)?);
    }
    let length = columns
        .iter()
        .filter(|(_, cycled)| !cycled)
        .map(|(items, _)| items.len())
        .min()?;
    if !interpreter.burn(length as u64) {
        return None;
    }
    let rows = (0..length)
        .map(|at| {
            let row = columns.iter().filter_map(|(items, cycled)| {
                let at = if *cycled { at % items.len().max(1) } else { at };
                items.get(at).cloned()
            });
            Object::Tuple(Rc::new(row.collect()))
        })
        .collect();
    Some(interpreter.heap.list(rows))
}

/// Items of something, and whether they are repeated for ever (`itertools.cycle`).
fn cycled_or_items(interpreter: &mut Interpreter, source: &Object) -> Option<(Vec<Object>, bool)> {
    match source {
        Object::Partial(partial) if partial.callee.is_library("itertools.cycle") => {
            Some((interpreter.iterate(partial.plain.first()?)?, true))
        }
        _ => Some((interpreter.iterate(source)?, false)),
    }
}
