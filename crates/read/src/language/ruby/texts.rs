//! Strings: methods, `format`, `pack` and `unpack`.
//!
//! Source: the documentation of Ruby, "String", "Format Specifications", "Packed Data".

use std::rc::Rc;

use model::{Provenance, Value};

use super::values::{block, call_block, shared_call};
use crate::encoding::{base64, hex, to_bytes};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::{Bytes, Object};
use crate::language::script::{format, literal, texts as shared};

/// A byte as a string of it.
pub fn of_byte(number: i128) -> Option<Object> {
    let code = u32::try_from(number).ok()?;
    Some(Object::text(char::from_u32(code)?.to_string()))
}

/// `format(template, …)`: what has no text of its own is shown first.
pub fn formatted(interpreter: &mut Interpreter, template: &Object, given: &Object) -> Object {
    let items = match given {
        Object::List(_) | Object::Tuple(_) => interpreter.iterate(given).unwrap_or_default(),
        other => vec![other.clone()],
    };
    let mut shown = Vec::with_capacity(items.len());
    let mut from = Vec::new();
    for item in items {
        shown.push(match item {
            Object::Descriptor(_) => {
                let value = interpreter.shown(&item);
                from.extend(value.from.clone());
                value.text.parse().map_or(Object::Int(0), Object::Int)
            }
            other => other,
        });
    }
    let made = format::percent(interpreter, template, &Object::Tuple(Rc::new(shown)));
    match made {
        Object::Text(value) if !from.is_empty() => {
            let value = from.into_iter().fold((*value).clone(), Value::with_source);
            Object::of_value(value)
        }
        other => other,
    }
}

/// Calls a method of a text.
#[expect(clippy::too_many_lines, reason = "a table: one short arm a method")]
pub fn method(
    interpreter: &mut Interpreter,
    value: &Rc<Value>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first();
    let own = Object::Text(value.clone());
    let plain = name.strip_suffix('!').unwrap_or(name);
    let same = match plain {
        "downcase" => "lower",
        "upcase" => "upper",
        "swapcase" => "swapcase",
        "capitalize" => "capitalize",
        "strip" => "strip",
        "lstrip" => "lstrip",
        "rstrip" => "rstrip",
        "start_with?" => "startswith",
        "end_with?" => "endswith",
        "include?" => "__contains__",
        "ljust" => "ljust",
        "rjust" => "rjust",
        "center" => "center",
        _ => "",
    };
    if !same.is_empty() {
        return shared::method(interpreter, value, same, arguments);
    }
    match plain {
        "gsub" | "sub" | "tr" | "delete" | "squeeze" | "tr_s" => {
            return replaced(interpreter, value, plain, arguments);
        }
        "unpack" | "unpack1" => return unpacked(interpreter, value, plain, first?.as_text()?),
        "split" => {
            let split = match first {
                Some(Object::Text(by)) if by.text.is_empty() => {
                    interpreter.iterate(&own).map(|c| interpreter.heap.list(c))
                }
                _ => shared::method(interpreter, value, "split", arguments),
            };
            return split;
        }
        "%" => return Some(formatted(interpreter, &own, first?)),
        "concat" | "<<" | "+" => {
            let mut whole = (**value).clone();
            for part in &arguments.plain {
                whole.append(&interpreter.shown(part));
            }
            return interpreter
                .may_make(whole.text.len())
                .then(|| Object::of_value(whole));
        }
        "constantize" | "safe_constantize" => {
            let name = Rc::from(value.as_known()?);
            return Some(interpreter.lookup(&name));
        }
        _ => {}
    }
    if !value.known || !interpreter.may_make(value.text.len()) {
        return None;
    }
    let text = value.text.as_str();
    let map = |text: String| Object::Text(Rc::new(value.map_text(|_| text)));
    Some(match plain {
        "reverse" => map(text.chars().rev().collect()),
        "chomp" => map(text.trim_end_matches(['\n', '\r']).to_owned()),
        "chop" => {
            let mut text = text.to_owned();
            text.pop();
            map(text)
        }
        "length" | "size" | "bytesize" => Object::Int(i128::try_from(text.chars().count()).ok()?),
        "empty?" => Object::Bool(text.is_empty()),
        "to_i" | "hex" | "oct" => {
            let radix = match (plain, first) {
                ("hex", _) => 16,
                ("oct", _) => 8,
                (_, Some(radix)) => u32::try_from(radix.as_int()?)
                    .ok()
                    .filter(|r| (2..=36).contains(r))?,
                _ => 10,
            };
            let digits = text
                .trim()
                .trim_start_matches("0x")
                .trim_start_matches("0b");
            let end = digits
                .find(|c: char| !c.is_digit(radix))
                .unwrap_or(digits.len());
            Object::Int(i128::from_str_radix(digits.get(..end)?, radix).unwrap_or(0))
        }
        "ord" => Object::Int(i128::from(u32::from(text.chars().next()?))),
        "succ" | "next" => {
            let mut characters: Vec<char> = text.chars().collect();
            let last = characters.last_mut()?;
            *last = char::from_u32(u32::from(*last) + 1)?;
            map(characters.into_iter().collect())
        }
        "chars" | "each_char" | "bytes" | "each_byte" | "lines" | "each_line" | "codepoints"
        | "scan" => {
            let items: Vec<Object> = match plain {
                "bytes" | "each_byte" | "codepoints" => literal::latin1(text)
                    .into_iter()
                    .map(|byte| Object::Int(i128::from(byte)))
                    .collect(),
                "lines" | "each_line" => text
                    .split_inclusive('\n')
                    .map(|line| map(line.to_owned()))
                    .collect(),
                "scan" => scanned(interpreter, text, first?)?
                    .into_iter()
                    .map(map)
                    .collect(),
                _ => interpreter.iterate(&own)?,
            };
            let list = interpreter.heap.list(items);
            match block(arguments) {
                Some(_) => super::lists::list(interpreter, &list, "each", arguments)?,
                None => list,
            }
        }
        _ => return None,
    })
}

/// What `scan(/../)` and the like find: parts of one length, for what splits an encoded text.
fn scanned(interpreter: &mut Interpreter, text: &str, pattern: &Object) -> Option<Vec<String>> {
    let pattern = match pattern {
        Object::Partial(partial) => partial.plain.first()?.as_text()?.to_owned(),
        Object::Text(text) => regex::escape(&text.text),
        _ => return None,
    };
    let regex = compiled(interpreter, &pattern)?;
    Some(
        regex
            .find_iter(text)
            .map(|found| found.as_str().to_owned())
            .collect(),
    )
}

/// Most bytes of a compiled expression.
const COMPILED: usize = 1 << 20;

fn compiled(interpreter: &mut Interpreter, pattern: &str) -> Option<regex::Regex> {
    if !interpreter.burn(100) {
        return None;
    }
    let pattern = pattern.replace("\\h", "[0-9a-fA-F]");
    regex::RegexBuilder::new(&pattern)
        .multi_line(true)
        .size_limit(COMPILED)
        .dfa_size_limit(COMPILED)
        .build()
        .ok()
}

/// `gsub`, `sub`, `tr`, `delete`.
fn replaced(
    interpreter: &mut Interpreter,
    value: &Rc<Value>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let first = arguments.plain.first()?;
    if !value.known || !interpreter.may_make(value.text.len()) {
        return None;
    }
    let second = arguments.plain.get(1);
    let text = match name {
        "tr" | "tr_s" => {
            let (from, to) = (expanded(first.as_text()?), expanded(second?.as_text()?));
            let last = to.last().copied();
            let swap = |c: char| match from.iter().position(|own| *own == c) {
                Some(at) => to.get(at).copied().or(last),
                None => Some(c),
            };
            value.text.chars().filter_map(swap).collect()
        }
        "delete" => {
            let set = expanded(first.as_text()?);
            value.text.chars().filter(|c| !set.contains(c)).collect()
        }
        "squeeze" => return None,
        _ => {
            let pattern = match first {
                Object::Partial(partial) => partial.plain.first()?.as_text()?.to_owned(),
                plain => regex::escape(plain.as_text()?),
            };
            let regex = compiled(interpreter, &pattern)?;
            let most = if name == "sub" { 1 } else { usize::MAX };
            let mut out = String::new();
            let mut behind = 0;
            for captures in regex.captures_iter(&value.text).take(most) {
                let found = captures.get(0)?;
                out.push_str(value.text.get(behind..found.start())?);
                behind = found.end();
                match (second, block(arguments)) {
                    (Some(Object::Dictionary(slot)), _) => {
                        let key = Object::text(found.as_str());
                        let held = interpreter.heap.entry(*slot, &key)?;
                        out.push_str(held.as_text()?);
                    }
                    (Some(by), _) => {
                        let by = by.as_text()?;
                        let group = captures.get(1).map_or("", |group| group.as_str());
                        out.push_str(&by.replace("\\1", group).replace("\\0", found.as_str()));
                    }
                    (None, Some(block)) => {
                        let made = call_block(
                            interpreter,
                            &block.clone(),
                            vec![Object::text(found.as_str())],
                        );
                        out.push_str(&interpreter.shown(&made).text);
                    }
                    _ => return None,
                }
                if !interpreter.may_make(found.len() + 32) {
                    return None;
                }
            }
            out.push_str(value.text.get(behind..)?);
            out
        }
    };
    let decoded = name == "tr" && value.text != text;
    let value = value.map_text(|_| text);
    Some(Object::of_value(match decoded {
        true => value.with_source(Provenance::Decoded("substitution".to_owned())),
        false => value,
    }))
}

/// The characters of a set such as `A-Za-z`.
fn expanded(set: &str) -> Vec<char> {
    let characters: Vec<char> = set.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = characters.get(at) {
        match (characters.get(at + 1), characters.get(at + 2)) {
            (Some('-'), Some(end)) if end >= c && u32::from(*end) - u32::from(*c) < 256 => {
                out.extend(*c..=*end);
                at += 3;
            }
            _ => {
                out.push(*c);
                at += 1;
            }
        }
    }
    out
}

/// `text.unpack(template)`.
fn unpacked(
    interpreter: &mut Interpreter,
    value: &Rc<Value>,
    name: &str,
    template: &str,
) -> Option<Object> {
    let letter = template.chars().next()?;
    let own = Object::Text(value.clone());
    let coded = |interpreter: &mut Interpreter, path: &str| {
        shared_call(interpreter, path, vec![own.clone()])
    };
    let one = match letter {
        'm' => coded(interpreter, "base64.b64decode"),
        'u' => coded(interpreter, "binascii.a2b_uu"),
        'H' | 'h' if value.known => {
            Object::of_value(value.map_text(|text| hex::encode(&raw(text))))
        }
        'C' | 'c' | 'U' if value.known => {
            let bytes = raw(&value.text);
            if !interpreter.may_make(bytes.len() * 8) {
                return None;
            }
            let items = bytes.into_iter().map(|byte| Object::Int(i128::from(byte)));
            let items: Vec<Object> = items.collect();
            return match name {
                "unpack1" => items.first().cloned(),
                _ => Some(interpreter.heap.list(items)),
            };
        }
        'a' | 'A' if value.known => own,
        _ => return None,
    };
    let one = match one {
        Object::Bytes(bytes) => Object::of_value(bytes.value()),
        other => other,
    };
    Some(match name {
        "unpack1" => one,
        _ => interpreter.heap.list(vec![one]),
    })
}

/// The bytes of a text: of one that was decoded, these.
fn raw(text: &str) -> Vec<u8> {
    match text.chars().all(|c| u32::from(c) < 0x100) {
        true => literal::latin1(text),
        false => to_bytes(text),
    }
}

/// `[…].pack(template)`.
pub fn packed(
    interpreter: &mut Interpreter,
    list: &Object,
    items: &[Object],
    template: &Object,
) -> Option<Object> {
    let letter = template.as_text()?.chars().next()?;
    if matches!(letter, 'c' | 'C' | 'U' | 'W') {
        let mut text = String::new();
        for item in items {
            match item
                .as_int()
                .and_then(|code| u32::try_from(code & 0x1f_ffff).ok())
                .and_then(char::from_u32)
            {
                Some(c) => text.push(c),
                None => return Some(Object::from_sources(interpreter.heap.sources(list))),
            }
        }
        return interpreter.may_make(text.len()).then(|| Object::text(text));
    }
    let value = interpreter.value_of(items.first()?);
    if !value.known || !interpreter.may_make(value.text.len()) {
        return Some(Object::from_sources(value.from));
    }
    let text = match letter {
        'H' => {
            let own = Object::of_value(value);
            let decoded = shared_call(interpreter, "binascii.unhexlify", vec![own]);
            return Some(match decoded {
                Object::Bytes(bytes) => Object::of_value(bytes.value()),
                other => other,
            });
        }
        'm' => base64::encode(&raw(&value.text)),
        'a' | 'A' => value.text.clone(),
        _ => return None,
    };
    Some(Object::of_value(value.map_text(|_| text)))
}

/// Methods of bytes: those of the text they are.
pub fn of_bytes(
    interpreter: &mut Interpreter,
    bytes: &Rc<Bytes>,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    if !bytes.known {
        return None;
    }
    method(interpreter, &Rc::new(bytes.value()), name, arguments)
}
