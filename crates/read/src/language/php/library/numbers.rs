//! Numbers: conversions and functions over them.
//!
//! Source: The PHP Manual, "Math", "Numeric strings".

use super::{integer as integer_at, known, mapped, of_bytes};
use crate::encoding;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::loose;
use crate::language::script::object::Object;

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let number = || integer_at(arguments, 0);
    Some(match name {
        "intval" => match (arguments.plain.first()?, integer_at(arguments, 1)) {
            (Object::Text(value), Some(base @ 2..=36)) if base != 10 => {
                let base = u32::try_from(base).ok()?;
                Object::Int(loose::from_digits(value.as_known()?, base)?)
            }
            (object, _) => loose::integer(object).map_or_else(Object::anything, Object::Int),
        },
        "floatval" | "doubleval" => {
            loose::of(arguments.plain.first()?).unwrap_or_else(Object::anything)
        }
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
            Object::Int(
                encoding::to_bytes(text.get(..text.ceil_char_boundary(1.min(text.len())))?)
                    .first()
                    .map_or(0, |byte| i128::from(*byte)),
            )
        }
        "dechex" => Object::text(format!("{:x}", number()?)),
        "decbin" => Object::text(format!("{:b}", number()?)),
        "decoct" => Object::text(format!("{:o}", number()?)),
        "hexdec" => Object::Int(loose::from_digits(&known(interpreter, arguments, 0)?, 16)?),
        "octdec" => Object::Int(loose::from_digits(&known(interpreter, arguments, 0)?, 8)?),
        "bindec" => Object::Int(loose::from_digits(&known(interpreter, arguments, 0)?, 2)?),
        "base_convert" => {
            let digits = known(interpreter, arguments, 0)?;
            let from = u32::try_from(integer_at(arguments, 1)?).ok()?;
            let to = integer_at(arguments, 2)?;
            Object::text(digits_in(loose::from_digits(&digits, from)?, to)?)
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
            let numbers: Option<Vec<i128>> = items.iter().map(loose::integer).collect();
            let numbers = numbers?.into_iter();
            Object::Int(if name == "min" {
                numbers.min()?
            } else {
                numbers.max()?
            })
        }
        "number_format" => return mapped(interpreter, arguments, <[u8]>::to_vec),
        _ => return None,
    })
}

fn real(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    #[allow(clippy::cast_precision_loss, reason = "as PHP does")]
    let float = |at: usize| match loose::of(arguments.plain.get(at)?)? {
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
        assert_eq!(loose::from_digits("1751504350", 10), Some(1_751_504_350));
        assert_eq!(digits_in(1_751_504_350, 36).as_deref(), Some("system"));
    }
}
