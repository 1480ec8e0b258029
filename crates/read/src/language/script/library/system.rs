//! The system: descriptors, environment, processes, namespaces, standard streams, threads.

use std::rc::Rc;

use model::{Behavior, Provenance, Stream, Value};

use super::super::builtins::print_value;
use super::super::calls::Arguments;
use super::super::interpreter::Interpreter;
use super::super::methods::callback;
use super::super::modules;
use super::super::object::{Native, Object, Partial};
use super::files;

/// Calls a function that works on the system.
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    Some(match path {
        "os.dup2" => {
            duplicate(interpreter, arguments)?;
            Object::None
        }
        "os.dup" => {
            let stream = interpreter.stream_of(arguments.plain.first()?);
            Object::Descriptor(Rc::new(stream))
        }
        "os.close" | "os.fsync" | "os.umask" | "os.setsid" | "os.mkdir" | "os.makedirs"
        | "os.setuid" | "os.setgid" | "os.nice" => Object::None,
        "os.getenv"
        | "os.environ.get"
        | "os.environ.pop"
        | "os.environ.setdefault"
        | "decouple.config" => environment(interpreter, arguments)?,
        "os.putenv" => {
            let name = interpreter.argument(arguments, 0, "key").text;
            let value = interpreter.argument(arguments, 1, "value");
            interpreter.act(Behavior::SetVariable { name, value });
            Object::None
        }
        "os.environ.copy" => {
            let all = Object::unknown(Provenance::Environment(String::new()));
            interpreter.heap.dictionary(vec![(Object::anything(), all)])
        }
        "os.environ.items" | "os.environ.values" | "os.environ.keys" => {
            Object::unknown(Provenance::Environment(String::new()))
        }
        "os.kill" | "os.killpg" => {
            let signal = arguments.plain.get(1);
            // Signal 0 asks whether the process is there.
            if signal.and_then(Object::as_int) != Some(0) {
                let target = interpreter.argument(arguments, 0, "pid");
                interpreter.act(Behavior::Kill { target });
            }
            Object::None
        }
        "os.chroot" => {
            let root = interpreter.argument(arguments, 0, "path");
            interpreter.act(Behavior::ChangeRoot { root });
            Object::None
        }
        "os.setns" => {
            let target = interpreter.stream_of(arguments.plain.first()?);
            enter_namespace(interpreter, target);
            Object::None
        }
        "os.fork" | "os.forkpty" | "pty.fork" => {
            interpreter.uncertain += 1;
            match path {
                "os.fork" => Object::anything(),
                _ => Object::Tuple(Rc::new(vec![Object::anything(), Object::anything()])),
            }
        }
        _ => {
            return native(interpreter, path, arguments)
                .or_else(|| standard(interpreter, path, arguments))
                .or_else(|| threads(interpreter, path, arguments))
                .or_else(|| imports(interpreter, path, arguments));
        }
    })
}

/// `prctl` (prctl(2)).
const PR_SET_NAME: i128 = 15;

/// Number of `memfd_create` on x86-64 (syscalls(2)).
const MEMFD_CREATE: i128 = 319;

/// A descriptor of a file that lies nowhere but in memory.
fn memory_file() -> Object {
    let path = Value {
        text: "/proc/self/fd/{?}".to_owned(),
        known: false,
        from: vec![Provenance::Unknown],
    };
    Object::Descriptor(Rc::new(Stream::File(path)))
}

/// Functions of the C library, called through `ctypes`.
fn native(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    Some(match path {
        "ctypes.CDLL"
        | "ctypes.PyDLL"
        | "ctypes.cdll.LoadLibrary"
        | "ctypes.LibraryLoader"
        | "ctypes.WinDLL" => Object::library("libc"),
        "os.memfd_create" | "libc.memfd_create" => memory_file(),
        "libc.syscall"
            if arguments.plain.first().and_then(Object::as_int) == Some(MEMFD_CREATE) =>
        {
            memory_file()
        }
        "setproctitle.setproctitle" | "prctl.set_name" | "prctl.set_proctitle" => {
            let name = interpreter.argument(arguments, 0, "title");
            interpreter.act(Behavior::NameProcess { name });
            Object::None
        }
        "libc.prctl" if arguments.plain.first().and_then(Object::as_int) == Some(PR_SET_NAME) => {
            let name = interpreter.value_of(arguments.plain.get(1)?);
            let name = name.map_text(|text| text.trim_end_matches('\0').to_owned());
            interpreter.act(Behavior::NameProcess { name });
            Object::Int(0)
        }
        "libc.mount" => {
            let source = interpreter.argument(arguments, 0, "source");
            let target = interpreter.argument(arguments, 1, "target");
            interpreter.act(Behavior::Mount { source, target });
            Object::anything()
        }
        "libc.setns" => {
            let target = interpreter.stream_of(arguments.plain.first()?);
            enter_namespace(interpreter, target);
            Object::anything()
        }
        "libc.chroot" => return call(interpreter, "os.chroot", arguments),
        "libc.dup2" => return call(interpreter, "os.dup2", arguments),
        "libc.system" => return Some(super::call(interpreter, "os.system", arguments.clone())),
        "libc.execve" | "libc.execv" | "libc.execvp" => {
            return Some(super::call(interpreter, "os.execv", arguments.clone()));
        }
        _ => return None,
    })
}

/// The program's own standard streams, and what asks about the system.
fn standard(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    Some(match path {
        "sys.stdout.write" | "sys.stdout.buffer.write" | "sys.__stdout__.write" => {
            let value = interpreter.argument(arguments, 0, "s");
            print_value(interpreter, value);
            Object::None
        }
        "sys.stdin.read"
        | "sys.stdin.readline"
        | "sys.stdin.readlines"
        | "sys.stdin.buffer.read"
        | "fileinput.input"
        | "getpass.getpass" => {
            let stream = interpreter.world().standard[0].clone();
            files::read_stream(interpreter, &stream)
        }
        "sys.stdin.fileno" => Object::Int(0),
        "sys.stdout.fileno" => Object::Int(1),
        "sys.stderr.fileno" => Object::Int(2),
        "os.getpid" | "os.getppid" | "os.getuid" | "os.geteuid" | "os.getcwd" | "os.listdir"
        | "os.stat" | "os.path.getmtime" | "os.uname" | "os.scandir" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "os.walk" | "glob.glob" | "glob.iglob" => {
            interpreter.uncertain += 1;
            let mut found = interpreter.argument(arguments, 0, "pathname");
            found.known = false;
            if path == "os.walk" {
                found.text.push_str("/{?}");
            }
            let found = found.with_source(Provenance::Output(path.to_owned()));
            let found = Object::Text(Rc::new(found));
            let item = match path {
                "os.walk" => Object::Tuple(Rc::new(vec![
                    found.clone(),
                    Object::unknown(Provenance::Output(path.to_owned())),
                    interpreter
                        .heap
                        .list(vec![Object::unknown(Provenance::Output(path.to_owned()))]),
                ])),
                _ => found,
            };
            interpreter.heap.list(vec![item])
        }
        "os.urandom"
        | "random._urandom"
        | "random.randbytes"
        | "secrets.token_bytes"
        | "random.randint"
        | "random.randrange"
        | "random.getrandbits" => {
            interpreter.uncertain += 1;
            Object::unknown(Provenance::Output("random".to_owned()))
        }
        _ if matches!(path, "dns.resolver.resolve" | "dns.resolver.query") => {
            let name = interpreter.argument(arguments, 0, "qname");
            Object::unknown(Provenance::Fetched(format!("dns:{}", name.text)))
        }
        _ => return None,
    })
}

/// `os.dup2(descriptor, number)`: what is started from now on inherits it.
fn duplicate(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<()> {
    let stream = interpreter.stream_of(arguments.get(0, "fd")?);
    let number = match arguments.get(1, "fd2")? {
        Object::Int(number) => usize::try_from(*number).ok()?,
        Object::Library(path) if path.starts_with("sys.stdin") => 0,
        Object::Library(path) if path.starts_with("sys.stdout") => 1,
        Object::Library(path) if path.starts_with("sys.stderr") => 2,
        _ => {
            // A loop variable that cannot be told goes over all of them.
            if let Stream::Connection(_) = stream {
                interpreter.acts().standard = [stream.clone(), stream.clone(), stream];
            }
            return Some(());
        }
    };
    if stream != Stream::Unknown
        && let Some(standard) = interpreter.acts().standard.get_mut(number)
    {
        *standard = stream;
    }
    Some(())
}

/// `os.getenv(name, default)`: what the image sets; else unknown, though there is a default.
fn environment(interpreter: &mut Interpreter, arguments: &Arguments) -> Option<Object> {
    let name = arguments.get(0, "key").or_else(|| arguments.all().next())?;
    let name = interpreter.value_of(name).text;
    let value = interpreter.world().environment(&name);
    if value.known {
        return Some(Object::of_value(value));
    }
    interpreter.uncertain += 1;
    match arguments.get(1, "default") {
        Some(Object::None) | None => Some(Object::of_value(value)),
        // The default runs unless someone says otherwise, and whoever starts it may.
        Some(default) => {
            let default = interpreter.value_of(default);
            match default.text.is_empty() {
                true => Some(Object::of_value(value)),
                false => Some(Object::of_value(Value {
                    from: value.from,
                    ..default
                })),
            }
        }
    }
}

fn enter_namespace(interpreter: &mut Interpreter, descriptor: Stream) {
    let target = match descriptor {
        Stream::File(path) => {
            let process = path
                .text
                .strip_prefix("/proc/")
                .and_then(|rest| rest.split('/').next());
            let process = process.unwrap_or(&path.text).to_owned();
            path.map_text(|_| process)
        }
        _ => Value::unknown(Provenance::Unknown),
    };
    interpreter.act(Behavior::EnterNamespace { target });
}

/// Threads and what else runs functions handed over.
fn threads(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let with_arguments = |interpreter: &mut Interpreter, target: Object, plain: Option<&Object>| {
        let plain = plain
            .and_then(|plain| interpreter.iterate(plain))
            .unwrap_or_default();
        interpreter
            .heap
            .native(Native::Thread(Box::new(target), plain))
    };
    match path {
        "threading.Thread" | "multiprocessing.Process" | "multiprocessing.process.Process" => {
            let target = arguments.get(1, "target")?.clone();
            Some(with_arguments(
                interpreter,
                target,
                arguments.get(3, "args"),
            ))
        }
        "threading.Timer" => {
            let target = arguments.get(1, "function")?.clone();
            Some(with_arguments(
                interpreter,
                target,
                arguments.get(2, "args"),
            ))
        }
        "_thread.start_new_thread" | "_thread.start_new" => {
            let target = arguments.plain.first()?;
            let plain = interpreter
                .iterate(arguments.plain.get(1)?)
                .unwrap_or_default();
            Some(interpreter.call_plain(&target.clone(), plain))
        }
        "atexit.register"
        | "asyncio.run"
        | "gevent.spawn"
        | "asyncio.ensure_future"
        | "asyncio.create_task"
        | "asyncio.to_thread"
        | "asyncio.gather" => {
            let (callee, rest) = arguments.plain.split_first()?;
            callback(interpreter, callee, rest.to_vec())
        }
        "signal.signal" => {
            let handler = arguments.plain.get(1)?;
            callback(
                interpreter,
                handler,
                vec![Object::anything(), Object::anything()],
            )
        }
        "asyncio.wait_for" | "asyncio.shield" => arguments.plain.first().cloned(),
        _ => None,
    }
}

/// Other ways to a module, function or code.
fn imports(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.all().next();
    Some(match path {
        "importlib.import_module"
        | "importlib.__import__"
        | "importlib.reload"
        | "importlib.find_module"
        | "importlib.load_module" => match first?.as_text() {
            Some(name) => Object::Library(modules::canonical(name)),
            None => first?.clone(),
        },
        "functools.partial" => {
            let (callee, rest) = arguments.plain.split_first()?;
            Object::Partial(Rc::new(Partial {
                callee: callee.clone(),
                plain: rest.to_vec(),
                named: arguments.named.clone(),
            }))
        }
        // Called once more, it is given what it picks from.
        "operator.methodcaller" | "operator.attrgetter" | "operator.itemgetter" => {
            Object::partial(&format!("{path}.of"), arguments.plain.clone())
        }
        "itertools.cycle" => Object::partial(path, arguments.plain.clone()),
        "types.FunctionType" | "types.LambdaType" => {
            Object::Code(Rc::new(interpreter.value_of(first?)))
        }
        "types.CodeType" => Object::unknown(Provenance::Decoded("code object".to_owned())),
        "getattr" | "object.__getattribute__" => {
            let name = arguments.plain.get(1)?.as_text()?;
            interpreter.attribute(&first?.clone(), &Rc::from(name))
        }
        _ => return None,
    })
}
