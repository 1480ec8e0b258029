//! The configuration read as code: what starts, what checks, what is run on build.

use base64::Engine;
use model::config::StartField;
use model::{
    Behavior, Budget, ConfigFacts, Fact, Field, Gap, GapReason, ImageConfig, Language, Step, Value,
    Where,
};

use crate::artifact::{self, Member};
use crate::command::{self, Call};
use crate::unfold::encoded;
use crate::world::World;
use crate::{guess, language};

/// Reads a configuration.
pub fn config(config: &ImageConfig, budget: &Budget) -> ConfigFacts {
    let mut reader = Reader {
        config,
        budget,
        facts: ConfigFacts::default(),
    };
    reader.start();
    reader.healthcheck();
    reader.on_build();
    reader.environment();
    reader.history();
    reader.facts
}

struct Reader<'a> {
    config: &'a ImageConfig,
    budget: &'a Budget,
    facts: ConfigFacts,
}

impl<'a> Reader<'a> {
    /// `Entrypoint` followed by `Cmd`; and `Cmd` by itself, for most entrypoints end in
    /// `exec "$@"`.
    fn start(&mut self) {
        let (entrypoint, cmd) = (&self.config.entrypoint, &self.config.cmd);
        let whole: Vec<String> = entrypoint.iter().chain(cmd).cloned().collect();
        // `sh -c` in the entrypoint and the text in `Cmd`: it is `Cmd` that says what is done.
        let carried = !cmd.is_empty()
            && entrypoint
                .last()
                .is_none_or(|last| last.ends_with("-c") || last.ends_with("-ec"));
        let field = if carried {
            StartField::Cmd
        } else {
            StartField::Entrypoint
        };
        self.command(Field::Start(field), &whole);
        if !entrypoint.is_empty()
            && !carried
            && cmd.first().is_some_and(|first| !first.starts_with('-'))
        {
            let cmd = cmd.clone();
            self.command(Field::Start(StartField::Cmd), &cmd);
        }
    }

    fn healthcheck(&mut self) {
        let Some(check) = &self.config.healthcheck else {
            return;
        };
        match check.test.split_first() {
            Some((form, rest)) if form == "CMD" => {
                let rest = rest.to_vec();
                self.command(Field::Healthcheck, &rest);
            }
            Some((form, rest)) if form == "CMD-SHELL" => {
                let text = rest.join(" ");
                self.shell(Field::Healthcheck, &text);
            }
            _ => {}
        }
    }

    /// `ONBUILD RUN …` and its like, as Dockerfile text.
    fn on_build(&mut self) {
        for (n, instruction) in self.config.on_build.iter().enumerate() {
            let (keyword, rest) = instruction
                .trim()
                .split_once(char::is_whitespace)
                .unwrap_or((instruction, ""));
            let runs = ["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"]
                .iter()
                .any(|known| keyword.eq_ignore_ascii_case(known));
            if !runs {
                continue;
            }
            match serde_json::from_str::<Vec<String>>(rest.trim()) {
                Ok(exec) => self.command(Field::OnBuild(n), &exec),
                Err(_) => self.shell(Field::OnBuild(n), rest),
            }
        }
    }

    /// A variable may carry the payload that the start evaluates, plain or encoded.
    fn environment(&mut self) {
        for variable in &self.config.env {
            let Some((name, value)) = variable.split_once('=') else {
                continue;
            };
            let field = Field::Env(name.to_owned());
            let secrets = crate::artifact::secrets(variable.as_bytes(), &[]);
            let secrets = secrets.into_iter().map(|secret| (field.clone(), secret));
            self.facts.facts.extend(secrets);
            if name == "LD_PRELOAD" {
                let mut world = self.world();
                world.at(0, variable);
                for library in value
                    .split([' ', ':'])
                    .filter(|library| !library.is_empty())
                {
                    world.act(Behavior::Preload {
                        library: Value::literal(library),
                    });
                }
                self.take(field.clone(), Language::Preload, Vec::new(), world);
            }
            // Search paths and names are by far the most values; code has blanks or is long.
            if let Some(language) =
                guess::language(value).filter(|_| value.contains([' ', ';', '(']))
            {
                self.text(field, language, value, Vec::new());
            } else if let Some(decoded) = decoded(value)
                && let Some(language) = guess::language(&decoded)
            {
                self.text(field, language, &decoded, vec![Step::new("base64")]);
            } else if let Some((name, decoded)) = encoded::decode(value.trim().as_bytes()) {
                let member = Member::new(*b"", vec![Step::new(name)]);
                self.artifact(&field, &member, decoded);
            }
        }
    }

    /// What ran when the image was built, as far as the history tells.
    fn history(&mut self) {
        for (n, entry) in self.config.history.iter().enumerate() {
            if let Some(command) = built_command(&entry.created_by) {
                self.shell(Field::History(n), command);
            }
        }
    }

    fn world(&self) -> World<'a> {
        let variable = |text: &String| {
            let (name, value) = text.split_once('=')?;
            Some((name.to_owned(), Value::literal(value)))
        };
        World::new(self.budget).with_environment(self.config.env.iter().filter_map(variable))
    }

    fn command(&mut self, field: Field, words: &[String]) {
        let Some((program, arguments)) = words.split_first() else {
            return;
        };
        let mut world = self.world();
        world.at(0, &words.join(" "));
        let arguments = arguments
            .iter()
            .map(|word| Value::literal(word.as_str()))
            .collect();
        command::run(
            &mut world,
            Call::new(Value::literal(program.as_str()), arguments),
        );
        self.take(field, Language::Command, Vec::new(), world);
    }

    fn shell(&mut self, field: Field, text: &str) {
        self.text(field, Language::Shell, text, Vec::new());
    }

    fn text(&mut self, field: Field, language: Language, text: &str, steps: Vec<Step>) {
        let mut world = self.world();
        language::lower(&mut world, language, text);
        self.take(field, language, steps, world);
    }

    fn take(&mut self, field: Field, language: Language, steps: Vec<Step>, world: World<'_>) {
        let mut lowered = world.finish();
        for (inner, reason) in lowered.gaps.iter().chain(&lowered.doubts) {
            let steps = [&steps[..], &inner[..]].concat();
            self.gap(&field, steps, reason.clone());
        }
        for file in std::mem::take(&mut lowered.written) {
            let mut steps = [&steps[..], &file.steps[..]].concat();
            steps.push(Step::new(format!("written to {}", file.path)));
            let member = Member::new(file.path.into_bytes(), steps);
            self.artifact(&field, &member, file.content);
        }
        for fact in lowered.wallets(&steps) {
            self.facts.facts.push((field.clone(), fact));
        }
        if !lowered.acts.is_empty() {
            self.facts.facts.push((
                field,
                Fact::Program(lowered.into_program(language, steps, true)),
            ));
        }
    }

    fn gap(&mut self, field: &Field, steps: Vec<Step>, reason: GapReason) {
        let place = Where {
            field: Some(field.to_string()),
            steps,
            ..Where::default()
        };
        self.facts.gaps.push(Gap { place, reason });
    }

    /// Reads what a field holds encoded, or what its program writes, as a file is read.
    fn artifact(&mut self, field: &Field, member: &Member, content: Vec<u8>) {
        let mut reader = artifact::Reader::new(content.len(), self.budget, None);
        reader.decoded(member, content);
        for fact in reader.reading.facts {
            self.facts.facts.push((field.clone(), fact));
        }
        for gap in reader.reading.gaps.into_iter().filter(|gap| !gap.guessed) {
            self.gap(field, gap.steps, gap.reason);
        }
    }
}

/// A value that is base64 of text, decoded.
fn decoded(value: &str) -> Option<String> {
    let plausible = value.len() >= 16
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=-_".contains(&b));
    if !plausible {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(value)
        .ok()?;
    String::from_utf8(bytes).ok()
}

/// The shell text of a history entry: `/bin/sh -c …` of the classic builder (but not its
/// `#(nop)` records) or `RUN … # buildkit`.
fn built_command(created_by: &str) -> Option<&str> {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim();
    let run = text.strip_prefix("RUN ").unwrap_or(text);
    // Build arguments come first: `|2 A=1 B=2 /bin/sh -c …`.
    let shell = [
        "/bin/sh -c ",
        "/bin/bash -c ",
        "/bin/ash -eo pipefail -c ",
        "/bin/bash -o pipefail -c ",
    ];
    let found = shell
        .iter()
        .filter_map(|shell| run.find(shell).map(|at| (at, at + shell.len())))
        .min();
    match found {
        Some((at, end)) if at == 0 || run.starts_with('|') => {
            let command = &run[end..];
            (!command.trim_start().starts_with("#(nop)")).then_some(command)
        }
        _ => text.starts_with("RUN ").then_some(run),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_yields_the_commands_that_ran() {
        let cases = [
            ("/bin/sh -c apt-get update", Some("apt-get update")),
            ("/bin/sh -c #(nop)  CMD [\"sh\"]", None),
            ("RUN /bin/sh -c id # buildkit", Some("id")),
            ("|1 V=2 /bin/sh -c make", Some("make")),
            ("COPY x /x # buildkit", None),
            ("RUN |1 V=2 /bin/sh -c make # buildkit", Some("make")),
        ];
        for (created_by, command) in cases {
            assert_eq!(built_command(created_by), command, "{created_by}");
        }
    }

    #[test]
    fn what_is_packed_in_a_variable_or_written_at_the_start_is_read() {
        // The script of the fixture, in base64 as `base64` writes it.
        let packed = crate::encoding::base64::encode(include_bytes!("unfold/fixtures/run.sh.xz"));
        let image = ImageConfig {
            env: vec![format!("PAYLOAD={packed}")],
            entrypoint: vec![
                "sh".to_owned(),
                "-c".to_owned(),
                format!("echo {packed} | base64 -d > /srv/x"),
            ],
            ..ImageConfig::default()
        };
        let facts = config(&image, &Budget::default());
        let chains: Vec<String> = facts
            .facts
            .iter()
            .filter_map(|(field, fact)| match fact {
                Fact::Program(program) => {
                    let steps: Vec<&str> =
                        program.steps.iter().map(|step| step.0.as_str()).collect();
                    Some(format!("{field}: {}", steps.join(" > ")))
                }
                _ => None,
            })
            .collect();
        assert!(
            chains.contains(&"Env.PAYLOAD: base64 > xz".to_owned()),
            "{chains:?}"
        );
        let written = |chain: &String| {
            chain.starts_with("Entrypoint: ") && chain.ends_with("written to /srv/x > xz")
        };
        assert!(chains.iter().any(written), "{chains:?}");
    }
}
