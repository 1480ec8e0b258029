//! Shells: code behind `-c`, a script, or standard input (POSIX `sh`, and bash's options).

use model::{Language, Value};

use super::{evaluate, is_standard_input, run_input, run_script};
use crate::command::{Call, Ran, execute};
use crate::world::World;

/// Code that a shell keeps for a signal or its end.
pub fn trap(world: &mut World, call: &Call) -> Ran {
    let code = call.arguments.iter().find(|word| word.text != "--");
    match code {
        Some(code)
            if call.arguments.len() > 1 && !code.text.is_empty() && !code.text.starts_with('-') =>
        {
            evaluate(world, Language::Shell, code, "trap", call, Vec::new())
        }
        _ => Ran::silent(),
    }
}

/// What a shell's options and operands say.
#[derive(Default)]
struct ShellLine {
    takes_code: bool,
    from_stdin: bool,
    operands: Vec<Value>,
}

fn shell_line(arguments: &[Value]) -> ShellLine {
    let mut line = ShellLine::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.text.as_str();
        let letters = text
            .strip_prefix(['-', '+'])
            .filter(|text| !text.is_empty());
        match (text, letters) {
            ("--" | "-", _) => break,
            (_, Some(long)) if long.starts_with('-') => {
                if ["-rcfile", "-init-file", "-init-command"].contains(&long) {
                    rest.next();
                }
                line.takes_code |= long == "-command";
            }
            (_, Some(letters)) => {
                line.takes_code |= text.starts_with('-') && letters.contains('c');
                line.from_stdin |= letters.contains('s');
                for _ in letters.chars().filter(|letter| matches!(letter, 'o' | 'O')) {
                    rest.next();
                }
            }
            (_, None) => {
                line.operands.push(argument.clone());
                break;
            }
        }
    }
    line.operands.extend(rest.cloned());
    line
}

pub fn run(world: &mut World, name: &str, call: &Call) -> Ran {
    let line = shell_line(&call.arguments);
    let operand = line.operands.first();
    if line.takes_code {
        return match operand {
            Some(code) => {
                let arguments = line.operands.get(1..).unwrap_or_default().to_vec();
                evaluate(
                    world,
                    Language::Shell,
                    code,
                    &format!("{name} -c"),
                    call,
                    arguments,
                )
            }
            None => Ran::Delivered(execute(world, call)),
        };
    }
    match operand {
        Some(script) if !line.from_stdin && !is_standard_input(script) => {
            run_script(world, name, Language::Shell, script, call, &line.operands)
        }
        _ => {
            let mut arguments = vec![call.program.clone()];
            arguments.extend(line.operands.iter().cloned());
            run_input(world, name, Language::Shell, call, arguments)
        }
    }
}
