//! Regular expressions, as far as they are ones of the `regex` crate too: without look-around and
//! back references. Others match nothing that is told.
//!
//! Source: ECMA-262, "RegExp (Regular Expression) Objects", "String.prototype.replace".

use std::rc::Rc;

use model::Value;
use regex::{Captures, Regex, RegexBuilder};

use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;

/// Most bytes of a compiled expression.
const COMPILED: usize = 1 << 20;

/// Most matches of one call that a function is called for.
const MATCHES: usize = 65_536;

/// Bytes searched that cost a unit of fuel.
const SEARCHED_A_UNIT: usize = 64;

/// Fuel that compiling an expression costs.
const COMPILING: u64 = 100;

/// The expression an object stands for, and its flags.
fn compiled(interpreter: &mut Interpreter, object: &Object) -> Option<(Regex, String)> {
    let Object::Partial(partial) = object else {
        return None;
    };
    if !partial.callee.is_library("js.@regex") || !interpreter.burn(COMPILING) {
        return None;
    }
    let pattern = partial.plain.first()?.as_text()?;
    let flags = partial.plain.get(1).and_then(Object::as_text).unwrap_or("");
    let regex = RegexBuilder::new(&pattern.replace("\\/", "/").replace("[^]", "(?s:.)"))
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .unicode(true)
        .size_limit(COMPILED)
        .dfa_size_limit(COMPILED)
        .build()
        .ok()?;
    Some((regex, flags.to_owned()))
}

/// Takes the fuel that searching a text costs.
fn search(interpreter: &mut Interpreter, value: &Value) -> bool {
    interpreter.burn((value.text.len() / SEARCHED_A_UNIT) as u64)
}

/// What comes of a text in a way that cannot be told.
fn unknown(interpreter: &mut Interpreter, value: &Value) -> Object {
    interpreter.uncertain += 1;
    Object::from_sources(value.from.clone())
}

/// `text.replace(pattern, replacement)`.
pub fn replace(
    interpreter: &mut Interpreter,
    value: &Rc<Value>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let (pattern, by) = (arguments.plain.first()?, arguments.plain.get(1)?);
    if !search(interpreter, value) {
        return None;
    }
    let Object::Partial(_) = pattern else {
        let old = pattern.as_text()?.to_owned();
        let times = if name == "replaceAll" { usize::MAX } else { 1 };
        let new = match by {
            Object::Text(_) => interpreter.value_of(by),
            _ if !value.text.contains(&old) => return Some(Object::Text(value.clone())),
            callee => {
                let made = interpreter.call_plain(callee, vec![Object::text(old.clone())]);
                interpreter.shown(&made)
            }
        };
        let found = value.text.matches(&old).take(times).count();
        let length = value.text.len() + found.saturating_mul(new.text.len());
        if !interpreter.may_make(length) {
            return None;
        }
        let mut replaced = value.map_text(|text| text.replacen(&old, &new.text, times));
        if found > 0 {
            let text = std::mem::take(&mut replaced.text);
            replaced.append(&Value {
                text: String::new(),
                ..new
            });
            replaced.text = text;
        }
        return Some(Object::of_value(replaced));
    };
    let Some((regex, flags)) = compiled(interpreter, pattern).filter(|_| value.known) else {
        return Some(unknown(interpreter, value));
    };
    let most = if flags.contains('g') { MATCHES } else { 1 };
    let mut whole = value.map_text(|_| String::new());
    let mut behind = 0;
    for captures in regex.captures_iter(&value.text).take(most) {
        let Some(found) = captures.get(0) else {
            continue;
        };
        whole
            .text
            .push_str(value.text.get(behind..found.start()).unwrap_or_default());
        behind = found.end();
        match by {
            Object::Text(by) => {
                whole.append(&by.map_text(|template| expanded(template, &captures)));
            }
            callee => {
                let made = interpreter.call_plain(callee, groups(&captures));
                whole.append(&interpreter.shown(&made));
            }
        }
        if !interpreter.may_make(found.len() + 1)
            || whole.text.len() > interpreter.world().budget().program_text
        {
            return None;
        }
    }
    whole
        .text
        .push_str(value.text.get(behind..).unwrap_or_default());
    Some(Object::of_value(whole))
}

/// A match and its groups.
fn groups(captures: &Captures) -> Vec<Object> {
    let groups = captures.iter();
    groups
        .map(|group| group.map_or(Object::None, |group| Object::text(group.as_str())))
        .collect()
}

/// `$1` and `$&` of a replacement.
fn expanded(template: &str, captures: &Captures) -> String {
    let mut out = String::new();
    let mut rest = template.chars().peekable();
    while let Some(c) = rest.next() {
        let group = match (c, rest.peek()) {
            ('$', Some('$')) => {
                out.push('$');
                rest.next();
                continue;
            }
            ('$', Some('&')) => Some(0),
            ('$', Some(digit)) => digit.to_digit(10).map(|digit| digit as usize),
            _ => None,
        };
        match group {
            Some(group) => {
                rest.next();
                out.push_str(captures.get(group).map_or("", |group| group.as_str()));
            }
            None => out.push(c),
        }
    }
    out
}

/// `text.match(pattern)` and its like.
pub fn matched(
    interpreter: &mut Interpreter,
    value: &Rc<Value>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let pattern = match arguments.plain.first()? {
        Object::Text(pattern) => regex_of(Object::Text(pattern.clone()), Object::text("")),
        other => other.clone(),
    };
    let Some((regex, flags)) = compiled(interpreter, &pattern).filter(|_| value.known) else {
        return Some(unknown(interpreter, value));
    };
    if !search(interpreter, value) {
        return None;
    }
    let text = &value.text;
    Some(match name {
        "search" => Object::Int(regex.find(text).map_or(-1, |found| found.start() as i128)),
        "matchAll" => {
            let all: Vec<Vec<Object>> = regex
                .captures_iter(text)
                .take(MATCHES)
                .map(|c| groups(&c))
                .collect();
            let all = all
                .into_iter()
                .map(|groups| interpreter.heap.list(groups))
                .collect();
            interpreter.heap.list(all)
        }
        _ if flags.contains('g') => {
            let all: Vec<Object> = regex
                .find_iter(text)
                .take(MATCHES)
                .map(|m| Object::text(m.as_str()))
                .collect();
            if !interpreter.burn(all.len() as u64) {
                return None;
            }
            match all.is_empty() {
                true => Object::None,
                false => interpreter.heap.list(all),
            }
        }
        _ => match regex.captures(text) {
            Some(captures) => interpreter.heap.list(groups(&captures)),
            None => Object::None,
        },
    })
}

/// `text.split(pattern)`.
pub fn split(interpreter: &mut Interpreter, value: &Rc<Value>, pattern: &Object) -> Option<Object> {
    let Some((regex, _)) = compiled(interpreter, pattern).filter(|_| value.known) else {
        return Some(unknown(interpreter, value));
    };
    if !search(interpreter, value) {
        return None;
    }
    let parts = regex.split(&value.text).take(MATCHES);
    let parts = parts
        .map(|part| Object::Text(Rc::new(value.map_text(|_| part.to_owned()))))
        .collect();
    Some(interpreter.heap.list(parts))
}

/// `pattern.test(text)` and `pattern.exec(text)`.
pub fn method(
    interpreter: &mut Interpreter,
    pattern: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let given = arguments.plain.first()?;
    let value = Rc::new(interpreter.shown(given));
    match name {
        "test" => {
            let (regex, _) = compiled(interpreter, pattern).filter(|_| value.known)?;
            search(interpreter, &value).then(|| Object::Bool(regex.is_match(&value.text)))
        }
        "exec" => {
            let (regex, _) = compiled(interpreter, pattern).filter(|_| value.known)?;
            let found = regex.captures(&value.text);
            interpreter.uncertain += 1;
            Some(match found {
                Some(captures) => interpreter.heap.list(groups(&captures)),
                None => Object::None,
            })
        }
        _ => None,
    }
}

/// A regular expression as an object.
pub fn regex_of(pattern: Object, flags: Object) -> Object {
    Object::Partial(Rc::new(crate::language::script::object::Partial {
        callee: Object::library("js.@regex"),
        plain: vec![pattern, flags],
        named: Vec::new(),
    }))
}
