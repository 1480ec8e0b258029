//! Programs that are started, and children.

use model::{Behavior, Provenance, Value};

use super::super::{Machine, Next, Path};
use super::{Descriptor, standard_streams, text};
use crate::command::{self, Call};

/// Most arguments read of a started program.
const MOST_ARGUMENTS: u64 = 64;
/// Process number of a child.
const CHILD: u64 = 4_242;

impl<'a> Machine<'a, '_, '_> {
    /// `execve` and its relatives, with the arguments as a table in memory.
    pub(in crate::binary::machine) fn run_table(
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
    pub(in crate::binary::machine) fn run_program(
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
    pub(in crate::binary::machine) fn run_descriptor(
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
    pub(in crate::binary::machine) fn fork(
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
}
