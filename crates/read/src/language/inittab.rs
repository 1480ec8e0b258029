//! `inittab`: `id:runlevels:action:process` (`inittab(5)` of System V init; BusyBox `init.c`, whose
//! id is a terminal).

use model::{Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places, Signs};
use crate::world::World;

/// Actions that start their process.
const ACTIONS: &[&str] = &[
    "respawn",
    "wait",
    "once",
    "boot",
    "bootwait",
    "sysinit",
    "ondemand",
    "powerwait",
    "powerfail",
    "powerokwait",
    "powerfailnow",
    "ctrlaltdel",
    "kbrequest",
    "askfirst",
    "restart",
    "shutdown",
];

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/inittab"],
        folders: &["etc/inittab.d/"],
        named: &[],
    },
    signs: Signs::Whole(is_inittab),
    ..FrontEnd::new(Language::Inittab, lower)
};

fn is_inittab(text: &str) -> bool {
    let mut lines = significant(text).peekable();
    lines.peek().is_some()
        && lines.all(|(_, line)| entry(line).is_some() || line.contains(":initdefault:"))
}

fn significant(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let lines = (1..).zip(text.lines().map(str::trim));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// Action and process of a line that starts something.
fn entry(line: &str) -> Option<(&str, &str)> {
    let mut fields = line.splitn(4, ':').skip(2);
    let (action, process) = (fields.next()?, fields.next()?);
    // "-" makes a login shell, "+" leaves the accounting out.
    let process = process.trim_start_matches(['-', '+']).trim();
    (ACTIONS.contains(&action) && !process.is_empty()).then_some((action, process))
}

/// Lowers the table.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in significant(text) {
        if !world.burn(8) {
            break;
        }
        if let Some((action, process)) = entry(line) {
            world.at(number, line);
            let start = Start {
                trigger: Trigger::Init,
                when: action,
                step: "inittab",
            };
            start.shell(world, process);
        }
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_are_found_in_both_flavours() {
        assert_eq!(entry("::respawn:-/bin/sh"), Some(("respawn", "/bin/sh")));
        assert_eq!(entry("x:2345:once:/opt/a -b"), Some(("once", "/opt/a -b")));
        assert_eq!(entry("id:3:initdefault:"), None);
        assert_eq!(entry("root:x:0:0:root:/root:/bin/sh"), None);
        assert!(is_inittab("id:3:initdefault:\n::sysinit:/x\n"));
        assert!(!is_inittab("a:b:c\n"));
    }
}
