//! Numbers: conversions and functions over them.
//!
//! Source: The PHP Manual, "Math", "Numeric strings".

use super::{integer as integer_at, known, mapped, of_bytes};
use crate::encoding;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;

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
            let is_real = text.get(whole..).is_some_and(|rest| rest.starts_with(['.', 'e', 'E']));
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

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let number = || integer_at(arguments, 0);
    Some(match name {
        "intval" => match (arguments.plain.first()?, integer_at(arguments, 1)) {
            (Object::Text(value), Some(base @ 2..=36)) if base != 10 => {
                let base = u32::try_from(base).ok()?;
                Object::Int(from_digits(value.as_known()?, base)?)
            }
            (object, _) => integer(object).map_or_else(Object::anything, Object::Int),
        },
        "floatval" | "doubleval" => of(arguments.plain.first()?).unwrap_or_else(Object::anything),
        "boolval" => interpreter
            .truth(arguments.plain.first()?)
            .map_or_else(Object::anything, Object::Bool),
        "chr" => match number() {
            Some(code) => {
                let code = u8::try_from(code.rem_euclid(256)).ok()?;
                of_bytes(&[code], Vec::new())
            }
            None => Object::from_sources(interpreter.heap.sources(arguments.plain.first()?)),
        },
        "ord" => {
            let text = known(interpreter, arguments, 0)?;
            Object::Int(encoding::to_bytes(text.get(..text.ceil_char_boundary(1.min(text.len())))?)
                .first()
                .map_or(0, |byte| i128::from(*byte)))
        }
        "dechex" => Object::text(format!("{:x}", number()?)),
        "decbin" => Object::text(format!("{:b}", number()?)),
        "decoct" => Object::text(format!("{:o}", number()?)),
        "hexdec" => Object::Int(from_digits(&known(interpreter, arguments, 0)?, 16)?),
        "octdec" => Object::Int(from_digits(&known(interpreter, arguments, 0)?, 8)?),
        "bindec" => Object::Int(from_digits(&known(interpreter, arguments, 0)?, 2)?),
        "base_convert" => {
            let digits = known(interpreter, arguments, 0)?;
            let from = u32::try_from(integer_at(arguments, 1)?).ok()?;
            let to = integer_at(arguments, 2)?;
            Object::text(digits_in(from_digits(&digits, from)?, to)?)
        }
        "abs" => Object::Int(number()?.checked_abs()?),
        "floor" | "intdiv" | "ceil" | "round" | "sqrt" | "pow" | "fmod" | "log" => {
            return real(interpreter, name, arguments);
        }
        "min" | "max" => {
            let items = match arguments.plain.as_slice() {
                [one] => super::values(interpreter, one)?,
                all => all.to_vec(),
            };
            let numbers: Option<Vec<i128>> = items.iter().map(integer).collect();
            let numbers = numbers?.into_iter();
            Object::Int(if name == "min" { numbers.min()? } else { numbers.max()? })
        }
        "number_format" => return mapped(interpreter, arguments, <[u8]>::to_vec),
        _ => return None,
    })
}

fn real(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    #[allow(clippy::cast_precision_loss, reason = "as PHP does")]
    let float = |at: usize| match of(arguments.plain.get(at)?)? {
        Object::Float(number) => Some(number),
        other => other.as_int().map(|number| number as f64),
    };
    let Some(number) = float(0) else {
        interpreter.uncertain += 1;
        return Some(Object::anything());
    };
    let result = match name {
        "floor" => number.floor(),
        "ceil" => number.ceil(),
        "round" => number.round(),
        "sqrt" => number.sqrt(),
        "log" => number.ln(),
        "pow" => number.powf(float(1)?),
        "fmod" => number % float(1)?,
        _ => (number / float(1)?).trunc(),
    };
    #[allow(clippy::cast_possible_truncation, reason = "saturates, as wanted")]
    if result.fract() == 0.0 {
        return Some(Object::Int(result as i128));
    }
    Some(Object::Float(result))
}

/// A number from its digits; others are passed over.
fn from_digits(digits: &str, base: u32) -> Option<i128> {
    if !(2..=36).contains(&base) {
        return None;
    }
    let known = digits.chars().filter_map(|c| c.to_digit(base));
    known.take(256).try_fold(0_i128, |number, digit| {
        number.checked_mul(i128::from(base))?.checked_add(i128::from(digit))
    })
}

/// A number's digits.
fn digits_in(number: i128, base: i128) -> Option<String> {
    if !(2..=36).contains(&base) || number < 0 {
        return None;
    }
    let mut digits = Vec::new();
    let mut rest = number;
    loop {
        let digit = u32::try_from(rest % base).ok()?;
        digits.push(char::from_digit(digit, u32::try_from(base).ok()?)?);
        rest /= base;
        if rest == 0 {
            break;
        }
    }
    Some(digits.into_iter().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_change_their_base() {
        assert_eq!(from_digits("1751504350", 10), Some(1_751_504_350));
        assert_eq!(digits_in(1_751_504_350, 36).as_deref(), Some("system"));
    }
}
