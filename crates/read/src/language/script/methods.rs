//! Methods of objects that are not the program's own, by the kind of the object.

use std::rc::Rc;

use model::Value;

use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::{Bytes, Object};
use super::syntax::Name;
use super::{containers, library, texts};

/// Methods that every object has, and those of namespaces that look like dictionaries.
pub fn of_any(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    match name {
        "__getattribute__" | "__getattr__" => {
            // `object.__getattribute__(module, name)` and `module.__getattribute__(name)`.
            let (holder, name) = match (first, arguments.plain.get(1)) {
                (Some(holder), Some(name)) => (holder.clone(), name.as_text()?),
                (Some(name), None) => (receiver.clone(), name.as_text()?),
                _ => return None,
            };
            Some(interpreter.attribute(&holder, &Rc::from(name)))
        }
        "__call__" if !matches!(receiver, Object::Instance(_) | Object::Super(..)) => {
            Some(interpreter.call(receiver, arguments.clone()))
        }
        "__getitem__" if !matches!(receiver, Object::Instance(_) | Object::Super(..)) => {
            Some(interpreter.index(receiver, first?))
        }
        "get" if is_namespace(receiver) && !receiver.is_library("os.environ") => {
            let key = first?;
            Some(interpreter.index(receiver, key))
        }
        // `context.wrap_socket(socket)`: whatever the context is, it is the same connection.
        "wrap_socket" if !matches!(receiver, Object::Instance(_) | Object::Super(..)) => {
            library::sockets::wrap(interpreter, arguments)
        }
        "update" | "setdefault" if is_namespace(receiver) => {
            library::update_namespace(interpreter, receiver, name, arguments);
            Some(Object::None)
        }
        _ => None,
    }
}

/// Whether an object is looked into like a dictionary.
fn is_namespace(object: &Object) -> bool {
    match object {
        Object::Namespace(_) => true,
        Object::Library(path) => matches!(&**path, "os.environ" | "sys.modules" | "builtins"),
        _ => false,
    }
}

/// Calls a method.
pub fn call(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &Name,
    arguments: Arguments,
) -> Object {
    let dialect = interpreter.dialect;
    if let Some(result) = dialect.method(interpreter, receiver, name, &arguments) {
        return result;
    }
    if let Some(result) = of_any(interpreter, receiver, name, &arguments) {
        return result;
    }
    let result = match receiver {
        Object::Text(value) => texts::method(interpreter, &value.clone(), name, &arguments),
        Object::Bytes(bytes) => bytes_method(interpreter, &bytes.clone(), name, &arguments),
        Object::List(slot) => containers::list(interpreter, *slot, name, &arguments),
        Object::Dictionary(slot) => containers::dictionary(interpreter, *slot, name, &arguments),
        Object::Tuple(items) => containers::tuple(interpreter, &items.clone(), name, &arguments),
        Object::Int(number) => texts::integer_method(*number, name, &arguments),
        Object::BigInt(bytes) if &**name == "to_bytes" => Some(Object::bytes(bytes.to_vec())),
        Object::BigInt(bytes) if &**name == "bit_length" => {
            Some(Object::Int(i128::try_from(bytes.len() * 8).unwrap_or(0)))
        }
        Object::Native(_) | Object::Response(_) | Object::Path(_) | Object::Descriptor(_) => {
            library::method(interpreter, receiver, name, &arguments)
        }
        Object::Partial(partial) if &**name == "decompress" => match &partial.callee {
            Object::Library(path) => decompressor(path)
                .map(|function| interpreter.call(&Object::library(function), arguments.clone())),
            _ => None,
        },
        Object::Unknown(value) => unknown_method(interpreter, &value.clone(), name, &arguments),
        _ => None,
    };
    result.unwrap_or_else(|| {
        let value = interpreter.value_of(receiver);
        let receiver = Object::from_sources(value.from);
        interpreter.call_unknown(&receiver, &arguments)
    })
}

/// The function that does at once what a decompressor object does in parts.
fn decompressor(path: &str) -> Option<&'static str> {
    match path {
        "zlib.decompressobj" => Some("zlib.decompress"),
        "bz2.BZ2Decompressor" => Some("bz2.decompress"),
        "lzma.LZMADecompressor" => Some("lzma.decompress"),
        _ => None,
    }
}

/// Methods of something that cannot be told: a callback handed over is called.
fn unknown_method(
    interpreter: &mut Interpreter,
    value: &Value,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "submit" | "apply_async" | "apply" | "call_soon" | "spawn" | "spawn_n" | "map"
        | "run_until_complete" | "create_task" => {
            let (callee, rest) = arguments.plain.split_first()?;
            callback(interpreter, callee, rest.to_vec())
        }
        "run_in_executor" | "call_later" | "enter" | "add_job" => {
            let (callee, rest) = arguments.plain.get(1..)?.split_first()?;
            callback(interpreter, callee, rest.to_vec())
        }
        "extractall" | "extract" => {
            let folder = interpreter.argument(arguments, usize::from(name == "extract"), "path");
            library::unpack(interpreter, value.clone(), &folder);
            Some(Object::None)
        }
        "encrypt" | "encrypt_and_digest" => {
            let data = interpreter.argument(arguments, 0, "data");
            let mut from = value.from.clone();
            super::operators::add_sources(&mut from, &data.from);
            let encrypted = Value {
                text: "{?}".to_owned(),
                known: false,
                from,
            };
            Some(Object::Unknown(Rc::new(encrypted.with_source(
                model::Provenance::Encrypted("a cipher".to_owned()),
            ))))
        }
        "decode" | "encode" | "strip" | "rstrip" | "lstrip" | "lower" | "upper" | "replace" => {
            Some(Object::Unknown(Rc::new(value.clone())))
        }
        _ => None,
    }
}

/// Calls a function that was handed over.
pub fn callback(
    interpreter: &mut Interpreter,
    callee: &Object,
    arguments: Vec<Object>,
) -> Option<Object> {
    match callee {
        Object::Function(_)
        | Object::Bound(_)
        | Object::Library(_)
        | Object::Method(_)
        | Object::Partial(_) => {
            let arguments = match arguments.as_slice() {
                [Object::Tuple(items)] => (**items).clone(),
                _ => arguments,
            };
            Some(interpreter.call_plain(callee, arguments))
        }
        _ => None,
    }
}

/// Methods of bytes: those of texts, byte by byte.
fn bytes_method(
    interpreter: &mut Interpreter,
    bytes: &Bytes,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "decode" => {
            let encoding = interpreter.argument(arguments, 0, "encoding");
            return library::decode(
                interpreter,
                &Object::Bytes(Rc::new(bytes.clone())),
                &encoding.text,
            );
        }
        "hex" => {
            return Some(Object::Text(Rc::new(Value {
                text: crate::encoding::hex::encode(&bytes.data),
                known: bytes.known,
                from: bytes.from.clone(),
            })));
        }
        "tobytes" => return Some(Object::Bytes(Rc::new(bytes.clone()))),
        "join" => {
            let items = interpreter.iterate(arguments.plain.first()?);
            let mut joined = Object::bytes(Vec::new());
            for (at, item) in items?.into_iter().enumerate() {
                if at > 0 {
                    joined = interpreter.operate(
                        joined,
                        super::syntax::Operator::Add,
                        Object::Bytes(Rc::new(bytes.clone())),
                    );
                }
                let item = match item {
                    Object::Int(_) => return None,
                    item => Object::Bytes(Rc::new(interpreter.bytes_held(&item))),
                };
                joined = interpreter.operate(joined, super::syntax::Operator::Add, item);
            }
            return Some(joined);
        }
        _ => {}
    }
    if !bytes.known {
        return Some(Object::Bytes(Rc::new(bytes.clone())));
    }
    if !interpreter.may_make(bytes.data.len()) {
        return None;
    }
    let receiver = Value {
        text: bytes.data.iter().map(|&byte| char::from(byte)).collect(),
        known: true,
        from: bytes.from.clone(),
    };
    let mut plain = Vec::new();
    for argument in &arguments.plain {
        plain.push(match argument {
            Object::Bytes(bytes) => Object::text(
                bytes
                    .data
                    .iter()
                    .map(|&byte| char::from(byte))
                    .collect::<String>(),
            ),
            other => other.clone(),
        });
    }
    let result = texts::method(interpreter, &receiver, name, &Arguments::plain(plain))?;
    Some(back_to_bytes(interpreter, result))
}

/// Texts whose characters are bytes, as bytes.
fn back_to_bytes(interpreter: &mut Interpreter, object: Object) -> Object {
    let convert = |object: &Object| match object {
        Object::Text(value) => Object::Bytes(Rc::new(Bytes {
            data: super::literal::latin1(&value.text),
            known: value.known,
            from: value.from.clone(),
        })),
        other => other.clone(),
    };
    match &object {
        Object::List(slot) => {
            let items = interpreter.heap.items(*slot).iter().map(convert).collect();
            interpreter.heap.list(items)
        }
        Object::Tuple(items) => Object::Tuple(Rc::new(items.iter().map(convert).collect())),
        other => convert(other),
    }
}
