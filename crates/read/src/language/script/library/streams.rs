//! Where a program that is started reads from and writes to.

use std::rc::Rc;

use model::{Provenance, Stream, Value};

use super::super::interpreter::Interpreter;
use super::super::object::{Native, Object};

impl Interpreter<'_, '_> {
    /// What something stands for as a standard stream.
    pub fn stream_of(&mut self, object: &Object) -> Stream {
        match object {
            Object::Descriptor(stream) => (**stream).clone(),
            // `subprocess.PIPE` and `subprocess.DEVNULL` by their numbers.
            Object::Int(-1) => Stream::Text(Value::default()),
            Object::Int(-3) => Stream::Null,
            Object::Int(number) => {
                let standard = &self.world().standard;
                match usize::try_from(*number) {
                    Ok(at) => standard.get(at).cloned().unwrap_or(Stream::Unknown),
                    Err(_) => Stream::Unknown,
                }
            }
            Object::Library(path) => match &**path {
                // What goes through a pipe is the program's own to use.
                "subprocess.PIPE" | "asyncio.subprocess.PIPE" => Stream::Text(Value::default()),
                "subprocess.DEVNULL" | "asyncio.subprocess.DEVNULL" => Stream::Null,
                "sys.stdin" | "sys.__stdin__" => self.world().standard[0].clone(),
                "sys.stdout" | "sys.__stdout__" => self.world().standard[1].clone(),
                "sys.stderr" | "sys.__stderr__" => self.world().standard[2].clone(),
                _ => Stream::Unknown,
            },
            Object::Native(slot) => match self.heap.native_of(*slot) {
                Some(Native::Socket(socket)) => socket
                    .connection
                    .map_or(Stream::Unknown, Stream::Connection),
                Some(Native::File(file)) if file.path.text == "/dev/null" => Stream::Null,
                Some(Native::File(file)) => Stream::File(file.path.clone()),
                Some(Native::Process(process)) => input_stream(process.printed.clone()),
                Some(Native::Buffer(buffer)) => Stream::Text(buffer.value()),
                _ => Stream::Unknown,
            },
            Object::Unknown(value) => match value.received_over() {
                Some(connection) => Stream::Connection(connection),
                None => Stream::Unknown,
            },
            Object::None => Stream::Inherited,
            _ => Stream::Unknown,
        }
    }

    /// The descriptor of an open object.
    pub fn descriptor(&mut self, object: &Object) -> Object {
        Object::Descriptor(Rc::new(self.stream_of(object)))
    }
}

/// A value as what a program reads: all that comes over a connection is the connection itself.
pub fn input_stream(value: Value) -> Stream {
    match value.from.as_slice() {
        [Provenance::Received(connection)] if !value.known => Stream::Connection(*connection),
        _ => Stream::Text(value),
    }
}
