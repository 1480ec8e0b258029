//! systemd units: `systemd.service(5)`, `systemd.timer(5)`, `systemd.exec(5)`.

use model::{Behavior, Language, Step, Value};

use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &[],
        folders: &[],
        named: &[
            ("systemd/", ".service"),
            ("systemd/", ".timer"),
            ("systemd/", ".socket"),
            ("systemd/", ".path"),
        ],
    },
    ..FrontEnd::new(Language::Systemd, lower)
};

/// Lowers a unit: every `Exec…=` line is run, a timer is a schedule, `Environment=` is set.
pub fn lower(world: &mut World, text: &str) -> Value {
    let boots = text
        .lines()
        .any(|line| line.trim_start().starts_with("WantedBy="));
    for (number, line) in logical_lines(text) {
        if !world.burn(8) {
            break;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        world.at(number, &line);
        if key.starts_with("Exec") && !value.is_empty() {
            exec(world, key, value, boots);
        } else if key.starts_with("On") && (key.ends_with("Sec") || key == "OnCalendar") {
            let command = Value::literal("");
            world.act(Behavior::Schedule {
                when: Value::literal(value),
                command,
            });
        }
    }
    Value::literal("")
}

fn exec(world: &mut World, key: &str, value: &str, boots: bool) {
    // "-", "@", ":", "+", "!" and "!!" before the path change how it is run, not what.
    let command = value.trim_start_matches(['-', '@', ':', '+', '!']);
    if boots && key == "ExecStart" {
        world.act(Behavior::Schedule {
            when: Value::literal("at boot"),
            command: Value::literal(command),
        });
    }
    world.inside(Step::new(key), |world| {
        super::lower(world, Language::Command, command)
    });
}

/// Lines with their numbers, continuations joined, comments left out.
fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';', '[']) {
            continue;
        }
        let (content, continues) = match trimmed.strip_suffix('\\') {
            Some(content) => (content, true),
            None => (trimmed, false),
        };
        match lines.last_mut() {
            Some((_, last)) if open => {
                last.push(' ');
                last.push_str(content);
            }
            _ => lines.push((number, content.to_owned())),
        }
        open = continues;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continued_lines_are_one() {
        let lines = logical_lines("[Service]\n# no\nExecStart=/bin/sh -c \\\n  'id'\nUser=x\n");
        assert_eq!(
            lines,
            [
                (3, "ExecStart=/bin/sh -c  'id'".to_owned()),
                (5, "User=x".to_owned())
            ]
        );
    }
}
