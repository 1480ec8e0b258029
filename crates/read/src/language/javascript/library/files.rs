//! Files: `fs` with and without callbacks and promises, and what Deno and Bun have of it.
//!
//! Source: the documentation of Node.js, "File system"; of Deno and Bun, their file functions.

use std::rc::Rc;

use super::{call_back, shared_call, with_callback};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;

/// Calls a function that works on files.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let (module, name) = path.split_once('.')?;
    if !matches!(module, "fs" | "Deno" | "Bun" | "fsPromises") {
        return None;
    }
    let name = name.strip_suffix("Sync").unwrap_or(name);
    let (callback, rest) = with_callback(arguments);
    let result = function(interpreter, name, &rest)?;
    call_back(interpreter, callback.as_ref(), vec![result.clone()]);
    Some(result)
}

fn function(interpreter: &mut Interpreter, name: &str, plain: &[Object]) -> Option<Object> {
    let first = plain.first().cloned()?;
    let second = plain.get(1).cloned();
    Some(match name {
        "writeFile" | "appendFile" | "outputFile" | "write" | "writeTextFile" => {
            let mode = if name == "appendFile" || appends(interpreter, plain) {
                "a"
            } else {
                "w"
            };
            let file = open(interpreter, first.clone(), mode);
            let write = Rc::from("write");
            let data = Arguments::plain(vec![second?]);
            interpreter.call_method(&file, &write, data);
            if let Some(mode) = plain
                .get(2)
                .and_then(|options| super::super::objects::part(interpreter, options, "mode"))
            {
                shared_call(interpreter, "os.chmod", vec![first, octal(mode)]);
            }
            Object::None
        }
        "createWriteStream" | "createReadStream" => {
            let reads = name == "createReadStream";
            let mode = match (reads, appends(interpreter, plain)) {
                (true, _) => "r",
                (_, true) => "a",
                _ => "w",
            };
            open(interpreter, first, mode)
        }
        "open" => {
            let mode = second
                .as_ref()
                .and_then(Object::as_text)
                .unwrap_or("r")
                .to_owned();
            open(interpreter, first, &mode)
        }
        "readFile" | "readTextFile" | "file" => {
            let file = open(interpreter, first, "r");
            let read = Rc::from("read");
            interpreter.call_method(&file, &read, Arguments::default())
        }
        "chmod" | "fchmod" | "lchmod" => {
            shared_call(interpreter, "os.chmod", vec![first, octal(second?)])
        }
        "unlink" | "rm" | "rmdir" | "remove" | "emptyDir" => {
            shared_call(interpreter, "os.remove", vec![first])
        }
        "rename" | "symlink" | "link" | "copyFile" | "copy" | "move" | "cp" => {
            shared_call(interpreter, "shutil.copy", vec![first, second?])
        }
        "mkdir" | "mkdirp" | "ensureDir" | "utimes" | "close" | "access" | "chown" => Object::None,
        "mkdtemp" => first,
        "existsSync" | "exists" | "stat" | "lstat" | "readdir" | "realpath" | "readlink" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        _ => return None,
    })
}

fn open(interpreter: &mut Interpreter, path: Object, mode: &str) -> Object {
    match path {
        Object::Native(_) => path,
        path => shared_call(interpreter, "open", vec![path, Object::text(mode)]),
    }
}

/// Whether options say that a file keeps what it holds.
fn appends(interpreter: &Interpreter, plain: &[Object]) -> bool {
    plain.iter().skip(1).any(|options| {
        let flags = super::super::objects::part(interpreter, options, "flags")
            .or_else(|| super::super::objects::part(interpreter, options, "flag"));
        flags.is_some_and(|flags| flags.as_text().is_some_and(|text| text.starts_with('a')))
    })
}

/// A mode written as a text is octal.
fn octal(mode: Object) -> Object {
    match mode
        .as_text()
        .and_then(|text| i128::from_str_radix(text, 8).ok())
    {
        Some(bits) => Object::Int(bits),
        None => mode,
    }
}
