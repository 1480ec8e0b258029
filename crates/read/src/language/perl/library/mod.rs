//! Functions and classes of Perl: what they do, said as far as possible in terms of the libraries
//! that all languages share.
//!
//! Source: perlfunc, perlvar; the documentation of the modules named.

use std::rc::Rc;

use model::{Provenance, Stream, Value};

use crate::encoding::{to_bytes, to_text};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library;
use crate::language::script::loose;
use crate::language::script::object::Object;
use crate::language::script::syntax::Name;
use crate::world::is_placeholder;

mod convert;
mod files;
mod handles;
mod lists;
mod network;
mod patterns;
mod process;
mod syntax;
mod texts;

pub use syntax::{index, store};

/// One family of functions: `None` if it knows none of that name.
type Family = fn(&mut Interpreter, &str, &Arguments) -> Option<Object>;

/// The families, asked in order.
const FAMILIES: &[Family] = &[
    syntax::call,
    patterns::call,
    lists::call,
    texts::call,
    convert::call,
    process::call,
    handles::call,
    files::call,
    network::call,
];

/// Longest list that is followed.
const ITEMS: usize = 1 << 17;

/// Calls a function.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Object {
    for family in FAMILIES {
        if let Some(result) = family(interpreter, name, arguments) {
            return result;
        }
    }
    interpreter.call_unknown(&Object::anything(), arguments)
}

/// Calls a method: a function of the program, with what it is called on as its first argument, or
/// one of a library.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &Name,
    arguments: &Arguments,
) -> Option<Object> {
    let plain = name.strip_suffix("()")?;
    // A class of a library, whatever methods of that name the program has.
    if let Object::Text(_) = receiver
        && let Some(result) = network::method(interpreter, receiver, plain, arguments)
    {
        return Some(result);
    }
    let own = interpreter
        .scopes
        .get(interpreter.global_scope(), name)
        .cloned();
    if let Some(function @ Object::Function(_)) = own
        && !matches!(receiver, Object::Native(_) | Object::Response(_))
    {
        let mut all = arguments.clone();
        all.plain.insert(0, receiver.clone());
        return Some(interpreter.call(&function, all));
    }
    network::method(interpreter, receiver, plain, arguments)
        .or_else(|| handles::method(interpreter, receiver, plain, arguments))
}

/// What the program was started with.
pub fn arguments(interpreter: &mut Interpreter) -> Object {
    let given: Vec<Value> = interpreter
        .world()
        .arguments
        .iter()
        .skip(1)
        .cloned()
        .collect();
    if given.is_empty() {
        return Object::unknown(Provenance::Argument);
    }
    let items = given.into_iter().map(Object::of_value).collect();
    interpreter.heap.list(items)
}

/// An object where a text is wanted.
pub fn shown(interpreter: &mut Interpreter, object: &Object) -> Option<Value> {
    Some(match object {
        Object::None | Object::Bool(false) => Value::literal(""),
        Object::Bool(true) => Value::literal("1"),
        Object::Float(number) => Value::literal(loose::shown(*number)),
        Object::Tuple(items) => {
            let mut whole = Value::literal("");
            for item in items.iter().take(1_024) {
                let item = interpreter.shown(item);
                whole.append(&item);
            }
            whole
        }
        Object::List(_) | Object::Dictionary(_) => Value {
            text: "{?}".to_owned(),
            known: false,
            from: interpreter.heap.sources(object),
        },
        Object::Native(_) | Object::Descriptor(_) => match interpreter.stream_of(object) {
            // The number of a descriptor that is this connection.
            Stream::Connection(connection) => Value::literal(format!("#{connection}")),
            _ => return None,
        },
        _ => return None,
    })
}

/// Calls a function of the shared library.
fn shared(interpreter: &mut Interpreter, path: &str, plain: Vec<Object>) -> Object {
    library::call(interpreter, path, Arguments::plain(plain))
}

/// An argument as a text; empty if it is not given.
fn text(interpreter: &mut Interpreter, arguments: &Arguments, at: usize) -> Value {
    match arguments.plain.get(at) {
        Some(object) => interpreter.shown(object),
        None => Value::literal(""),
    }
}

/// An argument as a text, if all of it is known.
fn known(interpreter: &mut Interpreter, arguments: &Arguments, at: usize) -> Option<String> {
    let object = arguments.plain.get(at)?;
    let value = interpreter.shown(object);
    value.known.then_some(value.text)
}

/// An argument as an integer.
fn integer(arguments: &Arguments, at: usize) -> Option<i128> {
    loose::integer(arguments.plain.get(at)?)
}

/// A text from bytes.
fn of_bytes(bytes: &[u8], from: Vec<Provenance>) -> Object {
    Object::Text(Rc::new(Value {
        text: to_text(bytes),
        known: true,
        from,
    }))
}

/// The first argument through a function over bytes; what is not known stays what it is.
fn mapped(
    interpreter: &mut Interpreter,
    arguments: &Arguments,
    map: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Option<Object> {
    let value = text(interpreter, arguments, 0);
    if is_placeholder(&value) {
        return Some(Object::Unknown(Rc::new(value)));
    }
    if !interpreter.may_make(value.text.len()) {
        return None;
    }
    Some(Object::of_value(
        value.map_text(|text| to_text(&map(&to_bytes(text)))),
    ))
}

/// A result of the shared library as Perl has it: a text where that has bytes.
fn as_text(object: Object) -> Object {
    match object {
        Object::Bytes(bytes) => Object::of_value(bytes.value()),
        other => other,
    }
}

/// The items of a list; `None` if it is none that is known.
fn items(interpreter: &mut Interpreter, object: &Object) -> Option<Vec<Object>> {
    match object {
        Object::List(slot) => {
            let items = interpreter.heap.items(*slot).to_vec();
            interpreter.burn(items.len() as u64 / 16).then_some(items)
        }
        Object::Tuple(items) => Some((**items).clone()),
        Object::Dictionary(slot) => Some(
            interpreter
                .heap
                .entries(*slot)
                .iter()
                .map(|(_, value)| value.clone())
                .collect(),
        ),
        _ => None,
    }
}
