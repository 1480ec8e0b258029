//! Starting programs: `os.system`, `subprocess`, `os.exec*`, `pty.spawn` and the like.
//!
//! Source: The Python Library Reference, `subprocess`, `os` (Process Management), `pty`,
//! `asyncio.subprocess`; of Python 2, `commands` and `popen2`; pexpect's manual.

use std::rc::Rc;

use model::{Language, Provenance, Step, Stream, Value};

use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::object::{Launch, Native, Object, Process, Slot};
use super::streams::input_stream;
use crate::command::{self, Call};

/// Which of the streams are redirected, and whether a shell reads the command.
#[derive(Debug, Clone, Default)]
struct Setup {
    streams: [Stream; 3],
    shell: bool,
    /// Standard input is a pipe that the program writes to later.
    waits: bool,
    step: &'static str,
}

/// Calls a function that starts a program.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let captured = Stream::Text(Value::default());
    let shell = |step| Setup {
        shell: true,
        step,
        ..Setup::default()
    };
    Some(match path {
        "os.system" | "os.startfile" | "pexpect.run" | "pexpect.runu" => {
            let printed = start_text(interpreter, arguments, 0, shell("os.system"));
            match path {
                "os.system" | "os.startfile" => Object::anything(),
                _ => Object::of_value(printed),
            }
        }
        "os.popen" | "os.popen2" | "os.popen3" | "os.popen4" | "popen2.popen2"
        | "popen2.popen3" | "popen2.Popen3" | "popen2.Popen4" | "platform.popen" => {
            let mut setup = shell("os.popen");
            setup.streams[1] = captured;
            setup.waits = arguments.plain.get(1).and_then(Object::as_text) == Some("w");
            opened(interpreter, arguments, setup)
        }
        "commands.getoutput"
        | "commands.getstatusoutput"
        | "subprocess.getoutput"
        | "subprocess.getstatusoutput" => {
            let mut setup = shell("getoutput");
            setup.streams[1] = captured;
            let printed = Object::of_value(start_text(interpreter, arguments, 0, setup));
            match path.ends_with("statusoutput") {
                true => Object::Tuple(Rc::new(vec![Object::anything(), printed])),
                false => printed,
            }
        }
        "subprocess.Popen"
        | "subprocess.call"
        | "subprocess.run"
        | "subprocess.check_call"
        | "subprocess.check_output"
        | "asyncio.create_subprocess_shell"
        | "asyncio.create_subprocess_exec"
        | "asyncio.subprocess.create_subprocess_shell"
        | "asyncio.subprocess.create_subprocess_exec"
        | "sh.Command" => {
            return subprocess(interpreter, path, arguments);
        }
        "pty.spawn"
        | "pexpect.spawn"
        | "pexpect.spawnu"
        | "ptyprocess.PtyProcess.spawn"
        | "pexpect.popen_spawn.PopenSpawn" => spawn_terminal(interpreter, arguments)?,
        "os.posix_spawn" | "os.posix_spawnp" | "os.execv" | "os.execve" | "os.execvp"
        | "os.execvpe" => execute_list(interpreter, arguments, 0)?,
        "os.spawnv" | "os.spawnve" | "os.spawnvp" | "os.spawnvpe" => {
            execute_list(interpreter, arguments, 1)?
        }
        "os.execl" | "os.execle" | "os.execlp" | "os.execlpe" => {
            execute_items(interpreter, arguments, 0)?
        }
        "os.spawnl" | "os.spawnle" | "os.spawnlp" | "os.spawnlpe" => {
            execute_items(interpreter, arguments, 1)?
        }
        "runpy.run_path" => {
            let path = interpreter.argument(arguments, 0, "path_name");
            let content = interpreter.acts().content_of(&path);
            interpreter.run_code(&content, false)
        }
        "code.interact" | "code.InteractiveConsole" | "code.InteractiveInterpreter" => {
            interact(interpreter)
        }
        _ => return None,
    })
}

/// An interactive interpreter over a connection runs what comes over it.
fn interact(interpreter: &mut Interpreter) -> Object {
    if let [Stream::Connection(connection), ..] = interpreter.world().standard {
        let code = Value::unknown(Provenance::Received(connection));
        interpreter.run_code(&code, false);
    }
    Object::anything()
}

fn subprocess(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let mut setup = Setup {
        step: "subprocess",
        ..Setup::default()
    };
    let shell = arguments.named("shell").or_else(|| {
        arguments
            .plain
            .get(8)
            .filter(|_| path == "subprocess.Popen")
    });
    setup.shell = path.ends_with("_shell")
        || shell.is_some_and(|shell| interpreter.truth(shell) != Some(false));
    for (at, name) in ["stdin", "stdout", "stderr"].into_iter().enumerate() {
        // Popen(args, bufsize, executable, stdin, stdout, stderr, …)
        let positional = arguments
            .plain
            .get(at + 3)
            .filter(|_| path.contains("subprocess."));
        let Some(object) = arguments.named(name).or(positional).cloned() else {
            continue;
        };
        if object.is_library("subprocess.STDOUT") {
            setup.streams[at] = setup.streams[1].clone();
            continue;
        }
        if at == 0
            && (object.is_library("subprocess.PIPE")
                || object.is_library("asyncio.subprocess.PIPE"))
        {
            setup.waits = true;
            continue;
        }
        setup.streams[at] = interpreter.stream_of(&object);
    }
    let captures = arguments.named("capture_output").is_some();
    if captures || path.ends_with("check_output") {
        setup.streams[1] = Stream::Text(Value::default());
    }
    if let Some(input) = arguments
        .named("input")
        .filter(|input| !matches!(input, Object::None))
    {
        setup.streams[0] = input_stream(interpreter.value_of(input));
        setup.waits = false;
    }
    environment(interpreter, arguments);
    if path.ends_with("create_subprocess_exec") {
        let call = call_of_items(interpreter, &arguments.plain)?;
        return Some(launch(
            interpreter,
            Launch::Call(with_streams(call, &setup)),
            &setup,
        ));
    }
    let started = opened(interpreter, arguments, setup);
    let Object::Native(slot) = &started else {
        return Some(started);
    };
    let printed = match interpreter.heap.native_of(*slot) {
        Some(Native::Process(process)) => process.printed.clone(),
        _ => return Some(started),
    };
    Some(match path {
        "subprocess.check_output" => Object::of_value(printed),
        "subprocess.call" | "subprocess.check_call" => Object::anything(),
        _ => started,
    })
}

/// Variables set for the program alone that change what it loads.
fn environment(interpreter: &mut Interpreter, arguments: &Arguments) {
    let Some(Object::Dictionary(slot)) = arguments.named("env") else {
        return;
    };
    for (key, value) in interpreter.heap.entries(*slot).to_vec() {
        let Some(name) = key.as_text().map(str::to_owned) else {
            continue;
        };
        let value = interpreter.value_of(&value);
        interpreter.act(model::Behavior::SetVariable { name, value });
    }
}

/// Starts what the first argument names; the result is the process.
fn opened(interpreter: &mut Interpreter, arguments: &Arguments, setup: Setup) -> Object {
    let Some(target) = arguments
        .get(0, "args")
        .or_else(|| arguments.get(0, "cmd"))
        .cloned()
    else {
        return Object::anything();
    };
    let launch_of = launch_for(interpreter, &target, &setup);
    launch(interpreter, launch_of, &setup)
}

/// How a command given as a text or list is started.
fn launch_for(interpreter: &mut Interpreter, target: &Object, setup: &Setup) -> Launch {
    if let Object::List(_) | Object::Tuple(_) = target {
        let items = interpreter.iterate(target).unwrap_or_default();
        if setup.shell {
            let script = items.first().map(|item| interpreter.value_of(item));
            return Launch::Shell(script.unwrap_or_default(), setup.streams.clone());
        }
        if let Some(call) = call_of_items(interpreter, &items) {
            return Launch::Call(with_streams(call, setup));
        }
    }
    let text = interpreter.value_of(target);
    // Without a shell, a text is the name of a program; one with spaces in it was meant for one.
    if setup.shell || text.text.trim().contains(char::is_whitespace) {
        Launch::Shell(text, setup.streams.clone())
    } else {
        Launch::Call(with_streams(Call::new(text, Vec::new()), setup))
    }
}

fn with_streams(mut call: Call, setup: &Setup) -> Call {
    let [input, output, error] = setup.streams.clone();
    call.input = input;
    call.output = output;
    call.error = error;
    call
}

/// A command from its words.
fn call_of_items(interpreter: &mut Interpreter, items: &[Object]) -> Option<Call> {
    let (program, rest) = items.split_first()?;
    Some(Call::new(
        interpreter.value_of(program),
        rest.iter().map(|item| interpreter.value_of(item)).collect(),
    ))
}

/// Starts it now, or, if its input is yet to be written, then.
fn launch(interpreter: &mut Interpreter, launch: Launch, setup: &Setup) -> Object {
    let process = if setup.waits {
        Process {
            pending: Some(Box::new(launch)),
            place: interpreter.place(),
            step: setup.step,
            printed: Value::unknown(Provenance::Output(String::new())),
        }
    } else {
        Process {
            pending: None,
            place: None,
            step: setup.step,
            printed: run(interpreter, launch, setup.step),
        }
    };
    interpreter.heap.native(Native::Process(process))
}

/// Runs it; returns what it prints, marked as output.
fn run(interpreter: &mut Interpreter, launch: Launch, step: &str) -> Value {
    interpreter.uncertain += 1;
    match launch {
        Launch::Call(call) => {
            let name = call.program.base_name().to_owned();
            interpreter.note_started(&call.program);
            let printed = command::run(interpreter.acts(), call);
            printed.with_source(Provenance::Output(name))
        }
        Launch::Shell(script, streams) => {
            interpreter.note_started(&script);
            let world = interpreter.acts();
            let mut standard = world.standard.clone();
            for (own, given) in standard.iter_mut().zip(streams) {
                if given != Stream::Inherited {
                    *own = given;
                }
            }
            let step = Step::new(step);
            let printed = world.with_standard(standard, Vec::new(), |world| {
                world.evaluate(Language::Shell, &script, step)
            });
            printed.with_source(Provenance::Output(Language::Shell.name().to_owned()))
        }
    }
}

/// Hands a text to a shell with these standard streams; returns what it prints.
pub fn shell(
    interpreter: &mut Interpreter,
    script: Value,
    streams: [Stream; 3],
    step: &str,
) -> Value {
    run(interpreter, Launch::Shell(script, streams), step)
}

/// Starts a program with these arguments and standard streams; returns what it prints.
pub fn program(interpreter: &mut Interpreter, call: Call) -> Value {
    run(interpreter, Launch::Call(call), "")
}

fn start_text(
    interpreter: &mut Interpreter,
    arguments: &Arguments,
    at: usize,
    setup: Setup,
) -> Value {
    let text = match arguments.plain.get(at).or_else(|| arguments.all().next()) {
        Some(object) => interpreter.value_of(object),
        None => return Value::literal(""),
    };
    run(
        interpreter,
        Launch::Shell(text, setup.streams.clone()),
        setup.step,
    )
}

/// `pty.spawn(argv)`: a text is one program's name; pexpect splits it at spaces.
fn spawn_terminal(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let target = arguments
        .get(0, "argv")
        .or_else(|| arguments.get(0, "command"))?
        .clone();
    let call = match &target {
        Object::List(_) | Object::Tuple(_) => {
            let items = interpreter.iterate(&target)?;
            call_of_items(interpreter, &items)?
        }
        other => {
            let text = interpreter.value_of(other);
            let mut words = text
                .text
                .split_whitespace()
                .map(|word| text.map_text(|_| word.to_owned()));
            let program = words.next()?;
            let mut rest: Vec<Value> = words.collect();
            if let Some(more) = arguments
                .get(1, "args")
                .and_then(|more| interpreter.iterate(more))
            {
                rest.extend(more.iter().map(|item| interpreter.value_of(item)));
            }
            Call::new(program, rest)
        }
    };
    let setup = Setup::default();
    Some(launch(interpreter, Launch::Call(call), &setup))
}

/// `os.execv(path, [name, …])` and the like, whose first argument of interest is at `at`.
fn execute_list(interpreter: &mut Interpreter, arguments: &Arguments, at: usize) -> Option<Object> {
    let program = match arguments.plain.get(at)? {
        Object::Descriptor(stream) if let Stream::File(path) = &**stream => path.clone(),
        object => interpreter.value_of(object),
    };
    let list = arguments.plain.get(at + 1).cloned();
    let items = list
        .and_then(|list| interpreter.iterate(&list))
        .unwrap_or_default();
    let rest = items
        .iter()
        .skip(1)
        .map(|item| interpreter.value_of(item))
        .collect();
    interpreter.uncertain += 1;
    command::run(interpreter.acts(), Call::new(program, rest));
    Some(Object::anything())
}

/// `os.execl(path, name, …)` and the like.
fn execute_items(
    interpreter: &mut Interpreter,
    arguments: &Arguments,
    at: usize,
) -> Option<Object> {
    let program = interpreter.value_of(arguments.plain.get(at)?);
    let rest = arguments
        .plain
        .iter()
        .skip(at + 2)
        .filter(|item| !matches!(item, Object::Dictionary(_) | Object::Library(_)))
        .map(|item| interpreter.value_of(item))
        .collect();
    interpreter.uncertain += 1;
    command::run(interpreter.acts(), Call::new(program, rest));
    Some(Object::anything())
}

// ---- running processes ----

/// Calls a method of a process or of one of its pipes.
pub fn method(
    interpreter: &mut Interpreter,
    slot: Slot,
    process: Process,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "communicate" | "write" | "send" | "sendline" | "writelines" => {
            let input = arguments
                .get(0, "input")
                .filter(|input| !matches!(input, Object::None));
            let input = input.map(|input| interpreter.value_of(input));
            let printed = feed(interpreter, slot, process, input);
            let printed = Object::of_value(printed);
            Some(match name {
                "communicate" => Object::Tuple(Rc::new(vec![printed.clone(), printed])),
                _ => Object::None,
            })
        }
        "read" | "readline" | "readlines" | "read1" | "recv" | "readexactly" | "readuntil"
        | "getvalue" | "before" | "after" | "read_nonblocking" => {
            let printed = feed(interpreter, slot, process, None);
            Some(Object::of_value(printed))
        }
        "fileno" => {
            let printed = feed(interpreter, slot, process, None);
            Some(Object::Descriptor(Rc::new(input_stream(printed))))
        }
        "wait" | "poll" | "interact" => {
            feed(interpreter, slot, process, None);
            Some(Object::anything())
        }
        "expect" | "flush" | "close" | "detach" => Some(Object::anything()),
        "decode" | "strip" => Some(Object::of_value(process.printed)),
        _ => None,
    }
}

/// Starts what `launch` says now, or, if its streams are yet to be told, then.
pub fn start(
    interpreter: &mut Interpreter,
    launch_of: Launch,
    waits: bool,
    step: &'static str,
) -> Object {
    let setup = Setup {
        waits,
        step,
        ..Setup::default()
    };
    launch(interpreter, launch_of, &setup)
}

/// A call of words, or of a text that a shell reads, with its streams.
pub fn launch_of(
    interpreter: &mut Interpreter,
    words: &[Object],
    shell: bool,
    streams: [Stream; 3],
) -> Option<Launch> {
    if shell {
        let mut script = interpreter.value_of(words.first()?);
        for word in words.iter().skip(1) {
            script.text.push(' ');
            script.append(&interpreter.value_of(word));
        }
        return Some(Launch::Shell(script, streams));
    }
    let setup = Setup {
        streams,
        ..Setup::default()
    };
    let call = call_of_items(interpreter, words)?;
    Some(Launch::Call(with_streams(call, &setup)))
}

/// Binds a stream of a process that has not started; once input and output are bound, it starts.
/// Whether it had not started before.
pub fn bind_stream(interpreter: &mut Interpreter, slot: Slot, at: usize, stream: Stream) -> bool {
    let Some(Native::Process(process)) = interpreter.heap.native_mut(slot) else {
        return false;
    };
    let Some(pending) = process.pending.as_deref_mut() else {
        return false;
    };
    let bound = |stream: &Stream| *stream != Stream::Inherited;
    let both = match pending {
        Launch::Call(call) => {
            match at {
                0 => call.input = stream,
                1 => call.output = stream,
                _ => call.error = stream,
            }
            bound(&call.input) && matches!(call.output, Stream::Connection(_) | Stream::File(_))
        }
        Launch::Shell(_, streams) => {
            if let Some(own) = streams.get_mut(at) {
                *own = stream;
            }
            bound(&streams[0]) && matches!(streams[1], Stream::Connection(_) | Stream::File(_))
        }
    };
    if both {
        let process = process.clone();
        feed(interpreter, slot, process, None);
    }
    true
}

/// Starts a process that waited for its input; returns what it prints.
fn feed(
    interpreter: &mut Interpreter,
    slot: Slot,
    process: Process,
    input: Option<Value>,
) -> Value {
    let Some(mut launch) = process.pending else {
        return process.printed;
    };
    let given = input.is_some();
    let input = input.map_or(
        Stream::Text(Value::unknown(Provenance::Unknown)),
        input_stream,
    );
    let own = match &mut *launch {
        Launch::Call(call) => &mut call.input,
        Launch::Shell(_, streams) => &mut streams[0],
    };
    if given || *own == Stream::Inherited {
        *own = input;
    }
    let printed = interpreter.back_at(process.place, |interpreter| {
        run(interpreter, *launch, process.step)
    });
    if let Some(Native::Process(process)) = interpreter.heap.native_mut(slot) {
        process.pending = None;
        process.printed = printed.clone();
    }
    printed
}

/// Starts all that still wait.
pub fn start_waiting(interpreter: &mut Interpreter, first: usize) {
    for slot in interpreter.heap.natives(first) {
        if let Some(Native::Process(process)) = interpreter.heap.native_of(slot).cloned()
            && process.pending.is_some()
        {
            feed(interpreter, slot, process, None);
        }
    }
}
