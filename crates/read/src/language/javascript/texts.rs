//! Methods of strings.
//!
//! Source: ECMA-262, "String Objects". Characters stand for code units: code outside the basic
//! plane is not indexed.

use std::rc::Rc;

use model::Value;

use super::{coercion, patterns};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;
use crate::language::script::texts as shared;

/// What a string has.
pub const METHODS: &str = "at charAt charCodeAt codePointAt concat endsWith includes indexOf \
    italics fontcolor link bold lastIndexOf localeCompare match matchAll normalize padEnd padStart \
    repeat replace replaceAll search slice split startsWith substr substring toLowerCase \
    toUpperCase trim trimEnd trimStart";

/// Longest text that padding and repeating make.
const LONGEST: usize = 1 << 22;

/// Calls a method of a text.
pub fn method(
    interpreter: &mut Interpreter,
    value: &Rc<Value>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    match name {
        "toString" | "valueOf" | "normalize" | "trim" | "toJSON" if name != "trim" => {
            return Some(Object::Text(value.clone()));
        }
        "replace" | "replaceAll" => return patterns::replace(interpreter, value, name, arguments),
        "match" | "matchAll" | "search" => {
            return patterns::matched(interpreter, value, name, arguments);
        }
        "split" => return split(interpreter, value, first),
        "concat" => {
            let mut whole = (**value).clone();
            for part in &arguments.plain {
                whole.append(&interpreter.shown(part));
            }
            return interpreter
                .may_make(whole.text.len())
                .then(|| Object::of_value(whole));
        }
        "toLowerCase" | "toUpperCase" | "trim" | "trimStart" | "trimEnd" | "startsWith"
        | "endsWith" | "indexOf" | "lastIndexOf" | "toLocaleLowerCase" => {
            let shared_name = match name {
                "toLowerCase" | "toLocaleLowerCase" => "lower",
                "toUpperCase" => "upper",
                "trim" => "strip",
                "trimStart" => "lstrip",
                "trimEnd" => "rstrip",
                "startsWith" => "startswith",
                "endsWith" => "endswith",
                "indexOf" => "find",
                _ => "rfind",
            };
            return shared::method(interpreter, value, shared_name, arguments);
        }
        "includes" => return shared::method(interpreter, value, "__contains__", arguments),
        _ => {}
    }
    if !value.known {
        return None;
    }
    characters(interpreter, value, name, arguments)
}

/// Methods that count characters.
#[expect(clippy::too_many_lines, reason = "a table: one short arm a method")]
fn characters(
    interpreter: &mut Interpreter,
    value: &Value,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let mut numbers = Vec::new();
    for argument in &arguments.plain {
        numbers.push(coercion::to_number(interpreter, argument));
    }
    let at = |which: usize, default: i64| match numbers.get(which) {
        None => Some(default),
        #[allow(clippy::cast_possible_truncation, reason = "saturates, and NaN is 0")]
        Some(number) => number.map(|number| number as i64),
    };
    let text = value.text.as_str();
    let made = |text: String| Object::Text(Rc::new(value.map_text(|_| text)));
    match name {
        "charAt" | "charCodeAt" | "codePointAt" | "at" => {
            let index = Object::Int(i128::from(at(0, 0)?));
            let index = match (name, &index) {
                ("at", Object::Int(at)) if *at < 0 => {
                    Object::Int(i128::try_from(text.chars().count()).ok()? + at)
                }
                _ => index,
            };
            let object = Object::Text(Rc::new(value.clone()));
            let found = interpreter.index(&object, &index);
            return Some(match (name, found) {
                ("charAt", Object::None) => made(String::new()),
                ("charAt" | "at", found) => found,
                ("codePointAt", Object::None) => Object::None,
                (_, Object::None) => Object::Float(f64::NAN),
                (_, found) => {
                    let c = found.as_text()?.chars().next()?;
                    Object::Int(i128::from(u32::from(c)))
                }
            });
        }
        _ => {}
    }
    if !interpreter.may_make(text.len()) {
        return None;
    }
    let length = i64::try_from(match text.is_ascii() {
        true => text.len(),
        false => text.chars().count(),
    })
    .ok()?;
    let from_end = |at: i64| {
        if at < 0 {
            (at + length).max(0)
        } else {
            at.min(length)
        }
    };
    let cut = |start: i64, end: i64| {
        let (start, end) = (start.clamp(0, length), end.clamp(0, length));
        let count = usize::try_from((end - start).max(0)).unwrap_or(0);
        let start = usize::try_from(start).unwrap_or(0);
        match text.is_ascii() {
            true => text
                .get(start..start + count)
                .unwrap_or_default()
                .to_owned(),
            false => text.chars().skip(start).take(count).collect(),
        }
    };
    Some(match name {
        "slice" => made(cut(from_end(at(0, 0)?), from_end(at(1, length)?))),
        "substring" => {
            let (a, b) = (at(0, 0)?.clamp(0, length), at(1, length)?.clamp(0, length));
            made(cut(a.min(b), a.max(b)))
        }
        "substr" => {
            let start = from_end(at(0, 0)?);
            made(cut(start, start.saturating_add(at(1, length)?)))
        }
        "repeat" => {
            let times = usize::try_from(at(0, 0)?).ok()?;
            let total = text.len().checked_mul(times)?;
            if total > LONGEST || !interpreter.may_make(total) {
                return None;
            }
            made(text.repeat(times))
        }
        "padStart" | "padEnd" => {
            let width = usize::try_from(at(0, 0)?).ok().filter(|w| *w <= LONGEST)?;
            let fill = match arguments.plain.get(1) {
                Some(fill) => fill.as_text()?.to_owned(),
                None => " ".to_owned(),
            };
            let missing = width.saturating_sub(usize::try_from(length).ok()?);
            let padding: String = fill.chars().cycle().take(missing).collect();
            made(match name {
                "padStart" => format!("{padding}{text}"),
                _ => format!("{text}{padding}"),
            })
        }
        // What is left of HTML in the language; what JSFuck takes letters from.
        "italics" => made(format!("<i>{text}</i>")),
        "bold" => made(format!("<b>{text}</b>")),
        "fontcolor" => made(format!(
            "<font color=\"{}\">{text}</font>",
            shown(interpreter, arguments)
        )),
        "link" => made(format!(
            "<a href=\"{}\">{text}</a>",
            shown(interpreter, arguments)
        )),
        _ => return None,
    })
}

fn shown(interpreter: &mut Interpreter, arguments: &Arguments) -> String {
    let first = arguments.plain.first().cloned().unwrap_or(Object::None);
    interpreter.shown(&first).text.replace('"', "&quot;")
}

/// `text.split(separator)`.
fn split(
    interpreter: &mut Interpreter,
    value: &Rc<Value>,
    separator: Option<&Object>,
) -> Option<Object> {
    if let Some(Object::Partial(_)) = separator {
        return patterns::split(interpreter, value, separator?);
    }
    let by = match separator {
        None | Some(Object::None) => {
            return Some(interpreter.heap.list(vec![Object::Text(value.clone())]));
        }
        Some(separator) => separator.as_text()?.to_owned(),
    };
    if !interpreter.burn(value.text.len() as u64 / 4) {
        return None;
    }
    if by.is_empty() && !value.known {
        return None;
    }
    let part = |text: String| {
        Object::of_value(Value {
            known: value.known || !text.contains('{'),
            text,
            from: value.from.clone(),
        })
    };
    let parts = match by.is_empty() {
        true => value.text.chars().map(|c| part(c.to_string())).collect(),
        false => value
            .text
            .split(&by)
            .map(|text| part(text.to_owned()))
            .collect(),
    };
    Some(interpreter.heap.list(parts))
}
