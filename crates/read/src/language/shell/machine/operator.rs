//! The operators of `${…}` (XCU 2.6.2, bash manual 3.5.3).

use model::{Provenance, Value};

use super::super::ast::{Operator, Parameter, Word};
use super::Machine;
use super::lookup::{Found, join, well_known};
use super::pattern::Pattern;

impl<'a> Machine<'a, '_, '_> {
    /// What `${…}` stands for.
    pub(super) fn parameter(&mut self, parameter: &Parameter<'a>) -> Found {
        if !self.world.burn(1) {
            return Found::One(Value::unknown(Provenance::Unknown));
        }
        let Some((name, index)) = self.target(parameter) else {
            return self.keys_or_names(parameter);
        };
        let found = self.look_up(&name, index.as_deref());
        let bytes = match &found {
            Found::One(value) | Found::Unset(value) => value.text.len(),
            Found::Many(values, _) => values.iter().map(|value| value.text.len() + 64).sum(),
        };
        if !self
            .world
            .burn(u64::try_from(bytes / 64).unwrap_or(u64::MAX))
        {
            return Found::One(Value::unknown(Provenance::Unknown));
        }
        match &parameter.operator {
            Operator::None => found,
            Operator::Length => Found::One(length(&found, &name)),
            Operator::Default(kind, colon, word) => {
                self.default(&name, index.as_deref(), found, (*kind, *colon), word)
            }
            Operator::Slice(offset, length) => self.slice(&name, found, offset, *length),
            Operator::Trim { .. } | Operator::Replace(..) | Operator::Case(..) => {
                self.transform(&parameter.operator, told(found, &name))
            }
            Operator::Transform(kind) => transform_value(found, *kind),
            Operator::Names => found,
        }
    }

    /// The name and index meant: those written or, behind `!`, those in the variable. `None` if
    /// not a value but keys or names are asked for.
    fn target(&mut self, parameter: &Parameter<'a>) -> Option<(String, Option<String>)> {
        let written = (
            parameter.name.to_owned(),
            parameter.index.map(str::to_owned),
        );
        if !parameter.indirect {
            return Some(written);
        }
        if matches!(parameter.operator, Operator::Names)
            || matches!(parameter.index, Some("@" | "*"))
        {
            return None;
        }
        let value = match self.look_up(&written.0, written.1.as_deref()) {
            Found::One(value) | Found::Unset(value) => value,
            Found::Many(values, _) => values.into_iter().next_back().unwrap_or_default(),
        };
        Some(match value.text.split_once('[') {
            Some((name, index)) => (
                name.to_owned(),
                Some(index.trim_end_matches(']').to_owned()),
            ),
            None => (value.text, None),
        })
    }

    fn keys_or_names(&mut self, parameter: &Parameter<'a>) -> Found {
        if parameter.index.is_some() {
            let keys = self
                .variables
                .get(parameter.name)
                .map(|variable| variable.keys());
            return Found::Many(keys.unwrap_or_default(), parameter.index == Some("*"));
        }
        let mut names: Vec<&String> = self
            .variables
            .keys()
            .filter(|name| name.starts_with(parameter.name))
            .collect();
        names.sort();
        Found::Many(
            names
                .into_iter()
                .map(|name| Value::literal(name.clone()))
                .collect(),
            false,
        )
    }

    fn default(
        &mut self,
        name: &str,
        index: Option<&str>,
        found: Found,
        (kind, colon): (u8, bool),
        word: &Word<'a>,
    ) -> Found {
        let is_set = match &found {
            Found::Unset(_) => false,
            Found::One(value) => !colon || !value.text.is_empty(),
            Found::Many(values, _) => !values.is_empty(),
        };
        match (kind, is_set) {
            (b'+', true) => Found::One(self.single(word)),
            (b'+', false) => Found::One(Value::literal("")),
            (_, true) => found,
            (b'?', false) => found,
            _ => {
                let value = self.single(word);
                if kind == b'=' {
                    self.assign(name, index, value.clone());
                }
                match found {
                    // Whoever starts the program may set it, but this is what it is else.
                    Found::Unset(outer) if !value.text.is_empty() => {
                        Found::One(outer.from.into_iter().fold(value, Value::with_source))
                    }
                    Found::Unset(outer) => Found::Unset(outer),
                    _ => Found::One(value),
                }
            }
        }
    }

    fn slice(&mut self, name: &str, found: Found, offset: &str, length: Option<&str>) -> Found {
        let offset = if offset.is_empty() {
            Some(0)
        } else {
            self.calculate(offset)
        };
        let length = match length {
            Some("") => Some(Some(0)),
            Some(length) => self.calculate(length).map(Some),
            None => Some(None),
        };
        let (Some(offset), Some(length)) = (offset, length) else {
            return Found::One(unknown_of(&found));
        };
        match told(found, name) {
            Found::Many(mut values, star) => {
                // `$0` is the first of the positional parameters counted from 0.
                let mut offset = offset;
                if matches!(name, "@" | "*") {
                    if offset == 0 {
                        values.insert(0, self.zero.clone());
                    } else if offset > 0 {
                        offset -= 1;
                    }
                }
                let (from, to) = range(values.len(), offset, length);
                Found::Many(values.get(from..to).unwrap_or_default().to_vec(), star)
            }
            Found::One(value) | Found::Unset(value) if value.known => {
                Found::One(value.map_text(|text| cut_out(text, offset, length)))
            }
            other => Found::One(unknown_of(&other)),
        }
    }

    fn transform(&mut self, operator: &Operator<'a>, found: Found) -> Found {
        let change = match operator {
            Operator::Trim {
                suffix,
                longest,
                pattern,
            } => Change::Trim(self.pattern(pattern), *suffix, *longest),
            Operator::Replace(mode, pattern, with) => {
                Change::Replace(self.pattern(pattern), *mode, self.single(with))
            }
            Operator::Case(kind, all) => Change::Case(*kind, *all),
            _ => return found,
        };
        match found {
            Found::Many(values, star) => {
                let values = values
                    .iter()
                    .map(|value| self.changed(value, &change))
                    .collect();
                Found::Many(values, star)
            }
            Found::One(value) | Found::Unset(value) => Found::One(self.changed(&value, &change)),
        }
    }

    /// A value after a change; what cannot be told of an unknown value stays as it is.
    fn changed(&mut self, value: &Value, change: &Change) -> Value {
        let cost = u64::try_from(value.text.len() / 64).unwrap_or(u64::MAX);
        if !self.world.burn(cost) || crate::world::is_placeholder(value) {
            return value.clone();
        }
        let limit = self.world.budget().program_text;
        let changed = match change {
            Change::Trim(pattern, suffix, longest) => pattern.trim(&value.text, *suffix, *longest),
            Change::Replace(pattern, mode, with) => {
                let replaced = pattern.replace(&value.text, *mode, &with.text, limit);
                return match replaced {
                    Some(text) => {
                        let mut out = value.map_text(|_| text);
                        if out.text != value.text {
                            out.append(&with.map_text(|_| String::new()));
                        }
                        out
                    }
                    None => unknown_of(&Found::One(value.clone())),
                };
            }
            Change::Case(kind, all) => Some(change_case(&value.text, *kind, *all)),
        };
        match changed {
            Some(text) => value.map_text(|_| text),
            None => unknown_of(&Found::One(value.clone())),
        }
    }
}

/// A change of a value's text.
enum Change {
    Trim(Pattern, bool, bool),
    Replace(Pattern, u8, Value),
    Case(u8, bool),
}

/// A value that no one assigned but every system sets.
fn told(found: Found, name: &str) -> Found {
    match found {
        Found::Unset(value) => well_known(name).map_or(Found::Unset(value), Found::One),
        other => other,
    }
}

fn unknown_of(found: &Found) -> Value {
    let (Found::One(value) | Found::Unset(value)) = found else {
        return Value::unknown(Provenance::Unknown);
    };
    let mut unknown = value.clone();
    unknown.known = false;
    if !crate::world::is_placeholder(&unknown) {
        "{?}".clone_into(&mut unknown.text);
    }
    unknown
}

fn length(found: &Found, name: &str) -> Value {
    let told = told(found.clone(), name);
    match &told {
        Found::Many(values, _) => Value::literal(values.len().to_string()),
        Found::One(value) if value.known => Value::literal(value.text.chars().count().to_string()),
        other => {
            let mut unknown = Value::unknown(Provenance::Unknown);
            unknown.from = unknown_of(other).from;
            unknown
        }
    }
}

fn transform_value(found: Found, kind: u8) -> Found {
    let change = |value: Value| match kind {
        b'U' => value.map_text(|text| change_case(text, b'^', true)),
        b'u' => value.map_text(|text| change_case(text, b'^', false)),
        b'L' => value.map_text(|text| change_case(text, b',', true)),
        b'E' => value.map_text(super::escape::undo),
        b'Q' => value.map_text(|text| format!("'{}'", text.replace('\'', r"'\''"))),
        b'a' => Value::literal(""),
        _ => value,
    };
    match found {
        Found::One(value) => Found::One(change(value)),
        Found::Unset(value) => Found::Unset(change(value)),
        Found::Many(values, true) => Found::One(change(join(&values, " "))),
        Found::Many(values, false) => Found::Many(values.into_iter().map(change).collect(), false),
    }
}

/// The part of a sequence of `count` that an offset and a length say; negative ones count from
/// the end.
fn range(count: usize, offset: i64, length: Option<i64>) -> (usize, usize) {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let from = if offset < 0 {
        count.saturating_add(offset)
    } else {
        offset
    }
    .clamp(0, count);
    let to = match length {
        None => count,
        Some(length) if length < 0 => count.saturating_add(length),
        Some(length) => from.saturating_add(length),
    };
    let index = |at: i64| usize::try_from(at).unwrap_or_default();
    (index(from), index(to.clamp(from, count)))
}

fn cut_out(text: &str, offset: i64, length: Option<i64>) -> String {
    if text.is_ascii() {
        let (from, to) = range(text.len(), offset, length);
        return text.get(from..to).unwrap_or_default().to_owned();
    }
    let (from, to) = range(text.chars().count(), offset, length);
    text.chars().skip(from).take(to - from).collect()
}

fn change_case(text: &str, kind: u8, all: bool) -> String {
    let change = |c: char| match kind {
        b'^' => c.to_uppercase().next().unwrap_or(c),
        b',' => c.to_lowercase().next().unwrap_or(c),
        _ if c.is_uppercase() => c.to_lowercase().next().unwrap_or(c),
        _ => c.to_uppercase().next().unwrap_or(c),
    };
    let changed = |(at, c): (usize, char)| if all || at == 0 { change(c) } else { c };
    text.chars().enumerate().map(changed).collect()
}
