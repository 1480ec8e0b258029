//! What the kernel does for a program: descriptors, connections, files, other programs.
//!
//! Every call succeeds here: what a program does when it works is what matters.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{Ipv4Addr, Ipv6Addr};

use model::{Behavior, Protocol, Provenance, Stream, Value};

use super::{HEAP, Machine, Next, Path};
use crate::command::{self, Call};

/// Most arguments read of a started program.
const MOST_ARGUMENTS: u64 = 64;
/// Process number of a child.
const CHILD: u64 = 4_242;
/// The first two bytes of addresses that stand for a host by name (a reserved range).
const NAMED: [u8; 2] = [240, 77];
/// The value for "relative to the folder one is in", and an error.
const FAILED: u64 = u64::MAX;

/// What a descriptor leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Descriptor {
    /// What the program was started with.
    Standard,
    /// A socket: its transport, what it is bound to, its connection.
    Socket {
        protocol: Protocol,
        bound: Option<(Value, Value)>,
        connection: Option<u32>,
    },
    /// A file, and where reading it stands.
    File { path: Value, append: bool },
    /// A file in memory with what was written to it.
    Memory { name: Value, content: Value },
    /// Something else.
    Other,
}

/// The descriptors a program starts with.
pub fn standard() -> BTreeMap<u64, Descriptor> {
    (0..3)
        .map(|number| (number, Descriptor::Standard))
        .collect()
}

/// What the standard streams of a started program would be.
pub fn standard_streams(path: &Path) -> [Stream; 3] {
    [0, 1, 2].map(|number| stream(path, number))
}

fn stream(path: &Path, number: u64) -> Stream {
    match path.descriptors.get(&number) {
        Some(Descriptor::Standard) => Stream::Inherited,
        Some(Descriptor::Socket {
            connection: Some(connection),
            ..
        }) => Stream::Connection(*connection),
        Some(Descriptor::File { path, .. }) if path.text == "/dev/null" => Stream::Null,
        Some(Descriptor::File { path, .. }) => Stream::File(path.clone()),
        Some(_) => Stream::Unknown,
        None => Stream::Null,
    }
}

/// What makes one situation of a path unlike another for the question whether a branch was seen:
/// which descriptors it has.
pub fn situation(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (number, descriptor) in &path.descriptors {
        let connection = match descriptor {
            Descriptor::Socket { connection, .. } => *connection,
            _ => None,
        };
        (number, std::mem::discriminant(descriptor), connection).hash(&mut hasher);
    }
    hasher.finish()
}

impl<'a> Machine<'a, '_, '_> {
    /// `socket`.
    pub(super) fn socket(
        &mut self,
        path: &mut Path<'a>,
        domain: Option<u64>,
        kind: Option<u64>,
    ) -> Option<u64> {
        let protocol = match (domain, kind.map(|kind| kind & 0xf)) {
            (Some(1), _) => Protocol::Unix,
            (Some(2 | 10), Some(1)) => Protocol::Tcp,
            (Some(2 | 10), Some(2)) => Protocol::Udp,
            (None, _) => Protocol::Tcp,
            _ => Protocol::Other,
        };
        open(
            path,
            Descriptor::Socket {
                protocol,
                bound: None,
                connection: None,
            },
        )
    }

    /// `connect`.
    pub(super) fn connect(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        at: Option<u64>,
    ) -> Option<u64> {
        let (host, port) = self.end_point(path, at);
        if let Some(Descriptor::Socket {
            protocol,
            connection,
            ..
        }) = number.and_then(|number| path.descriptors.get_mut(&number))
        {
            let key = (path.ip, host.text.clone(), port.text.clone());
            let known = self.connections.get(&key).copied();
            let made = known.unwrap_or_else(|| {
                self.world.at(0, &format!("connect({host}, {port})"));
                self.world.connect(*protocol, host, port)
            });
            self.connections.insert(key, made);
            *connection = Some(made);
        }
        Some(0)
    }

    /// `bind`.
    pub(super) fn bind(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        at: Option<u64>,
    ) -> Option<u64> {
        let end = self.end_point(path, at);
        if let Some(Descriptor::Socket { bound, .. }) =
            number.and_then(|number| path.descriptors.get_mut(&number))
        {
            *bound = Some(end);
        }
        Some(0)
    }

    /// `accept`: a new descriptor for the connection of whoever comes.
    pub(super) fn accept(&mut self, path: &mut Path<'a>, number: Option<u64>) -> Option<u64> {
        let listening = number.and_then(|number| path.descriptors.get(&number));
        let (protocol, (host, port)) = match listening {
            Some(Descriptor::Socket {
                protocol, bound, ..
            }) => (*protocol, bound.clone().unwrap_or_default()),
            _ => (Protocol::Tcp, unknown_end()),
        };
        let host = match host.text.as_str() {
            "0.0.0.0" | "::" => Value::default(),
            _ => host,
        };
        let key = (path.ip, format!("<{}", host.text), port.text.clone());
        let known = self.connections.get(&key).copied();
        let made = known.unwrap_or_else(|| {
            self.world.at(0, &format!("accept on port {port}"));
            self.world.listen(protocol, host, port)
        });
        self.connections.insert(key, made);
        open(
            path,
            Descriptor::Socket {
                protocol,
                bound: None,
                connection: Some(made),
            },
        )
    }

    /// Host and port of a socket address in memory.
    fn end_point(&self, path: &Path<'a>, at: Option<u64>) -> (Value, Value) {
        let Some(at) = at else { return unknown_end() };
        let memory = &path.memory;
        let unknown = |offset: u64| {
            let source = memory.source(at.wrapping_add(offset)).cloned();
            Value::unknown(source.unwrap_or(Provenance::Unknown))
        };
        let port = || match (
            memory.byte(at.wrapping_add(2)),
            memory.byte(at.wrapping_add(3)),
        ) {
            (Some(high), Some(low)) => Value::literal(u16::from_be_bytes([high, low]).to_string()),
            _ => unknown(2),
        };
        let bytes = |offset: u64, length: u64| -> Option<Vec<u8>> {
            (0..length)
                .map(|index| memory.byte(at.wrapping_add(offset + index)))
                .collect()
        };
        match memory.number(at, 2) {
            Some(1) => (memory.text(at.wrapping_add(2)), Value::literal("")),
            Some(10) => {
                let host = bytes(8, 16).and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
                let host = host.map(|host| Value::literal(Ipv6Addr::from(host).to_string()));
                (host.unwrap_or_else(|| unknown(8)), port())
            }
            _ => {
                let host = bytes(4, 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
                let host = host.map(|host| self.host_of(host));
                (host.unwrap_or_else(|| unknown(4)), port())
            }
        }
    }

    fn host_of(&self, address: [u8; 4]) -> Value {
        let [one, two, high, low] = address;
        let index = usize::from(u16::from_be_bytes([high, low]));
        match self.hosts.get(index) {
            Some(host) if [one, two] == NAMED => host.clone(),
            _ => Value::literal(Ipv4Addr::from(address).to_string()),
        }
    }

    /// The four bytes of a host's address: its own, or ones that stand for it here.
    pub(super) fn address_of(&mut self, host: &Value) -> [u8; 4] {
        let plain = host
            .as_known()
            .and_then(|host| host.trim().parse::<Ipv4Addr>().ok());
        if let Some(address) = plain {
            return address.octets();
        }
        let known = self.hosts.iter().position(|known| known == host);
        let index = known.unwrap_or_else(|| {
            self.hosts.push(host.clone());
            self.hosts.len() - 1
        });
        let [high, low] = u16::try_from(index).unwrap_or(u16::MAX).to_be_bytes();
        [NAMED[0], NAMED[1], high, low]
    }

    /// `dup`, `dup2` and `fcntl(F_DUPFD)`.
    pub(super) fn duplicate(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        to: Option<u64>,
    ) -> Option<u64> {
        let descriptor = number
            .and_then(|number| path.descriptors.get(&number))
            .cloned()
            .unwrap_or(Descriptor::Other);
        match to {
            Some(to) => {
                path.descriptors.insert(to & 0xffff_ffff, descriptor);
                Some(to)
            }
            None => open(path, descriptor),
        }
    }

    /// `read` and `recv`.
    pub(super) fn receive(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        at: Option<u64>,
        length: Option<u64>,
    ) -> Option<u64> {
        let source = match number.and_then(|number| path.descriptors.get(&number)) {
            Some(Descriptor::Socket { connection, .. }) => {
                connection.map_or(Provenance::Unknown, Provenance::Received)
            }
            Some(Descriptor::File { path, .. }) => Provenance::File(path.text.clone()),
            Some(Descriptor::Standard) => Provenance::Argument,
            _ => Provenance::Unknown,
        };
        if let Some(at) = at {
            path.memory.fill(at, length.unwrap_or(4_096), source);
        }
        None
    }

    /// `write` and `send`.
    pub(super) fn send(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        at: Option<u64>,
        length: Option<u64>,
    ) -> Option<u64> {
        let data = match (at, length) {
            (Some(at), Some(length)) => path
                .memory
                .bytes(at, usize::try_from(length).unwrap_or(usize::MAX)),
            (Some(at), None) => {
                let mut data = path.memory.text(at);
                data.known = false;
                data
            }
            _ => Value::unknown(Provenance::Unknown),
        };
        self.put(path, number, data);
        length
    }

    /// Data goes to a descriptor.
    pub(super) fn put(&mut self, path: &mut Path<'a>, number: Option<u64>, data: Value) {
        match number.and_then(|number| path.descriptors.get_mut(&number)) {
            Some(Descriptor::Socket {
                connection: Some(connection),
                ..
            }) => {
                let act = Behavior::Send {
                    connection: *connection,
                    data,
                };
                self.act(path, "send", act);
            }
            Some(Descriptor::File { path: file, append }) => {
                let (file, appends) = (file.clone(), *append);
                *append = true;
                if self.is_new(path.ip, &(&file, &data)) {
                    self.world.at(0, &format!("write to {file}"));
                    self.world.write(file, data, appends);
                }
            }
            Some(Descriptor::Memory { content, .. }) => content.append(&data),
            _ => {}
        }
    }

    /// `open` with its flags.
    pub(super) fn open(
        &mut self,
        path: &mut Path<'a>,
        name: Value,
        flags: Option<u64>,
    ) -> Option<u64> {
        let append = flags.is_some_and(|flags| flags & 0o2000 != 0);
        open(path, Descriptor::File { path: name, append })
    }

    /// `memfd_create`.
    pub(super) fn memory_file(&mut self, path: &mut Path<'a>, name: Option<u64>) -> Option<u64> {
        let name = text(path, name);
        open(
            path,
            Descriptor::Memory {
                name,
                content: Value::literal(""),
            },
        )
    }

    /// `execve` and its relatives, with the arguments as a table in memory.
    pub(super) fn run_table(
        &mut self,
        path: &mut Path<'a>,
        program: Option<u64>,
        table: Option<u64>,
    ) -> Next {
        let word = self.elf.word;
        let mut arguments = Vec::new();
        for index in 0..MOST_ARGUMENTS {
            let place = table.filter(|&table| table != 0);
            let Some(place) = place.map(|table| table.wrapping_add(index * word as u64)) else {
                break;
            };
            match path.memory.number(place, word) {
                Some(0) => break,
                Some(at) => arguments.push(path.memory.text(at)),
                None => {
                    arguments.push(Value::unknown(Provenance::Unknown));
                    break;
                }
            }
        }
        let program = text(path, program);
        self.run_program(path, program, arguments);
        Next::Stop
    }

    /// Starts a program; `arguments` begin with the name it is called by.
    pub(super) fn run_program(
        &mut self,
        path: &mut Path<'a>,
        program: Value,
        arguments: Vec<Value>,
    ) {
        let in_memory = program
            .text
            .strip_prefix("/proc/self/fd/")
            .or_else(|| program.text.strip_prefix("/dev/fd/"))
            .and_then(|number| number.parse::<u64>().ok());
        if let Some(number) = in_memory.filter(|number| path.descriptors.contains_key(number)) {
            self.run_descriptor(path, Some(number), arguments);
            return;
        }
        let mut arguments = arguments.into_iter();
        let name = arguments.next();
        // Programs that are many in one go by the name they are called by.
        let program = match name {
            Some(name) if program.base_name() == "busybox" && !name.text.contains("busybox") => {
                name
            }
            _ => program,
        };
        let [input, output, error] = standard_streams(path);
        let call = Call {
            program,
            arguments: arguments.collect(),
            input,
            output,
            error,
            append: false,
        };
        if self.is_new(path.ip, &call) {
            let words: Vec<_> = call
                .arguments
                .iter()
                .map(|word| word.text.as_str())
                .collect();
            self.world
                .at(0, &format!("exec {} {}", call.program, words.join(" ")));
            command::run(self.world, call);
        }
    }

    /// `fexecve`: starts what a descriptor holds.
    pub(super) fn run_descriptor(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        arguments: Vec<Value>,
    ) {
        let descriptor = number
            .and_then(|number| path.descriptors.get(&number))
            .cloned();
        let program = match descriptor {
            Some(Descriptor::Memory { name, content }) => Value {
                text: format!("memfd:{name}"),
                known: false,
                from: content.from,
            },
            Some(Descriptor::File { path: file, .. }) => {
                self.run_program(path, file, arguments);
                return;
            }
            Some(Descriptor::Socket {
                connection: Some(connection),
                ..
            }) => Value::unknown(Provenance::Received(connection)),
            _ => return,
        };
        let [input, output, _] = standard_streams(path);
        let arguments = arguments.into_iter().skip(1).collect();
        let act = Behavior::Execute {
            program,
            arguments,
            input,
            output,
        };
        self.act(path, "starts a program that only memory holds", act);
    }

    /// `fork` and its relatives: the child goes on, the parent later.
    pub(super) fn fork(
        &mut self,
        path: &mut Path<'a>,
        resume: impl FnOnce(&mut Self, &mut Path<'a>, Option<u64>),
    ) -> Option<u64> {
        let mut parent = path.clone();
        resume(self, &mut parent, Some(CHILD));
        if self.forks(path, path.ip) {
            self.wait(parent);
        }
        Some(0)
    }

    /// Memory of its own for the program.
    pub(super) fn allocate(
        &mut self,
        path: &mut Path<'a>,
        length: Option<u64>,
        zeroed: bool,
    ) -> Option<u64> {
        let at = path.heap;
        let length = length.unwrap_or(4_096).min(1 << 20);
        let next = at.wrapping_add((length + 31) & !15);
        if next.wrapping_sub(HEAP) > 0x1000_0000 {
            return Some(0);
        }
        path.heap = next;
        if zeroed {
            for offset in 0..length.min(4_096) {
                path.memory.set_byte(at + offset, Some(0));
            }
        }
        Some(at)
    }

    /// Acts on one path: removal, modes, roots and the like.
    pub(super) fn on_path(
        &mut self,
        path: &Path<'a>,
        at: Option<u64>,
        act: fn(Value) -> Behavior,
    ) -> Option<u64> {
        let name = text(path, at);
        let what = format!("on {name}");
        self.act(path, &what, act(name));
        Some(0)
    }

    /// `chmod`.
    pub(super) fn set_mode(
        &mut self,
        path: &Path<'a>,
        at: Option<u64>,
        mode: Option<u64>,
    ) -> Option<u64> {
        let mode = mode.map_or_else(
            || Value::unknown(Provenance::Unknown),
            |mode| Value::literal(format!("{:o}", mode & 0o7777)),
        );
        let name = text(path, at);
        let what = format!("chmod({name}, {mode})");
        self.act(path, &what, Behavior::SetMode { path: name, mode });
        Some(0)
    }
}

/// The text at an address, if there is one.
pub fn text(path: &Path, at: Option<u64>) -> Value {
    match at {
        Some(at) if at != 0 => path.memory.text(at),
        Some(_) => Value::literal(""),
        None => Value::unknown(Provenance::Unknown),
    }
}

/// Gives a descriptor the lowest free number.
fn open(path: &mut Path, descriptor: Descriptor) -> Option<u64> {
    let number = (0..1_024).find(|number| !path.descriptors.contains_key(number));
    let number = number.unwrap_or(FAILED);
    if number != FAILED {
        path.descriptors.insert(number, descriptor);
    }
    Some(number)
}

fn unknown_end() -> (Value, Value) {
    let unknown = || Value::unknown(Provenance::Unknown);
    (unknown(), unknown())
}
