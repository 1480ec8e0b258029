//! Python 2 and 3, source and compiled.
//!
//! Text is parsed with tree-sitter ([`parse`]), compiled code is turned back ([`pyc`]); both are run by the interpreter of [`script`], whose
//! library names are Python's own.

use model::{Language, Provenance, Value};

use super::script::interpreter::Interpreter;
use super::script::object::Object;
use super::script::syntax::{Module, Name};
use super::script::{self, Dialect, builtins, modules};
use crate::language::{CommandLine, FrontEnd, Signs};
use crate::world::World;

mod definitions;
mod expressions;
mod names;
mod parse;
mod prefilter;
pub mod pyc;
mod signs;
mod strings;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    interpreters: &["python", "pypy", "micropython", "ipython", "jython"],
    extensions: &["py", "pyw", "pth"],
    command_line: Some(CommandLine {
        code: "c",
        valued: "WXQm",
        attached: "",
        long_code: &[],
    }),
    signs: Signs::Lines(signs::is_line),
    ..FrontEnd::new(Language::Python, lower)
};

/// Lowers a text; returns what it prints.
pub fn lower(world: &mut World, text: &str) -> Value {
    // What the outermost text prints goes nowhere that is followed.
    let may_act = || match pyc::is_compiled(text) {
        true => pyc::names(text).is_none_or(|names| prefilter::may_act_by_names(&names)),
        false => prefilter::may_act(text),
    };
    if world.depth() == 0 && !may_act() {
        return Value::literal("");
    }
    script::lower(world, &Python, text)
}

struct Python;

impl Dialect for Python {
    fn language(&self) -> Language {
        Language::Python
    }

    fn parse(&self, text: &str) -> Module {
        if pyc::is_compiled(text) {
            return pyc::module(text);
        }
        parse::module(text)
    }

    fn name(&self, interpreter: &mut Interpreter, name: &Name) -> Option<Object> {
        match &**name {
            "__name__" => return Some(Object::text("__main__")),
            "__file__" => return Some(Object::unknown(Provenance::Argument)),
            _ => {}
        }
        for module in interpreter.scopes.stars(interpreter.scope) {
            if modules::exports(&module, name) {
                return Some(interpreter.attribute(&Object::Library(module), name));
            }
        }
        builtins::is_builtin(name).then(|| Object::Library(modules::canonical(name)))
    }
}

#[cfg(test)]
mod tests;
