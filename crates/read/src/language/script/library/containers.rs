//! Clients of a container runtime: a container that is started is the command line that would do
//! the same, so that what it means is written once.
//!
//! Source: the documentation of Docker SDK for Python, `containers.run`.

use model::Value;

use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::object::Object;
use crate::command::{self, Call};

/// Calls a function of a client.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    Some(match path {
        "docker.from_env"
        | "docker.DockerClient"
        | "docker.client.from_env"
        | "podman.PodmanClient" => Object::library("docker.client"),
        "docker.client.containers.run" | "docker.client.containers.create" => {
            start(interpreter, arguments)
        }
        _ => return None,
    })
}

fn start(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let mut words = vec![Value::literal("run")];
    if let Some(volumes) = arguments.named("volumes").cloned() {
        for volume in volumes_of(interpreter, &volumes) {
            words.push(Value::literal("-v"));
            words.push(volume);
        }
    }
    let given = |name: &str| arguments.named(name).cloned();
    if given("privileged").is_some_and(|value| interpreter.truth(&value) == Some(true)) {
        words.push(Value::literal("--privileged"));
    }
    for (name, option) in [("pid_mode", "--pid="), ("network_mode", "--network=")] {
        if let Some(value) = given(name) {
            let value = interpreter.value_of(&value);
            words.push(value.map_text(|text| format!("{option}{text}")));
        }
    }
    words.push(interpreter.argument(arguments, 0, "image"));
    match arguments.get(1, "command").cloned() {
        Some(list @ (Object::List(_) | Object::Tuple(_))) => {
            let items = interpreter.iterate(&list).unwrap_or_default();
            words.extend(items.iter().map(|item| interpreter.value_of(item)));
        }
        Some(text) => words.extend(command::split_words(&interpreter.value_of(&text))),
        None => {}
    }
    interpreter.uncertain += 1;
    let call = Call::new(Value::literal("docker"), words);
    Object::of_value(command::run(interpreter.acts(), call))
}

/// `{"/": {"bind": "/mnt", "mode": "rw"}}` or `["/:/mnt"]` as the command line has them.
fn volumes_of(interpreter: &mut Interpreter, volumes: &Object) -> Vec<Value> {
    let Object::Dictionary(slot) = volumes else {
        let items = interpreter.iterate(volumes).unwrap_or_default();
        return items
            .iter()
            .map(|item| interpreter.value_of(item))
            .collect();
    };
    let mut all = Vec::new();
    for (source, options) in interpreter.heap.entries(*slot).to_vec() {
        let mut volume = interpreter.value_of(&source);
        let Object::Dictionary(options) = options else {
            continue;
        };
        for (name, before) in [("bind", ":"), ("mode", ":")] {
            if let Some(value) = interpreter.heap.entry(options, &Object::text(name)) {
                volume.append(&Value::literal(before));
                volume.append(&interpreter.value_of(&value));
            }
        }
        all.push(volume);
    }
    all
}
