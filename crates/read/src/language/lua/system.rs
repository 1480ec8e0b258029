//! Programs, files, sockets and requests: `os`, `io`, LuaSocket, luaposix, OpenResty.
//!
//! Source: The Lua 5.4 Reference Manual, 6.8 and 6.9; the documentation of LuaSocket, LuaSec,
//! luaposix, lua-nginx-module and lua-resty-http.

use std::rc::Rc;

use model::{Provenance, Stream, Value};

use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library as shared;
use crate::language::script::library::process;
use crate::language::script::object::{Native, Object};

use super::tables;

fn shared_call(interpreter: &mut Interpreter, path: &str, plain: Vec<Object>) -> Object {
    shared::call(interpreter, path, Arguments::plain(plain))
}

/// Calls a function that works on the system.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    let plain = || arguments.plain.clone();
    Some(match name {
        "os.execute" => shared_call(interpreter, "os.system", plain()),
        "io.popen" => shared_call(interpreter, "os.popen", plain()),
        "os.remove" => shared_call(interpreter, "os.remove", plain()),
        "os.rename" => shared_call(interpreter, "shutil.copy", plain()),
        "os.getenv" => shared_call(interpreter, "os.getenv", plain()),
        "os.tmpname" => Object::text("/tmp/{?}"),
        "os.exit" => Object::None,
        "io.open" | "io.output" | "io.input" => {
            let mode = arguments.plain.get(1).cloned();
            let mode =
                mode.unwrap_or_else(|| Object::text(if name == "io.output" { "w" } else { "r" }));
            shared_call(interpreter, "open", vec![first?.clone(), mode])
        }
        "io.lines" => {
            let file = shared_call(interpreter, "open", vec![first?.clone(), Object::text("r")]);
            read(interpreter, &file)
        }
        "io.write" => {
            let value = written(interpreter, arguments);
            shared_call(
                interpreter,
                "sys.stdout.write",
                vec![Object::of_value(value)],
            )
        }
        "io.read" => shared_call(interpreter, "sys.stdin.read", Vec::new()),
        "lfs.mkdir" | "lfs.chdir" => Object::None,
        "ngx.say" | "ngx.print" | "ngx.log" | "ngx.exit" | "redis.call" | "redis.pcall" => {
            Object::anything()
        }
        _ => {
            return network(interpreter, name, arguments)
                .or_else(|| posix(interpreter, name, arguments))
                .or_else(|| requests(name))
                .or_else(|| codecs(interpreter, name, arguments));
        }
    })
}

/// Sockets and fetching.
fn network(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "socket.tcp" | "socket.tcp4" | "socket.tcp6" | "ngx.socket.tcp" | "nmap.new_socket"
        | "ngx.socket.stream" => shared_call(interpreter, "socket.socket", Vec::new()),
        "socket.udp" | "ngx.socket.udp" => shared_call(
            interpreter,
            "socket.socket",
            vec![Object::Int(2), Object::Int(2)],
        ),
        "socket.unix" => shared_call(interpreter, "socket.socket", vec![Object::Int(1)]),
        "socket.connect" | "ngx.socket.connect" | "socket.connect4" => {
            let address = Object::Tuple(Rc::new(arguments.plain.iter().take(2).cloned().collect()));
            shared_call(interpreter, "socket.create_connection", vec![address])
        }
        "socket.bind" => {
            let address = Object::Tuple(Rc::new(arguments.plain.iter().take(2).cloned().collect()));
            shared_call(interpreter, "socket.create_server", vec![address])
        }
        "socket.protect" | "socket.newtry" | "socket.try" => first?.clone(),
        "ssl.wrap" => first?.clone(),
        "socket.http.request"
        | "ssl.https.request"
        | "http.request"
        | "requests.get"
        | "http.get" => {
            let target = first?.clone();
            let url = match &target {
                Object::Dictionary(_) => tables::found(interpreter, &target, &Object::text("url"))?,
                other => other.clone(),
            };
            let response = shared_call(interpreter, "urllib.request.urlopen", vec![url]);
            Object::of_value(interpreter.value_of(&response))
        }
        "resty.http.new" | "resty.http" => Object::library("lua.resty.http"),
        _ => return None,
    })
}

/// luaposix.
fn posix(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let own = name
        .strip_prefix("posix.")
        .or_else(|| name.strip_prefix("syscall."))?;
    let own = own.strip_prefix("unistd.").unwrap_or(own);
    Some(match own {
        "dup2" => shared_call(interpreter, "os.dup2", arguments.plain.clone()),
        "exec" | "execp" | "execv" | "execve" => {
            let (program, rest) = arguments.plain.split_first()?;
            let mut words = vec![program.clone()];
            for word in rest {
                match word {
                    Object::List(_) => words.extend(interpreter.iterate(word)?),
                    other => words.push(other.clone()),
                }
            }
            let streams = [Stream::Inherited, Stream::Inherited, Stream::Inherited];
            let launch = process::launch_of(interpreter, &words, false, streams)?;
            process::start(interpreter, launch, false, "exec")
        }
        "fork" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "chmod" | "sys.stat.chmod" => shared_call(interpreter, "os.chmod", arguments.plain.clone()),
        "kill" | "signal.kill" => shared_call(interpreter, "os.kill", arguments.plain.clone()),
        _ => return None,
    })
}

/// What OpenResty tells of a request.
fn requests(name: &str) -> Option<Object> {
    let own = name.strip_prefix("ngx.req.")?;
    own.starts_with("get_").then(|| {
        let part = own.trim_start_matches("get_");
        Object::unknown(Provenance::Request(part.to_owned()))
    })
}

/// Decoders of libraries.
fn codecs(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let (module, own) = name.rsplit_once('.')?;
    let path = match (module, own) {
        ("mime", "unb64") | ("ngx", "decode_base64") => "base64.b64decode",
        (_, "decode" | "dec" | "from_base64") if module.contains("base64") || module == "b64" => {
            "base64.b64decode"
        }
        ("zlib", "inflate" | "uncompress") => "zlib.decompress",
        ("ngx", "unescape_uri") => "urllib.parse.unquote",
        ("hex" | "basexx", "decode" | "from_hex") => "binascii.unhexlify",
        _ => return None,
    };
    let decoded = shared_call(interpreter, path, vec![arguments.plain.first()?.clone()]);
    Some(match decoded {
        Object::Bytes(bytes) => Object::of_value(bytes.value()),
        other => other,
    })
}

fn read(interpreter: &mut Interpreter, object: &Object) -> Object {
    let name = Rc::from("read");
    let found = shared::method(interpreter, object, &name, &Arguments::default());
    found.unwrap_or_else(Object::anything)
}

/// The values of arguments one after the other.
fn written(interpreter: &mut Interpreter, arguments: &Arguments) -> Value {
    let mut whole = Value::literal("");
    for argument in &arguments.plain {
        whole.append(&interpreter.value_of(argument));
    }
    whole
}

/// Calls a method of an object of a library.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let shared_method = |interpreter: &mut Interpreter, name: &str, plain: Vec<Object>| {
        let name = Rc::from(name);
        let found = shared::method(interpreter, receiver, &name, &Arguments::plain(plain));
        Some(found.unwrap_or_else(Object::anything))
    };
    match receiver {
        Object::Native(slot) => match (interpreter.heap.native_of(*slot)?, name) {
            (Native::Socket(_), "connect") => {
                let port = arguments.plain.get(1).cloned().unwrap_or(Object::None);
                let address = match arguments.plain.first()? {
                    Object::Text(path) if path.text.starts_with("unix:") => {
                        Object::Text(path.clone())
                    }
                    host => Object::Tuple(Rc::new(vec![host.clone(), port])),
                };
                shared_method(interpreter, "connect", vec![address]);
                Some(Object::Int(1))
            }
            (Native::Socket(_), "bind" | "setsockname") => {
                let address = Object::Tuple(Rc::new(arguments.plain.clone()));
                shared_method(interpreter, "bind", vec![address]);
                Some(Object::Int(1))
            }
            (Native::Socket(_), "accept") => {
                let accepted = shared_method(interpreter, "accept", Vec::new())?;
                Some(match accepted {
                    Object::Tuple(items) => items.first().cloned().unwrap_or_else(Object::anything),
                    other => other,
                })
            }
            (Native::Socket(_), "getfd") => shared_method(interpreter, "fileno", Vec::new()),
            (_, "receive" | "receivefrom" | "receive_lines" | "receiveuntil" | "receiveany") => {
                shared_method(interpreter, "recv", Vec::new())
            }
            (_, "read" | "lines") => Some(read(interpreter, receiver)),
            (_, "write" | "send") => {
                let data = Object::of_value(written(interpreter, arguments));
                shared_method(interpreter, "write", vec![data]);
                Some(receiver.clone())
            }
            (
                _,
                "settimeout" | "setoption" | "sslhandshake" | "dohandshake" | "listen"
                | "setkeepalive" | "setvbuf" | "flush" | "seek",
            ) => Some(Object::Int(1)),
            (_, "close") => shared_method(interpreter, "close", Vec::new()),
            _ => None,
        },
        Object::Library(path) => match (&**path, name) {
            ("lua.resty.http", "request_uri" | "request") => {
                let url = arguments.plain.first()?.clone();
                Some(shared_call(
                    interpreter,
                    "urllib.request.urlopen",
                    vec![url],
                ))
            }
            _ => {
                let member = super::library::member(interpreter, path, name);
                Some(interpreter.call(&member, arguments.clone()))
            }
        },
        _ => None,
    }
}
