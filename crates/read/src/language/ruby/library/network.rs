//! Sockets: `TCPSocket`, `TCPServer`, `UNIXSocket`, `UDPSocket`, `OpenSSL::SSL`.
//!
//! Source: the documentation of Ruby, "Socket", "OpenSSL::SSL::SSLSocket".

use std::rc::Rc;

use model::Protocol;

use super::super::values::{block, call_block, shared_call};
use super::{given, written};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::{Native, Object};

/// Calls a function that makes a socket.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let (class, name) = path.rsplit_once('.')?;
    let class = class.strip_prefix("Kernel.").unwrap_or(class);
    let plain = &arguments.plain;
    let made = match (class, name) {
        ("TCPSocket", "new" | "open") | ("Socket", "tcp") => connected(interpreter, plain),
        ("TCPServer", "new" | "open") | ("Socket", "tcp_server_loop") => {
            let server = server(interpreter, plain);
            if name == "tcp_server_loop" {
                let accepted = accept(interpreter, &server);
                let block = block(arguments)?.clone();
                return Some(call_block(
                    interpreter,
                    &block,
                    vec![accepted, Object::anything()],
                ));
            }
            server
        }
        ("UNIXSocket", "new" | "open") | ("Socket", "unix") => {
            let socket = shared_call(interpreter, "socket.socket", vec![Object::Int(1)]);
            let path = plain.first()?.clone();
            interpreter.call_method_shared(&socket, "connect", Arguments::plain(vec![path]));
            socket
        }
        ("UNIXServer", "new" | "open") => server(interpreter, plain),
        ("UDPSocket", "new" | "open") => shared_call(
            interpreter,
            "socket.socket",
            vec![Object::Int(2), Object::Int(2)],
        ),
        ("Socket", "new") => shared_call(interpreter, "socket.socket", Vec::new()),
        ("Socket", "sockaddr_in" | "pack_sockaddr_in" | "getaddrinfo") | ("Addrinfo", "tcp") => {
            let (port, host) = match (name, plain.as_slice()) {
                ("tcp", [host, port]) => (port.clone(), host.clone()),
                (_, [port, host]) => (port.clone(), host.clone()),
                _ => return None,
            };
            return Some(Object::Tuple(Rc::new(vec![host, port])));
        }
        ("OpenSSL.SSL.SSLSocket", "new") => {
            let inner = plain.first()?.clone();
            if let Object::Native(slot) = &inner
                && let Some(Native::Socket(socket)) = interpreter.heap.native_mut(*slot)
            {
                socket.protocol = Protocol::Tls;
            }
            inner
        }
        ("OpenSSL.SSL.SSLServer", "new") => plain.first()?.clone(),
        _ => return None,
    };
    Some(given(interpreter, made, arguments))
}

fn connected(interpreter: &mut Interpreter, plain: &[Object]) -> Object {
    let host = plain.first().cloned().unwrap_or(Object::None);
    let port = plain.get(1).cloned().unwrap_or_else(Object::anything);
    let address = Object::Tuple(Rc::new(vec![host, port]));
    shared_call(interpreter, "socket.create_connection", vec![address])
}

/// `TCPServer.new(host, port)`, `TCPServer.new(port)`.
fn server(interpreter: &mut Interpreter, plain: &[Object]) -> Object {
    let (host, port) = match plain {
        [port] => (Object::text(""), port.clone()),
        [host, port, ..] => (host.clone(), port.clone()),
        [] => (Object::text(""), Object::anything()),
    };
    let address = Object::Tuple(Rc::new(vec![host, port]));
    shared_call(interpreter, "socket.create_server", vec![address])
}

fn accept(interpreter: &mut Interpreter, server: &Object) -> Object {
    let pair = interpreter.call_method_shared(server, "accept", Arguments::default());
    match pair {
        Object::Tuple(items) => items.first().cloned().unwrap_or_else(Object::anything),
        other => other,
    }
}

/// Calls a method of a socket.
pub fn socket_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let shared = |interpreter: &mut Interpreter, name: &str, plain: Vec<Object>| {
        interpreter.call_method_shared(receiver, name, Arguments::plain(plain))
    };
    Some(match name {
        "gets" | "read" | "recv" | "readline" | "readpartial" | "sysread" | "recv_nonblock"
        | "read_nonblock" | "readlines" | "getc" | "recvmsg" => {
            shared(interpreter, "recv", Vec::new())
        }
        "recvfrom" => {
            let data = shared(interpreter, "recv", Vec::new());
            interpreter.heap.list(vec![data, Object::anything()])
        }
        "each_line" | "each" => {
            let line = shared(interpreter, "recv", Vec::new());
            let block = block(arguments)?.clone();
            call_block(interpreter, &block, vec![line])
        }
        "puts" | "print" | "write" | "<<" | "syswrite" | "printf" | "write_nonblock"
        | "sendmsg" => {
            let data = Object::of_value(written(interpreter, arguments));
            shared(interpreter, "send", vec![data]);
            receiver.clone()
        }
        // `send(data, flags, host, port)` of datagrams.
        "send" => match arguments.plain.as_slice() {
            [data, _, host, port] => {
                let address = Object::Tuple(Rc::new(vec![host.clone(), port.clone()]));
                shared(interpreter, "sendto", vec![data.clone(), address])
            }
            [data, ..] => shared(interpreter, "send", vec![data.clone()]),
            [] => return None,
        },
        "to_i" | "fileno" | "to_io" => shared(interpreter, "fileno", Vec::new()),
        "accept" => {
            let accepted = accept(interpreter, receiver);
            given(interpreter, accepted, arguments)
        }
        "connect" => match arguments.plain.as_slice() {
            [] => receiver.clone(),
            [host, port] => {
                let address = Object::Tuple(Rc::new(vec![host.clone(), port.clone()]));
                shared(interpreter, "connect", vec![address])
            }
            [address, ..] => shared(interpreter, "connect", vec![address.clone()]),
        },
        "bind" => {
            let address = match arguments.plain.as_slice() {
                [host, port] => Object::Tuple(Rc::new(vec![host.clone(), port.clone()])),
                [address, ..] => address.clone(),
                [] => return None,
            };
            shared(interpreter, "bind", vec![address])
        }
        "sync=" | "sync_close=" | "close" | "flush" | "setsockopt" | "listen" | "hostname=" => {
            Object::None
        }
        "eof?" | "closed?" => Object::anything(),
        _ => return None,
    })
}
