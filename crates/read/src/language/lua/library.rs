//! Functions of Lua itself: evaluation, tables, texts, numbers.
//!
//! Source: The Lua 5.4 Reference Manual, chapter 6 "The Standard Libraries"; of 5.1 `loadstring`,
//! `unpack`; LuaJIT's `bit`.

use std::rc::Rc;

use model::{Provenance, Value};

use super::{system, tables, texts};
use crate::language::script::calls::Arguments;
use crate::language::script::containers;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library as shared;
use crate::language::script::modules;
use crate::language::script::object::Object;
use crate::language::script::syntax::Operator;

/// Names that every program has.
const GLOBALS: &str = "assert collectgarbage dofile error getmetatable ipairs load loadfile \
    loadstring next pairs pcall print rawequal rawget rawlen rawset require select setfenv getfenv \
    setmetatable tonumber tostring type unpack xpcall _G _ENV os io string table math bit bit32 \
    package debug coroutine utf8 ngx redis jit nmap stdnse socket posix http";

/// Most numbers of a loop.
const NUMBERS: i128 = 1 << 18;

/// What a name stands for that the program did not bind.
pub fn global(interpreter: &mut Interpreter, name: &str) -> Option<Object> {
    Some(match name {
        "_ENV" => Object::library("lua._G"),
        "arg" => match modules::constant(interpreter, "sys.argv") {
            Some(Object::List(slot)) => {
                let items = interpreter.heap.items(slot).iter().skip(1).cloned();
                let items = items.collect();
                interpreter.heap.list(items)
            }
            _ => Object::unknown(Provenance::Argument),
        },
        "..." => Object::unknown(Provenance::Argument),
        _ if name.starts_with('@') || GLOBALS.split_ascii_whitespace().any(|own| own == name) => {
            Object::Library(Rc::from(format!("lua.{name}")))
        }
        // A global that nothing sets is nil, unless another file sets it.
        _ => return None,
    })
}

/// A member of a library.
pub fn member(interpreter: &mut Interpreter, path: &str, name: &str) -> Object {
    match path {
        "lua._G" | "lua.package.loaded" => {
            let bound = interpreter
                .scopes
                .get(interpreter.global_scope(), name)
                .cloned();
            bound
                .or_else(|| global(interpreter, name))
                .unwrap_or_else(|| Object::Library(Rc::from(format!("lua.{name}"))))
        }
        "lua.ngx.var" => Object::unknown(Provenance::Request(name.to_owned())),
        "lua.math" if name == "pi" => Object::Float(std::f64::consts::PI),
        "lua.math" if name == "huge" => Object::Float(f64::INFINITY),
        _ => Object::Library(Rc::from(format!("{path}.{name}"))),
    }
}

/// Calls a function by its name without the `lua.` in front.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    if let Some(own) = name.strip_prefix("string.") {
        let (receiver, rest) = arguments.plain.split_first()?;
        if own == "char" {
            return texts::from_codes(interpreter, &arguments.plain);
        }
        return texts::method(interpreter, receiver, own, &Arguments::plain(rest.to_vec()));
    }
    language(interpreter, name, arguments)
        .or_else(|| structures(interpreter, name, arguments))
        .or_else(|| numbers(interpreter, name, arguments))
        .or_else(|| system::call(interpreter, name, arguments))
}

/// Evaluation and calls.
fn language(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "load" | "loadstring" => match first? {
            // A function that gives the text in parts.
            function @ Object::Function(_) => {
                let code = interpreter.call_plain(&function.clone(), Vec::new());
                Object::Code(Rc::new(interpreter.value_of(&code)))
            }
            code => {
                let value = interpreter.value_of(code);
                match value.text.starts_with('\u{1b}') {
                    true => Object::unknown(Provenance::Decoded("bytecode".to_owned())),
                    false => Object::Code(Rc::new(value)),
                }
            }
        },
        "loadfile" => {
            let path = interpreter.value_of(first?);
            let content = interpreter.world().content_of(&path);
            Object::Code(Rc::new(content))
        }
        "dofile" => {
            let path = interpreter.value_of(first?);
            let content = interpreter.world().content_of(&path);
            match content.known || content.fetched_from().is_some() {
                true => interpreter.run_code(&content, false),
                false => Object::anything(),
            }
        }
        "pcall" | "xpcall" | "coroutine.wrap" | "ngx.thread.spawn" | "copas.addthread" => {
            let (callee, rest) = arguments.plain.split_first()?;
            let rest = if name == "xpcall" {
                rest.get(1..).unwrap_or_default()
            } else {
                rest
            };
            let result = interpreter.call_plain(callee, rest.to_vec());
            match name {
                "pcall" | "xpcall" => Object::Tuple(Rc::new(vec![Object::Bool(true), result])),
                _ => result,
            }
        }
        "ngx.timer.at" | "ngx.timer.every" => {
            interpreter.call_plain(&arguments.plain.get(1)?.clone(), vec![Object::Bool(false)])
        }
        "coroutine.create" => first?.clone(),
        "coroutine.resume" => interpreter.call_plain(&first?.clone(), Vec::new()),
        "assert" => first?.clone(),
        "require" => match first?.as_text() {
            Some(module) => {
                let module = module.replace('/', ".");
                Object::Library(Rc::from(format!("lua.{module}")))
            }
            None => Object::from_sources(interpreter.heap.sources(first?)),
        },
        "getfenv" => Object::library("lua._G"),
        "setfenv" | "collectgarbage" | "error" => first.cloned().unwrap_or(Object::None),
        "@many" => {
            let count = arguments.plain.get(1)?.as_int()?;
            let count = usize::try_from(count).ok()?;
            let mut values = match first? {
                Object::Tuple(items) => (**items).clone(),
                one => vec![one.clone()],
            };
            values.resize_with(count, Object::anything);
            Object::Tuple(Rc::new(values))
        }
        "print" => return Some(shared::call(interpreter, "print", arguments.clone())),
        _ => return None,
    })
}

/// Tables and walking.
fn structures(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "@length" | "rawlen" => match first? {
            text @ Object::Text(_) => {
                shared::call(interpreter, "len", Arguments::plain(vec![text.clone()]))
            }
            table @ (Object::List(_) | Object::Dictionary(_) | Object::Tuple(_)) => {
                let items = tables::items(interpreter, table)?;
                Object::Int(i128::try_from(items.len()).ok()?)
            }
            _ => {
                interpreter.uncertain += 1;
                Object::anything()
            }
        },
        "@range" => range(interpreter, arguments)?,
        "@walk" | "pairs" | "ipairs" | "next" => walked(interpreter, first?),
        "table.concat" => {
            let items = tables::items(interpreter, first?)?;
            let separator = arguments
                .plain
                .get(1)
                .map_or_else(|| Value::literal(""), |s| interpreter.value_of(s));
            let list = interpreter.heap.list(items);
            let joined = Arguments::plain(vec![list]);
            crate::language::script::texts::method(interpreter, &separator, "join", &joined)?
        }
        "table.insert" => {
            let table = first?.clone();
            let items = tables::items(interpreter, &table)?;
            match (&table, arguments.plain.as_slice()) {
                (Object::List(slot), [_, at, item]) => {
                    let at = usize::try_from(at.as_int()? - 1).ok()?;
                    let own = interpreter.heap.items_mut(*slot)?;
                    own.insert(at.min(own.len()), item.clone());
                }
                (_, [_, .., item]) => {
                    let at = Object::Int(i128::try_from(items.len()).ok()? + 1);
                    tables::store(interpreter, &table, &at, item);
                }
                _ => {}
            }
            Object::None
        }
        "table.remove" => match first? {
            Object::List(slot) => {
                containers::list(interpreter, *slot, "pop", &Arguments::default())?
            }
            _ => Object::anything(),
        },
        "table.unpack" | "unpack" => {
            let items = tables::items(interpreter, first?)?;
            Object::Tuple(Rc::new(items))
        }
        "table.pack" => interpreter.heap.list(arguments.plain.clone()),
        "table.sort" => Object::None,
        "setmetatable" => {
            let table = first?.clone();
            if let (Object::Dictionary(slot), Some(meta)) = (&table, arguments.plain.get(1)) {
                interpreter
                    .heap
                    .set_entry(*slot, Object::text("@meta"), meta.clone());
            }
            table
        }
        "rawget" => interpreter.index(&first?.clone(), arguments.plain.get(1)?),
        "rawset" => {
            let [table, key, value] = arguments.plain.as_slice() else {
                return None;
            };
            tables::store(interpreter, table, key, value);
            table.clone()
        }
        "select" => match first? {
            Object::Text(_) => Object::Int(i128::try_from(arguments.plain.len() - 1).ok()?),
            at => {
                let at = usize::try_from(at.as_int()?).ok()?;
                arguments.plain.get(at).cloned().unwrap_or(Object::None)
            }
        },
        _ => return None,
    })
}

/// `for i = a, b, step`.
fn range(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let bound = |at: usize| arguments.plain.get(at).and_then(Object::as_int);
    let (start, end, step) = (bound(0)?, bound(1)?, bound(2).unwrap_or(1));
    if step == 0 || (end - start) / step > NUMBERS {
        return None;
    }
    let mut numbers = Vec::new();
    let mut at = start;
    while step > 0 && at <= end || step < 0 && at >= end {
        numbers.push(Object::Int(at));
        at += step;
    }
    interpreter
        .burn(numbers.len() as u64 / 8)
        .then(|| interpreter.heap.list(numbers))
}

/// Keys with their values, as `for` walks them.
fn walked(interpreter: &mut Interpreter, table: &Object) -> Object {
    let pair = |key: Object, value: Object| Object::Tuple(Rc::new(vec![key, value]));
    match table {
        Object::List(_) | Object::Dictionary(_) => {}
        // What `ipairs` or `gmatch` made.
        other => return other.clone(),
    }
    let pairs = match table {
        Object::Dictionary(slot) => {
            let entries = interpreter.heap.entries(*slot).to_vec();
            let own = entries
                .into_iter()
                .filter(|(key, _)| key.as_text() != Some("@meta"));
            own.map(|(key, value)| pair(key, value)).collect()
        }
        list => {
            let items = interpreter.iterate(list).unwrap_or_default();
            // Pairs stay what they are.
            if items.iter().all(|item| matches!(item, Object::Tuple(_))) && !items.is_empty() {
                return list.clone();
            }
            (1..)
                .zip(items)
                .map(|(at, item)| pair(Object::Int(at), item))
                .collect()
        }
    };
    interpreter.heap.list(pairs)
}

/// Numbers, texts and types.
fn numbers(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    let operator = match name.split_once('.') {
        Some(("bit" | "bit32", own)) => match own {
            "bxor" => Some(Operator::Xor),
            "band" => Some(Operator::And),
            "bor" => Some(Operator::Or),
            "lshift" => Some(Operator::ShiftLeft),
            "rshift" | "arshift" => Some(Operator::ShiftRight),
            _ => None,
        },
        _ => None,
    };
    if let Some(operator) = operator {
        let (first, rest) = arguments.plain.split_first()?;
        let mut result = first.clone();
        for other in rest {
            result = interpreter.operate(result, operator, other.clone());
        }
        return Some(result);
    }
    Some(match name {
        "tostring" => Object::of_value(interpreter.shown(first?)),
        "tonumber" => match first? {
            Object::Text(_) => {
                let plain = Arguments::plain(arguments.plain.clone());
                return Some(shared::call(interpreter, "int", plain));
            }
            other => other.clone(),
        },
        "math.floor" | "math.ceil" => match first? {
            #[allow(clippy::cast_possible_truncation, reason = "saturates, as wanted")]
            Object::Float(number) => Object::Int(match name {
                "math.floor" => number.floor() as i128,
                _ => number.ceil() as i128,
            }),
            other => other.clone(),
        },
        "math.fmod" => interpreter.operate(
            first?.clone(),
            Operator::Modulo,
            arguments.plain.get(1)?.clone(),
        ),
        "math.abs" | "math.max" | "math.min" => {
            let own = name.trim_start_matches("math.");
            shared::call(interpreter, own, arguments.clone())
        }
        "utf8.char" => return texts::from_codes(interpreter, &arguments.plain),
        "type" => Object::text(match first? {
            Object::None => "nil",
            Object::Int(_) | Object::Float(_) => "number",
            Object::Text(_) => "string",
            Object::Bool(_) => "boolean",
            Object::List(_) | Object::Dictionary(_) => "table",
            Object::Function(_) => "function",
            _ => return None,
        }),
        _ => return None,
    })
}

/// `receiver:name(…)`.
pub fn method(
    interpreter: &mut Interpreter,
    receiver: &Object,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match receiver {
        Object::Text(_) | Object::Bytes(_) => texts::method(interpreter, receiver, name, arguments),
        Object::Dictionary(_) => {
            let callee = tables::found(interpreter, receiver, &Object::text(name))?;
            let mut all = arguments.clone();
            all.plain.insert(0, receiver.clone());
            Some(interpreter.call(&callee, all))
        }
        Object::List(_) => None,
        _ => system::method(interpreter, receiver, name, arguments),
    }
}
