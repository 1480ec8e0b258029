//! What methods of the kernel and of Ruby's libraries do, in terms of the shared library.

use std::rc::Rc;

use model::{Provenance, Value};

use super::values::{block, call_block, shared_call, without_block};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library as shared;
use crate::language::script::object::{Native, Object};

mod codec;
mod files;
mod kernel;
mod network;
mod processes;
mod web;

/// One family of functions: `None` if it knows none of that name.
type Family = fn(&mut Interpreter, &str, &Arguments) -> Option<Object>;

/// The families, asked in order.
const FAMILIES: &[Family] = &[
    processes::call,
    network::call,
    web::call,
    files::call,
    codec::call,
    kernel::call,
];

/// Calls a function by its name without the `rb.` in front.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let found = FAMILIES
        .iter()
        .find_map(|family| family(interpreter, name, arguments));
    // A block that is handed to what is not known may be called.
    if found.is_none()
        && let Some(block @ Object::Function(_)) = block(arguments)
        && !name.starts_with("Kernel.")
    {
        call_block(interpreter, &block.clone(), vec![Object::anything()]);
    }
    found
}

/// Hands a text to the interpreter itself.
pub fn evaluated(interpreter: &mut Interpreter, code: &Object) -> Object {
    let code = Object::of_value(interpreter.value_of(code));
    interpreter.execute_code(&code, true)
}

/// Gives what was made to the block of the call, if it has one.
pub fn given(interpreter: &mut Interpreter, made: Object, arguments: &Arguments) -> Object {
    match block(arguments) {
        Some(block) => call_block(interpreter, &block.clone(), vec![made]),
        None => made,
    }
}

/// An option of a call: by name, or in a hash at the end, whose key may be a list of names.
pub fn option(interpreter: &Interpreter, arguments: &Arguments, name: &str) -> Option<Object> {
    if let Some(own) = arguments.named(name) {
        return Some(own.clone());
    }
    let Some(Object::Dictionary(slot)) = arguments.plain.last() else {
        return None;
    };
    let is_name = |key: &Object| match key {
        Object::Library(path) => **path == format!("sys.std{name}"),
        Object::Int(number) => {
            ["in", "out", "err"].get(usize::try_from(*number).unwrap_or(9)) == Some(&name)
        }
        key => key.as_text() == Some(name),
    };
    let entries = interpreter.heap.entries(*slot);
    let found = entries.iter().find(|(key, _)| match key {
        Object::List(slot) => interpreter.heap.items(*slot).iter().any(is_name),
        key => is_name(key),
    });
    found.map(|(_, value)| value.clone())
}

/// Calls a method of an object of a library.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let plain = Arguments::plain(without_block(arguments).plain);
    match receiver {
        Object::Library(path) => match &**path {
            "sys.stdin" | "sys.stdout" | "sys.stderr" => {
                kernel::standard(interpreter, receiver, path, name, arguments)
            }
            "os.environ" => match name {
                "[]" | "fetch" | "dig" => {
                    Some(interpreter.index(receiver, arguments.plain.first()?))
                }
                "[]=" | "store" => None,
                _ => Some(Object::unknown(Provenance::Environment(String::new()))),
            },
            _ => None,
        },
        Object::Native(slot) => {
            let native = interpreter.heap.native_of(*slot)?.clone();
            let own = match (&native, name) {
                (Native::Socket(_), _) => {
                    return network::socket_method(interpreter, receiver, name, arguments);
                }
                (
                    _,
                    "puts" | "print" | "<<" | "syswrite" | "write_nonblock" | "printf" | "send",
                ) => "write",
                (_, "each_line" | "each") => {
                    let line = interpreter.read_line(receiver);
                    let block = block(arguments)?.clone();
                    return Some(call_block(interpreter, &block, vec![line]));
                }
                (
                    _,
                    "gets" | "readpartial" | "sysread" | "read_nonblock" | "readlines" | "readline",
                ) => "read",
                (
                    _,
                    "close_write" | "sync=" | "close" | "flush" | "rewind" | "binmode" | "sync"
                    | "winsize=",
                ) => {
                    return Some(Object::None);
                }
                (_, "to_i" | "fileno" | "to_io") => "fileno",
                (Native::HttpClient(_), _) => {
                    return web::client_method(interpreter, receiver, name, arguments);
                }
                _ => return None,
            };
            Some(interpreter.call_method_shared(receiver, own, plain))
        }
        Object::Response(response) => match name {
            "body" | "read" | "to_s" | "read_body" | "parsed_response" | "string" | "content" => {
                Some(Object::of_value(response.1.clone()))
            }
            "each_line" | "read_body_each" => {
                let content = Object::of_value(response.1.clone());
                let block = block(arguments)?.clone();
                Some(call_block(interpreter, &block, vec![content]))
            }
            _ => Some(Object::anything()),
        },
        Object::Unknown(_) => unknown_method(interpreter, receiver, name, arguments),
        Object::Code(_) if matches!(name, "result" | "run" | "result_with_hash") => {
            Some(interpreter.call(receiver, Arguments::default()))
        }
        _ => None,
    }
}

/// Methods of something that cannot be told: a block sees what it holds.
fn unknown_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    if let (Object::Unknown(value), "[]" | "fetch" | "dig") = (receiver, name)
        && let [Provenance::Request(_)] = value.from.as_slice()
        && let Some(key) = arguments.plain.first().and_then(Object::as_text)
    {
        return Some(Object::unknown(Provenance::Request(key.to_owned())));
    }
    if let Some(block) = block(arguments) {
        let made = call_block(interpreter, &block.clone(), vec![receiver.clone()]);
        return Some(match name {
            "map" | "collect" | "gsub" | "inject" => made,
            _ => receiver.clone(),
        });
    }
    match (receiver, name) {
        (Object::Unknown(value), _)
            if matches!(value.from.as_slice(), [Provenance::Request(_)]) =>
        {
            let part = match name {
                "params" | "body" | "read" | "to_s" | "string" | "strip" | "chomp" => {
                    return Some(receiver.clone());
                }
                part => part,
            };
            Some(Object::unknown(Provenance::Request(part.to_owned())))
        }
        (
            _,
            "gets" | "read" | "chomp" | "strip" | "split" | "to_s" | "chop" | "lines" | "body"
            | "string",
        ) => Some(receiver.clone()),
        _ => None,
    }
}

/// The values of arguments one after the other, as `puts` writes them.
pub fn written(interpreter: &mut Interpreter, arguments: &Arguments) -> Value {
    let mut whole = Value::literal("");
    for argument in &arguments.plain {
        whole.append(&interpreter.value_of(argument));
    }
    whole
}

impl Interpreter<'_, '_> {
    /// Calls a method of an object of the shared library, past the language's own.
    pub fn call_method_shared(
        &mut self,
        receiver: &Object,
        name: &str,
        arguments: Arguments,
    ) -> Object {
        let name = Rc::from(name);
        match shared::method(self, receiver, &name, &arguments) {
            Some(result) => result,
            None => self.call_unknown(receiver, &arguments),
        }
    }
}

/// A text of the one or the other of two arguments.
fn first_text(interpreter: &mut Interpreter, arguments: &Arguments) -> Value {
    interpreter.argument(arguments, 0, "@")
}

/// Calls a function of the shared library with the arguments as they are.
fn same(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Object {
    shared_call(interpreter, path, arguments.plain.clone())
}
