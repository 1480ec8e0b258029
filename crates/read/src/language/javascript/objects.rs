//! Properties: what `object.name`, `object[index]` and `object.name(…)` are.
//!
//! Source: ECMA-262, "Ordinary Object Internal Methods", "Function Objects".

use std::rc::Rc;

use model::{Provenance, Value};

use super::{arrays, coercion, library, names, texts};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::{Function, Object, Partial, Slot};
use crate::language::script::syntax::Name;

/// Longest chain of prototypes that is followed.
const PROTOTYPES: usize = 16;

/// Most holes a store behind the end of a list makes.
const HOLES: usize = 65_536;

/// Whether something is a function.
pub fn is_callable(object: &Object) -> bool {
    matches!(
        object,
        Object::Function(_)
            | Object::Bound(_)
            | Object::Library(_)
            | Object::Method(_)
            | Object::Partial(_)
            | Object::Code(_)
            | Object::Class(_)
    )
}

/// A property of an object or of its prototypes.
fn property(interpreter: &mut Interpreter, slot: Slot, key: &Object) -> Option<Object> {
    let mut slot = slot;
    for _ in 0..PROTOTYPES {
        let entries = interpreter.heap.entries(slot).len() as u64;
        if !interpreter.burn(entries / 16) {
            return None;
        }
        if let Some(found) = interpreter.heap.entry(slot, key) {
            return Some(found);
        }
        match interpreter.heap.entry(slot, &Object::text("__proto__")) {
            Some(Object::Dictionary(above)) => slot = above,
            _ => return None,
        }
    }
    None
}

/// The property of an object of a library that names it.
pub fn kind(interpreter: &Interpreter, slot: Slot) -> Option<Rc<Value>> {
    match interpreter.heap.entry(slot, &Object::text("@kind"))? {
        Object::Text(kind) => Some(kind),
        _ => None,
    }
}

/// An object of a library, with its parts.
pub fn made(interpreter: &mut Interpreter, kind: &str, parts: Vec<(&str, Object)>) -> Object {
    let own = std::iter::once(("@kind", Object::text(kind)));
    let entries = own.chain(parts);
    let entries = entries
        .map(|(key, value)| (Object::text(key), value))
        .collect();
    interpreter.heap.dictionary(entries)
}

/// A part of an object of a library, or an option of a call.
pub fn part(interpreter: &Interpreter, object: &Object, name: &str) -> Option<Object> {
    match object {
        Object::Dictionary(slot) => interpreter.heap.entry(*slot, &Object::text(name)),
        _ => None,
    }
}

/// The object that holds a function's properties.
fn properties(interpreter: &mut Interpreter, function: &Rc<Function>) -> Object {
    let key = Rc::as_ptr(function);
    if let Some(held) = interpreter.properties.get(&key) {
        return held.clone();
    }
    let made = interpreter.heap.dictionary(Vec::new());
    interpreter.properties.insert(key, made.clone());
    made
}

/// What `new function` has for its prototype.
fn prototype(interpreter: &mut Interpreter, function: &Rc<Function>) -> Object {
    let held = properties(interpreter, function);
    if let Some(own) = part(interpreter, &held, "prototype") {
        return own;
    }
    let own = interpreter.heap.dictionary(Vec::new());
    if let Object::Dictionary(slot) = held {
        let key = Object::text("prototype");
        interpreter.heap.set_entry(slot, key, own.clone());
    }
    own
}

/// An object that a function of the program makes.
pub fn construct(
    interpreter: &mut Interpreter,
    function: &Rc<Function>,
    arguments: Arguments,
) -> Object {
    let prototype = prototype(interpreter, function);
    let own = interpreter
        .heap
        .dictionary(vec![(Object::text("__proto__"), prototype)]);
    let returned = call_on(
        interpreter,
        &own,
        &Object::Function(function.clone()),
        arguments,
    );
    match returned {
        Object::Dictionary(_) | Object::List(_) | Object::Native(_) | Object::Function(_) => {
            returned
        }
        _ => own,
    }
}

/// Calls a function on an object.
pub fn call_on(
    interpreter: &mut Interpreter,
    this: &Object,
    callee: &Object,
    arguments: Arguments,
) -> Object {
    match callee {
        Object::Function(function) if function.class.is_none() => {
            interpreter.receiver = Some(this.clone());
        }
        Object::Library(path) => {
            if let Some(name) = path.strip_prefix("js.@native.") {
                let name = Rc::from(name);
                return interpreter.call_method(this, &name, arguments);
            }
        }
        _ => {}
    }
    interpreter.call(callee, arguments)
}

/// `object.name`.
pub fn attribute(interpreter: &mut Interpreter, object: &Object, name: &Name) -> Option<Object> {
    if let ("__proto__", false) = (&**name, matches!(object, Object::Dictionary(_))) {
        return Some(Object::library("js.@prototype"));
    }
    match object {
        Object::Library(path) if &**path == "os.environ" => {
            Some(interpreter.index(object, &Object::text(&**name)))
        }
        Object::Library(path) => names::member(interpreter, path, name),
        Object::Dictionary(slot) => Some(
            property(interpreter, *slot, &Object::text(&**name))
                .or_else(|| library::attribute(interpreter, object, name))
                .unwrap_or_else(|| inherited(name, "Object")),
        ),
        Object::Function(function) => Some(match &**name {
            "prototype" => prototype(interpreter, function),
            "constructor" => Object::library("js.Function"),
            "name" => Object::text(&*function.syntax.name),
            "call" | "apply" | "bind" | "toString" => {
                Object::Method(Rc::new((object.clone(), name.clone())))
            }
            _ => {
                let held = properties(interpreter, function);
                part(interpreter, &held, name).unwrap_or(Object::None)
            }
        }),
        Object::Text(_) | Object::List(_) | Object::Tuple(_) | Object::Bytes(_) => {
            Some(sequence_attribute(interpreter, object, name))
        }
        Object::Int(_) | Object::Float(_) => Some(inherited(name, "Number")),
        Object::Bool(_) => Some(inherited(name, "Boolean")),
        Object::None => Some(Object::anything()),
        Object::Unknown(value) => requested(value, name),
        Object::Native(_) | Object::Response(_) | Object::Partial(_) | Object::Code(_) => {
            library::attribute(interpreter, object, name)
        }
        _ => None,
    }
}

/// `length`, items and methods of texts, arrays and bytes.
fn sequence_attribute(interpreter: &mut Interpreter, object: &Object, name: &Name) -> Object {
    match &**name {
        "length" | "byteLength" | "size" => {
            let length = crate::language::script::library::call(
                interpreter,
                "len",
                Arguments::plain(vec![object.clone()]),
            );
            return length;
        }
        // Output of a program, whichever way it is asked for.
        "stdout" | "stderr" | "data" | "body" if matches!(object, Object::Text(_)) => {
            return object.clone();
        }
        _ => {}
    }
    if let Ok(at) = name.parse::<i128>() {
        return index(interpreter, object, &Object::Int(at)).unwrap_or(Object::None);
    }
    inherited(
        name,
        match object {
            Object::Text(_) => "String",
            Object::Bytes(_) => "Buffer",
            _ => "Array",
        },
    )
}

/// A method that every object of a kind has, or nothing.
fn inherited(name: &str, kind: &str) -> Object {
    match name {
        "constructor" => Object::Library(Rc::from(format!("js.{kind}"))),
        "toString" | "valueOf" | "hasOwnProperty" => names::native(name),
        _ if kind == "Object" => Object::None,
        _ if texts::METHODS
            .split_ascii_whitespace()
            .any(|own| own == name)
            || arrays::METHODS
                .split_ascii_whitespace()
                .any(|own| own == name) =>
        {
            names::native(name)
        }
        _ => Object::None,
    }
}

/// A part of a request keeps its name: `req.query.cmd`.
fn requested(value: &Rc<Value>, name: &str) -> Option<Object> {
    match value.from.as_slice() {
        [Provenance::Request(_)] => Some(Object::unknown(Provenance::Request(name.to_owned()))),
        _ => None,
    }
}

/// `object[index]`.
pub fn index(interpreter: &mut Interpreter, object: &Object, index: &Object) -> Option<Object> {
    if let (Object::List(_) | Object::Tuple(_) | Object::Text(_) | Object::Bytes(_), Some(at)) =
        (object, whole(index))
    {
        let known = match object {
            Object::Text(value) => value.known,
            Object::Bytes(bytes) => bytes.known,
            _ => true,
        };
        if at < 0 {
            return known.then_some(Object::None);
        }
        let within = match object {
            Object::List(slot) => (at as usize) < interpreter.heap.items(*slot).len(),
            Object::Tuple(items) => (at as usize) < items.len(),
            Object::Text(value) => (at as usize) < value.text.len(),
            Object::Bytes(bytes) => (at as usize) < bytes.data.len(),
            _ => false,
        };
        return (known && !within).then_some(Object::None);
    }
    if let Object::Dictionary(slot) = object {
        let key = key_of(interpreter, index)?;
        if let Some(found) = property(interpreter, *slot, &key) {
            return Some(found);
        }
        return Some(interpreter.attribute(object, &Rc::from(key.as_text()?)));
    }
    if matches!(object, Object::Library(path) if &**path == "os.environ")
        || matches!(object, Object::Instance(_) | Object::Class(_))
    {
        return None;
    }
    let key = key_of(interpreter, index)?;
    let name: Name = Rc::from(key.as_text()?);
    Some(interpreter.attribute(object, &name))
}

/// A whole number that indexes.
fn whole(index: &Object) -> Option<i64> {
    match index {
        Object::Int(at) => i64::try_from(*at).ok(),
        _ => None,
    }
}

/// A property's key as a text; `None` if it is not known.
fn key_of(interpreter: &mut Interpreter, index: &Object) -> Option<Object> {
    let value = interpreter.shown(index);
    value
        .known
        .then(|| Object::text(value.text))
        .filter(|_| !matches!(index, Object::Unknown(_)))
}

/// `object[key] = value`; whether that is done.
pub fn store(interpreter: &mut Interpreter, object: &Object, key: &Object, value: &Object) -> bool {
    match object {
        Object::List(slot) => {
            let Some(at) = whole(key).and_then(|at| usize::try_from(at).ok()) else {
                return true;
            };
            if let Some(items) = interpreter.heap.items_mut(*slot)
                && at < items.len() + HOLES
                && at < 1 << 20
            {
                if at >= items.len() {
                    items.resize(at + 1, Object::None);
                }
                if let Some(held) = items.get_mut(at) {
                    *held = value.clone();
                }
            }
            true
        }
        Object::Dictionary(slot) => {
            if let Some(key) = key_of(interpreter, key) {
                let length = interpreter.heap.entries(*slot).len() as u64;
                if interpreter.burn(length / 16) {
                    interpreter.heap.set_entry(*slot, key, value.clone());
                }
            }
            library::stored(interpreter, object, key, value);
            true
        }
        Object::Function(function) => {
            let held = properties(interpreter, function);
            store(interpreter, &held, key, value)
        }
        Object::Library(path) => match &**path {
            "js.globalThis" | "js.global" | "js.window" | "js.self" => {
                if let Some(name) = key.as_text() {
                    let scope = interpreter.global_scope();
                    interpreter
                        .scopes
                        .bind(scope, Rc::from(name), value.clone());
                }
                true
            }
            _ => path.starts_with("js."),
        },
        Object::Native(_) | Object::Response(_) => {
            library::stored(interpreter, object, key, value);
            true
        }
        _ => false,
    }
}

/// `receiver.name(…)` of anything but an instance of a class of the program.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &Name,
    arguments: &Arguments,
) -> Option<Object> {
    if is_callable(receiver)
        && let Some(result) = of_function(interpreter, receiver, name, arguments)
    {
        return Some(result);
    }
    match receiver {
        Object::Class(_) | Object::Super(..) => return None,
        Object::Dictionary(slot) => {
            let own = property(interpreter, *slot, &Object::text(&**name));
            if let Some(callee) = own {
                return Some(call_on(interpreter, receiver, &callee, arguments.clone()));
            }
        }
        Object::Function(function) => {
            let held = properties(interpreter, function);
            if let Some(callee) = part(interpreter, &held, name) {
                return Some(call_on(interpreter, receiver, &callee, arguments.clone()));
            }
        }
        Object::List(slot) if let Ok(at) = name.parse::<usize>() => {
            let callee = interpreter.heap.items(*slot).get(at).cloned()?;
            return Some(call_on(interpreter, receiver, &callee, arguments.clone()));
        }
        _ => {}
    }
    if let Some(result) = library::promised(interpreter, receiver, name, arguments) {
        return Some(result);
    }
    match receiver {
        Object::Text(value) => texts::method(interpreter, &value.clone(), name, arguments),
        Object::List(_) | Object::Tuple(_) => {
            arrays::method(interpreter, receiver, name, arguments)
        }
        Object::Library(path) if path.starts_with("js.") => None,
        Object::Int(_) | Object::Float(_) | Object::Bool(_) => {
            number_method(interpreter, receiver, name, arguments)
        }
        _ => library::method(interpreter, receiver, name, arguments),
    }
}

/// `call`, `apply` and `bind`.
fn of_function(
    interpreter: &mut Interpreter,
    callee: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let (this, rest) = match arguments.plain.split_first() {
        Some((this, rest)) => (this.clone(), rest.to_vec()),
        None => (Object::None, Vec::new()),
    };
    match name {
        "call" => Some(call_on(interpreter, &this, callee, Arguments::plain(rest))),
        "apply" => {
            let list = rest.first().cloned();
            let plain = list.and_then(|list| interpreter.iterate(&list));
            let arguments = Arguments::plain(plain.unwrap_or_default());
            Some(call_on(interpreter, &this, callee, arguments))
        }
        "bind" => {
            let mut plain = vec![callee.clone(), this];
            plain.extend(rest);
            Some(Object::Partial(Rc::new(Partial {
                callee: Object::library("js.@bound"),
                plain,
                named: Vec::new(),
            })))
        }
        "toString" if !matches!(callee, Object::Partial(_)) => {
            Some(Object::of_value(interpreter.shown(callee)))
        }
        _ => None,
    }
}

/// Methods of numbers.
fn number_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let radix = arguments.plain.first().map(|radix| {
        let radix = coercion::to_number(interpreter, radix)?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        Some(radix as u32)
    });
    match (name, radix) {
        ("toString", Some(radix)) => {
            let radix = radix.filter(|radix| (2..=36).contains(radix))?;
            let number = receiver.as_int()?;
            let mut left = number.unsigned_abs();
            let mut digits = Vec::new();
            while left > 0 || digits.is_empty() {
                let digit = u32::try_from(left % u128::from(radix)).ok()?;
                digits.extend(char::from_digit(digit, radix));
                left /= u128::from(radix);
            }
            digits.extend((number < 0).then_some('-'));
            Some(Object::text(digits.into_iter().rev().collect::<String>()))
        }
        ("toString" | "toLocaleString" | "toFixed" | "valueOf", _) => match name {
            "valueOf" => Some(receiver.clone()),
            _ => Some(Object::of_value(interpreter.shown(receiver))),
        },
        _ => None,
    }
}
