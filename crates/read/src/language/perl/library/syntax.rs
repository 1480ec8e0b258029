//! What the syntax of Perl alone does, as functions whose names begin with `#`.

use std::rc::Rc;

use model::{Behavior, Provenance};

use super::{integer, items, known, shared, text};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::loose;
use crate::language::script::object::Object;
use crate::language::script::syntax::Name;

/// Calls one of them.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "#arguments" => {
            let mut given = items(interpreter, first?).unwrap_or_default();
            if given.is_empty() {
                given.push(Object::unknown(Provenance::Argument));
            }
            interpreter.heap.list(given)
        }
        "#new_list" => {
            let all = flattened(arguments);
            interpreter.heap.list(all)
        }
        "#new_hash" => {
            let all = flattened(arguments);
            let pairs = all.chunks(2).map(|pair| {
                let value = pair.get(1).cloned().unwrap_or(Object::None);
                (key_of(pair.first()), value)
            });
            let pairs = pairs.collect();
            interpreter.heap.dictionary(pairs)
        }
        "#items" => match items(interpreter, first?) {
            Some(items) => Object::Tuple(Rc::new(items)),
            None => first?.clone(),
        },
        "#pairs" => pairs(interpreter, first?),
        "#spread" => match first? {
            list @ Object::Tuple(_) => list.clone(),
            other => Object::Tuple(Rc::new(vec![other.clone()])),
        },
        "#count" => match items(interpreter, first?) {
            Some(items) if !items.is_empty() => Object::Int(i128::try_from(items.len()).ok()?),
            _ => {
                interpreter.uncertain += 1;
                Object::anything()
            }
        },
        "#last" => {
            let length = items(interpreter, first?)?.len();
            Object::Int(i128::try_from(length).ok()? - 1)
        }
        "#scalar" => match first? {
            Object::Tuple(items) => items.last().cloned().unwrap_or(Object::None),
            other => other.clone(),
        },
        "#rest" | "#rest_hash" => {
            let from = usize::try_from(integer(arguments, 1)?).ok()?;
            let rest = items(interpreter, first?)?.into_iter().skip(from).collect();
            let rest = Arguments::plain(rest);
            let function = if name == "#rest" {
                "#new_list"
            } else {
                "#new_hash"
            };
            call(interpreter, function, &rest)?
        }
        "#slice" => {
            let (from, picked) = arguments.plain.split_first()?;
            let all = picked
                .iter()
                .map(|index| interpreter.index(from, index))
                .collect();
            Object::Tuple(Rc::new(all))
        }
        "#fill" => {
            // A list behind a reference gets other items.
            let (into, all) = arguments.plain.split_first()?;
            if let Object::List(slot) = into {
                *interpreter.heap.items_mut(*slot)? = all.to_vec();
            }
            into.clone()
        }
        "#array" | "#hash" | "#reference" | "#first" => first?.clone(),
        "#dereference" => match first? {
            // A name of a variable.
            Object::Text(value) if is_word(&value.text) => {
                let name: Name = Rc::from(format!("${}", value.text));
                let held = interpreter.scopes.get(interpreter.scope, &name).cloned();
                held.unwrap_or_else(|| Object::Text(value.clone()))
            }
            other => other.clone(),
        },
        _ => return computed(interpreter, name, arguments),
    })
}

/// What computes one value from others.
fn computed(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "#range" => range(interpreter, arguments)?,
        "#repeat" => {
            let value = text(interpreter, arguments, 0);
            let times = usize::try_from(integer(arguments, 1)?.max(0)).ok()?;
            let length = value.text.len().checked_mul(times)?;
            interpreter
                .may_make(length)
                .then(|| Object::of_value(value.map_text(|text| text.repeat(times))))?
        }
        "#repeat_list" => {
            let list = items(interpreter, first?)?;
            let times = usize::try_from(integer(arguments, 1)?.max(0)).ok()?;
            if list.len().checked_mul(times)? > super::ITEMS {
                return None;
            }
            Object::Tuple(Rc::new(
                std::iter::repeat_n(list, times).flatten().collect(),
            ))
        }
        "#number" => loose::of(first?).unwrap_or_else(Object::anything),
        "#negative" => match loose::of(first?) {
            Some(Object::Float(number)) => Object::Float(-number),
            Some(number) => Object::Int(number.as_int()?.checked_neg()?),
            None => Object::anything(),
        },
        "#invert" => loose::inverted(interpreter, first?)?,
        "#increment" => loose::stepped(interpreter, first?, 1),
        "#decrement" => loose::stepped(interpreter, first?, -1),
        "#compare" | "#test" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "#joined" => {
            let mut whole = model::Value::literal("");
            for at in 0..arguments.plain.len() {
                if at > 0 {
                    whole.text.push(' ');
                }
                let item = text(interpreter, arguments, at);
                whole.append(&item);
            }
            Object::of_value(whole)
        }
        "#globs" => Object::library("perl.globs"),
        "#word" => {
            let plain = known(interpreter, arguments, 0)?;
            word(interpreter, &plain)
        }
        "#use" => uses(interpreter, arguments),
        "#data" => shared(interpreter, "io.StringIO", vec![first?.clone()]),
        "#argument" => Object::unknown(Provenance::Argument),
        _ => return called(interpreter, name, arguments),
    })
}

/// What calls, or asks about a value.
fn called(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "#call" => {
            let (callee, rest) = arguments.plain.split_first()?;
            let rest = Arguments {
                plain: rest.to_vec(),
                ..arguments.clone()
            };
            let callee = callable(interpreter, callee);
            interpreter.call(&callee, rest)
        }
        "#method" => {
            let (receiver, rest) = arguments.plain.split_first()?;
            let (method, rest) = rest.split_first()?;
            let rest = Arguments::plain(rest.to_vec());
            match method {
                Object::Text(name) => {
                    let name: Name = Rc::from(format!("{}()", name.as_known()?));
                    interpreter.call_method(&receiver.clone(), &name, rest)
                }
                callee => {
                    let mut all = rest;
                    all.plain.insert(0, receiver.clone());
                    interpreter.call(&callee.clone(), all)
                }
            }
        }
        "ref" | "defined" | "exists" | "wantarray" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "scalar" => match items(interpreter, first?) {
            Some(_) => return call(interpreter, "#count", arguments),
            None => first?.clone(),
        },
        "bless" | "return" => first?.clone(),
        "undef" => Object::None,
        "eval" => {
            let code = first?.clone();
            interpreter.execute_code(&code, true)
        }
        _ => return None,
    })
}

/// A list with the lists in it spread.
fn flattened(arguments: &Arguments) -> Vec<Object> {
    let mut all = Vec::with_capacity(arguments.plain.len());
    for item in &arguments.plain {
        match item {
            Object::Tuple(items) => all.extend(items.iter().cloned()),
            other => all.push(other.clone()),
        }
    }
    all
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
}

/// A key as hashes hold it: a text.
fn key_of(key: Option<&Object>) -> Object {
    match key {
        Some(Object::Int(number)) => Object::text(number.to_string()),
        Some(key) => key.clone(),
        None => Object::text(""),
    }
}

/// Keys and values in turn.
fn pairs(interpreter: &mut Interpreter, hash: &Object) -> Object {
    match hash {
        Object::Dictionary(slot) => {
            let entries = interpreter.heap.entries(*slot).to_vec();
            let all = entries.into_iter().flat_map(|(key, value)| [key, value]);
            Object::Tuple(Rc::new(all.collect()))
        }
        other => other.clone(),
    }
}

/// `1..9`, `'a'..'z'`.
fn range(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let letter = |object: &Object| match object {
        Object::Text(value) if value.known && value.text.len() == 1 => {
            value.text.bytes().next().filter(u8::is_ascii_alphabetic)
        }
        _ => None,
    };
    let (first, last) = (arguments.plain.first()?, arguments.plain.get(1)?);
    if let (Some(from), Some(to)) = (letter(first), letter(last)) {
        let all = (from..=to).map(|byte| Object::text(char::from(byte).to_string()));
        return Some(Object::Tuple(Rc::new(all.collect())));
    }
    let (from, to) = (loose::integer(first)?, loose::integer(last)?);
    let length = to.checked_sub(from)?;
    if length > i128::try_from(super::ITEMS).ok()?
        || !interpreter.burn(u64::try_from(length.max(0)).ok()? / 8)
    {
        return None;
    }
    Some(Object::Tuple(Rc::new(
        (from..=to).map(Object::Int).collect(),
    )))
}

/// A bare word: a function or handle of the program, or itself.
fn word(interpreter: &mut Interpreter, word: &str) -> Object {
    let plain = word.rsplit("::").next().unwrap_or(word);
    let function: Name = Rc::from(format!("{plain}()"));
    if let Some(function) = interpreter
        .scopes
        .get(interpreter.scope, &function)
        .cloned()
    {
        return interpreter.call(&function, Arguments::default());
    }
    let handle: Name = Rc::from(format!("*{plain}"));
    if let Some(handle) = interpreter.scopes.get(interpreter.scope, &handle).cloned() {
        return handle;
    }
    match plain {
        "STDIN" | "STDOUT" | "STDERR" => interpreter.lookup(&handle),
        "PF_INET" | "AF_INET" => Object::Int(2),
        "PF_UNIX" | "AF_UNIX" => Object::Int(1),
        "SOCK_STREAM" => Object::Int(1),
        "SOCK_DGRAM" => Object::Int(2),
        "INADDR_ANY" => Object::text("0.0.0.0"),
        _ => Object::text(word),
    }
}

/// `use`: constants are functions; a module that rewrites the text behind it makes what is read
/// here another program.
fn uses(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let module = known(interpreter, arguments, 0).unwrap_or_default();
    if module == "constant" {
        let given = match arguments.plain.get(1) {
            Some(Object::Dictionary(slot)) => interpreter.heap.entries(*slot).to_vec(),
            Some(name) => vec![(
                name.clone(),
                arguments.plain.get(2).cloned().unwrap_or(Object::None),
            )],
            None => Vec::new(),
        };
        let global = interpreter.global_scope();
        for (name, value) in given {
            if let Some(name) = name.as_text() {
                let constant = Object::partial("perl.#first", vec![value]);
                interpreter
                    .scopes
                    .set(global, &Rc::from(format!("{name}()")), constant);
            }
        }
    } else if module.starts_with("Acme::") {
        interpreter.acts().gap(format!(
            "the Perl text is rewritten by {}, which was not followed",
            model::text::printable(module.as_bytes())
        ));
    }
    Object::None
}

/// What is called where a value stands for a function.
pub fn callable(interpreter: &mut Interpreter, callee: &Object) -> Object {
    match callee {
        Object::Text(value) if value.known => {
            let plain = value.text.trim_start_matches('&');
            let plain = plain.rsplit("::").next().unwrap_or(plain);
            interpreter.lookup(&Rc::from(format!("{plain}()")))
        }
        other => other.clone(),
    }
}

/// `object[index]` where Perl differs.
pub fn index(interpreter: &mut Interpreter, object: &Object, index: &Object) -> Option<Object> {
    match object {
        Object::Dictionary(slot) => {
            let length = interpreter.heap.entries(*slot).len() as u64;
            interpreter.burn(length / 16);
            interpreter.heap.entry(*slot, &key_of(Some(index)))
        }
        Object::List(_) => match index {
            Object::Int(_) => None,
            other => {
                let number = Object::Int(loose::integer(other)?);
                Some(interpreter.index(object, &number))
            }
        },
        Object::Library(path) if &**path == "perl.globs" => {
            let name = index.as_text()?;
            let name = name.rsplit("::").next().unwrap_or(name);
            Some(interpreter.lookup(&Rc::from(format!("*{name}"))))
        }
        Object::Response(response) => match index.as_text()? {
            "content" => Some(Object::of_value(response.1.clone())),
            _ => Some(Object::anything()),
        },
        _ => None,
    }
}

/// `object[key] = value` where Perl differs; whether that is done.
pub fn store(interpreter: &mut Interpreter, object: &Object, key: &Object, value: &Object) -> bool {
    match object {
        Object::Library(path) if &**path == "perl.globs" => {
            let Some(name) = key.as_text() else {
                return true;
            };
            let name = name.rsplit("::").next().unwrap_or(name);
            let mark = match value {
                Object::Function(_)
                | Object::Bound(_)
                | Object::Partial(_)
                | Object::Library(_) => {
                    format!("{name}()")
                }
                Object::List(_) => format!("@{name}"),
                Object::Dictionary(_) => format!("%{name}"),
                _ => format!("${name}"),
            };
            let global = interpreter.global_scope();
            interpreter
                .scopes
                .set(global, &Rc::from(mark), value.clone());
            true
        }
        Object::List(slot) => {
            let length = interpreter.heap.items(*slot).len();
            let Some(at) = loose::integer(key).and_then(|at| {
                let at = if at < 0 {
                    at + i128::try_from(length).ok()?
                } else {
                    at
                };
                usize::try_from(at).ok().filter(|at| *at < super::ITEMS)
            }) else {
                return true;
            };
            if at >= length && !interpreter.burn((at - length) as u64) {
                return true;
            }
            if let Some(items) = interpreter.heap.items_mut(*slot) {
                if at >= items.len() {
                    items.resize(at + 1, Object::None);
                }
                if let Some(held) = items.get_mut(at) {
                    *held = value.clone();
                }
            }
            true
        }
        Object::Dictionary(slot) => {
            let length = interpreter.heap.entries(*slot).len() as u64;
            if interpreter.burn(length / 16) {
                interpreter
                    .heap
                    .set_entry(*slot, key_of(Some(key)), value.clone());
            }
            true
        }
        Object::Library(path) if &**path == "os.environ" => {
            let name = interpreter.shown(key).text;
            let value = interpreter.shown(value);
            interpreter.act(Behavior::SetVariable { name, value });
            true
        }
        _ => false,
    }
}
