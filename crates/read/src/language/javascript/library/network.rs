//! Sockets and servers: `net`, `tls`, `dgram`, `http.createServer`, WebSockets, express and koa.
//!
//! Source: the documentation of Node.js, "Net", "TLS", "UDP/datagram sockets", "HTTP"; of ws,
//! express, koa and fastify; of Deno and Bun, their TCP functions.

use std::rc::Rc;

use model::{Provenance, Value};

use super::super::objects::{self, is_callable, made, part};
use super::{call_later, shared_call, with_callback};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::{Native, Object};

/// Calls a function that makes a connection or a server.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    Some(match path {
        "net.connect"
        | "net.createConnection"
        | "tls.connect"
        | "Deno.connect"
        | "Deno.connectTls"
        | "Bun.connect" => {
            let secure = path.contains("tls") || path.ends_with("Tls");
            let socket = socket(interpreter, secure);
            connect(interpreter, &socket, arguments);
            bun_handlers(interpreter, &socket, arguments);
            socket
        }
        "net.Socket" | "net.Stream" => socket(interpreter, false),
        "tls.TLSSocket" => match arguments.plain.first() {
            Some(inner @ Object::Native(_)) => inner.clone(),
            _ => socket(interpreter, true),
        },
        "dgram.createSocket" => {
            let kind = vec![Object::Int(2), Object::Int(2)];
            let socket = shared_call(interpreter, "socket.socket", kind);
            if let Some(callback) = arguments
                .plain
                .get(1)
                .filter(|callback| is_callable(callback))
            {
                let given = shared_method(interpreter, &socket, "recv", Vec::new());
                interpreter.call_plain(&callback.clone(), vec![given, Object::anything()]);
            }
            socket
        }
        "net.createServer"
        | "tls.createServer"
        | "net.Server"
        | "http.createServer"
        | "https.createServer"
        | "http2.createServer"
        | "http2.createSecureServer"
        | "http.Server" => {
            let (callback, _) = with_callback(arguments);
            let kind = if path.starts_with("http") {
                "http.Server"
            } else {
                "net.Server"
            };
            let handler = callback.unwrap_or(Object::None);
            made(interpreter, kind, vec![("@handler", handler)])
        }
        "express"
        | "koa"
        | "fastify"
        | "polka"
        | "restify.createServer"
        | "express.Router"
        | "Router"
        | "koa-router"
        | "@koa/router"
        | "hapi.server"
        | "connect"
        | "micro" => made(interpreter, "application", Vec::new()),
        "WebSocket"
        | "ws"
        | "ws.WebSocket"
        | "socket_io-client"
        | "socket_io-client.connect"
        | "socket_io-client.io"
        | "faye-websocket.Client" => {
            let url = interpreter.argument(arguments, 0, "url");
            websocket(interpreter, &url)
        }
        "ws.Server" | "ws.WebSocketServer" | "socket_io" | "socket_io.Server" => {
            let options = arguments.plain.first().cloned().unwrap_or(Object::None);
            let port = part(interpreter, &options, "port").unwrap_or_else(Object::anything);
            made(interpreter, "net.Server", vec![("@port", port)])
        }
        "Deno.serve" | "Bun.serve" => {
            let (callback, rest) = with_callback(arguments);
            let options = rest.first().cloned().unwrap_or(Object::None);
            let handler = callback.or_else(|| part(interpreter, &options, "fetch"));
            if let Some(handler) = handler {
                serve(interpreter, &handler);
            }
            Object::anything()
        }
        "Deno.listen" => made(
            interpreter,
            "net.Server",
            vec![("@options", arguments.plain.first()?.clone())],
        ),
        "readline.createInterface" => {
            let options = arguments.plain.first()?;
            part(interpreter, options, "input").unwrap_or_else(Object::anything)
        }
        _ => return None,
    })
}

fn shared_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    plain: Vec<Object>,
) -> Object {
    interpreter.call_method(receiver, &Rc::from(name), Arguments::plain(plain))
}

/// A socket without a connection.
fn socket(interpreter: &mut Interpreter, secure: bool) -> Object {
    let socket = shared_call(interpreter, "socket.socket", Vec::new());
    if secure {
        shared_call(interpreter, "ssl.wrap_socket", vec![socket.clone()]);
    }
    socket
}

/// `socket.connect(port, host, callback)`, `connect({port, host}, callback)`, `connect(path)`.
fn connect(interpreter: &mut Interpreter, socket: &Object, arguments: &Arguments) {
    let (callback, rest) = with_callback(arguments);
    let (host, port) = match rest.first() {
        Some(options @ Object::Dictionary(_)) => {
            let host = part(interpreter, options, "host")
                .or_else(|| part(interpreter, options, "hostname"))
                .or_else(|| part(interpreter, options, "path"));
            (host, part(interpreter, options, "port"))
        }
        Some(port) => (rest.get(1).cloned(), Some(port.clone())),
        None => (None, None),
    };
    let host = host.filter(|host| !matches!(host, Object::Dictionary(_)));
    let host = host.unwrap_or_else(|| Object::text("localhost"));
    let port = port.unwrap_or_else(Object::anything);
    let address = Object::Tuple(Rc::new(vec![host, port]));
    shared_method(interpreter, socket, "connect@", vec![address]);
    if let Some(callback) = callback {
        call_later(interpreter, &callback, Some(socket), vec![socket.clone()]);
    }
}

/// `Bun.connect({socket: {data(socket, data) {}}})`.
fn bun_handlers(interpreter: &mut Interpreter, socket: &Object, arguments: &Arguments) {
    let Some(options) = arguments.plain.first() else {
        return;
    };
    let Some(handlers) = part(interpreter, options, "socket") else {
        return;
    };
    for name in ["open", "data"] {
        if let Some(handler) = part(interpreter, &handlers, name) {
            let data = shared_method(interpreter, socket, "recv", Vec::new());
            interpreter.call_plain(&handler, vec![socket.clone(), data]);
        }
    }
}

/// A connection to the host of a URL.
fn websocket(interpreter: &mut Interpreter, url: &Value) -> Object {
    let (scheme, rest) = url.text.split_once("://").unwrap_or(("ws", &url.text));
    let secure = scheme == "wss" || scheme == "https";
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port),
        None => (authority, if secure { "443" } else { "80" }),
    };
    let value = |text: &str| Object::of_value(url.map_text(|_| text.to_owned()));
    let address = Object::Tuple(Rc::new(vec![value(host), value(port)]));
    let socket = socket(interpreter, secure);
    shared_method(interpreter, &socket, "connect@", vec![address]);
    socket
}

/// Calls a method of a socket.
pub fn socket_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        // The shared library's own, which takes an address.
        "connect@" => {
            let Object::Native(slot) = receiver else {
                return None;
            };
            let Some(Native::Socket(socket)) = interpreter.heap.native_of(*slot).cloned() else {
                return None;
            };
            let name = Rc::from("connect");
            crate::language::script::library::sockets::method(
                interpreter,
                *slot,
                socket,
                &name,
                arguments,
            )
        }
        "connect" => {
            connect(interpreter, receiver, arguments);
            Some(receiver.clone())
        }
        "end" | "emit" | "sendText" => {
            let at = usize::from(name == "emit");
            if let Some(data) = arguments.plain.get(at).filter(|data| !is_callable(data)) {
                shared_method(interpreter, receiver, "write", vec![data.clone()]);
            }
            Some(receiver.clone())
        }
        // `socket.send(message, port, host)` of datagrams.
        "send" => {
            let numbers = arguments
                .plain
                .iter()
                .position(|argument| matches!(argument, Object::Text(_) | Object::Unknown(_)));
            let (_, rest) = with_callback(arguments);
            let data = rest.first()?.clone();
            match rest.as_slice() {
                [_, .., port, host] if numbers.is_some() => {
                    let address = Object::Tuple(Rc::new(vec![host.clone(), port.clone()]));
                    shared_method(interpreter, receiver, "sendto", vec![data, address])
                }
                _ => shared_method(interpreter, receiver, "write", vec![data]),
            };
            Some(Object::None)
        }
        "bind" => {
            let port = arguments.plain.first().cloned().unwrap_or(Object::Int(0));
            let Object::Native(slot) = receiver else {
                return None;
            };
            let Some(Native::Socket(socket)) = interpreter.heap.native_of(*slot).cloned() else {
                return None;
            };
            let address = Object::Tuple(Rc::new(vec![Object::text(""), port]));
            let plain = Arguments::plain(vec![address]);
            let name = Rc::from("bind");
            crate::language::script::library::sockets::method(
                interpreter,
                *slot,
                socket,
                &name,
                &plain,
            )
        }
        "setEncoding" | "setKeepAlive" | "setNoDelay" | "setTimeout" | "resume" | "pause"
        | "ref" | "unref" | "destroy" | "removeAllListeners" => {
            let (callback, _) = with_callback(arguments);
            if let Some(callback) = callback {
                call_later(interpreter, &callback, None, Vec::new());
            }
            Some(receiver.clone())
        }
        _ => None,
    }
}

/// Calls a method of a server or an application.
pub fn object_method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    kind: &str,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let (callback, rest) = with_callback(arguments);
    match (kind, name) {
        ("net.Server", "listen" | "accept") => {
            let handler = part(interpreter, receiver, "@handler");
            let accepted = accept(interpreter, receiver, rest.first());
            if let Some(handler) = handler.filter(is_callable) {
                call_later(interpreter, &handler, None, vec![accepted.clone()]);
            }
            if let Some(callback) = callback {
                call_later(interpreter, &callback, None, Vec::new());
            }
            Some(match name {
                "accept" => accepted,
                _ => receiver.clone(),
            })
        }
        ("http.Server" | "application", "listen") => {
            if let Some(handler) = part(interpreter, receiver, "@handler").filter(is_callable) {
                serve(interpreter, &handler);
            }
            if let Some(callback) = callback {
                call_later(interpreter, &callback, None, Vec::new());
            }
            Some(receiver.clone())
        }
        (
            "application",
            "get" | "post" | "put" | "all" | "use" | "delete" | "patch" | "route" | "options",
        ) => {
            for handler in &arguments.plain {
                if let Object::Function(_) | Object::Bound(_) = handler {
                    serve(interpreter, handler);
                }
            }
            Some(receiver.clone())
        }
        _ => None,
    }
}

/// Waits for a connection; returns its socket.
fn accept(interpreter: &mut Interpreter, server: &Object, given: Option<&Object>) -> Object {
    if let Some(own) = part(interpreter, server, "@socket") {
        return own;
    }
    let options = part(interpreter, server, "@options").or_else(|| given.cloned());
    let port = match options {
        Some(options @ Object::Dictionary(_)) => part(interpreter, &options, "port"),
        Some(port) => Some(port),
        None => part(interpreter, server, "@port"),
    };
    let port = port.unwrap_or_else(Object::anything);
    let address = Object::Tuple(Rc::new(vec![Object::text(""), port]));
    let bound = shared_call(interpreter, "socket.create_server", vec![address]);
    let pair = shared_method(interpreter, &bound, "accept", Vec::new());
    let socket = interpreter.index(&pair, &Object::Int(0));
    if let Object::Dictionary(slot) = server {
        interpreter
            .heap
            .set_entry(*slot, Object::text("@socket"), socket.clone());
    }
    socket
}

/// Calls what answers requests.
fn serve(interpreter: &mut Interpreter, handler: &Object) {
    let request = Object::unknown(Provenance::Request(String::new()));
    let given = vec![request, Object::anything(), Object::library("js.@void")];
    call_later(interpreter, handler, None, given);
}

/// What a listener of a server or a request is called with.
pub fn heard(
    interpreter: &mut Interpreter,
    receiver: &Object,
    kind: &str,
    event: &str,
) -> Option<Vec<Object>> {
    match (kind, event) {
        ("net.Server", "connection" | "secureConnection") => {
            Some(vec![accept(interpreter, receiver, None)])
        }
        ("http.Server", "request") => Some(vec![
            Object::unknown(Provenance::Request(String::new())),
            Object::anything(),
        ]),
        ("request", "response" | "data") => {
            part(interpreter, receiver, "@response").map(|response| vec![response])
        }
        _ => Some(Vec::new()),
    }
}

/// Whether a server that does not listen yet keeps a listener for when it does.
pub fn keeps_handler(
    interpreter: &mut Interpreter,
    receiver: &Object,
    event: &str,
    callback: &Object,
) -> bool {
    let Object::Dictionary(slot) = receiver else {
        return false;
    };
    let is_server = objects::kind(interpreter, *slot).is_some_and(|kind| kind.text == "net.Server");
    let waits = is_server
        && matches!(event, "connection" | "secureConnection")
        && part(interpreter, receiver, "@socket").is_none()
        && part(interpreter, receiver, "@port").is_none();
    if waits {
        let key = Object::text("@handler");
        interpreter.heap.set_entry(*slot, key, callback.clone());
    }
    waits
}
