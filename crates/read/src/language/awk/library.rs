//! Functions of awk, and what its redirections do.
//!
//! Source: POSIX.1-2017, "awk", functions; the GNU awk manual, "Using gawk for Network
//! Programming" for `/inet/PROTOCOL/LOCAL-PORT/HOST/PORT`.

use std::rc::Rc;

use model::{Behavior, Language, Protocol, Provenance, Step, Stream, Value};

use crate::language::script::builtins::print_value;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library::{self, sockets, streams::input_stream};
use crate::language::script::object::{Native, Object, Socket};
use crate::language::script::scope::GLOBALS;
use crate::language::script::syntax::Operator;

/// Names of functions.
const FUNCTIONS: &[&str] = &[
    "system", "length", "substr", "index", "split", "patsplit", "sub", "gsub", "gensub", "match",
    "sprintf", "tolower", "toupper", "int", "and", "or", "xor", "lshift", "rshift", "compl",
    "strtonum", "close", "fflush", "print",
];

/// Whether a name is one of a function, or one the parser calls a redirection by.
pub fn is_function(name: &str) -> bool {
    name.starts_with("awk ") || FUNCTIONS.contains(&name)
}

/// What the current record, or a field of it, comes from.
pub fn record(interpreter: &mut Interpreter) -> Object {
    let input = interpreter.world().standard[0].clone();
    let value = match input {
        Stream::Text(value) => value,
        Stream::Connection(connection) => Value::unknown(Provenance::Received(connection)),
        Stream::File(path) => interpreter.world().content_of(&path),
        Stream::Null => Value::literal(""),
        Stream::Inherited | Stream::Unknown => Value::unknown(Provenance::Argument),
    };
    match value.from.as_slice() {
        // One record of several, one field of it: only where it comes from is known.
        [] => Object::anything(),
        from => Object::from_sources(from.to_vec()),
    }
}

/// Calls a function.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    if let Some(name) = path.strip_prefix("awk ") {
        return Some(redirect(interpreter, name, arguments));
    }
    let text = |interpreter: &mut Interpreter, at| interpreter.argument(arguments, at, "");
    Some(match path {
        "system" => {
            let command = text(interpreter, 0);
            run(interpreter, &command, None, false);
            Object::anything()
        }
        "sprintf" => formatted(interpreter, arguments),
        "length" => length(interpreter, arguments.plain.first()?),
        "substr" => substring(interpreter, arguments),
        "tolower" => Object::of_value(text(interpreter, 0).map_text(str::to_lowercase)),
        "toupper" => Object::of_value(text(interpreter, 0).map_text(str::to_uppercase)),
        "split" => split(interpreter, arguments),
        "gsub" | "sub" => substituted(interpreter, arguments, path == "gsub"),
        "and" | "or" | "xor" | "lshift" | "rshift" => bits(interpreter, path, arguments)?,
        "strtonum" | "int" => {
            number(&text(interpreter, 0).text).map_or_else(Object::anything, Object::Int)
        }
        "index" => index(&text(interpreter, 0), &text(interpreter, 1)),
        "close" | "fflush" => Object::Int(0),
        _ => return None,
    })
}

/// The number at the start of a text, as awk takes texts for numbers.
pub fn number(text: &str) -> Option<i128> {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *at == 0 && matches!(c, '-' | '+')))
        .map_or(text.len(), |(at, _)| at);
    match &text[..end] {
        "" | "-" | "+" => Some(0),
        digits => digits.parse().ok(),
    }
}

// ---- redirections ----

fn redirect(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Object {
    let target = interpreter.argument(arguments, 0, "");
    let text = arguments
        .plain
        .get(1)
        .map(|text| interpreter.value_of(text));
    match name {
        "line" => {
            let mut line = joined(interpreter, arguments);
            line.text.push('\n');
            Object::Text(Rc::new(line))
        }
        "printf" => {
            let printed = formatted(interpreter, arguments);
            let printed = interpreter.value_of(&printed);
            print_value(interpreter, printed);
            Object::None
        }
        "command output" => Object::of_value(run(interpreter, &target, None, true)),
        "read" => match socket(interpreter, &target) {
            Some(socket) => sockets::received(interpreter, &socket),
            None => Object::of_value(interpreter.acts().content_of(&target)),
        },
        "pipe" => {
            run(interpreter, &target, text, false);
            Object::None
        }
        "converse" => converse(interpreter, &target, text),
        "write" | "append" => match socket(interpreter, &target) {
            Some(_) => converse(interpreter, &target, text),
            None => {
                write(
                    interpreter,
                    target,
                    text.unwrap_or_default(),
                    name == "append",
                );
                Object::None
            }
        },
        _ => Object::anything(),
    }
}

fn write(interpreter: &mut Interpreter, path: Value, text: Value, append: bool) {
    match path.text.as_str() {
        "/dev/stdout" | "-" => print_value(interpreter, text),
        "/dev/stderr" | "/dev/null" | "/dev/tty" => {}
        // Within one run, a file is opened once and each `print >` goes behind the last.
        _ => {
            let append = append || interpreter.world().written(&path.text).is_some();
            interpreter.acts().write(path, text, append);
        }
    }
}

/// `|&`: a connection or a program that is written to and read from.
fn converse(interpreter: &mut Interpreter, target: &Value, text: Option<Value>) -> Object {
    match (socket(interpreter, target), text) {
        (Some(socket), None) => sockets::received(interpreter, &socket),
        (Some(socket), Some(data)) => {
            if let Stream::Connection(connection) = interpreter.stream_of(&socket) {
                interpreter.act(Behavior::Send { connection, data });
            }
            Object::None
        }
        (None, text) => Object::of_value(run(interpreter, target, text, true)),
    }
}

/// The connection that a special file name opens; the same one for the same name.
fn socket(interpreter: &mut Interpreter, name: &Value) -> Option<Object> {
    let mut parts = name.text.strip_prefix("/inet")?.split('/');
    // `/inet4` and `/inet6`.
    if !matches!(parts.next(), Some("" | "4" | "6")) {
        return None;
    }
    let key: Rc<str> = Rc::from(name.text.as_str());
    if let Some(open) = interpreter.scopes.get(GLOBALS, &key) {
        return Some(open.clone());
    }
    let protocol = match parts.next()? {
        "udp" => Protocol::Udp,
        _ => Protocol::Tcp,
    };
    let mut next = || name.map_text(|_| parts.next().unwrap_or_default().to_owned());
    let (local, host, port) = (next(), next(), next());
    let waits = host.text == "0" || port.text == "0";
    let world = interpreter.acts();
    let connection = if waits {
        world.listen(protocol, Value::default(), local)
    } else {
        world.connect(protocol, host, port)
    };
    let socket = interpreter.heap.native(Native::Socket(Socket {
        connection: Some(connection),
        protocol,
        bound: None,
    }));
    interpreter.scopes.set(GLOBALS, &key, socket.clone());
    Some(socket)
}

/// Runs a shell command; returns what it prints.
fn run(
    interpreter: &mut Interpreter,
    command: &Value,
    input: Option<Value>,
    captured: bool,
) -> Value {
    interpreter.uncertain += 1;
    interpreter.note_started(command);
    let world = interpreter.acts();
    let mut standard = world.standard.clone();
    if let Some(input) = input {
        standard[0] = input_stream(input);
    }
    if captured {
        standard[1] = Stream::Text(Value::default());
    }
    let printed = world.with_standard(standard, Vec::new(), |world| {
        world.evaluate(Language::Shell, command, Step::new("awk"))
    });
    printed.with_source(Provenance::Output(Language::Shell.name().to_owned()))
}

// ---- texts ----

fn joined(interpreter: &mut Interpreter, arguments: &Arguments) -> Value {
    let mut line = Value::literal("");
    for (at, argument) in arguments.plain.iter().enumerate() {
        if at > 0 {
            line.text.push(' ');
        }
        line.append(&interpreter.shown(argument));
    }
    line
}

fn formatted(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let Some((template, values)) = arguments.plain.split_first() else {
        return Object::text("");
    };
    let template = Object::Text(Rc::new(interpreter.value_of(template)));
    let values = values.iter().map(as_awk_has_it).collect();
    interpreter.operate(template, Operator::Modulo, Object::Tuple(Rc::new(values)))
}

fn length(interpreter: &mut Interpreter, object: &Object) -> Object {
    if matches!(object, Object::Dictionary(_)) {
        let arguments = Arguments::plain(vec![object.clone()]);
        return library::call(interpreter, "len", arguments);
    }
    let value = interpreter.value_of(object);
    match value.as_known() {
        Some(text) => Object::Int(text.chars().count() as i128),
        None => Object::anything(),
    }
}

/// `substr(text, start, length)`, counting from 1.
fn substring(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let value = interpreter.argument(arguments, 0, "");
    let bound = |at: usize| arguments.plain.get(at).and_then(as_number);
    let (Some(text), Some(start)) = (value.as_known(), bound(1)) else {
        return Object::from_sources(value.from);
    };
    let end = match arguments.plain.get(2) {
        None => i128::MAX,
        Some(_) => match bound(2) {
            Some(length) => start.saturating_add(length),
            None => return Object::from_sources(value.from),
        },
    };
    if !interpreter.may_make(text.len() / 8) {
        return Object::anything();
    }
    let skipped = usize::try_from(start.max(1) - 1).unwrap_or(usize::MAX);
    let taken = usize::try_from(end.saturating_sub(start.max(1))).unwrap_or(0);
    let part: String = text.chars().skip(skipped).take(taken).collect();
    Object::Text(Rc::new(value.map_text(|_| part)))
}

fn index(text: &Value, part: &Value) -> Object {
    match (text.as_known(), part.as_known()) {
        (Some(text), Some(part)) => {
            let before = text.find(part).map(|at| text[..at].chars().count() + 1);
            Object::Int(before.unwrap_or(0) as i128)
        }
        _ => Object::anything(),
    }
}

/// `split(text, array, separator)`: the array, which counts from 1.
fn split(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let value = interpreter.argument(arguments, 0, "");
    let separator = arguments
        .plain
        .get(2)
        .map(|object| interpreter.value_of(object));
    let (Some(text), true) = (value.as_known(), interpreter.may_make(value.text.len())) else {
        let any = Object::from_sources(value.from);
        return interpreter.heap.dictionary(vec![(Object::Int(1), any)]);
    };
    let parts: Vec<String> = match separator.as_ref().map(|value| value.text.as_str()) {
        None | Some(" ") => text.split_whitespace().map(str::to_owned).collect(),
        Some("") => text.chars().map(String::from).collect(),
        Some(separator) => text
            .split(separator.trim_matches(['[', ']', '\\']))
            .map(str::to_owned)
            .collect(),
    };
    let entries = parts.into_iter().enumerate().map(|(at, part)| {
        let part = value.map_text(|_| part);
        (Object::Int(at as i128 + 1), Object::Text(Rc::new(part)))
    });
    let entries = entries.collect();
    interpreter.heap.dictionary(entries)
}

/// `sub` and `gsub`: the changed text. Of expressions, those that are plain texts are followed.
fn substituted(interpreter: &mut Interpreter, arguments: &Arguments, all: bool) -> Object {
    let pattern = interpreter.argument(arguments, 0, "");
    let replacement = interpreter.argument(arguments, 1, "");
    let value = interpreter.argument(arguments, 2, "");
    let pattern = pattern
        .text
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let is_plain = !pattern.is_empty()
        && !pattern.contains(['.', '*', '+', '?', '^', '$', '|', '(', '[', '\\']);
    let followed =
        value.known && replacement.known && is_plain && !replacement.text.contains(['&', '\\']);
    if !followed || !interpreter.may_make(value.text.len()) {
        let mut from = value.from;
        from.extend(replacement.from);
        return Object::from_sources(from);
    }
    let replace = |text: &str| match all {
        true => text.replace(&pattern, &replacement.text),
        false => text.replacen(&pattern, &replacement.text, 1),
    };
    Object::Text(Rc::new(value.map_text(replace)))
}

/// A text that is written as a number is one (POSIX calls it a numeric string).
fn as_awk_has_it(object: &Object) -> Object {
    let number = object.as_text().and_then(|text| {
        let number: i128 = text.parse().ok()?;
        (number.to_string() == text).then_some(number)
    });
    number.map_or_else(|| object.clone(), Object::Int)
}

fn as_number(object: &Object) -> Option<i128> {
    object.as_int().or_else(|| number(object.as_text()?))
}

fn bits(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let operator = match name {
        "and" => Operator::And,
        "or" => Operator::Or,
        "xor" => Operator::Xor,
        "lshift" => Operator::ShiftLeft,
        _ => Operator::ShiftRight,
    };
    let number = |at: usize| Some(Object::Int(as_number(arguments.plain.get(at)?)?));
    let (left, right) = (number(0)?, number(1)?);
    Some(interpreter.operate(left, operator, right))
}
