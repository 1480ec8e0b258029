//! Lua 5.1 to 5.4 and LuaJIT, with what OpenResty, LuaSocket and luaposix bring.
//!
//! Text is parsed with tree-sitter ([`parse`]) and run by the interpreter of [`script`]. Functions
//! of libraries are dotted names that begin with `lua.`; what they do is said in terms of the
//! shared library ([`library`]). A table of items alone is a list, which counts from 1.

use model::{Language, Provenance, Value};

use super::script::calls::Arguments;
use super::script::heap::Heap;
use super::script::interpreter::Interpreter;
use super::script::object::Object;
use super::script::syntax::{Module, Name, Operator};
use super::script::{self, Dialect};
use crate::language::{CommandLine, FrontEnd, Signs};
use crate::world::World;

mod library;
mod literals;
mod parse;
mod prefilter;
mod signs;
mod system;
mod tables;
mod texts;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    interpreters: &["lua", "luajit", "texlua", "resty", "luvit", "tarantool"],
    extensions: &["lua", "nse", "rockspec", "luau"],
    command_line: Some(CommandLine {
        code: "e",
        valued: "l",
        attached: "",
        long_code: &[],
    }),
    signs: Signs::Lines(signs::is_line),
    ..FrontEnd::new(Language::Lua, lower)
};

/// Lowers a text; returns what it prints.
fn lower(world: &mut World, text: &str) -> Value {
    // What the outermost text prints goes nowhere that is followed.
    if world.depth() == 0 && !prefilter::may_act(text) {
        return Value::literal("");
    }
    script::lower(world, &Lua, text)
}

struct Lua;

impl Dialect for Lua {
    fn language(&self) -> Language {
        Language::Lua
    }

    fn parse(&self, text: &str) -> Module {
        parse::module(text)
    }

    fn name(&self, interpreter: &mut Interpreter, name: &Name) -> Option<Object> {
        library::global(interpreter, name)
    }

    fn call(
        &self,
        interpreter: &mut Interpreter,
        path: &str,
        arguments: &Arguments,
    ) -> Option<Object> {
        library::call(interpreter, path.strip_prefix("lua.")?, arguments)
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
        tables::index(interpreter, object, index)
    }

    fn store(
        &self,
        interpreter: &mut Interpreter,
        object: &Object,
        key: &Object,
        value: &Object,
    ) -> bool {
        tables::store(interpreter, object, key, value)
    }

    fn truth(&self, _heap: &Heap, object: &Object) -> Option<bool> {
        match object {
            Object::Int(_)
            | Object::Float(_)
            | Object::Text(_)
            | Object::List(_)
            | Object::Dictionary(_)
            | Object::Native(_) => Some(true),
            _ => None,
        }
    }

    fn assigns_outward(&self) -> bool {
        true
    }

    fn shown(&self, _interpreter: &mut Interpreter, object: &Object) -> Option<Value> {
        match object {
            Object::None => Some(Value::literal("nil")),
            Object::Bool(truth) => Some(Value::literal(truth.to_string())),
            _ => None,
        }
    }

    fn unseen_argument(&self, name: &str) -> Option<Object> {
        let asked = matches!(name, "req" | "request");
        asked.then(|| Object::unknown(Provenance::Request(String::new())))
    }

    fn operate(
        &self,
        interpreter: &mut Interpreter,
        left: &Object,
        operator: Operator,
        right: &Object,
    ) -> Option<Object> {
        tables::operate(interpreter, left, operator, right)
    }
}

#[cfg(test)]
mod tests;
