//! What decides what is done: the code that is run, the program that is started, and who wrote them.

use model::{Act, Behavior, Stream, Value};

use super::vocabulary::{is_interpreter, runs_a_script};

/// The words a program is started with, if an act starts one.
pub fn started(act: &Act) -> Option<(&Value, &[Value])> {
    match &act.behavior {
        Behavior::Execute {
            program, arguments, ..
        } => Some((program, arguments)),
        _ => None,
    }
}

/// Whether any of `arguments` is one of `words`.
pub fn has_word(arguments: &[Value], words: &[&str]) -> bool {
    arguments
        .iter()
        .any(|argument| words.contains(&argument.text.as_str()))
}

/// The code that an act hands to an interpreter, or the program it starts: what decides what is done.
pub fn decided_by(act: &Act) -> Option<&Value> {
    match &act.behavior {
        Behavior::Evaluate { code, .. } => Some(code),
        Behavior::Execute {
            program,
            arguments,
            input: Stream::Text(value),
            ..
        } if is_interpreter(program) && !runs_a_script(program, arguments) => Some(value),
        Behavior::Execute { program, .. } => Some(program),
        _ => None,
    }
}

/// Whether a command (not only an argument of one) that cannot be told stands in `code`: at its
/// start, or where a shell would begin another one.
pub fn is_chosen_elsewhere(code: &Value) -> bool {
    const PREFIXES: &[&str] = &[
        "?>",
        "<?php",
        "<?=",
        "@",
        "return",
        "exec",
        "sudo",
        "nohup",
        "sh -c",
        "bash -c",
        "/bin/sh -c",
        "/bin/bash -c",
        "cmd.exe /c",
        "cmd /c",
        "2>&1",
    ];
    if code.known {
        return false;
    }
    let begins = |part: &str| {
        let mut part = part.trim_start_matches(|c: char| c.is_whitespace() || "\"'(".contains(c));
        while let Some(rest) = PREFIXES.iter().find_map(|prefix| part.strip_prefix(prefix)) {
            part = rest.trim_start_matches(|c: char| c.is_whitespace() || "\"'(".contains(c));
        }
        part.starts_with('{') && !part.starts_with("{ ")
    };
    code.text.split([';', '&', '|', '\n', '`']).any(begins)
}

#[cfg(test)]
mod tests {
    use model::Provenance;

    use super::*;

    #[test]
    fn a_command_is_chosen_where_a_shell_begins_one() {
        let code = |before: &str, after: &str| {
            let mut code = Value::literal(before);
            code.append(&Value::unknown(Provenance::Received(1)));
            code.append(&Value::literal(after));
            is_chosen_elsewhere(&code)
        };
        assert!(code("", ""));
        assert!(code("cd /; ", " 2>&1"));
        assert!(code("id && sh -c \"", "\""));
        assert!(!code("echo ", ""));
        assert!(!code("VERSION=", "; make"));
        assert!(!is_chosen_elsewhere(&Value::literal("{ id; }")));
    }
}
