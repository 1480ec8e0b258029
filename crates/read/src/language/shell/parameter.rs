//! `${name…}`: parameters and what is done to their values.

use model::{Provenance, Value};

use super::expand;
use super::interpret::Shell;
use super::syntax::{Operation, Word};
use crate::world::World;

/// Longest text a pattern is tried on position by position, in characters.
const MATCHED: usize = 4_096;

impl Shell {
    /// The value of a parameter after its operation.
    pub fn parameter(&mut self, world: &mut World, name: &str, operation: &Operation) -> Value {
        match operation {
            Operation::Plain | Operation::Transform => self.value(world, name),
            Operation::Length => self.length(world, name),
            Operation::Indirect => {
                let inner = self.value(world, name);
                match inner.as_known() {
                    Some(name) => self.value(world, &name.to_owned()),
                    None => inner,
                }
            }
            Operation::Default(word, assign) => self.or_default(world, name, word, *assign),
            Operation::Alternative(word) => self.expand_one(world, word),
            Operation::Trim {
                pattern,
                suffix,
                longest,
            } => {
                let pattern = self.expand_one(world, pattern).text;
                self.value(world, name)
                    .map_text(|text| trimmed(text, &pattern, *suffix, *longest))
            }
            Operation::Replace { pattern, with, all } => {
                let pattern = self.expand_one(world, pattern).text;
                let with = self.expand_one(world, with).text;
                self.value(world, name)
                    .map_text(|text| replaced(text, &pattern, &with, *all))
            }
            Operation::Slice(offset, length) => self.slice(world, name, offset, length.as_deref()),
            Operation::Case(upper, all) => self
                .value(world, name)
                .map_text(|text| cased(text, *upper, *all)),
        }
    }

    fn or_default(&mut self, world: &mut World, name: &str, word: &Word, assign: bool) -> Value {
        let held = self.value(world, name);
        let is_set = !held.text.is_empty() && (held.known || !held.is_supplied());
        if is_set {
            return held;
        }
        let value = self.expand_one(world, word);
        if value.text.is_empty() {
            return held;
        }
        if assign {
            self.set(name, value.clone(), false);
        }
        value
    }

    /// The value of a parameter: a variable, an element, a positional or a special one.
    pub fn value(&self, world: &World, name: &str) -> Value {
        if let Some((array, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            return self.element(world, array, index);
        }
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        if let Some(values) = self.arrays.get(name) {
            return values.first().cloned().unwrap_or_default();
        }
        match name {
            "@" | "*" => joined(self.list(name)),
            "#" | "?" | "$" | "!" | "-" | "_" | "RANDOM" | "SECONDS" | "LINENO" | "PPID" => {
                Value::unknown(Provenance::Unknown)
            }
            _ if name.bytes().all(|byte| byte.is_ascii_digit()) => {
                let known = name
                    .parse::<usize>()
                    .ok()
                    .and_then(|n| self.arguments.get(n))
                    .cloned();
                // Arguments that are told end somewhere; if none is told, there may be any.
                let missing = || {
                    if self.arguments.is_empty() {
                        Value::unknown(Provenance::Argument)
                    } else {
                        Value::literal("")
                    }
                };
                known.unwrap_or_else(missing)
            }
            "HOME" => known_or(world, name, "/root"),
            "PWD" | "OLDPWD" => known_or(world, name, "/"),
            "IFS" => Value::literal(" \t\n"),
            _ => world.environment(name),
        }
    }

    fn element(&self, world: &World, array: &str, index: &str) -> Value {
        if matches!(index, "@" | "*") {
            return joined(self.list(&format!("{array}[{index}]")));
        }
        let lookup = |name: &str| self.variables.get(name)?.as_known()?.parse::<i64>().ok();
        let index = expand::arithmetic(index, &lookup);
        let Some(values) = self.arrays.get(array) else {
            return if index == Some(0) {
                self.value(world, array)
            } else {
                Value::unknown(Provenance::Unknown)
            };
        };
        let length = i64::try_from(values.len()).unwrap_or(i64::MAX);
        let at = index.map(|index| if index < 0 { index + length } else { index });
        let value = at
            .and_then(|at| usize::try_from(at).ok())
            .and_then(|at| values.get(at));
        value
            .cloned()
            .unwrap_or_else(|| Value::unknown(Provenance::Unknown))
    }

    fn length(&self, world: &World, name: &str) -> Value {
        if name.ends_with("[@]") || name.ends_with("[*]") || matches!(name, "@" | "*") {
            return Value::literal(self.list(name).len().to_string());
        }
        let value = self.value(world, name);
        match value.as_known() {
            Some(text) => Value::literal(text.chars().count().to_string()),
            None => Value::unknown(Provenance::Unknown),
        }
    }

    fn slice(&mut self, world: &World, name: &str, offset: &str, length: Option<&str>) -> Value {
        let lookup = |name: &str| self.variables.get(name)?.as_known()?.parse::<i64>().ok();
        let number = |text: &str| expand::arithmetic(&text.replace(['{', '}', '$'], ""), &lookup);
        let Some(offset) = number(offset) else {
            return Value::unknown(Provenance::Unknown);
        };
        let length = match length.map(number) {
            Some(None) => return Value::unknown(Provenance::Unknown),
            Some(Some(length)) => Some(length),
            None => None,
        };
        if name.ends_with("[@]") || matches!(name, "@" | "*") {
            // `${@:2}`: positions count from `$0`.
            let mut list = self.list(name);
            let skip = usize::try_from(if name.ends_with(']') {
                offset
            } else {
                offset - 1
            })
            .unwrap_or(0);
            list.drain(..skip.min(list.len()));
            list.truncate(
                length
                    .and_then(|length| usize::try_from(length).ok())
                    .unwrap_or(list.len()),
            );
            return joined(list);
        }
        let value = self.value(world, name);
        if !value.known {
            return value;
        }
        value.map_text(|text| sliced(text, offset, length))
    }
}

fn known_or(world: &World, name: &str, usual: &str) -> Value {
    let value = world.environment(name);
    if value.known {
        value
    } else {
        Value::literal(usual)
    }
}

fn joined(values: Vec<Value>) -> Value {
    let mut all = Value::literal("");
    for (n, value) in values.iter().enumerate() {
        if n > 0 {
            all.append(&Value::literal(" "));
        }
        all.append(value);
    }
    all
}

fn sliced(text: &str, offset: i64, length: Option<i64>) -> String {
    let count = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let from = if offset < 0 {
        (count + offset).max(0)
    } else {
        offset.min(count)
    };
    let to = match length {
        None => count,
        Some(length) if length < 0 => (count + length).max(from),
        Some(length) => from.saturating_add(length).min(count),
    };
    let (from, to) = (
        usize::try_from(from).unwrap_or(0),
        usize::try_from(to).unwrap_or(0),
    );
    text.chars()
        .skip(from)
        .take(to.saturating_sub(from))
        .collect()
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

fn trimmed(text: &str, pattern: &str, suffix: bool, longest: bool) -> String {
    if !is_pattern(pattern) {
        let rest = if suffix {
            text.strip_suffix(pattern)
        } else {
            text.strip_prefix(pattern)
        };
        return rest.unwrap_or(text).to_owned();
    }
    let borders: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .take(MATCHED)
        .collect();
    let part = |at: usize| if suffix { &text[at..] } else { &text[..at] };
    // The shortest suffix starts last, the shortest prefix ends first.
    let from_end = suffix != longest;
    let found = if from_end {
        borders
            .iter()
            .rev()
            .find(|&&at| expand::matches(pattern, part(at)))
    } else {
        borders
            .iter()
            .find(|&&at| expand::matches(pattern, part(at)))
    };
    match found {
        Some(&at) if suffix => text[..at].to_owned(),
        Some(&at) => text[at..].to_owned(),
        None => text.to_owned(),
    }
}

fn replaced(text: &str, pattern: &str, with: &str, all: bool) -> String {
    if pattern.is_empty() {
        return text.to_owned();
    }
    if !is_pattern(pattern) {
        return if all {
            text.replace(pattern, with)
        } else {
            text.replacen(pattern, with, 1)
        };
    }
    let mut out = String::new();
    let mut rest = text;
    let mut tried = 0;
    while let Some(c) = rest.chars().next() {
        tried += 1;
        if tried > MATCHED {
            break;
        }
        // A pattern of one character matches one; others are tried longest first.
        let ends = rest
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take(64)
            .collect::<Vec<_>>();
        match ends
            .iter()
            .rev()
            .find(|&&end| expand::matches(pattern, &rest[..end]))
        {
            Some(&end) => {
                out.push_str(with);
                rest = &rest[end..];
                if !all {
                    break;
                }
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out + rest
}

fn cased(text: &str, upper: bool, all: bool) -> String {
    let change = |text: &str| {
        if upper {
            text.to_uppercase()
        } else {
            text.to_lowercase()
        }
    };
    if all {
        return change(text);
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        change(first.encode_utf8(&mut [0; 4])) + chars.as_str()
    })
}
