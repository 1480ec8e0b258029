//! Strings and their patterns.
//!
//! Source: The Lua 5.4 Reference Manual, 6.4 "String Manipulation", 6.4.1 "Patterns".

use std::rc::Rc;

use model::Value;
use regex::{Regex, RegexBuilder};

use super::tables;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;
use crate::language::script::{format, texts as shared};

/// Most bytes of a compiled pattern.
const COMPILED: usize = 1 << 20;

/// Most matches of one call.
const MATCHES: usize = 65_536;

/// `string.char(…)`.
pub fn from_codes(interpreter: &mut Interpreter, codes: &[Object]) -> Option<Object> {
    let mut text = String::new();
    let mut items = Vec::new();
    for code in codes {
        match code {
            Object::Tuple(inner) => items.extend(inner.iter().cloned()),
            other => items.push(other.clone()),
        }
    }
    for code in &items {
        match code
            .as_int()
            .and_then(|code| u32::try_from(code).ok())
            .and_then(char::from_u32)
        {
            Some(c) => text.push(c),
            None => {
                let from = items.iter().flat_map(|item| interpreter.heap.sources(item));
                let from = from.collect();
                return Some(Object::from_sources(from));
            }
        }
    }
    interpreter.may_make(text.len()).then(|| Object::text(text))
}

/// Calls a method of a text.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let value = match receiver {
        Object::Text(value) => value.clone(),
        Object::Int(_) | Object::Bytes(_) => Rc::new(interpreter.value_of(receiver)),
        _ => return None,
    };
    let own = Object::Text(value.clone());
    let first = arguments.plain.first();
    let same = match name {
        "lower" | "upper" => {
            return shared::method(interpreter, &value, name, &Arguments::default());
        }
        "format" => {
            let items = Object::Tuple(Rc::new(arguments.plain.clone()));
            return Some(format::percent(interpreter, &own, &items));
        }
        "gsub" => return replaced(interpreter, &value, arguments),
        "gmatch" | "match" | "find" => return matched(interpreter, &value, name, arguments),
        _ => value.known && interpreter.may_make(value.text.len()),
    };
    if !same {
        return None;
    }
    let characters = value.text.chars();
    let map = |text: String| Object::Text(Rc::new(value.map_text(|_| text)));
    let length = i128::try_from(value.text.chars().count()).ok()?;
    let place = |at: i128| {
        if at < 0 {
            (length + at + 1).max(1)
        } else {
            at.max(1)
        }
    };
    Some(match name {
        "len" => Object::Int(length),
        "reverse" => map(characters.rev().collect()),
        "rep" => {
            let times = usize::try_from(first?.as_int()?).ok()?;
            let total = value.text.len().checked_mul(times)?;
            if total > 1 << 22 || !interpreter.may_make(total) {
                return None;
            }
            map(value.text.repeat(times))
        }
        "sub" => {
            let start = place(first.map_or(Some(1), Object::as_int)?);
            let end = match arguments.plain.get(1) {
                Some(end) => match end.as_int()? {
                    at if at < 0 => length + at + 1,
                    at => at.min(length),
                },
                None => length,
            };
            let (skip, take) = (
                usize::try_from(start - 1).ok()?,
                usize::try_from((end - start + 1).max(0)).ok()?,
            );
            match value.text.is_ascii() {
                true => {
                    let end = skip.saturating_add(take).min(value.text.len());
                    map(value.text.get(skip..end).unwrap_or_default().to_owned())
                }
                false => map(characters.skip(skip).take(take).collect()),
            }
        }
        "byte" => {
            let start = place(first.map_or(Some(1), Object::as_int)?);
            let end = arguments.plain.get(1).map_or(Some(start), Object::as_int)?;
            let end = if end < 0 {
                length + end + 1
            } else {
                end.min(length)
            };
            let skip = usize::try_from(start - 1).ok()?;
            let take = usize::try_from((end - start + 1).max(0)).ok()?;
            let mut codes: Vec<Object> = match value.text.is_ascii() && take == 1 {
                true => value
                    .text
                    .as_bytes()
                    .get(skip)
                    .map(|byte| Object::Int(i128::from(*byte)))
                    .into_iter()
                    .collect(),
                false => characters
                    .skip(skip)
                    .take(take)
                    .map(|c| Object::Int(i128::from(u32::from(c))))
                    .collect(),
            };
            match codes.len() {
                0 => Object::None,
                1 => codes.pop()?,
                _ => Object::Tuple(Rc::new(codes)),
            }
        }
        _ => return None,
    })
}

/// A pattern as a regular expression.
fn compiled(interpreter: &mut Interpreter, pattern: &str) -> Option<Regex> {
    if !interpreter.burn(100) {
        return None;
    }
    let mut out = String::new();
    let mut characters = pattern.chars().peekable();
    let mut in_set = false;
    while let Some(c) = characters.next() {
        match c {
            '%' => {
                let class = characters.next()?;
                let inner = match class.to_ascii_lowercase() {
                    'a' => "A-Za-z",
                    'd' => "0-9",
                    'x' => "0-9A-Fa-f",
                    's' => "\\s",
                    'w' => "A-Za-z0-9",
                    'l' => "a-z",
                    'u' => "A-Z",
                    'p' => "!-/:-@\\[-`{-~",
                    'c' => "\\x00-\\x1f",
                    // Balanced parts and frontiers.
                    'b' | 'f' => return None,
                    _ => {
                        out.push_str(&regex::escape(&class.to_string()));
                        continue;
                    }
                };
                match (in_set, class.is_ascii_uppercase()) {
                    (true, _) => out.push_str(inner),
                    (false, true) => out.push_str(&format!("[^{inner}]")),
                    (false, false) => out.push_str(&format!("[{inner}]")),
                }
            }
            '[' if !in_set => {
                in_set = true;
                out.push('[');
                if characters.peek() == Some(&'^') {
                    characters.next();
                    out.push('^');
                }
            }
            ']' if in_set => {
                in_set = false;
                out.push(']');
            }
            '-' if !in_set => out.push_str("*?"),
            '\\' | '{' | '}' | '|' => {
                out.push('\\');
                out.push(c);
            }
            '[' | '&' | '~' if in_set => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    RegexBuilder::new(&out)
        .dot_matches_new_line(true)
        .size_limit(COMPILED)
        .dfa_size_limit(COMPILED)
        .build()
        .ok()
}

/// Groups of a match, or all of it.
fn groups(captures: &regex::Captures) -> Vec<Object> {
    let first = usize::from(captures.len() > 1);
    let groups = captures.iter().skip(first);
    groups
        .map(|group| group.map_or(Object::None, |group| Object::text(group.as_str())))
        .collect()
}

/// `text:gsub(pattern, replacement)`.
fn replaced(
    interpreter: &mut Interpreter,
    value: &Rc<Value>,
    arguments: &Arguments,
) -> Option<Object> {
    let pattern = arguments.plain.first()?.as_text()?.to_owned();
    let by = arguments.plain.get(1)?.clone();
    if !value.known || !interpreter.may_make(value.text.len()) {
        return None;
    }
    let regex = compiled(interpreter, &pattern)?;
    let most = match arguments.plain.get(2).and_then(Object::as_int) {
        Some(most) => usize::try_from(most).ok()?,
        None => MATCHES,
    };
    let mut whole = value.map_text(|_| String::new());
    let mut behind = 0;
    for captures in regex.captures_iter(&value.text).take(most) {
        let found = captures.get(0)?;
        whole.text.push_str(value.text.get(behind..found.start())?);
        behind = found.end();
        let new = match &by {
            Object::Text(by) => {
                let mut text = by.text.replace("%0", found.as_str());
                for at in 1..captures.len().min(10) {
                    let group = captures.get(at).map_or("", |group| group.as_str());
                    text = text.replace(&format!("%{at}"), group);
                }
                Object::text(text.replace("%%", "%"))
            }
            Object::Dictionary(_) | Object::List(_) => {
                let key = groups(&captures).into_iter().next()?;
                tables::found(interpreter, &by, &key).unwrap_or(Object::None)
            }
            callee => interpreter.call_plain(callee, groups(&captures)),
        };
        match new {
            Object::None | Object::Bool(false) => whole.text.push_str(found.as_str()),
            other => whole.append(&interpreter.value_of(&other)),
        }
        if !interpreter.may_make(found.len() + 32) {
            return None;
        }
    }
    whole.text.push_str(value.text.get(behind..)?);
    Some(Object::of_value(whole))
}

/// `gmatch`, `match` and `find`.
fn matched(
    interpreter: &mut Interpreter,
    value: &Rc<Value>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let pattern = arguments.plain.first()?.as_text()?.to_owned();
    if !value.known || !interpreter.may_make(value.text.len()) {
        return None;
    }
    let is_plain = arguments.plain.get(2).is_some();
    let regex = match name == "find" && is_plain {
        true => Regex::new(&regex::escape(&pattern)).ok()?,
        false => compiled(interpreter, &pattern)?,
    };
    Some(match name {
        "gmatch" => {
            let all: Vec<Vec<Object>> = regex
                .captures_iter(&value.text)
                .take(MATCHES)
                .map(|c| groups(&c))
                .collect();
            let all = all.into_iter().map(|mut groups| {
                groups.push(Object::None);
                Object::Tuple(Rc::new(groups))
            });
            let all = all.collect();
            interpreter.heap.list(all)
        }
        "match" => match regex.captures(&value.text) {
            Some(captures) => {
                let mut groups = groups(&captures);
                match groups.len() {
                    1 => groups.pop()?,
                    _ => Object::Tuple(Rc::new(groups)),
                }
            }
            None => Object::None,
        },
        _ => match regex.find(&value.text) {
            Some(found) => {
                let at = |end: usize| value.text.get(..end).map_or(0, |text| text.chars().count());
                let start = i128::try_from(at(found.start())).ok()? + 1;
                match arguments.plain.get(1).is_some() || regex.captures_len() == 1 {
                    true => Object::Int(start),
                    false => Object::Tuple(Rc::new(vec![
                        Object::Int(start),
                        Object::Int(i128::try_from(at(found.end())).ok()?),
                    ])),
                }
            }
            None => Object::None,
        },
    })
}
