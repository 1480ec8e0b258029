//! Starting programs.
//!
//! Source: The PHP Manual, "Program execution", "PCNTL", "Mail".

use std::rc::Rc;

use model::{Behavior, Stream, Value};

use super::{entries, request, shared, text, values};
use crate::command::Call;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library::process;
use crate::language::script::object::{Launch, Native, Object, Process};

/// The program's own standard streams.
const INHERITED: [Stream; 3] = [Stream::Inherited, Stream::Inherited, Stream::Inherited];

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    Some(match name {
        "exec" | "shell_exec" | "system" | "passthru" => {
            let command = text(interpreter, arguments, 0);
            let command = request::unchecked(interpreter, command);
            let mut streams = INHERITED;
            if let [_, output, _] = &mut streams
                && matches!(name, "exec" | "shell_exec")
            {
                *output = Stream::Text(Value::default());
            }
            Object::of_value(process::shell(interpreter, command, streams, name))
        }
        "popen" => shared(interpreter, "os.popen", arguments.plain.clone()),
        "proc_open" => proc_open(interpreter, arguments),
        "pcntl_exec" => {
            let program = text(interpreter, arguments, 0);
            let given = match arguments.plain.get(1) {
                Some(list) => values(interpreter, list).unwrap_or_default(),
                None => Vec::new(),
            };
            let given = given.iter().map(|item| interpreter.shown(item)).collect();
            process::program(interpreter, Call::new(program, given));
            Object::None
        }
        // The fifth argument goes to sendmail's command line.
        "mail" | "mb_send_mail" => {
            let options = text(interpreter, arguments, 4);
            if let Some(at) = options.text.find("-X") {
                let path = options.map_text(|text| {
                    let rest = text.get(at + 2..).unwrap_or_default().trim_start();
                    rest.split_whitespace()
                        .next()
                        .unwrap_or_default()
                        .to_owned()
                });
                let content = text(interpreter, arguments, 2);
                interpreter.acts().write(path, content, true);
            }
            Object::anything()
        }
        "putenv" => {
            let assignment = text(interpreter, arguments, 0);
            let (name, value) = assignment.text.split_once('=')?;
            let (name, value) = (name.to_owned(), assignment.map_text(|_| value.to_owned()));
            interpreter.act(Behavior::SetVariable { name, value });
            Object::Bool(true)
        }
        "posix_kill" => {
            let target = text(interpreter, arguments, 0);
            if super::integer(arguments, 1) != Some(0) {
                interpreter.act(Behavior::Kill { target });
            }
            Object::anything()
        }
        "pcntl_fork" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        _ => return None,
    })
}

/// `proc_open(command, descriptors, pipes)`: the result stands for the pipes as well.
fn proc_open(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let mut streams = INHERITED;
    let mut waits = false;
    let specification = arguments.plain.get(1);
    let entries = specification.and_then(|object| entries(interpreter, object));
    for (key, value) in entries.unwrap_or_default() {
        let at = key.as_int().and_then(|at| usize::try_from(at).ok());
        let Some(at) = at.filter(|at| *at < 3) else {
            continue;
        };
        let stream = match values(interpreter, &value) {
            Some(parts) => {
                let word = parts.first().and_then(Object::as_text).unwrap_or_default();
                match (word, at) {
                    ("pipe" | "pty" | "socket", 0) => {
                        waits = true;
                        Stream::Inherited
                    }
                    ("pipe" | "pty" | "socket", _) => Stream::Text(Value::default()),
                    ("file", _) => match parts.get(1) {
                        Some(path) => Stream::File(interpreter.shown(path)),
                        None => Stream::Unknown,
                    },
                    _ => Stream::Unknown,
                }
            }
            None => interpreter.stream_of(&value),
        };
        if let Some(own) = streams.get_mut(at) {
            *own = stream;
        }
    }
    let launch = match arguments.plain.first() {
        Some(list @ Object::Dictionary(_)) => {
            let words = values(interpreter, list).unwrap_or_default();
            let mut words = words.iter().map(|word| interpreter.shown(word));
            let program = words.next().unwrap_or_default();
            let mut call = Call::new(program, words.collect());
            [call.input, call.output, call.error] = streams.clone();
            Launch::Call(call)
        }
        Some(object) => Launch::Shell(interpreter.shown(object), streams.clone()),
        None => return Object::anything(),
    };
    let (pending, printed) = match (waits, launch) {
        (true, launch) => {
            let printed = Value::unknown(model::Provenance::Output(String::new()));
            (Some(Box::new(launch)), printed)
        }
        (false, Launch::Call(call)) => (None, process::program(interpreter, call)),
        (false, Launch::Shell(script, streams)) => {
            let printed = process::shell(interpreter, script, streams, "proc_open");
            (None, printed)
        }
    };
    let started = Process {
        pending,
        printed,
        place: interpreter.place(),
    };
    let started = interpreter.heap.native(Native::Process(started));
    let pipes = (0..3)
        .map(|at| (Object::Int(at), started.clone()))
        .collect();
    interpreter.heap.dictionary(pipes)
}

/// The process behind an array of its pipes, or the object itself.
pub fn opened(interpreter: &Interpreter, object: &Object) -> Object {
    match object {
        Object::Dictionary(slot) => match interpreter.heap.entries(*slot) {
            [(_, process @ Object::Native(_)), ..] => process.clone(),
            _ => object.clone(),
        },
        _ => object.clone(),
    }
}

/// Reads from something that is open.
pub fn read(interpreter: &mut Interpreter, object: &Object) -> Object {
    let object = opened(interpreter, object);
    let read = match &object {
        Object::Native(_) => {
            interpreter.call_method(&object, &Rc::from("read"), Arguments::default())
        }
        Object::Library(_) => shared(interpreter, "os.read", vec![object]),
        other => Object::from_sources(other.sources().to_vec()),
    };
    super::as_text(read)
}
