//! Functions over arrays.
//!
//! Source: The PHP Manual, "Arrays".

use std::rc::Rc;

use super::syntax::key_of;
use super::{array, code, entries, integer, of_bytes, values};
use crate::encoding::to_bytes;
use crate::language::script::calls::Arguments;
use crate::language::script::heap::same_key;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::loose;
use crate::language::script::object::Object;
use crate::language::script::syntax::Operator;

/// Longest range that is walked.
const RANGE: i128 = 1 << 17;

/// Calls one of them.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    match name {
        "array" => Some(array(interpreter, arguments.plain.clone())),
        "range" => range(interpreter, arguments),
        "compact" => {
            let mut all = Vec::new();
            for name in &arguments.plain {
                let Some(name) = name.as_text() else {
                    continue;
                };
                let value = interpreter.lookup(&Rc::from(name));
                all.push((Object::text(name), value));
            }
            Some(interpreter.heap.dictionary(all))
        }
        "array_push" | "array_unshift" | "array_pop" | "array_shift" | "shuffle" | "sort"
        | "rsort" | "ksort" | "krsort" | "asort" | "arsort" | "array_splice" => {
            changed(interpreter, name, arguments)
        }
        "array_map"
        | "array_filter"
        | "array_reduce"
        | "array_walk"
        | "array_walk_recursive"
        | "usort"
        | "uasort"
        | "uksort"
        | "iterator_apply"
        | "array_udiff"
        | "array_uintersect"
        | "array_diff_ukey"
        | "array_diff_uassoc"
        | "array_udiff_assoc"
        | "array_udiff_uassoc"
        | "array_intersect_ukey"
        | "array_intersect_uassoc"
        | "array_uintersect_assoc"
        | "array_uintersect_uassoc" => code::over_array(interpreter, name, arguments),
        "count" | "sizeof" => {
            let length = entries(interpreter, first?)?.len();
            // What a loop that was followed once put into it is not all it holds.
            (length > 0).then(|| Object::Int(i128::try_from(length).unwrap_or(0)))
        }
        "current" | "pos" | "reset" | "end" | "next" | "prev" | "each" => {
            let Some(values) = values(interpreter, first?) else {
                let from = interpreter.heap.sources(first?);
                return Some(Object::from_sources(from));
            };
            match name {
                "end" => values.last().cloned(),
                "current" | "pos" | "reset" => values.first().cloned(),
                _ => {
                    interpreter.uncertain += 1;
                    values.get(1).cloned()
                }
            }
        }
        "key" | "array_key_first" => entries(interpreter, first?)?
            .into_iter()
            .next()
            .map(|e| e.0),
        "array_key_last" => entries(interpreter, first?)?
            .into_iter()
            .last()
            .map(|e| e.0),
        "array_key_exists" | "key_exists" => {
            let held = entries(interpreter, arguments.plain.get(1)?)?;
            let key = key_of(first?);
            let is_held = held.iter().any(|(own, _)| same_key(own, &key));
            is_held.then_some(Object::Bool(true))
        }
        _ => made(interpreter, name, arguments),
    }
}

/// Functions that make another array.
fn made(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    if !matches!(
        name,
        "array_merge"
            | "array_replace"
            | "array_keys"
            | "array_values"
            | "array_reverse"
            | "array_flip"
            | "array_slice"
            | "array_combine"
            | "array_fill"
            | "array_column"
            | "array_unique"
            | "array_chunk"
            | "array_pad"
            | "iterator_to_array"
            | "array_sum"
            | "array_product"
            | "array_rand"
            | "array_fill_keys"
            | "array_merge_recursive"
    ) {
        return None;
    }
    let first = arguments.plain.first()?;
    if name == "array_fill" {
        let count = usize::try_from(integer(arguments, 1)?).ok()?;
        let value = arguments.plain.get(2)?.clone();
        return interpreter
            .may_make(count.saturating_mul(64))
            .then(|| array(interpreter, vec![value; count]));
    }
    let Some(held) = entries(interpreter, first) else {
        let from = interpreter.heap.sources(first);
        return Some(Object::from_sources(from));
    };
    let plain = |held: Vec<(Object, Object)>| held.into_iter().map(|(_, value)| value).collect();
    Some(match name {
        "array_merge" | "array_replace" | "array_merge_recursive" => {
            let mut all = Vec::new();
            let mut next = 0;
            for source in &arguments.plain {
                for (key, value) in entries(interpreter, source)? {
                    match key {
                        Object::Int(_) if name != "array_replace" => {
                            all.push((Object::Int(next), value));
                            next += 1;
                        }
                        key => {
                            if !interpreter.burn(all.len() as u64 / 16) {
                                return None;
                            }
                            all.retain(|(own, _)| !same_key(own, &key));
                            all.push((key, value));
                        }
                    }
                }
                if !interpreter.burn(all.len() as u64 / 4) {
                    return None;
                }
            }
            interpreter.heap.dictionary(all)
        }
        "array_keys" => {
            let keys = held.into_iter().map(|(key, _)| key).collect();
            array(interpreter, keys)
        }
        "array_reverse" => {
            let mut all: Vec<Object> = plain(held);
            all.reverse();
            array(interpreter, all)
        }
        "array_flip" => {
            let flipped = held
                .into_iter()
                .map(|(key, value)| (key_of(&value), key))
                .collect();
            interpreter.heap.dictionary(flipped)
        }
        "array_slice" => {
            let length = i128::try_from(held.len()).ok()?;
            let start = integer(arguments, 1)?;
            let from = if start < 0 {
                (start + length).max(0)
            } else {
                start.min(length)
            };
            let to = match arguments.plain.get(2).map(loose::integer) {
                None => length,
                Some(count) => match count? {
                    count if count < 0 => length + count,
                    count => from.saturating_add(count).min(length),
                },
            };
            let range = usize::try_from(from).ok()?..usize::try_from(to.max(from)).ok()?;
            let all = held.get(range)?.to_vec();
            array(interpreter, plain(all))
        }
        _ => return combined(interpreter, name, arguments, held),
    })
}

/// Arrays made of the values or keys of one.
fn combined(
    interpreter: &mut Interpreter,
    name: &str,
    arguments: &Arguments,
    held: Vec<(Object, Object)>,
) -> Option<Object> {
    let plain = |held: Vec<(Object, Object)>| held.into_iter().map(|(_, value)| value).collect();
    Some(match name {
        "array_combine" => {
            let all = values(interpreter, arguments.plain.get(1)?)?;
            let keys = held.into_iter().map(|(_, key)| key_of(&key));
            let combined = keys.zip(all).collect();
            interpreter.heap.dictionary(combined)
        }
        "array_fill_keys" => {
            let value = arguments.plain.get(1)?.clone();
            let all = held
                .into_iter()
                .map(|(_, key)| (key_of(&key), value.clone()))
                .collect();
            interpreter.heap.dictionary(all)
        }
        "array_column" => {
            let key = arguments.plain.get(1)?.clone();
            let rows: Vec<Object> = plain(held);
            let all = rows
                .iter()
                .map(|row| interpreter.index(row, &key))
                .collect();
            array(interpreter, all)
        }
        "array_sum" | "array_product" => {
            let operator = match name {
                "array_sum" => Operator::Add,
                _ => Operator::Multiply,
            };
            let mut total = Object::Int(i128::from(name != "array_sum"));
            for (_, value) in held {
                total = interpreter.operate(total, operator, value);
            }
            total
        }
        "array_rand" => {
            interpreter.uncertain += 1;
            held.into_iter().next()?.0
        }
        "array_chunk" => {
            let size = usize::try_from(integer(arguments, 1)?).ok()?.max(1);
            let all: Vec<Object> = plain(held);
            let chunks = all
                .chunks(size)
                .map(|chunk| array(interpreter, chunk.to_vec()))
                .collect();
            array(interpreter, chunks)
        }
        "iterator_to_array" => interpreter.heap.dictionary(held),
        _ => array(interpreter, plain(held)),
    })
}

/// `range(first, last, step)` of numbers or letters.
fn range(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let letter = |object: &Object| match object {
        Object::Text(value) if value.known && value.text.parse::<f64>().is_err() => {
            to_bytes(&value.text).first().map(|byte| i128::from(*byte))
        }
        _ => None,
    };
    let (first, last) = (arguments.plain.first()?, arguments.plain.get(1)?);
    let letters = letter(first).zip(letter(last));
    let (from, to) = match letters {
        Some(pair) => pair,
        None => (loose::integer(first)?, loose::integer(last)?),
    };
    let step = integer(arguments, 2).unwrap_or(1).checked_abs()?.max(1);
    if from.checked_sub(to)?.checked_abs()? / step > RANGE {
        return None;
    }
    let mut items = Vec::new();
    let mut at = from;
    while if from <= to { at <= to } else { at >= to } {
        items.push(match letters {
            Some(_) => of_bytes(&[u8::try_from(at).unwrap_or(b'?')], Vec::new()),
            None => Object::Int(at),
        });
        at = if from <= to { at + step } else { at - step };
    }
    interpreter
        .burn(items.len() as u64 / 8)
        .then(|| array(interpreter, items))
}

/// Functions that change the array they are given.
fn changed(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let (first, rest) = arguments.plain.split_first()?;
    let Object::Dictionary(slot) = first else {
        return Some(interpreter.call_unknown(first, arguments));
    };
    let mut held = values(interpreter, first)?;
    let mut result = Object::anything();
    match name {
        "array_push" => held.extend_from_slice(rest),
        "array_unshift" => {
            let mut all = rest.to_vec();
            all.append(&mut held);
            held = all;
        }
        "array_pop" => result = held.pop().unwrap_or(Object::None),
        "array_shift" => {
            result = match held.is_empty() {
                true => Object::None,
                false => held.remove(0),
            };
        }
        "array_splice" => {
            let at = usize::try_from(integer(arguments, 1)?)
                .ok()?
                .min(held.len());
            let count = match integer(arguments, 2) {
                Some(count) => usize::try_from(count).ok()?.min(held.len() - at),
                None => held.len() - at,
            };
            let taken = held.splice(at..at + count, []).collect();
            result = array(interpreter, taken);
        }
        _ => {
            // An order that is not told: what it holds stays.
            let mut all = entries(interpreter, first)?;
            match name {
                "ksort" | "krsort" => in_order(&mut all, |(key, _)| key),
                "sort" | "rsort" | "asort" | "arsort" => in_order(&mut all, |(_, value)| value),
                _ => {}
            }
            if matches!(name, "krsort" | "rsort" | "arsort") {
                all.reverse();
            }
            if matches!(name, "sort" | "rsort") {
                let sorted = all.into_iter().map(|(_, value)| value);
                all = (0..).map(Object::Int).zip(sorted).collect();
            }
            *interpreter.heap.entries_mut(*slot)? = all;
            return Some(result);
        }
    }
    let all = (0..).map(Object::Int).zip(held).collect();
    *interpreter.heap.entries_mut(*slot)? = all;
    Some(result)
}

/// Sorts entries by numbers or texts, if all are of one kind and known.
fn in_order(all: &mut [(Object, Object)], by: fn(&(Object, Object)) -> &Object) {
    if all.iter().all(|entry| by(entry).as_int().is_some()) {
        all.sort_by_key(|entry| by(entry).as_int());
    } else if all.iter().all(|entry| by(entry).as_text().is_some()) {
        all.sort_by(|a, b| by(a).as_text().cmp(&by(b).as_text()));
    }
}
