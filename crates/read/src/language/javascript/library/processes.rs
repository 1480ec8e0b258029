//! Starting programs: `child_process`, and what wraps it.
//!
//! Source: the documentation of Node.js, "Child process", "Cluster"; of Deno, `Deno.Command`; of
//! Bun, "Child processes" and "Shell"; of shelljs, execa and zx.

use model::{Behavior, Provenance, Stream, Value};

use super::super::objects;
use super::{call_back, shared_call, with_callback};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library::process;
use crate::language::script::object::{Launch, Native, Object, Slot};

/// Calls a function that starts a program.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
    match (module, name) {
        ("child_process", "exec" | "execSync")
        | ("shelljs" | "shell", "exec")
        | ("", "exec")
        | ("execa", "command" | "commandSync" | "execaCommand") => {
            Some(exec(interpreter, arguments, name != "exec"))
        }
        (
            "child_process" | "cross-spawn" | "execa",
            "spawn" | "spawnSync" | "execFile" | "execFileSync" | "fork" | "sync" | "execa"
            | "execaSync" | "node",
        )
        | ("", "cross-spawn" | "execa" | "foreground-child")
        | ("Bun", "spawn" | "spawnSync")
        | ("pty" | "node-pty", "spawn")
        | ("spawn_sync" | "process_wrap" | "process", "spawn") => {
            spawn(interpreter, path, arguments)
        }
        ("", "zx" | "$" | "dax") | ("zx" | "Bun" | "execa", "$") => {
            Some(exec(interpreter, arguments, true))
        }
        ("Deno", "Command" | "run") => deno(interpreter, arguments),
        ("cluster", "setupMaster" | "setupPrimary") => Some(Object::None),
        _ => None,
    }
}

/// Variables set for the program alone.
fn environment(interpreter: &mut Interpreter, options: Option<&Object>) {
    let Some(Object::Dictionary(slot)) =
        options.and_then(|options| objects::part(interpreter, options, "env"))
    else {
        return;
    };
    for (key, value) in interpreter.heap.entries(slot).to_vec() {
        if let Some(name) = key.as_text().map(str::to_owned) {
            let value = interpreter.value_of(&value);
            interpreter.act(Behavior::SetVariable { name, value });
        }
    }
}

/// `exec(command, options, callback)`: a shell reads the command.
fn exec(interpreter: &mut Interpreter, arguments: &Arguments, sync: bool) -> Object {
    let (callback, rest) = with_callback(arguments);
    let options = rest.get(1).cloned();
    environment(interpreter, options.as_ref());
    let mut streams = [
        Stream::Inherited,
        Stream::Text(Value::default()),
        Stream::Inherited,
    ];
    let given = options
        .as_ref()
        .and_then(|options| objects::part(interpreter, options, "input"));
    if let Some(input) = &given {
        streams[0] = process_input(interpreter, input);
    }
    if let Some(stdio) = options
        .as_ref()
        .and_then(|options| objects::part(interpreter, options, "stdio"))
    {
        let all = stdio_of(interpreter, &stdio);
        for (own, stream) in streams.iter_mut().zip(all) {
            if let Some(stream) = stream {
                *own = stream;
            }
        }
    }
    let command = rest.first().cloned().unwrap_or(Object::None);
    let waits = callback.is_none() && !sync;
    let Some(launch) = process::launch_of(interpreter, &[command], true, streams) else {
        return Object::anything();
    };
    let started = process::start(interpreter, launch, waits, "child_process");
    if waits {
        return started;
    }
    let printed = Object::of_value(interpreter.value_of(&started));
    if sync {
        return printed;
    }
    call_back(
        interpreter,
        callback.as_ref(),
        vec![printed.clone(), printed],
    );
    started
}

/// What is piped into a program.
fn process_input(interpreter: &mut Interpreter, input: &Object) -> Stream {
    match input {
        Object::Native(_) | Object::Unknown(_) => interpreter.stream_of(input),
        other => Stream::Text(interpreter.value_of(other)),
    }
}

/// What the three streams are bound to; `None` for a pipe that the program holds.
fn stdio_of(interpreter: &mut Interpreter, stdio: &Object) -> [Option<Stream>; 3] {
    let one = |interpreter: &mut Interpreter, object: &Object| match object {
        Object::Text(word) => match word.text.as_str() {
            "inherit" => Some(Stream::Inherited),
            "ignore" | "null" => Some(Stream::Null),
            _ => None,
        },
        Object::None => None,
        other => Some(interpreter.stream_of(other)),
    };
    match stdio {
        Object::List(slot) => {
            let items = interpreter.heap.items(*slot).to_vec();
            [0, 1, 2].map(|at| items.get(at).and_then(|item| one(interpreter, item)))
        }
        other => [0, 1, 2].map(|_| one(interpreter, other)),
    }
}

/// `spawn(program, arguments, options)` and the like.
fn spawn(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let (callback, rest) = with_callback(arguments);
    let (target, rest) = rest.split_first()?;
    let mut words = match target {
        // `Bun.spawn([program, …])` and the options object of lower layers.
        Object::List(_) => interpreter.iterate(target)?,
        Object::Dictionary(_) => {
            let own = objects::part(interpreter, target, "cmd")
                .or_else(|| objects::part(interpreter, target, "file"))?;
            let mut words = interpreter
                .iterate(&own)
                .filter(|_| matches!(own, Object::List(_)));
            if words.is_none() {
                let list = objects::part(interpreter, target, "args");
                let more = list
                    .and_then(|list| interpreter.iterate(&list))
                    .unwrap_or_default();
                let more = more.into_iter().skip(1);
                words = Some(std::iter::once(own).chain(more).collect());
            }
            words?
        }
        other => vec![other.clone()],
    };
    if path.ends_with("fork") {
        words.insert(0, Object::text("node"));
    }
    let mut options = None;
    for argument in rest {
        match argument {
            Object::List(_) | Object::Tuple(_) => words.extend(interpreter.iterate(argument)?),
            Object::Dictionary(_) => options = Some(argument.clone()),
            Object::Unknown(_) => words.push(argument.clone()),
            _ => {}
        }
    }
    environment(interpreter, options.as_ref());
    let option = |interpreter: &mut Interpreter, name: &str| {
        options
            .as_ref()
            .and_then(|options| objects::part(interpreter, options, name))
    };
    let shell =
        option(interpreter, "shell").is_some_and(|shell| interpreter.truth(&shell) != Some(false));
    let mut bound = match option(interpreter, "stdio") {
        Some(stdio) => stdio_of(interpreter, &stdio),
        None => [None, None, None],
    };
    for (own, name) in bound.iter_mut().zip(["stdin", "stdout", "stderr"]) {
        if let Some(stream) = option(interpreter, name) {
            *own = match stream.as_text() {
                Some(_) => None,
                None => Some(interpreter.stream_of(&stream)),
            };
        }
    }
    if let Some(input) = option(interpreter, "input") {
        bound[0] = Some(process_input(interpreter, &input));
    }
    let sync = path.ends_with("Sync") || path.ends_with("sync") || callback.is_some();
    let waits = !sync && bound[0].is_none();
    let [input, output, error] = bound;
    let piped = Stream::Text(Value::default());
    let streams = [
        input.unwrap_or_default(),
        output.unwrap_or(match waits {
            true => Stream::Inherited,
            false => piped,
        }),
        error.unwrap_or_default(),
    ];
    let launch = process::launch_of(interpreter, &words, shell, streams)?;
    let started = process::start(interpreter, launch, waits, "child_process");
    if path.ends_with("execFileSync") {
        return Some(Object::of_value(interpreter.value_of(&started)));
    }
    if callback.is_some() {
        let printed = Object::of_value(interpreter.value_of(&started));
        call_back(
            interpreter,
            callback.as_ref(),
            vec![printed.clone(), printed],
        );
    }
    Some(started)
}

/// `new Deno.Command(program, {args})` and `Deno.run({cmd})`.
fn deno(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first()?;
    let options = arguments.plain.get(1).unwrap_or(first);
    let list = match objects::part(interpreter, options, "cmd") {
        Some(list) => Some(list),
        None => objects::part(interpreter, options, "args"),
    };
    let more = list
        .and_then(|list| interpreter.iterate(&list))
        .unwrap_or_default();
    let words: Vec<Object> = match first {
        Object::Dictionary(_) => more,
        program => std::iter::once(program.clone()).chain(more).collect(),
    };
    let streams = [Stream::Inherited, Stream::Inherited, Stream::Inherited];
    let launch = process::launch_of(interpreter, &words, false, streams)?;
    Some(process::start(interpreter, launch, true, "Deno.Command"))
}

/// Calls a method of a process or one of its streams.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "output" | "outputSync" | "status" => {
            let printed = shared_read(interpreter, receiver);
            Some(printed)
        }
        "spawn" | "getWriter" | "getReader" | "unref" | "ref" | "nothrow" | "quiet"
        | "setEncoding" | "resume" | "cork" | "uncork" => Some(receiver.clone()),
        "end" => match arguments.plain.first() {
            Some(data) => {
                let write = "write".into();
                let plain = Arguments::plain(vec![data.clone()]);
                Some(interpreter.call_method(receiver, &write, plain))
            }
            None => Some(Object::None),
        },
        "text" | "toString" | "trim" | "json" | "lines" => Some(shared_read(interpreter, receiver)),
        "kill" | "disconnect" | "close" => Some(Object::None),
        _ => None,
    }
}

/// What a process prints.
fn shared_read(interpreter: &mut Interpreter, receiver: &Object) -> Object {
    let read = "read".into();
    interpreter.call_method(receiver, &read, Arguments::default())
}

/// What a process that may not have started yet will print.
pub fn printed(interpreter: &mut Interpreter, slot: Slot) -> Object {
    let Some(Native::Process(process)) = interpreter.heap.native_of(slot).cloned() else {
        return Object::anything();
    };
    let program = match process.pending.as_deref() {
        None => return Object::of_value(process.printed),
        Some(Launch::Call(call)) => call.program.base_name().to_owned(),
        Some(Launch::Shell(..)) => "shell".to_owned(),
    };
    process::bind_stream(interpreter, slot, 1, Stream::Text(Value::default()));
    Object::unknown(Provenance::Output(program))
}

/// Ends a process by its number.
pub fn kill(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    shared_call(interpreter, "os.kill", arguments.plain.clone())
}
