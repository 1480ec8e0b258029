//! Names a program does not bind: methods without a receiver, constants of libraries, variables
//! of the interpreter.
//!
//! Source: the documentation of Ruby, "Kernel", "Predefined Global Variables"; of Rack, Sinatra
//! and Rails for what a request brings.

use std::rc::Rc;

use model::Provenance;

use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::modules;
use crate::language::script::object::Object;

/// Methods of the kernel that are called by their name alone.
const BARE: &str = "gets readline fork binding loop lambda proc raise exit abort sleep puts \
    print readlines block_given? srand rand daemon self";

/// What a name stands for that the program did not bind.
pub fn resolve(interpreter: &mut Interpreter, name: &str) -> Option<Object> {
    if let Some(own) = name.strip_prefix("def ") {
        return Some(method(interpreter, own));
    }
    if let Some(own) = name.strip_prefix('@') {
        return Some(match own {
            "staticmethod" => Object::library("staticmethod"),
            _ => Object::Library(Rc::from(format!("rb.@{own}"))),
        });
    }
    if let Some(variable) = name.strip_prefix('$') {
        return Some(match variable {
            "stdin" => Object::library("sys.stdin"),
            "stdout" | ">" => Object::library("sys.stdout"),
            "stderr" => Object::library("sys.stderr"),
            "*" => arguments(interpreter),
            _ => Object::anything(),
        });
    }
    let first = name.chars().next()?;
    if first.is_uppercase() {
        return Some(constant(interpreter, name));
    }
    Some(match name {
        "&" => Object::None,
        "self" => Object::library("rb.Kernel"),
        "params" | "cookies" | "request" => Object::unknown(Provenance::Request(match name {
            "params" => String::new(),
            other => other.to_owned(),
        })),
        // A method called without arguments looks like a variable.
        _ => {
            let bound = interpreter
                .scopes
                .get(interpreter.scope, &format!("def {name}"));
            let bound = bound.cloned();
            match bound {
                Some(method) => interpreter.call(&method, Arguments::default()),
                None => match own_method(interpreter, name) {
                    Some(method) => interpreter.call(&method, Arguments::default()),
                    None if BARE.split_ascii_whitespace().any(|own| own == name) => {
                        let method = Object::Library(Rc::from(format!("rb.Kernel.{name}")));
                        interpreter.call(&method, Arguments::default())
                    }
                    None => return None,
                },
            }
        }
    })
}

/// A method of the object a method belongs to.
fn own_method(interpreter: &mut Interpreter, name: &str) -> Option<Object> {
    let own = interpreter.scopes.get(interpreter.scope, "self").cloned();
    let class = match own? {
        Object::Instance(slot) => interpreter.heap.instance_of(slot)?.class,
        _ => return None,
    };
    interpreter.class_attribute(class, name, 0)?;
    let own = interpreter.scopes.get(interpreter.scope, "self").cloned()?;
    Some(interpreter.attribute(&own, &Rc::from(name)))
}

/// What a call without a receiver calls.
fn method(interpreter: &mut Interpreter, name: &str) -> Object {
    if let Some(own) = own_method(interpreter, name) {
        return own;
    }
    // `name.(…)` of a variable, and `name(…)` of one that a method is bound to.
    let bound = interpreter.scopes.get(interpreter.scope, name).cloned();
    match bound {
        Some(function @ (Object::Function(_) | Object::Method(_))) => function,
        _ => Object::Library(Rc::from(format!("rb.Kernel.{name}"))),
    }
}

fn constant(interpreter: &mut Interpreter, name: &str) -> Object {
    match name {
        "ENV" => Object::library("os.environ"),
        "ARGV" => arguments(interpreter),
        "STDIN" | "ARGF" => Object::library("sys.stdin"),
        "STDOUT" => Object::library("sys.stdout"),
        "STDERR" => Object::library("sys.stderr"),
        "RUBY_PLATFORM" => Object::text("x86_64-linux"),
        "RUBY_VERSION" => Object::text("3.1.0"),
        _ => Object::Library(Rc::from(format!("rb.{name}"))),
    }
}

/// A constant of a library; those of the top are reached through any.
pub fn member(path: &str, name: &str) -> Object {
    match path {
        "rb.Object" => Object::Library(Rc::from(format!("rb.{name}"))),
        path => Object::Library(Rc::from(format!("{path}.{name}"))),
    }
}

/// What the program is started with.
fn arguments(interpreter: &mut Interpreter) -> Object {
    match modules::constant(interpreter, "sys.argv") {
        Some(Object::List(slot)) => {
            let items = interpreter.heap.items(slot).iter().skip(1).cloned();
            let items = items.collect();
            interpreter.heap.list(items)
        }
        _ => Object::unknown(Provenance::Argument),
    }
}
