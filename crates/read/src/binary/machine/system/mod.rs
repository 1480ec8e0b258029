//! What the kernel does for a program: descriptors, connections, files, other programs.
//!
//! Every call succeeds here: what a program does when it works is what matters.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use model::{Behavior, Protocol, Provenance, Stream, Value};

use super::{HEAP, Machine, Path};

mod programs;
mod sockets;

/// Most text kept of a file in memory, in bytes.
const MOST_CONTENT: usize = 4 << 10;
/// Where content is decoded from that the program holds.
const OWN_DATA: &str = "its own data";
/// The value for "relative to the folder one is in", and an error.
const FAILED: u64 = u64::MAX;

/// What a descriptor leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Descriptor {
    /// What the program was started with.
    Standard,
    /// A socket: which one (several descriptors may be of one), its transport, what it is bound
    /// to, its connection.
    Socket {
        id: u32,
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
            Some(Descriptor::Memory { content, .. }) => {
                let is_own = data.from.is_empty() || data.from == [Provenance::Unknown];
                content.append(&data);
                // What comes from nowhere else the program carried in itself.
                if is_own {
                    *content = content
                        .clone()
                        .with_source(Provenance::Decoded(OWN_DATA.to_owned()));
                }
                if content.text.len() > MOST_CONTENT {
                    content.text = model::text::cut(&content.text, MOST_CONTENT);
                    content.known = false;
                }
            }
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
            path.memory.set_all(at, length.min(4_096), Some(0));
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
