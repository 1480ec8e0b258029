//! Code: what evaluates texts, and what calls functions by name or for somebody else.
//!
//! Source: The PHP Manual, "Function handling", "Callbacks / Callables", "Reflection".

use std::rc::Rc;

use model::{Behavior, Language, Provenance, Value};

use super::{array, known, request, text, values};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;
use crate::language::script::syntax::Name;

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "eval" => {
            let code = text(interpreter, arguments, 0);
            evaluate(interpreter, code)
        }
        "assert" => match first? {
            Object::Text(_) => {
                let code = text(interpreter, arguments, 0);
                evaluate(interpreter, code)
            }
            Object::Unknown(value) if is_foreign(value) => evaluate(interpreter, (**value).clone()),
            _ => Object::anything(),
        },
        "create_function" => {
            let parameters = text(interpreter, arguments, 0);
            let body = text(interpreter, arguments, 1);
            let mut code = Value::literal("return function(");
            code.append(&parameters);
            code.append(&Value::literal("){"));
            code.append(&body);
            code.append(&Value::literal("};"));
            // What is known runs when it is called.
            evaluate(interpreter, code)
        }
        "preg_replace" | "preg_filter" | "mb_ereg_replace" | "mb_eregi_replace" => {
            replace(interpreter, name, arguments)
        }
        "preg_replace_callback" | "mb_ereg_replace_callback" => {
            let subject = text(interpreter, arguments, 2);
            let found = matched(interpreter, &subject);
            call_value(
                interpreter,
                arguments.plain.get(1)?,
                Arguments::plain(vec![found]),
            )
        }
        "preg_match" | "preg_match_all" | "mb_ereg" | "ereg" => {
            let subject = text(interpreter, arguments, 1);
            matched(interpreter, &subject)
        }
        "call_user_func"
        | "forward_static_call"
        | "register_shutdown_function"
        | "register_tick_function"
        | "call_user_method"
        | "fiber" => {
            let (callee, rest) = arguments.plain.split_first()?;
            call_value(interpreter, callee, Arguments::plain(rest.to_vec()))
        }
        "call_user_func_array" | "forward_static_call_array" => {
            let list = arguments.plain.get(1)?;
            let given = values(interpreter, list).unwrap_or_else(|| vec![list.clone()]);
            call_value(interpreter, first?, Arguments::plain(given))
        }
        "ob_start" => {
            if let Some(callee) = first {
                let global = interpreter.global_scope();
                let callee = callee.clone();
                interpreter
                    .scopes
                    .set(global, &Rc::from(super::syntax::OUTPUT), callee);
            }
            Object::Bool(true)
        }
        "func_get_args" => {
            let given = parameters(interpreter);
            array(interpreter, given)
        }
        "func_get_arg" => {
            let at = usize::try_from(super::integer(arguments, 0)?).ok()?;
            parameters(interpreter).get(at)?.clone()
        }
        "define" => {
            let name = known(interpreter, arguments, 0)?;
            let global = interpreter.global_scope();
            let value = arguments.plain.get(1)?.clone();
            interpreter
                .scopes
                .set(global, &Rc::from(format!("const {name}")), value);
            Object::Bool(true)
        }
        "constant" => {
            let name = known(interpreter, arguments, 0)?;
            interpreter.lookup(&Rc::from(format!("const {name}")))
        }
        "extract" => extract(interpreter, first?),
        "parse_str" | "mb_parse_str" => parse_query(interpreter, arguments),
        "filter_var" | "filter_var_array" => filter(interpreter, arguments)?,
        "class reflectionfunction" | "class reflectionmethod" => {
            let callee = match arguments.plain.as_slice() {
                [object, method] => array(interpreter, vec![object.clone(), method.clone()]),
                [callee, ..] => callee.clone(),
                [] => return None,
            };
            Object::partial("php.#call()", vec![callee])
        }
        "class closure" => Object::anything(),
        _ => return None,
    })
}

/// Whether something comes from outside, or was hidden.
fn is_foreign(value: &Value) -> bool {
    value.from.iter().any(|from| {
        matches!(
            from,
            Provenance::Request(_)
                | Provenance::Fetched(_)
                | Provenance::Received(_)
                | Provenance::Decoded(_)
        )
    })
}

/// Hands a text to PHP itself; its value is what the code returns.
pub fn evaluate(interpreter: &mut Interpreter, code: Value) -> Object {
    let code = request::unchecked(interpreter, code);
    let code = Object::Text(Rc::new(code));
    interpreter.execute_code(&code, true)
}

/// `preg_replace`; with the modifier `e` of old versions, the replacement is code.
fn replace(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Object {
    let pattern = text(interpreter, arguments, 0);
    let modifiers = match name.starts_with("mb_") {
        true => text(interpreter, arguments, 3).text,
        false => modifiers(&pattern.text).to_owned(),
    };
    let subject = text(interpreter, arguments, 2);
    if modifiers.contains('e') && pattern.known {
        let mut code = text(interpreter, arguments, 1);
        for group in ["\\\\0", "\\\\1", "\\0", "\\1", "$0", "$1", "${1}"] {
            if code.text.contains(group) {
                let mut filled = Value::literal("");
                filled.append(&code.map_text(|text| text.replace(group, &subject.text)));
                filled.append(&subject.map_text(|_| String::new()));
                code = filled;
            }
        }
        return evaluate(interpreter, code);
    }
    let mut from = subject.from;
    from.extend(text(interpreter, arguments, 1).from);
    let plain = pattern.text.trim_matches(['/', '#', '~']);
    let is_plain = !plain.is_empty()
        && plain
            .chars()
            .all(|c| c.is_alphanumeric() || " _-,;:@%&=<>'\"".contains(c))
        && modifiers.is_empty();
    if is_plain {
        let own = vec![
            Object::text(plain),
            arguments.plain.get(1).cloned().unwrap_or(Object::None),
            arguments.plain.get(2).cloned().unwrap_or(Object::None),
        ];
        return super::call(interpreter, "str_replace", &Arguments::plain(own));
    }
    from.sort();
    from.dedup();
    Object::from_sources(from)
}

/// The letters behind a pattern's closing mark.
fn modifiers(pattern: &str) -> &str {
    let pattern = pattern.trim_start();
    let close = match pattern.chars().next() {
        Some('(') => ')',
        Some('{') => '}',
        Some('[') => ']',
        Some('<') => '>',
        Some(mark) => mark,
        None => return "",
    };
    pattern.rsplit(close).next().unwrap_or_default()
}

/// What a pattern finds in a text: parts of it.
fn matched(interpreter: &mut Interpreter, subject: &Value) -> Object {
    interpreter.uncertain += 1;
    Object::from_sources(subject.from.clone())
}

/// What the function that runs was called with.
fn parameters(interpreter: &mut Interpreter) -> Vec<Object> {
    let function = interpreter
        .frames
        .last()
        .and_then(|frame| frame.function.clone());
    let names = function
        .iter()
        .flat_map(|function| &function.syntax.parameters)
        .filter(|parameter| &*parameter.name != "this")
        .map(|parameter| parameter.name.clone())
        .collect::<Vec<_>>();
    let mut all: Vec<Object> = names.iter().map(|name| interpreter.lookup(name)).collect();
    if all.is_empty() {
        all.push(Object::unknown(Provenance::Argument));
    }
    all
}

/// `extract(array)`: every key is a variable from now on.
fn extract(interpreter: &mut Interpreter, object: &Object) -> Object {
    let Object::Dictionary(slot) = object else {
        return Object::anything();
    };
    for (key, value) in interpreter.heap.entries(*slot).to_vec() {
        if let Some(name) = key.as_text() {
            interpreter
                .scopes
                .set(interpreter.scope, &Rc::from(name), value);
        }
    }
    Object::anything()
}

/// `parse_str("a=b&c=d")`.
fn parse_query(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let query = text(interpreter, arguments, 0);
    if !query.known {
        return Object::from_sources(query.from);
    }
    let mut all = Vec::new();
    for pair in query.text.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = crate::encoding::percent::decode(value.as_bytes(), true);
        let value = query.map_text(|_| crate::encoding::to_text(&plain));
        all.push((Object::text(key), Object::of_value(value)));
    }
    let parsed = interpreter.heap.dictionary(all);
    if arguments.plain.len() < 2 {
        extract(interpreter, &parsed);
    }
    parsed
}

/// `filter_var(value, FILTER_CALLBACK, ["options" => function])`.
fn filter(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let value = arguments.plain.first()?.clone();
    let options = arguments.plain.get(2).cloned();
    let callee = match options {
        Some(object @ Object::Dictionary(_)) => {
            interpreter.index(&object, &Object::text("options"))
        }
        _ => return Some(Object::anything()),
    };
    if callable(interpreter, &callee).is_none() {
        return Some(Object::anything());
    }
    let given = match values(interpreter, &value) {
        Some(items) => items.into_iter().next()?,
        None => value,
    };
    Some(call_value(
        interpreter,
        &callee,
        Arguments::plain(vec![given]),
    ))
}

/// What is called where a value stands for a function.
pub fn callable(interpreter: &mut Interpreter, callee: &Object) -> Option<Object> {
    match callee {
        Object::Text(value) => {
            let name = value
                .as_known()?
                .trim_start_matches('\\')
                .to_ascii_lowercase();
            if let Some((class, method)) = name.split_once("::") {
                let class = interpreter.lookup(&Rc::from(format!("class {class}")));
                let method: Name = Rc::from(format!("{method}()"));
                return Some(Object::Method(Rc::new((class, method))));
            }
            let plain = name.rsplit('\\').next().unwrap_or(&name);
            Some(interpreter.lookup(&Rc::from(format!("{plain}()"))))
        }
        Object::Dictionary(_) | Object::Tuple(_) | Object::List(_) => {
            let parts = values(interpreter, callee)?;
            let [object, method] = parts.as_slice() else {
                return None;
            };
            let method: Name = Rc::from(format!("{}()", method.as_text()?.to_ascii_lowercase()));
            let object = match object {
                Object::Text(name) => {
                    let class = name.as_known()?.to_ascii_lowercase();
                    interpreter.lookup(&Rc::from(format!("class {class}")))
                }
                other => other.clone(),
            };
            Some(Object::Method(Rc::new((object, method))))
        }
        Object::Function(_)
        | Object::Bound(_)
        | Object::Partial(_)
        | Object::Method(_)
        | Object::Library(_)
        | Object::Instance(_)
        | Object::Code(_) => Some(callee.clone()),
        _ => None,
    }
}

/// Calls what a value stands for. Where whoever sends a request chooses both the function and what
/// it is given, that is code.
pub fn call_value(interpreter: &mut Interpreter, callee: &Object, arguments: Arguments) -> Object {
    if let Some(callee) = callable(interpreter, callee) {
        return interpreter.call(&callee, arguments);
    }
    let chosen = interpreter.value_of(callee);
    let chosen = request::unchecked(interpreter, chosen);
    let is_chosen = request::is_whole(&chosen);
    let given: Vec<Value> = arguments
        .plain
        .iter()
        .map(
            |argument| match super::values(interpreter, argument).as_deref() {
                Some([only]) => interpreter.value_of(only),
                _ => interpreter.value_of(argument),
            },
        )
        .collect();
    if is_chosen && given.iter().any(request::is_whole) {
        let mut code = chosen;
        code.text.push('(');
        for (at, value) in given.iter().enumerate() {
            if at > 0 {
                code.text.push_str(", ");
            }
            code.append(value);
        }
        code.text.push(')');
        interpreter.act(Behavior::Evaluate {
            language: Language::Php,
            code,
        });
    }
    interpreter.call_unknown(callee, &arguments)
}

/// Functions that call another for the items of an array.
pub fn over_array(
    interpreter: &mut Interpreter,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let (callee, sources): (&Object, Vec<Object>) = match name {
        "array_map" => {
            let (callee, sources) = arguments.plain.split_first()?;
            (callee, sources.to_vec())
        }
        // The function is the last; two items are compared.
        _ if name.starts_with("array_u")
            || name.contains("_diff_")
            || name.contains("_intersect_") =>
        {
            let (callee, sources) = arguments.plain.split_last()?;
            (callee, sources.to_vec())
        }
        _ => (
            arguments.plain.get(1)?,
            vec![arguments.plain.first()?.clone()],
        ),
    };
    let callee = callee.clone();
    let mut columns = Vec::new();
    for source in &sources {
        columns.push(match super::entries(interpreter, source) {
            Some(entries) => entries,
            None => {
                let from = interpreter.heap.sources(source);
                let item = Object::from_sources(from);
                vec![(item.clone(), item)]
            }
        });
    }
    if matches!(callee, Object::None) {
        return Some(sources.first()?.clone());
    }
    let compares = !matches!(
        name,
        "array_map"
            | "array_filter"
            | "array_walk"
            | "iterator_apply"
            | "array_walk_recursive"
            | "array_reduce"
    );
    let by_key = name.contains("uk") || name.contains("_uassoc");
    let length = columns.iter().map(Vec::len).max()?;
    let mut made = Vec::with_capacity(length);
    let mut carried = arguments.plain.get(2).cloned().unwrap_or(Object::None);
    for at in 0..length {
        if !interpreter.burn(1) {
            return None;
        }
        let mut row: Vec<Object> = columns
            .iter()
            .filter_map(|column| column.get(at))
            .map(|(key, value)| if by_key { key.clone() } else { value.clone() })
            .collect();
        if compares {
            let next = columns.first().and_then(|column| column.get(at + 1));
            row.extend(next.map(|(key, value)| if by_key { key.clone() } else { value.clone() }));
        }
        let key = columns
            .first()
            .and_then(|column| column.get(at))
            .map(|entry| entry.0.clone());
        match name {
            "array_reduce" => row.insert(0, carried.clone()),
            "array_walk" | "array_walk_recursive" => {
                row.extend(key.clone());
                row.extend(arguments.plain.get(2).cloned());
            }
            _ => {}
        }
        let item = row.first().cloned();
        let result = call_value(interpreter, &callee, Arguments::plain(row));
        match name {
            "array_reduce" => carried = result,
            "array_filter" => {
                if interpreter.truth(&result) != Some(false) {
                    made.extend(key.zip(item));
                }
            }
            _ => made.extend(key.map(|key| (key, result))),
        }
    }
    Some(match name {
        "array_reduce" => carried,
        "array_map" | "array_filter" => interpreter.heap.dictionary(made),
        _ => Object::anything(),
    })
}

/// Calls a method of something that is no instance of a class of the program.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    let plain = name.strip_suffix("()")?;
    match (receiver, plain) {
        (Object::Class(class), _) => {
            let Some(Object::Function(function)) = interpreter
                .class_attribute(*class, name, 0)
                .or_else(|| match plain {
                    "__construct" => interpreter.class_attribute(*class, "__init__", 0),
                    _ => None,
                })
            else {
                return None;
            };
            let mut arguments = arguments.clone();
            if !function.is_static {
                let own = interpreter
                    .frames
                    .last()
                    .and_then(|frame| frame.receiver.clone());
                let own = match own {
                    Some(own @ Object::Instance(_)) => own,
                    _ => Object::Instance(interpreter.heap.instance(*class)),
                };
                arguments.plain.insert(0, own);
            }
            Some(interpreter.call(&Object::Function(function), arguments))
        }
        // Reflection, closures.
        (Object::Partial(_), "invoke" | "invokeargs" | "call" | "__invoke" | "getclosure") => {
            let given = match plain {
                "getclosure" => return Some(receiver.clone()),
                "invokeargs" => {
                    let list = arguments.plain.last()?;
                    values(interpreter, list).unwrap_or_else(|| vec![list.clone()])
                }
                _ => arguments.plain.clone(),
            };
            Some(interpreter.call_plain(receiver, given))
        }
        (Object::Function(_) | Object::Bound(_), "__invoke" | "call" | "bindto") => match plain {
            "__invoke" => Some(interpreter.call(receiver, arguments.clone())),
            "call" => {
                let given = arguments.plain.get(1..).unwrap_or_default().to_vec();
                Some(interpreter.call_plain(receiver, given))
            }
            _ => Some(receiver.clone()),
        },
        (Object::Library(path), "fromcallable") if &**path == "php.class closure" => {
            let callee = arguments.plain.first()?.clone();
            Some(Object::partial("php.#call()", vec![callee]))
        }
        (Object::Library(path), "cdef" | "load") if &**path == "php.class ffi" => {
            Some(Object::library("php.ffi"))
        }
        // Functions of C: those that start programs take what the shell's do.
        (Object::Library(path), _) if &**path == "php.ffi" => {
            Some(super::call(interpreter, plain, arguments))
        }
        _ => super::network::method(interpreter, receiver, plain, arguments),
    }
}
