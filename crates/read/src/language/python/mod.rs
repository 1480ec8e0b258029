//! Python 2 and 3 source: an abstract interpreter.
//!
//! Text is parsed with tree-sitter, turned into a small syntax of its own ([`syntax`]) and run
//! ([`interpreter`]) over objects that may be unknown ([`object`]): constants are computed, every
//! branch is taken, loops over known items are unrolled, functions are called with what they are
//! given, and functions that nothing calls are run once with arguments unknown. What library
//! functions do ([`library`]) becomes acts of the [`World`].

use model::Value;

use crate::world::World;

mod access;
mod branches;
mod builtins;
mod calls;
mod containers;
mod definitions;
mod evaluate;
mod expressions;
mod format;
mod heap;
mod interpreter;
mod library;
mod literal;
mod methods;
mod modules;
mod names;
mod object;
mod operators;
mod parse;
mod prefilter;
mod scalars;
mod scope;
mod sequences;
mod statements;
mod strings;
mod syntax;
mod texts;

/// Lowers a text; returns what it prints.
///
/// What is evaluated in turn counts as its own program where a shell starts it: descriptors it
/// redirects are its own.
pub fn lower(world: &mut World, text: &str) -> Value {
    // What the outermost text prints goes nowhere that is followed.
    if world.depth() == 0 && !prefilter::may_act(text) {
        return Value::literal("");
    }
    let standard = world.standard.clone();
    let printed = interpreter::Interpreter::new(world).run(text);
    world.standard = standard;
    printed
}

#[cfg(test)]
mod tests;
