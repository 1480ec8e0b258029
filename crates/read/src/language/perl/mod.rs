//! Perl.
//!
//! A parser of our own ([`parse`]) reads what matters, leniently; the interpreter of [`script`]
//! runs it.

use model::{Language, Provenance, Value};

use super::script::calls::Arguments;
use super::script::heap::Heap;
use super::script::interpreter::Interpreter;
use super::script::object::Object;
use super::script::syntax::{Module, Name, Operator};
use super::script::{self, Dialect, loose};
use crate::language::{CommandLine, FrontEnd, Signs};
use crate::world::World;

mod calls;
mod cursor;
mod expressions;
mod functions;
mod library;
mod lists;
mod parse;
mod prefilter;
mod quotes;
mod signs;
mod terms;
mod variables;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    interpreters: &["perl", "miniperl"],
    extensions: &["pl", "pm", "plx", "cgi"],
    command_line: Some(CommandLine {
        code: "eE",
        valued: "",
        attached: "MmIFxCDiV0l",
        long_code: &[],
    }),
    signs: Signs::Lines(signs::is_line),
    ..FrontEnd::new(Language::Perl, lower)
};

/// Lowers a text; returns what it prints.
pub fn lower(world: &mut World, text: &str) -> Value {
    // What the outermost text prints goes nowhere that is followed.
    if world.depth() == 0 && !prefilter::may_act(text) {
        return Value::literal("");
    }
    script::lower(world, &Perl, text)
}

struct Perl;

impl Dialect for Perl {
    fn language(&self) -> Language {
        Language::Perl
    }

    fn parse(&self, text: &str) -> Module {
        parse::module(text)
    }

    fn name(&self, interpreter: &mut Interpreter, name: &Name) -> Option<Object> {
        if let Some(function) = name.strip_suffix("()") {
            return Some(Object::library(&format!("perl.{function}")));
        }
        Some(match &**name {
            "*STDIN" | "*ARGV" => Object::library("sys.stdin"),
            "*STDOUT" => Object::library("sys.stdout"),
            "*STDERR" => Object::library("sys.stderr"),
            "$~" => Object::text("STDOUT"),
            "$/" | "$\\" => Object::text("\n"),
            "$," | "$;" => Object::text(""),
            "$0" | "$^X" => Object::unknown(Provenance::Argument),
            "$^O" => Object::text("linux"),
            "%ENV" => Object::library("os.environ"),
            "@ARGV" | "@_" => library::arguments(interpreter),
            _ => return None,
        })
    }

    fn call(
        &self,
        interpreter: &mut Interpreter,
        path: &str,
        arguments: &Arguments,
    ) -> Option<Object> {
        let name = path.strip_prefix("perl.")?;
        Some(library::call(interpreter, name, arguments))
    }

    fn method(
        &self,
        interpreter: &mut Interpreter,
        receiver: &Object,
        name: &Name,
        arguments: &Arguments,
    ) -> Option<Object> {
        library::method(interpreter, receiver, name, arguments)
    }

    fn index(
        &self,
        interpreter: &mut Interpreter,
        object: &Object,
        index: &Object,
    ) -> Option<Object> {
        library::index(interpreter, object, index)
    }

    fn store(
        &self,
        interpreter: &mut Interpreter,
        object: &Object,
        key: &Object,
        value: &Object,
    ) -> bool {
        library::store(interpreter, object, key, value)
    }

    fn truth(&self, _heap: &Heap, object: &Object) -> Option<bool> {
        match object {
            Object::Text(value) if value.known && value.text == "0" => Some(false),
            _ => None,
        }
    }

    fn assigns_outward(&self) -> bool {
        true
    }

    fn shown(&self, interpreter: &mut Interpreter, object: &Object) -> Option<Value> {
        library::shown(interpreter, object)
    }

    fn unset(&self, operator: Operator) -> Option<Object> {
        match operator {
            Operator::Concatenate => Some(Object::text("")),
            _ => None,
        }
    }

    fn makes_containers(&self) -> bool {
        true
    }

    fn operate(
        &self,
        interpreter: &mut Interpreter,
        left: &Object,
        operator: Operator,
        right: &Object,
    ) -> Option<Object> {
        loose::operate(interpreter, left, operator, right)
    }
}

#[cfg(test)]
mod tests;
