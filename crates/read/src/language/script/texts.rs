//! Methods of texts and integers.

use std::rc::Rc;

use model::Value;

use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::Object;
use super::operators::add_sources;
use super::{format, library};

/// Calls a method of a text.
pub fn method(
    interpreter: &mut Interpreter,
    value: &Value,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "join" => return join(interpreter, value, arguments),
        "format" => return Some(format::format(interpreter, value, arguments)),
        "format_map" => {
            let mut named = Arguments::default();
            if let Some(Object::Dictionary(slot)) = arguments.plain.first() {
                for (key, held) in interpreter.heap.entries(*slot) {
                    named
                        .named
                        .push((Rc::from(key.as_text().unwrap_or_default()), held.clone()));
                }
            }
            return Some(format::format(interpreter, value, &named));
        }
        "encode" | "decode" => {
            let encoding = interpreter.argument(arguments, 0, "encoding");
            let object = Object::Text(Rc::new(value.clone()));
            return match name {
                "encode" => library::encode(interpreter, &object, &encoding.text),
                _ => library::decode(interpreter, &object, &encoding.text),
            };
        }
        "translate" => return translate(interpreter, value, arguments),
        "split" | "rsplit" | "splitlines" | "partition" | "rpartition" => {
            return split(interpreter, value, name, arguments);
        }
        _ => {}
    }
    if !interpreter.may_make(value.text.len()) {
        return None;
    }
    transform(value, name, arguments).or_else(|| inspect(value, name, arguments))
}

/// Methods that make another text.
fn transform(value: &Value, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    let argument = first.and_then(Object::as_text);
    let width = || {
        usize::try_from(first?.as_int()?)
            .ok()
            .filter(|w| *w <= 4096)
    };
    let map = |f: &dyn Fn(&str) -> String| Some(Object::Text(Rc::new(value.map_text(f))));
    let set: Vec<char> = argument.unwrap_or_default().chars().collect();
    let stripped = |c: char| match first {
        Some(Object::Text(_)) => set.contains(&c),
        _ => c.is_whitespace(),
    };
    match name {
        "strip" => map(&|text| text.trim_matches(stripped).to_owned()),
        "lstrip" => map(&|text| text.trim_start_matches(stripped).to_owned()),
        "rstrip" => map(&|text| text.trim_end_matches(stripped).to_owned()),
        "lower" | "casefold" => map(&|text| text.to_lowercase()),
        "upper" => map(&|text| text.to_uppercase()),
        "swapcase" => map(&|text| {
            text.chars()
                .map(|c| match c.is_uppercase() {
                    true => c.to_ascii_lowercase(),
                    false => c.to_ascii_uppercase(),
                })
                .collect()
        }),
        "title" | "capitalize" => map(&|text| {
            let mut characters = text.chars();
            let first = characters.next().map(|c| c.to_ascii_uppercase());
            first
                .into_iter()
                .chain(characters.map(|c| c.to_ascii_lowercase()))
                .collect()
        }),
        "replace" => replace(value, arguments),
        "removeprefix" => map(&|text| {
            text.strip_prefix(argument.unwrap_or(""))
                .unwrap_or(text)
                .to_owned()
        }),
        "removesuffix" => map(&|text| {
            text.strip_suffix(argument.unwrap_or(""))
                .unwrap_or(text)
                .to_owned()
        }),
        "zfill" => width().and_then(|width| map(&|text| format!("{text:0>width$}"))),
        "ljust" => width().and_then(|width| map(&|text| format!("{text:<width$}"))),
        "rjust" => width().and_then(|width| map(&|text| format!("{text:>width$}"))),
        "center" => width().and_then(|width| map(&|text| format!("{text:^width$}"))),
        "expandtabs" | "__str__" | "__repr__" | "copy" => map(&str::to_owned),
        "__add__" => {
            let mut whole = value.clone();
            whole.append(&Value::literal(argument?));
            Some(Object::Text(Rc::new(whole)))
        }
        _ => None,
    }
}

fn replace(value: &Value, arguments: &Arguments) -> Option<Object> {
    let old = arguments.plain.first()?.as_text()?;
    let new = arguments.plain.get(1)?;
    let Object::Text(new) = new else {
        let mut unknown = value.clone();
        add_sources(&mut unknown.from, new.sources());
        unknown.known &= !value.text.contains(old);
        return Some(Object::Text(Rc::new(unknown)));
    };
    let times = arguments.plain.get(2).and_then(Object::as_int);
    let times = usize::try_from(times.unwrap_or(-1)).unwrap_or(usize::MAX);
    let matches = value.text.matches(old).take(times).count();
    let length = value.text.len() + matches.checked_mul(new.text.len())?;
    if length > 1 << 24 {
        return None;
    }
    let mut replaced = value.map_text(|text| text.replacen(old, &new.text, times));
    if matches > 0 {
        replaced.known &= new.known;
        add_sources(&mut replaced.from, &new.from);
    }
    Some(Object::Text(Rc::new(replaced)))
}

/// Methods that tell something about a text.
fn inspect(value: &Value, name: &str, arguments: &Arguments) -> Option<Object> {
    let text = value.as_known()?;
    let first = arguments.plain.first();
    let argument = first.and_then(Object::as_text);
    let at = |found: Option<usize>| {
        found.map_or(-1, |at| {
            i128::try_from(text.get(..at).map_or(0, |before| before.chars().count())).unwrap_or(-1)
        })
    };
    Some(match name {
        "startswith" | "endswith" => {
            let holds = |part: &str| match name {
                "startswith" => text.starts_with(part),
                _ => text.ends_with(part),
            };
            match first? {
                Object::Tuple(parts) => {
                    Object::Bool(parts.iter().filter_map(Object::as_text).any(holds))
                }
                _ => Object::Bool(holds(argument?)),
            }
        }
        "find" | "index" => {
            let skipped = arguments.plain.get(1).and_then(Object::as_int).unwrap_or(0);
            let skipped = usize::try_from(skipped).unwrap_or(0);
            let from = text
                .char_indices()
                .nth(skipped)
                .map_or(text.len(), |(at, _)| at);
            Object::Int(at(text.get(from..)?.find(argument?).map(|at| at + from)))
        }
        "rfind" | "rindex" => Object::Int(at(text.rfind(argument?))),
        "count" => Object::Int(i128::try_from(text.matches(argument?).count()).ok()?),
        "isdigit" | "isnumeric" | "isdecimal" => {
            Object::Bool(!text.is_empty() && text.chars().all(char::is_numeric))
        }
        "isalpha" => Object::Bool(!text.is_empty() && text.chars().all(char::is_alphabetic)),
        "isalnum" => Object::Bool(!text.is_empty() && text.chars().all(char::is_alphanumeric)),
        "isupper" => Object::Bool(
            text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase),
        ),
        "islower" => Object::Bool(
            text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase),
        ),
        "isspace" => Object::Bool(!text.is_empty() && text.chars().all(char::is_whitespace)),
        "__len__" => Object::Int(i128::try_from(text.chars().count()).ok()?),
        "__contains__" => Object::Bool(text.contains(argument?)),
        _ => return None,
    })
}

fn join(interpreter: &mut Interpreter, value: &Value, arguments: &Arguments) -> Option<Object> {
    let argument = arguments.plain.first()?;
    let Some(items) = interpreter.iterate(argument) else {
        let from = interpreter.heap.sources(argument);
        return Some(Object::from_sources(from));
    };
    let mut whole = Value::literal("");
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            whole.append(value);
        }
        match item {
            Object::Text(item) => whole.append(item),
            other => whole.append(&interpreter.shown(other)),
        }
        if whole.text.len() > interpreter.world().budget().program_text {
            return None;
        }
    }
    interpreter
        .may_make(whole.text.len())
        .then(|| Object::of_value(whole))
}

/// Methods that take a text apart.
fn split(
    interpreter: &mut Interpreter,
    value: &Value,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    if !interpreter.burn(value.text.len() as u64 / 4) {
        return None;
    }
    let text = &value.text;
    let part = |part: &str| {
        Object::of_value(Value {
            text: part.to_owned(),
            known: value.known || !part.contains('{'),
            from: value.from.clone(),
        })
    };
    let separator = arguments.get(0, "sep").and_then(Object::as_text);
    let most = arguments.get(1, "maxsplit").and_then(Object::as_int);
    let most = most
        .and_then(|most| usize::try_from(most).ok())
        .map_or(usize::MAX, |most| most.saturating_add(1));
    let parts: Vec<&str> = match (name, separator) {
        ("splitlines", _) => text.lines().collect(),
        ("partition", Some(separator)) => match text.split_once(separator) {
            Some((before, after)) => vec![before, separator, after],
            None => vec![text, "", ""],
        },
        ("rpartition", Some(separator)) => match text.rsplit_once(separator) {
            Some((before, after)) => vec![before, separator, after],
            None => vec!["", "", text],
        },
        ("split", Some(separator)) if !separator.is_empty() => {
            text.splitn(most, separator).collect()
        }
        ("rsplit", Some(separator)) if !separator.is_empty() => {
            let mut parts: Vec<&str> = text.rsplitn(most, separator).collect();
            parts.reverse();
            parts
        }
        ("split" | "rsplit", _) if most == usize::MAX => text.split_whitespace().collect(),
        ("split" | "rsplit", _) => text
            .trim_start()
            .splitn(most, char::is_whitespace)
            .collect(),
        _ => return None,
    };
    let parts: Vec<Object> = parts.into_iter().map(part).collect();
    Some(match name {
        "partition" | "rpartition" => Object::Tuple(Rc::new(parts)),
        _ => interpreter.heap.list(parts),
    })
}

/// `text.translate(table)`: a table of code points, or of Python 2, a text of 256 characters.
fn translate(
    interpreter: &mut Interpreter,
    value: &Value,
    arguments: &Arguments,
) -> Option<Object> {
    if !interpreter.burn(value.text.len() as u64) {
        return None;
    }
    let replaced: String = match arguments.plain.first()? {
        Object::Dictionary(slot) => {
            let table: std::collections::HashMap<i128, String> = interpreter
                .heap
                .entries(*slot)
                .iter()
                .filter_map(|(key, held)| {
                    let key = match key {
                        Object::Text(text) => i128::from(u32::from(text.text.chars().next()?)),
                        other => other.as_int()?,
                    };
                    let held = match held {
                        Object::None => String::new(),
                        Object::Int(code) => format::char_of(*code).text,
                        other => other.as_text()?.to_owned(),
                    };
                    Some((key, held))
                })
                .collect();
            value
                .text
                .chars()
                .map(|c| match table.get(&i128::from(u32::from(c))) {
                    Some(held) => held.clone(),
                    None => c.to_string(),
                })
                .collect()
        }
        Object::Text(table) => {
            let table: Vec<char> = table.text.chars().collect();
            value
                .text
                .chars()
                .map(|c| table.get(u32::from(c) as usize).copied().unwrap_or(c))
                .collect()
        }
        _ => return None,
    };
    Some(Object::Text(Rc::new(value.map_text(|_| replaced))))
}

/// `maketrans(from, to)`: a dictionary of code points.
pub fn maketrans(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first()?;
    if matches!(first, Object::Dictionary(_)) {
        return Some(first.clone());
    }
    let characters = |object: &Object| -> Option<Vec<char>> {
        match object {
            Object::Bytes(bytes) => Some(bytes.data.iter().map(|&b| char::from(b)).collect()),
            other => Some(other.as_text()?.chars().collect()),
        }
    };
    let from = characters(first)?;
    let to = characters(arguments.plain.get(1)?)?;
    let code = |c: char| Object::Int(i128::from(u32::from(c)));
    let mut entries: Vec<_> = from
        .into_iter()
        .zip(to)
        .map(|(from, to)| (code(from), code(to)))
        .collect();
    if let Some(removed) = arguments.plain.get(2).and_then(Object::as_text) {
        entries.extend(removed.chars().map(|c| (code(c), Object::None)));
    }
    Some(interpreter.heap.dictionary(entries))
}

/// Methods of an integer.
pub fn integer_method(number: i128, name: &str, arguments: &Arguments) -> Option<Object> {
    match name {
        "to_bytes" => {
            let length = usize::try_from(arguments.get(0, "length")?.as_int()?).ok()?;
            let little = arguments
                .get(1, "byteorder")
                .and_then(Object::as_text)
                .is_some_and(|order| order == "little");
            let all = number.to_be_bytes();
            let mut bytes = vec![0; length.min(4096).saturating_sub(all.len())];
            bytes.extend_from_slice(all.get(all.len().saturating_sub(length)..)?);
            if little {
                bytes.reverse();
            }
            Some(Object::bytes(bytes))
        }
        "bit_length" => Some(Object::Int(i128::from(
            128 - number.unsigned_abs().leading_zeros(),
        ))),
        "__str__" | "__repr__" => Some(Object::text(number.to_string())),
        "__xor__" => Some(Object::Int(number ^ arguments.plain.first()?.as_int()?)),
        _ => None,
    }
}
