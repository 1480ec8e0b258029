//! Builtins that touch the shell itself. What only prints or runs is in [`crate::command`].

use std::collections::BTreeMap;

use model::{Behavior, Provenance, Step, Stream, Value};

use super::interpret::{Descriptor, Shell, is_watched};
use super::syntax::Assigned;
use super::word::Reader;
use crate::world::World;

/// Runs `name` if it is one; returns what it prints.
pub fn run(
    shell: &mut Shell,
    world: &mut World,
    name: &str,
    arguments: &[Value],
    input: &Stream,
    table: &BTreeMap<u32, Descriptor>,
) -> Option<Value> {
    let nothing = Some(Value::literal(""));
    match name {
        "eval" => Some(eval(shell, world, arguments, table)),
        "." | "source" => Some(source(shell, world, arguments)),
        "export" | "declare" | "local" | "typeset" | "readonly" => {
            declare(shell, world, name, arguments);
            nothing
        }
        "unset" => {
            for name in arguments {
                shell.variables.remove(&name.text);
                shell.arrays.remove(&name.text);
                if is_watched(&name.text) {
                    world.act(Behavior::SetVariable {
                        name: name.text.clone(),
                        value: Value::literal(""),
                    });
                }
            }
            nothing
        }
        "read" | "mapfile" | "readarray" => {
            read(shell, world, name, arguments, input);
            nothing
        }
        "set" => {
            let operands = arguments.iter().position(|argument| argument.text == "--");
            if let Some(at) = operands {
                let zero = shell
                    .arguments
                    .first()
                    .cloned()
                    .unwrap_or_else(|| Value::unknown(Provenance::Argument));
                shell.arguments = std::iter::once(zero)
                    .chain(arguments[at + 1..].iter().cloned())
                    .collect();
            }
            nothing
        }
        "shift" => {
            if shell.arguments.len() > 1 {
                shell.arguments.remove(1);
            }
            nothing
        }
        "alias" => {
            for alias in arguments {
                if let Some((name, text)) = alias.text.split_once('=') {
                    shell.aliases.insert(name.to_owned(), text.to_owned());
                }
            }
            nothing
        }
        "trap" => {
            let code = arguments
                .iter()
                .find(|argument| !argument.text.starts_with('-'));
            match code {
                Some(code) if arguments.len() > 1 && !code.text.is_empty() => {
                    world.inside(Step::new("trap"), |world| shell.script(world, &code.text));
                }
                _ => {}
            }
            nothing
        }
        "printf" if arguments.first().is_some_and(|first| first.text == "-v") => {
            let call = crate::command::Call::new(
                Value::literal("printf"),
                arguments.get(2..).unwrap_or_default().to_vec(),
            );
            let printed = crate::command::run(world, call);
            if let Some(name) = arguments.get(1) {
                shell.set(&name.text, printed, false);
            }
            nothing
        }
        "let" => {
            for assignment in arguments {
                if let Some((name, text)) = assignment.text.split_once('=') {
                    let lookup =
                        |name: &str| shell.variables.get(name)?.as_known()?.parse::<i64>().ok();
                    if let Some(value) = super::expand::arithmetic(text, &lookup) {
                        shell.set(name, Value::literal(value.to_string()), false);
                    }
                }
            }
            nothing
        }
        "command" | "builtin" | "exec" | "noglob" | "nocorrect" => {
            let rest: Vec<Value> = without_options(name, arguments).to_vec();
            let (program, rest) = rest.split_first()?;
            Some(shell.command(world, program.clone(), rest.to_vec(), table.clone()))
        }
        "cd" | "pushd" | "popd" | "umask" | "ulimit" | "wait" | "return" | "exit" | "break"
        | "continue" | "hash" | "type" | "getopts" | "shopt" | "setopt" | "unalias" | "bg"
        | "fg" | "jobs" | "disown" | "enable" | "bind" | "complete" | "compgen" | "times"
        | "dirs" | "caller" | "[[" => nothing,
        _ => None,
    }
}

/// `command -v x` only asks; other options are stepped over.
fn without_options<'v>(name: &str, arguments: &'v [Value]) -> &'v [Value] {
    let mut rest = arguments;
    while let Some((first, others)) = rest.split_first() {
        match first.text.as_str() {
            "-v" | "-V" if name == "command" => return &[],
            "-a" if name == "exec" => rest = others.get(1..).unwrap_or_default(),
            option if option.starts_with('-') && option.len() > 1 => rest = others,
            _ => break,
        }
    }
    rest
}

fn eval(
    shell: &mut Shell,
    world: &mut World,
    arguments: &[Value],
    table: &BTreeMap<u32, Descriptor>,
) -> Value {
    let mut code = Value::literal("");
    for (n, argument) in arguments.iter().enumerate() {
        if n > 0 {
            code.append(&Value::literal(" "));
        }
        code.append(argument);
    }
    let standard = world.standard.clone();
    for (number, stream) in (0..).zip(&mut world.standard) {
        if let Some(descriptor) = table.get(&number) {
            stream.clone_from(&descriptor.stream);
        }
    }
    let printed = shell.evaluate(world, &code, Step::new("eval"));
    world.standard = standard;
    printed
}

fn source(shell: &mut Shell, world: &mut World, arguments: &[Value]) -> Value {
    let Some(path) = arguments.first() else {
        return Value::literal("");
    };
    let content = world.content_of(path);
    shell.evaluate(world, &content, Step::new(format!("source {}", path.text)))
}

/// The words carry the names; their values were assigned when the command was expanded.
fn declare(shell: &mut Shell, world: &mut World, builtin: &str, arguments: &[Value]) {
    for argument in arguments
        .iter()
        .filter(|argument| !argument.text.starts_with('-'))
    {
        let name = match argument.text.split_once('=') {
            // `export "$name=$value"`: an assignment only after expansion.
            Some((name, text)) => {
                let mut reader = Reader::new(name);
                if reader.name() == name {
                    let value = argument.map_text(|_| text.to_owned());
                    shell.set(name, value, false);
                }
                name
            }
            None => argument.text.as_str(),
        };
        let exported = builtin == "export"
            || arguments
                .iter()
                .any(|a| a.text.starts_with('-') && a.text.contains('x'));
        if !exported {
            continue;
        }
        let value = shell.value(world, name);
        if value.known {
            world.export(name, value.clone());
        }
        if is_watched(name) {
            world.act(Behavior::SetVariable {
                name: name.to_owned(),
                value,
            });
        }
    }
}

/// `read a b`, `mapfile a`: from what is piped or redirected in.
fn read(shell: &mut Shell, world: &mut World, name: &str, arguments: &[Value], input: &Stream) {
    let call = crate::command::Call {
        input: input.clone(),
        ..Default::default()
    };
    let mut value = call.input_value(world);
    let mut names = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.text.as_str() {
            "-u" => {
                let number = rest
                    .next()
                    .and_then(|number| number.text.parse::<u32>().ok());
                if let Some(stream) = number.and_then(|number| shell.descriptor(number)) {
                    let call = crate::command::Call {
                        input: stream,
                        ..Default::default()
                    };
                    value = call.input_value(world);
                }
            }
            "-p" | "-t" | "-n" | "-N" | "-d" | "-i" | "-a" => {
                let operand = rest.next();
                if argument.text == "-a" {
                    names.extend(operand.map(|name| name.text.clone()));
                }
            }
            option if option.starts_with('-') => {}
            name => names.push(name.to_owned()),
        }
    }
    if names.is_empty() {
        names.push(if name == "read" { "REPLY" } else { "MAPFILE" }.to_owned());
    }
    if name != "read"
        || arguments.iter().any(|argument| {
            argument.text.starts_with("-a")
                || argument.text.ends_with('a') && argument.text.starts_with('-')
        })
    {
        let values = match value.as_known() {
            Some(text) if name == "read" => text
                .split_whitespace()
                .map(|word| value.map_text(|_| word.to_owned()))
                .collect(),
            Some(text) => text
                .lines()
                .map(|line| value.map_text(|_| line.to_owned()))
                .collect(),
            None => vec![value],
        };
        shell.arrays.insert(names.remove(0), values);
        return;
    }
    assign_words(shell, world, &names, &value);
}

fn assign_words(shell: &mut Shell, world: &mut World, names: &[String], value: &Value) {
    let Some(text) = value.as_known() else {
        for name in names {
            shell.set(name, value.clone(), false);
        }
        return;
    };
    let line = text.lines().next().unwrap_or_default();
    let separators = shell
        .variables
        .get("IFS")
        .and_then(Value::as_known)
        .unwrap_or(" \t")
        .to_owned();
    let mut rest = line.trim_matches(|c| separators.contains(c));
    for (n, name) in names.iter().enumerate() {
        let end = if n + 1 == names.len() {
            None
        } else {
            rest.find(|c| separators.contains(c))
        };
        let (word, after) = end.map_or((rest, ""), |end| rest.split_at(end));
        let word = vec![super::syntax::Part::Text {
            text: word.to_owned(),
            quoted: true,
        }];
        shell.assign(world, name, &Assigned::Word(word), false);
        rest = after.trim_start_matches(|c| separators.contains(c));
    }
}
