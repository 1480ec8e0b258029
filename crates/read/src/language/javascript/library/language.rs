//! Functions of the language itself: evaluation, timers, promises, objects, numbers.
//!
//! Source: ECMA-262, "The Global Object", "Reflection", "Structured Data"; the documentation of
//! Node.js, "Timers", "VM", "util".

use std::rc::Rc;

use model::{Provenance, Value};

use super::super::objects::{self, is_callable};
use super::super::{arrays, coercion, names, patterns};
use super::{call_back, call_later, numbers, shared_call, with_callback};
use crate::language::script::calls::Arguments;
use crate::language::script::containers;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;

/// Deepest JSON that is made into objects.
const JSON_DEPTH: usize = 32;

/// Longest JSON that is made into objects.
const JSON_BYTES: usize = 1 << 18;

/// Calls a function of the language.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "@new" => return Some(new(interpreter, arguments)),
        "@await" => first?.clone(),
        "@void" => Object::None,
        "@number" | "Number" => match first {
            None => Object::Int(0),
            Some(given) => match coercion::to_number(interpreter, given) {
                Some(number) => coercion::number(number),
                None => Object::from_sources(interpreter.heap.sources(given)),
            },
        },
        "@typeof" => match coercion::type_of(first?) {
            Some(name) => Object::text(name),
            None => {
                interpreter.uncertain += 1;
                Object::anything()
            }
        },
        "@regex" | "RegExp" => {
            let flags = arguments.plain.get(1).cloned();
            let pattern = match first {
                Some(Object::Partial(_)) => return first.cloned(),
                Some(pattern) => Object::of_value(interpreter.shown(pattern)),
                None => Object::text(""),
            };
            patterns::regex_of(pattern, flags.unwrap_or_else(|| Object::text("")))
        }
        "@keys" | "Object.keys" | "Reflect.ownKeys" | "Object.getOwnPropertyNames" => {
            keys(interpreter, first?)?
        }
        "@items" => items(interpreter, first?),
        "@super" => shared_call(interpreter, "super", Vec::new()),
        "@bound" => {
            let (callee, rest) = arguments.plain.split_first()?;
            let (this, rest) = rest.split_first()?;
            let rest = Arguments::plain(rest.to_vec());
            objects::call_on(interpreter, this, callee, rest)
        }
        "@resolve" | "@collect" => {
            if let (Some(Object::List(slot)), Some(value)) = (first, arguments.plain.get(1))
                && let Some(cell) = interpreter.heap.items_mut(*slot)
            {
                cell.push(match name {
                    "@collect" => arguments.plain.get(2).unwrap_or(value).clone(),
                    _ => value.clone(),
                });
            }
            Object::None
        }
        "@promised" => {
            let (callee, rest) = arguments.plain.split_first()?;
            let cell = interpreter.heap.list(Vec::new());
            let mut plain = rest.to_vec();
            plain.push(Object::partial("js.@collect", vec![cell.clone()]));
            let returned = interpreter.call_plain(callee, plain);
            settled(interpreter, &cell).unwrap_or(returned)
        }
        "eval"
        | "vm.runInThisContext"
        | "vm.runInNewContext"
        | "vm.runInContext"
        | "globalThis.eval" => match first? {
            code @ (Object::Text(_)
            | Object::Unknown(_)
            | Object::Bytes(_)
            | Object::Response(_)) => {
                let code = code.clone();
                evaluated(interpreter, &code)
            }
            other => other.clone(),
        },
        "Function" | "vm.Script" | "vm.compileFunction" | "AsyncFunction" => {
            let code = match name {
                "Function" => arguments.plain.last(),
                _ => first,
            };
            let code = code.map_or_else(|| Value::literal(""), |code| interpreter.value_of(code));
            Object::Code(Rc::new(code))
        }
        _ if name.ends_with("._compile") => {
            let code = first?.clone();
            evaluated(interpreter, &code)
        }
        "setTimeout"
        | "setInterval"
        | "setImmediate"
        | "process.nextTick"
        | "queueMicrotask"
        | "globalThis.setTimeout" => delayed(interpreter, arguments),
        _ => {
            return modules(interpreter, name, arguments)
                .or_else(|| promises(interpreter, name, arguments))
                .or_else(|| structures(interpreter, name, arguments))
                .or_else(|| numbers::call(interpreter, name, arguments));
        }
    })
}

/// Hands a text to the interpreter itself.
fn evaluated(interpreter: &mut Interpreter, code: &Object) -> Object {
    let code = match code {
        Object::Bytes(bytes) => Object::of_value(bytes.value()),
        other => Object::of_value(interpreter.value_of(other)),
    };
    interpreter.execute_code(&code, true)
}

/// `new callee(…)`.
fn new(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let Some((callee, rest)) = arguments.plain.split_first() else {
        return Object::anything();
    };
    let rest = Arguments {
        plain: rest.to_vec(),
        ..arguments.clone()
    };
    match callee {
        Object::Function(function) => objects::construct(interpreter, &function.clone(), rest),
        other => interpreter.call(&other.clone(), rest),
    }
}

/// A function that is called later, or a text that is evaluated later.
fn delayed(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    match arguments.plain.split_first() {
        Some((callee, rest)) if is_callable(callee) => {
            let rest = rest.get(1..).unwrap_or_default().to_vec();
            call_later(interpreter, callee, None, rest);
        }
        Some((code @ (Object::Text(_) | Object::Unknown(_)), _)) => {
            let traced = code
                .sources()
                .iter()
                .any(|from| !matches!(from, Provenance::Unknown | Provenance::Argument));
            if matches!(code, Object::Text(_)) || traced {
                evaluated(interpreter, &code.clone());
            }
        }
        _ => {}
    }
    Object::anything()
}

/// Ways to a module.
fn modules(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let loads = name == "require"
        || name.ends_with(".require")
        || name.ends_with("._load")
        || matches!(
            name,
            "process.getBuiltinModule" | "process.binding" | "importScripts"
        );
    if loads {
        return Some(match arguments.plain.first()?.as_text() {
            Some("process") => Object::library("js.process"),
            Some(module) => names::module(module).unwrap_or_else(Object::anything),
            None => {
                interpreter.uncertain += 1;
                let from = interpreter.heap.sources(arguments.plain.first()?);
                Object::from_sources(from)
            }
        });
    }
    match name {
        "module.createRequire" | "createRequire" => Some(Object::library("js.require")),
        _ => None,
    }
}

/// What was handed to `resolve`, if anything.
fn settled(interpreter: &Interpreter, cell: &Object) -> Option<Object> {
    match cell {
        Object::List(slot) => interpreter.heap.items(*slot).last().cloned(),
        _ => None,
    }
}

/// Promises, and functions made to return them.
fn promises(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "Promise" => {
            let cell = interpreter.heap.list(Vec::new());
            let resolve = Object::partial("js.@resolve", vec![cell.clone()]);
            let reject = Object::library("js.@void");
            interpreter.call_plain(&first?.clone(), vec![resolve, reject]);
            settled(interpreter, &cell).unwrap_or_else(Object::anything)
        }
        "Promise.resolve" => first.cloned().unwrap_or(Object::None),
        "Promise.all" | "Promise.allSettled" => first?.clone(),
        "Promise.race" | "Promise.any" => interpreter.index(&first?.clone(), &Object::Int(0)),
        "util.promisify" => Object::partial("js.@promised", vec![first?.clone()]),
        _ => return None,
    })
}

/// The keys of an object.
fn keys(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    let keys = match object {
        Object::Dictionary(_) => interpreter
            .iterate(object)?
            .into_iter()
            .filter(|key| !matches!(key.as_text(), Some("__proto__" | "@kind")))
            .collect(),
        Object::List(_) | Object::Tuple(_) | Object::Text(_) | Object::Bytes(_) => {
            let length = shared_call(interpreter, "len", vec![object.clone()]).as_int()?;
            let all = (0..length.min(1 << 16)).map(|at| Object::text(at.to_string()));
            all.collect()
        }
        _ => return Some(Object::from_sources(interpreter.heap.sources(object))),
    };
    Some(interpreter.heap.list(keys))
}

/// What `for (x of object)` walks.
fn items(interpreter: &mut Interpreter, object: &Object) -> Object {
    match object {
        Object::Dictionary(_) => entries(interpreter, object).unwrap_or_else(Object::anything),
        other => other.clone(),
    }
}

/// Keys with their values.
fn entries(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    let Object::Dictionary(slot) = object else {
        return None;
    };
    let own = interpreter.heap.entries(*slot).to_vec();
    if !interpreter.burn(own.len() as u64) {
        return None;
    }
    let pairs = own
        .into_iter()
        .filter(|(key, _)| key.as_text() != Some("__proto__"))
        .map(|(key, value)| Object::Tuple(Rc::new(vec![key, value])))
        .collect();
    Some(interpreter.heap.list(pairs))
}

/// Objects, arrays and JSON.
fn structures(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "Object.values" => {
            let Object::Dictionary(slot) = first? else {
                return None;
            };
            containers::dictionary(interpreter, *slot, "values", &Arguments::default())?
        }
        "Object.entries" => entries(interpreter, first?)?,
        "Object.assign" => {
            let (target, rest) = arguments.plain.split_first()?;
            for more in rest {
                if let (Object::Dictionary(own), Object::Dictionary(more)) = (target, more) {
                    for (key, value) in interpreter.heap.entries(*more).to_vec() {
                        interpreter.heap.set_entry(*own, key, value);
                    }
                }
            }
            target.clone()
        }
        "Object"
        | "Object.create"
        | "Object.freeze"
        | "Object.seal"
        | "structuredClone"
        | "Object.setPrototypeOf"
        | "Object.fromEntries"
        | "Proxy" => match first {
            Some(object @ (Object::Dictionary(_) | Object::Function(_))) => object.clone(),
            _ => interpreter.heap.dictionary(Vec::new()),
        },
        "Object.getPrototypeOf" => Object::library("js.@prototype"),
        "Object.defineProperty" => {
            let (object, key) = (first?.clone(), arguments.plain.get(1)?.clone());
            let descriptor = arguments.plain.get(2)?;
            if let Some(value) = objects::part(interpreter, descriptor, "value") {
                objects::store(interpreter, &object, &key, &value);
            }
            object
        }
        "Map" | "WeakMap" => {
            let pairs = first.and_then(|pairs| interpreter.iterate(pairs));
            let mut entries = Vec::new();
            for pair in pairs.unwrap_or_default() {
                if let Some([key, value]) = interpreter.iterate(&pair).as_deref() {
                    entries.push((key.clone(), value.clone()));
                }
            }
            interpreter.heap.dictionary(entries)
        }
        "Set" | "WeakSet" | "Array.from" | "Array.of" | "Uint8Array.from" | "Uint8Array"
        | "Array" | "Uint32Array" | "Int32Array" | "Uint16Array" | "Uint8ClampedArray" => {
            return array(interpreter, name, arguments);
        }
        "Array.isArray" => Object::Bool(match first? {
            Object::List(_) => true,
            Object::Unknown(_) => return None,
            _ => false,
        }),
        "Reflect.apply" => {
            let [callee, this, list] = arguments.plain.as_slice() else {
                return None;
            };
            let plain = interpreter.iterate(list).unwrap_or_default();
            objects::call_on(interpreter, this, callee, Arguments::plain(plain))
        }
        "Reflect.get" => interpreter.index(&first?.clone(), arguments.plain.get(1)?),
        "Reflect.construct" => {
            let mut plain = vec![first?.clone()];
            plain.extend(interpreter.iterate(arguments.plain.get(1)?)?);
            new(interpreter, &Arguments::plain(plain))
        }
        "JSON.stringify"
        | "util.inspect"
        | "querystring.stringify"
        | "util.format"
        | "URLSearchParams" => {
            let value = interpreter.value_of(first?);
            Object::of_value(value)
        }
        "JSON.parse" => parsed(interpreter, first?)?,
        _ => return None,
    })
}

/// `Array.from(x, f)`, `new Set(x)`, `new Uint8Array(x)`, `Array(n)`.
fn array(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let Some(first) = arguments.plain.first() else {
        return Some(interpreter.heap.list(Vec::new()));
    };
    if matches!(name, "Array.of") || name == "Array" && arguments.plain.len() > 1 {
        return Some(interpreter.heap.list(arguments.plain.clone()));
    }
    let length = match first {
        Object::Int(length) => Some(*length),
        Object::Dictionary(_) => objects::part(interpreter, first, "length")?.as_int(),
        _ => None,
    };
    let items = match length {
        Some(length) => {
            let length = usize::try_from(length).ok()?;
            let filled = match name {
                "Array" | "Array.from" => Object::None,
                _ => Object::Int(0),
            };
            interpreter.may_make(length).then(|| vec![filled; length])?
        }
        None => match interpreter.iterate(first) {
            Some(items) => items,
            None => return Some(Object::from_sources(interpreter.heap.sources(first))),
        },
    };
    let list = interpreter.heap.list(items);
    match arguments.plain.get(1) {
        Some(callee) if is_callable(callee) => {
            let numbered = Arguments::plain(vec![callee.clone()]);
            arrays::method(interpreter, &list, "map", &numbered)
        }
        _ => Some(list),
    }
}

/// JSON as objects; a text that is none keeps where it comes from.
fn parsed(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    let value = interpreter.value_of(object);
    let json = value
        .as_known()
        .filter(|text| text.len() <= JSON_BYTES && value.from.is_empty())
        .and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    match json {
        Some(json) if interpreter.may_make(value.text.len() * 4) => {
            Some(of_json(interpreter, &json, JSON_DEPTH))
        }
        _ => Some(Object::from_sources(value.from)),
    }
}

fn of_json(interpreter: &mut Interpreter, json: &serde_json::Value, depth: usize) -> Object {
    let Some(depth) = depth.checked_sub(1) else {
        return Object::anything();
    };
    match json {
        serde_json::Value::Null => Object::None,
        serde_json::Value::Bool(truth) => Object::Bool(*truth),
        serde_json::Value::Number(number) => number
            .as_f64()
            .map_or_else(Object::anything, coercion::number),
        serde_json::Value::String(text) => Object::text(text.clone()),
        serde_json::Value::Array(items) => {
            let items = items.iter();
            let items = items
                .map(|item| of_json(interpreter, item, depth))
                .collect();
            interpreter.heap.list(items)
        }
        serde_json::Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let value = of_json(interpreter, value, depth);
                (Object::text(key.clone()), value)
            });
            let entries = entries.collect();
            interpreter.heap.dictionary(entries)
        }
    }
}

/// Methods of objects and maps.
pub fn dictionary_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    match name {
        "hasOwnProperty" | "has" => {
            let held = objects::part(interpreter, receiver, first?.as_text()?).is_some();
            held.then_some(Object::Bool(true))
        }
        "get" => Some(interpreter.index(receiver, first?)),
        "set" => {
            let (key, value) = (first?.clone(), arguments.plain.get(1)?.clone());
            objects::store(interpreter, receiver, &key, &value);
            Some(receiver.clone())
        }
        "toString" if first.is_none() => Some(Object::of_value(interpreter.shown(receiver))),
        "entries" => entries(interpreter, receiver),
        _ => None,
    }
}

/// Methods of something that cannot be told: a function that is handed over sees what it holds.
pub fn unknown_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let walks = matches!(
        name,
        "forEach" | "map" | "filter" | "some" | "every" | "flatMap" | "replace"
    );
    let (callback, _) = with_callback(arguments);
    if walks && let Some(callback @ (Object::Function(_) | Object::Library(_))) = &callback {
        let made = interpreter.call_plain(callback, vec![receiver.clone()]);
        return Some(match name {
            "map" | "flatMap" => made,
            _ => receiver.clone(),
        });
    }
    let traced = receiver
        .sources()
        .iter()
        .any(|from| !matches!(from, Provenance::Unknown | Provenance::Argument));
    match name {
        "call" | "apply" => None,
        "arrayBuffer" | "json" | "text" | "blob" | "toString" | "trim" | "slice" | "substring"
        | "split" | "toLowerCase" | "join" | "reverse" => Some(receiver.clone()),
        "end" | "exec" | "run" if traced && callback.is_some() => {
            call_back(interpreter, callback.as_ref(), vec![receiver.clone()]);
            Some(receiver.clone())
        }
        _ => None,
    }
}
