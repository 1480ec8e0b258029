//! What the functions of the C library do, by name: those a program cannot do harm without.

use model::{Behavior, Provenance, Value};

use super::operand::{AX, DI, SP};
use super::{END, Machine, Next, Path, STREAMS, system};

mod sockets;
mod texts;

/// Bytes between the addresses that stand for open streams.
const STREAM_STEP: u64 = 0x100;
/// Error numbers have a place of their own.
const ERROR_PLACE: u64 = STREAMS - 0x100;

impl<'a> Machine<'a, '_, '_> {
    /// Runs the function `name`, which was just called; `None` if the program has its own of that
    /// name and nothing is known of it here.
    pub(super) fn library(&mut self, path: &mut Path<'a>, name: &str) -> Option<Next> {
        let is_import = path.ip >= super::IMPORTS;
        let plain = plain_name(name);
        let argument = |index| self.argument(path, index);
        let a = [
            argument(0),
            argument(1),
            argument(2),
            argument(3),
            argument(4),
            argument(5),
        ];
        if let Some(next) = self.leaves(path, plain, a) {
            return Some(next);
        }
        let result = self
            .of_sockets(path, plain, a)
            .or_else(|| self.of_files(path, plain, a))
            .or_else(|| self.of_processes(path, plain, a))
            .or_else(|| self.of_texts(path, plain, a))
            .or_else(|| self.of_memory(path, plain, a));
        let result = match result {
            Some(result) => result,
            None if is_import => None,
            None => return None,
        };
        super::execute::forget_call(path);
        path.registers[AX] = result;
        let Some(after) = self.pop(path) else {
            return Some(Next::Stop);
        };
        Some(Next::To(after))
    }

    /// Functions that do not return to their caller.
    fn leaves(&mut self, path: &mut Path<'a>, name: &str, a: [Option<u64>; 6]) -> Option<Next> {
        Some(match name {
            "libc_start_main" | "uClibc_main" => match a[0].filter(|&main| self.elf.runs(main)) {
                Some(main) => {
                    self.start_main(path, main);
                    Next::On
                }
                None => Next::Stop,
            },
            "exit" | "_exit" | "Exit" | "abort" | "assert_fail" | "stack_chk_fail" | "err"
            | "errx" | "fortify_fail" | "pthread_exit" | "longjmp" => Next::Stop,
            "execve" | "execv" | "execvp" | "execvpe" => self.run_table(path, a[0], a[1]),
            "execl" | "execlp" | "execle" => {
                let program = system::text(path, a[0]);
                let arguments = self.listed(path, 1);
                self.run_program(path, program, arguments);
                Next::Stop
            }
            "fexecve" => {
                self.run_descriptor(path, a[0], Vec::new());
                Next::Stop
            }
            _ => return None,
        })
    }

    /// Arguments up to a null pointer.
    fn listed(&self, path: &Path<'a>, from: usize) -> Vec<Value> {
        (from..from + 32)
            .map_while(|index| match self.argument(path, index) {
                Some(0) => None,
                Some(at) => Some(path.memory.text(at)),
                None => (index < from + 8).then(|| Value::unknown(Provenance::Unknown)),
            })
            .collect()
    }

    fn of_files(
        &mut self,
        path: &mut Path<'a>,
        name: &str,
        a: [Option<u64>; 6],
    ) -> Option<Option<u64>> {
        Some(match name {
            "open" | "open64" => {
                let file = system::text(path, a[0]);
                self.open(path, file, a[1])
            }
            "openat" | "openat64" => {
                let file = system::text(path, a[1]);
                self.open(path, file, a[2])
            }
            "creat" | "creat64" => {
                let file = system::text(path, a[0]);
                self.open(path, file, Some(0))
            }
            "close" => {
                a[0].and_then(|number| path.descriptors.remove(&number));
                Some(0)
            }
            "fopen" | "fopen64" => {
                let file = system::text(path, a[0]);
                let appends = system::text(path, a[1]).text.starts_with('a');
                let number = self.open(path, file, Some(if appends { 0o2000 } else { 0 }));
                number.map(stream)
            }
            "fdopen" => a[0].map(stream),
            "fclose" => {
                a[0].and_then(number)
                    .and_then(|number| path.descriptors.remove(&number));
                Some(0)
            }
            "fileno" => a[0].and_then(number),
            "fgets" => {
                self.receive(path, a[2].and_then(number), a[0], a[1]);
                a[0]
            }
            "fread" => self.receive(path, a[3].and_then(number), a[0], a[2]),
            "fputs" => {
                let data = system::text(path, a[0]);
                self.put(path, a[1].and_then(number), data);
                Some(1)
            }
            "fwrite" => {
                let length = a[1].zip(a[2]).map(|(one, other)| one.wrapping_mul(other));
                self.send(path, a[3].and_then(number), a[0], length);
                a[2]
            }
            "fprintf" | "fprintf_chk" => {
                let at = if name.ends_with("chk") { 2 } else { 1 };
                let data = self.formatted(path, at);
                self.put(path, a[0].and_then(number), data);
                Some(1)
            }
            "dprintf" | "dprintf_chk" => {
                let at = if name.ends_with("chk") { 2 } else { 1 };
                let data = self.formatted(path, at);
                self.put(path, a[0], data);
                Some(1)
            }
            "memfd_create" => self.memory_file(path, a[0]),
            "unlink" | "remove" => self.on_path(path, a[0], |path| Behavior::Delete { path }),
            "chmod" => self.set_mode(path, a[0], a[1]),
            "chroot" => self.on_path(path, a[0], |root| Behavior::ChangeRoot { root }),
            "setns" => self.enter_namespace(path, a[0]),
            "mmap" | "mmap64" => self.map(path, a[1], a[4]),
            "mprotect" | "munmap" => Some(0),
            _ => return None,
        })
    }

    fn of_processes(
        &mut self,
        path: &mut Path<'a>,
        name: &str,
        a: [Option<u64>; 6],
    ) -> Option<Option<u64>> {
        Some(match name {
            "fork" | "vfork" => self.fork(path, |machine, parent, number| {
                parent.registers[AX] = number;
                if let Some(after) = machine.pop(parent) {
                    parent.ip = after;
                }
            }),
            "system" => {
                let code = system::text(path, a[0]);
                if a[0] != Some(0) {
                    self.shell(path, "system", &code);
                }
                None
            }
            "popen" => {
                let code = system::text(path, a[0]);
                self.shell(path, "popen", &code);
                let number = self.open(
                    path,
                    Value::unknown(Provenance::Output("popen".to_owned())),
                    None,
                );
                number.map(stream)
            }
            "posix_spawn" | "posix_spawnp" => {
                let mut other = path.clone();
                let _ = self.run_table(&mut other, a[1], a[4]);
                Some(0)
            }
            "pthread_create" | "clone" | "thrd_create" => {
                let (function, value) = if name == "clone" {
                    (a[0], a[3])
                } else if name == "thrd_create" {
                    (a[1], a[2])
                } else {
                    (a[2], a[3])
                };
                self.start_thread(path, function, value);
                Some(0)
            }
            "syscall" => return self.by_number(path, a),
            "daemon" | "setsid" | "signal" | "sleep" | "usleep" | "nanosleep" | "alarm"
            | "prctl" | "setuid" | "setgid" | "setreuid" | "setregid" | "setresuid"
            | "setresgid" | "ptrace" | "kill" | "atexit" | "sigaction" | "umask" | "chdir"
            | "setgroups" | "seteuid" | "setegid" | "nice" | "setrlimit" => Some(0),
            "geteuid" | "getuid" => Some(0),
            "getpid" | "getppid" => Some(1_001),
            "errno_location" => Some(ERROR_PLACE),
            "dlsym" | "dlvsym" | "libc_dlsym" => {
                let wanted = system::text(path, a[1]);
                let index = self
                    .elf
                    .imports
                    .iter()
                    .position(|known| *known == wanted.text);
                // What is asked for by name acts as what is taken by name.
                Some(index.map_or_else(|| self.named(&wanted.text), super::import_address))
            }
            "getenv" | "secure_getenv" => {
                let variable = system::text(path, a[0]);
                let at = self.allocate(path, Some(64), false)?;
                let value = self.world.environment(&variable.text);
                path.memory.set_text(at, &value);
                Some(at)
            }
            "wait" | "waitpid" | "wait4" => Some(1),
            "time" | "rand" | "random" | "inotify_init" => None,
            _ => return None,
        })
    }

    /// `syscall(2)`: a system call by number.
    fn by_number(&mut self, path: &mut Path<'a>, a: [Option<u64>; 6]) -> Option<Option<u64>> {
        let rest = [a[1], a[2], a[3], a[4], a[5], None];
        match self.syscall_numbered(path, a[0], rest) {
            Ok(result) => Some(result),
            // What does not return goes nowhere.
            Err(_) => {
                path.registers[SP] = None;
                Some(None)
            }
        }
    }

    /// An address that stands for a function of that name.
    fn named(&mut self, name: &str) -> u64 {
        let extra = super::import_address(self.elf.imports.len());
        let known = self
            .names
            .iter()
            .find(|(at, known)| **at >= extra && *known == name);
        if let Some((at, _)) = known {
            return *at;
        }
        let used = self.names.keys().filter(|&&at| at >= extra).count();
        let at = super::import_address(self.elf.imports.len() + used);
        self.names.insert(at, name.to_owned());
        at
    }

    fn start_thread(&mut self, path: &Path<'a>, function: Option<u64>, value: Option<u64>) {
        let Some(function) = function.filter(|&function| self.elf.runs(function)) else {
            return;
        };
        if !self.forks(path, function) {
            return;
        }
        let mut other = path.clone();
        if self.wide {
            other.registers[DI] = value;
        } else {
            self.push(&mut other, value);
        }
        self.push(&mut other, Some(END));
        other.ip = function;
        self.wait(other);
    }
}

const fn stream(number: u64) -> u64 {
    STREAMS.wrapping_add(number.wrapping_mul(STREAM_STEP))
}

/// The descriptor of a stream.
fn number(stream: u64) -> Option<u64> {
    let offset = stream.checked_sub(STREAMS)?;
    (offset < 1_024 * STREAM_STEP).then_some(offset / STREAM_STEP)
}

/// A function's name without the marks of a particular library: `__isoc99_`, `_chk`, versions.
fn plain_name(name: &str) -> &str {
    let name = name.split('@').next().unwrap_or(name);
    let plain = name.trim_start_matches('_');
    let plain = plain
        .strip_prefix("libc_")
        .filter(|rest| *rest != "start_main")
        .unwrap_or(plain);
    let plain = plain.strip_suffix("_impl").unwrap_or(plain);
    match plain.strip_suffix("_chk") {
        // Those with a format have one more argument in front of it.
        Some(checked) if !checked.ends_with("printf") => checked,
        _ => plain,
    }
}
