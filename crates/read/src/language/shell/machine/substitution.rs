//! Substitutions of commands, processes and arithmetic (XCU 2.6.3, 2.6.4).

use model::{Behavior, Provenance, Stream, Value};

use super::super::ast::{AndOr, Kind, List, Operation, Part, Word};
use super::Machine;

impl<'a> Machine<'a, '_, '_> {
    /// The value of a part that something has to be run for.
    pub(super) fn substitution(&mut self, part: &Part<'a>) -> Value {
        match part {
            Part::Command(list) => self.command_value(list),
            Part::Backquote(text, line, quoted) => self.backquote(text, *line, *quoted),
            Part::Arithmetic(text) => match self.calculate_kept(text) {
                Some(number) => Value::literal(number.to_string()),
                None => Value::unknown(Provenance::Unknown),
            },
            Part::Unknown(name) => self.placeholder(name),
            _ => Value::literal(""),
        }
    }

    fn command_value(&mut self, list: &List<'a>) -> Value {
        if let Some(target) = file_only(list) {
            let path = self.single(target);
            return without_line_ends(self.file_value(path));
        }
        let value = self.deeper(|machine| {
            machine.capture(|machine| machine.subshell(|machine| machine.list(list)))
        });
        without_line_ends(value.unwrap_or_else(|| Value::unknown(Provenance::Unknown)))
    }

    /// `$(<file)`
    fn file_value(&mut self, path: Value) -> Value {
        match self.source(path) {
            Stream::File(path) => {
                if self.world.written(&path.text).is_none() {
                    self.world.act(Behavior::Read { path: path.clone() });
                }
                self.world.content_of(&path)
            }
            Stream::Connection(connection) => Value::unknown(Provenance::Received(connection)),
            Stream::Text(value) => value,
            _ => Value::literal(""),
        }
    }

    fn backquote(&mut self, text: &'a str, line: u32, quoted: bool) -> Value {
        let text = if text.contains('\\') {
            self.keep(unescape(text, quoted))
        } else {
            text
        };
        let value = self.deeper(|machine| {
            machine.capture(|machine| machine.subshell(|machine| machine.text(text, line)))
        });
        without_line_ends(value.unwrap_or_else(|| Value::unknown(Provenance::Unknown)))
    }

    /// `<( … )` and `>( … )`: a path that is read or written.
    pub(super) fn process(&mut self, list: &List<'a>, writes: bool) -> Value {
        let path = Value::literal(format!("/dev/fd/{}", self.process));
        self.process = self.process.wrapping_add(1);
        if writes {
            self.processes.push((path.clone(), list.clone()));
            return path;
        }
        let value = self.process_value(list);
        self.world.remember(&path, value, false);
        path
    }

    /// What a process substitution that is read prints.
    pub(super) fn process_value(&mut self, list: &List<'a>) -> Value {
        self.deeper(|machine| {
            machine.capture(|machine| machine.subshell(|machine| machine.list(list)))
        })
        .unwrap_or_else(|| Value::unknown(Provenance::Unknown))
    }

    /// Runs a list with `value` as its input.
    pub(super) fn feed(&mut self, list: &List<'a>, value: Value) {
        let [input, ..] = &mut self.world.standard;
        let outer = std::mem::replace(input, Stream::Text(value));
        self.deeper(|machine| machine.subshell(|machine| machine.list(list)));
        let [input, ..] = &mut self.world.standard;
        *input = outer;
    }
}

/// The file, if a list is nothing but `< file`.
fn file_only<'l, 'a>(list: &'l List<'a>) -> Option<&'l Word<'a>> {
    let [AndOr { first, rest }] = list.items.as_slice() else {
        return None;
    };
    let [command] = first.stages.as_slice() else {
        return None;
    };
    let [redirect] = command.redirects.as_slice() else {
        return None;
    };
    match (&command.kind, &redirect.operation) {
        (Kind::Simple(simple), Operation::Read(target))
            if simple.words.is_empty() && simple.assignments.is_empty() && rest.is_empty() =>
        {
            Some(target)
        }
        _ => None,
    }
}

/// What a substitution yields: line ends at the end are taken away, as are NUL characters.
fn without_line_ends(mut value: Value) -> Value {
    let length = value.text.trim_end_matches('\n').len();
    value.text.truncate(length);
    if value.text.contains('\0') {
        value.text = value.text.replace('\0', "");
    }
    value
}

/// The inside of a backquoted command: a backslash there quotes only `$`, a backquote and itself
/// and, inside double quotes, those.
fn unescape(text: &str, quoted: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let is_quoting = c == '\\'
            && next.is_some_and(|next| matches!(next, '$' | '`' | '\\') || quoted && next == '"');
        if is_quoting {
            out.extend(rest.next());
        } else {
            out.push(c);
        }
    }
    out
}
