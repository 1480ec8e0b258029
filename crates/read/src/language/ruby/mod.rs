//! Ruby.
//!
//! Text is parsed with tree-sitter ([`parse`]) and run by the interpreter of [`script`]. Methods
//! of the kernel and constants of libraries are dotted names that begin with `rb.`; what they do
//! is said in terms of the shared library ([`library`]). Blocks are the argument named `&`.

use model::{Language, Provenance, Value};

use super::script::calls::Arguments;
use super::script::heap::Heap;
use super::script::interpreter::Interpreter;
use super::script::object::Object;
use super::script::syntax::{Module, Name, Operator};
use super::script::{self, Dialect};
use crate::language::{CommandLine, FrontEnd, Signs};
use crate::world::World;

mod definitions;
mod expressions;
mod library;
mod lists;
mod literals;
mod names;
mod parse;
mod prefilter;
mod signs;
mod strings;
mod texts;
mod values;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    interpreters: &["ruby", "jruby", "irb", "mruby", "truffleruby"],
    extensions: &["rb", "rbw", "rake", "gemspec", "ru"],
    command_line: Some(CommandLine {
        code: "e",
        valued: "rIC",
        attached: "EFKTWx0i",
        long_code: &[],
    }),
    signs: Signs::Lines(signs::is_line),
    ..FrontEnd::new(Language::Ruby, lower)
};

/// Lowers a text; returns what it prints.
fn lower(world: &mut World, text: &str) -> Value {
    // What the outermost text prints goes nowhere that is followed.
    if world.depth() == 0 && !prefilter::may_act(text) {
        return Value::literal("");
    }
    script::lower(world, &Ruby, text)
}

struct Ruby;

impl Dialect for Ruby {
    fn language(&self) -> Language {
        Language::Ruby
    }

    fn parse(&self, text: &str) -> Module {
        parse::module(text)
    }

    fn name(&self, interpreter: &mut Interpreter, name: &Name) -> Option<Object> {
        names::resolve(interpreter, name)
    }

    fn call(
        &self,
        interpreter: &mut Interpreter,
        path: &str,
        arguments: &Arguments,
    ) -> Option<Object> {
        let name = path.strip_prefix("rb.")?;
        library::call(interpreter, name, arguments)
    }

    fn method(
        &self,
        interpreter: &mut Interpreter,
        receiver: &Object,
        name: &Name,
        arguments: &Arguments,
    ) -> Option<Object> {
        values::method(interpreter, receiver, name, arguments)
    }

    fn attribute(
        &self,
        _interpreter: &mut Interpreter,
        object: &Object,
        name: &Name,
    ) -> Option<Object> {
        match object {
            Object::Library(path) if path.starts_with("rb.") => Some(names::member(path, name)),
            _ => None,
        }
    }

    fn index(
        &self,
        interpreter: &mut Interpreter,
        object: &Object,
        index: &Object,
    ) -> Option<Object> {
        match object {
            Object::Unknown(value) => match (value.from.as_slice(), index.as_text()) {
                ([Provenance::Request(_)], Some(name)) => {
                    Some(Object::unknown(Provenance::Request(name.to_owned())))
                }
                _ => None,
            },
            Object::Dictionary(slot) => {
                let held = interpreter.heap.entry(*slot, index);
                held.or(Some(Object::None))
            }
            _ => None,
        }
    }

    fn truth(&self, _heap: &Heap, object: &Object) -> Option<bool> {
        match object {
            Object::Int(_)
            | Object::Float(_)
            | Object::Text(_)
            | Object::List(_)
            | Object::Dictionary(_)
            | Object::Bytes(_)
            | Object::Native(_) => Some(true),
            _ => None,
        }
    }

    fn assigns_outward(&self) -> bool {
        true
    }

    fn unseen_argument(&self, name: &str) -> Option<Object> {
        let asked = matches!(name, "params" | "req" | "request");
        asked.then(|| Object::unknown(Provenance::Request(String::new())))
    }

    fn shown(&self, _interpreter: &mut Interpreter, object: &Object) -> Option<Value> {
        values::shown(object)
    }

    fn operate(
        &self,
        interpreter: &mut Interpreter,
        left: &Object,
        operator: Operator,
        right: &Object,
    ) -> Option<Object> {
        values::operate(interpreter, left, operator, right)
    }
}

#[cfg(test)]
mod tests;
