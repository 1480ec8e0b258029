//! Built-in functions over numbers, texts and bytes.

use std::rc::Rc;

use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::{Bytes, Object};
use super::operators::bytes_of_items;
use super::syntax::Operator;
use super::{format, literal};

/// Calls one of them; `None` if it is none or its result cannot be told.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match path {
        "chr" | "unichr" => Object::of_value(format::char_of(first?.as_int()?)),
        "ord" => ord(interpreter, first?)?,
        "len" => length(interpreter, first?)?,
        "int" | "long" => integer(interpreter, first?, arguments)?,
        "str" | "unicode" | "ascii" => text(interpreter, arguments)?,
        "repr" => Object::of_value(interpreter.repr(first?)),
        "bytes" | "memoryview" | "buffer" => bytes(interpreter, arguments)?,
        "bytearray" => match bytes(interpreter, arguments)? {
            Object::Bytes(bytes) if bytes.known && interpreter.may_make(bytes.data.len() * 8) => {
                interpreter.heap.bytearray(&bytes)
            }
            other => other,
        },
        "hex" | "oct" | "bin" => based(first?, path)?,
        "bool" => Object::Bool(interpreter.truth(first?)?),
        "float" => Object::Float(float(first?)?),
        "abs" => Object::Int(first?.as_int()?.checked_abs()?),
        "round" => Object::Int(first?.as_int()?),
        "pow" => power(interpreter, arguments)?,
        "type" => kind(interpreter, arguments)?,
        "format" => {
            let specification = interpreter.argument(arguments, 1, "format_spec");
            Object::of_value(format::specified(interpreter, first?, &specification.text))
        }
        _ => return None,
    })
}

/// `pow(base, exponent, modulus)`.
fn power(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let (base, exponent) = match arguments.plain.as_slice() {
        [base, exponent] => {
            return Some(interpreter.operate(base.clone(), Operator::Power, exponent.clone()));
        }
        [base, exponent, ..] => (base.as_int()?, exponent.as_int()?),
        _ => return None,
    };
    let modulus = arguments.plain.get(2)?.as_int()?;
    // Squares of what is smaller fit.
    if modulus <= 0 || modulus >= 1 << 63 || exponent < 0 {
        return None;
    }
    let mut square = base.rem_euclid(modulus);
    let mut result = 1 % modulus;
    let mut bits = exponent;
    while bits > 0 {
        if bits & 1 == 1 {
            result = result * square % modulus;
        }
        square = square * square % modulus;
        bits >>= 1;
    }
    Some(Object::Int(result))
}

fn ord(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    Some(match object {
        // Of bytes, Python 2 iterates characters and Python 3 integers.
        Object::Int(number) => Object::Int(*number),
        Object::Text(value) if value.known => {
            let c = value.text.chars().next()?;
            let raw = interpreter.bytes_held(object);
            match raw.data.as_slice() {
                [byte] => Object::Int(i128::from(*byte)),
                _ => Object::Int(i128::from(u32::from(c))),
            }
        }
        Object::Bytes(bytes) if bytes.known => Object::Int(i128::from(*bytes.data.first()?)),
        _ => return None,
    })
}

fn length(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    interpreter.burn(interpreter.weight(object));
    let length = match object {
        Object::Text(value) if value.known => value.text.chars().count(),
        Object::Bytes(bytes) if bytes.known => bytes.data.len(),
        Object::Tuple(items) => items.len(),
        Object::List(slot) => interpreter.heap.items(*slot).len(),
        Object::Dictionary(slot) => interpreter.heap.entries(*slot).len(),
        _ => {
            interpreter.uncertain += 1;
            return Some(Object::anything());
        }
    };
    Some(Object::Int(i128::try_from(length).ok()?))
}

fn integer(
    interpreter: &mut Interpreter,
    object: &Object,
    arguments: &Arguments,
) -> Option<Object> {
    if let Some(number) = object.as_int() {
        return Some(Object::Int(number));
    }
    if let Object::Float(number) = object {
        #[allow(clippy::cast_possible_truncation, reason = "saturates, as wanted")]
        return Some(Object::Int(number.trunc() as i128));
    }
    let text = match object {
        Object::Text(value) => value.as_known()?.to_owned(),
        Object::Bytes(bytes) if bytes.known => bytes.value().text,
        Object::BigInt(_) => return Some(object.clone()),
        _ => return None,
    };
    let base = arguments
        .get(1, "base")
        .and_then(Object::as_int)
        .unwrap_or(10);
    let base = u32::try_from(base).ok()?;
    let text = text.trim().replace('_', "").to_ascii_lowercase();
    let negative = text.starts_with('-');
    let digits = text.trim_start_matches(['-', '+']);
    let stripped = match base {
        16 => digits.trim_start_matches("0x"),
        8 => digits.trim_start_matches("0o"),
        2 => digits.trim_start_matches("0b"),
        _ => digits,
    };
    let parsed = match base {
        0 => literal::integer(digits),
        2..=36 if interpreter.burn(stripped.len() as u64) => literal::parse(stripped, base),
        _ => None,
    };
    Some(match parsed? {
        literal::Integer::Small(number) if negative => Object::Int(number.checked_neg()?),
        literal::Integer::Small(number) => Object::Int(number),
        literal::Integer::Big(bytes) => Object::BigInt(Rc::from(bytes)),
    })
}

fn float(object: &Object) -> Option<f64> {
    match object {
        Object::Float(number) => Some(*number),
        Object::Text(value) => value.as_known()?.trim().parse().ok(),
        #[allow(clippy::cast_precision_loss, reason = "as Python does")]
        other => other.as_int().map(|number| number as f64),
    }
}

fn based(object: &Object, name: &str) -> Option<Object> {
    if let Object::BigInt(bytes) = object {
        return (name == "hex").then(|| Object::text(format!("0x{}", format::big_hex(bytes))));
    }
    let number = object.as_int()?;
    let sign = if number < 0 { "-" } else { "" };
    let magnitude = number.unsigned_abs();
    Some(Object::text(match name {
        "hex" => format!("{sign}0x{magnitude:x}"),
        "oct" => format!("{sign}0o{magnitude:o}"),
        _ => format!("{sign}0b{magnitude:b}"),
    }))
}

fn text(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let Some(first) = arguments.plain.first() else {
        return Some(Object::text(""));
    };
    if matches!(first, Object::Bytes(_)) {
        let encoding = interpreter.argument(arguments, 1, "encoding");
        return super::library::decode(interpreter, first, &encoding.text);
    }
    if let Object::Instance(_) = first {
        let shown =
            interpreter.call_method(&first.clone(), &Rc::from("__str__"), Arguments::default());
        return Some(shown);
    }
    Some(Object::of_value(interpreter.shown(first)))
}

fn bytes(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    Some(match arguments.plain.first() {
        None => Object::bytes(Vec::new()),
        Some(Object::Int(length)) => {
            let length = usize::try_from(*length).ok()?;
            if !interpreter.may_make(length) {
                return None;
            }
            Object::bytes(vec![0; length])
        }
        Some(object @ (Object::List(_) | Object::Tuple(_))) => {
            let items = interpreter.iterate(object)?;
            match bytes_of_items(&items) {
                Some(data) => Object::bytes(data),
                None => {
                    let from = interpreter.heap.sources(object);
                    Object::from_sources(from)
                }
            }
        }
        Some(object @ (Object::Text(_) | Object::Bytes(_))) => {
            Object::Bytes(Rc::new(match object {
                Object::Text(value) => Bytes {
                    data: crate::encoding::to_bytes(&value.text),
                    known: value.known,
                    from: value.from.clone(),
                },
                other => interpreter.bytes_held(other),
            }))
        }
        Some(other) => {
            let from = interpreter.heap.sources(other);
            Object::from_sources(from)
        }
    })
}

fn kind(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    match arguments.plain.first()? {
        Object::Instance(slot) => Some(Object::Class(interpreter.heap.instance_of(*slot)?.class)),
        Object::Text(_) if arguments.plain.len() == 1 => Some(Object::library("str")),
        Object::Bytes(_) => Some(Object::library("bytes")),
        Object::Int(_) => Some(Object::library("int")),
        Object::Function(_) | Object::Bound(_) => Some(Object::library("types.FunctionType")),
        _ => None,
    }
}
