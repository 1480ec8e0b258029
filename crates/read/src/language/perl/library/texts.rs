//! Functions over texts and numbers.
//!
//! Source: perlfunc.

use model::Value;

use super::{integer, known, mapped, of_bytes, text};
use crate::encoding::to_bytes;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::loose;
use crate::language::script::object::Object;

/// Calls one of them.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    match name {
        "lc" | "fc" => mapped(interpreter, arguments, <[u8]>::to_ascii_lowercase),
        "uc" => mapped(interpreter, arguments, <[u8]>::to_ascii_uppercase),
        "ucfirst" | "lcfirst" => mapped(interpreter, arguments, |bytes| {
            let mut bytes = bytes.to_vec();
            if let Some(first) = bytes.first_mut() {
                *first = match name {
                    "ucfirst" => first.to_ascii_uppercase(),
                    _ => first.to_ascii_lowercase(),
                };
            }
            bytes
        }),
        "#reverse_text" => {
            let whole: Vec<Object> = arguments.plain.get(1..)?.to_vec();
            let mut joined = Value::literal("");
            for part in &whole {
                let part = interpreter.shown(part);
                joined.append(&part);
            }
            let given = Arguments::plain(vec![Object::of_value(joined)]);
            mapped(interpreter, &given, |bytes| {
                bytes.iter().rev().copied().collect()
            })
        }
        "chomp" => mapped(interpreter, arguments, |bytes| {
            bytes.strip_suffix(b"\n").unwrap_or(bytes).to_vec()
        }),
        "chop" => mapped(interpreter, arguments, |bytes| {
            bytes
                .split_last()
                .map_or(Vec::new(), |(_, rest)| rest.to_vec())
        }),
        "quotemeta" => mapped(interpreter, arguments, <[u8]>::to_vec),
        "length" => {
            let whole = known(interpreter, arguments, 0)?;
            let length = match whole.is_ascii() {
                true => whole.len(),
                false => to_bytes(&whole).len(),
            };
            Some(Object::Int(i128::try_from(length).ok()?))
        }
        _ => cut(interpreter, name, arguments),
    }
}

/// Functions that take a text apart, and make one.
fn cut(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    match name {
        "substr" => {
            let (Some(start), count) = (integer(arguments, 1), arguments.plain.get(2)) else {
                let value = text(interpreter, arguments, 0);
                return Some(Object::from_sources(value.from));
            };
            let count = match count.map(loose::integer) {
                Some(None) => {
                    let value = text(interpreter, arguments, 0);
                    return Some(Object::from_sources(value.from));
                }
                other => other.flatten(),
            };
            mapped(interpreter, arguments, |bytes| {
                let range = loose::part(bytes.len(), start, count);
                bytes.get(range).unwrap_or_default().to_vec()
            })
        }
        "index" | "rindex" => {
            let whole = known(interpreter, arguments, 0)?;
            let mark = known(interpreter, arguments, 1)?;
            let at = match name {
                "index" => whole.find(&mark),
                _ => whole.rfind(&mark),
            };
            Some(Object::Int(match at {
                Some(at) => {
                    let before = whole.get(..at).unwrap_or_default();
                    i128::try_from(to_bytes(before).len()).ok()?
                }
                None => -1,
            }))
        }
        "sprintf" => {
            let format = text(interpreter, arguments, 0);
            let operands = arguments.plain.get(1..)?;
            Some(loose::formatted(interpreter, &format, operands))
        }
        "chr" => match integer(arguments, 0) {
            Some(code) => Some(match u8::try_from(code) {
                Ok(byte) => of_bytes(&[byte], Vec::new()),
                Err(_) => {
                    let c = u32::try_from(code).ok().and_then(char::from_u32)?;
                    Object::text(c.to_string())
                }
            }),
            None => {
                let value = text(interpreter, arguments, 0);
                Some(Object::from_sources(value.from))
            }
        },
        "ord" => {
            let whole = known(interpreter, arguments, 0)?;
            let c = whole.chars().next();
            let bytes = c.map(|c| to_bytes(c.encode_utf8(&mut [0; 4])));
            let first = bytes.and_then(|bytes| bytes.first().copied());
            Some(Object::Int(first.map_or(0, i128::from)))
        }
        "hex" => Some(Object::Int(loose::from_digits(
            known(interpreter, arguments, 0)?.trim_start_matches("0x"),
            16,
        )?)),
        "oct" => {
            let digits = known(interpreter, arguments, 0)?;
            let digits = digits.trim();
            Some(Object::Int(match digits.get(..2) {
                Some("0x") => loose::from_digits(digits.get(2..)?, 16)?,
                Some("0b") => loose::from_digits(digits.get(2..)?, 2)?,
                _ => loose::from_digits(digits, 8)?,
            }))
        }
        "int" => Some(integer(arguments, 0).map_or_else(Object::anything, Object::Int)),
        "abs" => Some(Object::Int(integer(arguments, 0)?.checked_abs()?)),
        "rand" | "time" | "localtime" | "gmtime" | "srand" => {
            interpreter.uncertain += 1;
            Some(Object::anything())
        }
        _ => None,
    }
}
