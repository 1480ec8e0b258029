//! Files and streams, and what is included from them.
//!
//! Source: The PHP Manual, "Filesystem", "Supported Protocols and Wrappers".

use std::rc::Rc;

use model::{Behavior, Provenance, Value};

use super::{array, as_text, code, process, request, shared, text};
use crate::encoding::{base64, percent, to_text};
use crate::language::script::builtins::print_value;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;
use crate::world::is_placeholder;

/// Schemes that are fetched.
const REMOTE: [&str; 4] = ["http://", "https://", "ftp://", "ftps://"];

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "include" => {
            let path = text(interpreter, arguments, 0);
            include(interpreter, &path)
        }
        "file_get_contents" | "readfile" | "show_source" | "highlight_file" | "file" | "fopen"
        | "gzopen" | "gzfile" | "readgzfile" | "bzopen" => opened(interpreter, name, arguments),
        "file_put_contents" => {
            let path = text(interpreter, arguments, 0);
            let content = match arguments.plain.get(1) {
                Some(list @ Object::Dictionary(_)) => {
                    let lines = Arguments::plain(vec![Object::text(""), list.clone()]);
                    let whole = super::call(interpreter, "implode", &lines);
                    interpreter.shown(&whole)
                }
                Some(object) => content_of(interpreter, &object.clone()),
                None => Value::default(),
            };
            let appends = super::integer(arguments, 2).is_some_and(|flags| flags & 8 != 0);
            interpreter.acts().write(path, content, appends);
            Object::anything()
        }
        "fwrite" | "fputs" | "gzwrite" | "gzputs" | "bzwrite" | "stream_copy_to_stream" => {
            let (target, data) = match name {
                "stream_copy_to_stream" => {
                    let data = process::read(interpreter, first?);
                    (arguments.plain.get(1)?, data)
                }
                _ => (first?, arguments.plain.get(1)?.clone()),
            };
            let target = process::opened(interpreter, target);
            let data = interpreter.shown(&data);
            if target.is_library("php.output") {
                super::syntax::print(interpreter, data);
                return Some(Object::anything());
            }
            shared(
                interpreter,
                "os.write",
                vec![target, Object::of_value(data)],
            );
            Object::anything()
        }
        "fread"
        | "fgets"
        | "fgetc"
        | "gzread"
        | "gzgets"
        | "bzread"
        | "stream_get_contents"
        | "stream_get_line"
        | "fscanf"
        | "fgetcsv"
        | "fpassthru" => {
            let read = process::read(interpreter, first?);
            if name == "fpassthru" {
                let printed = interpreter.shown(&read);
                super::syntax::print(interpreter, printed);
            }
            read
        }
        _ => return managed(interpreter, name, arguments),
    })
}

/// Files as a whole, and their names.
fn managed(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match name {
        "unlink" | "rmdir" => {
            let path = text(interpreter, arguments, 0);
            interpreter.act(Behavior::Delete { path });
            Object::Bool(true)
        }
        "chmod" | "copy" | "rename" | "link" | "symlink" | "move_uploaded_file" => {
            moved(interpreter, name, arguments)?
        }
        "fclose" | "pclose" | "proc_close" | "proc_get_status" => {
            let object = process::opened(interpreter, first?);
            if let Object::Native(_) = object {
                interpreter.call_method(&object, &Rc::from("wait"), Arguments::default());
            }
            Object::anything()
        }
        "feof"
        | "fflush"
        | "fseek"
        | "rewind"
        | "flock"
        | "stream_set_blocking"
        | "stream_set_timeout"
        | "stream_select"
        | "socket_select"
        | "chdir"
        | "mkdir" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "sys_get_temp_dir" => Object::text("/tmp"),
        "tempnam" | "tmpfile" => {
            let path = Value {
                text: "/tmp/{?}".to_owned(),
                known: false,
                from: vec![Provenance::Unknown],
            };
            match name {
                "tempnam" => Object::Text(Rc::new(path)),
                _ => shared(
                    interpreter,
                    "open",
                    vec![Object::Text(Rc::new(path)), Object::text("w+")],
                ),
            }
        }
        "basename" => super::mapped(interpreter, arguments, |bytes| {
            let end = bytes
                .iter()
                .rposition(|byte| *byte != b'/')
                .map_or(0, |at| at + 1);
            let bytes = bytes.get(..end).unwrap_or_default();
            let start = bytes
                .iter()
                .rposition(|byte| *byte == b'/')
                .map_or(0, |at| at + 1);
            bytes.get(start..).unwrap_or_default().to_vec()
        })?,
        "dirname" => super::mapped(interpreter, arguments, |bytes| {
            let end = bytes.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            bytes.get(..end).unwrap_or_default().to_vec()
        })?,
        _ => return None,
    })
}

/// The content of something written: of an open file or an upload, what it holds.
fn content_of(interpreter: &mut Interpreter, object: &Object) -> Value {
    match object {
        Object::Native(_) => {
            let read = process::read(interpreter, object);
            interpreter.shown(&read)
        }
        _ => interpreter.shown(object),
    }
}

/// What a path or URL holds, where that is not a plain file.
fn wrapped(interpreter: &mut Interpreter, path: &Value) -> Option<Value> {
    let lower = path.text.to_ascii_lowercase();
    if REMOTE.iter().any(|scheme| lower.starts_with(scheme)) {
        interpreter.uncertain += 1;
        return Some(interpreter.acts().fetch(path.clone(), None));
    }
    if lower.starts_with("data:") {
        let (head, body) = path.text.split_once(',')?;
        let bytes = percent::decode(body.as_bytes(), false);
        let plain = path.map_text(|_| to_text(&bytes));
        return Some(match head.ends_with(";base64") {
            true if path.known => {
                let bytes = base64::decode_ignoring_garbage(&bytes)?;
                let decoded = Provenance::Decoded("base64".to_owned());
                plain.map_text(|_| to_text(&bytes)).with_source(decoded)
            }
            _ => plain,
        });
    }
    if let Some(stream) = lower.strip_prefix("php://") {
        if stream == "input" {
            return Some(Value::unknown(Provenance::Request(
                "php://input".to_owned(),
            )));
        }
        if stream == "stdin" {
            return Some(Value::unknown(Provenance::Argument));
        }
        let at = lower.find("/resource=")?;
        let resource = path.map_text(|text| text.get(at + 10..).unwrap_or_default().to_owned());
        let held = wrapped(interpreter, &resource)
            .unwrap_or_else(|| interpreter.world().content_of(&resource));
        let mut held = Object::of_value(held);
        if stream.contains("base64-decode") {
            let given = Arguments::plain(vec![held]);
            held = super::call(interpreter, "base64_decode", &given);
        }
        if stream.contains("rot13") {
            let given = Arguments::plain(vec![held]);
            held = super::call(interpreter, "str_rot13", &given);
        }
        return Some(interpreter.shown(&held));
    }
    for (scheme, decoder) in [
        ("compress.zlib://", "gzdecode"),
        ("compress.bzip2://", "bzdecompress"),
    ] {
        if lower.starts_with(scheme) {
            let inner =
                path.map_text(|text| text.get(scheme.len()..).unwrap_or_default().to_owned());
            let held = wrapped(interpreter, &inner)
                .unwrap_or_else(|| interpreter.world().content_of(&inner));
            let given = Arguments::plain(vec![Object::of_value(held)]);
            let held = super::call(interpreter, decoder, &given);
            return Some(interpreter.shown(&held));
        }
    }
    // The temporary file of an upload.
    let is_upload = path
        .from
        .iter()
        .any(|from| matches!(from, Provenance::Request(name) if name.starts_with("FILES")));
    (is_upload && is_placeholder(path)).then(|| path.clone())
}

/// Files whose content, or that themselves, are the result.
fn opened(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Object {
    let path = text(interpreter, arguments, 0);
    let mode = match name {
        "fopen" => text(interpreter, arguments, 1).text,
        _ => "r".to_owned(),
    };
    if name.ends_with("open") {
        match path.text.to_ascii_lowercase().as_str() {
            "php://stdin" => return Object::library("sys.stdin"),
            "php://output" | "php://stdout" => return Object::library("php.output"),
            _ => {}
        }
        let held = match mode.contains(['w', 'a', 'x', 'c']) {
            true => None,
            false => wrapped(interpreter, &path),
        };
        return match held {
            Some(content) => {
                let content = Object::of_value(content);
                match content {
                    // What is known is read as from a file in memory.
                    Object::Text(_) => shared(interpreter, "io.StringIO", vec![content]),
                    other => other,
                }
            }
            None => {
                let plain = vec![Object::of_value(path), Object::text(mode)];
                shared(interpreter, "open", plain)
            }
        };
    }
    let content = match wrapped(interpreter, &path) {
        Some(content) => content,
        None => {
            let plain = vec![Object::of_value(path), Object::text("r")];
            let file = shared(interpreter, "open", plain);
            let read = process::read(interpreter, &file);
            interpreter.shown(&read)
        }
    };
    match name {
        "readfile" | "show_source" | "highlight_file" | "readgzfile" => {
            print_value(interpreter, content);
            Object::anything()
        }
        "file" | "gzfile" if content.known => {
            let lines = content.text.split_inclusive('\n');
            let lines = lines
                .map(|line| Object::of_value(content.map_text(|_| line.to_owned())))
                .collect();
            array(interpreter, lines)
        }
        _ => as_text(Object::of_value(content)),
    }
}

/// `include` and `require`: a file of the application does what its own reading says; what comes
/// from elsewhere is code handed over.
fn include(interpreter: &mut Interpreter, path: &Value) -> Object {
    let mut content = match wrapped(interpreter, path) {
        Some(content) => content,
        None => match interpreter.world().written(&path.text).cloned() {
            Some(content) => content,
            None if is_placeholder(path) && request::is_requested(path) => {
                interpreter.world().content_of(path)
            }
            None => return Object::anything(),
        },
    };
    for from in &path.from {
        content = content.with_source(from.clone());
    }
    if content.known {
        content.text.insert_str(0, "?>");
    }
    code::evaluate(interpreter, content)
}

/// Files that go somewhere or become something else.
fn moved(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    let source = text(interpreter, arguments, 0);
    let target = text(interpreter, arguments, 1);
    match name {
        "chmod" => {
            let mode = arguments.plain.get(1)?.clone();
            let path = Object::of_value(source);
            shared(interpreter, "os.chmod", vec![path, mode]);
        }
        "move_uploaded_file" => {
            let content = Value::unknown(Provenance::Request(
                request::name_of(&source).unwrap_or_else(|| "FILES".to_owned()),
            ));
            interpreter.acts().write(target, content, false);
        }
        _ => {
            let lower = source.text.to_ascii_lowercase();
            if name == "copy" && REMOTE.iter().any(|scheme| lower.starts_with(scheme)) {
                interpreter.acts().fetch(source, Some(target));
                return Some(Object::anything());
            }
            match wrapped(interpreter, &source) {
                Some(content) => interpreter.acts().write(target, content, false),
                None => {
                    let plain = vec![Object::of_value(source), Object::of_value(target)];
                    shared(interpreter, "shutil.copy", plain);
                }
            }
        }
    }
    Some(Object::anything())
}
