//! Starting programs: `system`, `exec`, backticks, `spawn`, `IO.popen`, `Open3`, `PTY`.
//!
//! Source: the documentation of Ruby, "Kernel", "Process", "Open3", "PTY".

use model::{Provenance, Stream, Value};

use super::super::values::{block, call_block};
use super::{given, option};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library::process;
use crate::language::script::object::Object;

/// Calls a function that starts a program.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let captured = Stream::Text(Value::default());
    match path {
        "Kernel.system"
        | "Kernel.exec"
        | "Kernel.spawn"
        | "Process.spawn"
        | "Process.exec"
        | "Kernel.Kernel.system"
        | "Kernel.Kernel.exec" => start(interpreter, arguments, Stream::Inherited, false, "system"),
        "Kernel.`" | "Kernel.%x" => {
            let started = start(interpreter, arguments, captured, false, "backticks")?;
            Some(Object::of_value(interpreter.value_of(&started)))
        }
        "IO.popen" | "PTY.spawn" | "PTY.getpty" | "Kernel.IO.popen" => {
            let mode = arguments
                .plain
                .get(1)
                .and_then(Object::as_text)
                .unwrap_or("r");
            let waits = mode.contains(['w', '+']);
            let started = start(interpreter, arguments, captured, waits, "IO.popen")?;
            Some(match path {
                "IO.popen" | "Kernel.IO.popen" => given(interpreter, started, arguments),
                _ => several(interpreter, &started, 3, arguments),
            })
        }
        "Open3.popen3" | "Open3.popen2" | "Open3.popen2e" | "Open3.pipeline_rw" => {
            let started = start(interpreter, arguments, captured, true, "Open3")?;
            Some(several(interpreter, &started, 4, arguments))
        }
        "Open3.capture3" | "Open3.capture2" | "Open3.capture2e" => {
            let started = start(interpreter, arguments, captured, false, "Open3")?;
            let printed = Object::of_value(interpreter.value_of(&started));
            Some(several(interpreter, &printed, 3, arguments))
        }
        "Kernel.open" => {
            let target = arguments.plain.first()?;
            let command = target.as_text()?.strip_prefix('|')?.to_owned();
            let plain = Arguments::plain(vec![Object::text(command)]);
            let started = start(interpreter, &plain, captured, false, "open")?;
            Some(given(interpreter, started, arguments))
        }
        _ => None,
    }
}

/// The same object for every part of what a call returns.
fn several(
    interpreter: &mut Interpreter,
    object: &Object,
    count: usize,
    arguments: &Arguments,
) -> Object {
    match block(arguments) {
        Some(block) => call_block(interpreter, &block.clone(), vec![object.clone(); count]),
        None => interpreter.heap.list(vec![object.clone(); count]),
    }
}

/// Starts what arguments say: one text is read by a shell, several are words.
fn start(
    interpreter: &mut Interpreter,
    arguments: &Arguments,
    output: Stream,
    waits: bool,
    step: &'static str,
) -> Option<Object> {
    let mut words = Vec::new();
    for argument in &arguments.plain {
        match argument {
            // Variables in front, options at the end.
            Object::Dictionary(_) => {}
            Object::List(_) => words.extend(interpreter.iterate(argument)?),
            other => words.push(other.clone()),
        }
    }
    let mut streams = [Stream::Inherited, output, Stream::Inherited];
    for (own, name) in streams.iter_mut().zip(["in", "out", "err"]) {
        if let Some(given) = option(interpreter, arguments, name) {
            let stream = interpreter.stream_of(&given);
            if stream != Stream::Unknown {
                *own = stream;
            }
        }
    }
    if let Some(input) = arguments.named("stdin_data") {
        streams[0] = Stream::Text(interpreter.value_of(&input.clone()));
    }
    let shell = match words.as_slice() {
        [_] => true,
        // `popen(command, mode)`.
        [_, mode]
            if step == "IO.popen"
                && mode
                    .as_text()
                    .is_some_and(|mode| "rw+ab".contains(mode.chars().next().unwrap_or('-')))
                && mode.as_text().is_some_and(|mode| mode.len() < 4) =>
        {
            words.truncate(1);
            true
        }
        _ => false,
    };
    // A descriptor of a connection that stands in the command: `<&5`.
    if shell
        && let Some(Object::Text(command)) = words.first()
        && let Some(connection) = command.received_over()
        && command.known
    {
        streams[0] = Stream::Connection(connection);
        let mut plain = (**command).clone();
        plain
            .from
            .retain(|from| !matches!(from, Provenance::Received(_)));
        words = vec![Object::of_value(plain)];
    }
    let launch = process::launch_of(interpreter, &words, shell, streams)?;
    Some(process::start(interpreter, launch, waits, step))
}
