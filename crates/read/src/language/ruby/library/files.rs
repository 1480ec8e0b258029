//! Files: `File`, `IO`, `FileUtils`, `Dir`.
//!
//! Source: the documentation of Ruby, "File", "IO", "FileUtils".

use model::Value;

use super::super::values::shared_call;
use super::given;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::library::files::write_to;
use crate::language::script::object::Object;

/// Calls a function that works on files.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let (class, name) = path.rsplit_once('.')?;
    let plain = &arguments.plain;
    let first = plain.first().cloned();
    Some(match (class, name) {
        ("File" | "IO", "write" | "binwrite") => {
            let mode = super::option(interpreter, arguments, "mode");
            let mode = mode.unwrap_or_else(|| Object::text("w"));
            let file = shared_call(interpreter, "open", vec![first?, mode]);
            let data = plain.get(1)?.clone();
            interpreter.call_method_shared(&file, "write", Arguments::plain(vec![data]))
        }
        ("File", "open" | "new") | ("Kernel" | "IO", "open" | "sysopen") => {
            let mode = plain.get(1).cloned();
            let mode = mode.filter(|mode| matches!(mode, Object::Text(_)));
            let mode = mode.unwrap_or_else(|| Object::text("r"));
            let file = shared_call(interpreter, "open", vec![first?, mode]);
            given(interpreter, file, arguments)
        }
        ("File" | "IO", "read" | "binread" | "readlines" | "foreach" | "readline") => {
            let file = shared_call(interpreter, "open", vec![first?, Object::text("r")]);
            let content = interpreter.call_method_shared(&file, "read", Arguments::default());
            given(interpreter, content, arguments)
        }
        ("IO", "copy_stream") => {
            let data = interpreter.value_of(&first?);
            let target = match plain.get(1)? {
                path @ Object::Text(_) => {
                    shared_call(interpreter, "open", vec![path.clone(), Object::text("w")])
                }
                other => other.clone(),
            };
            write_to(interpreter, &target, data);
            Object::anything()
        }
        ("File", "chmod" | "lchmod") | ("FileUtils", "chmod" | "chmod_R") => {
            shared_call(interpreter, "os.chmod", vec![plain.get(1)?.clone(), first?])
        }
        ("File", "delete" | "unlink")
        | ("FileUtils", "rm" | "rm_f" | "rm_rf" | "rm_r" | "remove_dir" | "remove_entry") => {
            let targets = match &first {
                Some(list @ Object::List(_)) => interpreter.iterate(list)?,
                _ => plain.clone(),
            };
            for target in targets {
                shared_call(interpreter, "os.remove", vec![target]);
            }
            Object::None
        }
        ("File", "rename" | "symlink" | "link")
        | (
            "FileUtils",
            "cp" | "mv" | "cp_r" | "ln_s" | "ln_sf" | "copy" | "move" | "install" | "ln",
        ) => shared_call(
            interpreter,
            "shutil.copy",
            vec![first?, plain.get(1)?.clone()],
        ),
        ("File", "join") => {
            let mut whole = Value::literal("");
            for (at, part) in plain.iter().enumerate() {
                if at > 0 && !whole.text.ends_with('/') {
                    whole.text.push('/');
                }
                whole.append(&interpreter.value_of(part));
            }
            Object::of_value(whole)
        }
        ("File", "expand_path" | "absolute_path" | "realpath") => first?,
        ("File", "basename" | "dirname") => {
            shared_call(interpreter, &format!("os.path.{name}"), vec![first?])
        }
        ("File", "exist?" | "file?" | "directory?" | "executable?" | "readable?" | "size")
        | ("Dir", "glob" | "entries" | "exist?" | "children" | "[]") => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        ("Dir", "home") => Object::text("~"),
        ("Dir", "tmpdir") => Object::text("/tmp"),
        ("Dir", "mkdir" | "chdir")
        | ("FileUtils", "mkdir_p" | "mkdir" | "touch" | "chown" | "cd") => Object::None,
        ("Tempfile", "new" | "create" | "open") => {
            let file = shared_call(interpreter, "tempfile.NamedTemporaryFile", Vec::new());
            given(interpreter, file, arguments)
        }
        ("StringIO", "new") => shared_call(interpreter, "io.StringIO", first.into_iter().collect()),
        _ => return None,
    })
}
