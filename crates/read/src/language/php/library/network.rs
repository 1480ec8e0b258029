//! Connections and fetches.
//!
//! Source: The PHP Manual, "Streams", "Sockets", "cURL", "Network".

use std::rc::Rc;

use model::{Protocol, Provenance, Value};

use super::{process, shared, text};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::{Native, Object, Socket};

/// Options of cURL that are followed, by name and number.
const OPTIONS: &[(&str, i128)] = &[
    ("CURLOPT_URL", 10_002),
    ("CURLOPT_FILE", 10_001),
    ("CURLOPT_POSTFIELDS", 10_015),
];

/// The value of a constant of these libraries.
pub fn constant(name: &str) -> Option<i128> {
    let (_, number) = OPTIONS.iter().find(|(own, _)| *own == name)?;
    Some(*number)
}

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "fsockopen" | "pfsockopen" => {
            let host = text(interpreter, arguments, 0);
            let port = text(interpreter, arguments, 1);
            connect(interpreter, &host, Some(port))
        }
        "stream_socket_client" => {
            let address = text(interpreter, arguments, 0);
            connect(interpreter, &address, None)
        }
        "stream_socket_server" => {
            let (protocol, host, port) = address(&text(interpreter, arguments, 0));
            socket(interpreter, protocol, None, Some((host, port)))
        }
        "stream_socket_accept" | "socket_accept" => {
            let accepted =
                interpreter.call_method(first?, &Rc::from("accept"), Arguments::default());
            hand_on(interpreter);
            match accepted {
                Object::Tuple(pair) => pair.first()?.clone(),
                other => other,
            }
        }
        "socket_create" | "socket_create_listen" => {
            let protocol = match (arguments.plain.get(1), arguments.plain.first()) {
                (_, Some(Object::Text(family))) if family.text == "AF_UNIX" => Protocol::Unix,
                (Some(Object::Int(2)), _) => Protocol::Udp,
                _ => Protocol::Tcp,
            };
            let bound = (name == "socket_create_listen")
                .then(|| (Value::default(), text(interpreter, arguments, 0)));
            socket(interpreter, protocol, None, bound)
        }
        "socket_connect" | "socket_bind" => {
            let pair = arguments.plain.get(1..).unwrap_or_default().to_vec();
            let pair = Object::Tuple(Rc::new(pair));
            let method = Rc::from(name.trim_start_matches("socket_"));
            interpreter.call_method(first?, &method, Arguments::plain(vec![pair]));
            hand_on(interpreter);
            Object::Bool(true)
        }
        "socket_write" | "socket_send" | "socket_sendto" | "stream_socket_sendto" => {
            let data = Object::of_value(text(interpreter, arguments, 1));
            interpreter.call_method(first?, &Rc::from("send"), Arguments::plain(vec![data]));
            Object::anything()
        }
        "socket_read" | "socket_recv" | "socket_recvfrom" | "stream_socket_recvfrom" => {
            process::read(interpreter, first?)
        }
        "socket_import_stream" | "socket_export_stream" => first?.clone(),
        "socket_listen"
        | "socket_set_option"
        | "socket_close"
        | "socket_last_error"
        | "stream_socket_shutdown"
        | "socket_set_nonblock"
        | "socket_strerror" => Object::anything(),
        _ => return client(interpreter, name, arguments),
    })
}

/// Clients of protocols.
fn client(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "curl_init" => {
            let url = first.cloned().unwrap_or(Object::None);
            let option = Object::Int(constant("CURLOPT_URL")?);
            interpreter.heap.dictionary(vec![(option, url)])
        }
        "curl_setopt" => {
            if let Object::Dictionary(slot) = first? {
                let (key, value) = (
                    arguments.plain.get(1)?.clone(),
                    arguments.plain.get(2)?.clone(),
                );
                interpreter.heap.set_entry(*slot, key, value);
            }
            Object::Bool(true)
        }
        "curl_setopt_array" => {
            if let Object::Dictionary(slot) = first? {
                for (key, value) in super::entries(interpreter, arguments.plain.get(1)?)? {
                    interpreter.heap.set_entry(*slot, key, value);
                }
            }
            Object::Bool(true)
        }
        "curl_exec" | "curl_multi_getcontent" => fetch(interpreter, first?),
        "ftp_connect" | "ftp_ssl_connect" | "ssh2_connect" => {
            let host = text(interpreter, arguments, 0);
            let connection = interpreter.acts().connect(
                Protocol::Tcp,
                host,
                Value::literal(if name.starts_with("ssh") { "22" } else { "21" }),
            );
            Object::unknown(Provenance::Received(connection))
        }
        "class soapclient" | "class simplexmlelement" | "class splfileobject" => {
            let path = text(interpreter, arguments, 0);
            if path.text.contains("://") && name != "class soapclient" {
                let given = Arguments::plain(vec![Object::of_value(path)]);
                return Some(super::call(interpreter, "file_get_contents", &given));
            }
            return None;
        }
        _ => return None,
    })
}

/// Host, port and transport of an address such as `ssl://host:port`.
fn address(address: &Value) -> (Protocol, Value, Value) {
    let (scheme, rest) = address
        .text
        .split_once("://")
        .unwrap_or(("tcp", &address.text));
    let protocol = match scheme {
        "udp" => Protocol::Udp,
        "ssl" | "tls" => Protocol::Tls,
        "unix" | "udg" => Protocol::Unix,
        _ if scheme.starts_with("tls") || scheme.starts_with("ssl") => Protocol::Tls,
        _ => Protocol::Tcp,
    };
    let plain = rest.trim_end_matches('/');
    let (host, port) = match plain.rsplit_once(':') {
        Some((host, port)) if protocol != Protocol::Unix && !port.contains(['}', ']']) => {
            (host, port)
        }
        _ => (plain, ""),
    };
    (
        protocol,
        address.map_text(|_| host.to_owned()),
        address.map_text(|_| port.to_owned()),
    )
}

fn connect(interpreter: &mut Interpreter, target: &Value, port: Option<Value>) -> Object {
    let (protocol, host, own) = address(target);
    let port = port.filter(|port| !port.text.is_empty()).unwrap_or(own);
    let connection = interpreter.acts().connect(protocol, host, port);
    interpreter.uncertain += 1;
    let socket = socket(interpreter, protocol, Some(connection), None);
    hand_on(interpreter);
    socket
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

/// A program that is started from here has the last connection among its descriptors.
fn hand_on(interpreter: &mut Interpreter) {
    let slots = interpreter.heap.natives(0);
    let last = slots
        .into_iter()
        .rev()
        .find_map(|slot| match interpreter.heap.native_of(slot) {
            Some(Native::Socket(socket)) => socket.connection,
            _ => None,
        });
    if let Some(connection) = last {
        interpreter.world().inherited = model::Stream::Connection(connection);
    }
}

/// `curl_exec`: what it fetches goes to the file it was told, or is the result.
fn fetch(interpreter: &mut Interpreter, handle: &Object) -> Object {
    let option = |interpreter: &mut Interpreter, name: &str| {
        let Object::Dictionary(slot) = handle else {
            return None;
        };
        let key = Object::Int(constant(name)?);
        let value = interpreter.heap.entry(*slot, &key)?;
        (!matches!(value, Object::None)).then_some(value)
    };
    let url = match option(interpreter, "CURLOPT_URL") {
        Some(url) => interpreter.shown(&url),
        None => Value::unknown(Provenance::Unknown),
    };
    let file = option(interpreter, "CURLOPT_FILE");
    if let Some(data) = option(interpreter, "CURLOPT_POSTFIELDS") {
        let data = interpreter.value_of(&data);
        let named = vec![(Rc::from("data"), Object::of_value(data))];
        let arguments = Arguments {
            plain: vec![Object::of_value(url.clone())],
            named,
            open: false,
        };
        let answer =
            crate::language::script::library::call(interpreter, "requests.post", arguments);
        let answer = interpreter.value_of(&answer);
        return Object::of_value(answer);
    }
    let path = match file {
        Some(Object::Native(slot)) => match interpreter.heap.native_of(slot) {
            Some(Native::File(file)) => Some(file.path.clone()),
            _ => None,
        },
        _ => None,
    };
    interpreter.uncertain += 1;
    Object::of_value(interpreter.acts().fetch(url, path))
}

/// Calls a method of an object of these libraries.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match (receiver, name) {
        (Object::Native(_), "read" | "fread" | "fgets" | "current") => {
            Some(process::read(interpreter, receiver))
        }
        (Object::Native(_), "fwrite") => {
            let data = arguments.plain.first()?.clone();
            shared(interpreter, "os.write", vec![receiver.clone(), data]);
            Some(Object::anything())
        }
        _ => None,
    }
}
