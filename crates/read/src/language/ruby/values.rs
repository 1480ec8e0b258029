//! Methods and operators of Ruby's own objects: numbers, arrays, hashes, procs.
//!
//! Source: the documentation of Ruby, "Integer", "Array", "Hash", "Enumerable", "Proc", "Object".

use std::rc::Rc;

use model::{Provenance, Stream, Value};

use super::lists::list;
use super::{library, texts};
use crate::language::script::calls::Arguments;
use crate::language::script::containers;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library as shared;
use crate::language::script::object::{Object, Partial};
use crate::language::script::syntax::{Name, Operator};

/// Most items of a range.
const ITEMS: i128 = 1 << 18;

/// An object as a text.
pub fn shown(object: &Object) -> Option<Value> {
    match object {
        Object::None => Some(Value::literal("")),
        Object::Bool(truth) => Some(Value::literal(truth.to_string())),
        // The number of a connection's descriptor: where it is used, it is told by its source.
        Object::Descriptor(stream) => match &**stream {
            Stream::Connection(connection) => {
                Some(Value::literal("0").with_source(Provenance::Received(*connection)))
            }
            _ => None,
        },
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
    if operator == Operator::Modulo
        && let Object::Text(_) = left
    {
        return Some(texts::formatted(interpreter, left, right));
    }
    if operator == Operator::Multiply
        && let (Object::List(_), Object::Text(_)) = (left, right)
    {
        let joined = Arguments::plain(vec![right.clone()]);
        return list(interpreter, left, "join", &joined);
    }
    if operator != Operator::ShiftLeft {
        return None;
    }
    match left {
        Object::Text(_) | Object::Bytes(_) => {
            let right = match right {
                Object::Int(code) => Object::text(
                    u32::try_from(*code)
                        .ok()
                        .and_then(char::from_u32)
                        .map(String::from)
                        .unwrap_or_default(),
                ),
                other => other.clone(),
            };
            Some(interpreter.operate(left.clone(), Operator::Add, right))
        }
        Object::List(slot) => {
            containers::list(
                interpreter,
                *slot,
                "append",
                &Arguments::plain(vec![right.clone()]),
            );
            Some(left.clone())
        }
        Object::Native(_) | Object::Library(_) => {
            let write = Rc::from("write");
            interpreter.call_method(left, &write, Arguments::plain(vec![right.clone()]));
            Some(left.clone())
        }
        _ => None,
    }
}

/// The block of a call.
pub fn block(arguments: &Arguments) -> Option<&Object> {
    arguments
        .named("&")
        .filter(|block| !matches!(block, Object::None))
}

/// Arguments without the block.
pub fn without_block(arguments: &Arguments) -> Arguments {
    let mut rest = arguments.clone();
    rest.named.retain(|(name, _)| &**name != "&");
    rest
}

/// Calls a block; a symbol calls the method it names, and items that are arrays are spread over
/// several parameters.
pub fn call_block(interpreter: &mut Interpreter, block: &Object, items: Vec<Object>) -> Object {
    match block {
        Object::Text(name) => match items.split_first() {
            Some((receiver, rest)) => {
                let name = Rc::from(name.text.as_str());
                interpreter.call_method(receiver, &name, Arguments::plain(rest.to_vec()))
            }
            None => Object::anything(),
        },
        Object::Function(function) if function.syntax.parameters.len() > 1 => {
            let spread = match items.as_slice() {
                [one @ (Object::List(_) | Object::Tuple(_))] => interpreter.iterate(one),
                _ => None,
            };
            interpreter.call_plain(block, spread.unwrap_or(items))
        }
        other => interpreter.call_plain(other, items),
    }
}

/// `receiver.name(…)` of anything but an instance of a class of the program.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &Name,
    arguments: &Arguments,
) -> Option<Object> {
    if let Some(result) = of_any(interpreter, receiver, name, arguments) {
        return Some(result);
    }
    match receiver {
        Object::Class(_) if &**name == "new" => Some(interpreter.call(receiver, arguments.clone())),
        Object::Class(_) | Object::Super(..) => None,
        Object::Text(value) => texts::method(interpreter, &value.clone(), name, arguments),
        Object::Bytes(bytes) => match &**name {
            "unpack" | "unpack1" | "length" | "size" | "bytesize" => {
                texts::method(interpreter, &Rc::new(bytes.value()), name, arguments)
            }
            _ => texts::of_bytes(interpreter, bytes, name, arguments),
        },
        Object::Int(number) => integer(interpreter, *number, name, arguments),
        Object::List(_) | Object::Tuple(_) => list(interpreter, receiver, name, arguments),
        Object::Partial(partial) if partial.callee.is_library("rb.@range") => {
            let items = range(interpreter, partial)?;
            list(interpreter, &items, name, arguments)
        }
        Object::Dictionary(_) => hash(interpreter, receiver, name, arguments),
        _ => library::method(interpreter, receiver, name, arguments),
    }
}

/// Methods that every object has.
fn of_any(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    match name {
        "send" | "public_send" | "__send__" | "try" | "instance_exec" if first.is_some() => {
            let (own, rest) = arguments.plain.split_first()?;
            let own = own.as_text()?.to_owned();
            let rest = Arguments {
                plain: rest.to_vec(),
                ..arguments.clone()
            };
            Some(match receiver {
                Object::Library(path) if &**path == "rb.Kernel" || &**path == "rb.Object" => {
                    let method = Object::Library(Rc::from(format!("rb.Kernel.{own}")));
                    interpreter.call(&method, rest)
                }
                _ => interpreter.call_method(receiver, &Rc::from(own), rest),
            })
        }
        "method" | "public_method" | "instance_method" => {
            let own = first?.as_text()?;
            Some(Object::Method(Rc::new((receiver.clone(), Rc::from(own)))))
        }
        "call" | "()" | "yield" | "===" => match receiver {
            Object::Function(_)
            | Object::Method(_)
            | Object::Partial(_)
            | Object::Code(_)
            | Object::Bound(_) => Some(interpreter.call(receiver, without_block(arguments))),
            _ => None,
        },
        "[]" => match receiver {
            Object::Function(_) | Object::Method(_) => {
                Some(interpreter.call(receiver, arguments.clone()))
            }
            Object::Text(_) | Object::List(_) | Object::Tuple(_) | Object::Bytes(_) => {
                Some(element(interpreter, receiver, arguments))
            }
            Object::Library(path) if path.starts_with("rb.") => None,
            _ => Some(interpreter.index(receiver, first?)),
        },
        "instance_eval" | "class_eval" | "module_eval" | "eval" if block(arguments).is_none() => {
            let code = first?.clone();
            Some(library::evaluated(interpreter, &code))
        }
        "instance_eval" | "class_eval" | "tap" | "then" | "yield_self" | "instance_exec" => {
            let block = block(arguments)?.clone();
            let made = call_block(interpreter, &block, vec![receiver.clone()]);
            Some(match name {
                "tap" => receiver.clone(),
                _ => made,
            })
        }
        "freeze" | "dup" | "clone" | "itself" | "to_proc" | "force_encoding" | "encode" | "b"
        | "taint" | "untaint" | "to_sym" | "intern" | "html_safe" | "unicode_normalize" => {
            Some(receiver.clone())
        }
        "nil?" => Some(Object::Bool(matches!(receiver, Object::None))),
        "to_s" | "inspect" | "to_str" => match receiver {
            Object::Text(_) | Object::Unknown(_) => Some(receiver.clone()),
            Object::Int(_) if first.is_some() => None,
            Object::None | Object::Int(_) | Object::Bool(_) | Object::Float(_) => {
                Some(Object::of_value(interpreter.shown(receiver)))
            }
            Object::Library(path) if &**path == "os.environ" => {
                Some(Object::of_value(interpreter.value_of(receiver)))
            }
            _ => None,
        },
        "respond_to?" | "is_a?" | "kind_of?" | "instance_of?" | "frozen?" => {
            interpreter.uncertain += 1;
            Some(Object::anything())
        }
        _ => None,
    }
}

/// `object[index]`, `object[start, length]`, `object[range]`.
fn element(interpreter: &mut Interpreter, receiver: &Object, arguments: &Arguments) -> Object {
    let [first, rest @ ..] = arguments.plain.as_slice() else {
        return Object::anything();
    };
    let bounds = match (first, rest) {
        (Object::Partial(partial), _) if partial.callee.is_library("rb.@range") => {
            let int = |at: usize| partial.plain.get(at).and_then(Object::as_int);
            let excludes = matches!(partial.plain.get(2), Some(Object::Bool(true)));
            let stop = match int(1) {
                Some(-1) if !excludes => None,
                Some(stop) => Some(stop + i128::from(!excludes)),
                None => None,
            };
            Some((int(0), stop))
        }
        (start, [length]) => match (start.as_int(), length.as_int()) {
            (Some(start), Some(length)) if start < 0 && start + length >= 0 => {
                Some((Some(start), None))
            }
            (Some(start), Some(length)) => Some((Some(start), Some(start.saturating_add(length)))),
            _ => return Object::from_sources(interpreter.heap.sources(receiver)),
        },
        _ => None,
    };
    match bounds {
        Some((start, stop)) => {
            let bounds = [start.map(Object::Int), stop.map(Object::Int), None];
            interpreter.slice(receiver, &bounds)
        }
        None => interpreter.index(receiver, first),
    }
}

/// The items of a range.
pub fn range(interpreter: &mut Interpreter, range: &Partial) -> Option<Object> {
    let excludes = matches!(range.plain.get(2), Some(Object::Bool(true)));
    let items: Vec<Object> = match (range.plain.first()?, range.plain.get(1)?) {
        (Object::Text(a), Object::Text(b)) => {
            let (a, b) = (a.text.chars().next()?, b.text.chars().next()?);
            (a..=b).map(|c| Object::text(c.to_string())).collect()
        }
        (a, b) => {
            let (a, b) = (a.as_int()?, b.as_int()?);
            let end = if excludes { b } else { b.saturating_add(1) };
            if end - a > ITEMS || !interpreter.burn(u64::try_from((end - a).max(0)).ok()? / 8) {
                return None;
            }
            (a..end).map(Object::Int).collect()
        }
    };
    Some(interpreter.heap.list(items))
}

/// Methods of integers.
fn integer(
    interpreter: &mut Interpreter,
    number: i128,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "chr" => texts::of_byte(number)?,
        "ord" | "to_i" | "to_int" | "abs" | "floor" | "round" => Object::Int(match name {
            "abs" => number.checked_abs()?,
            _ => number,
        }),
        "succ" | "next" => Object::Int(number.checked_add(1)?),
        "pred" => Object::Int(number.checked_sub(1)?),
        "to_s" => {
            let radix = u32::try_from(first?.as_int()?)
                .ok()
                .filter(|r| (2..=36).contains(r))?;
            let mut left = number.unsigned_abs();
            let mut digits = Vec::new();
            while left > 0 || digits.is_empty() {
                digits.extend(char::from_digit(
                    u32::try_from(left % u128::from(radix)).ok()?,
                    radix,
                ));
                left /= u128::from(radix);
            }
            Object::text(digits.into_iter().rev().collect::<String>())
        }
        "times" | "upto" | "downto" | "step" => {
            let last = match name {
                "times" => number - 1,
                _ => first?.as_int()?,
            };
            let start = if name == "times" { 0 } else { number };
            let (low, high) = (start.min(last), start.max(last));
            if high - low > ITEMS || name == "times" && number <= 0 {
                return None;
            }
            let mut items: Vec<Object> = (low..=high).map(Object::Int).collect();
            if name == "downto" {
                items.reverse();
            }
            let items = interpreter.heap.list(items);
            match block(arguments) {
                Some(_) => list(interpreter, &items, "each", arguments)?,
                None => items,
            }
        }
        "fdiv" | "div" => {
            interpreter.operate(Object::Int(number), Operator::FloorDivide, first?.clone())
        }
        _ => return None,
    })
}

/// Methods of hashes.
fn hash(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let Object::Dictionary(slot) = receiver else {
        return None;
    };
    let first = arguments.plain.first();
    match name {
        "fetch" | "dig" => Some(interpreter.index(receiver, first?)),
        "key?" | "has_key?" | "include?" => Some(Object::Bool(
            interpreter.heap.entry(*slot, first?).is_some(),
        )),
        "keys" | "values" => {
            containers::dictionary(interpreter, *slot, name, &Arguments::default())
        }
        "merge" | "to_h" => Some(receiver.clone()),
        "invert" => {
            let entries = interpreter.heap.entries(*slot).to_vec();
            let turned = entries
                .into_iter()
                .map(|(key, value)| (value, key))
                .collect();
            Some(interpreter.heap.dictionary(turned))
        }
        _ => {
            let pairs = containers::dictionary(interpreter, *slot, "items", &Arguments::default())?;
            list(interpreter, &pairs, name, arguments)
        }
    }
}

/// Calls a function of the shared library.
pub fn shared_call(interpreter: &mut Interpreter, path: &str, plain: Vec<Object>) -> Object {
    shared::call(interpreter, path, Arguments::plain(plain))
}
