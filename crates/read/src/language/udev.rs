//! Rules of udev: programs run when a device comes or goes (`udev(7)`).

use model::{Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places, quoted};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &[],
        folders: &[],
        named: &[("udev/", ".rules")],
    },
    ..FrontEnd::new(Language::Udev, lower)
};

/// Lowers the rules.
pub fn lower(world: &mut World, text: &str) -> Value {
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if !world.burn(8) {
            break;
        }
        let mut rule = line.trim().to_owned();
        while rule.ends_with('\\') {
            rule.pop();
            rule.push_str(lines.next().map_or("", |(_, line)| line.trim()));
        }
        if rule.starts_with('#') {
            continue;
        }
        world.at(number, &rule);
        for command in commands(&rule) {
            let start = Start {
                trigger: Trigger::Event,
                when: "when a device comes or goes",
                step: "udev",
            };
            start.command(world, &command);
        }
    }
    Value::literal("")
}

/// The commands of a rule: `RUN`, `PROGRAM` and `IMPORT{program}`, with any operator.
fn commands(rule: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = rule;
    while let Some((before, after)) = rest.split_once('"') {
        let key = before
            .trim_start_matches([',', ' ', '\t'])
            .trim_end_matches(['=', '+', '!', ':', ' ']);
        let (value, next) = quoted::text(after);
        let runs = matches!(key, "RUN" | "RUN{program}" | "PROGRAM" | "IMPORT{program}");
        if runs && !value.is_empty() {
            found.push(value);
        }
        rest = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_a_rule() {
        let rule =
            "ACTION==\"add\", SUBSYSTEM==\"net\", RUN+=\"/bin/sh -c 'id'\", RUN{builtin}+=\"kmod\"";
        assert_eq!(commands(rule), ["/bin/sh -c 'id'"]);
        assert_eq!(
            commands("PROGRAM==\"/opt/x %k\", SYMLINK+=\"y\""),
            ["/opt/x %k"]
        );
        assert!(commands("KERNEL==\"sda\", MODE=\"0660\"").is_empty());
    }
}
