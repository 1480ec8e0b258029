//! Programs that run a text or a file handed to them: sh, python, perl and the like.

use model::{Language, Provenance, Step, Stream, Value};

use super::{Call, Ran, execute, text};
use crate::language::{self, CommandLine};
use crate::world::{World, is_placeholder};

mod shell;

/// Runs `name` if it is one of them.
pub fn run(world: &mut World, name: &str, call: &Call) -> Option<Ran> {
    if name == "trap" {
        return Some(shell::trap(world, call));
    }
    let language = language::of_interpreter(name)?;
    match language::front_end(language).and_then(|front_end| front_end.command_line) {
        Some(command_line) => Some(other(world, name, (language, &command_line), call)),
        None if language == Language::Shell => Some(shell::run(world, name, call)),
        None => None,
    }
}

/// Follows a program that the program itself wrote before: a script is lowered in place.
pub fn run_written(world: &mut World, call: &Call, written: Option<Value>) {
    let Some(content) = written else { return };
    let Some(language) = script_language(&content) else {
        return;
    };
    let step = Step::new(format!("written to {}", call.program.text));
    let mut arguments = vec![call.program.clone()];
    arguments.extend(call.arguments.iter().cloned());
    world.with_standard(standard_of(call), arguments, |world| {
        world.evaluate(language, &content, step)
    });
}

/// The language of a text that is started as a program: what its `#!` names, else shell.
/// `None` if nothing is known of it, or it is binary, or of a language that is not followed.
pub fn script_language(content: &Value) -> Option<Language> {
    let text = content.text.as_str();
    if is_placeholder(content) || text.trim().is_empty() || text.contains('\0') {
        return None;
    }
    let Some(line) = text.strip_prefix("#!") else {
        let is_binary =
            text.starts_with("\x7fELF") || crate::encoding::to_bytes(text).len() < text.len();
        return (!is_binary).then_some(Language::Shell);
    };
    let line = line.lines().next().unwrap_or_default();
    line.split_whitespace()
        .find_map(|word| language::of_interpreter(word.rsplit('/').next().unwrap_or(word)))
}

/// What a program started by `call` has as its standard streams. A file as output is left to the
/// caller, who writes what is printed there as a whole.
fn standard_of(call: &Call) -> [Stream; 3] {
    let output = |stream: &Stream| match stream {
        Stream::File(_) => Stream::Inherited,
        other => other.clone(),
    };
    [
        call.input.clone(),
        output(&call.output),
        output(&call.error),
    ]
}

/// Hands `code` to `language` with the streams of `call`.
fn evaluate(
    world: &mut World,
    language: Language,
    code: &Value,
    step: &str,
    call: &Call,
    arguments: Vec<Value>,
) -> Ran {
    let printed = world.with_standard(standard_of(call), arguments, |world| {
        world.evaluate(language, code, Step::new(step))
    });
    let printed = if language == Language::Other {
        Value::unknown(Provenance::Output(call.program.base_name().to_owned()))
    } else {
        printed
    };
    match call.output {
        Stream::Connection(_) => Ran::Delivered(printed),
        _ => Ran::Prints(printed),
    }
}

/// Whether a script operand stands for standard input.
fn is_standard_input(script: &Value) -> bool {
    matches!(
        script.text.as_str(),
        "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0"
    )
}

/// Runs a script file: recorded as a start of the interpreter, so that what the image holds at
/// that path can be found, and followed if the program wrote it.
fn run_script(
    world: &mut World,
    name: &str,
    language: Language,
    script: &Value,
    call: &Call,
    words: &[Value],
) -> Ran {
    let content = match world.written(&script.text) {
        Some(content) => Some(content.clone()),
        // The path is not a path but content: a process substitution.
        None if is_placeholder(script)
            && script.requested_as().is_none()
            && (script.fetched_from().is_some() || script.received_over().is_some()) =>
        {
            Some(script.clone())
        }
        None => None,
    };
    let executed = execute(world, call);
    match content {
        Some(content) => {
            let step = format!("{name} {}", script.text);
            evaluate(world, language, &content, &step, call, words.to_vec())
        }
        None => Ran::Delivered(executed),
    }
}

/// Runs what standard input holds.
fn run_input(
    world: &mut World,
    name: &str,
    language: Language,
    call: &Call,
    arguments: Vec<Value>,
) -> Ran {
    let code = match &call.input {
        Stream::Text(value) => value.clone(),
        Stream::File(path) => world.content_of(path),
        _ => return Ran::Delivered(execute(world, call)),
    };
    if code.known {
        return evaluate(world, language, &code, name, &exhausted(call), arguments);
    }
    // Whoever holds the other end drives the interpreter: a start of it with that end as input.
    let is_from_file = code
        .from
        .iter()
        .any(|from| matches!(from, Provenance::File(_)));
    if let Some(connection) = code.received_over() {
        let mut driven = call.clone();
        driven.input = Stream::Connection(connection);
        execute(world, &driven);
    } else if is_from_file {
        execute(world, call);
    }
    evaluate(world, language, &code, name, &exhausted(call), arguments)
}

/// The same call after the interpreter has read its input to the end.
fn exhausted(call: &Call) -> Call {
    let mut call = call.clone();
    call.input = Stream::Null;
    call
}

/// What the options of an interpreter that is no shell say.
#[derive(Default)]
struct CodeLine {
    code: Option<Value>,
    module: Option<Value>,
    operands: Vec<Value>,
}

fn code_line(language: Language, options: &CommandLine, arguments: &[Value]) -> CodeLine {
    let mut line = CodeLine::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.text.as_str();
        if text == "--" {
            break;
        }
        if let Some(long) = text.strip_prefix("--") {
            let (option, attached) = match long.split_once('=') {
                Some((option, value)) => (option, Some(argument.map_text(|_| value.to_owned()))),
                None => (long, None),
            };
            if options.long_code.contains(&option) {
                line.add_code(attached.or_else(|| rest.next().cloned()));
            }
            continue;
        }
        let Some(letters) = text.strip_prefix('-').filter(|text| !text.is_empty()) else {
            line.operands.push(argument.clone());
            break;
        };
        line.letters(options, argument, letters, &mut rest);
        // Python takes nothing after these for itself.
        if language == Language::Python && (line.code.is_some() || line.module.is_some()) {
            break;
        }
    }
    line.operands.extend(rest.cloned());
    line
}

impl CodeLine {
    fn letters<'a>(
        &mut self,
        options: &CommandLine,
        argument: &Value,
        letters: &str,
        rest: &mut impl Iterator<Item = &'a Value>,
    ) {
        for (at, letter) in letters.char_indices() {
            let attached = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            if options.attached.contains(letter) {
                // Digits belong to `-0` and `-l`; letters after them are options again.
                if !matches!(letter, '0' | 'l' | 'i') {
                    return;
                }
                continue;
            }
            let takes_code = options.code.contains(letter);
            if !takes_code && !options.valued.contains(letter) {
                continue;
            }
            let value = if attached.is_empty() {
                rest.next().cloned()
            } else {
                Some(argument.map_text(|_| attached.to_owned()))
            };
            if takes_code {
                self.add_code(value);
            } else if letter == 'm' {
                self.module = value;
            } else if letter == 'f' {
                self.operands.extend(value);
            }
            return;
        }
    }

    /// Several `-e` are one text, a line each.
    fn add_code(&mut self, more: Option<Value>) {
        match (&mut self.code, more) {
            (Some(code), Some(more)) => {
                code.append(&Value::literal("\n"));
                code.append(&more);
            }
            (code, more) => *code = more.or_else(|| code.take()),
        }
    }
}

fn other(
    world: &mut World,
    name: &str,
    (language, options): (Language, &CommandLine),
    call: &Call,
) -> Ran {
    let line = code_line(language, options, &call.arguments);
    if let Some(code) = &line.code {
        let letter = options.code.chars().next().unwrap_or('c');
        let step = format!("{name} -{letter}");
        let mut arguments = vec![Value::literal(format!("-{letter}"))];
        arguments.extend(line.operands);
        return evaluate(world, language, code, &step, call, arguments);
    }
    if let Some(module) = &line.module {
        return run_module(world, module, &line.operands, call);
    }
    match line.operands.first() {
        Some(script) if !is_standard_input(script) => {
            run_script(world, name, language, script, call, &line.operands)
        }
        _ if call.arguments.iter().any(|argument| {
            matches!(
                argument.text.as_str(),
                "-V" | "--version" | "-v" | "-h" | "--help" | "-i"
            )
        }) =>
        {
            Ran::Delivered(execute(world, call))
        }
        _ => run_input(world, name, language, call, line.operands),
    }
}

/// `python -m module`: those that do what a command does become that command.
fn run_module(world: &mut World, module: &Value, operands: &[Value], call: &Call) -> Ran {
    let command = match module.text.as_str() {
        "base64"
            if operands
                .iter()
                .any(|operand| matches!(operand.text.as_str(), "-d" | "-u")) =>
        {
            "base64"
        }
        "pip" => "pip",
        "gzip" => "gzip",
        "zipfile" | "tarfile" => return Ran::silent(),
        "json.tool" => return Ran::Prints(text::source(world, call, operands)),
        _ => {
            // The module may be a file that was written before.
            let path = format!("{}.py", module.text.replace('.', "/"));
            let Some(content) = world.written(&path).cloned() else {
                return Ran::Delivered(execute(world, call));
            };
            execute(world, call);
            let step = format!("python -m {}", module.text);
            return evaluate(
                world,
                Language::Python,
                &content,
                &step,
                call,
                operands.to_vec(),
            );
        }
    };
    Ran::becomes(call.of(Value::literal(command), operands.to_vec()))
}
