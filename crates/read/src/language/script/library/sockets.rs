//! Sockets and what is built on them: `socket`, `ssl`, `socketserver`, `asyncio` streams, and
//! protocols with commands of their own (SSH, SMTP, FTP, Telnet).
//!
//! Source: The Python Library Reference, "Networking and Interprocess Communication"; paramiko's
//! API documentation.

use std::rc::Rc;

use model::{Behavior, Protocol, Provenance, Value};

use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::methods::callback;
use super::super::object::{Native, Object, Slot, Socket};
use super::super::syntax::Name;

/// Calls a function that makes a socket.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    Some(match path {
        "socket.socket" | "socket.fromfd" | "socket.SocketType" => {
            let shift = usize::from(path == "socket.fromfd");
            let protocol = protocol(
                arguments.get(shift, "family"),
                arguments.get(shift + 1, "type"),
            );
            new(interpreter, protocol, None)
        }
        "socket.create_connection" | "gevent.socket.create_connection" => {
            let (host, port) = address(interpreter, arguments.get(0, "address"));
            let connection = interpreter.acts().connect(Protocol::Tcp, host, port);
            new(interpreter, Protocol::Tcp, Some(connection))
        }
        "socket.create_server" => {
            let bound = address(interpreter, arguments.get(0, "address"));
            let socket = new(interpreter, Protocol::Tcp, None);
            if let Object::Native(slot) = socket
                && let Some(Native::Socket(own)) = interpreter.heap.native_mut(slot)
            {
                own.bound = Some(bound);
            }
            socket
        }
        "ssl.wrap_socket" | "ssl.SSLSocket" | "socks.wrapmodule" => wrap(interpreter, arguments)?,
        "asyncio.open_connection" => {
            let host = interpreter.argument(arguments, 0, "host");
            let port = interpreter.argument(arguments, 1, "port");
            let connection = interpreter.acts().connect(Protocol::Tcp, host, port);
            let socket = new(interpreter, Protocol::Tcp, Some(connection));
            Object::Tuple(Rc::new(vec![socket.clone(), socket]))
        }
        "asyncio.open_unix_connection" => {
            let path = interpreter.argument(arguments, 0, "path");
            let connection = interpreter
                .acts()
                .connect(Protocol::Unix, path, Value::default());
            let socket = new(interpreter, Protocol::Unix, Some(connection));
            Object::Tuple(Rc::new(vec![socket.clone(), socket]))
        }
        "asyncio.start_server" => {
            let host = interpreter.argument(arguments, 1, "host");
            let port = interpreter.argument(arguments, 2, "port");
            let connection = interpreter.acts().listen(Protocol::Tcp, host, port);
            let socket = new(interpreter, Protocol::Tcp, Some(connection));
            callback(
                interpreter,
                arguments.plain.first()?,
                vec![socket.clone(), socket],
            );
            Object::anything()
        }
        _ => {
            return server(interpreter, path, arguments)
                .or_else(|| remote(interpreter, path, arguments));
        }
    })
}

fn new(interpreter: &mut Interpreter, protocol: Protocol, connection: Option<u32>) -> Object {
    interpreter.heap.native(Native::Socket(Socket {
        connection,
        protocol,
        bound: None,
    }))
}

/// The transport of a family and type, by name or number.
fn protocol(family: Option<&Object>, kind: Option<&Object>) -> Protocol {
    let is = |object: Option<&Object>, name: &str, number: i128| match object {
        Some(Object::Library(path)) => path.ends_with(name),
        Some(Object::Int(own)) => *own == number,
        _ => false,
    };
    if is(family, "AF_UNIX", 1) {
        Protocol::Unix
    } else if is(kind, "SOCK_DGRAM", 2) {
        Protocol::Udp
    } else if is(kind, "SOCK_RAW", 3) {
        Protocol::Other
    } else {
        Protocol::Tcp
    }
}

/// Host and port of an address.
fn address(interpreter: &mut Interpreter, object: Option<&Object>) -> (Value, Value) {
    let unknown = || Value::unknown(Provenance::Unknown);
    match object {
        Some(object @ (Object::Tuple(_) | Object::List(_))) => {
            let items = interpreter.iterate(object).unwrap_or_default();
            let mut values = items.iter().map(|item| interpreter.value_of(item));
            let host = values.next().unwrap_or_else(unknown);
            (host, values.next().unwrap_or_else(unknown))
        }
        Some(Object::Text(path)) => ((**path).clone(), Value::default()),
        Some(object) => {
            let value = interpreter.value_of(object);
            (value.clone(), value)
        }
        None => (unknown(), unknown()),
    }
}

/// A socket wrapped in TLS is the same connection.
pub fn wrap(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let socket = arguments.get(0, "sock")?.clone();
    if let Object::Native(slot) = &socket
        && let Some(Native::Socket(own)) = interpreter.heap.native_mut(*slot)
        && own.connection.is_none()
    {
        own.protocol = Protocol::Tls;
    }
    Some(socket)
}

/// What comes over a socket.
pub fn received(interpreter: &mut Interpreter, socket: &Object) -> Object {
    let stream = interpreter.stream_of(socket);
    super::files::read_stream(interpreter, &stream)
}

/// Calls a method of a socket.
pub fn method(
    interpreter: &mut Interpreter,
    slot: Slot,
    socket: Socket,
    name: &Name,
    arguments: &Arguments,
) -> Option<Object> {
    let object = Object::Native(slot);
    Some(match &**name {
        "connect" | "connect_ex" => {
            let (host, port) = address(interpreter, arguments.get(0, "address"));
            let connection = interpreter.acts().connect(socket.protocol, host, port);
            attach(interpreter, slot, connection);
            interpreter.uncertain += 1;
            match &**name {
                "connect" => Object::None,
                _ => Object::anything(),
            }
        }
        "bind" => {
            let bound = address(interpreter, arguments.get(0, "address"));
            if let Some(Native::Socket(own)) = interpreter.heap.native_mut(slot) {
                own.bound = Some(bound);
            }
            // Without a connection, whoever sends is heard.
            if socket.protocol == Protocol::Udp {
                listen(interpreter, slot);
            }
            Object::None
        }
        "accept" => {
            let accepted = listen(interpreter, slot)?;
            Object::Tuple(Rc::new(vec![accepted, Object::anything()]))
        }
        "send" | "sendall" | "write" | "sendto" | "sendmsg" | "send_bytes" | "writelines" => {
            send(interpreter, slot, &socket, name, arguments);
            Object::anything()
        }
        "sendfile" => {
            let data = arguments
                .plain
                .first()
                .map(|file| interpreter.call_method(file, &Rc::from("read"), Arguments::default()));
            send(
                interpreter,
                slot,
                &socket,
                "send",
                &Arguments::plain(data.into_iter().collect()),
            );
            Object::anything()
        }
        "recv" | "read" | "readline" | "readlines" | "recv_bytes" | "readexactly" | "readuntil"
        | "readany" | "recvmsg" | "__next__" => received(interpreter, &object),
        "recvfrom" => {
            let data = received(interpreter, &object);
            Object::Tuple(Rc::new(vec![data, Object::anything()]))
        }
        "recv_into" | "readinto" => {
            let data = received(interpreter, &object);
            let data = interpreter.bytes_held(&data);
            if let Some(Object::Native(buffer)) = arguments.plain.first()
                && let Some(Native::Buffer(own)) = interpreter.heap.native_mut(*buffer)
            {
                *own = data;
            }
            Object::anything()
        }
        "fileno" | "detach" => interpreter.descriptor(&object),
        "makefile" | "dup" | "__enter__" | "unwrap" | "get_extra_info" => object,
        "listen" | "setsockopt" | "settimeout" | "close" | "shutdown" | "setblocking" | "flush"
        | "drain" | "do_handshake" | "set_inheritable" | "wait_closed" => Object::None,
        _ => return None,
    })
}

fn attach(interpreter: &mut Interpreter, slot: Slot, connection: u32) {
    if let Some(Native::Socket(own)) = interpreter.heap.native_mut(slot) {
        own.connection = Some(connection);
    }
}

/// Waits for a connection; returns its socket.
fn listen(interpreter: &mut Interpreter, slot: Slot) -> Option<Object> {
    let Some(Native::Socket(socket)) = interpreter.heap.native_of(slot).cloned() else {
        return None;
    };
    interpreter.uncertain += 1;
    if let Some(connection) = socket.connection {
        return Some(new(interpreter, socket.protocol, Some(connection)));
    }
    let (host, port) = socket.bound.unwrap_or_default();
    let connection = interpreter.acts().listen(socket.protocol, host, port);
    attach(interpreter, slot, connection);
    Some(new(interpreter, socket.protocol, Some(connection)))
}

fn send(
    interpreter: &mut Interpreter,
    slot: Slot,
    socket: &Socket,
    name: &str,
    arguments: &Arguments,
) {
    let data = interpreter.argument(arguments, 0, "data");
    let connection = match socket.connection {
        Some(connection) => connection,
        // A datagram opens its own way, unless it answers over a bound socket.
        None if name == "sendto" => {
            let (host, port) = address(interpreter, arguments.plain.last());
            let connection = interpreter.acts().connect(socket.protocol, host, port);
            attach(interpreter, slot, connection);
            connection
        }
        None => return,
    };
    interpreter.act(Behavior::Send { connection, data });
}

// ---- servers ----

/// Classes of servers, with a handler of the program's.
fn server(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let protocol = match path {
        "socketserver.TCPServer"
        | "socketserver.ThreadingTCPServer"
        | "socketserver.ForkingTCPServer"
        | "http.server.HTTPServer"
        | "http.server.ThreadingHTTPServer"
        | "wsgiref.simple_server.make_server"
        | "http.server.BaseHTTPServer"
        | "xmlrpc.server.SimpleXMLRPCServer" => Protocol::Tcp,
        "socketserver.UDPServer" | "socketserver.ThreadingUDPServer" => Protocol::Udp,
        "socketserver.UnixStreamServer" => Protocol::Unix,
        _ => return None,
    };
    let (host, port) = address(interpreter, arguments.plain.first());
    let handler = arguments.plain.get(1).cloned().unwrap_or(Object::None);
    Some(
        interpreter
            .heap
            .native(Native::Server(host, port, protocol, Box::new(handler))),
    )
}

/// Calls a method of a server: while it serves, its handlers see what is received.
pub fn server_method(
    interpreter: &mut Interpreter,
    (host, port, protocol): (Value, Value, Protocol),
    handler: &Object,
    name: &str,
) -> Option<Object> {
    if !matches!(name, "serve_forever" | "handle_request" | "__enter__") {
        return Some(Object::anything());
    }
    if name == "__enter__" {
        return None;
    }
    let connection = interpreter.acts().listen(protocol, host, port);
    let Object::Class(class) = handler else {
        return Some(Object::None);
    };
    let socket = new(interpreter, protocol, Some(connection));
    let instance = interpreter.heap.instance(*class);
    bind_handler(interpreter, instance, &socket);
    for method in ["handle", "do_GET", "do_POST", "do_PUT", "do_HEAD"] {
        if let Some(Object::Function(_)) = interpreter.class_attribute(*class, method, 0) {
            let receiver = Object::Instance(instance);
            interpreter.call_method(&receiver, &Rc::from(method), Arguments::default());
        }
    }
    Some(Object::None)
}

/// Gives a request handler its connection; what a handler of HTTP reads is a request's body.
fn bind_handler(interpreter: &mut Interpreter, instance: Slot, socket: &Object) {
    for name in ["request", "rfile", "wfile", "connection"] {
        interpreter
            .heap
            .set_attribute(instance, &Rc::from(name), socket.clone());
    }
    let class = interpreter.heap.instance_of(instance).map(|own| own.class);
    let base = class.and_then(|class| interpreter.library_base(class, 0));
    if base.is_some_and(|base| base.ends_with("HTTPRequestHandler")) {
        let body = received(interpreter, socket);
        let body = super::served::received(&body, "rfile");
        interpreter
            .heap
            .set_attribute(instance, &Rc::from("rfile"), body);
    }
}

/// An attribute of a request handler: its connection, made when it is first asked for.
pub fn handler_attribute(interpreter: &mut Interpreter, instance: Slot, name: &Name) -> Object {
    match &**name {
        "request" | "rfile" | "wfile" | "connection" => {
            let unknown = Value::unknown(Provenance::Unknown);
            let connection = interpreter
                .acts()
                .listen(Protocol::Tcp, unknown.clone(), unknown);
            let socket = new(interpreter, Protocol::Tcp, Some(connection));
            bind_handler(interpreter, instance, &socket);
            socket
        }
        _ => Object::anything(),
    }
}

// ---- protocols with commands of their own ----

/// Clients of other machines: what they run, they run there.
fn remote(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let port = match path {
        "paramiko.SSHClient" | "paramiko.client.SSHClient" => {
            let connection = interpreter.world().next_connection();
            return Some(interpreter.heap.native(Native::Remote(connection)));
        }
        "paramiko.Transport" => {
            let (host, port) = address(interpreter, arguments.plain.first());
            let connection = interpreter.acts().connect(Protocol::Tcp, host, port);
            return Some(interpreter.heap.native(Native::Remote(connection)));
        }
        "telnetlib.Telnet" => {
            let host = interpreter.argument(arguments, 0, "host");
            let port = default_port(interpreter, arguments, 23);
            let connection = interpreter.acts().connect(Protocol::Tcp, host, port);
            return Some(new(interpreter, Protocol::Tcp, Some(connection)));
        }
        "smtplib.SMTP" | "smtplib.LMTP" => 25,
        "smtplib.SMTP_SSL" => 465,
        "ftplib.FTP" | "ftplib.FTP_TLS" => 21,
        "poplib.POP3" => 110,
        "imaplib.IMAP4" => 143,
        "imaplib.IMAP4_SSL" => 993,
        _ => return None,
    };
    let host = interpreter.argument(arguments, 0, "host");
    if host.text.is_empty() {
        let connection = interpreter.world().next_connection();
        return Some(interpreter.heap.native(Native::Remote(connection)));
    }
    let port = match path.starts_with("ftplib") {
        true => Value::literal(port.to_string()),
        false => default_port(interpreter, arguments, port),
    };
    let connection = interpreter.acts().connect(Protocol::Tcp, host, port);
    Some(interpreter.heap.native(Native::Remote(connection)))
}

fn default_port(interpreter: &mut Interpreter, arguments: &Arguments, port: u16) -> Value {
    match arguments.get(1, "port") {
        Some(given) => interpreter.value_of(given),
        None => Value::literal(port.to_string()),
    }
}

/// Calls a method of such a client.
pub fn remote_method(
    interpreter: &mut Interpreter,
    connection: u32,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let data = match name {
        "connect" => {
            let host = interpreter.argument(arguments, 0, "hostname");
            let host = match arguments.named("host") {
                Some(given) => interpreter.value_of(given),
                None => host,
            };
            let port = default_port(interpreter, arguments, 22);
            interpreter.act(Behavior::Connect {
                connection,
                protocol: Protocol::Tcp,
                host,
                port,
            });
            return Some(Object::None);
        }
        "exec_command" | "sendmail" | "send" | "storbinary" | "storlines" | "put" | "putfo"
        | "send_message" | "sendall" => {
            let at = match name {
                "sendmail" => 2,
                "storbinary" | "storlines" => 1,
                _ => 0,
            };
            interpreter.argument(arguments, at, "msg")
        }
        "recv" | "retrbinary" | "retrlines" | "get" => {
            return Some(Object::unknown(Provenance::Received(connection)));
        }
        "open_session" | "invoke_shell" | "get_transport" | "open_sftp" | "__enter__" => {
            return Some(interpreter.heap.native(Native::Remote(connection)));
        }
        _ => return Some(Object::anything()),
    };
    interpreter.act(Behavior::Send { connection, data });
    Some(match name {
        // What it answers comes from there.
        "exec_command" => {
            let answer = Object::unknown(Provenance::Received(connection));
            Object::Tuple(Rc::new(vec![answer.clone(), answer.clone(), answer]))
        }
        _ => Object::anything(),
    })
}
