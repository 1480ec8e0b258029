//! Methods of arrays and of what is walked like one.
//!
//! Source: the documentation of Ruby, "Array", "Enumerable".

use model::Value;

use super::texts;
use super::values::{block, call_block};
use crate::language::script::calls::Arguments;
use crate::language::script::containers;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;
use crate::language::script::syntax::{Comparison, Operator};

/// Methods of arrays and what is walked like one.
pub fn list(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let items = interpreter.iterate(receiver)?;
    if !interpreter.burn(items.len() as u64 / 32) {
        return None;
    }
    if let Some(block) = block(arguments) {
        let block = block.clone();
        if let Some(result) = walk(interpreter, receiver, &items, name, &block, arguments) {
            return Some(result);
        }
    }
    select(interpreter, receiver, items, name, arguments)
}

/// Methods that call a block for every item.
fn walk(
    interpreter: &mut Interpreter,
    receiver: &Object,
    items: &[Object],
    name: &str,
    block: &Object,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    let grouped = match name {
        "each_slice" | "each_cons" => {
            let size = usize::try_from(first?.as_int()?)
                .ok()
                .filter(|size| *size > 0)?;
            let groups: Vec<Vec<Object>> = match name {
                "each_slice" => items.chunks(size).map(<[Object]>::to_vec).collect(),
                _ => items.windows(size).map(<[Object]>::to_vec).collect(),
            };
            if !interpreter.burn((groups.len() * size) as u64) {
                return None;
            }
            Some(
                groups
                    .into_iter()
                    .map(|group| interpreter.heap.list(group))
                    .collect::<Vec<_>>(),
            )
        }
        _ => None,
    };
    let items = grouped.as_deref().unwrap_or(items);
    let mut held = match name {
        "inject" | "reduce" | "each_with_object" => first.cloned(),
        _ => None,
    };
    let mut made = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let number = Object::Int(i128::try_from(at).ok()?);
        let result = match name {
            "each_with_index" | "each_with_index.map" | "with_index" | "map.with_index" => {
                call_block(interpreter, block, vec![item.clone(), number])
            }
            "inject" | "reduce" => {
                held = Some(match held.take() {
                    None => item.clone(),
                    Some(held) => call_block(interpreter, block, vec![held, item.clone()]),
                });
                continue;
            }
            "each_with_object" => call_block(interpreter, block, vec![item.clone(), held.clone()?]),
            "each_index" => call_block(interpreter, block, vec![number]),
            "each" | "map" | "collect" | "flat_map" | "select" | "filter" | "reject"
            | "each_slice" | "each_cons" | "each_entry" | "map!" | "collect!" | "any?" | "all?"
            | "find" | "detect" | "each_pair" | "sum" | "filter_map" | "cycle" | "sort_by"
            | "reverse_each" => call_block(interpreter, block, vec![item.clone()]),
            _ => return None,
        };
        if interpreter.is_stopped() {
            return None;
        }
        let truth = interpreter.truth(&result);
        match name {
            "map" | "collect" | "map!" | "collect!" | "filter_map" | "sum" | "with_index"
            | "map.with_index" => made.push(result),
            "flat_map" => made.extend(interpreter.iterate(&result).unwrap_or_default()),
            "select" | "filter" if truth != Some(false) => made.push(item.clone()),
            "reject" if truth != Some(true) => made.push(item.clone()),
            "find" | "detect" if truth != Some(false) => return Some(item.clone()),
            _ => {}
        }
    }
    Some(match name {
        "inject" | "reduce" | "each_with_object" => held?,
        "map" | "collect" | "flat_map" | "select" | "filter" | "reject" | "filter_map"
        | "with_index" | "map.with_index" => interpreter.heap.list(made),
        "map!" | "collect!" => {
            if let Object::List(slot) = receiver {
                *interpreter.heap.items_mut(*slot)? = made;
            }
            receiver.clone()
        }
        "sum" => made.into_iter().fold(Object::Int(0), |sum, item| {
            interpreter.operate(sum, Operator::Add, item)
        }),
        "any?" | "all?" | "find" | "detect" | "sort_by" => return None,
        _ => receiver.clone(),
    })
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
        "join" => {
            let separator = first.map_or_else(|| Value::literal(""), |s| interpreter.value_of(s));
            let joined = Arguments::plain(vec![receiver.clone()]);
            crate::language::script::texts::method(interpreter, &separator, "join", &joined)?
        }
        "pack" => texts::packed(interpreter, receiver, &items, first?)?,
        "reverse" | "reverse_each" => interpreter.heap.list(items.into_iter().rev().collect()),
        "map" | "each" | "to_a" | "each_with_index" | "collect" | "entries" | "compact"
        | "flatten" | "to_ary" | "lazy" | "force" | "uniq" | "each_char" | "each_byte"
        | "shuffle"
            if name != "flatten" =>
        {
            receiver.clone()
        }
        "flatten" | "concat" => {
            let mut all = Vec::new();
            let more = arguments.plain.iter().filter(|_| name == "concat").cloned();
            for item in items.into_iter().chain(more) {
                match &item {
                    Object::List(_) | Object::Tuple(_) => all.extend(interpreter.iterate(&item)?),
                    _ => all.push(item),
                }
            }
            interpreter.heap.list(all)
        }
        "first" | "min" if first.is_none() => items.first().cloned().unwrap_or(Object::None),
        "last" | "max" if first.is_none() => items.last().cloned().unwrap_or(Object::None),
        "first" | "take" => {
            let count = usize::try_from(first?.as_int()?).ok()?;
            interpreter
                .heap
                .list(items.into_iter().take(count).collect())
        }
        "drop" => {
            let count = usize::try_from(first?.as_int()?).ok()?;
            interpreter
                .heap
                .list(items.into_iter().skip(count).collect())
        }
        "push" | "append" | "<<" | "add" => {
            if let Object::List(slot) = receiver {
                let more = arguments.plain.clone();
                interpreter.heap.items_mut(*slot)?.extend(more);
            }
            receiver.clone()
        }
        "shift" | "pop" => {
            let Object::List(slot) = receiver else {
                return None;
            };
            let own = interpreter.heap.items_mut(*slot)?;
            let taken = match name {
                "pop" => own.pop(),
                _ if own.is_empty() => None,
                _ => Some(own.remove(0)),
            };
            taken.unwrap_or(Object::None)
        }
        "rotate" => {
            let by = first.map_or(Some(1), Object::as_int)?;
            let mut items = items;
            let length = i128::try_from(items.len())
                .ok()
                .filter(|length| *length > 0)?;
            items.rotate_left(usize::try_from(by.rem_euclid(length)).ok()?);
            interpreter.heap.list(items)
        }
        "zip" => {
            let more = interpreter.iterate(first?)?;
            let more = more.into_iter().chain(std::iter::repeat(Object::None));
            let pairs: Vec<Vec<Object>> = items
                .into_iter()
                .zip(more)
                .map(|(a, b)| vec![a, b])
                .collect();
            let pairs = pairs
                .into_iter()
                .map(|pair| interpreter.heap.list(pair))
                .collect();
            interpreter.heap.list(pairs)
        }
        "each_slice" => {
            let size = usize::try_from(first?.as_int()?)
                .ok()
                .filter(|size| *size > 0)?;
            let groups: Vec<Vec<Object>> = items.chunks(size).map(<[Object]>::to_vec).collect();
            let groups = groups
                .into_iter()
                .map(|group| interpreter.heap.list(group))
                .collect();
            interpreter.heap.list(groups)
        }
        "inject" | "reduce" | "sum" => {
            let operator = first.and_then(Object::as_text).unwrap_or("+").to_owned();
            let mut items = items.into_iter();
            let mut held = items.next()?;
            for item in items {
                held = match operator.as_str() {
                    "+" => interpreter.operate(held, Operator::Add, item),
                    "*" => interpreter.operate(held, Operator::Multiply, item),
                    "^" => interpreter.operate(held, Operator::Xor, item),
                    _ => return None,
                };
            }
            held
        }
        "length" | "size" | "count" => Object::Int(i128::try_from(items.len()).ok()?),
        "empty?" => Object::Bool(items.is_empty()),
        "include?" | "member?" | "index" => {
            let wanted = first?;
            let found = items.iter().position(|item| {
                interpreter.compare(item, Comparison::Equal, wanted) == Some(true)
            });
            match name {
                "index" => found.map_or(Object::None, |at| Object::Int(at as i128)),
                _ => Object::Bool(found.is_some()),
            }
        }
        "sample" => items.first().cloned()?,
        "to_h" | "transpose" | "each_with_object" => return None,
        "sort" => {
            let sorted = containers::sorted(interpreter, items, &Arguments::default())?;
            interpreter.heap.list(sorted)
        }
        "values_at" => {
            let mut picked = Vec::new();
            for at in &arguments.plain {
                picked.push(interpreter.index(receiver, at));
            }
            interpreter.heap.list(picked)
        }
        _ => return None,
    })
}
