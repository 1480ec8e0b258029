//! What a server hands to the program: the parts of a request.
//!
//! Source: The PHP Manual, "Superglobals", "Apache", "Filter".

use std::rc::Rc;

use model::{Provenance, Value};

use super::known;
use crate::encoding::{to_bytes, to_text};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::loose;
use crate::language::script::object::Object;
use crate::language::script::syntax::Name;
use crate::world::is_placeholder;

/// Arrays of what is requested.
const REQUESTED: [&str; 10] = [
    "_GET",
    "_POST",
    "_REQUEST",
    "_COOKIE",
    "_FILES",
    "HTTP_GET_VARS",
    "HTTP_POST_VARS",
    "HTTP_COOKIE_VARS",
    "HTTP_POST_FILES",
    "HTTP_RAW_POST_DATA",
];

/// Parts of `$_SERVER` that whoever sends a request chooses.
const CHOSEN: [&str; 8] = [
    "QUERY_STRING",
    "REQUEST_URI",
    "PATH_INFO",
    "ORIG_PATH_INFO",
    "PHP_AUTH_USER",
    "PHP_AUTH_PW",
    "PHP_AUTH_DIGEST",
    "PHP_SELF",
];

/// What a variable is that every scope has.
pub fn superglobal(interpreter: &mut Interpreter, name: &str) -> Option<Object> {
    if REQUESTED.contains(&name) {
        let plain = name.trim_start_matches('_').to_owned();
        return Some(Object::unknown(Provenance::Request(plain)));
    }
    Some(match name {
        "_SERVER" | "HTTP_SERVER_VARS" => Object::library("php.$_SERVER"),
        "_ENV" | "HTTP_ENV_VARS" => Object::library("os.environ"),
        "GLOBALS" => {
            let scope = interpreter.global_scope();
            Object::Namespace(scope)
        }
        "argv" => {
            let given = interpreter.world().arguments.clone();
            match given.is_empty() {
                true => Object::unknown(Provenance::Argument),
                false => {
                    let items = given.into_iter().map(Object::of_value).collect();
                    super::array(interpreter, items)
                }
            }
        }
        _ => return None,
    })
}

/// `object[index]` where PHP differs.
pub fn index(interpreter: &mut Interpreter, object: &Object, index: &Object) -> Option<Object> {
    match object {
        Object::Unknown(value) => {
            let [Provenance::Request(name)] = value.from.as_slice() else {
                return None;
            };
            // Only whole arrays have parts with names.
            let key = index.as_text()?;
            let is_whole = !name.contains('[') && !name.contains(':');
            is_whole.then(|| Object::unknown(Provenance::Request(format!("{name}[{key}]"))))
        }
        Object::Library(path) if &**path == "php.$_SERVER" => Some(server(index)),
        Object::Namespace(scope) => {
            let Some(name) = index.as_text() else {
                return Some(Object::anything());
            };
            if let Some(object) = interpreter.scopes.get(*scope, name) {
                return Some(object.clone());
            }
            let name: Name = Rc::from(name);
            Some(superglobal(interpreter, &name).unwrap_or_else(Object::anything))
        }
        Object::Text(value) if value.known && !value.text.is_ascii() => {
            let bytes = to_bytes(&value.text);
            interpreter.burn(bytes.len() as u64 / 1024);
            let at = loose::integer(index)?;
            let at = if at < 0 {
                at + i128::try_from(bytes.len()).ok()?
            } else {
                at
            };
            let byte = *bytes.get(usize::try_from(at).ok()?)?;
            Some(Object::of_value(value.map_text(|_| to_text(&[byte]))))
        }
        Object::Dictionary(slot) => {
            let key = super::syntax::key_of(index);
            let length = interpreter.heap.entries(*slot).len() as u64;
            interpreter.burn(length / 16);
            let key = match key {
                Object::Bool(truth) => Object::Int(i128::from(truth)),
                Object::Float(_) => Object::Int(loose::integer(&key)?),
                key => key,
            };
            interpreter.heap.entry(*slot, &key)
        }
        _ => None,
    }
}

/// `object[key] = value` where PHP differs; whether that is done.
pub fn store(interpreter: &mut Interpreter, object: &Object, key: &Object, value: &Object) -> bool {
    let Object::Dictionary(slot) = object else {
        return false;
    };
    let length = interpreter.heap.entries(*slot).len() as u64;
    if interpreter.burn(length / 16) {
        let key = super::syntax::key_of(key);
        interpreter.heap.set_entry(*slot, key, value.clone());
    }
    true
}

/// A part of `$_SERVER`.
fn server(index: &Object) -> Object {
    let Some(key) = index.as_text() else {
        return Object::anything();
    };
    if key.starts_with("HTTP_") && key != "HTTP_HOST" || CHOSEN.contains(&key) {
        return Object::unknown(Provenance::Request(format!("SERVER[{key}]")));
    }
    match key {
        "argv" => Object::unknown(Provenance::Argument),
        _ => Object::unknown(Provenance::Environment(key.to_owned())),
    }
}

/// Whether whoever sends a request chooses (a part of) a value.
pub fn is_requested(value: &Value) -> bool {
    value.requested_as().is_some()
}

/// Whether a value is a part of a request and nothing else.
pub fn is_whole(value: &Value) -> bool {
    let is_part = |from: &Provenance| matches!(from, Provenance::Request(_));
    !value.from.is_empty() && value.from.iter().all(is_part) && is_placeholder(value)
}

/// The name of the part of a request that a value is.
pub fn name_of(value: &Value) -> Option<String> {
    value.requested_as().map(str::to_owned)
}

/// The name under which it stands that a part of a request is checked.
fn check_of(part: &str) -> Name {
    Rc::from(format!("#checked {part}"))
}

/// Notes that what values come from is (no longer) checked.
fn note_checked(interpreter: &mut Interpreter, arguments: &Arguments, holds: bool) {
    for argument in &arguments.plain {
        for from in interpreter.heap.sources(argument) {
            if let Provenance::Request(part) = from {
                let scope = interpreter.scope;
                interpreter
                    .scopes
                    .set(scope, &check_of(&part), Object::Bool(holds));
            }
        }
    }
}

/// A value that is run: what is checked by then is no choice of whoever sends a request.
pub fn unchecked(interpreter: &mut Interpreter, mut value: Value) -> Value {
    if !is_requested(&value) {
        return value;
    }
    let scope = interpreter.scope;
    let mut settled = Vec::new();
    value.from.retain(|from| match from {
        Provenance::Request(part) => {
            let held = interpreter.scopes.get(scope, &check_of(part));
            let is_checked = matches!(held, Some(Object::Bool(true)));
            if is_checked {
                settled.push(format!("{{request {part}}}"));
            }
            !is_checked
        }
        _ => true,
    });
    for placeholder in settled {
        value.text = value.text.replace(&placeholder, "{?}");
        value = value.with_source(Provenance::Unknown);
    }
    value
}

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let requested = |part: String| Object::unknown(Provenance::Request(part));
    Some(match name {
        "getallheaders" | "apache_request_headers" => requested("headers".to_owned()),
        "filter_input" | "filter_input_array" => {
            // With a filter of its own, it is checked.
            let checks = arguments.plain.get(2).is_some_and(|filter| {
                !matches!(filter.as_int(), Some(516)) && !matches!(filter, Object::Unknown(_))
            });
            if checks {
                return Some(Object::anything());
            }
            let key = known(interpreter, arguments, 1).unwrap_or_default();
            requested(format!("input[{key}]"))
        }
        "getenv" | "apache_getenv" => {
            let key = known(interpreter, arguments, 0)?;
            if key.starts_with("HTTP_") && key != "HTTP_PROXY" || CHOSEN.contains(&key.as_str()) {
                return Some(requested(format!("SERVER[{key}]")));
            }
            Object::of_value(interpreter.world().environment(&key))
        }
        "#checked" | "#unchecked" => {
            note_checked(interpreter, arguments, name == "#checked");
            Object::None
        }
        "getopt" | "readline" => Object::unknown(Provenance::Argument),
        _ => return None,
    })
}
