//! Files, and code in them.
//!
//! Source: perlfunc, File::Copy.

use model::{Behavior, Provenance};

use super::{shared, text};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;

/// Calls one of the functions.
pub fn call(interpreter: &mut Interpreter, name: &str, arguments: &Arguments) -> Option<Object> {
    Some(match name {
        "unlink" | "rmdir" | "rmtree" | "remove_tree" => {
            for at in 0..arguments.plain.len() {
                let path = text(interpreter, arguments, at);
                interpreter.act(Behavior::Delete { path });
            }
            Object::anything()
        }
        "chmod" => {
            let (mode, paths) = arguments.plain.split_first()?;
            for path in paths {
                let path = Object::of_value(interpreter.shown(path));
                shared(interpreter, "os.chmod", vec![path, mode.clone()]);
            }
            Object::anything()
        }
        "rename" | "link" | "symlink" | "copy" | "move" | "cp" | "mv" => {
            let plain = arguments.plain.get(..2)?.to_vec();
            shared(interpreter, "shutil.copy", plain);
            Object::anything()
        }
        // A file of the application does what its own reading says.
        "do" | "require" => {
            let path = text(interpreter, arguments, 0);
            let content = interpreter.world().written(&path.text).cloned();
            match content {
                Some(content) => interpreter.run_code(&content, true),
                None => Object::anything(),
            }
        }
        "chroot" => {
            let root = text(interpreter, arguments, 0);
            interpreter.act(Behavior::ChangeRoot { root });
            Object::anything()
        }
        "glob" | "readlink" | "readdir" | "stat" | "lstat" => {
            interpreter.uncertain += 1;
            Object::unknown(Provenance::Unknown)
        }
        _ => return None,
    })
}
