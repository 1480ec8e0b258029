//! Names a program does not bind, and the members of libraries.
//!
//! Source: ECMA-262, "The Global Object"; the documentation of Node.js, "Global objects"; of Deno
//! and Bun, their namespaces.

use std::rc::Rc;

use model::Provenance;

use crate::language::script::interpreter::Interpreter;
use crate::language::script::modules;
use crate::language::script::object::Object;

/// Names that every program has.
const GLOBALS: &str = "require module exports process Buffer global globalThis window self console \
    JSON Math Object Array String Number Boolean Function RegExp Date Promise Symbol Reflect Proxy \
    Map Set WeakMap WeakSet WeakRef Error TypeError eval setTimeout setInterval setImmediate \
    clearTimeout clearInterval queueMicrotask atob btoa escape unescape encodeURIComponent \
    decodeURIComponent encodeURI decodeURI parseInt parseFloat isNaN isFinite fetch WebSocket \
    XMLHttpRequest Uint8Array Int8Array Uint16Array Int32Array Uint32Array Uint8ClampedArray \
    ArrayBuffer DataView TextDecoder TextEncoder Deno Bun URL URLSearchParams Worker BigInt \
    EventSource structuredClone importScripts DecompressionStream Response Blob";

/// What a name stands for that the program did not bind.
pub fn global(name: &str) -> Option<Object> {
    if let Some(own) = name.strip_prefix('@') {
        return Some(match own {
            "null" => Object::None,
            "staticmethod" | "property" => Object::library(own),
            "meta" => Object::library("js.module"),
            _ => Object::Library(Rc::from(format!("js.{name}"))),
        });
    }
    Some(match name {
        "undefined" => Object::None,
        "NaN" => Object::Float(f64::NAN),
        "Infinity" => Object::Float(f64::INFINITY),
        "this" => Object::library("js.globalThis"),
        "super" => Object::library("js.@super"),
        "import" => Object::library("js.require"),
        _ if GLOBALS.split_ascii_whitespace().any(|own| own == name) => {
            Object::Library(Rc::from(format!("js.{name}")))
        }
        _ => return None,
    })
}

/// A member of a library.
pub fn member(interpreter: &mut Interpreter, path: &str, name: &str) -> Option<Object> {
    let text = |text: &str| Some(Object::text(text));
    let own = path.strip_prefix("js.")?;
    match (own, name) {
        ("process" | "Bun", "env") => return Some(Object::library("os.environ")),
        ("process", "platform") => return text("linux"),
        ("process", "arch") => return text("x64"),
        ("process", "argv" | "execArgv") | ("Deno", "args") | ("Bun", "argv") => {
            return Some(arguments(interpreter, own));
        }
        ("process", "execPath" | "argv0") => return text("/usr/bin/node"),
        ("process", "version") => return text("v20.0.0"),
        ("process", "mainModule") | ("require", "main") => {
            return Some(Object::library("js.module"));
        }
        ("process" | "Deno" | "Bun", "stdin") => return Some(Object::library("sys.stdin")),
        ("process" | "Deno" | "Bun", "stdout") => return Some(Object::library("sys.stdout")),
        ("process" | "Deno" | "Bun", "stderr") => return Some(Object::library("sys.stderr")),
        ("os", "EOL") => return text("\n"),
        ("path", "sep") => return text("/"),
        ("module" | "exports" | "require", "exports" | "cache" | "paths" | "filename" | "id") => {
            return Some(Object::anything());
        }
        ("globalThis" | "global" | "window" | "self" | "exports", _) => {
            let bound = interpreter.scopes.get(interpreter.global_scope(), name);
            return match bound {
                Some(bound) => Some(bound.clone()),
                None => global(name).or_else(|| {
                    Some(match own {
                        "exports" => Object::anything(),
                        _ => Object::None,
                    })
                }),
            };
        }
        (_, "constructor") if own != "module" => {
            return Some(Object::library("js.Function"));
        }
        (_, "name") => return text(own.rsplit('.').next().unwrap_or(own)),
        // The promises of a module do what its functions do.
        ("fs" | "dns" | "timers", "promises") | (_, "default") => {
            return Some(Object::library(path));
        }
        (_, "prototype" | "__proto__") => return Some(Object::library("js.@prototype")),
        ("@prototype" | "@native", _) => return Some(native(name)),
        ("process", "pid" | "ppid" | "exitCode" | "title" | "config" | "versions" | "release") => {
            return Some(Object::anything());
        }
        ("fs" | "os" | "crypto", "constants") => return Some(Object::anything()),
        ("Math", "PI") => return Some(Object::Float(std::f64::consts::PI)),
        ("Symbol", "iterator") => return text("@@iterator"),
        _ => {}
    }
    Some(Object::Library(Rc::from(format!("{path}.{name}"))))
}

/// A method of the language that is not bound to anything.
pub fn native(name: &str) -> Object {
    Object::Library(Rc::from(format!("js.@native.{name}")))
}

/// What the program is started with, behind the interpreter.
fn arguments(interpreter: &mut Interpreter, holder: &str) -> Object {
    match modules::constant(interpreter, "sys.argv") {
        Some(Object::List(slot)) => {
            let mut items = interpreter.heap.items(slot).to_vec();
            match holder {
                "Deno" => items = items.into_iter().skip(1).collect(),
                _ => items.insert(0, Object::text("/usr/bin/node")),
            }
            interpreter.heap.list(items)
        }
        _ => Object::unknown(Provenance::Argument),
    }
}

/// The library that `require` or `import` of a module yields; `None` for the program's own files.
pub fn module(name: &str) -> Option<Object> {
    let plain = name.strip_prefix("node:").unwrap_or(name);
    if plain.starts_with(['.', '/']) {
        return None;
    }
    let plain = match plain {
        "fs/promises" | "fs-extra" | "graceful-fs" | "original-fs" => "fs",
        "fetch" | "node-fetch" | "cross-fetch" | "isomorphic-fetch" | "make-fetch-happen" => {
            "fetch"
        }
        "Module" => "module",
        "timers" | "timers/promises" => "globalThis",
        "process" | "buffer" | "module" => plain,
        "console" => "console",
        _ => plain,
    };
    let plain = match plain {
        "buffer" => "globalThis".to_owned(),
        other => other.replace('.', "_"),
    };
    Some(Object::Library(Rc::from(format!("js.{plain}"))))
}
