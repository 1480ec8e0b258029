//! Tables and operators.
//!
//! Source: The Lua 5.4 Reference Manual, 3.4 "Expressions".

use std::rc::Rc;

use model::Provenance;

use super::library;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;
use crate::language::script::operators::add_sources;
use crate::language::script::syntax::Operator;

/// Longest chain of metatables that is followed.
const METATABLES: usize = 8;

/// Most items of a table that counts.
const ITEMS: usize = 1 << 20;

/// `object[index]` and `object.index`.
pub fn index(interpreter: &mut Interpreter, object: &Object, index: &Object) -> Option<Object> {
    match object {
        Object::List(slot) => {
            let at = index.as_int().and_then(|at| usize::try_from(at - 1).ok());
            match at {
                Some(at) => {
                    let items = interpreter.heap.items(*slot);
                    Some(items.get(at).cloned().unwrap_or(Object::None))
                }
                None if index.as_text().is_some() => Some(Object::None),
                None => None,
            }
        }
        Object::Dictionary(_) => {
            let known = !matches!(index, Object::Unknown(_));
            found(interpreter, object, index).or(known.then_some(Object::None))
        }
        Object::Library(path) => Some(library::member(interpreter, path, index.as_text()?)),
        Object::Unknown(value) => match (value.from.as_slice(), index.as_text()) {
            ([Provenance::Request(_)], Some(name)) => {
                Some(Object::unknown(Provenance::Request(name.to_owned())))
            }
            _ => None,
        },
        Object::Native(_) | Object::Text(_) => {
            let name = Rc::from(index.as_text()?);
            Some(Object::Method(Rc::new((object.clone(), name))))
        }
        Object::Response(response) => match index.as_text()? {
            "body" => Some(Object::of_value(response.1.clone())),
            _ => Some(Object::anything()),
        },
        _ => None,
    }
}

/// An entry of a table or of the tables behind it (`__index`).
pub fn found(interpreter: &mut Interpreter, table: &Object, key: &Object) -> Option<Object> {
    let mut table = table.clone();
    for _ in 0..METATABLES {
        let Object::Dictionary(slot) = table else {
            return None;
        };
        let length = interpreter.heap.entries(slot).len() as u64;
        if !interpreter.burn(length / 16) {
            return None;
        }
        if let Some(held) = interpreter.heap.entry(slot, key) {
            return Some(held);
        }
        let behind = match interpreter.heap.entry(slot, &Object::text("@meta")) {
            Some(Object::Dictionary(meta)) => meta,
            _ => slot,
        };
        table = interpreter.heap.entry(behind, &Object::text("__index"))?;
    }
    None
}

/// `object[key] = value`; whether that is done.
pub fn store(interpreter: &mut Interpreter, object: &Object, key: &Object, value: &Object) -> bool {
    match object {
        Object::List(slot) => {
            let at = key.as_int().and_then(|at| usize::try_from(at - 1).ok());
            if let (Some(at), Some(items)) = (at, interpreter.heap.items_mut(*slot)) {
                if let Some(held) = items.get_mut(at) {
                    *held = value.clone();
                } else if at == items.len() && at < ITEMS {
                    items.push(value.clone());
                }
            }
            true
        }
        Object::Dictionary(slot) => {
            let length = interpreter.heap.entries(*slot).len() as u64;
            if !matches!(key, Object::Unknown(_)) && interpreter.burn(length / 16) {
                interpreter
                    .heap
                    .set_entry(*slot, key.clone(), value.clone());
            }
            true
        }
        Object::Library(path) if &**path == "lua._G" => {
            if let Some(name) = key.as_text() {
                let scope = interpreter.global_scope();
                interpreter
                    .scopes
                    .bind(scope, Rc::from(name), value.clone());
            }
            true
        }
        Object::Library(path) => path.starts_with("lua."),
        _ => false,
    }
}

/// The items of a table, counted from 1.
pub fn items(interpreter: &mut Interpreter, table: &Object) -> Option<Vec<Object>> {
    match table {
        Object::List(_) | Object::Tuple(_) => interpreter.iterate(table),
        Object::Dictionary(slot) => {
            let entries = interpreter.heap.entries(*slot);
            let mut numbered: Vec<(i128, Object)> = entries
                .iter()
                .filter_map(|(key, value)| Some((key.as_int()?, value.clone())))
                .filter(|(at, _)| *at > 0)
                .collect();
            numbered.sort_by_key(|(at, _)| *at);
            let counted = (1..).zip(numbered).take_while(|(at, (own, _))| at == own);
            let items: Vec<Object> = counted.map(|(_, (_, value))| value).collect();
            interpreter.burn(items.len() as u64 / 4).then_some(items)
        }
        _ => None,
    }
}

/// `left operator right`.
pub fn operate(
    interpreter: &mut Interpreter,
    left: &Object,
    operator: Operator,
    right: &Object,
) -> Option<Object> {
    let is_text = |object: &Object| matches!(object, Object::Text(_));
    if operator == Operator::Concatenate || !is_text(left) && !is_text(right) {
        return None;
    }
    // Texts that are numbers are numbers.
    let number = |object: &Object| match object {
        Object::Text(value) => value
            .as_known()
            .and_then(|text| text.trim().parse().ok())
            .map(Object::Int),
        other => Some(other.clone()),
    };
    match (number(left), number(right)) {
        (Some(a), Some(b)) => Some(interpreter.operate(a, operator, b)),
        _ => {
            let mut from = interpreter.heap.sources(left);
            add_sources(&mut from, &interpreter.heap.sources(right));
            Some(Object::from_sources(from))
        }
    }
}
