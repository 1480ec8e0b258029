//! sed: the commands that scripts use to change a line here and there (POSIX sed).

use model::{Provenance, Step, Value};

use super::pattern::{Groups, Pattern};
use super::{burn_steps, printed, source};
use crate::command::{Arguments, Call, Grammar, Ran};
use crate::world::{World, is_placeholder};

mod script;

use script::{Action, Address, Command, Parser, Part};

/// Most matching steps one `sed` may take.
const STEPS: u64 = 2_000_000;

/// Runs sed.
pub fn run(world: &mut World, call: &Call) -> Ran {
    let grammar = Grammar {
        short: "efl",
        long: &["expression", "file", "line-length"],
        ..Grammar::default()
    };
    let arguments = Arguments::parse(&grammar, &call.arguments);
    let mut script = Value::literal("");
    for part in arguments.values(&["e", "expression"]) {
        script.append(part);
        script.append(&Value::literal("\n"));
    }
    for file in arguments.values(&["f", "file"]) {
        script.append(&world.content_of(file));
    }
    let mut operands = arguments.operands.as_slice();
    if script.text.is_empty()
        && let Some((first, rest)) = operands.split_first()
    {
        script = first.clone();
        operands = rest;
    }
    let is_extended = arguments.has(&["E", "r", "regexp-extended"]);
    let commands = Parser::parse(&script.text, is_extended);
    for command in commands.iter().flatten() {
        if let Action::Execute(code) = &command.action {
            let code = script.map_text(|_| code.clone());
            world.evaluate(model::Language::Shell, &code, Step::new("sed e"));
        }
    }
    let quiet = arguments.has(&["n", "quiet", "silent"]);
    if arguments.has(&["i", "in-place"]) {
        for file in operands {
            edit_file(world, file, &script, is_extended, quiet);
        }
        return Ran::silent();
    }
    let value = source(world, call, operands);
    let result = edit(world, &value, &script, commands, quiet);
    printed(world, result)
}

/// The value after the script; of a value or script that cannot be followed, the provenance.
fn edit(
    world: &mut World,
    value: &Value,
    script: &Value,
    commands: Option<Vec<Command>>,
    quiet: bool,
) -> Value {
    if is_placeholder(value) {
        return value.clone();
    }
    let mut result = value.clone();
    result.known &= script.known;
    for from in &script.from {
        result = result.with_source(from.clone());
    }
    let limit = world.budget().program_text;
    let mut steps = STEPS;
    let edited =
        commands.and_then(|commands| apply(commands, &value.text, quiet, limit, &mut steps));
    if !burn_steps(world, STEPS - steps) || steps == 0 {
        world.gap("an edit by sed takes more steps than are followed");
    }
    match edited {
        Some(text) => result.text = text,
        None => {
            "{?}".clone_into(&mut result.text);
            result.known = false;
        }
    }
    result
}

/// `sed -i`: what is known of the file is edited; of another, what the script puts in is written.
fn edit_file(world: &mut World, file: &Value, script: &Value, is_extended: bool, quiet: bool) {
    let commands = Parser::parse(&script.text, is_extended);
    if let Some(content) = world
        .written(&file.text)
        .cloned()
        .filter(|content| !is_placeholder(content))
    {
        let result = edit(world, &content, script, commands, quiet);
        world.write(file.clone(), result, false);
        return;
    }
    let mut added = String::new();
    for command in commands.iter().flatten() {
        match &command.action {
            Action::Text(_, text) => added.push_str(text),
            Action::Substitute { replacement, .. } => {
                for part in replacement {
                    if let Part::Text(text) = part {
                        added.push_str(text);
                    }
                }
                added.push('\n');
            }
            _ => {}
        }
    }
    let is_whole = commands
        .iter()
        .flatten()
        .all(|command| matches!(command.action, Action::Text(..)));
    let mut content = script.map_text(|_| added);
    if !is_whole {
        content.known = false;
        content = content.with_source(Provenance::File(file.text.clone()));
    }
    world.write(file.clone(), content, true);
}

fn apply(
    mut commands: Vec<Command>,
    text: &str,
    quiet: bool,
    limit: usize,
    steps: &mut u64,
) -> Option<String> {
    let mut out = String::new();
    let count = text.lines().count();
    for (at, line) in text.lines().enumerate() {
        let mut line: Vec<char> = line.chars().collect();
        let (mut after, mut deleted, mut quits) = (String::new(), false, false);
        for command in &mut commands {
            if !selects(command, &line, at + 1, count, steps) {
                continue;
            }
            match &command.action {
                Action::Substitute {
                    pattern,
                    replacement,
                    all,
                    occurrence,
                    prints,
                } => {
                    if let Some(changed) =
                        substitute(pattern, replacement, &line, *all, *occurrence, steps, limit)?
                    {
                        line = changed;
                        if *prints {
                            out.extend(line.iter());
                            out.push('\n');
                        }
                    }
                }
                Action::Transliterate(pairs) => {
                    for c in &mut line {
                        if let Some(to) = pairs.get(c) {
                            *c = *to;
                        }
                    }
                }
                Action::Delete => deleted = true,
                Action::Print => {
                    out.extend(line.iter());
                    out.push('\n');
                }
                Action::Quit => quits = true,
                Action::Text('i', text) => out.push_str(text),
                Action::Text('c', text) => {
                    out.push_str(text);
                    deleted = true;
                }
                Action::Text(_, text) => after.push_str(text),
                Action::Execute(_) | Action::Nothing => {}
            }
            if deleted || quits {
                break;
            }
        }
        if !deleted && !quiet {
            out.extend(line.iter());
            if at + 1 < count || text.ends_with('\n') || !after.is_empty() {
                out.push('\n');
            }
        }
        out.push_str(&after);
        if quits {
            break;
        }
        if out.len() > limit || *steps == 0 {
            return None;
        }
    }
    Some(out)
}

fn selects(
    command: &mut Command,
    line: &[char],
    number: usize,
    count: usize,
    steps: &mut u64,
) -> bool {
    *steps = steps.saturating_sub(1);
    let mut hits = |address: &Address| match address {
        Address::All => true,
        Address::Number(wanted) => *wanted == number,
        Address::Last => number == count,
        Address::Matching(pattern) => pattern.find(line, 0, steps).is_some(),
    };
    let selected = match &command.last {
        None => hits(&command.first),
        Some(last) if command.is_open => {
            command.is_open = !hits(last);
            true
        }
        Some(last) => {
            let starts = hits(&command.first);
            let ends_at_once = matches!(last, Address::Number(end) if *end <= number);
            command.is_open = starts && !ends_at_once;
            starts
        }
    };
    selected != command.negated
}

/// The line with matches replaced; `Some(None)` if nothing matched, `None` if it grows too long.
fn substitute(
    pattern: &Pattern,
    replacement: &[Part],
    line: &[char],
    all: bool,
    occurrence: usize,
    steps: &mut u64,
    limit: usize,
) -> Option<Option<Vec<char>>> {
    let mut out: Vec<char> = Vec::new();
    let (mut at, mut seen, mut changed) = (0, 0, false);
    while at <= line.len() {
        let Some(groups) = pattern.find(line, at, steps) else {
            break;
        };
        let (start, end) = groups.first().copied().flatten()?;
        out.extend(line.get(at..start)?);
        seen += 1;
        if seen >= occurrence {
            replace(&mut out, replacement, line, &groups);
            changed = true;
        } else {
            out.extend(line.get(start..end)?);
        }
        if end == start {
            out.extend(line.get(start));
        }
        at = end.max(start + 1);
        if out.len() > limit {
            return None;
        }
        if changed && !all {
            break;
        }
    }
    out.extend(line.get(at..).unwrap_or_default());
    Some(changed.then_some(out))
}

fn replace(out: &mut Vec<char>, replacement: &[Part], line: &[char], groups: &Groups) {
    for part in replacement {
        match part {
            Part::Text(text) => out.extend(text.chars()),
            Part::Group(number) => {
                if let Some((start, end)) = groups.get(*number).copied().flatten() {
                    out.extend(line.get(start..end).unwrap_or_default());
                }
            }
        }
    }
}
