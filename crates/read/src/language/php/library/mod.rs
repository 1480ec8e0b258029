//! Functions and classes of PHP: what they do, said as far as possible in terms of the libraries
//! that all languages share.
//!
//! Source: The PHP Manual, "Function Reference".

use std::rc::Rc;

use model::{Provenance, Value};

use crate::encoding::{to_bytes, to_text};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library;
use crate::language::script::loose;
use crate::language::script::object::Object;
use crate::world::is_placeholder;

mod arrays;
mod code;
mod convert;
mod files;
mod network;
mod numbers;
mod operators;
mod process;
mod request;
mod syntax;
mod texts;

pub use code::method;
pub use operators::{operate, shown};
pub use request::{index, store, superglobal};

/// One family of functions: `None` if it knows none of that name.
type Family = fn(&mut Interpreter, &str, &Arguments) -> Option<Object>;

/// The families, asked in order.
const FAMILIES: &[Family] = &[
    syntax::call,
    texts::call,
    convert::call,
    numbers::call,
    arrays::call,
    code::call,
    process::call,
    files::call,
    network::call,
    request::call,
];

/// Functions whose result tells nothing of what they are given: numbers, truths, digests, and
/// texts made safe.
const TELL_NOTHING: &str = "escapeshellarg escapeshellcmd md5 sha1 crc32 hash hash_hmac \
    password_hash password_verify crypt strlen mb_strlen count sizeof strpos stripos strrpos \
    mb_strpos is_array is_string is_numeric is_int is_null is_object is_callable is_bool isset \
    empty in_array array_key_exists array_search file_exists is_file is_dir is_readable \
    is_writable is_executable function_exists class_exists method_exists extension_loaded defined \
    filesize filemtime ctype_alnum ctype_alpha ctype_digit ctype_xdigit preg_quote time microtime \
    rand mt_rand random_int random_bytes uniqid date strcmp strcasecmp strncmp strncasecmp \
    version_compare checkdate mktime strtotime similar_text levenshtein substr_count str_word_count \
    str_contains str_starts_with str_ends_with property_exists get_class gettype spl_object_hash \
    headers_sent php_sapi_name setlocale ini_get realpath";

/// Calls a function.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Object {
    for family in FAMILIES {
        if let Some(result) = family(interpreter, name, arguments) {
            return result;
        }
    }
    if TELL_NOTHING.split_ascii_whitespace().any(|own| own == name) {
        interpreter.uncertain += 1;
        return Object::anything();
    }
    interpreter.call_unknown(&Object::anything(), arguments)
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

/// A result of the shared library as PHP has it: a text where that has bytes.
fn as_text(object: Object) -> Object {
    match object {
        Object::Bytes(bytes) => Object::of_value(bytes.value()),
        other => other,
    }
}

/// An array of values with the keys 0, 1 and on.
fn array(interpreter: &mut Interpreter, values: Vec<Object>) -> Object {
    let entries = (0..).map(Object::Int).zip(values).collect();
    interpreter.heap.dictionary(entries)
}

/// The entries of an array; `None` if it is none that is known.
fn entries(interpreter: &mut Interpreter, object: &Object) -> Option<Vec<(Object, Object)>> {
    let entries: Vec<_> = match object {
        Object::Dictionary(slot) => interpreter.heap.entries(*slot).to_vec(),
        Object::List(slot) => {
            let items = interpreter.heap.items(*slot).to_vec();
            (0..).map(Object::Int).zip(items).collect()
        }
        Object::Tuple(items) => (0..).map(Object::Int).zip(items.iter().cloned()).collect(),
        _ => return None,
    };
    interpreter
        .burn(entries.len() as u64 / 8)
        .then_some(entries)
}

/// The values of an array; `None` if it is none that is known.
fn values(interpreter: &mut Interpreter, object: &Object) -> Option<Vec<Object>> {
    let entries = entries(interpreter, object)?;
    Some(entries.into_iter().map(|(_, value)| value).collect())
}
