//! Files: `open`, `os` and `shutil` functions, and what is read and written.

use std::rc::Rc;

use model::{Behavior, Provenance, Stream, Value};

use super::super::builtins::{buffer, print_value};
use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::object::{Bytes, Native, Object, OpenFile, Slot};
use super::super::operators::{add_sources, join_path};
use crate::language;

/// Calls a function that works on files.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    Some(match path {
        "open" | "file" | "io.open" | "codecs.open" | "os.fdopen" | "gzip.open" | "bz2.open"
        | "lzma.open" | "aiofiles.open" | "io.FileIO" => open(interpreter, arguments)?,
        "os.open" => open_descriptor(interpreter, arguments),
        "os.write" => {
            let data = interpreter.argument(arguments, 1, "data");
            let target = arguments.plain.first()?.clone();
            write_to(interpreter, &target, data);
            Object::anything()
        }
        "os.read" => {
            let stream = interpreter.stream_of(arguments.plain.first()?);
            read_stream(interpreter, &stream)
        }
        "os.remove" | "os.unlink" | "shutil.rmtree" => {
            let path = interpreter.path_argument(arguments, 0, "path");
            interpreter.act(Behavior::Delete { path });
            Object::None
        }
        "os.chmod" | "os.fchmod" | "os.lchmod" => {
            let path = interpreter.path_argument(arguments, 0, "path");
            let mode = mode(interpreter, arguments.get(1, "mode"));
            interpreter.act(Behavior::SetMode { path, mode });
            Object::None
        }
        "shutil.copy" | "shutil.copy2" | "shutil.copyfile" | "shutil.copytree" | "shutil.move"
        | "os.rename" | "os.replace" | "os.renames" | "os.link" | "os.symlink" => {
            copy(interpreter, arguments);
            Object::None
        }
        "shutil.copyfileobj" => {
            let source = arguments.get(0, "fsrc")?.clone();
            let data = interpreter.call_method(&source, &Rc::from("read"), Arguments::default());
            let data = interpreter.value_of(&data);
            let target = arguments.get(1, "fdst")?.clone();
            write_to(interpreter, &target, data);
            Object::None
        }
        _ => return made(interpreter, path, arguments),
    })
}

/// Functions that make temporary files and unpack archives.
fn made(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    Some(match path {
        "tempfile.NamedTemporaryFile"
        | "tempfile.TemporaryFile"
        | "tempfile.SpooledTemporaryFile" => {
            let path = Value {
                text: "/tmp/{?}".to_owned(),
                known: false,
                from: vec![Provenance::Unknown],
            };
            file(interpreter, path, false, true)
        }
        "tarfile.open" | "tarfile.TarFile" | "zipfile.ZipFile" => {
            let target = arguments
                .named("fileobj")
                .or_else(|| arguments.all().next())?;
            let named = interpreter.value_of(target);
            let content = match target {
                Object::Text(_) | Object::Path(_) => interpreter.world().content_of(&named),
                _ => named,
            };
            Object::from_sources(content.from)
        }
        "shutil.unpack_archive" => {
            let archive = interpreter.path_argument(arguments, 0, "filename");
            let content = interpreter.world().content_of(&archive);
            let folder = interpreter.path_argument(arguments, 1, "extract_dir");
            unpack(interpreter, content, &folder);
            Object::None
        }
        "os.chdir" => {
            let folder = interpreter.path_argument(arguments, 0, "path");
            interpreter.world().enter_folder(&folder);
            Object::None
        }
        "tempfile.mktemp" | "tempfile.mkdtemp" | "tempfile.gettempdir" => Object::text("/tmp"),
        "tempfile.mkstemp" => {
            let path = Value {
                text: "/tmp/{?}".to_owned(),
                known: false,
                from: vec![Provenance::Unknown],
            };
            let descriptor = Object::Descriptor(Rc::new(Stream::File(path.clone())));
            Object::Tuple(Rc::new(vec![descriptor, Object::Text(Rc::new(path))]))
        }
        _ => return super::paths::call(interpreter, path, arguments),
    })
}

/// A mode as octal digits.
pub fn mode(interpreter: &mut Interpreter, mode: Option<&Object>) -> Value {
    match mode {
        Some(Object::Int(bits)) => Value::literal(format!("{bits:03o}")),
        Some(other) => interpreter.value_of(other),
        None => Value::unknown(Provenance::Unknown),
    }
}

fn file(interpreter: &mut Interpreter, path: Value, append: bool, binary: bool) -> Object {
    interpreter.heap.native(Native::File(OpenFile {
        path,
        append,
        binary,
    }))
}

/// `open(path, mode)`.
fn open(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let target = arguments
        .get(0, "file")
        .or_else(|| arguments.all().next())?
        .clone();
    let mode = interpreter.argument(arguments, 1, "mode").text;
    let path = match &target {
        Object::Descriptor(stream) => match &**stream {
            Stream::File(path) => path.clone(),
            _ => return Some(target),
        },
        Object::Int(0) => return Some(Object::library("sys.stdin")),
        Object::Int(1) => return Some(Object::library("sys.stdout")),
        Object::Int(_) => return None,
        other => interpreter.value_of(other),
    };
    Some(open_path(interpreter, path, &mode))
}

/// Opens a path.
pub fn open_path(interpreter: &mut Interpreter, path: Value, mode: &str) -> Object {
    let writes = mode.contains(['w', 'a', 'x', '+']);
    let binary = mode.contains('b');
    if !writes {
        read_act(interpreter, &path);
    }
    file(
        interpreter,
        path,
        mode.contains('a') || mode.contains("r+"),
        binary,
    )
}

/// Records that a file outside the program's own folder is read, unless the program wrote it.
fn read_act(interpreter: &mut Interpreter, path: &Value) {
    let named = path.text.starts_with(['/', '~']) && path.text != "/dev/null";
    if named && interpreter.world().written(&path.text).is_none() {
        interpreter.act(Behavior::Read { path: path.clone() });
    }
}

fn open_descriptor(interpreter: &mut Interpreter, arguments: &Arguments) -> Object {
    let path = interpreter.path_argument(arguments, 0, "path");
    let flags = arguments.get(1, "flags").and_then(Object::as_int);
    if flags == Some(0) {
        read_act(interpreter, &path);
    }
    Object::Descriptor(Rc::new(Stream::File(path)))
}

/// Content goes to a copy; the copy of what cannot be told is of that file.
fn copy(interpreter: &mut Interpreter, arguments: &Arguments) {
    let source = interpreter.argument(arguments, 0, "src");
    let target = interpreter.argument(arguments, 1, "dst");
    copy_path(interpreter, &source, &target);
}

/// Copies, moves or links one path to another. What matters is the content that is somewhere else
/// from now on, and what that is taken for there: as for `cp`, a copy alone is no write.
pub fn copy_path(interpreter: &mut Interpreter, source: &Value, target: &Value) {
    let target = if target.text.ends_with('/') {
        let name = source.map_text(|_| source.base_name().to_owned());
        join_path(target, &name)
    } else {
        target.clone()
    };
    read_act(interpreter, source);
    let content = interpreter.world().content_of(source);
    if language::of_data_path(&target.text).is_some() {
        interpreter.acts().write(target, content, false);
    } else {
        interpreter.world().remember(&target, content, false);
    }
}

/// What an archive holds lies in a folder from now on.
pub fn unpack(interpreter: &mut Interpreter, content: Value, folder: &Value) {
    if content.fetched_from().is_some() {
        interpreter.world().remember_folder(folder, content);
    }
}

/// Writes data to an open object, descriptor or stream.
pub fn write_to(interpreter: &mut Interpreter, target: &Object, data: Value) {
    match target {
        Object::Descriptor(_) | Object::Int(_) | Object::Library(_) => {
            let standard_output = matches!(target, Object::Int(1))
                || matches!(target, Object::Library(path) if path.contains("stdout"));
            let stream = interpreter.stream_of(target);
            match stream {
                Stream::Connection(connection) => {
                    interpreter.act(Behavior::Send { connection, data });
                }
                Stream::File(path) => interpreter.acts().write(path, data, true),
                _ if standard_output => print_value(interpreter, data),
                _ => {}
            }
        }
        other => {
            let data = Object::of_value(data);
            interpreter.call_method(other, &Rc::from("write"), Arguments::plain(vec![data]));
        }
    }
}

/// What reading from a stream yields.
pub fn read_stream(interpreter: &mut Interpreter, stream: &Stream) -> Object {
    interpreter.uncertain += 1;
    match stream {
        Stream::Connection(connection) => Object::unknown(Provenance::Received(*connection)),
        Stream::File(path) => Object::of_value(interpreter.world().content_of(path)),
        Stream::Text(value) => Object::of_value(value.clone()),
        Stream::Inherited => Object::unknown(Provenance::Argument),
        Stream::Null | Stream::Unknown => Object::anything(),
    }
}

/// Calls a method of an open file.
pub fn method(
    interpreter: &mut Interpreter,
    slot: Slot,
    file: OpenFile,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "write" | "writelines" => {
            let content = match arguments.plain.first() {
                Some(lines @ (Object::List(_) | Object::Tuple(_))) => {
                    let lines = interpreter.iterate(lines).unwrap_or_default();
                    let values = lines.iter().map(|line| interpreter.value_of(line));
                    let mut whole = Value::literal("");
                    values.for_each(|line| whole.append(&line));
                    whole
                }
                Some(object) => interpreter.value_of(object),
                None => return None,
            };
            if file.path.text != "/dev/null" {
                interpreter
                    .acts()
                    .write(file.path.clone(), content, file.append);
            }
            // What is written next goes behind it.
            if let Some(Native::File(own)) = interpreter.heap.native_mut(slot) {
                own.append = true;
            }
            Some(Object::anything())
        }
        "read" | "readline" | "readlines" | "read_text" | "read_bytes" | "__next__" => {
            interpreter.uncertain += 1;
            let content = interpreter.world().content_of(&file.path);
            Some(content_as(interpreter, content, file.binary, name))
        }
        "fileno" => Some(Object::Descriptor(Rc::new(Stream::File(file.path)))),
        "close" | "flush" | "seek" | "truncate" | "__exit__" | "fsync" => Some(Object::None),
        "__enter__" => Some(Object::Native(slot)),
        _ => None,
    }
}

/// Content as what a reading method returns.
pub fn content_as(
    interpreter: &mut Interpreter,
    content: Value,
    binary: bool,
    name: &str,
) -> Object {
    if !content.known {
        return Object::of_value(content);
    }
    if name == "readlines" {
        let lines: Vec<Object> = content
            .text
            .split_inclusive('\n')
            .map(|line| Object::of_value(content.map_text(|_| line.to_owned())))
            .collect();
        return interpreter.heap.list(lines);
    }
    if binary {
        return Object::Bytes(Rc::new(Bytes {
            data: crate::encoding::to_bytes(&content.text),
            known: true,
            from: content.from,
        }));
    }
    Object::of_value(content)
}

/// Calls a method of a buffer in memory.
pub fn buffer_method(
    interpreter: &mut Interpreter,
    slot: Slot,
    held: Bytes,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    match name {
        "read" | "getvalue" | "getbuffer" | "read1" | "readline" => {
            Some(Object::Bytes(Rc::new(held)))
        }
        "write" | "writelines" => {
            let more = interpreter.bytes_held(arguments.plain.first()?);
            if !interpreter.may_make(held.data.len() / 16 + more.data.len()) {
                return None;
            }
            if let Some(Native::Buffer(own)) = interpreter.heap.native_mut(slot) {
                own.data.extend_from_slice(&more.data);
                own.known &= more.known;
                add_sources(&mut own.from, &more.from);
            }
            Some(Object::anything())
        }
        "seek" | "close" | "flush" | "truncate" => Some(Object::None),
        "decode" => Some(buffer(interpreter, arguments.plain.first())),
        _ => None,
    }
}
