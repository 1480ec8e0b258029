//! Starting and ending programs.
//!
//! Source: perlfunc, perlipc, IPC::Open3.

use std::rc::Rc;

use model::{Behavior, Provenance, Stream, Value};

use super::{known, shared, text};
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
        "system" | "exec" | "#program" if arguments.plain.is_empty() => Object::anything(),
        // `system { program } list`: the list begins with the name that the program sees.
        "#program" => {
            let mut all = arguments.plain.clone();
            if all.len() > 1 {
                all.remove(1);
            }
            all.insert(1, Object::None);
            Object::Tuple(Rc::new(all))
        }
        "system" | "exec" => {
            start(interpreter, &arguments.plain, INHERITED, name);
            Object::anything()
        }
        "qx" | "readpipe" | "capture" => {
            let mut streams = INHERITED;
            let [_, output, _] = &mut streams;
            *output = Stream::Text(Value::default());
            let command = text(interpreter, arguments, 0);
            Object::of_value(process::shell(interpreter, command, streams, "qx"))
        }
        "kill" => {
            let signal = known(interpreter, arguments, 0);
            for at in 1..arguments.plain.len() {
                let target = text(interpreter, arguments, at);
                // Signal 0 asks whether the process is there.
                if signal.as_deref() != Some("0") {
                    interpreter.act(Behavior::Kill { target });
                }
            }
            Object::anything()
        }
        "open3" | "open2" => opened(interpreter, name, arguments),
        "dup2" => {
            let plain = arguments.plain.clone();
            shared(interpreter, "os.dup2", plain)
        }
        "fork" | "wait" | "waitpid" | "sleep" | "alarm" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        _ => return None,
    })
}

/// How a list of words is started: one is for a shell, more are a program and its arguments.
fn launch(interpreter: &mut Interpreter, words: &[Object], streams: [Stream; 3]) -> Launch {
    match words {
        [command] => Launch::Shell(interpreter.shown(command), streams),
        words => {
            // What `#program` put in place of the name.
            let words = words.iter().filter(|word| !matches!(word, Object::None));
            let mut values: Vec<Value> = words.map(|word| interpreter.shown(word)).collect();
            let program = match values.is_empty() {
                true => Value::default(),
                false => values.remove(0),
            };
            let mut call = Call::new(program, values);
            [call.input, call.output, call.error] = streams;
            Launch::Call(call)
        }
    }
}

/// Starts a program; returns what it prints.
fn start(
    interpreter: &mut Interpreter,
    words: &[Object],
    streams: [Stream; 3],
    step: &str,
) -> Value {
    match launch(interpreter, words, streams) {
        Launch::Shell(script, streams) => process::shell(interpreter, script, streams, step),
        Launch::Call(call) => process::program(interpreter, call),
    }
}

/// A program whose output is read, or (`writes`) whose input is written later.
pub fn piped(interpreter: &mut Interpreter, words: &[Object], writes: bool) -> Object {
    let mut streams = INHERITED;
    if let [_, output, _] = &mut streams
        && !writes
    {
        *output = Stream::Text(Value::default());
    }
    let (pending, printed) = match writes {
        true => {
            let launch = launch(interpreter, words, streams);
            let printed = Value::unknown(Provenance::Output(String::new()));
            (Some(Box::new(launch)), printed)
        }
        false => (None, start(interpreter, words, streams, "open")),
    };
    let place = interpreter.place();
    interpreter.heap.native(Native::Process(Process {
        pending,
        printed,
        step: "open",
        place,
    }))
}

/// `open3(in, out, err, command)`, `open2(out, in, command)`: handles may be named in texts.
fn opened(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Object {
    let count = if name == "open3" { 3 } else { 2 };
    let mut streams = INHERITED;
    let mut waits = false;
    for (at, handle) in arguments.plain.iter().take(count).enumerate() {
        let stream = match handle {
            Object::Text(text) if text.text.contains('&') => {
                super::handles::stream_named(interpreter, &text.text)
            }
            _ => {
                waits |= at == 0;
                Stream::Unknown
            }
        };
        // `open2` has the output first.
        let at = if name == "open2" { 1 - at.min(1) } else { at };
        if let Some(own) = streams.get_mut(at)
            && stream != Stream::Unknown
        {
            *own = stream;
        }
    }
    let words = arguments.plain.get(count..).unwrap_or_default();
    if waits {
        return piped(interpreter, words, true);
    }
    start(interpreter, words, streams, name);
    Object::anything()
}
