//! Numbers, and texts made of them.
//!
//! Source: ECMA-262, "Number Objects", "Math", "String.fromCharCode".

use super::super::coercion;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library as shared;
use crate::language::script::object::Object;

/// Numbers and texts.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "parseInt" | "Number.parseInt" => parse_int(interpreter, arguments)?,
        "parseFloat" | "Number.parseFloat" => {
            let text = interpreter.shown(first?);
            let text = text.as_known()?.trim();
            let end = text
                .find(|c: char| !(c.is_ascii_digit() || ".-+eE".contains(c)))
                .unwrap_or(text.len());
            let number = text.get(..end)?.parse().unwrap_or(f64::NAN);
            coercion::number(number)
        }
        "String" => match first {
            None => Object::text(""),
            Some(object) => Object::of_value(interpreter.shown(object)),
        },
        "Boolean" => Object::Bool(match first {
            None => false,
            Some(object) => interpreter.truth(object)?,
        }),
        "String.fromCharCode" | "String.fromCodePoint" => from_codes(interpreter, arguments)?,
        "String.raw" => first?.clone(),
        "isNaN" | "Number.isNaN" => {
            Object::Bool(coercion::to_number(interpreter, first?)?.is_nan())
        }
        "Math.floor" | "Math.ceil" | "Math.round" | "Math.trunc" | "Math.abs" | "Math.sqrt" => {
            let number = coercion::to_number(interpreter, first?)?;
            coercion::number(match name {
                "Math.floor" => number.floor(),
                "Math.ceil" => number.ceil(),
                "Math.round" => (number + 0.5).floor(),
                "Math.trunc" => number.trunc(),
                "Math.sqrt" => number.sqrt(),
                _ => number.abs(),
            })
        }
        "Math.pow" => {
            let power = coercion::to_number(interpreter, arguments.plain.get(1)?)?;
            coercion::number(coercion::to_number(interpreter, first?)?.powf(power))
        }
        "Math.max" | "Math.min" => {
            let mut best = coercion::to_number(interpreter, first?)?;
            for other in &arguments.plain {
                let other = coercion::to_number(interpreter, other)?;
                best = if name == "Math.max" {
                    best.max(other)
                } else {
                    best.min(other)
                };
            }
            coercion::number(best)
        }
        _ => match name.strip_suffix(".log") {
            Some("console") => return Some(shared::call(interpreter, "print", arguments.clone())),
            _ => return None,
        },
    })
}

/// `parseInt(text, radix)`: the digits at its beginning.
fn parse_int(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let shown = interpreter.shown(arguments.plain.first()?);
    let Some(text) = shown.as_known() else {
        return Some(Object::from_sources(shown.from.clone()));
    };
    let radix = arguments.plain.get(1).and_then(Object::as_int);
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let (radix, text) = match (radix, hex) {
        (None | Some(0 | 16), Some(rest)) => (16, rest),
        (None | Some(0), None) => (10, text),
        (Some(radix), _) => (u32::try_from(radix).ok()?, text),
    };
    if !(2..=36).contains(&radix) {
        return Some(Object::Float(f64::NAN));
    }
    let end = text
        .find(|c: char| !c.is_digit(radix))
        .unwrap_or(text.len());
    let number = i128::from_str_radix(text.get(..end)?, radix);
    Some(match number {
        Ok(number) => Object::Int(if negative { -number } else { number }),
        Err(_) => Object::Float(f64::NAN),
    })
}

/// `String.fromCharCode(…)`.
fn from_codes(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let mut units = Vec::with_capacity(arguments.plain.len());
    for argument in &arguments.plain {
        let Some(number) = coercion::to_number(interpreter, argument) else {
            let from = arguments.plain.iter();
            let from = from
                .flat_map(|part| interpreter.heap.sources(part))
                .collect();
            return Some(Object::from_sources(from));
        };
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "as in the language"
        )]
        match number as u32 {
            wide @ 0x1_0000..=0x10_ffff => {
                units.extend(char::from_u32(wide)?.encode_utf16(&mut [0; 2]).iter());
            }
            unit => units.push(unit as u16),
        }
    }
    interpreter
        .may_make(units.len())
        .then(|| Object::text(String::from_utf16_lossy(&units)))
}
