//! System calls by number (Linux: `arch/x86/entry/syscalls`), for x86-64 and i386.

use model::{Behavior, Provenance, Value};

use super::operand::{AX, BP, BX, CX, DI, DX, SI};
use super::{Machine, Next, Path, system};

/// The calls that are modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Read,
    Write,
    Open,
    OpenAt,
    Creat,
    Close,
    Dup,
    Dup2,
    Fcntl,
    Socket,
    Connect,
    Accept,
    SendTo,
    RecvFrom,
    Bind,
    /// i386: all calls on sockets in one.
    Multiplexed,
    Fork,
    Execve,
    ExecveAt,
    Exit,
    Map,
    OldMap,
    Unlink,
    Chmod,
    ChangeRoot,
    EnterNamespace,
    MemoryFile,
    /// Succeeds and does nothing that matters here.
    Done,
}

const WIDE: &[(u64, Call)] = &[
    (0, Call::Read),
    (1, Call::Write),
    (2, Call::Open),
    (3, Call::Close),
    (9, Call::Map),
    (10, Call::Done),
    (13, Call::Done),
    (14, Call::Done),
    (32, Call::Dup),
    (33, Call::Dup2),
    (35, Call::Done),
    (37, Call::Done),
    (41, Call::Socket),
    (42, Call::Connect),
    (43, Call::Accept),
    (44, Call::SendTo),
    (45, Call::RecvFrom),
    (49, Call::Bind),
    (50, Call::Done),
    (54, Call::Done),
    (56, Call::Fork),
    (57, Call::Fork),
    (58, Call::Fork),
    (59, Call::Execve),
    (60, Call::Exit),
    (72, Call::Fcntl),
    (80, Call::Done),
    (85, Call::Creat),
    (87, Call::Unlink),
    (90, Call::Chmod),
    (105, Call::Done),
    (106, Call::Done),
    (112, Call::Done),
    (113, Call::Done),
    (114, Call::Done),
    (117, Call::Done),
    (157, Call::Done),
    (161, Call::ChangeRoot),
    (231, Call::Exit),
    (257, Call::OpenAt),
    (288, Call::Accept),
    (292, Call::Dup2),
    (308, Call::EnterNamespace),
    (319, Call::MemoryFile),
    (322, Call::ExecveAt),
];

const NARROW: &[(u64, Call)] = &[
    (1, Call::Exit),
    (2, Call::Fork),
    (3, Call::Read),
    (4, Call::Write),
    (5, Call::Open),
    (6, Call::Close),
    (8, Call::Creat),
    (10, Call::Unlink),
    (11, Call::Execve),
    (12, Call::Done),
    (15, Call::Chmod),
    (23, Call::Done),
    (27, Call::Done),
    (41, Call::Dup),
    (46, Call::Done),
    (48, Call::Done),
    (61, Call::ChangeRoot),
    (63, Call::Dup2),
    (66, Call::Done),
    (70, Call::Done),
    (90, Call::OldMap),
    (102, Call::Multiplexed),
    (120, Call::Fork),
    (125, Call::Done),
    (162, Call::Done),
    (164, Call::Done),
    (172, Call::Done),
    (174, Call::Done),
    (190, Call::Fork),
    (192, Call::Map),
    (203, Call::Done),
    (208, Call::Done),
    (213, Call::Done),
    (221, Call::Fcntl),
    (252, Call::Exit),
    (295, Call::OpenAt),
    (330, Call::Dup2),
    (346, Call::EnterNamespace),
    (356, Call::MemoryFile),
    (358, Call::ExecveAt),
    (359, Call::Socket),
    (361, Call::Bind),
    (362, Call::Connect),
    (363, Call::Done),
    (364, Call::Accept),
    (369, Call::SendTo),
    (371, Call::RecvFrom),
];

/// Numbers of `socketcall`, from 1.
const SOCKET_CALLS: &[Call] = &[
    Call::Socket,
    Call::Bind,
    Call::Connect,
    Call::Done,
    Call::Accept,
    Call::Done,
    Call::Done,
    Call::Done,
    Call::SendTo,
    Call::RecvFrom,
    Call::SendTo,
    Call::RecvFrom,
];

impl<'a> Machine<'a, '_, '_> {
    /// The system call whose number is in the accumulator.
    pub(super) fn syscall(&mut self, path: &mut Path<'a>) -> Next {
        let order = if self.wide {
            [DI, SI, DX, 10, 8, 9]
        } else {
            [BX, CX, DX, SI, DI, BP]
        };
        let arguments = order.map(|register| path.registers[register]);
        let number = path.registers[AX];
        let result = match self.syscall_numbered(path, number, arguments) {
            Ok(result) => result,
            Err(next) => return next,
        };
        path.registers[AX] = result;
        if self.wide {
            path.registers[CX] = None;
            path.registers[11] = None;
        }
        Next::On
    }

    /// The effect of a call and what it returns, or how the path goes on without returning.
    pub(super) fn syscall_numbered(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        arguments: [Option<u64>; 6],
    ) -> Result<Option<u64>, Next> {
        let table = if self.wide { WIDE } else { NARROW };
        let found = number.and_then(|number| {
            table
                .iter()
                .find(|(known, _)| *known == number & 0xffff_ffff)
        });
        match found {
            Some((_, call)) => self.effect(path, *call, arguments),
            None => Ok(None),
        }
    }

    fn effect(
        &mut self,
        path: &mut Path<'a>,
        call: Call,
        arguments: [Option<u64>; 6],
    ) -> Result<Option<u64>, Next> {
        let [one, two, three, _, five, _] = arguments;
        Ok(match call {
            Call::Read | Call::RecvFrom => self.receive(path, one, two, three),
            Call::Write | Call::SendTo => self.send(path, one, two, three),
            Call::Open => {
                let name = system::text(path, one);
                self.open(path, name, two)
            }
            Call::Creat => {
                let name = system::text(path, one);
                self.open(path, name, Some(0))
            }
            Call::OpenAt => {
                let name = system::text(path, two);
                self.open(path, name, three)
            }
            Call::Close => {
                one.and_then(|number| path.descriptors.remove(&number));
                Some(0)
            }
            Call::Dup => self.duplicate(path, one, None),
            Call::Dup2 => self.duplicate(path, one, two),
            Call::Fcntl if two == Some(0) => self.duplicate(path, one, three),
            Call::Socket => self.socket(path, one, two),
            Call::Connect => self.connect(path, one, two),
            Call::Bind => self.bind(path, one, two),
            Call::Accept => self.accept(path, one),
            Call::Multiplexed => return self.socket_call(path, one, two),
            Call::Fork => self.fork(path, |_, parent, number| parent.registers[AX] = number),
            Call::Execve => return Err(self.run_table(path, one, two)),
            Call::ExecveAt => {
                let name = system::text(path, two);
                if name.text.is_empty() {
                    self.run_descriptor(path, one, Vec::new());
                    return Err(Next::Stop);
                }
                return Err(self.run_table(path, two, three));
            }
            Call::Exit => return Err(Next::Stop),
            Call::Map => self.map(path, two, five),
            Call::OldMap => {
                let field =
                    |at: u64| one.and_then(|one| path.memory.number(one.wrapping_add(at * 4), 4));
                let (length, number) = (field(1), field(4));
                self.map(path, length, number)
            }
            Call::Unlink => self.on_path(path, one, |path| Behavior::Delete { path }),
            Call::Chmod => self.set_mode(path, one, two),
            Call::ChangeRoot => self.on_path(path, one, |root| Behavior::ChangeRoot { root }),
            Call::EnterNamespace => self.enter_namespace(path, one),
            Call::MemoryFile => self.memory_file(path, one),
            Call::Done | Call::Fcntl => Some(0),
        })
    }

    /// i386: a number and a table of arguments.
    fn socket_call(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
        table: Option<u64>,
    ) -> Result<Option<u64>, Next> {
        let call = number
            .and_then(|number| usize::try_from(number).ok()?.checked_sub(1))
            .and_then(|index| SOCKET_CALLS.get(index));
        let mut arguments = [None; 6];
        for (index, argument) in arguments.iter_mut().enumerate() {
            *argument =
                table.and_then(|table| path.memory.number(table.wrapping_add(index as u64 * 4), 4));
        }
        call.map_or(Ok(None), |call| self.effect(path, *call, arguments))
    }

    /// `mmap`: new memory, or the content of a file.
    pub(super) fn map(
        &mut self,
        path: &mut Path<'a>,
        length: Option<u64>,
        number: Option<u64>,
    ) -> Option<u64> {
        let at = self.allocate(path, length, true)?;
        let file = number
            .and_then(|number| path.descriptors.get(&number))
            .cloned();
        if let Some(system::Descriptor::File { path: file, .. }) = file {
            let length = length.unwrap_or(4_096);
            path.memory.fill(at, length, Provenance::File(file.text));
        }
        Some(at)
    }

    /// `setns`: into the namespaces of the process whose file this is.
    pub(super) fn enter_namespace(
        &mut self,
        path: &mut Path<'a>,
        number: Option<u64>,
    ) -> Option<u64> {
        let file = number.and_then(|number| path.descriptors.get(&number));
        let target = match file {
            Some(system::Descriptor::File { path, .. }) => path.map_text(|path| {
                let process = path
                    .strip_prefix("/proc/")
                    .and_then(|rest| rest.split('/').next());
                process.unwrap_or(path).to_owned()
            }),
            _ => Value::unknown(Provenance::Unknown),
        };
        self.act(path, "setns", Behavior::EnterNamespace { target });
        Some(0)
    }
}
