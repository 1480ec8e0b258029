//! JavaScript as Node.js, Deno and Bun run it.
//!
//! Text is parsed with tree-sitter ([`parse`]) and run by the interpreter of [`script`]. Functions
//! of the language and of Node's library are dotted names that begin with `js.`; what they do is
//! said in terms of the shared library ([`library`]). Promises are what they resolve to, and
//! callbacks are called where they are handed over.

use model::{Language, Provenance, Value};

use super::script::calls::Arguments;
use super::script::heap::Heap;
use super::script::interpreter::Interpreter;
use super::script::object::Object;
use super::script::syntax::{Module, Name, Operator};
use super::script::{self, Dialect};
use crate::language::{CommandLine, FrontEnd, Signs};
use crate::world::World;

mod arrays;
mod coercion;
mod definitions;
mod expressions;
mod library;
mod literals;
mod names;
mod objects;
mod parse;
mod patterns;
mod prefilter;
mod signs;
mod texts;

/// TypeScript, read like JavaScript: types are passed over. Most of it is declarations and sources
/// that something else was made from, so a file is a program only if something runs it.
pub const TYPESCRIPT: FrontEnd = FrontEnd {
    extensions: &["ts", "mts", "cts", "tsx"],
    runs_in_place: false,
    ..FrontEnd::new(Language::TypeScript, lower)
};

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    interpreters: &[
        "node", "nodejs", "bun", "iojs", "deno", "qjs", "tsx", "ts-node",
    ],
    extensions: &["js", "mjs", "cjs", "jsx"],
    command_line: Some(CommandLine {
        code: "ep",
        valued: "rC",
        attached: "",
        long_code: &["eval", "print"],
    }),
    signs: Signs::Lines(signs::is_line),
    ..FrontEnd::new(Language::JavaScript, lower)
};

/// Lowers a text; returns what it prints.
fn lower(world: &mut World, text: &str) -> Value {
    // What the outermost text prints goes nowhere that is followed.
    if world.depth() == 0 && !prefilter::may_act(text) {
        return Value::literal("");
    }
    script::lower(world, &JavaScript, text)
}

struct JavaScript;

impl Dialect for JavaScript {
    fn language(&self) -> Language {
        Language::JavaScript
    }

    fn parse(&self, text: &str) -> Module {
        parse::module(text)
    }

    fn name(&self, _interpreter: &mut Interpreter, name: &Name) -> Option<Object> {
        names::global(name)
    }

    fn call(
        &self,
        interpreter: &mut Interpreter,
        path: &str,
        arguments: &Arguments,
    ) -> Option<Object> {
        let name = path.strip_prefix("js.")?;
        library::call(interpreter, name, arguments)
    }

    fn method(
        &self,
        interpreter: &mut Interpreter,
        receiver: &Object,
        name: &Name,
        arguments: &Arguments,
    ) -> Option<Object> {
        objects::method(interpreter, receiver, name, arguments)
    }

    fn attribute(
        &self,
        interpreter: &mut Interpreter,
        object: &Object,
        name: &Name,
    ) -> Option<Object> {
        objects::attribute(interpreter, object, name)
    }

    fn index(
        &self,
        interpreter: &mut Interpreter,
        object: &Object,
        index: &Object,
    ) -> Option<Object> {
        objects::index(interpreter, object, index)
    }

    fn store(
        &self,
        interpreter: &mut Interpreter,
        object: &Object,
        key: &Object,
        value: &Object,
    ) -> bool {
        objects::store(interpreter, object, key, value)
    }

    fn truth(&self, _heap: &Heap, object: &Object) -> Option<bool> {
        match object {
            Object::List(_) | Object::Dictionary(_) | Object::Tuple(_) | Object::Bytes(_) => {
                Some(true)
            }
            Object::Float(number) => Some(*number != 0.0 && !number.is_nan()),
            _ => None,
        }
    }

    fn items_are_methods(&self) -> bool {
        true
    }

    fn assigns_outward(&self) -> bool {
        true
    }

    fn unseen_argument(&self, name: &str) -> Option<Object> {
        let asked = matches!(name, "req" | "request" | "ctx");
        asked.then(|| Object::unknown(Provenance::Request(String::new())))
    }

    fn shown(&self, interpreter: &mut Interpreter, object: &Object) -> Option<Value> {
        coercion::text(interpreter, object)
    }

    fn operate(
        &self,
        interpreter: &mut Interpreter,
        left: &Object,
        operator: Operator,
        right: &Object,
    ) -> Option<Object> {
        coercion::operate(interpreter, left, operator, right)
    }
}

#[cfg(test)]
mod tests;
