//! Programs that run a command for each of many things: xargs, find, parallel.

use model::{Behavior, Provenance, Stream, Value};

use super::{MOST_WORDS, becomes, joined, parse, split_words};
use crate::command::{Call, Ran, run as run_call};
use crate::world::{World, is_placeholder};

/// Most commands one `find` may run.
const FIND_COMMANDS: usize = 16;

pub fn xargs(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(
        call,
        "adEInLPs",
        &[
            "arg-file",
            "delimiter",
            "max-args",
            "max-procs",
            "max-chars",
            "max-lines",
            "process-slot-var",
        ],
    );
    let input = match arguments.value(&["a", "arg-file"]) {
        Some(path) => world.content_of(path),
        None => call.input_value(world),
    };
    let mut words = arguments.operands.clone();
    if words.is_empty() {
        words.push(Value::literal("echo"));
    }
    let items = |input: &Value| -> Vec<Value> {
        if is_placeholder(input) {
            return vec![input.map_text(|text| text.trim().to_owned())];
        }
        if arguments.has(&["0", "null"]) {
            return split_at(input, '\0');
        }
        match arguments.value(&["d", "delimiter"]) {
            Some(delimiter) => {
                let text = delimiter.text.replace("\\n", "\n").replace("\\0", "\0");
                split_at(input, text.chars().next().unwrap_or('\n'))
            }
            None => split_words(input),
        }
    };
    let replaced = arguments
        .value(&["I", "replace"])
        .map(|value| value.text.clone());
    let replaced = replaced.or_else(|| arguments.has(&["i", "replace"]).then(|| "{}".to_owned()));
    let words = match replaced.filter(|mark| !mark.is_empty()) {
        Some(mark) => {
            let lines = if is_placeholder(&input) {
                vec![input.clone()]
            } else {
                split_at(&input, '\n')
            };
            let line = lines.into_iter().next().unwrap_or_default();
            words
                .iter()
                .map(|word| replace(word, &mark, &line))
                .collect()
        }
        None => {
            words.extend(items(&input));
            words
        }
    };
    let mut next = call.clone();
    next.input = Stream::Null;
    becomes(world, &next, &words)
}

/// The parts of a value between separators, empty ones dropped.
fn split_at(value: &Value, separator: char) -> Vec<Value> {
    let parts = value.text.split(separator).filter(|part| !part.is_empty());
    parts
        .take(MOST_WORDS)
        .map(|part| value.map_text(|_| part.to_owned()))
        .collect()
}

/// `word` with `mark` replaced by `value`.
fn replace(word: &Value, mark: &str, value: &Value) -> Value {
    if !word.text.contains(mark) {
        return word.clone();
    }
    // Once is enough to carry the value; a mark many times over could grow without bound.
    let mut out = Value::literal("");
    let mut parts = word.text.splitn(4, mark);
    out.append(&word.map_text(|_| parts.next().unwrap_or_default().to_owned()));
    for part in parts {
        out.append(value);
        out.append(&word.map_text(|_| part.to_owned()));
    }
    out
}

pub fn find(world: &mut World, call: &Call) -> Ran {
    let paths: Vec<Value> = call
        .arguments
        .iter()
        .skip_while(|argument| matches!(argument.text.as_str(), "-H" | "-L" | "-P"))
        .take_while(|argument| !argument.text.starts_with(['-', '(', '!']))
        .cloned()
        .collect();
    let mut names = call.arguments.windows(2).filter_map(|pair| match pair {
        [option, value]
            if matches!(
                option.text.as_str(),
                "-name" | "-iname" | "-path" | "-wholename"
            ) =>
        {
            Some(value)
        }
        _ => None,
    });
    // What is found is named by the folder and the pattern.
    let mut found = paths
        .first()
        .cloned()
        .unwrap_or_else(|| Value::literal("."));
    let name = names.next_back();
    let has_name = name.is_some();
    if let Some(name) = name {
        found.append(&Value::literal("/"));
        found.append(name);
    }
    let found = Value {
        known: false,
        ..found
    }
    .with_source(Provenance::Output("find".to_owned()));
    if call
        .arguments
        .iter()
        .any(|argument| argument.text == "-delete")
    {
        world.act(Behavior::Delete {
            path: found.clone(),
        });
    }
    let mut commands = find_commands(&call.arguments);
    let last = commands.pop();
    for words in commands {
        let words: Vec<Value> = words
            .iter()
            .map(|word| replace(word, "{}", &found))
            .collect();
        if let Some(next) = call.of_words(&words) {
            run_call(world, next);
        }
    }
    match last {
        Some(words) => {
            let words: Vec<Value> = words
                .iter()
                .map(|word| replace(word, "{}", &found))
                .collect();
            becomes(world, call, &words)
        }
        None if has_name => Ran::Prints(found),
        // Whatever lies below: split into words, its source stays with it.
        None => Ran::Prints(
            found.map_text(|text| format!("{}/{{output of find}}", text.trim_end_matches('/'))),
        ),
    }
}

/// The commands after `-exec` and its relatives, up to `;` or `+`.
fn find_commands(arguments: &[Value]) -> Vec<Vec<Value>> {
    let mut commands = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if matches!(
            argument.text.as_str(),
            "-exec" | "-execdir" | "-ok" | "-okdir"
        ) && commands.len() < FIND_COMMANDS
        {
            let ends = |word: &&Value| !matches!(word.text.as_str(), ";" | "\\;" | "+");
            commands.push(rest.by_ref().take_while(ends).cloned().collect());
        }
    }
    commands
}

pub fn parallel(world: &mut World, call: &Call) -> Ran {
    let arguments = parse(
        call,
        "jPaNnLdSIv",
        &[
            "jobs",
            "max-procs",
            "arg-file",
            "delay",
            "timeout",
            "sshlogin",
            "joblog",
            "results",
            "colsep",
            "retries",
        ],
    );
    let is_mark = |word: &&Value| !matches!(word.text.as_str(), ":::" | "::::" | ":::+");
    let template: Vec<Value> = arguments
        .operands
        .iter()
        .take_while(is_mark)
        .cloned()
        .collect();
    let given: Vec<Value> = arguments.operands_from(template.len() + 1).to_vec();
    let item = match (given.first(), arguments.operand(template.len())) {
        (Some(path), Some(mark)) if mark.text == "::::" => world.content_of(path),
        (Some(item), _) => item.clone(),
        (None, _) => call.input_value(world),
    };
    let mut next = call.clone();
    next.input = Stream::Null;
    if template.is_empty() {
        // Without a command, each item is one.
        let all = if given.is_empty() {
            item
        } else {
            lines(&given)
        };
        return Ran::becomes(next.of_shell_code(all));
    }
    let item = item.map_text(|text| text.trim_end().to_owned());
    let mut words: Vec<Value> = template
        .iter()
        .map(|word| replace(word, "{}", &item))
        .collect();
    if words == template {
        words.push(item);
    }
    Ran::becomes(next.of_shell_code(joined(&words)))
}

/// Values as lines of one text.
fn lines(values: &[Value]) -> Value {
    values.iter().fold(Value::literal(""), |mut all, value| {
        all.append(value);
        all.append(&Value::literal("\n"));
        all
    })
}
