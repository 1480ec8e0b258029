//! What Perl, PHP and their like make of operands: numbers in texts, texts bit by bit, words that
//! count, and formats.
//!
//! Source: The PHP Manual, "Numeric strings", "Bitwise Operators", `sprintf`; perlop, perlnumber.

use std::rc::Rc;

use model::{Provenance, Value};

use super::interpreter::Interpreter;
use super::object::Object;
use super::syntax::Operator;
use crate::encoding::{to_bytes, to_text};

/// Widest field that is padded.
const WIDTH: usize = 4_096;

/// What an object is as a number, if that is known.
pub fn of(object: &Object) -> Option<Object> {
    Some(match object {
        Object::Int(_) | Object::Float(_) => object.clone(),
        Object::None => Object::Int(0),
        Object::Bool(truth) => Object::Int(i128::from(*truth)),
        Object::Text(value) if value.known => {
            let text = value.text.trim();
            let whole = text
                .bytes()
                .enumerate()
                .take_while(|(at, byte)| {
                    byte.is_ascii_digit() || *at == 0 && matches!(byte, b'-' | b'+')
                })
                .count();
            let real = text
                .bytes()
                .take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte))
                .count();
            let is_real = text
                .get(whole..)
                .is_some_and(|rest| rest.starts_with(['.', 'e', 'E']));
            match text.get(..real)?.parse::<f64>() {
                Ok(number) if is_real => Object::Float(number),
                _ => Object::Int(text.get(..whole)?.parse().unwrap_or(0)),
            }
        }
        _ => return None,
    })
}

/// What an object is as an integer, if that is known.
pub fn integer(object: &Object) -> Option<i128> {
    match of(object)? {
        #[allow(clippy::cast_possible_truncation, reason = "saturates, as wanted")]
        Object::Float(number) => Some(number.trunc() as i128),
        other => other.as_int(),
    }
}

/// A number with a fraction as a text.
pub fn shown(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number:.0}");
    }
    let text = format!("{number:.13}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number from its digits; others are passed over.
pub fn from_digits(digits: &str, base: u32) -> Option<i128> {
    if !(2..=36).contains(&base) {
        return None;
    }
    let known = digits.chars().filter_map(|c| c.to_digit(base));
    known.take(256).try_fold(0_i128, |number, digit| {
        number
            .checked_mul(i128::from(base))?
            .checked_add(i128::from(digit))
    })
}

/// `left operator right`, where texts are numbers to all but what joins them; `None` if both are
/// numbers already.
pub fn operate(
    interpreter: &mut Interpreter,
    left: &Object,
    operator: Operator,
    right: &Object,
) -> Option<Object> {
    if operator == Operator::Concatenate {
        return None;
    }
    if let (Object::Text(a), Object::Text(b)) = (left, right)
        && matches!(operator, Operator::Xor | Operator::Or | Operator::And)
    {
        return bitwise(interpreter, a, operator, b);
    }
    let is_number = |object: &Object| {
        matches!(
            object,
            Object::Int(_) | Object::Float(_) | Object::BigInt(_)
        )
    };
    if is_number(left) && is_number(right) {
        return None;
    }
    match (of(left), of(right)) {
        (Some(left), Some(right)) => Some(interpreter.operate(left, operator, right)),
        // A number of which nothing is known.
        _ => {
            interpreter.uncertain += 1;
            Some(Object::anything())
        }
    }
}

/// `++`, `--`: letters count as well.
pub fn stepped(interpreter: &mut Interpreter, object: &Object, by: i128) -> Object {
    match object {
        Object::None if by > 0 => Object::Int(1),
        Object::Text(value)
            if by > 0 && value.known && value.text.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            if value.text.is_empty() {
                return Object::Int(1);
            }
            match value.text.parse::<i64>() {
                Ok(number) => Object::Int(i128::from(number) + 1),
                Err(_) => Object::text(next_word(&value.text)),
            }
        }
        Object::Unknown(value) if value.from != [Provenance::Unknown] => object.clone(),
        _ => interpreter.operate(object.clone(), Operator::Add, Object::Int(by)),
    }
}

/// `~`: of a text, every byte inverted.
pub fn inverted(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    match object {
        Object::Text(value) if value.known && interpreter.may_make(value.text.len()) => {
            let bytes: Vec<u8> = to_bytes(&value.text).iter().map(|byte| !byte).collect();
            Some(Object::Text(Rc::new(value.map_text(|_| to_text(&bytes)))))
        }
        Object::Text(value) | Object::Unknown(value) => {
            Some(Object::from_sources(value.from.clone()))
        }
        other => Some(Object::Int(!integer(other)?)),
    }
}

/// Two texts byte by byte: of `^` and `&` as many as the shorter has.
fn bitwise(
    interpreter: &mut Interpreter,
    a: &Value,
    operator: Operator,
    b: &Value,
) -> Option<Object> {
    let mut whole = Value::literal("");
    whole.append(&a.map_text(|_| String::new()));
    whole.append(&b.map_text(|_| String::new()));
    if !whole.known || !interpreter.may_make(a.text.len().max(b.text.len())) {
        return Some(Object::from_sources(whole.from));
    }
    let (a, b) = (to_bytes(&a.text), to_bytes(&b.text));
    let pairs = a.iter().zip(&b);
    let bytes: Vec<u8> = match operator {
        Operator::Xor => pairs.map(|(a, b)| a ^ b).collect(),
        Operator::And => pairs.map(|(a, b)| a & b).collect(),
        _ => {
            let longer = if a.len() > b.len() { &a } else { &b };
            let rest = longer.iter().skip(a.len().min(b.len()));
            a.iter()
                .zip(&b)
                .map(|(a, b)| a | b)
                .chain(rest.copied())
                .collect()
        }
    };
    whole.text = to_text(&bytes);
    Some(Object::Text(Rc::new(whole)))
}

/// The word after a word of letters and digits: `Az` is followed by `Ba`, `Z` by `AA`.
fn next_word(word: &str) -> String {
    let mut bytes = word.as_bytes().to_vec();
    let mut carried = None;
    for byte in bytes.iter_mut().rev() {
        carried = None;
        match *byte {
            b'z' => (*byte, carried) = (b'a', Some(b'a')),
            b'Z' => (*byte, carried) = (b'A', Some(b'A')),
            b'9' => (*byte, carried) = (b'0', Some(b'1')),
            _ => *byte += 1,
        }
        if carried.is_none() {
            break;
        }
    }
    if let Some(carried) = carried {
        bytes.insert(0, carried);
    }
    to_text(&bytes)
}

/// The part of something of a length that a start and a number of items name.
pub fn part(length: usize, start: i128, count: Option<i128>) -> std::ops::Range<usize> {
    let length = i128::try_from(length).unwrap_or(i128::MAX);
    let from = if start < 0 {
        start.saturating_add(length)
    } else {
        start
    }
    .clamp(0, length);
    let to = match count {
        None => length,
        Some(count) if count < 0 => length.saturating_add(count),
        Some(count) => from.saturating_add(count),
    };
    let to = to.clamp(from, length);
    usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0)
}

/// `sprintf`.
pub fn formatted(interpreter: &mut Interpreter, format: &Value, operands: &[Object]) -> Object {
    let mut whole = format.map_text(|_| String::new());
    let mut next = 0;
    let mut rest = format.text.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        whole.text.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            whole.text.push('%');
            rest = after;
            continue;
        }
        let end = after
            .char_indices()
            .find(|(at, c)| {
                c.is_ascii_alphabetic() && !after.get(..*at).unwrap_or("").ends_with('\'')
            })
            .map_or(after.len(), |(at, _)| at);
        let (flags, letter) = (
            after.get(..end).unwrap_or_default(),
            after.get(end..end + 1).unwrap_or("s"),
        );
        rest = after.get(end + 1..).unwrap_or_default();
        let (position, flags) = match flags.split_once('$') {
            Some((position, flags)) => (position.parse::<usize>().ok(), flags),
            None => (None, flags),
        };
        let at = position.map_or(next, |position| position.saturating_sub(1));
        next += usize::from(position.is_none());
        let operand = operands.get(at).cloned().unwrap_or_else(Object::anything);
        let shown = conversion(interpreter, &operand, letter, flags);
        whole.append(&shown);
        if !interpreter.may_make(whole.text.len()) {
            return Object::anything();
        }
    }
    whole.text.push_str(rest);
    Object::of_value(whole)
}

fn conversion(interpreter: &mut Interpreter, operand: &Object, letter: &str, flags: &str) -> Value {
    let shown = match (letter, integer(operand)) {
        ("c", Some(code)) => {
            let byte = u8::try_from(code.rem_euclid(256)).unwrap_or(0);
            return Value::literal(to_text(&[byte]));
        }
        ("x", Some(number)) => Value::literal(format!("{number:x}")),
        ("X", Some(number)) => Value::literal(format!("{number:X}")),
        ("o", Some(number)) => Value::literal(format!("{number:o}")),
        ("b", Some(number)) => Value::literal(format!("{number:b}")),
        ("d" | "i" | "u", Some(number)) => Value::literal(number.to_string()),
        _ => interpreter.shown(operand),
    };
    let left = flags.contains('-');
    let fill = match flags.split_once('\'') {
        Some((_, rest)) => rest.chars().next().unwrap_or(' '),
        None if flags.trim_start_matches(['+', '-']).starts_with('0') => '0',
        None => ' ',
    };
    let digits = flags.split('.').next().unwrap_or_default();
    let digits: String = digits
        .chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .collect();
    let width: String = digits.chars().rev().collect();
    let width = width.parse::<usize>().unwrap_or(0).min(WIDTH);
    let missing = width.saturating_sub(shown.text.chars().count());
    let padding: String = std::iter::repeat_n(fill, missing).collect();
    shown.map_text(|text| match left {
        true => format!("{text}{padding}"),
        false => format!("{padding}{text}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_count() {
        for (word, next) in [
            ("A", "B"),
            ("Z", "AA"),
            ("Az", "Ba"),
            ("a9", "b0"),
            ("zZ9", "aaA0"),
        ] {
            assert_eq!(next_word(word), next);
        }
    }

    #[test]
    fn parts_are_cut_from_either_end() {
        assert_eq!(part(6, 1, Some(2)), 1..3);
        assert_eq!(part(6, -2, None), 4..6);
        assert_eq!(part(6, 1, Some(-1)), 1..5);
        assert_eq!(part(6, 9, Some(1)), 6..6);
    }
}
