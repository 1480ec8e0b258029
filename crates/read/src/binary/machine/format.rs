//! `printf` formats (ISO C, 7.21.6.1), as far as values are known.

use model::{Provenance, Value};

/// Longest result, in bytes.
const LONGEST: usize = 16 << 10;

/// The text a format makes; `argument` gives the next argument, as a text or as a number.
pub fn format(pattern: &Value, mut argument: impl FnMut(bool) -> Value) -> Value {
    let mut out = Value::literal("");
    let mut rest = pattern.text.as_str();
    while let Some(at) = rest.find('%') {
        out.append(&Value::literal(&rest[..at]));
        let spec = &rest[at + 1..];
        let length = spec
            .find(|c: char| {
                !matches!(
                    c,
                    '0'..='9' | '-' | '+' | ' ' | '#' | '.' | '*' | 'l' | 'h' | 'z' | 'j' | 't'
                )
            })
            .unwrap_or(spec.len());
        let Some(kind) = spec[length..].chars().next() else {
            break;
        };
        for _ in spec[..length].matches('*') {
            argument(false);
        }
        out.append(&match kind {
            '%' => Value::literal("%"),
            's' => argument(true),
            'd' | 'i' => signed(argument(false)),
            'u' => argument(false),
            'x' | 'X' => hexadecimal(argument(false), &spec[..length]),
            'c' => character(argument(false)),
            _ => {
                argument(false);
                Value::unknown(Provenance::Unknown)
            }
        });
        rest = &spec[length + kind.len_utf8()..];
        if out.text.len() > LONGEST {
            return out;
        }
    }
    out.append(&Value::literal(rest));
    out.known &= pattern.known;
    out
}

fn number(value: &Value) -> Option<u64> {
    value.as_known()?.parse().ok()
}

/// An `int`: 32 bits with a sign.
fn signed(value: Value) -> Value {
    match number(&value) {
        Some(number) => Value::literal((number as u32 as i32).to_string()),
        None => value,
    }
}

fn hexadecimal(value: Value, flags: &str) -> Value {
    let width = flags
        .trim_matches(|c: char| !c.is_ascii_digit())
        .parse::<usize>();
    match (number(&value), width) {
        (Some(number), Ok(width)) if flags.starts_with('0') => {
            Value::literal(format!("{:0width$x}", number as u32, width = width.min(16)))
        }
        (Some(number), _) => Value::literal(format!("{:x}", number as u32)),
        (None, _) => value,
    }
}

fn character(value: Value) -> Value {
    match number(&value) {
        Some(number) => Value::literal(char::from(number as u8).to_string()),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_put_in() {
        let mut arguments = ["host", "4444", "10"].map(Value::literal).into_iter();
        let made = format(&Value::literal("nc %s %d -w %02x 100%%"), |_| {
            arguments.next().unwrap_or_default()
        });
        assert_eq!(made.as_known(), Some("nc host 4444 -w 0a 100%"));
        let made = format(&Value::literal("curl %s"), |_| {
            Value::unknown(Provenance::Argument)
        });
        assert_eq!((made.text.as_str(), made.known), ("curl {argument}", false));
    }
}
