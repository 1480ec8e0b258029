//! Built-in functions.
//!
//! Source: The Python Library Reference, "Built-in Functions", of Python 3 and 2.

use std::rc::Rc;

use model::{Behavior, Provenance, Stream, Value};

use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::{Bytes, Native, Object};
use super::operators::bytes_of_items;
use super::syntax::{Expression, Operator};
use super::{containers, format, literal, modules};

/// Names that are bound without an import.
const NAMES: &str = "__import__ abs all any ascii bin bool breakpoint bytearray bytes callable chr \
    classmethod compile delattr dict dir divmod enumerate eval exec execfile exit filter float \
    format frozenset getattr globals hasattr hash hex id input int isinstance issubclass iter len \
    list locals long map max memoryview min next object oct open ord pow print property quit range \
    raw_input reduce reload repr reversed round set setattr slice sorted staticmethod str sum super \
    tuple type unichr unicode vars xrange zip buffer file __builtins__ apply intern";

/// Longest range whose numbers are walked.
const RANGE: i128 = 1 << 17;

/// Whether a name is bound without an import.
pub fn is_builtin(name: &str) -> bool {
    NAMES.split_ascii_whitespace().any(|own| own == name)
}

/// Calls a built-in function; `None` if it is none or its result cannot be told.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    if path.contains('.') {
        return None;
    }
    let first = arguments.plain.first();
    Some(match path {
        "chr" | "unichr" => Object::of_value(format::char_of(first?.as_int()?)),
        "ord" => ord(interpreter, first?)?,
        "len" => length(interpreter, first?)?,
        "int" | "long" => integer(interpreter, first?, arguments)?,
        "str" | "unicode" | "ascii" => text(interpreter, arguments)?,
        "repr" => Object::of_value(interpreter.repr(first?)),
        "bytes" | "bytearray" | "memoryview" | "buffer" => bytes(interpreter, arguments)?,
        "hex" | "oct" | "bin" => based(first?, path)?,
        "bool" => Object::Bool(interpreter.truth(first?)?),
        "float" => Object::Float(float(first?)?),
        "abs" => Object::Int(first?.as_int()?.checked_abs()?),
        "round" => Object::Int(first?.as_int()?),
        "pow" => {
            let result = interpreter.operate(
                first?.clone(),
                Operator::Power,
                arguments.plain.get(1)?.clone(),
            );
            match arguments.plain.get(2) {
                Some(modulus) => interpreter.operate(result, Operator::Modulo, modulus.clone()),
                None => result,
            }
        }
        "range" | "xrange" => range(interpreter, arguments)?,
        "list" | "set" | "frozenset" | "tuple" | "iter" => collection(interpreter, path, first)?,
        "dict" => dictionary(interpreter, arguments),
        "enumerate" | "zip" | "reversed" | "sorted" | "map" | "filter" | "reduce" | "sum"
        | "min" | "max" | "any" | "all" | "next" => sequence(interpreter, path, arguments)?,
        "getattr" => {
            let name = arguments.plain.get(1)?.as_text()?;
            interpreter.attribute(&first?.clone(), &Rc::from(name))
        }
        "setattr" => {
            let name = Rc::from(arguments.plain.get(1)?.as_text()?);
            let value = arguments.plain.get(2)?.clone();
            let place = super::syntax::Trailer::Attribute(name);
            interpreter.store(&first?.clone(), &place, value);
            Object::None
        }
        "globals" | "locals" | "vars" | "dir" => match first {
            Some(object) => object.clone(),
            None => {
                let scope = match path {
                    "globals" => interpreter.global_scope(),
                    _ => interpreter.scope,
                };
                interpreter.scopes.capture(scope);
                Object::Namespace(scope)
            }
        },
        "__import__" | "reload" => match first?.as_text() {
            Some(name) => imported(name, arguments),
            None => first?.clone(),
        },
        "exec" | "eval" | "execfile" | "compile" => return run(interpreter, path, arguments),
        "print" => print(interpreter, arguments),
        "input" | "raw_input" => {
            interpreter.uncertain += 1;
            Object::unknown(Provenance::Argument)
        }
        "callable" | "hasattr" | "isinstance" | "issubclass" | "id" | "hash" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "type" => kind(interpreter, arguments)?,
        "super" => superclass(interpreter)?,
        "property" | "staticmethod" => Object::Partial(Rc::new((
            Object::library(path),
            arguments.plain.clone(),
            Vec::new(),
        ))),
        "apply" => {
            let plain = interpreter.iterate(arguments.plain.get(1)?)?;
            interpreter.call_plain(&first?.clone(), plain)
        }
        "format" => {
            let specification = interpreter.argument(arguments, 1, "format_spec");
            Object::of_value(format::specified(interpreter, first?, &specification.text))
        }
        "exit" | "quit" => Object::None,
        _ => return None,
    })
}

/// What `__import__(name)` binds: the first part of a dotted name, unless asked for more.
fn imported(name: &str, arguments: &Arguments) -> Object {
    let asked = arguments.get(3, "fromlist").is_some();
    let name = match asked {
        true => name,
        false => name.split('.').next().unwrap_or(name),
    };
    Object::Library(modules::canonical(name))
}

/// `exec`, `eval`, `compile` and `execfile`.
fn run(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let code = arguments
        .get(0, "source")
        .or(arguments.plain.first())?
        .clone();
    match path {
        "compile" => Some(match code {
            Object::Bytes(bytes) => Object::of_value(bytes.value()),
            other => other,
        }),
        "execfile" => {
            let path = interpreter.heap.value(&code);
            let content = interpreter.acts().content_of(&path);
            Some(interpreter.run_code(&content, false))
        }
        _ => Some(interpreter.execute_code(&code, path == "eval")),
    }
}

impl Interpreter<'_, '_> {
    /// Runs what is handed to `exec` or `eval`.
    pub fn execute_code(&mut self, code: &Object, keeps_value: bool) -> Object {
        let code = match code {
            // `exec(compile(…), namespace)` of a tuple of Python 2.
            Object::Tuple(items) => items.first().cloned().unwrap_or(Object::None),
            other => other.clone(),
        };
        let mut code = self.heap.value(&code);
        // Code that the program builds from nothing known says nothing by itself.
        if keeps_value && code.from.iter().all(|from| *from == Provenance::Unknown) && !code.known {
            self.uncertain += 1;
        }
        if keeps_value {
            code.text = code.text.trim_start().to_owned();
        }
        self.run_code(&code, keeps_value)
    }

    /// `print` of Python 2.
    pub fn print_statement(&mut self, to: Option<&Expression>, printed: &[Expression]) {
        let mut arguments = Arguments::default();
        for value in printed {
            let value = self.evaluate(value);
            arguments.plain.push(value);
        }
        // `print("a", file=x)` read as a statement with a tuple is the call it is.
        if let Some(to) = to {
            let to = self.evaluate(to);
            arguments.named.push((Rc::from("file"), to));
        }
        print(self, &arguments);
    }
}

fn print(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let mut line = Value::literal("");
    let separator = arguments
        .named("sep")
        .and_then(Object::as_text)
        .unwrap_or(" ");
    for (at, item) in arguments.plain.iter().enumerate() {
        if at > 0 {
            line.text.push_str(separator);
        }
        line.append(&interpreter.shown(item));
    }
    line.text.push_str(
        arguments
            .named("end")
            .and_then(Object::as_text)
            .unwrap_or("\n"),
    );
    match arguments.named("file") {
        None | Some(Object::None) => print_value(interpreter, line),
        Some(Object::Library(path))
            if path.starts_with("sys.std") || path.starts_with("sys.__std") =>
        {
            if path.contains("stdout") {
                print_value(interpreter, line);
            }
        }
        Some(file) => {
            let file = file.clone();
            let text = Object::Text(Rc::new(line));
            interpreter.call_method(&file, &Rc::from("write"), Arguments::plain(vec![text]));
        }
    }
    Object::None
}

/// Writes to standard output: over the connection it is bound to, if it is to one.
pub fn print_value(interpreter: &mut Interpreter, value: Value) {
    if let [_, Stream::Connection(connection), _] = interpreter.world().standard {
        interpreter.act(Behavior::Send {
            connection,
            data: value,
        });
        return;
    }
    let limit = interpreter.world().budget().program_text;
    if interpreter.printed.text.len() + value.text.len() <= limit {
        interpreter.printed.append(&value);
    }
}

// ---- scalars ----

fn ord(interpreter: &Interpreter, object: &Object) -> Option<Object> {
    Some(match object {
        // Of bytes, Python 2 iterates characters and Python 3 integers.
        Object::Int(number) => Object::Int(*number),
        Object::Text(value) if value.known => {
            let c = value.text.chars().next()?;
            let raw = interpreter.to_bytes(object);
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
                    let from = interpreter.heap.value(object).from;
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
                other => interpreter.to_bytes(other),
            }))
        }
        Some(other) => {
            let from = interpreter.heap.value(other).from;
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

fn superclass(interpreter: &Interpreter) -> Option<Object> {
    let frame = interpreter.frames.last()?;
    let class = frame.function.as_ref()?.class?;
    match frame.receiver.as_ref()? {
        Object::Instance(instance) => Some(Object::Super(class, *instance)),
        _ => None,
    }
}

// ---- sequences ----

fn range(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let numbers: Option<Vec<i128>> = arguments.plain.iter().map(Object::as_int).collect();
    let (start, stop, step) = match numbers?.as_slice() {
        [stop] => (0, *stop, 1),
        [start, stop] => (*start, *stop, 1),
        [start, stop, step] => (*start, *stop, *step),
        _ => return None,
    };
    let span = stop.checked_sub(start)?;
    if step == 0 || span / step > RANGE {
        return None;
    }
    let mut items = Vec::new();
    let mut at = start;
    while step > 0 && at < stop || step < 0 && at > stop {
        items.push(Object::Int(at));
        at = at.checked_add(step)?;
    }
    interpreter
        .burn(items.len() as u64 / 8)
        .then(|| interpreter.heap.list(items))
}

fn collection(interpreter: &mut Interpreter, path: &str, first: Option<&Object>) -> Option<Object> {
    let items = match first {
        None => Vec::new(),
        Some(object) => match interpreter.iterate(object) {
            Some(items) => items,
            None => {
                let from = interpreter.heap.value(object).from;
                return Some(Object::from_sources(from));
            }
        },
    };
    Some(match path {
        "tuple" => Object::Tuple(Rc::new(items)),
        _ => interpreter.heap.list(items),
    })
}

fn dictionary(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let mut entries = Vec::new();
    match arguments.plain.first() {
        Some(Object::Dictionary(slot)) => {
            entries.extend_from_slice(interpreter.heap.entries(*slot))
        }
        Some(object) => {
            for pair in interpreter.iterate(object).unwrap_or_default() {
                if let Some([key, value]) = interpreter
                    .iterate(&pair)
                    .and_then(|pair| <[Object; 2]>::try_from(pair).ok())
                {
                    entries.push((key, value));
                }
            }
        }
        None => {}
    }
    for (name, value) in &arguments.named {
        entries.push((Object::text(&**name), value.clone()));
    }
    interpreter.heap.dictionary(entries)
}

fn sequence(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first()?;
    match path {
        "map" => return map(interpreter, arguments),
        "filter" | "reduce" => return fold(interpreter, path, arguments),
        "zip" => return zip(interpreter, arguments),
        "min" | "max" if arguments.plain.len() > 1 => {
            return extreme(interpreter, path, arguments.plain.clone());
        }
        _ => {}
    }
    let Some(items) = interpreter.iterate(first) else {
        interpreter.uncertain += 1;
        let from = interpreter.heap.value(first).from;
        return Some(Object::from_sources(from));
    };
    match path {
        "enumerate" => {
            let start = arguments
                .get(1, "start")
                .and_then(Object::as_int)
                .unwrap_or(0);
            let items = (start..)
                .zip(items)
                .map(|(at, item)| Object::Tuple(Rc::new(vec![Object::Int(at), item])))
                .collect();
            Some(interpreter.heap.list(items))
        }
        "reversed" => Some(interpreter.heap.list(items.into_iter().rev().collect())),
        "sorted" => {
            let sorted = containers::sorted(interpreter, items, arguments)?;
            Some(interpreter.heap.list(sorted))
        }
        "sum" => {
            let mut total = arguments.plain.get(1).cloned().unwrap_or(Object::Int(0));
            for item in items {
                total = interpreter.operate(total, Operator::Add, item);
            }
            Some(total)
        }
        "min" | "max" => extreme(interpreter, path, items),
        "next" => items.into_iter().next(),
        "any" | "all" => {
            let mut truths = items.iter().map(|item| interpreter.truth(item));
            let decides = path == "any";
            match truths.clone().any(|truth| truth == Some(decides)) {
                true => Some(Object::Bool(decides)),
                false => truths
                    .all(|truth| truth.is_some())
                    .then_some(Object::Bool(!decides)),
            }
        }
        _ => None,
    }
}

fn extreme(interpreter: &Interpreter, path: &str, items: Vec<Object>) -> Option<Object> {
    let mut items = items.into_iter();
    let mut best = items.next()?;
    for item in items {
        let order = interpreter.order(&item, &best)?;
        if (path == "min") == order.is_lt() && order.is_ne() {
            best = item;
        }
    }
    Some(best)
}

fn map(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let (callee, sources) = arguments.plain.split_first()?;
    let mut columns = Vec::new();
    for source in sources {
        columns.push(match interpreter.iterate(source) {
            Some(items) => items,
            None => vec![interpreter.element_of(source)],
        });
    }
    let length = columns.iter().map(Vec::len).min()?;
    let mut items = Vec::with_capacity(length);
    for at in 0..length {
        if !interpreter.burn(1) {
            return None;
        }
        let row = columns
            .iter()
            .filter_map(|column| column.get(at).cloned())
            .collect();
        items.push(interpreter.call_plain(callee, row));
    }
    Some(interpreter.heap.list(items))
}

fn fold(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let callee = arguments.plain.first()?.clone();
    let items = interpreter.iterate(arguments.plain.get(1)?)?;
    if path == "filter" {
        let mut kept = Vec::new();
        for item in items {
            let keeps = match callee {
                Object::None => item.clone(),
                _ => interpreter.call_plain(&callee, vec![item.clone()]),
            };
            if interpreter.truth(&keeps) != Some(false) {
                kept.push(item);
            }
        }
        return Some(interpreter.heap.list(kept));
    }
    let mut items = items.into_iter();
    let mut total = match arguments.plain.get(2) {
        Some(start) => start.clone(),
        None => items.next()?,
    };
    for item in items {
        total = interpreter.call_plain(&callee, vec![total, item]);
    }
    Some(total)
}

fn zip(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let mut columns = Vec::new();
    for source in &arguments.plain {
        columns.push(cycled_or_items(interpreter, source)?);
    }
    let length = columns
        .iter()
        .filter(|(_, cycled)| !cycled)
        .map(|(items, _)| items.len())
        .min()?;
    if !interpreter.burn(length as u64) {
        return None;
    }
    let rows = (0..length)
        .map(|at| {
            let row = columns.iter().filter_map(|(items, cycled)| {
                let at = if *cycled { at % items.len().max(1) } else { at };
                items.get(at).cloned()
            });
            Object::Tuple(Rc::new(row.collect()))
        })
        .collect();
    Some(interpreter.heap.list(rows))
}

/// Items of something, and whether they are repeated for ever (`itertools.cycle`).
fn cycled_or_items(interpreter: &mut Interpreter, source: &Object) -> Option<(Vec<Object>, bool)> {
    match source {
        Object::Partial(partial) if partial.0.is_library("itertools.cycle") => {
            Some((interpreter.iterate(partial.1.first()?)?, true))
        }
        _ => Some((interpreter.iterate(source)?, false)),
    }
}

/// A buffer object holding a value.
pub fn buffer(interpreter: &mut Interpreter, object: Option<&Object>) -> Object {
    let bytes = match object {
        Some(object) => interpreter.to_bytes(object),
        None => Bytes::known(Vec::new(), Vec::new()),
    };
    interpreter.heap.native(Native::Buffer(bytes))
}
