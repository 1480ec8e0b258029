//! What operators make of their operands: JavaScript turns everything into everything.
//!
//! Source: ECMA-262, "Type Conversion", "ApplyStringOrNumericBinaryOperator".

use model::Value;

use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::{Object, join_values};
use crate::language::script::operators::add_sources;
use crate::language::script::syntax::Operator;

/// Integers a number holds exactly lie below.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// How deep arrays in arrays are looked into for their text.
const DEPTH: usize = 8;

/// A number that may be whole.
pub fn number(number: f64) -> Object {
    if number.fract() == 0.0 && number.abs() < EXACT {
        #[allow(clippy::cast_possible_truncation, reason = "whole and small")]
        return Object::Int(number as i128);
    }
    Object::Float(number)
}

/// An object as a number; `None` if that cannot be told.
pub fn to_number(interpreter: &mut Interpreter, object: &Object) -> Option<f64> {
    Some(match object {
        Object::None | Object::Dictionary(_) | Object::Function(_) | Object::Library(_) => f64::NAN,
        Object::Bool(truth) => f64::from(u8::from(*truth)),
        #[allow(clippy::cast_precision_loss, reason = "as JavaScript does")]
        Object::Int(number) => *number as f64,
        Object::Float(number) => *number,
        Object::Text(value) => parsed(value.as_known()?),
        Object::List(_) | Object::Tuple(_) => parsed(text(interpreter, object)?.as_known()?),
        _ => return None,
    })
}

/// A text as a number.
fn parsed(text: &str) -> f64 {
    let text = text.trim();
    let based = |radix, digits: &str| u64::from_str_radix(digits, radix).ok();
    let prefixed = match text.get(..2) {
        Some("0x" | "0X") => based(16, &text[2..]),
        Some("0o" | "0O") => based(8, &text[2..]),
        Some("0b" | "0B") => based(2, &text[2..]),
        _ => None,
    };
    #[allow(clippy::cast_precision_loss, reason = "as JavaScript does")]
    if let Some(number) = prefixed {
        return number as f64;
    }
    match text {
        "" => 0.0,
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ if text.contains(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E') => f64::NAN,
        _ => text.parse().unwrap_or(f64::NAN),
    }
}

/// A number as JavaScript writes it.
fn written(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{number:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                format!("{digits}e+{exponent}")
            }
            _ => text,
        };
    }
    format!("{number}")
}

/// An object as a text.
pub fn text(interpreter: &mut Interpreter, object: &Object) -> Option<Value> {
    text_within(interpreter, object, DEPTH)
}

fn text_within(interpreter: &mut Interpreter, object: &Object, depth: usize) -> Option<Value> {
    Some(match object {
        Object::None => Value::literal("undefined"),
        Object::Bool(truth) => Value::literal(if *truth { "true" } else { "false" }),
        Object::Float(number) => Value::literal(written(*number)),
        Object::List(_) | Object::Tuple(_) => {
            let depth = depth.checked_sub(1)?;
            let items = interpreter.iterate(object)?;
            let mut values = Vec::with_capacity(items.len());
            for item in &items {
                values.push(match item {
                    Object::None => Value::literal(""),
                    other => match text_within(interpreter, other, depth) {
                        Some(value) => value,
                        None => interpreter.value_of(other),
                    },
                });
            }
            if values.len() > 64 {
                let mut whole = Value::literal("");
                for (at, value) in values.iter().enumerate() {
                    whole.text.push_str(if at > 0 { "," } else { "" });
                    whole.append(value);
                }
                return interpreter.may_make(whole.text.len()).then_some(whole);
            }
            join_values(values.into_iter(), ",")
        }
        Object::Dictionary(slot) if interpreter.heap.entries(*slot).is_empty() => {
            Value::literal("[object Object]")
        }
        Object::Library(path) => match &**path {
            "os.environ" => return None,
            "js.@iterator" => Value::literal("[object Array Iterator]"),
            path => {
                let name = path.rsplit('.').next().unwrap_or(path);
                Value::literal(format!("function {name}() {{ [native code] }}"))
            }
        },
        Object::Partial(partial) if partial.callee.is_library("js.@regex") => {
            let part = |at: usize| {
                partial
                    .plain
                    .get(at)
                    .and_then(Object::as_text)
                    .unwrap_or_default()
            };
            let pattern = if part(0).is_empty() { "(?:)" } else { part(0) };
            Value::literal(format!("/{pattern}/{}", part(1)))
        }
        _ => return None,
    })
}

/// `left operator right`.
pub fn operate(
    interpreter: &mut Interpreter,
    left: &Object,
    operator: Operator,
    right: &Object,
) -> Option<Object> {
    if operator == Operator::Add {
        return add(interpreter, left, right);
    }
    if let (Object::BigInt(_), _) | (_, Object::BigInt(_)) = (left, right) {
        return Some(Object::anything());
    }
    let numbers = (to_number(interpreter, left), to_number(interpreter, right));
    let (Some(a), Some(b)) = numbers else {
        let mut from = interpreter.heap.sources(left);
        add_sources(&mut from, &interpreter.heap.sources(right));
        return Some(Object::from_sources(from));
    };
    Some(match operator {
        Operator::Subtract => number(a - b),
        Operator::Multiply => number(a * b),
        Operator::Divide => number(a / b),
        Operator::Modulo => number(a % b),
        Operator::Power => number(a.powf(b)),
        _ => return bits(left, a, operator, right, b),
    })
}

/// `left + right`: texts if one of them is no number.
fn add(interpreter: &mut Interpreter, left: &Object, right: &Object) -> Option<Object> {
    let plain = |object: &Object| {
        matches!(
            object,
            Object::None | Object::Bool(_) | Object::Int(_) | Object::Float(_)
        )
    };
    if plain(left) && plain(right) {
        if let (Object::Int(a), Object::Int(b)) = (left, right) {
            return Some(Object::Int(a.saturating_add(*b)));
        }
        let sum = to_number(interpreter, left)? + to_number(interpreter, right)?;
        return Some(number(sum));
    }
    // The shared mechanism appends to a text in place.
    if matches!(left, Object::Text(_)) {
        return None;
    }
    let own = interpreter.shown(left);
    let other = interpreter.shown(right);
    if !interpreter.may_make(own.text.len() + other.text.len()) {
        return Some(Object::anything());
    }
    let mut whole = own;
    whole.append(&other);
    Some(Object::of_value(whole))
}

/// Bitwise operators work on 32 bits.
fn bits(left: &Object, a: f64, operator: Operator, right: &Object, b: f64) -> Option<Object> {
    let (a, b) = (word(left, a), word(right, b));
    let by = b & 31;
    Some(Object::Int(i128::from(match operator {
        Operator::Or => a | b,
        Operator::And => a & b,
        Operator::Xor => a ^ b,
        Operator::ShiftLeft => a.wrapping_shl(by),
        #[allow(clippy::cast_possible_wrap, reason = "the sign bit is meant")]
        Operator::ShiftRight => return Some(Object::Int(i128::from((a as i32) >> by))),
        Operator::ShiftRightUnsigned => return Some(Object::Int(i128::from(a >> by))),
        _ => return None,
    } as i32)))
}

/// The 32 bits of a number.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "modulo 2^32 is what is wanted"
)]
fn word(object: &Object, number: f64) -> u32 {
    match object {
        Object::Int(number) => *number as u32,
        _ if number.is_finite() => number.trunc() as i128 as u32,
        _ => 0,
    }
}

/// The name of an object's type, if it can be told.
pub fn type_of(object: &Object) -> Option<&'static str> {
    Some(match object {
        Object::None => "undefined",
        Object::Bool(_) => "boolean",
        Object::Int(_) | Object::Float(_) => "number",
        Object::BigInt(_) => "bigint",
        Object::Text(_) => "string",
        Object::Function(_) | Object::Bound(_) | Object::Class(_) => "function",
        Object::List(_) | Object::Dictionary(_) | Object::Tuple(_) | Object::Bytes(_) => "object",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        let cases = [
            (1e21, "1e+21"),
            (1.1e21, "1.1e+21"),
            (0.5, "0.5"),
            (1e-7, "1e-7"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
        ];
        for (number, expected) in cases {
            assert_eq!(written(number), expected);
        }
    }

    #[test]
    fn texts_become_numbers() {
        assert_eq!(parsed(" 12 "), 12.0);
        assert_eq!(parsed(""), 0.0);
        assert_eq!(parsed("0x1f"), 31.0);
        assert_eq!(parsed("1e3"), 1000.0);
        assert!(parsed("12a").is_nan());
        assert!(parsed("nan").is_nan());
    }
}
