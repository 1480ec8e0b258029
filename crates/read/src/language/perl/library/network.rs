//! Connections and fetches.
//!
//! Source: Socket, IO::Socket, LWP, HTTP::Tiny.

use std::rc::Rc;

use model::{Behavior, Protocol, Value};

use super::lists::option;
use super::{integer, text};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::{Native, Object, Socket};

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "socket" => {
            let protocol = match (integer(arguments, 0), integer(arguments, 1)) {
                (Some(1), _) => Protocol::Unix,
                (_, Some(2)) => Protocol::Udp,
                _ => Protocol::Tcp,
            };
            socket(interpreter, protocol, None, None)
        }
        "connect" | "bind" => {
            let (socket, address) = (first?.clone(), arguments.plain.get(1)?.clone());
            interpreter.call_method(&socket, &Rc::from(name), Arguments::plain(vec![address]));
            interpreter.uncertain += 1;
            Object::anything()
        }
        "accept" => {
            let socket = first?.clone();
            let accepted =
                interpreter.call_method(&socket, &Rc::from("accept"), Arguments::default());
            match accepted {
                Object::Tuple(pair) => pair.first()?.clone(),
                other => other,
            }
        }
        "send" => {
            let (socket, data) = (first?.clone(), text(interpreter, arguments, 1));
            let data = Arguments::plain(vec![Object::of_value(data)]);
            interpreter.call_method(&socket, &Rc::from("send"), data);
            Object::anything()
        }
        "listen" | "setsockopt" | "shutdown" => Object::anything(),
        "sockaddr_in" | "pack_sockaddr_in" | "sockaddr_in6" => {
            let address = host(interpreter, arguments.plain.get(1)?);
            interpreter.heap.list(vec![address, first?.clone()])
        }
        "sockaddr_un" | "pack_sockaddr_un" => first?.clone(),
        "inet_aton" | "gethostbyname" | "inet_pton" | "getprotobyname" | "inet_ntoa" => {
            arguments.plain.last()?.clone()
        }
        "INADDR_ANY" => Object::text("0.0.0.0"),
        // LWP::Simple
        "get" if is_url(interpreter, first) => {
            let url = text(interpreter, arguments, 0);
            Object::of_value(interpreter.acts().fetch(url, None))
        }
        "getstore" | "mirror" => {
            let url = text(interpreter, arguments, 0);
            let to = text(interpreter, arguments, 1);
            interpreter.acts().fetch(url, Some(to));
            Object::anything()
        }
        _ => return None,
    })
}

fn is_url(interpreter: &mut Interpreter, object: Option<&Object>) -> bool {
    object.is_some_and(|object| interpreter.shown(object).text.contains("://"))
}

/// An address given as four bytes, in dots.
fn host(interpreter: &mut Interpreter, object: &Object) -> Object {
    let value = interpreter.shown(object);
    match crate::encoding::to_bytes(&value.text).as_slice() {
        [a, b, c, d] if value.known && !value.text.contains('.') => {
            Object::text(format!("{a}.{b}.{c}.{d}"))
        }
        _ => Object::of_value(value),
    }
}

fn socket(
    interpreter: &mut Interpreter,
    protocol: Protocol,
    connection: Option<u32>,
    bound: Option<(Value, Value)>,
) -> Object {
    interpreter.heap.native(Native::Socket(Socket {
        connection,
        protocol,
        bound,
    }))
}

/// `IO::Socket::INET->new(…)`: an address, or keys and values.
fn new_socket(interpreter: &mut Interpreter, class: &str, given: &[Object]) -> Object {
    let protocol = match class {
        "IO::Socket::SSL" => Protocol::Tls,
        "IO::Socket::UNIX" => Protocol::Unix,
        _ => match option(interpreter, given, &["Proto"]) {
            Some(Object::Text(name)) if name.text == "udp" => Protocol::Udp,
            _ => Protocol::Tcp,
        },
    };
    let mut get = |keys: &[&str]| {
        let found = option(interpreter, given, keys)?;
        Some(interpreter.shown(&found))
    };
    let peer = match given {
        [address] => Some(interpreter.shown(address)),
        _ => get(&["PeerAddr", "PeerHost", "Peer"]),
    };
    let mut get = |keys: &[&str]| {
        let found = option(interpreter, given, keys)?;
        Some(interpreter.shown(&found))
    };
    let port = get(&["PeerPort", "PeerService"]);
    let local = get(&["LocalPort"]);
    let local_host = get(&["LocalAddr", "LocalHost"]);
    let Some(peer) = peer else {
        let (host, port) = match (local_host, local) {
            (Some(host), None) => parts(&host),
            (host, port) => (host.unwrap_or_default(), port.unwrap_or_default()),
        };
        return socket(interpreter, protocol, None, Some((host, port)));
    };
    let (host, own) = parts(&peer);
    let connection = interpreter
        .acts()
        .connect(protocol, host, port.unwrap_or(own));
    interpreter.uncertain += 1;
    socket(interpreter, protocol, Some(connection), None)
}

/// Host and port of `host:port`.
fn parts(address: &Value) -> (Value, Value) {
    let (host, port) = match address.text.rsplit_once(':') {
        Some((host, port)) if !port.contains(['}', ']']) => (host, port),
        _ => (address.text.as_str(), ""),
    };
    let port = port.split('(').next().unwrap_or_default();
    (
        address.map_text(|_| host.to_owned()),
        address.map_text(|_| port.to_owned()),
    )
}

/// Calls a method of a class or object of these libraries.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match (receiver, name) {
        (Object::Text(class), "new") => {
            let class = class.text.clone();
            if class.starts_with("IO::Socket") {
                return Some(new_socket(interpreter, &class, &arguments.plain));
            }
            if matches!(
                class.as_str(),
                "LWP::UserAgent"
                    | "HTTP::Tiny"
                    | "WWW::Mechanize"
                    | "LWP::RobotUA"
                    | "Mojo::UserAgent"
                    | "Furl"
                    | "HTTP::Lite"
            ) {
                return Some(
                    interpreter
                        .heap
                        .native(Native::HttpClient(Value::literal(""))),
                );
            }
            if class == "HTTP::Request" {
                let url = text(interpreter, arguments, 1);
                return Some(Object::Request(Rc::new((url, None))));
            }
            if matches!(
                class.as_str(),
                "Net::FTP" | "Net::SMTP" | "Net::Telnet" | "Net::SSH2"
            ) {
                let host = text(interpreter, arguments, 0);
                let port = match class.as_str() {
                    "Net::FTP" => "21",
                    "Net::SMTP" => "25",
                    "Net::SSH2" => "22",
                    _ => "23",
                };
                let connection =
                    interpreter
                        .acts()
                        .connect(Protocol::Tcp, host, Value::literal(port));
                return Some(interpreter.heap.native(Native::Remote(connection)));
            }
            None
        }
        (Object::Native(slot), _) => {
            let is_client = matches!(
                interpreter.heap.native_of(*slot),
                Some(Native::HttpClient(_))
            );
            is_client
                .then(|| client(interpreter, name, arguments))
                .flatten()
        }
        (
            Object::Response(response),
            "content" | "decoded_content" | "body" | "text" | "content_ref",
        ) => Some(Object::of_value(response.1.clone())),
        (Object::Response(response), "result" | "res") => Some(Object::Response(response.clone())),
        (Object::Response(_), "is_success" | "code" | "status_line" | "is_error" | "header") => {
            interpreter.uncertain += 1;
            Some(Object::anything())
        }
        _ => None,
    }
}

/// Calls a method of a client.
fn client(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let target = arguments.plain.first();
    let url = match (name, target) {
        ("request" | "simple_request", Some(Object::Request(request))) => request.0.clone(),
        ("request", Some(_)) => text(interpreter, arguments, 1),
        ("get" | "post" | "put" | "head" | "mirror" | "getstore", Some(_)) => {
            text(interpreter, arguments, 0)
        }
        _ => return Some(Object::anything()),
    };
    let rest = arguments.plain.get(1..).unwrap_or_default();
    let to = match name {
        "mirror" | "getstore" => rest.first().map(|to| interpreter.shown(to)),
        // `:content_file => path`
        _ => option(interpreter, rest, &[":content_file"]).map(|to| interpreter.shown(&to)),
    };
    if name == "post" {
        let (host, port) = parts(&url.map_text(|text| {
            let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
            rest.split('/').next().unwrap_or_default().to_owned()
        }));
        let mut data = Value::literal("");
        for item in rest {
            let item = interpreter.value_of(item);
            data.append(&item);
        }
        let connection = interpreter.acts().connect(Protocol::Tcp, host, port);
        interpreter.act(Behavior::Send { connection, data });
    }
    interpreter.uncertain += 1;
    let content = interpreter.acts().fetch(url.clone(), to);
    Some(Object::Response(Rc::new((url, content))))
}
