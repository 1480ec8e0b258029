//! Command lines: what the programs of a Unix system do with their arguments.
//!
//! A shell pipeline, Python's `subprocess`, an exec-form entrypoint and a cron line all end here,
//! so what `nc`, `curl` or `base64` means is written once. A command that is not known is an
//! [`Execute`](model::Behavior::Execute), nothing more.

use model::{Behavior, Provenance, Stream, Value};

use crate::language;
use crate::world::{self, World};

mod accounts;
mod archives;
mod arguments;
mod containers;
mod fetch;
mod files;
mod interpreters;
mod mining;
mod network;
mod system;
mod text;
mod wrappers;

pub use arguments::{Arguments, Grammar};
pub use wrappers::split_words;

/// One command to run.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// Path or name.
    pub program: Value,
    /// Arguments after the name.
    pub arguments: Vec<Value>,
    /// Standard input. `Text` is what is piped in.
    pub input: Stream,
    /// Standard output. `Inherited` (or `Text` of anything) means the caller takes what
    /// [`run`] returns; a file or connection means it goes there.
    pub output: Stream,
    /// Standard error.
    pub error: Stream,
    /// Whether an output file keeps what it holds.
    pub append: bool,
}

impl Call {
    /// A call with nothing redirected.
    pub fn new(program: Value, arguments: Vec<Value>) -> Self {
        Self {
            program,
            arguments,
            ..Self::default()
        }
    }

    /// The same call of another command: streams kept.
    fn of(&self, program: Value, arguments: Vec<Value>) -> Self {
        Self {
            program,
            arguments,
            ..self.clone()
        }
    }

    /// The same streams for the command that the first of `words` names, if there is one.
    fn of_words(&self, words: &[Value]) -> Option<Self> {
        let (program, arguments) = words.split_first()?;
        Some(self.of(program.clone(), arguments.to_vec()))
    }

    /// The same streams for `sh -c code`.
    fn of_shell_code(&self, code: Value) -> Self {
        self.of(Value::literal("sh"), vec![Value::literal("-c"), code])
    }

    /// What standard input holds, as a value.
    pub fn input_value(&self, world: &World) -> Value {
        match &self.input {
            Stream::Text(value) => value.clone(),
            Stream::File(path) => world.content_of(path),
            Stream::Connection(connection) => Value::unknown(Provenance::Received(*connection)),
            Stream::Null => Value::literal(""),
            Stream::Inherited => Value::unknown(Provenance::Argument),
            Stream::Unknown => Value::unknown(Provenance::Unknown),
        }
    }
}

/// What came of a command that is modelled.
enum Ran {
    /// It prints this, which is yet to be delivered to where its output goes.
    Prints(Value),
    /// It prints this, and what becomes of it is recorded already.
    Delivered(Value),
    /// It runs this command in its place.
    Becomes(Box<Call>),
}

impl Ran {
    /// It prints nothing.
    fn silent() -> Self {
        Self::Prints(Value::literal(""))
    }

    /// It runs `call` in its place.
    fn becomes(call: Call) -> Self {
        Self::Becomes(Box::new(call))
    }
}

/// One family of commands: tries a name; `None` if it knows none of that name.
type Family = fn(&mut World, &str, &Call) -> Option<Ran>;

/// The families, asked in order.
const FAMILIES: &[Family] = &[
    wrappers::run,
    interpreters::run,
    text::run,
    files::run,
    archives::run,
    containers::run,
    fetch::run,
    network::run,
    system::run,
    accounts::run,
];

/// Runs a command: records what it does, delivers what it prints, and returns what it prints.
pub fn run(world: &mut World, mut call: Call) -> Value {
    loop {
        if !world.burn(cost(world, &call)) {
            return Value::unknown(Provenance::Unknown);
        }
        inherit(world, &mut call);
        if is_brought_along(&call.program)
            && let Some(printed) = run_own(world, &call)
        {
            return printed;
        }
        let name = known_name(world, &call.program);
        let ran = FAMILIES
            .iter()
            .find_map(|family| family(world, &name, &call));
        match ran {
            Some(Ran::Prints(printed)) => return deliver(world, &call, printed),
            Some(Ran::Delivered(printed)) => return printed,
            Some(Ran::Becomes(next)) => call = *next,
            None if is_brought_along(&call.program) => return output_of(&call),
            None => return execute(world, &call),
        }
    }
}

/// Bytes of text that cost a unit of fuel to go through once.
const BYTES_PER_UNIT: usize = 256;

/// Fuel that a command takes: for itself, its arguments, and the text it goes through.
fn cost(world: &World, call: &Call) -> u64 {
    let arguments: usize = call
        .arguments
        .iter()
        .map(|argument| 1 + argument.text.len() / BYTES_PER_UNIT)
        .sum();
    let input = match &call.input {
        Stream::Text(value) => value.text.len(),
        Stream::File(path) => world
            .written(&path.text)
            .map_or(0, |content| content.text.len()),
        _ => 0,
    };
    let units = 16 + arguments + input / BYTES_PER_UNIT;
    u64::try_from(units).unwrap_or(u64::MAX)
}

/// Folders that systems keep programs in, by their last component.
const PROGRAM_FOLDERS: &[&str] = &[
    "bin", "sbin", ".bin", "busybox", "libexec", "shims", "games",
];

/// Whether a program is started by a path that is not one of a system's: its name proves nothing.
fn is_brought_along(program: &Value) -> bool {
    let folder = program.text.rsplit_once('/').map(|(folder, _)| folder);
    folder.is_some_and(|folder| {
        let last = folder.rsplit('/').next().unwrap_or(folder);
        !PROGRAM_FOLDERS.contains(&last)
    })
}

/// Starts a program that was brought along. If its arguments are a miner's, or the program wrote
/// it and what it does is known, that is all; else its name may still say what it does.
fn run_own(world: &mut World, call: &Call) -> Option<Value> {
    let is_script = world
        .written(&call.program.text)
        .is_some_and(|content| interpreters::script_language(content).is_some());
    let printed = execute(world, call);
    is_script.then_some(printed)
}

/// The name a program goes by: its own, or that of the program it is a copy of or link to.
fn known_name(world: &World, program: &Value) -> String {
    let original = world
        .written(&program.text)
        .and_then(|content| match content.from.as_slice() {
            [Provenance::File(path)] if world::is_placeholder(content) => path.rsplit('/').next(),
            _ => None,
        });
    // BusyBox and Toybox are what the name they are called by says.
    let original =
        original.filter(|name| !name.starts_with("busybox") && !name.starts_with("toybox"));
    original.unwrap_or_else(|| program.base_name()).to_owned()
}

/// Records a program that is not modelled further; its output is unknown.
pub fn execute(world: &mut World, call: &Call) -> Value {
    let written = world.written(&call.program.text).cloned();
    let mut program = call.program.clone();
    for from in written.iter().flat_map(|content| &content.from) {
        program = program.with_source(from.clone());
    }
    world.act(Behavior::Execute {
        program,
        arguments: call.arguments.clone(),
        input: call.input.clone(),
        output: call.output.clone(),
    });
    mining::recognize(world, call);
    interpreters::run_written(world, call, written);
    let printed = output_of(call);
    if let Stream::File(path) = &call.output {
        if language::of_data_path(&path.text).is_some() {
            world.write(path.clone(), printed.clone(), call.append);
        } else {
            world.remember(path, printed.clone(), call.append);
        }
    }
    printed
}

/// What a program prints that is not modelled.
fn output_of(call: &Call) -> Value {
    Value::unknown(Provenance::Output(call.program.base_name().to_owned()))
}

/// Descriptors that are inherited are those of the world.
fn inherit(world: &World, call: &mut Call) {
    let streams = [&mut call.input, &mut call.output, &mut call.error];
    for (stream, standard) in streams.into_iter().zip(&world.standard) {
        if *stream == Stream::Inherited {
            *stream = standard.clone();
        }
    }
}

/// Sends what a modelled command prints to where its output goes.
fn deliver(world: &mut World, call: &Call, printed: Value) -> Value {
    match &call.output {
        Stream::Connection(connection) if !printed.text.is_empty() => {
            world.act(Behavior::Send {
                connection: *connection,
                data: printed.clone(),
            });
        }
        Stream::File(path) if path.text == "/dev/null" => {}
        // What prints nothing changes nothing behind `>>`; behind `>` it empties the file.
        Stream::File(_) if call.append && printed.text.is_empty() => {}
        Stream::File(path) => world.write(path.clone(), printed.clone(), call.append),
        _ => {}
    }
    printed
}

#[cfg(test)]
mod tests;
