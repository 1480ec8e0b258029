//! awk and gawk: a parser of its own, run by the interpreter of [`script`].
//!
//! An awk program acts through `system`, pipes, files and, in gawk, connections. Its input is the
//! standard input of the program, of which a field tells no more than where it comes from.

use model::{Language, Provenance, Value};

use super::script::calls::Arguments;
use super::script::interpreter::Interpreter;
use super::script::object::Object;
use super::script::syntax::{Module, Name, Operator};
use super::script::{self, Dialect};
use crate::language::FrontEnd;
use crate::world::World;

mod lexer;
mod library;
mod parser;

/// The front-end. How the program is handed over is told by
/// [`command`](crate::command), for awk's options are its own.
pub const FRONT_END: FrontEnd = FrontEnd {
    interpreters: &["awk", "gawk", "mawk", "nawk", "original-awk"],
    extensions: &["awk", "gawk"],
    ..FrontEnd::new(Language::Awk, lower)
};

/// Lowers a program; returns what it prints.
fn lower(world: &mut World, text: &str) -> Value {
    script::lower(world, &Awk, text)
}

struct Awk;

impl Dialect for Awk {
    fn language(&self) -> Language {
        Language::Awk
    }

    fn parse(&self, text: &str) -> Module {
        parser::module(text)
    }

    fn name(&self, interpreter: &mut Interpreter, name: &Name) -> Option<Object> {
        Some(match &**name {
            "ENVIRON" => Object::library("os.environ"),
            "ARGV" | "ARGC" | "FILENAME" => Object::unknown(Provenance::Argument),
            field if field.starts_with('$') => library::record(interpreter),
            "NF" | "NR" | "FNR" => Object::anything(),
            function if library::is_function(function) => Object::Library(name.clone()),
            // A variable that was never set.
            _ => Object::text(""),
        })
    }

    fn call(
        &self,
        interpreter: &mut Interpreter,
        path: &str,
        arguments: &Arguments,
    ) -> Option<Object> {
        library::call(interpreter, path, arguments)
    }

    /// Texts are numbers where a number is wanted.
    fn operate(
        &self,
        interpreter: &mut Interpreter,
        left: &Object,
        operator: Operator,
        right: &Object,
    ) -> Option<Object> {
        let arithmetic = !matches!(operator, Operator::Concatenate | Operator::Modulo);
        let number = |object: &Object| match object {
            Object::Text(value) => value.as_known().and_then(library::number).map(Object::Int),
            other => Some(other.clone()),
        };
        let has_text = [left, right]
            .iter()
            .any(|object| matches!(object, Object::Text(_)));
        if !arithmetic || !has_text {
            return None;
        }
        match (number(left), number(right)) {
            (Some(left), Some(right)) => Some(interpreter.operate(left, operator, right)),
            _ => Some(Object::anything()),
        }
    }
}

#[cfg(test)]
mod tests;
