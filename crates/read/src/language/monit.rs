//! Configuration of Monit: programs it starts, checks and runs when something happens
//! (<https://mmonit.com/monit/documentation/monit.html>).

use model::{Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/monitrc", "/.monitrc"],
        folders: &["etc/monit.d/", "etc/monit/"],
        named: &[],
    },
    ..FrontEnd::new(Language::Monit, lower)
};

/// Words after which a quoted text is a command.
const BEFORE: &[&str] = &["start", "stop", "restart", "exec", "program"];

/// Lowers the file.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(8) {
            break;
        }
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        world.at(number, line);
        for command in commands(line) {
            let start = Start {
                trigger: Trigger::Init,
                when: "when Monit checks",
                step: "program",
            };
            start.command(world, command);
        }
    }
    Value::literal("")
}

/// The quoted texts of a line that are commands.
fn commands(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['"', '\'']) {
        let (before, quoted) = rest.split_at(at);
        let mark = if quoted.starts_with('"') { '"' } else { '\'' };
        let quoted = quoted.get(1..).unwrap_or_default();
        let (command, after) = quoted.split_once(mark).unwrap_or((quoted, ""));
        let runs = before
            .split_whitespace()
            .any(|word| BEFORE.contains(&word.to_ascii_lowercase().as_str()));
        if runs && !command.is_empty() {
            found.push(command);
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_commands() {
        assert_eq!(
            commands("start program = \"/bin/sh -c 'id'\" with timeout 9"),
            ["/bin/sh -c 'id'"]
        );
        assert_eq!(commands("if failed then exec '/opt/x y'"), ["/opt/x y"]);
        assert!(commands("check file \"x\" path /y").is_empty());
    }
}
