//! The system: paths, what is asked about the machine, processes, workers.
//!
//! Source: the documentation of Node.js, "OS", "Path", "Process", "Worker threads", "Cluster".

use model::Value;

use super::super::objects::{is_callable, part};
use super::{processes, shared_call};
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::Object;

/// Calls a function that works on the system.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    Some(match path {
        "path.join" | "path.resolve" | "path.posix.join" => {
            let mut whole = Value::literal("");
            for part in &arguments.plain {
                let part = interpreter.value_of(part);
                if part.text.starts_with('/') && path.ends_with("resolve") {
                    whole = part;
                    continue;
                }
                if !whole.text.is_empty() && !whole.text.ends_with('/') {
                    whole.text.push('/');
                }
                let part = match whole.text.is_empty() {
                    true => part,
                    false => part.map_text(|text| text.trim_start_matches(['.', '/']).to_owned()),
                };
                whole.append(&part);
            }
            Object::of_value(whole)
        }
        "path.basename" => shared_call(interpreter, "os.path.basename", vec![first?.clone()]),
        "path.dirname" => shared_call(interpreter, "os.path.dirname", vec![first?.clone()]),
        "os.homedir" => Object::text("~"),
        "os.tmpdir" => Object::text("/tmp"),
        "os.platform" => Object::text("linux"),
        "os.type" => Object::text("Linux"),
        "os.hostname"
        | "os.userInfo"
        | "os.networkInterfaces"
        | "os.release"
        | "os.arch"
        | "process.cwd"
        | "process.getuid"
        | "os.cpus"
        | "os.totalmem"
        | "Date.now"
        | "Math.random"
        | "Date"
        | "fs.existsSync" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "process.kill" => processes::kill(interpreter, arguments),
        "process.exit" | "process.chdir" | "process.umask" | "process.setuid"
        | "process.setgid" => Object::None,
        "process.on" | "process.once" | "cluster.on" | "process.addListener" => {
            if let Some(callback) = arguments
                .plain
                .get(1)
                .filter(|callback| is_callable(callback))
            {
                interpreter.call_plain(&callback.clone(), vec![Object::anything()]);
            }
            Object::anything()
        }
        "process.stdout.write" => {
            shared_call(interpreter, "sys.stdout.write", arguments.plain.clone())
        }
        "Deno.env.get" => shared_call(interpreter, "os.getenv", arguments.plain.clone()),
        "Deno.env.toObject" => Object::library("os.environ"),
        "Worker" | "worker_threads.Worker" => worker(interpreter, arguments)?,
        "URL" | "url.parse" | "url.URL" => {
            let base = arguments
                .plain
                .get(1)
                .filter(|base| matches!(base, Object::Text(_)));
            match base {
                Some(base) => shared_call(
                    interpreter,
                    "urllib.parse.urljoin",
                    vec![base.clone(), first?.clone()],
                ),
                None => first?.clone(),
            }
        }
        _ => return None,
    })
}

/// `new Worker(code, {eval: true})`, and workers whose code is a `data:` URL.
fn worker(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first()?;
    let evaluates = arguments
        .plain
        .get(1)
        .and_then(|options| part(interpreter, options, "eval"));
    if evaluates.is_some() {
        let code = interpreter.value_of(first);
        interpreter.run_code(&code, false);
    }
    Some(Object::anything())
}
