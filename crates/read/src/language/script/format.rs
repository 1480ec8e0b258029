//! Texts made from templates: `%`, `str.format` and the specifications of formatted strings.
//!
//! Source: The Python Library Reference, "printf-style String Formatting" and "Format String
//! Syntax". Of specifications, type, width, fill and sign of integers are followed.

use std::rc::Rc;

use model::Value;

use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::{Bytes, Object};

/// Widest field that is padded.
const WIDTH: usize = 4_096;

/// `template % values`.
pub fn percent(interpreter: &mut Interpreter, template: &Object, values: &Object) -> Object {
    let pattern = interpreter.value_of(template);
    let mut operands = match values {
        Object::Tuple(items) => (**items).clone(),
        other => vec![other.clone()],
    }
    .into_iter();
    let mut whole = Value {
        text: String::new(),
        ..pattern.clone()
    };
    let mut rest = pattern.text.as_str();
    while let Some(at) = rest.find('%') {
        whole.text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            whole.text.push('%');
            rest = after;
            continue;
        }
        let mut key = None;
        if let Some((name, after)) = rest.strip_prefix('(').and_then(|r| r.split_once(')')) {
            key = Some(Object::text(name));
            rest = after;
        }
        let end = rest
            .find(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'l' | 'h' | 'L'))
            .unwrap_or(rest.len());
        let (flags, after) = rest.split_at(end);
        let mut letters = after.chars();
        let letter = letters.next().unwrap_or('s');
        rest = letters.as_str();
        let operand = match key {
            Some(key) => interpreter.index(values, &key),
            None => operands.next().unwrap_or_else(Object::anything),
        };
        let shown = converted(interpreter, &operand, flags, letter);
        whole.append(&shown);
        if !interpreter.may_make(whole.text.len()) {
            return Object::anything();
        }
    }
    whole.text.push_str(rest);
    match template {
        Object::Bytes(_) => Object::Bytes(Rc::new(Bytes {
            data: crate::encoding::to_bytes(&whole.text),
            known: whole.known,
            from: whole.from,
        })),
        _ => Object::of_value(whole),
    }
}

/// One operand as a conversion of `%` shows it.
fn converted(interpreter: &mut Interpreter, operand: &Object, flags: &str, letter: char) -> Value {
    match (letter, operand.as_int()) {
        ('c', Some(code)) => char_of(code),
        ('d' | 'i' | 'u' | 'x' | 'X' | 'o', Some(number)) => {
            let letter = if matches!(letter, 'i' | 'u') {
                'd'
            } else {
                letter
            };
            Value::literal(number_text(number, flags, letter))
        }
        ('x' | 'X', None) => match operand {
            Object::BigInt(bytes) => Value::literal(big_hex(bytes)),
            _ => interpreter.shown(operand),
        },
        ('r' | 'a', _) => interpreter.repr(operand),
        _ => {
            let shown = interpreter.shown(operand);
            let (width, left) = (width_of(flags), flags.contains('-'));
            shown.map_text(|text| pad(text, width, ' ', !left))
        }
    }
}

/// Digits of a large integer.
pub fn big_hex(bytes: &[u8]) -> String {
    let digits = crate::encoding::hex::encode(bytes);
    digits.trim_start_matches('0').to_owned()
}

/// The character of a code.
pub fn char_of(code: i128) -> Value {
    let c = u32::try_from(code).ok().and_then(char::from_u32);
    c.map_or_else(
        || Value::unknown(model::Provenance::Unknown),
        |c| Value::literal(c.to_string()),
    )
}

/// An integer with flags, width and base.
fn number_text(number: i128, flags: &str, letter: char) -> String {
    let magnitude = number.unsigned_abs();
    let (prefix, digits) = match letter {
        'x' => ("0x", format!("{magnitude:x}")),
        'X' => ("0X", format!("{magnitude:X}")),
        'o' => ("0o", format!("{magnitude:o}")),
        'b' => ("0b", format!("{magnitude:b}")),
        _ => ("", magnitude.to_string()),
    };
    let sign = match number < 0 {
        true => "-",
        false if flags.contains('+') => "+",
        false => "",
    };
    let prefix = if flags.contains('#') { prefix } else { "" };
    let width = width_of(flags);
    let digits_flag = flags.trim_start_matches(['#', '+', '-', ' ', '<', '>', '^']);
    if digits_flag.starts_with('0') {
        let room = width.saturating_sub(sign.len() + prefix.len());
        return format!("{sign}{prefix}{}", pad(&digits, room, '0', true));
    }
    let left = flags.contains(['-', '<']);
    pad(&format!("{sign}{prefix}{digits}"), width, ' ', !left)
}

/// The width in flags such as `-08.3`.
fn width_of(flags: &str) -> usize {
    let digits: String = flags
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse::<usize>().unwrap_or(0).min(WIDTH)
}

fn pad(text: &str, width: usize, fill: char, right: bool) -> String {
    let missing = width.saturating_sub(text.chars().count());
    let padding: String = std::iter::repeat_n(fill, missing).collect();
    if right {
        format!("{padding}{text}")
    } else {
        format!("{text}{padding}")
    }
}

/// A value as a specification behind `:` shows it.
pub fn specified(interpreter: &mut Interpreter, value: &Object, specification: &str) -> Value {
    let letter = specification.chars().last().unwrap_or('s');
    match (letter, value.as_int()) {
        ('c', Some(code)) => return char_of(code),
        ('x' | 'X' | 'o' | 'b' | 'd', Some(number)) => {
            return Value::literal(number_text(number, specification, letter));
        }
        ('0'..='9', Some(number)) => {
            return Value::literal(number_text(number, specification, 'd'));
        }
        ('x', None) => {
            if let Object::BigInt(bytes) = value {
                return Value::literal(big_hex(bytes));
            }
        }
        _ => {}
    }
    let shown = interpreter.shown(value);
    let mut marks = specification.chars();
    let (fill, align) = match (marks.next(), marks.next()) {
        (Some(fill), Some(align @ ('<' | '>' | '^'))) => (fill, align),
        (Some(align @ ('<' | '>' | '^')), _) => (' ', align),
        _ => (' ', '<'),
    };
    let width = width_of(specification);
    shown.map_text(|text| pad(text, width, fill, align == '>'))
}

/// `template.format(…)`.
pub fn format(interpreter: &mut Interpreter, template: &Value, arguments: &Arguments) -> Object {
    let mut whole = Value {
        text: String::new(),
        ..template.clone()
    };
    let mut next = 0;
    let mut rest = template.text.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        whole.text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            whole.text.push_str(brace);
            rest = after;
            continue;
        }
        let Some((field, after)) = rest.split_once('}').filter(|_| brace == "{") else {
            whole.text.push_str(brace);
            continue;
        };
        rest = after;
        let (name, specification) = field.split_once(':').unwrap_or((field, ""));
        let (name, conversion) = name.split_once('!').unwrap_or((name, ""));
        let value = replacement(interpreter, name, arguments, &mut next);
        let shown = match (conversion, specification) {
            ("r" | "a", _) => interpreter.repr(&value),
            (_, "") => interpreter.shown(&value),
            _ => specified(interpreter, &value, specification),
        };
        whole.append(&shown);
        if !interpreter.may_make(whole.text.len()) {
            return Object::anything();
        }
    }
    whole.text.push_str(rest);
    Object::of_value(whole)
}

/// The object a replacement field names: `0`, `name`, `0[1].attribute` …
fn replacement(
    interpreter: &mut Interpreter,
    name: &str,
    arguments: &Arguments,
    next: &mut usize,
) -> Object {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let mut object = if first.is_empty() {
        *next += 1;
        arguments.plain.get(*next - 1).cloned()
    } else if let Ok(at) = first.parse::<usize>() {
        arguments.plain.get(at).cloned()
    } else {
        arguments.named(first).cloned()
    }
    .unwrap_or_else(Object::anything);
    while !rest.is_empty() {
        if let Some((key, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            let key = key
                .parse::<i128>()
                .map_or_else(|_| Object::text(key), Object::Int);
            object = interpreter.index(&object, &key);
            rest = after;
        } else {
            let attribute = rest.trim_start_matches('.');
            let end = attribute.find(['.', '[']).unwrap_or(attribute.len());
            let (attribute, after) = attribute.split_at(end);
            object = interpreter.attribute(&object, &Rc::from(attribute));
            rest = if attribute.is_empty() { "" } else { after };
        }
    }
    object
}
