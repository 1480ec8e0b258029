//! Libraries that compute: what matters is that values pass through them.

use std::rc::Rc;

use model::{Provenance, Value};

use super::super::builtins;
use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::object::{Object, SHOWN_ITEMS};
use super::super::operators::bytes_of_items;
use super::super::syntax::Operator;

/// Calls a function that computes.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match path {
        "functools.reduce" | "itertools.imap" | "itertools.izip" | "itertools.ifilter" => {
            let name = match path.rsplit('.').next()? {
                "imap" => "map",
                "izip" => "zip",
                "ifilter" => "filter",
                other => other,
            };
            return builtins::call(interpreter, name, arguments);
        }
        "itertools.chain" | "itertools.chain.from_iterable" => {
            let sources = match path {
                "itertools.chain" => arguments.plain.clone(),
                _ => interpreter.iterate(first?)?,
            };
            let mut all = Vec::new();
            for source in sources {
                all.extend(interpreter.iterate(&source)?);
            }
            interpreter.heap.list(all)
        }
        "operator.xor" => binary(interpreter, Operator::Xor, arguments)?,
        "operator.add" | "operator.concat" => binary(interpreter, Operator::Add, arguments)?,
        "operator.sub" => binary(interpreter, Operator::Subtract, arguments)?,
        "operator.mod" => binary(interpreter, Operator::Modulo, arguments)?,
        "operator.getitem" => interpreter.index(&first?.clone(), arguments.plain.get(1)?),
        "operator.attrgetter.of" | "operator.methodcaller.of" | "operator.itemgetter.of" => {
            applied(interpreter, path, arguments)?
        }
        "int.from_bytes" => from_bytes(interpreter, arguments)?,
        "int.to_bytes" | "str.join" | "bytes.decode" | "str.encode" | "bytes.join"
        | "str.replace" | "str.format" | "str.translate" | "str.lower" | "str.strip"
        | "bytes.hex" | "str.split" | "list.append" | "dict.get" | "bytes.translate"
        | "str.upper" => {
            let (receiver, rest) = arguments.plain.split_first()?;
            let name = Rc::from(path.rsplit('.').next()?);
            let rest = Arguments {
                plain: rest.to_vec(),
                ..arguments.clone()
            };
            interpreter.call_method(&receiver.clone(), &name, rest)
        }
        "string.join" | "string.joinfields" => {
            let separator = match arguments.plain.get(1) {
                Some(separator) => separator.clone(),
                None => Object::text(" "),
            };
            let items = Arguments::plain(vec![first?.clone()]);
            interpreter.call_method(&separator, &Rc::from("join"), items)
        }
        "string.replace" | "string.lower" | "string.upper" | "string.split" | "string.strip" => {
            let (receiver, rest) = arguments.plain.split_first()?;
            let name = Rc::from(path.rsplit('.').next()?);
            interpreter.call_method(&receiver.clone(), &name, Arguments::plain(rest.to_vec()))
        }
        _ => return converted(interpreter, path, arguments),
    })
}

/// Functions that turn a value into another form of it, or choose one.
fn converted(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match path {
        "array.array" => {
            let object = arguments.plain.get(1)?;
            match interpreter.iterate(object).as_deref().map(bytes_of_items) {
                Some(Some(data)) => Object::bytes(data),
                _ => object.clone(),
            }
        }
        "struct.pack" => packed(interpreter, arguments)?,
        "json.loads" | "json.dumps" | "json.load" | "textwrap.dedent" | "copy.copy"
        | "copy.deepcopy" | "ast.parse" | "html.unescape" | "six.ensure_str"
        | "six.ensure_text" | "six.b" | "six.u" | "sys.intern" => {
            let value = first?;
            match (path, value) {
                ("json.loads" | "json.load", _) => {
                    let value = interpreter.value_of(value);
                    match value.as_known().map(serde_json::from_str::<String>) {
                        Some(Ok(text)) => Object::of_value(value.map_text(|_| text)),
                        _ => Object::from_sources(value.from),
                    }
                }
                ("json.dumps", _) => Object::of_value(json(interpreter, value, JSON_DEPTH)),
                _ => value.clone(),
            }
        }
        "shlex.quote" | "pipes.quote" => {
            let value = interpreter.value_of(first?);
            Object::of_value(value.map_text(|text| format!("'{}'", text.replace('\'', "'\"'\"'"))))
        }
        "ast.literal_eval" => literal(interpreter, first?)?,
        "shlex.split" => {
            let words = Arguments::default();
            interpreter.call_method(&first?.clone(), &Rc::from("split"), words)
        }
        "shlex.join" => {
            let items = Arguments::plain(vec![first?.clone()]);
            interpreter.call_method(&Object::text(" "), &Rc::from("join"), items)
        }
        "random.choice" | "random.SystemRandom.choice" | "secrets.choice" => {
            interpreter.uncertain += 1;
            let items = interpreter.iterate(first?)?;
            items.into_iter().next()?
        }
        "platform.system" => Object::text("Linux"),
        "shutil.which" => Object::of_value(interpreter.value_of(first?)),
        "re.sub" => substituted(interpreter, arguments)?,
        "time.sleep" | "time.time" => {
            interpreter.uncertain += 1;
            Object::None
        }
        _ => return None,
    })
}

/// An object as JSON.
pub fn json_text(interpreter: &mut Interpreter, object: &Object) -> Value {
    json(interpreter, object, JSON_DEPTH)
}

/// Deepest nesting of objects that are written as JSON.
const JSON_DEPTH: usize = 8;

/// An object as JSON (RFC 8259), with placeholders for what cannot be told.
fn json(interpreter: &mut Interpreter, object: &Object, depth: usize) -> Value {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::unknown(Provenance::Unknown);
    };
    let quoted = |value: Value| {
        let text = value
            .text
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        value.map_text(|_| format!("\"{text}\""))
    };
    let (open, close, items) = match object {
        Object::None => return Value::literal("null"),
        Object::Bool(truth) => return Value::literal(truth.to_string()),
        Object::Text(value) => return quoted((**value).clone()),
        Object::List(slot) => {
            let items = interpreter.heap.items(*slot).to_vec();
            (
                "[",
                "]",
                items.into_iter().map(|item| (None, item)).collect(),
            )
        }
        Object::Tuple(items) => {
            let items: Vec<_> = items.iter().map(|item| (None, item.clone())).collect();
            ("[", "]", items)
        }
        Object::Dictionary(slot) => {
            let entries = interpreter.heap.entries(*slot).to_vec();
            let entries: Vec<_> = entries
                .into_iter()
                .map(|(key, value)| (Some(key), value))
                .collect();
            ("{", "}", entries)
        }
        other => return interpreter.value_of(other),
    };
    let mut all = Value::literal(open);
    for (at, (key, item)) in items.iter().take(SHOWN_ITEMS).enumerate() {
        if at > 0 {
            all.text.push_str(", ");
        }
        if let Some(key) = key {
            all.append(&quoted(interpreter.value_of(key)));
            all.text.push_str(": ");
        }
        all.append(&json(interpreter, item, depth));
    }
    all.text.push_str(close);
    all.known &= items.len() <= SHOWN_ITEMS;
    all
}

fn binary(
    interpreter: &mut Interpreter,
    operator: Operator,
    arguments: &Arguments,
) -> Option<Object> {
    match arguments.plain.as_slice() {
        [left, right] => Some(interpreter.operate(left.clone(), operator, right.clone())),
        _ => None,
    }
}

/// `operator.attrgetter(name)(object)` and its like: the last argument is the object.
fn applied(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let (object, given) = arguments.plain.split_last()?;
    let (name, rest) = given.split_first()?;
    let object = object.clone();
    match path {
        "operator.itemgetter.of" => Some(interpreter.index(&object, name)),
        "operator.methodcaller.of" => {
            let name = Rc::from(name.as_text()?);
            Some(interpreter.call_method(&object, &name, Arguments::plain(rest.to_vec())))
        }
        _ => {
            let mut found = object;
            for part in name.as_text()?.split('.') {
                found = interpreter.attribute(&found, &Rc::from(part));
            }
            Some(found)
        }
    }
}

fn from_bytes(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let mut bytes = interpreter.bytes_held(arguments.get(0, "bytes")?);
    let little = arguments.get(1, "byteorder").and_then(Object::as_text) == Some("little");
    if !bytes.known {
        return None;
    }
    if little {
        bytes.data.reverse();
    }
    if bytes.data.len() > 15 {
        return Some(Object::BigInt(Rc::from(bytes.data)));
    }
    let number = bytes
        .data
        .iter()
        .fold(0_i128, |number, &byte| number << 8 | i128::from(byte));
    Some(Object::Int(number))
}

/// `struct.pack(format, …)` of integers.
fn packed(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let (format, numbers) = arguments.plain.split_first()?;
    let format = format.as_text()?;
    let little = !format.starts_with(['>', '!']);
    let mut data = Vec::new();
    let mut numbers = numbers.iter();
    for letter in format.chars().filter(char::is_ascii_alphabetic) {
        let size = match letter {
            'b' | 'B' | 'c' => 1,
            'h' | 'H' => 2,
            'i' | 'I' | 'l' | 'L' => 4,
            'q' | 'Q' => 8,
            _ => return None,
        };
        let all = numbers.next()?.as_int()?.to_be_bytes();
        let mut bytes = all.get(all.len() - size..)?.to_vec();
        if little {
            bytes.reverse();
        }
        data.extend(bytes);
    }
    interpreter
        .may_make(data.len())
        .then(|| Object::bytes(data))
}

/// `ast.literal_eval` of a text that is a literal.
fn literal(interpreter: &mut Interpreter, object: &Object) -> Option<Object> {
    let text = object.as_text()?.trim();
    let unquoted = text
        .strip_prefix(['\'', '"'])
        .and_then(|rest| rest.strip_suffix(['\'', '"']));
    match unquoted {
        Some(inner) => Some(Object::text(super::super::literal::unescape(inner, false))),
        None => builtins::call(interpreter, "int", &Arguments::plain(vec![object.clone()])),
    }
}

/// `re.sub(pattern, replacement, text)`, where the pattern is plain text.
fn substituted(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let pattern = arguments.get(0, "pattern")?.as_text()?;
    let plain = pattern
        .chars()
        .all(|c| c.is_alphanumeric() || " _-,;:!@#%&=~<>/'\"".contains(c));
    let text = arguments.get(2, "string")?.clone();
    if !plain || pattern.is_empty() {
        let value: Value = interpreter.value_of(&text);
        return Some(Object::from_sources(value.from));
    }
    let replacement = arguments.get(1, "repl")?.clone();
    let both = Arguments::plain(vec![Object::text(pattern), replacement]);
    Some(interpreter.call_method(&text, &Rc::from("replace"), both))
}
