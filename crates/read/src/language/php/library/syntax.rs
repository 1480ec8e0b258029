//! What the syntax of PHP alone does, as functions whose names begin with `#`, and the constructs
//! that look like functions.

use std::rc::Rc;

use model::Value;

use super::{array, code, entries, text, values};
use crate::language::script::builtins::print_value;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::loose;
use crate::language::script::object::Object;

/// The function that takes what is printed, while there is one.
pub const OUTPUT: &str = "#output";

/// Calls one of them.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "#locals" => {
            let scope = interpreter.scope;
            interpreter.scopes.capture(scope);
            Object::Namespace(scope)
        }
        "#items" => array(interpreter, arguments.plain.clone()),
        "#entries" => keyed(interpreter, arguments),
        "#values" => match values(interpreter, first?) {
            Some(values) => Object::Tuple(Rc::new(values)),
            None => element_of(interpreter, first?),
        },
        "#pairs" => match entries(interpreter, first?) {
            Some(entries) => Object::Tuple(Rc::new(
                entries
                    .into_iter()
                    .map(|(key, value)| Object::Tuple(Rc::new(vec![key, value])))
                    .collect(),
            )),
            None => {
                let element = element_of(interpreter, first?);
                let pair = Object::Tuple(Rc::new(vec![element.clone(), element]));
                Object::Tuple(Rc::new(vec![pair]))
            }
        },
        "#array" => match first? {
            object @ (Object::Dictionary(_) | Object::Unknown(_)) => object.clone(),
            Object::None => array(interpreter, Vec::new()),
            other => array(interpreter, vec![other.clone()]),
        },
        "#first" => first?.clone(),
        "#increment" => loose::stepped(interpreter, first?, 1),
        "#decrement" => loose::stepped(interpreter, first?, -1),
        "#number" => loose::of(first?).unwrap_or_else(Object::anything),
        "#negative" => match loose::of(first?) {
            Some(Object::Float(number)) => Object::Float(-number),
            Some(number) => Object::Int(number.as_int()?.checked_neg()?),
            None => Object::anything(),
        },
        "#invert" => loose::inverted(interpreter, first?)?,
        "#call" => {
            let (callee, rest) = arguments.plain.split_first()?;
            let rest = Arguments {
                plain: rest.to_vec(),
                ..arguments.clone()
            };
            code::call_value(interpreter, callee, rest)
        }
        "#class" => class(interpreter, first?)?,
        "#method" => {
            let (receiver, rest) = arguments.plain.split_first()?;
            let (method, rest) = rest.split_first()?;
            let Some(method) = method.as_text() else {
                let rest = Arguments::plain(rest.to_vec());
                return Some(interpreter.call_unknown(receiver, &rest));
            };
            let method = Rc::from(format!("{}()", method.to_ascii_lowercase()));
            let rest = Arguments::plain(rest.to_vec());
            interpreter.call_method(&receiver.clone(), &method, rest)
        }
        "class stdclass" | "class arrayobject" => interpreter.heap.dictionary(Vec::new()),
        "echo" | "print" => {
            for at in 0..arguments.plain.len() {
                let printed = text(interpreter, arguments, at);
                print(interpreter, printed);
            }
            Object::Int(1)
        }
        "exit" | "die" => {
            let printed = text(interpreter, arguments, 0);
            print(interpreter, printed);
            Object::None
        }
        _ => return None,
    })
}

/// Prints: to the function that takes what is printed, if there is one.
pub fn print(interpreter: &mut Interpreter, printed: Value) {
    let global = interpreter.global_scope();
    match interpreter.scopes.get(global, OUTPUT).cloned() {
        Some(callee) if !printed.text.is_empty() => {
            let printed = Object::of_value(printed);
            code::call_value(interpreter, &callee, Arguments::plain(vec![printed]));
        }
        _ => print_value(interpreter, printed),
    }
}

/// What each item is of something that is no array that is known.
fn element_of(interpreter: &mut Interpreter, object: &Object) -> Object {
    interpreter.uncertain += 1;
    match object {
        Object::Native(_) => object.clone(),
        _ => {
            let from = interpreter.heap.sources(object);
            Object::from_sources(from)
        }
    }
}

/// `[key => value, value …]`: pairs, and items that get the next number.
fn keyed(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let mut entries = Vec::with_capacity(arguments.plain.len());
    let mut next = 0;
    for item in &arguments.plain {
        let (key, value) = match item {
            Object::Tuple(items) => match items.as_slice() {
                [key, value] => (key_of(key), value.clone()),
                [value] => (Object::Int(next), value.clone()),
                _ => continue,
            },
            other => (Object::Int(next), other.clone()),
        };
        if let Some(number) = key.as_int() {
            next = next.max(number.saturating_add(1));
        }
        entries.push((key, value));
    }
    interpreter.heap.dictionary(entries)
}

/// A key as arrays hold it: digits are numbers.
pub fn key_of(key: &Object) -> Object {
    let number = key.as_text().and_then(|text| {
        let number = text.parse::<i64>().ok()?;
        (number.to_string() == text).then_some(number)
    });
    match (key, number) {
        (_, Some(number)) => Object::Int(i128::from(number)),
        (Object::None, _) => Object::text(""),
        _ => key.clone(),
    }
}

/// The class that a text names, or that an object is of.
fn class(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    match object {
        Object::Instance(slot) => Some(Object::Class(interpreter.heap.instance_of(*slot)?.class)),
        Object::Text(value) => {
            let name = value.as_known()?.rsplit('\\').next()?.to_ascii_lowercase();
            Some(interpreter.lookup(&Rc::from(format!("class {name}"))))
        }
        other => Some(other.clone()),
    }
}
