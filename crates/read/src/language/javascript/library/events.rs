//! Events and pipes: what a listener is called with, and where a stream goes.
//!
//! Source: the documentation of Node.js, "Events", "Stream".

use std::rc::Rc;

use model::{Provenance, Stream};

use super::super::objects::{self, is_callable};
use super::{call_later, network, processes};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library::files::write_to;
use crate::language::script::library::process;
use crate::language::script::object::{Native, Object};

/// `on`, `pipe` and their like.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "on" | "once" | "addListener" | "addEventListener" | "prependListener" => {
            let event = arguments.plain.first()?.as_text()?.to_owned();
            let callback = arguments
                .plain
                .get(1)
                .filter(|callback| is_callable(callback))?
                .clone();
            if network::keeps_handler(interpreter, receiver, &event, &callback) {
                return Some(receiver.clone());
            }
            let given = heard(interpreter, receiver, &event)?;
            let given = match name {
                "addEventListener" => given
                    .into_iter()
                    .map(|data| message(interpreter, data))
                    .collect(),
                _ => given,
            };
            call_later(interpreter, &callback, Some(receiver), given);
            Some(receiver.clone())
        }
        "pipe" => {
            let target = arguments.plain.first()?.clone();
            pipe(interpreter, receiver, &target);
            Some(target)
        }
        "pipeTo" | "pipeThrough" => {
            let target = arguments.plain.first()?.clone();
            pipe(interpreter, receiver, &target);
            Some(target)
        }
        _ => None,
    }
}

/// A message as an event object.
fn message(interpreter: &mut Interpreter, data: Object) -> Object {
    interpreter
        .heap
        .dictionary(vec![(Object::text("data"), data)])
}

/// What a listener of an event is called with; `None` if it is not known to be called.
fn heard(interpreter: &mut Interpreter, receiver: &Object, event: &str) -> Option<Vec<Object>> {
    let brings = matches!(
        event,
        "data" | "message" | "line" | "readable" | "response" | "text"
    );
    match receiver {
        Object::Native(slot) => match interpreter.heap.native_of(*slot)? {
            Native::Process(_) if brings => Some(vec![processes::printed(interpreter, *slot)]),
            Native::Socket(_) if brings => {
                let read = Rc::from("recv");
                let data = interpreter.call_method(receiver, &read, Arguments::default());
                Some(vec![data, Object::anything()])
            }
            Native::File(_) if brings => {
                let read = Rc::from("read");
                Some(vec![interpreter.call_method(
                    receiver,
                    &read,
                    Arguments::default(),
                )])
            }
            _ => Some(Vec::new()),
        },
        Object::Response(response) => Some(match brings {
            true => vec![Object::of_value(response.1.clone())],
            false => Vec::new(),
        }),
        Object::Dictionary(slot) => {
            let kind = objects::kind(interpreter, *slot)?.text.clone();
            network::heard(interpreter, receiver, &kind, event)
        }
        Object::Library(path) if &**path == "sys.stdin" => Some(match brings {
            true => vec![standard_input(interpreter)],
            false => Vec::new(),
        }),
        Object::Unknown(value) => {
            let traced = value
                .from
                .iter()
                .any(|from| !matches!(from, Provenance::Unknown | Provenance::Argument));
            traced.then(|| match brings {
                true => vec![receiver.clone()],
                false => Vec::new(),
            })
        }
        _ => None,
    }
}

fn standard_input(interpreter: &mut Interpreter) -> Object {
    super::shared_call(interpreter, "sys.stdin.read", Vec::new())
}

/// `object.onmessage = callback`.
pub fn assigned(interpreter: &mut Interpreter, object: &Object, event: &str, callback: &Object) {
    if let Some(given) = heard(interpreter, object, event) {
        let given = given
            .into_iter()
            .take(1)
            .map(|data| message(interpreter, data))
            .collect();
        call_later(interpreter, callback, Some(object), given);
    }
}

/// All that comes from one stream goes to another.
fn pipe(interpreter: &mut Interpreter, source: &Object, target: &Object) {
    if let Object::Native(slot) = target
        && let Some(Native::Process(_)) = interpreter.heap.native_of(*slot)
    {
        let input = match source {
            Object::Native(_) | Object::Library(_) | Object::Unknown(_) => {
                interpreter.stream_of(source)
            }
            other => Stream::Text(interpreter.value_of(other)),
        };
        if input != Stream::Unknown {
            process::bind_stream(interpreter, *slot, 0, input);
        }
        return;
    }
    if let Object::Native(slot) = source
        && let Some(Native::Process(_)) = interpreter.heap.native_of(*slot)
    {
        let output = interpreter.stream_of(target);
        let waited = matches!(output, Stream::Connection(_) | Stream::File(_))
            && process::bind_stream(interpreter, *slot, 1, output);
        if !waited {
            let printed = processes::printed(interpreter, *slot);
            let printed = interpreter.value_of(&printed);
            write_to(interpreter, target, printed);
        }
        return;
    }
    let data = match source {
        Object::Response(response) => response.1.clone(),
        Object::Native(_) => {
            let read = Rc::from("read");
            let data = interpreter.call_method(source, &read, Arguments::default());
            interpreter.value_of(&data)
        }
        Object::Library(path) if &**path == "sys.stdin" => {
            let data = standard_input(interpreter);
            interpreter.value_of(&data)
        }
        other => interpreter.value_of(other),
    };
    if is_open(interpreter, target) {
        write_to(interpreter, target, data);
    }
}

/// Whether something takes what is written to it.
fn is_open(interpreter: &Interpreter, target: &Object) -> bool {
    match target {
        Object::Native(slot) => interpreter.heap.native_of(*slot).is_some(),
        Object::Library(path) => &**path == "sys.stdout",
        _ => false,
    }
}
