//! PHP.
//!
//! Text is parsed with tree-sitter ([`parse`]) and run by the interpreter of [`script`]. What a
//! server hands to a program is a source of its own: a web shell is code, or a command, that comes
//! from a request.

use model::{Language, Provenance, Value};

use super::script::calls::Arguments;
use super::script::interpreter::Interpreter;
use super::script::object::Object;
use super::script::syntax::{Module, Name, Operator};
use super::script::{self, Dialect};
use crate::language::{CommandLine, FrontEnd, Signs};
use crate::world::World;

mod calls;
mod checks;
mod constants;
mod control;
mod definitions;
mod expressions;
mod library;
mod parse;
mod prefilter;
mod strings;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    interpreters: &["php", "php-cli", "php-cgi"],
    extensions: &[
        "php", "php3", "php4", "php5", "php7", "php8", "phtml", "pht", "phps", "inc", "phar",
    ],
    command_line: Some(CommandLine {
        code: "rRBE",
        valued: "dcfzStF",
        attached: "",
        long_code: &["run", "process-code", "process-begin", "process-end"],
    }),
    signs: Signs::Whole(has_tag),
    ..FrontEnd::new(Language::Php, lower)
};

/// Whether a text has code of PHP in it.
fn has_tag(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), "<?").any(|at| {
        let after = text.get(at + 2..).unwrap_or_default();
        let is_word = after
            .get(..3)
            .is_some_and(|word| word.eq_ignore_ascii_case("php"));
        is_word
            && after
                .get(3..)
                .is_some_and(|rest| rest.starts_with(char::is_whitespace))
    })
}

/// Lowers a text; returns what it prints. A file is text with code between tags; what a command
/// line holds, and what is evaluated, is code.
pub fn lower(world: &mut World, text: &str) -> Value {
    let is_outermost = world.depth() == 0;
    // What the outermost text prints goes nowhere that is followed.
    if is_outermost && !prefilter::may_act(text) {
        return Value::literal("");
    }
    if prefilter::has_open_tag(text) {
        // The interpreter line of a script is no code.
        let code = match text.starts_with("#!") {
            true => text.split_once('\n').map_or("", |(_, rest)| rest),
            false => text,
        };
        return script::lower(world, &Php, &format!("?>{code}"));
    }
    match is_outermost && text.trim_start().starts_with('<') {
        true => Value::literal(""),
        false => script::lower(world, &Php, text),
    }
}

struct Php;

impl Dialect for Php {
    fn language(&self) -> Language {
        Language::Php
    }

    fn parse(&self, text: &str) -> Module {
        parse::module(text)
    }

    fn name(&self, interpreter: &mut Interpreter, name: &Name) -> Option<Object> {
        if let Some(function) = name.strip_suffix("()") {
            return Some(Object::library(&format!("php.{function}")));
        }
        if let Some(constant) = name.strip_prefix("const ") {
            return constants::value(interpreter, constant);
        }
        if let Some(class) = name.strip_prefix("class ") {
            return Some(class_named(interpreter, class));
        }
        match &**name {
            "staticmethod" => Some(Object::library("staticmethod")),
            _ => library::superglobal(interpreter, name),
        }
    }

    fn call(
        &self,
        interpreter: &mut Interpreter,
        path: &str,
        arguments: &Arguments,
    ) -> Option<Object> {
        let name = path.strip_prefix("php.")?;
        let name = name.strip_suffix("()").unwrap_or(name);
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

    fn attribute(
        &self,
        interpreter: &mut Interpreter,
        object: &Object,
        name: &Name,
    ) -> Option<Object> {
        match object {
            // An array as an object.
            Object::Dictionary(_) => Some(interpreter.index(object, &Object::text(&**name))),
            Object::Library(path) if path.starts_with("php.class ") => Some(Object::anything()),
            _ => None,
        }
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
        library::operate(interpreter, left, operator, right)
    }
}

/// A class that the program does not define, or the one that is being run.
fn class_named(interpreter: &Interpreter, class: &str) -> Object {
    let own = interpreter
        .frames
        .last()
        .and_then(|frame| frame.function.as_ref())
        .and_then(|function| function.class);
    match (class, own) {
        ("self" | "static", Some(own)) => Object::Class(own),
        ("parent", Some(own)) => {
            let bases = interpreter
                .heap
                .class_of(own)
                .map(|class| class.bases.as_slice());
            let base = bases.unwrap_or_default().first();
            base.cloned()
                .unwrap_or_else(|| Object::unknown(Provenance::Unknown))
        }
        _ => Object::library(&format!("php.class {class}")),
    }
}

#[cfg(test)]
mod tests;
