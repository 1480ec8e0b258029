//! Libraries: what their functions and objects do.
//!
//! The names are those of Python's library, canonical for all languages: a dialect turns a
//! function of its own library into a call of one of these where it does the same.

use std::rc::Rc;

use model::{Behavior, Value};

use super::builtins;
use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::{Native, Object, Slot};
use super::syntax::Name;

pub mod codec;
mod containers;
pub mod files;
mod paths;
pub mod process;
pub mod served;
pub mod sockets;
pub mod streams;
mod system;
mod values;
pub mod web;

pub use codec::{decode, encode};
pub use files::unpack;
pub use paths::attribute as path_attribute;

/// One family of functions: `None` if it knows none of that name.
type Family = fn(&mut Interpreter, &str, &Arguments) -> Option<Object>;

/// The families, asked in order.
const FAMILIES: &[Family] = &[
    builtins::call,
    process::call,
    codec::call,
    files::call,
    sockets::call,
    web::call,
    served::call,
    containers::call,
    system::call,
    values::call,
];

/// Calls a function or class of a library.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: Arguments) -> Object {
    if !interpreter.burn(1) {
        return Object::anything();
    }
    let dialect = interpreter.dialect;
    if let Some(result) = dialect.call(interpreter, path, &arguments) {
        return result;
    }
    for family in FAMILIES {
        if let Some(result) = family(interpreter, path, &arguments) {
            return result;
        }
    }
    interpreter.call_unknown(&Object::anything(), &arguments)
}

/// Calls a method of an object of a library.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &Name,
    arguments: &Arguments,
) -> Option<Object> {
    match receiver {
        Object::Response(response) => {
            web::response_method(interpreter, &response.clone(), name, arguments)
        }
        Object::Path(path) => paths::method(interpreter, &path.clone(), name, arguments),
        Object::Descriptor(_) => None,
        Object::Native(slot) => {
            let native = interpreter.heap.native_of(*slot)?.clone();
            match native {
                Native::Socket(socket) => {
                    sockets::method(interpreter, *slot, socket, name, arguments)
                }
                Native::Process(process) => {
                    process::method(interpreter, *slot, process, name, arguments)
                }
                Native::File(file) => files::method(interpreter, *slot, file, name, arguments),
                Native::Buffer(buffer) => {
                    files::buffer_method(interpreter, *slot, buffer, name, arguments)
                }
                Native::HttpClient(base) => {
                    web::client_method(interpreter, *slot, &base, name, arguments)
                }
                Native::Remote(connection) => {
                    sockets::remote_method(interpreter, connection, name, arguments)
                }
                Native::Server(host, port, protocol, handler) => {
                    sockets::server_method(interpreter, (host, port, protocol), &handler, name)
                }
                Native::Thread(target, plain) => match &**name {
                    "start" | "run" => Some(interpreter.call_plain(&target, plain)),
                    _ => Some(Object::None),
                },
            }
        }
        _ => None,
    }
}

/// What constructing an instance of a class derived from a library's does.
pub fn construct_base(
    interpreter: &mut Interpreter,
    class: Slot,
    instance: &Object,
    arguments: &Arguments,
) {
    let Some(base) = interpreter.library_base(class, 0) else {
        return;
    };
    if base.starts_with("socket.") || base.starts_with("http.client.HTTP") {
        let socket = call(interpreter, &base, arguments.clone());
        if let Object::Instance(slot) = instance {
            interpreter
                .heap
                .set_attribute(*slot, &Rc::from("__socket__"), socket);
        }
    }
}

/// An attribute that a class of the program inherits from a library's.
pub fn inherited_attribute(
    interpreter: &mut Interpreter,
    instance: Slot,
    class: Slot,
    name: &Name,
) -> Object {
    let Some(base) = interpreter.library_base(class, 0) else {
        return Object::anything();
    };
    if base.starts_with("socketserver.") && base.ends_with("RequestHandler") {
        return sockets::handler_attribute(interpreter, instance, name);
    }
    if base.ends_with("HTTPRequestHandler") {
        return match &**name {
            "rfile" | "path" | "headers" | "command" | "requestline" => {
                let handler =
                    sockets::handler_attribute(interpreter, instance, &Rc::from("request"));
                let received = sockets::received(interpreter, &handler);
                served::received(&received, name)
            }
            "wfile" => sockets::handler_attribute(interpreter, instance, &Rc::from("request")),
            _ => Object::anything(),
        };
    }
    if let Some(part) = served::handler_attribute(&base, name) {
        return part;
    }
    // `thread.start()` of a class derived from `Thread` runs its `run`.
    if &**name == "start"
        && let Some(Object::Function(run)) = interpreter.class_attribute(class, "run", 0)
    {
        return Object::Bound(Rc::new((Object::Instance(instance), run)));
    }
    let own = interpreter.heap.instance_of(instance).and_then(|own| {
        let socket = own
            .attributes
            .iter()
            .find(|(name, _)| &**name == "__socket__");
        socket.map(|(_, socket)| socket.clone())
    });
    match own {
        Some(socket) => Object::Method(Rc::new((socket, name.clone()))),
        None => Object::anything(),
    }
}

/// `os.environ.update(…)`, `globals().update(…)`.
pub fn update_namespace(
    interpreter: &mut Interpreter,
    namespace: &Object,
    name: &str,
    arguments: &Arguments,
) {
    let mut entries = Vec::new();
    match (name, arguments.plain.as_slice()) {
        ("setdefault", [key, value]) => entries.push((key.clone(), value.clone())),
        (_, [Object::Dictionary(slot), ..]) => {
            entries.extend_from_slice(interpreter.heap.entries(*slot));
        }
        _ => {}
    }
    for (name, value) in &arguments.named {
        entries.push((Object::text(&**name), value.clone()));
    }
    for (key, value) in entries {
        let Some(key) = key.as_text() else {
            continue;
        };
        match namespace {
            Object::Namespace(scope) => interpreter.scopes.set(*scope, &Rc::from(key), value),
            Object::Library(path) if &**path == "os.environ" => {
                let value = interpreter.value_of(&value);
                interpreter.act(Behavior::SetVariable {
                    name: key.to_owned(),
                    value,
                });
            }
            _ => {}
        }
    }
}

impl Interpreter<'_, '_> {
    /// Starts programs that waited for input that was never told, of the objects made since there
    /// were `first`.
    pub fn start_waiting(&mut self, first: usize) {
        process::start_waiting(self, first);
    }

    /// One line of something that is read.
    pub fn read_line(&mut self, object: &Object) -> Object {
        self.call_method(object, &Rc::from("readline"), Arguments::default())
    }

    /// What `with manager as …` binds.
    pub fn enter_manager(&mut self, manager: &Object) -> Object {
        match manager {
            Object::Instance(_) => {
                let enter = self.attribute(manager, &Rc::from("__enter__"));
                match enter {
                    Object::Bound(_) => self.call(&enter, Arguments::default()),
                    _ => manager.clone(),
                }
            }
            other => other.clone(),
        }
    }

    /// The text of a path given as an argument.
    pub fn path_argument(&mut self, arguments: &Arguments, at: usize, name: &str) -> Value {
        self.argument(arguments, at, name)
    }
}
