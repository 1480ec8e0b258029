//! Functions over lists and hashes.
//!
//! Source: perlfunc, List::Util.

use std::rc::Rc;

use super::{items, known};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::loose;
use crate::language::script::object::Object;
use crate::language::script::syntax::Operator;

/// Calls one of them.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    match name {
        "map" | "grep" | "first" | "any" | "all" | "none" => walked(interpreter, name, arguments),
        "reverse" => {
            let mut all = arguments.plain.get(1..)?.to_vec();
            all.reverse();
            Some(Object::Tuple(Rc::new(all)))
        }
        "sort" => {
            let all = arguments.plain.get(1..)?.to_vec();
            Some(Object::Tuple(Rc::new(sorted(interpreter, all))))
        }
        "push" | "unshift" => {
            let (list, more) = arguments.plain.split_first()?;
            let mut held = items(interpreter, list).unwrap_or_default();
            if !interpreter.burn(more.len() as u64 / 8) || held.len() + more.len() > super::ITEMS {
                return Some(list.clone());
            }
            if let (Object::List(slot), "push") = (list, name) {
                interpreter.heap.items_mut(*slot)?.extend_from_slice(more);
                return Some(list.clone());
            }
            match name {
                "push" => held.extend_from_slice(more),
                _ => held = more.iter().cloned().chain(held).collect(),
            }
            match list {
                Object::List(slot) => {
                    *interpreter.heap.items_mut(*slot)? = held;
                    Some(list.clone())
                }
                _ => Some(interpreter.heap.list(held)),
            }
        }
        "shift" | "pop" => match first? {
            Object::List(slot) => {
                let items = interpreter.heap.items_mut(*slot)?;
                Some(match (items.is_empty(), name) {
                    (true, _) => Object::None,
                    (false, "shift") => items.remove(0),
                    _ => items.pop().unwrap_or(Object::None),
                })
            }
            other => {
                let from = interpreter.heap.sources(other);
                Some(Object::from_sources(from))
            }
        },
        "keys" | "values" | "each" => {
            let Object::Dictionary(slot) = first? else {
                return None;
            };
            let entries = interpreter.heap.entries(*slot).to_vec();
            let all: Vec<Object> = entries
                .into_iter()
                .map(|(key, value)| if name == "values" { value } else { key })
                .collect();
            Some(Object::Tuple(Rc::new(all)))
        }
        "delete" => Some(first?.clone()),
        "splice" => Some(first?.clone()),
        "join" => {
            let (mark, all) = arguments.plain.split_first()?;
            let mut whole = Object::text("");
            for (at, item) in all.iter().enumerate() {
                if at > 0 {
                    whole = interpreter.operate(whole, Operator::Concatenate, mark.clone());
                }
                whole = interpreter.operate(whole, Operator::Concatenate, item.clone());
            }
            Some(match whole {
                Object::Text(value) => Object::of_value((*value).clone()),
                other => other,
            })
        }
        "sum" | "sum0" => {
            let mut total = Object::Int(0);
            for item in &arguments.plain {
                total = interpreter.operate(total, Operator::Add, item.clone());
            }
            Some(total)
        }
        "uniq" | "shuffle" => Some(Object::Tuple(Rc::new(arguments.plain.clone()))),
        _ => None,
    }
}

/// `map {…} list`, `grep {…} list`: with `$_` what each item is.
fn walked(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let (function, list) = arguments.plain.split_first()?;
    let mut made = Vec::with_capacity(list.len());
    for item in list {
        if !interpreter.burn(1) || made.len() > super::ITEMS {
            return None;
        }
        let result = interpreter.call_plain(function, vec![item.clone()]);
        match (name, result) {
            ("map", Object::Tuple(items)) => made.extend(items.iter().cloned()),
            ("map", result) => made.push(result),
            (_, result) => {
                if interpreter.truth(&result) != Some(false) {
                    made.push(item.clone());
                }
            }
        }
    }
    Some(match name {
        "map" | "grep" => Object::Tuple(Rc::new(made)),
        "first" => made.into_iter().next().unwrap_or(Object::None),
        _ => Object::anything(),
    })
}

/// Items by number or text, if all are of one kind and known; else as they are.
fn sorted(interpreter: &mut Interpreter, mut all: Vec<Object>) -> Vec<Object> {
    if !interpreter.burn(all.len() as u64) {
        return all;
    }
    if all.iter().all(|item| matches!(item, Object::Int(_))) {
        all.sort_by_key(loose::integer);
    } else if all.iter().all(|item| item.as_text().is_some()) {
        all.sort_by(|a, b| a.as_text().cmp(&b.as_text()));
    } else {
        interpreter.uncertain += 1;
    }
    all
}

/// The value of a key in a list of keys and values.
pub fn option(interpreter: &mut Interpreter, given: &[Object], keys: &[&str]) -> Option<Object> {
    let pairs = given.chunks_exact(2);
    for pair in pairs {
        let Some(name) = known(interpreter, &Arguments::plain(pair.to_vec()), 0) else {
            continue;
        };
        if keys.contains(&name.as_str()) {
            return pair.get(1).cloned();
        }
    }
    None
}
