//! What the functions of the C library do, by name: those a program cannot do harm without.

use model::{Behavior, Provenance, Value};

use super::operand::{AX, DI, SP};
use super::{END, Machine, Next, Path, STREAMS, format, system};

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
            .or_else(|| self.of_texts(path, plain, name, a))
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

    fn of_sockets(
        &mut self,
        path: &mut Path<'a>,
        name: &str,
        a: [Option<u64>; 6],
    ) -> Option<Option<u64>> {
        Some(match name {
            "socket" => self.socket(path, a[0], a[1]),
            "connect" => self.connect(path, a[0], a[1]),
            "bind" => self.bind(path, a[0], a[1]),
            "listen" | "setsockopt" | "shutdown" => Some(0),
            "accept" | "accept4" => self.accept(path, a[0]),
            "recv" | "read" | "recvfrom" => self.receive(path, a[0], a[1], a[2]),
            "send" | "write" | "sendto" => self.send(path, a[0], a[1], a[2]),
            "dup" => self.duplicate(path, a[0], None),
            "dup2" | "dup3" => self.duplicate(path, a[0], a[1]),
            "fcntl" | "fcntl64" if a[1] == Some(0) => self.duplicate(path, a[0], a[2]),
            "htons" | "ntohs" => a[0].map(|port| u64::from((port as u16).swap_bytes())),
            "htonl" | "ntohl" => a[0].map(|address| u64::from((address as u32).swap_bytes())),
            "inet_addr" => {
                let host = system::text(path, a[0]);
                Some(u64::from(u32::from_le_bytes(self.address_of(&host))))
            }
            "inet_aton" => {
                self.put_address(path, a[0], a[1]);
                Some(1)
            }
            "inet_pton" => {
                if a[0] != Some(10) {
                    self.put_address(path, a[1], a[2]);
                }
                Some(1)
            }
            "gethostbyname" | "gethostbyname2" => self.host_entry(path, a[0]),
            "getaddrinfo" => self.address_info(path, a),
            _ => return None,
        })
    }

    fn put_address(&mut self, path: &mut Path<'a>, host: Option<u64>, to: Option<u64>) {
        let host = system::text(path, host);
        let address = self.address_of(&host);
        if let Some(to) = to {
            path.memory.set_bytes(to, &address);
        }
    }

    /// A `struct hostent` with one address.
    fn host_entry(&mut self, path: &mut Path<'a>, host: Option<u64>) -> Option<u64> {
        let host = system::text(path, host);
        let address = self.address_of(&host);
        let word = self.elf.word;
        let entry = self.allocate(path, Some(128), true)?;
        let (list, bytes) = (entry + 64, entry + 96);
        path.memory.set_bytes(bytes, &address);
        path.memory.set_number(list, word, Some(bytes));
        path.memory.set_number(entry + word as u64 * 2, 4, Some(2));
        path.memory
            .set_number(entry + word as u64 * 2 + 4, 4, Some(4));
        let addresses = entry + if self.wide { 24 } else { 16 };
        path.memory.set_number(addresses, word, Some(list));
        Some(entry)
    }

    /// A `struct addrinfo` with one address.
    fn address_info(&mut self, path: &mut Path<'a>, a: [Option<u64>; 6]) -> Option<u64> {
        let host = match a[0] {
            Some(0) => Value::literal("0.0.0.0"),
            at => system::text(path, at),
        };
        let port = system::text(path, a[1])
            .as_known()
            .and_then(|port| port.parse::<u16>().ok());
        let address = self.address_of(&host);
        let kind = a[2].and_then(|hints| path.memory.number(hints.wrapping_add(8), 4));
        let info = self.allocate(path, Some(96), true)?;
        let socket = info + 64;
        path.memory.set_number(socket, 2, Some(2));
        let port = port.map(|port| u64::from(port.swap_bytes()));
        path.memory.set_number(socket + 2, 2, port);
        path.memory.set_bytes(socket + 4, &address);
        for (offset, value) in [
            (4, 2),
            (8, kind.filter(|&kind| kind != 0).unwrap_or(1)),
            (12, 6),
            (16, 16),
        ] {
            path.memory.set_number(info + offset, 4, Some(value));
        }
        let at = info + if self.wide { 24 } else { 20 };
        path.memory.set_number(at, self.elf.word, Some(socket));
        if let Some(to) = a[3] {
            path.memory.set_number(to, self.elf.word, Some(info));
        }
        Some(0)
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

    fn of_memory(
        &mut self,
        path: &mut Path<'a>,
        name: &str,
        a: [Option<u64>; 6],
    ) -> Option<Option<u64>> {
        Some(match name {
            "malloc" | "valloc" => self.allocate(path, a[0], false),
            "calloc" => {
                let length = a[0].zip(a[1]).map(|(one, other)| one.saturating_mul(other));
                self.allocate(path, length, true)
            }
            "realloc" => {
                let at = self.allocate(path, a[1], false);
                if let (Some(from), Some(to)) = (a[0].filter(|&from| from != 0), at) {
                    path.memory.copy(to, from, a[1].unwrap_or(0).min(4_096));
                }
                at
            }
            "free" => None,
            "memcpy" | "memmove" | "bcopy" | "mempcpy" => {
                let (to, from) = if name == "bcopy" {
                    (a[1], a[0])
                } else {
                    (a[0], a[1])
                };
                if let (Some(to), Some(from), Some(length)) = (to, from, a[2]) {
                    path.memory.copy(to, from, length);
                }
                if name == "mempcpy" {
                    to.zip(a[2]).map(|(to, length)| to.wrapping_add(length))
                } else {
                    to
                }
            }
            "memset" | "bzero" | "explicit_bzero" => {
                let (byte, length) = if name == "memset" {
                    (a[1], a[2])
                } else {
                    (Some(0), a[1])
                };
                if let (Some(to), Some(length)) = (a[0], length) {
                    for at in 0..length.min(super::memory::LONGEST_TEXT as u64) {
                        path.memory
                            .set_byte(to.wrapping_add(at), byte.map(|byte| byte as u8));
                    }
                }
                a[0]
            }
            _ => return None,
        })
    }

    fn of_texts(
        &mut self,
        path: &mut Path<'a>,
        name: &str,
        whole: &str,
        a: [Option<u64>; 6],
    ) -> Option<Option<u64>> {
        let text = |at| system::text(path, at);
        Some(match name {
            "strlen" | "strnlen" => text(a[0]).as_known().map(|text| text.len() as u64),
            "strcpy" | "stpcpy" => {
                let value = text(a[1]);
                put(path, a[0], &value);
                a[0]
            }
            "strncpy" => {
                let value = text(a[1]);
                let value = match a[2].and_then(|most| usize::try_from(most).ok()) {
                    Some(most) if value.known && value.text.len() > most => {
                        value.map_text(|text| text[..text.floor_char_boundary(most)].to_owned())
                    }
                    _ => value,
                };
                put(path, a[0], &value);
                a[0]
            }
            "strcat" | "strncat" => {
                let mut value = text(a[0]);
                value.append(&text(a[1]));
                put(path, a[0], &value);
                a[0]
            }
            "strdup" | "strndup" => {
                let value = text(a[0]);
                let at = self.allocate(path, Some(value.text.len() as u64 + 1), false);
                put(path, at, &value);
                at
            }
            "sprintf" | "snprintf" | "sprintf_chk" | "snprintf_chk" | "asprintf" => {
                let at = match name {
                    "sprintf" | "asprintf" => 1,
                    "snprintf" => 2,
                    "sprintf_chk" => 3,
                    _ => 4,
                };
                let value = self.formatted(path, at);
                if name == "asprintf" {
                    let at = self.allocate(path, Some(value.text.len() as u64 + 1), false);
                    put(path, at, &value);
                    if let Some(to) = a[0] {
                        path.memory.set_number(to, self.elf.word, at);
                    }
                } else {
                    put(path, a[0], &value);
                }
                value.as_known().map(|text| text.len() as u64)
            }
            "strcmp" | "strncmp" | "strcasecmp" | "memcmp" | "strncasecmp" => {
                let (one, other) = (text(a[0]), text(a[1]));
                (one.known && other.known && matches!(name, "strcmp"))
                    .then(|| u64::from(one.text != other.text))
            }
            "atoi" | "strtol" | "atol" | "strtoul" | "strtoull" => text(a[0])
                .as_known()
                .and_then(|text| text.trim().parse::<u64>().ok()),
            "puts" | "printf" | "printf_chk" | "perror" | "putchar" | "fflush" => Some(1),
            _ if whole.is_empty() => return None,
            _ => return None,
        })
    }

    /// The text that `printf` makes of the format in argument `at` and those behind it.
    fn formatted(&self, path: &Path<'a>, at: usize) -> Value {
        let pattern = system::text(path, self.argument(path, at));
        let mut next = at;
        format::format(&pattern, |is_text| {
            next += 1;
            let value = self.argument(path, next);
            if is_text {
                system::text(path, value)
            } else {
                value.map_or_else(
                    || Value::unknown(Provenance::Unknown),
                    |value| Value::literal(value.to_string()),
                )
            }
        })
    }
}

fn put(path: &mut Path, at: Option<u64>, value: &Value) {
    if let Some(at) = at {
        path.memory.set_text(at, value);
    }
}

const fn stream(number: u64) -> u64 {
    STREAMS + number * STREAM_STEP
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
