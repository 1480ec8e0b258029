//! POSIX shell and its relatives (bash, dash, ash, zsh, ksh), followed without being run.
//!
//! [`parse`] turns text into a tree, tolerantly; [`interpret`] walks it once: every branch is taken,
//! variables are followed, substitutions expanded, and each simple command handed to
//! [`crate::command`], which knows what it means.

use model::Value;

use crate::command::{self, Call};
use crate::world::World;

mod builtin;
mod expand;
mod interpret;
mod parameter;
mod parse;
mod syntax;
mod word;

/// Lowers a text and returns what it prints.
pub fn lower(world: &mut World, text: &str) -> Value {
    interpret::Shell::new(world).script(world, text)
}

/// Lowers one command line that no shell parses: systemd's `Exec…=`. Words are split at blanks
/// outside quotes, `${NAME}` and `$NAME` are expanded, and operators mean nothing.
pub fn lower_command(world: &mut World, text: &str) -> Value {
    let mut shell = interpret::Shell::new(world);
    let mut reader = word::Reader::new(text);
    let mut words = Vec::new();
    while reader.peek().is_some() {
        let before = reader.at;
        let parts = reader.word();
        if reader.at == before {
            let operator = reader.take_char().filter(|c| !c.is_whitespace());
            words.extend(operator.map(|c| Value::literal(c.to_string())));
            continue;
        }
        words.extend(shell.expand(world, &parts));
    }
    let mut words = words.into_iter();
    match words.next() {
        Some(program) => command::run(world, Call::new(program, words.collect())),
        None => Value::literal(""),
    }
}

#[cfg(test)]
mod tests;
