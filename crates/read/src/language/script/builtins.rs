//! Built-in functions.
//!
//! Source: The Python Library Reference, "Built-in Functions", of Python 3 and 2.

use std::rc::Rc;

use model::{Behavior, Provenance, Stream, Value};

use super::calls::Arguments;
use super::interpreter::Interpreter;
use super::object::{Bytes, Native, Object};
use super::syntax::Expression;
use super::{modules, scalars, sequences};

/// Names that are bound without an import.
const NAMES: &str = "__import__ abs all any ascii bin bool breakpoint bytearray bytes callable chr \
    classmethod compile delattr dict dir divmod enumerate eval exec execfile exit filter float \
    format frozenset getattr globals hasattr hash hex id input int isinstance issubclass iter len \
    list locals long map max memoryview min next object oct open ord pow print property quit range \
    raw_input reduce reload repr reversed round set setattr slice sorted staticmethod str sum super \
    tuple type unichr unicode vars xrange zip buffer file __builtins__ apply intern";

/// Whether a name is bound without an import.
pub fn is_builtin(name: &str) -> bool {
    NAMES.split_ascii_whitespace().any(|own| own == name)
}

/// Calls a built-in function; `None` if it is none or its result cannot be told.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    if path.contains('.') {
        return None;
    }
    let value = scalars::call(interpreter, path, arguments)
        .or_else(|| sequences::call(interpreter, path, arguments));
    if value.is_some() {
        return value;
    }
    let first = arguments.plain.first();
    Some(match path {
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
        "super" => superclass(interpreter)?,
        "property" => Object::partial(path, arguments.plain.clone()),
        "staticmethod" => first?.clone(),
        "apply" => {
            let plain = interpreter.iterate(arguments.plain.get(1)?)?;
            interpreter.call_plain(&first?.clone(), plain)
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
            let path = interpreter.value_of(&code);
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
        let mut code = self.value_of(&code);
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

/// A buffer object holding a value.
pub fn buffer(interpreter: &mut Interpreter, object: Option<&Object>) -> Object {
    let bytes = match object {
        Some(object) => interpreter.bytes_held(object),
        None => Bytes::known(Vec::new(), Vec::new()),
    };
    interpreter.heap.native(Native::Buffer(bytes))
}

fn superclass(interpreter: &Interpreter) -> Option<Object> {
    let frame = interpreter.frames.last()?;
    let class = frame.function.as_ref()?.class?;
    match frame.receiver.as_ref()? {
        Object::Instance(instance) => Some(Object::Super(class, *instance)),
        _ => None,
    }
}
