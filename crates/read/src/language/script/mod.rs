//! The abstract interpreter that scripting languages share.
//!
//! A front-end parses its language to one abstract syntax ([`syntax`]) and hands a [`Dialect`] to
//! [`lower`]; the text is then run ([`interpreter`]) over objects that may be unknown
//! ([`object`]): constants are computed, every branch is taken, loops over known items are
//! unrolled, functions are called with what they are given, and functions that nothing calls are
//! run once with arguments unknown. What library functions do ([`library`]) becomes acts of the
//! [`World`].
//!
//! What differs from language to language stands in its dialect: how text is parsed, what a name
//! that nothing binds stands for, and what its own functions, methods and operators do. Most of
//! the latter is said in terms of the shared library, so that a socket, a process or a decoder is
//! written once.

use model::{Language, Value};

use crate::world::World;

mod access;
mod branches;
pub mod builtins;
pub mod calls;
pub mod containers;
mod evaluate;
pub mod format;
pub mod heap;
pub mod interpreter;
pub mod library;
pub mod literal;
pub mod loose;
pub mod methods;
pub mod modules;
pub mod object;
pub mod operators;
pub mod pattern;
mod scalars;
pub mod scope;
mod sequences;
mod statements;
pub mod syntax;
pub mod texts;
pub mod tree;

use calls::Arguments;
use heap::Heap;
use interpreter::Interpreter;
use object::Object;
use syntax::{Module, Name, Operator};

/// What sets one language apart from the others.
///
/// Every hook is asked before the shared mechanism, which is what happens on `None`.
pub trait Dialect: Sync {
    /// The language.
    fn language(&self) -> Language;

    /// Parses a text. Never fails: what cannot be read is left out, or said in the damage.
    fn parse(&self, text: &str) -> Module;

    /// What a name stands for that the program did not bind.
    fn name(&self, interpreter: &mut Interpreter, name: &Name) -> Option<Object>;

    /// Calls a function or class of a library, by its dotted name.
    fn call(
        &self,
        _interpreter: &mut Interpreter,
        _path: &str,
        _arguments: &Arguments,
    ) -> Option<Object> {
        None
    }

    /// Calls a method of anything but an instance of a class of the program.
    fn method(
        &self,
        _interpreter: &mut Interpreter,
        _receiver: &Object,
        _name: &Name,
        _arguments: &Arguments,
    ) -> Option<Object> {
        None
    }

    /// An attribute of anything but an instance of a class of the program.
    fn attribute(
        &self,
        _interpreter: &mut Interpreter,
        _object: &Object,
        _name: &Name,
    ) -> Option<Object> {
        None
    }

    /// `object[index]`.
    fn index(
        &self,
        _interpreter: &mut Interpreter,
        _object: &Object,
        _index: &Object,
    ) -> Option<Object> {
        None
    }

    /// `object[key] = value` and `object.key = value`; whether that is done.
    fn store(
        &self,
        _interpreter: &mut Interpreter,
        _object: &Object,
        _key: &Object,
        _value: &Object,
    ) -> bool {
        false
    }

    /// Whether an object counts as true, where that differs from Python.
    fn truth(&self, _heap: &Heap, _object: &Object) -> Option<bool> {
        None
    }

    /// Whether an assignment binds the name in the nearest scope that has it, and else globally;
    /// otherwise in the current one.
    fn assigns_outward(&self) -> bool {
        false
    }

    /// Whether `object[name](…)` calls a method.
    fn items_are_methods(&self) -> bool {
        false
    }

    /// An object as a text, where that differs from Python.
    fn shown(&self, _interpreter: &mut Interpreter, _object: &Object) -> Option<Value> {
        None
    }

    /// What a name that nothing bound is on the left of `operator=`.
    fn unset(&self, _operator: Operator) -> Option<Object> {
        None
    }

    /// Whether storing into something that was never set makes it a container.
    fn makes_containers(&self) -> bool {
        false
    }

    /// What a function that nothing in the text calls is given for a parameter of that name.
    fn unseen_argument(&self, _name: &str) -> Option<Object> {
        None
    }

    /// `left operator right`.
    fn operate(
        &self,
        _interpreter: &mut Interpreter,
        _left: &Object,
        _operator: Operator,
        _right: &Object,
    ) -> Option<Object> {
        None
    }
}

/// Lowers a text of a dialect; returns what it prints.
///
/// What is evaluated in turn counts as its own program where a shell starts it: descriptors it
/// redirects are its own.
pub fn lower(world: &mut World, dialect: &'static dyn Dialect, text: &str) -> Value {
    let standard = world.standard.clone();
    let printed = Interpreter::new(world, dialect).run(text);
    world.standard = standard;
    printed
}
