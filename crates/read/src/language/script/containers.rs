//! Methods of lists, sets, tuples and dictionaries.

use std::rc::Rc;

use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::{Object, Slot};

/// Most items of a list that are followed.
const ITEMS: usize = 1 << 20;

/// Calls a method of a list or set.
pub fn list(
    interpreter: &mut Interpreter,
    slot: Slot,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    // Behind an item that comes or goes, all others move.
    let moved = match name {
        "append" | "add" | "put" | "appendleft" => 0,
        _ => interpreter.heap.items(slot).len() as u64 / 32,
    };
    if !interpreter.burn(moved) {
        return None;
    }
    match name {
        "append" | "add" | "put" | "appendleft" => {
            let item = first?.clone();
            let items = interpreter.heap.items_mut(slot)?;
            if items.len() < ITEMS {
                items.push(item);
            }
            Some(Object::None)
        }
        "extend" | "update" => {
            let more = interpreter
                .iterate(first?)
                .unwrap_or_else(|| first.into_iter().cloned().collect());
            if !interpreter.burn(more.len() as u64) {
                return None;
            }
            let items = interpreter.heap.items_mut(slot)?;
            if items.len() + more.len() <= ITEMS {
                items.extend(more);
            }
            Some(Object::None)
        }
        "insert" => {
            let at = usize::try_from(first?.as_int()?).ok()?;
            let item = arguments.plain.get(1)?.clone();
            let items = interpreter.heap.items_mut(slot)?;
            if items.len() < ITEMS {
                items.insert(at.min(items.len()), item);
            }
            Some(Object::None)
        }
        "pop" | "popleft" | "get" => {
            let length = interpreter.heap.items(slot).len();
            let at = match (name, first.map(Object::as_int)) {
                ("popleft" | "get", _) => 0,
                (_, None) => length.checked_sub(1)?,
                (_, Some(at)) => {
                    let at = at?;
                    let length = i128::try_from(length).ok()?;
                    usize::try_from(if at < 0 { at + length } else { at }).ok()?
                }
            };
            let items = interpreter.heap.items_mut(slot)?;
            (at < items.len()).then(|| items.remove(at))
        }
        "reverse" => {
            interpreter.heap.items_mut(slot)?.reverse();
            Some(Object::None)
        }
        "sort" => {
            let items = interpreter.heap.items(slot).to_vec();
            let sorted = sorted(interpreter, items, arguments)?;
            *interpreter.heap.items_mut(slot)? = sorted;
            Some(Object::None)
        }
        "copy" => {
            let items = interpreter.heap.items(slot).to_vec();
            Some(interpreter.heap.list(items))
        }
        "clear" | "remove" | "discard" => Some(Object::None),
        _ => {
            if let Some(bytes) = interpreter.heap.bytes_of(slot)
                && interpreter.may_make(bytes.data.len())
            {
                let bytes = Object::Bytes(Rc::new(bytes));
                return Some(interpreter.call_method(&bytes, &Rc::from(name), arguments.clone()));
            }
            let items = interpreter.heap.items(slot).to_vec();
            searched(interpreter, &items, name, arguments)
        }
    }
}

/// Calls a method of a tuple.
pub fn tuple(
    interpreter: &mut Interpreter,
    items: &Rc<Vec<Object>>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    searched(interpreter, items, name, arguments)
}

fn searched(
    interpreter: &mut Interpreter,
    items: &[Object],
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let wanted = arguments.plain.first()?;
    if !interpreter.burn(items.len() as u64 / 8) {
        return None;
    }
    let equal = |item: &Object| {
        interpreter.compare(item, super::syntax::Comparison::Equal, wanted) == Some(true)
    };
    match name {
        "index" => Some(Object::Int(
            i128::try_from(items.iter().position(equal)?).ok()?,
        )),
        "count" => Some(Object::Int(
            i128::try_from(items.iter().filter(|item| equal(item)).count()).ok()?,
        )),
        _ => None,
    }
}

/// Items in order, if all can be compared.
pub fn sorted(
    interpreter: &mut Interpreter,
    items: Vec<Object>,
    arguments: &Arguments,
) -> Option<Vec<Object>> {
    let key = arguments.named("key").cloned();
    if !interpreter.burn(items.len() as u64) {
        return None;
    }
    let mut keyed: Vec<(Object, Object)> = Vec::with_capacity(items.len());
    for item in items {
        let key = match &key {
            Some(Object::None) | None => item.clone(),
            Some(key) => interpreter.call_plain(key, vec![item.clone()]),
        };
        keyed.push((key, item));
    }
    let comparable = keyed
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if interpreter.order(&a.0, &b.0).is_some()));
    if comparable {
        keyed.sort_by(|a, b| {
            interpreter
                .order(&a.0, &b.0)
                .unwrap_or(std::cmp::Ordering::Equal)
        });
    }
    let reverse = arguments.named("reverse");
    if reverse.and_then(|reverse| interpreter.truth(reverse)) == Some(true) {
        keyed.reverse();
    }
    Some(keyed.into_iter().map(|(_, item)| item).collect())
}

/// Calls a method of a dictionary.
pub fn dictionary(
    interpreter: &mut Interpreter,
    slot: Slot,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    match name {
        "get" | "pop" | "setdefault" => {
            let held = interpreter.heap.entry(slot, first?);
            if let (None, "setdefault") = (&held, name) {
                let value = arguments.plain.get(1).cloned().unwrap_or(Object::None);
                interpreter
                    .heap
                    .set_entry(slot, first?.clone(), value.clone());
                return Some(value);
            }
            held.or_else(|| {
                // An entry may have been set by what was not followed.
                let default = arguments.plain.get(1)?;
                (default.rank() > 0).then(|| default.clone())
            })
        }
        "update" => {
            for argument in &arguments.plain {
                if let Object::Dictionary(more) = argument {
                    for (key, value) in interpreter.heap.entries(*more).to_vec() {
                        interpreter.heap.set_entry(slot, key, value);
                    }
                }
            }
            for (name, value) in &arguments.named {
                interpreter
                    .heap
                    .set_entry(slot, Object::text(&**name), value.clone());
            }
            Some(Object::None)
        }
        "items" | "iteritems" | "keys" | "iterkeys" | "values" | "itervalues" => {
            let entries = interpreter.heap.entries(slot).to_vec();
            if !interpreter.burn(entries.len() as u64) {
                return None;
            }
            let items = entries
                .into_iter()
                .map(|(key, value)| match name {
                    "keys" | "iterkeys" => key,
                    "values" | "itervalues" => value,
                    _ => Object::Tuple(Rc::new(vec![key, value])),
                })
                .collect();
            Some(interpreter.heap.list(items))
        }
        "copy" => {
            let entries = interpreter.heap.entries(slot).to_vec();
            Some(interpreter.heap.dictionary(entries))
        }
        "clear" => Some(Object::None),
        "has_key" | "__contains__" => {
            Some(Object::Bool(interpreter.heap.entry(slot, first?).is_some()))
        }
        _ => None,
    }
}
