//! Matching, replacing and transliterating.
//!
//! Source: perlop ("Regexp Quote-Like Operators"), perlre, perlvar ("Variables related to regular
//! expressions").

use std::rc::Rc;

use model::{Provenance, Value};
use regex::{Captures, Regex};

use super::{known, text};
use crate::encoding::{to_bytes, to_text};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;
use crate::language::script::pattern;
use crate::language::script::syntax::Operator;

/// Groups of a pattern that have names.
const GROUPS: usize = 10;

/// Replacements of one pattern in one text that are computed.
const REPLACED: usize = 1 << 16;

/// Fuel that compiling any pattern costs.
const COMPILING: u64 = 256;

/// Calls one of them.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    match name {
        "#pattern" => arguments.plain.first().cloned(),
        "#match" => Some(matched(interpreter, arguments)),
        "#substitute" => Some(substituted(interpreter, arguments)),
        "#transliterate" => transliterated(interpreter, arguments),
        "split" => Some(split(interpreter, arguments)),
        _ => None,
    }
}

/// The pattern in an argument, with its flags.
fn pattern_at(interpreter: &mut Interpreter, arguments: &Arguments, at: usize) -> Option<Regex> {
    let flags = known(
        interpreter,
        arguments,
        arguments.plain.len().checked_sub(1)?,
    )?;
    let source = known(interpreter, arguments, at)?;
    if !interpreter.burn(COMPILING + 8 * source.len() as u64) {
        return None;
    }
    pattern::compiled(&source, &flags)
}

/// Names what the groups hold.
fn name_groups(interpreter: &mut Interpreter, groups: &[Object]) {
    for (at, group) in groups.iter().enumerate().take(GROUPS) {
        let name = match at {
            0 => "$&".to_owned(),
            _ => format!("${at}"),
        };
        let global = interpreter.global_scope();
        interpreter
            .scopes
            .set(global, &Rc::from(name), group.clone());
    }
}

fn groups_of(captures: &Captures, value: &Value) -> Vec<Object> {
    captures
        .iter()
        .map(|group| match group {
            Some(group) => Object::of_value(value.map_text(|_| group.as_str().to_owned())),
            None => Object::None,
        })
        .collect()
}

/// `text =~ /pattern/`: what the groups hold, or all that is found.
fn matched(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let value = text(interpreter, arguments, 0);
    let flags = known(interpreter, arguments, 2).unwrap_or_default();
    let searched = value.known && interpreter.burn(value.text.len() as u64 / 64);
    let pattern = match searched {
        true => pattern_at(interpreter, arguments, 1),
        false => None,
    };
    let Some(pattern) = pattern else {
        interpreter.uncertain += 1;
        let part = Object::from_sources(value.from);
        name_groups(interpreter, &vec![part.clone(); GROUPS]);
        return part;
    };
    if flags.contains('g') {
        let mut all = Vec::new();
        for captures in pattern.captures_iter(&value.text).take(REPLACED) {
            let groups = groups_of(&captures, &value);
            match groups.len() {
                1 => all.extend(groups),
                _ => all.extend(groups.into_iter().skip(1)),
            }
        }
        interpreter.uncertain += 1;
        interpreter.burn(all.len() as u64);
        name_groups(interpreter, &all);
        return Object::Tuple(Rc::new(all));
    }
    match pattern.captures(&value.text) {
        Some(captures) => {
            let groups = groups_of(&captures, &value);
            name_groups(interpreter, &groups);
            Object::Tuple(Rc::new(match groups.len() {
                1 => vec![Object::Int(1)],
                _ => groups.into_iter().skip(1).collect(),
            }))
        }
        None => Object::Tuple(Rc::new(Vec::new())),
    }
}

/// `text =~ s/pattern/with/`: with a function where the replacement holds values.
fn substituted(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let value = text(interpreter, arguments, 0);
    let flags = known(interpreter, arguments, 3).unwrap_or_default();
    let pattern = match value.known {
        true => pattern_at(interpreter, arguments, 1),
        false => None,
    };
    let with = arguments.plain.get(2).cloned().unwrap_or(Object::None);
    let Some(pattern) = pattern else {
        interpreter.uncertain += 1;
        let part = Object::from_sources(value.from.clone());
        name_groups(interpreter, &vec![part; GROUPS]);
        if flags.contains('e') {
            replacement(interpreter, &with, &flags);
        }
        return Object::of_value(value);
    };
    let mut whole = Object::Text(Rc::new(value.map_text(|_| String::new())));
    let mut from = 0;
    let most = if flags.contains('g') { REPLACED } else { 1 };
    for captures in pattern.captures_iter(&value.text).take(most) {
        let Some(found) = captures.get(0) else {
            continue;
        };
        if !interpreter.burn(2) {
            break;
        }
        let groups = groups_of(&captures, &value);
        name_groups(interpreter, &groups);
        let before = value.text.get(from..found.start()).unwrap_or_default();
        whole = interpreter.operate(whole, Operator::Concatenate, Object::text(before));
        let with = replacement(interpreter, &with, &flags);
        whole = interpreter.operate(whole, Operator::Concatenate, with);
        from = found.end();
    }
    let rest = value.text.get(from..).unwrap_or_default();
    interpreter.operate(whole, Operator::Concatenate, Object::text(rest))
}

/// What one match is replaced by; with `ee`, that is code.
fn replacement(interpreter: &mut Interpreter, with: &Object, flags: &str) -> Object {
    let result = match with {
        Object::Function(_) => interpreter.call_plain(with, Vec::new()),
        other => other.clone(),
    };
    match flags.matches('e').count() {
        0 | 1 => result,
        _ => interpreter.execute_code(&result, true),
    }
}

/// The characters that a list such as `a-z` stands for.
fn characters(list: &str) -> Vec<u8> {
    let list = to_bytes(&super::super::quotes::unescaped(
        &list.replace("\\-", "\\x2d"),
    ));
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(&first) = list.get(at) {
        match (list.get(at + 1), list.get(at + 2)) {
            (Some(b'-'), Some(&last)) => {
                all.extend(first..=last);
                at += 3;
            }
            _ => {
                all.push(first);
                at += 1;
            }
        }
    }
    all
}

/// `text =~ tr/from/to/`.
fn transliterated(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let from = characters(&known(interpreter, arguments, 1)?);
    let to = characters(&known(interpreter, arguments, 2)?);
    let flags = known(interpreter, arguments, 3)?;
    let deletes = flags.contains('d');
    let inverts = flags.contains('c');
    super::mapped(interpreter, arguments, |bytes| {
        let one = |byte: &u8| {
            let at = from.iter().position(|from| from == byte);
            let at = match (inverts, at) {
                (true, None) => Some(to.len().saturating_sub(1)),
                (true, Some(_)) => None,
                (false, at) => at,
            };
            match at {
                None => Some(*byte),
                Some(at) => match to.get(at).or(to.last().filter(|_| !deletes)) {
                    Some(to) => Some(*to),
                    None if deletes => None,
                    None => Some(*byte),
                },
            }
        };
        bytes.iter().filter_map(one).collect()
    })
}

/// `split /pattern/, text, most`.
fn split(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let value = match arguments.plain.get(1) {
        Some(object) => interpreter.shown(object),
        None => {
            let held = interpreter.lookup(&Rc::from("$_"));
            interpreter.shown(&held)
        }
    };
    let mark = match arguments.plain.first() {
        Some(Object::Text(mark)) if mark.known => mark.text.clone(),
        _ => return Object::from_sources(value.from),
    };
    if !value.known || !interpreter.may_make(value.text.len()) {
        return match value.from.iter().all(|from| *from == Provenance::Unknown) {
            true => Object::anything(),
            false => Object::from_sources(value.from),
        };
    }
    let most = super::integer(arguments, 2)
        .and_then(|most| usize::try_from(most).ok())
        .filter(|most| *most > 0)
        .unwrap_or(super::ITEMS);
    let part = |part: &str| Object::of_value(value.map_text(|_| part.to_owned()));
    let mut parts: Vec<Object> = if mark.is_empty() {
        let bytes = to_bytes(&value.text);
        bytes
            .iter()
            .take(super::ITEMS)
            .map(|byte| Object::of_value(value.map_text(|_| to_text(&[*byte]))))
            .collect()
    } else if mark == " " {
        value.text.split_whitespace().map(part).collect()
    } else {
        interpreter.burn(COMPILING);
        match pattern::compiled(&mark, "") {
            Some(pattern) => pattern.splitn(&value.text, most).map(part).collect(),
            None => return Object::from_sources(value.from),
        }
    };
    while parts.last().is_some_and(|last| last.as_text() == Some("")) {
        parts.pop();
    }
    interpreter.burn(parts.len() as u64 / 4);
    Object::Tuple(Rc::new(parts))
}
