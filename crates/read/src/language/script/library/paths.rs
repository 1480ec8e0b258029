//! Paths: `os.path` and `pathlib`.

use std::rc::Rc;

use model::{Behavior, Provenance, Value};

use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::object::Object;
use super::super::operators::join_path;
use super::files;

/// Calls a function that makes a path.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let mut first = || interpreter.argument(arguments, 0, "path");
    Some(match path {
        "os.path.join" => {
            let mut joined = Value::literal("");
            for part in &arguments.plain {
                joined = join_path(&joined, &interpreter.value_of(part));
            }
            Object::of_value(joined)
        }
        "os.path.expanduser" => {
            Object::of_value(first().map_text(|text| match text.strip_prefix("~/") {
                Some(rest) => format!("/root/{rest}"),
                None if text == "~" => "/root".to_owned(),
                None => text.to_owned(),
            }))
        }
        "os.path.abspath" | "os.path.realpath" | "os.path.normpath" | "os.fspath"
        | "os.path.expandvars" | "os.fsencode" | "os.fsdecode" => Object::of_value(first()),
        "os.path.basename" => Object::of_value(
            first().map_text(|text| text.rsplit('/').next().unwrap_or_default().to_owned()),
        ),
        "os.path.dirname" => Object::of_value(first().map_text(parent)),
        "os.path.exists" | "os.path.isfile" | "os.path.isdir" | "os.path.islink" | "os.access"
        | "os.path.getsize" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "pathlib.PurePosixPath" => {
            let mut joined = Value::literal("");
            for part in &arguments.plain {
                joined = join_path(&joined, &interpreter.value_of(part));
            }
            Object::Path(Rc::new(joined))
        }
        "pathlib.Path.home" => Object::Path(Rc::new(Value::literal("/root"))),
        "pathlib.Path.cwd" => Object::Path(Rc::new(Value::literal("."))),
        _ => return None,
    })
}

fn parent(path: &str) -> String {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((parent, _)) => parent.to_owned(),
        None => String::new(),
    }
}

/// An attribute of a path.
pub fn attribute(path: &Value, name: &str) -> Option<Object> {
    let base = path.base_name().to_owned();
    Some(match name {
        "name" => Object::of_value(path.map_text(|_| base)),
        "stem" => Object::of_value(path.map_text(|_| {
            base.rsplit_once('.')
                .map_or(base.as_str(), |(stem, _)| stem)
                .to_owned()
        })),
        "suffix" => Object::of_value(path.map_text(|_| {
            base.rsplit_once('.')
                .map_or(String::new(), |(_, end)| format!(".{end}"))
        })),
        "parent" => Object::Path(Rc::new(path.map_text(parent))),
        "parents" | "parts" => Object::from_sources(path.from.clone()),
        _ => return None,
    })
}

/// Calls a method of a path.
pub fn method(
    interpreter: &mut Interpreter,
    path: &Value,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    Some(match name {
        "write_text" | "write_bytes" => {
            let content = interpreter.argument(arguments, 0, "data");
            interpreter.acts().write(path.clone(), content, false);
            Object::anything()
        }
        "read_text" | "read_bytes" => {
            let mode = if name == "read_bytes" { "rb" } else { "r" };
            let file = files::open_path(interpreter, path.clone(), mode);
            interpreter.call_method(&file, &Rc::from("read"), Arguments::default())
        }
        "open" => {
            let mode = interpreter.argument(arguments, 0, "mode").text;
            files::open_path(interpreter, path.clone(), &mode)
        }
        "chmod" => {
            let mode = files::mode(interpreter, arguments.get(0, "mode"));
            interpreter.act(Behavior::SetMode {
                path: path.clone(),
                mode,
            });
            Object::None
        }
        "unlink" => {
            interpreter.act(Behavior::Delete { path: path.clone() });
            Object::None
        }
        "rename" | "replace" | "symlink_to" | "hardlink_to" => {
            let other = interpreter.argument(arguments, 0, "target");
            match name {
                "rename" | "replace" => files::copy_path(interpreter, path, &other),
                _ => files::copy_path(interpreter, &other, path),
            }
            Object::Path(Rc::new(other))
        }
        "joinpath" => {
            let mut joined = path.clone();
            for part in &arguments.plain {
                joined = join_path(&joined, &interpreter.value_of(part));
            }
            Object::Path(Rc::new(joined))
        }
        "with_suffix" | "with_name" => {
            let end = interpreter.argument(arguments, 0, "name");
            let mut other = match name {
                "with_name" => path.map_text(|text| format!("{}/", parent(text))),
                _ => path.map_text(|text| {
                    text.rsplit_once('.')
                        .map_or(text, |(stem, _)| stem)
                        .to_owned()
                }),
            };
            other.append(&end);
            Object::Path(Rc::new(other))
        }
        "expanduser" => Object::Path(Rc::new(path.map_text(|text| {
            text.strip_prefix("~/")
                .map_or(text.to_owned(), |rest| format!("/root/{rest}"))
        }))),
        "resolve" | "absolute" => Object::Path(Rc::new(path.clone())),
        "as_posix" | "__str__" | "__fspath__" => Object::of_value(path.clone()),
        "mkdir" | "rmdir" | "touch" => Object::None,
        "exists" | "is_file" | "is_dir" | "stat" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "glob" | "iterdir" | "rglob" => {
            let mut inner = path.clone();
            inner.append(&Value::unknown(Provenance::Unknown));
            Object::from_sources(inner.from)
        }
        _ => return None,
    })
}
