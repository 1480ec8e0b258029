//! Expansions that stand in a word only to break it up: `c${x}url`, `w$@get`, `nc$IFS$9-e`.
//!
//! They are empty when the script runs. Read as unknown they would hide the word.

use model::{Provenance, Value};

use super::super::ast::{Operator, Parameter, Part};
use super::super::parser::is_name;
use super::field::without_placeholders;
use super::variable::Variable;
use super::{Machine, glob};

impl Machine<'_, '_, '_> {
    /// Whether the parameter at `at` is nothing but a filler.
    pub(super) fn is_filler(&self, parameter: &Parameter, parts: &[Part], at: usize) -> bool {
        if !matches!(parameter.operator, Operator::None) || parameter.indirect {
            return false;
        }
        let before = at.checked_sub(1).and_then(|at| parts.get(at));
        let after = parts.get(at + 1);
        match parameter.name {
            // Without arguments they are empty. Honest scripts set them off from other text.
            "@" | "*" => {
                let glued = |c: char| c.is_alphanumeric() || "-_./:+%".contains(c);
                self.positional.is_none()
                    && last_of(before).is_some_and(glued)
                    && first_of(after).is_some_and(glued)
            }
            // The ninth argument that nobody gives ends the name before it.
            name if name.bytes().all(|b| b.is_ascii_digit()) => {
                self.positional.is_none()
                    && name != "0"
                    && matches!(before, Some(Part::Parameter(one)) if one.name == "IFS")
            }
            // A name of lower-case letters is by convention none of the environment's; one that
            // the script never sets is empty.
            name => {
                let letter = |c: char| c.is_ascii_alphabetic();
                name.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                    && parameter.index.is_none()
                    && !self.variables.contains_key(name)
                    && !self.world.environment(name).known
                    && last_of(before).is_some_and(letter)
                    && first_of(after).is_some_and(letter)
            }
        }
    }

    /// A variable that nothing sets inside the name of a program (`w${X}get`) can only be empty:
    /// it is then empty in the rest of the command, and from now on.
    pub(super) fn learn_fillers(&mut self, words: &mut [Value]) {
        let Some(first) = words.first() else {
            return;
        };
        if !first.is_supplied() || !first.base_name().contains('{') {
            return;
        }
        let bare = without_placeholders(&first.text);
        if !glob::is_program(bare.rsplit('/').next().unwrap_or(&bare)) {
            return;
        }
        let names: Vec<String> = first.from.iter().filter_map(variable).collect();
        for name in names {
            let placeholder = format!("{{{name}}}");
            for word in words
                .iter_mut()
                .filter(|word| word.text.contains(&placeholder))
            {
                word.text = word.text.replace(&placeholder, "");
                word.from
                    .retain(|from| variable(from).as_ref() != Some(&name));
                word.known = word.from.is_empty();
            }
            self.learn_filler(&name);
        }
    }

    /// A variable that was empty once stays so, unless it is assigned.
    pub(super) fn learn_filler(&mut self, name: &str) {
        if is_name(name) {
            let empty = Variable::one(Value::literal(""));
            self.variables.insert(name.to_owned(), empty);
        }
    }
}

fn variable(from: &Provenance) -> Option<String> {
    match from {
        Provenance::Environment(name) => Some(name.clone()),
        _ => None,
    }
}

fn last_of(part: Option<&Part>) -> Option<char> {
    match part? {
        Part::Literal(text) | Part::Quoted(text) => text.chars().next_back(),
        _ => None,
    }
}

fn first_of(part: Option<&Part>) -> Option<char> {
    match part? {
        Part::Literal(text) | Part::Quoted(text) => text.chars().next(),
        _ => None,
    }
}
