//! The kernel: evaluation, control, threads, standard streams, what is asked about the machine.
//!
//! Source: the documentation of Ruby, "Kernel", "Process", "Thread", "Object".

use std::rc::Rc;

use model::Provenance;

use super::super::texts;
use super::super::values::{block, call_block, shared_call};
use super::{evaluated, same, written};
use crate::language::script::builtins::print_value;
use crate::language::script::calls::Arguments;
use crate::language::script::interpreter::Interpreter;
use crate::language::script::object::{Object, Partial};

/// Calls a function of the kernel.
#[expect(clippy::too_many_lines, reason = "a table: one short arm a method")]
pub fn call(interpreter: &mut Interpreter, path: &str, arguments: &Arguments) -> Option<Object> {
    let first = arguments.plain.first();
    let name = path.strip_prefix("Kernel.").unwrap_or(path);
    let called = |interpreter: &mut Interpreter, items: Vec<Object>| {
        let block = block(arguments).cloned();
        block.map(|block| call_block(interpreter, &block, items))
    };
    Some(match name {
        "@range" | "@regex" => Object::Partial(Rc::new(Partial {
            callee: Object::Library(Rc::from(format!("rb.{name}"))),
            plain: arguments.plain.clone(),
            named: Vec::new(),
        })),
        "@items" => match first? {
            Object::Partial(range) if range.callee.is_library("rb.@range") => {
                super::super::values::range(interpreter, &range.clone())?
            }
            other => other.clone(),
        },
        "@data" => shared_call(interpreter, "io.StringIO", vec![first?.clone()]),
        "@super" => Object::anything(),
        "eval" | "binding.eval" | "instance_eval" | "class_eval" | "Binding.eval" => {
            let code = first?.clone();
            evaluated(interpreter, &code)
        }
        "load" | "require" | "require_relative" => {
            let value = interpreter.value_of(first?);
            let content = interpreter.world().content_of(&value);
            match content.fetched_from().is_some() || content.known {
                true => interpreter.run_code(&content, false),
                false => Object::None,
            }
        }
        "binding" | "Object.new" => Object::library("rb.Binding"),
        "proc" | "lambda" | "Proc.new" => block(arguments)?.clone(),
        "loop"
        | "fork"
        | "at_exit"
        | "Process.fork"
        | "Timeout.timeout"
        | "catch"
        | "Dir.chdir"
        | "Bundler.with_clean_env"
        | "Process.detach" => {
            called(interpreter, Vec::new());
            interpreter.uncertain += 1;
            Object::anything()
        }
        "trap" | "Signal.trap" => {
            called(interpreter, vec![Object::anything()]).unwrap_or(Object::None)
        }
        "Thread.new" | "Thread.start" | "Thread.fork" | "Fiber.new" | "Ractor.new" => {
            called(interpreter, arguments.plain.clone())?
        }
        "format" | "sprintf" => {
            let (template, rest) = arguments.plain.split_first()?;
            let rest = Object::Tuple(Rc::new(rest.to_vec()));
            texts::formatted(interpreter, template, &rest)
        }
        "puts" | "print" | "p" | "pp" | "printf" | "putc" => {
            let mut value = written(interpreter, arguments);
            if name == "puts" {
                value.text.push('\n');
            }
            print_value(interpreter, value);
            Object::None
        }
        "gets" | "readline" | "readlines" | "ARGF.read" => {
            same(interpreter, "sys.stdin.read", &Arguments::default())
        }
        "Integer" | "Float" | "String" | "Array" => first?.clone(),
        "send" | "public_send" | "__send__" => {
            let (own, rest) = arguments.plain.split_first()?;
            let method = Object::Library(Rc::from(format!("rb.Kernel.{}", own.as_text()?)));
            let rest = Arguments {
                plain: rest.to_vec(),
                ..arguments.clone()
            };
            interpreter.call(&method, rest)
        }
        "method" => {
            let own = first?.as_text()?;
            interpreter.lookup(&Rc::from(format!("def {own}")))
        }
        "Object.const_get" | "const_get" | "Module.const_get" | "Object.const_missing" => {
            let value = interpreter.value_of(first?);
            let mut found = Object::library("rb.Object");
            for part in value.as_known()?.split("::") {
                found = interpreter.attribute(&found, &Rc::from(part));
            }
            found
        }
        "Object.send" | "Object.public_send" => {
            return super::super::values::method(
                interpreter,
                &Object::library("rb.Kernel"),
                &Rc::from("send"),
                arguments,
            );
        }
        "define_method" => block(arguments)?.clone(),
        "Process.kill" => {
            let target = arguments.plain.get(1)?.clone();
            shared_call(interpreter, "os.kill", vec![target, first?.clone()])
        }
        "Process.daemon"
        | "Process.setsid"
        | "Process.exit"
        | "exit"
        | "exit!"
        | "abort"
        | "sleep"
        | "raise"
        | "srand"
        | "Process.setproctitle" => Object::None,
        "Process.clock_gettime" | "rand" | "Time.now" | "Etc.getlogin" | "Socket.gethostname" => {
            interpreter.uncertain += 1;
            Object::anything()
        }
        "ENV.fetch" => same(interpreter, "os.getenv", arguments),
        "get" | "post" | "put" | "delete" | "route" | "before" | "patch" => {
            // Routes of Sinatra and Rails.
            let request = Object::unknown(Provenance::Request(String::new()));
            called(interpreter, vec![request])?
        }
        _ => return None,
    })
}

/// Methods of the standard streams.
pub fn standard(
    interpreter: &mut Interpreter,
    receiver: &Object,
    path: &str,
    name: &str,
    arguments: &Arguments,
) -> Option<Object> {
    Some(match name {
        "reopen" => {
            let target = arguments.plain.first()?;
            let descriptor = match target {
                path @ Object::Text(_) => {
                    let file =
                        shared_call(interpreter, "open", vec![path.clone(), Object::text("w")]);
                    interpreter.descriptor(&file)
                }
                other => interpreter.descriptor(&other.clone()),
            };
            shared_call(interpreter, "os.dup2", vec![descriptor, receiver.clone()]);
            receiver.clone()
        }
        "puts" | "print" | "write" | "<<" | "printf" | "syswrite" => {
            let value = written(interpreter, arguments);
            if path == "sys.stdout" {
                print_value(interpreter, value);
            }
            Object::None
        }
        "read" | "gets" | "readline" | "readlines" | "each_line" => {
            let read = same(interpreter, "sys.stdin.read", &Arguments::default());
            match block(arguments) {
                Some(block) => call_block(interpreter, &block.clone(), vec![read]),
                None => read,
            }
        }
        "fileno" | "to_i" => {
            let number = ["sys.stdin", "sys.stdout", "sys.stderr"]
                .iter()
                .position(|own| *own == path);
            Object::Int(i128::try_from(number?).ok()?)
        }
        "sync=" | "sync" | "flush" | "close" | "binmode" => Object::None,
        _ => return None,
    })
}
