//! What functions and objects of Node.js, Deno, Bun and the language itself do, in terms of the
//! shared library.

use std::rc::Rc;

use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library as shared;
use crate::language::script::object::{Native, Object};

use super::objects::{self, is_callable};
use super::patterns;

mod codec;
mod events;
mod files;
mod language;
mod network;
mod numbers;
mod processes;
mod system;
mod web;

/// One family of functions: `None` if it knows none of that name.
type Family = fn(&mut Interpreter, &str, &Arguments) -> Option<Object>;

/// The families, asked in order.
const FAMILIES: &[Family] = &[
    language::call,
    processes::call,
    network::call,
    web::call,
    files::call,
    codec::call,
    system::call,
];

/// Calls a function by its name without the `js.` in front.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    FAMILIES
        .iter()
        .find_map(|family| family(interpreter, name, arguments))
}

/// Calls a function of the shared library.
fn shared_call(interpreter: &mut Interpreter, path: &str, plain: Vec<Object>) -> Object {
    shared::call(interpreter, path, Arguments::plain(plain))
}

/// The function handed over last, and the other arguments.
fn with_callback(arguments: &Arguments) -> (Option<Object>, Vec<Object>) {
    let at = arguments.plain.iter().rposition(|argument| {
        matches!(
            argument,
            Object::Function(_) | Object::Bound(_) | Object::Partial(_) | Object::Library(_)
        ) && is_callable(argument)
    });
    let rest = arguments.plain.iter().enumerate();
    let rest = rest.filter(|(own, _)| Some(*own) != at);
    let rest = rest.map(|(_, argument)| argument.clone()).collect();
    (at.and_then(|at| arguments.plain.get(at).cloned()), rest)
}

/// Calls a callback as Node does: without an error.
fn call_back(interpreter: &mut Interpreter, callback: Option<&Object>, mut results: Vec<Object>) {
    if let Some(callback) = callback {
        results.insert(0, Object::None);
        call_later(interpreter, callback, None, results);
    }
}

/// Calls a function of the program once the current statement has ended: what the statement binds
/// is bound then. What settles a promise is called at once.
fn call_later(
    interpreter: &mut Interpreter,
    callback: &Object,
    this: Option<&Object>,
    arguments: Vec<Object>,
) {
    let arguments = Arguments::plain(arguments);
    match callback {
        Object::Partial(_) | Object::Library(_) => {
            interpreter.call(callback, arguments);
        }
        callback => interpreter
            .later
            .push_back((callback.clone(), this.cloned(), arguments)),
    }
}

/// `then`, `catch` and `finally`: a promise is what it resolves to.
pub fn promised(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    match name {
        "then" => match first {
            Some(callback) if is_callable(callback) => {
                Some(interpreter.call_plain(&callback.clone(), vec![receiver.clone()]))
            }
            _ => Some(receiver.clone()),
        },
        "catch" if first.is_some_and(is_callable) => Some(receiver.clone()),
        "finally" => {
            if let Some(callback) = first {
                interpreter.call_plain(&callback.clone(), Vec::new());
            }
            Some(receiver.clone())
        }
        _ => None,
    }
}

/// Calls a method of an object of a library.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    if let Some(result) = events::method(interpreter, receiver, name, arguments) {
        return Some(result);
    }
    match receiver {
        Object::Bytes(bytes) => codec::bytes_method(interpreter, &bytes.clone(), name, arguments),
        Object::Partial(partial) if partial.callee.is_library("js.@regex") => {
            patterns::method(interpreter, receiver, name, arguments)
        }
        Object::Code(_) if name.starts_with("runIn") => {
            Some(interpreter.call(receiver, Arguments::default()))
        }
        Object::Dictionary(slot) => match objects::kind(interpreter, *slot) {
            Some(kind) => {
                let kind = kind.text.clone();
                network::object_method(interpreter, receiver, &kind, name, arguments)
                    .or_else(|| web::request_method(interpreter, receiver, &kind, name, arguments))
                    .or_else(|| language::dictionary_method(interpreter, receiver, name, arguments))
            }
            None => language::dictionary_method(interpreter, receiver, name, arguments),
        },
        Object::Native(slot) => match interpreter.heap.native_of(*slot) {
            Some(Native::Process(_)) => processes::method(interpreter, receiver, name, arguments),
            Some(Native::Socket(_)) => {
                network::socket_method(interpreter, receiver, name, arguments)
            }
            Some(Native::File(_)) if name == "end" => {
                let data = arguments.plain.first()?.clone();
                let write = Rc::from("write");
                Some(interpreter.call_method(receiver, &write, Arguments::plain(vec![data])))
            }
            _ => None,
        },
        Object::Response(_) => web::response_method(interpreter, receiver, name),
        Object::Unknown(_) => language::unknown_method(interpreter, receiver, name, arguments),
        _ => None,
    }
}

/// An attribute of an object of a library.
pub fn attribute(interpreter: &mut Interpreter, object: &Object, name: &str) -> Option<Object> {
    match object {
        Object::Response(response) => match name {
            "data" | "body" | "text" | "rawBody" => Some(Object::of_value(response.1.clone())),
            "statusCode" | "status" | "headers" | "ok" => Some(Object::anything()),
            _ => None,
        },
        Object::Native(slot) => match interpreter.heap.native_of(*slot)? {
            Native::Process(_) => match name {
                "stdin" | "stdout" | "stderr" | "stdio" => Some(object.clone()),
                _ => Some(Object::anything()),
            },
            _ => None,
        },
        Object::Partial(partial) if partial.callee.is_library("js.@regex") => match name {
            "source" => partial.plain.first().cloned(),
            _ => None,
        },
        _ => None,
    }
}

/// `object.onmessage = function`: what is stored in an object of a library may be called.
pub fn stored(interpreter: &mut Interpreter, object: &Object, key: &Object, value: &Object) {
    if let (Some(event), true) = (
        key.as_text().and_then(|name| name.strip_prefix("on")),
        is_callable(value),
    ) {
        let event = event.to_owned();
        events::assigned(interpreter, object, &event, value);
    }
}
