//! Handles: what they are opened on, read from and written to.
//!
//! Source: perlfunc (`open`, `print`, `readline`), perlopentut, IO::Handle.

use std::rc::Rc;

use model::{Stream, Value};

use super::{as_text, known, process, shared, text};
use crate::language::script::builtins::print_value;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;
use crate::language::script::syntax::Name;

/// The handle that `select` chose.
const SELECTED: &str = "#selected";

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "open" | "sysopen" => open(interpreter, &arguments.plain)?,
        "#redirect" => {
            redirect(interpreter, arguments)?;
            Object::Bool(true)
        }
        "print" | "say" | "printf" => {
            print(interpreter, name, arguments);
            Object::Int(1)
        }
        "syswrite" => {
            let (handle, rest) = arguments.plain.split_first()?;
            write(interpreter, &handle.clone(), rest.first()?.clone());
            Object::anything()
        }
        "#readline" | "readline" | "read" | "sysread" | "recv" | "getc" => {
            read(interpreter, first?)
        }
        "close" => {
            if let Some(object @ Object::Native(_)) = first {
                interpreter.call_method(object, &Rc::from("wait"), Arguments::default());
            }
            Object::anything()
        }
        "fileno" => match first? {
            Object::Library(path) => match &**path {
                "sys.stdin" => Object::Int(0),
                "sys.stdout" => Object::Int(1),
                "sys.stderr" => Object::Int(2),
                _ => Object::anything(),
            },
            object => interpreter.descriptor(&object.clone()),
        },
        "select" => {
            if arguments.plain.len() == 1 {
                let global = interpreter.global_scope();
                interpreter
                    .scopes
                    .set(global, &Rc::from(SELECTED), first?.clone());
            }
            interpreter.uncertain += 1;
            Object::anything()
        }
        "eof" | "binmode" | "seek" | "truncate" | "flock" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        _ => return None,
    })
}

/// `open handle, mode, …`: the handle is the result.
fn open(interpreter: &mut Interpreter, given: &[Object]) -> Option<Object> {
    let (mode, rest) = given.split_first()?;
    let mode = interpreter.shown(mode);
    let plain = mode.text.trim();
    if let Some(target) = rest.first() {
        let sign = plain.split(':').next().unwrap_or_default().trim();
        return Some(match sign {
            "-|" => process::piped(interpreter, rest, false),
            "|-" => process::piped(interpreter, rest, true),
            _ if sign.contains('&') => match target {
                Object::Text(name) => {
                    let stream = stream_named(interpreter, &format!("&{}", name.text));
                    Object::Descriptor(Rc::new(stream))
                }
                other => other.clone(),
            },
            _ => {
                let path = interpreter.shown(target);
                file(interpreter, path, sign)
            }
        });
    }
    if let Some(command) = plain.strip_suffix('|') {
        let command = Object::of_value(mode.map_text(|_| command.trim().to_owned()));
        return Some(process::piped(interpreter, &[command], false));
    }
    if let Some(command) = plain.strip_prefix('|') {
        let command = Object::of_value(mode.map_text(|_| command.trim().to_owned()));
        return Some(process::piped(interpreter, &[command], true));
    }
    let signs = plain.len() - plain.trim_start_matches(['<', '>', '+']).len();
    let (sign, path) = plain.split_at(signs);
    if path.starts_with('&') {
        let stream = stream_named(interpreter, path);
        return Some(Object::Descriptor(Rc::new(stream)));
    }
    let path = mode.map_text(|_| path.trim().to_owned());
    Some(file(interpreter, path, sign))
}

/// A file; a text of several lines is read as one in memory.
fn file(interpreter: &mut Interpreter, path: Value, sign: &str) -> Object {
    if path.text.contains('\n') && sign.starts_with('<') {
        return shared(interpreter, "io.StringIO", vec![Object::of_value(path)]);
    }
    let mode = match sign {
        ">" | "+>" => "w",
        ">>" | "+>>" => "a",
        "+<" => "r+",
        _ => "r",
    };
    shared(
        interpreter,
        "open",
        vec![Object::of_value(path), Object::text(mode)],
    )
}

/// The stream that `&NAME`, `&=3`, `&#1` stand for.
pub fn stream_named(interpreter: &mut Interpreter, text: &str) -> Stream {
    let name = text.trim_start_matches(['<', '>', '+', '&', '=', '*', ' ']);
    if let Some(connection) = name.strip_prefix('#') {
        return match connection.parse() {
            Ok(connection) => Stream::Connection(connection),
            Err(_) => Stream::Unknown,
        };
    }
    if let Ok(number) = name.parse() {
        return interpreter.stream_of(&Object::Int(number));
    }
    let handle: Name = Rc::from(format!("*{}", name.rsplit("::").next().unwrap_or(name)));
    let held = interpreter.lookup(&handle);
    interpreter.stream_of(&held)
}

/// `open(STDIN, …)`: a standard stream is something else from now on.
fn redirect(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<()> {
    let (number, given) = arguments.plain.split_first()?;
    let mode = interpreter.shown(given.first()?);
    let signs = mode.text.trim();
    let is_pipe = signs.ends_with('|') || signs.starts_with('|') || signs == "-|";
    if is_pipe {
        open(interpreter, given);
        return Some(());
    }
    let stream = match given.get(1) {
        Some(Object::Text(name)) if signs.contains('&') => {
            stream_named(interpreter, &format!("&{}", name.text))
        }
        Some(handle) if signs.contains('&') => interpreter.stream_of(&handle.clone()),
        Some(path) => file_stream(interpreter.shown(path)),
        None if signs.contains('&') => stream_named(interpreter, signs),
        None => {
            let path = signs.trim_start_matches(['<', '>', '+', ' ']).to_owned();
            file_stream(mode.map_text(|_| path))
        }
    };
    let stream = Object::Descriptor(Rc::new(stream));
    shared(interpreter, "os.dup2", vec![stream, number.clone()]);
    Some(())
}

fn file_stream(path: Value) -> Stream {
    match path.text.as_str() {
        "/dev/null" => Stream::Null,
        _ => Stream::File(path),
    }
}

/// Reads from a handle.
pub fn read(interpreter: &mut Interpreter, handle: &Object) -> Object {
    let read = match handle {
        Object::Native(_) => {
            interpreter.call_method(handle, &Rc::from("read"), Arguments::default())
        }
        Object::Library(_) | Object::Descriptor(_) => {
            shared(interpreter, "os.read", vec![handle.clone()])
        }
        other => {
            interpreter.uncertain += 1;
            Object::from_sources(other.sources().to_vec())
        }
    };
    as_text(read)
}

/// Writes to a handle.
fn write(interpreter: &mut Interpreter, handle: &Object, data: Object) {
    let data = interpreter.shown(&data);
    let target = match handle {
        Object::Text(name) => {
            let name: Name = Rc::from(format!("*{}", name.text));
            interpreter.lookup(&name)
        }
        other => other.clone(),
    };
    match &target {
        Object::Library(path) if &**path == "sys.stdout" => print_value(interpreter, data),
        Object::Native(_) | Object::Library(_) | Object::Descriptor(_) => {
            shared(
                interpreter,
                "os.write",
                vec![target, Object::of_value(data)],
            );
        }
        _ => {}
    }
}

/// `print handle list`.
fn print(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) {
    let Some((handle, list)) = arguments.plain.split_first() else {
        return;
    };
    let mut whole = Value::literal("");
    if name == "printf" {
        let given = Arguments::plain(list.to_vec());
        let formatted = super::call(interpreter, "sprintf", &given);
        whole = interpreter.shown(&formatted);
    } else {
        for item in list {
            let item = interpreter.shown(item);
            whole.append(&item);
            if !interpreter.may_make(whole.text.len()) {
                return;
            }
        }
    }
    if name == "say" {
        whole.text.push('\n');
    }
    let global = interpreter.global_scope();
    let selected = interpreter.scopes.get(global, SELECTED).cloned();
    match (handle, selected) {
        (Object::None, None) => print_value(interpreter, whole),
        (Object::None, Some(handle)) => write(interpreter, &handle, Object::of_value(whole)),
        (handle, _) => write(interpreter, &handle.clone(), Object::of_value(whole)),
    }
}

/// Calls a method of a handle.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match (receiver, name) {
        // `STDIN->fdopen($socket, 'r')`, `$~->fdopen($socket, 'w')`
        (Object::Library(_) | Object::Text(_), "fdopen") => {
            let number = match receiver {
                Object::Library(path) if &**path == "sys.stdin" => 0,
                Object::Library(path) if &**path == "sys.stderr" => 2,
                Object::Text(name) if name.text == "STDIN" => 0,
                _ => 1,
            };
            let stream = match first? {
                Object::Int(number) => interpreter.stream_of(&Object::Int(*number)),
                Object::Text(name) => stream_named(interpreter, &format!("&{}", name.text)),
                other => interpreter.stream_of(&other.clone()),
            };
            let stream = Object::Descriptor(Rc::new(stream));
            shared(interpreter, "os.dup2", vec![stream, Object::Int(number)])
        }
        (Object::Native(_) | Object::Library(_) | Object::Descriptor(_), _) => match name {
            "print" | "printf" | "say" | "write" | "syswrite" | "send" => {
                let mut given = vec![receiver.clone()];
                given.extend(arguments.plain.iter().cloned());
                let name = if matches!(name, "print" | "printf" | "say") {
                    name
                } else {
                    "print"
                };
                print(interpreter, name, &Arguments::plain(given));
                Object::Int(1)
            }
            "getline" | "getlines" | "read" | "sysread" | "recv" | "getc" | "readline" => {
                read(interpreter, receiver)
            }
            "accept" => {
                let accepted =
                    interpreter.call_method(receiver, &Rc::from("accept"), Arguments::default());
                match accepted {
                    Object::Tuple(pair) => pair.first()?.clone(),
                    other => other,
                }
            }
            "fileno" => call(
                interpreter,
                "fileno",
                &Arguments::plain(vec![receiver.clone()]),
            )?,
            "close" => call(
                interpreter,
                "close",
                &Arguments::plain(vec![receiver.clone()]),
            )?,
            "connected" | "opened" => {
                interpreter.uncertain += 1;
                Object::anything()
            }
            "autoflush" | "blocking" | "timeout" | "binmode" | "shutdown" | "flush" => {
                Object::Int(1)
            }
            _ => return None,
        },
        // `IO::File->new(path, mode)`
        (Object::Text(class), "new") if class.text == "IO::File" => {
            let path = text(interpreter, arguments, 0);
            let mode = known(interpreter, arguments, 1).unwrap_or_default();
            let sign = match mode.as_str() {
                "w" | ">" => ">",
                "a" | ">>" => ">>",
                _ => "<",
            };
            file(interpreter, path, sign)
        }
        _ => return None,
    })
}
