//! Redirections (XCU 2.7): what the descriptors of a command are bound to.

use model::{Protocol, Stream, Value};

use super::super::ast::{Descriptor, Document, List, Operation, Redirect};
use super::Machine;
use super::field::{piece, without_placeholders};

/// Most descriptors open at once.
const DESCRIPTORS: usize = 1_024;

/// First descriptor that `{name}>` opens.
const FIRST_FREE: u32 = 10;

/// The descriptors of one command.
pub struct Wiring<'a> {
    /// Standard input, output and error.
    pub standard: [Stream; 3],
    /// Whether an output file keeps what it holds.
    pub append: bool,
    /// Whether output goes to a file that was opened before.
    pub logs: bool,
    /// Whether output goes where errors go, so that no one takes it.
    pub to_error: bool,
    /// What is run on the output: `> >( … )`.
    pub feeds: Option<List<'a>>,
    /// What the other descriptors were before.
    pub before: Vec<(u32, Option<Stream>)>,
}

impl<'a> Machine<'a, '_, '_> {
    /// The descriptors as they are.
    pub(super) fn wiring(&self) -> Wiring<'a> {
        Wiring {
            standard: self.world.standard.clone(),
            append: self.logs_output,
            logs: self.logs_output,
            to_error: false,
            feeds: None,
            before: Vec::new(),
        }
    }

    /// Applies redirections in order.
    pub(super) fn wire(&mut self, redirects: &[Redirect<'a>]) -> Wiring<'a> {
        let mut wiring = self.wiring();
        for redirect in redirects {
            self.apply(redirect, &mut wiring);
        }
        wiring
    }

    /// Descriptors above standard error are again what they were.
    pub(super) fn unwire(&mut self, before: Vec<(u32, Option<Stream>)>) {
        for (descriptor, stream) in before.into_iter().rev() {
            match stream {
                Some(stream) => self.open.insert(descriptor, stream),
                None => self.open.remove(&descriptor),
            };
        }
    }

    /// Runs `inner` with the descriptors of `wiring`. What it writes to a file is one write.
    pub(super) fn with_wiring(&mut self, wiring: Wiring<'a>, inner: impl FnOnce(&mut Self)) {
        let Wiring {
            standard,
            append,
            logs,
            to_error,
            feeds,
            before,
        } = wiring;
        let outer = std::mem::replace(&mut self.world.standard, standard);
        let [_, output, _] = &self.world.standard;
        if let Stream::File(path) = output {
            let path = path.clone();
            let printed = self.capture(inner);
            self.world.standard = outer;
            if logs {
                self.log(path, &printed);
            } else if !append || !printed.text.is_empty() {
                self.world.write(path, printed, append);
            }
        } else if let Some(list) = feeds {
            let printed = self.capture(inner);
            self.world.standard = outer;
            self.feed(&list, printed);
        } else if to_error {
            self.capture(inner);
            self.world.standard = outer;
        } else {
            inner(self);
            self.world.standard = outer;
        }
        self.unwire(before);
    }

    /// Writes to a file that was opened before. Only the first write is told, and those that run
    /// or grant something: a script may write its log line by line.
    pub(super) fn log(&mut self, path: Value, printed: &Value) {
        if printed.text.is_empty() {
            return;
        }
        let is_first = self.logs.len() < DESCRIPTORS && self.logs.insert(path.text.clone());
        if is_first || crate::language::of_data_path(&path.text).is_some() {
            self.world.write(path, printed.clone(), true);
        } else {
            self.world.remember(&path, printed.clone(), true);
        }
    }

    fn apply(&mut self, redirect: &Redirect<'a>, wiring: &mut Wiring<'a>) {
        let own = match &redirect.operation {
            Operation::Read(_)
            | Operation::ReadWrite(_)
            | Operation::Document(_)
            | Operation::Text(_)
            | Operation::Duplicate(_, false) => 0,
            _ => 1,
        };
        let descriptor = match redirect.descriptor {
            Descriptor::Default => own,
            Descriptor::Number(number) => number,
            Descriptor::Variable(name) => self.new_descriptor(name, &redirect.operation),
        };
        match &redirect.operation {
            Operation::Read(word) => {
                let path = self.single(word);
                let stream = self.source_in(path, wiring);
                self.bind(descriptor, stream, wiring);
            }
            Operation::Write(word) => {
                let path = self.single(word);
                let stream = self.sink(path, wiring);
                self.bind(descriptor, stream, wiring);
                wiring.append &= descriptor != 1;
            }
            Operation::Append(word) | Operation::ReadWrite(word) => {
                let path = self.single(word);
                let stream = self.sink(path, wiring);
                self.bind(descriptor, stream, wiring);
                wiring.append |= descriptor == 1;
            }
            Operation::Both(word, append) => {
                let path = self.single(word);
                self.both(path, *append, wiring);
            }
            Operation::Duplicate(word, writes) => {
                let target = self.single(word);
                self.duplicate(descriptor, target, *writes, wiring);
            }
            Operation::Document(document) => {
                let value = document.get().map(|document| self.document(document));
                self.bind(descriptor, Stream::Text(value.unwrap_or_default()), wiring);
            }
            Operation::Text(word) => {
                let mut value = self.single(word);
                value.text.push('\n');
                self.bind(descriptor, Stream::Text(value), wiring);
            }
        }
    }

    /// The number that `{name}` stands for: the variable's own when it is closed, else a new one.
    fn new_descriptor(&mut self, name: &str, operation: &Operation) -> u32 {
        if let Operation::Duplicate(word, _) = operation
            && word.source == "-"
        {
            return self.value_of(name).text.parse().unwrap_or(FIRST_FREE);
        }
        let free = (FIRST_FREE..).find(|number| !self.open.contains_key(number));
        let number = free.unwrap_or(FIRST_FREE);
        self.assign(name, None, Value::literal(number.to_string()));
        number
    }

    fn bind(&mut self, descriptor: u32, stream: Stream, wiring: &mut Wiring<'a>) {
        let [input, output, error] = &mut wiring.standard;
        match descriptor {
            0 => *input = stream,
            1 => {
                *output = stream;
                wiring.logs = false;
                wiring.to_error = false;
            }
            2 => *error = stream,
            other => {
                if self.open.len() < DESCRIPTORS {
                    let before = self.open.insert(other, stream);
                    wiring.before.push((other, before));
                }
            }
        }
    }

    fn both(&mut self, path: Value, append: bool, wiring: &mut Wiring<'a>) {
        let stream = self.sink(path, wiring);
        self.bind(2, stream.clone(), wiring);
        self.bind(1, stream, wiring);
        wiring.append = append;
    }

    fn duplicate(&mut self, descriptor: u32, target: Value, writes: bool, wiring: &mut Wiring<'a>) {
        let text = target.text.trim_end_matches('-');
        if target.text == "-" {
            return self.bind(descriptor, Stream::Null, wiring);
        }
        let Ok(number) = text.parse::<u32>() else {
            // `>& file` is `> file 2>&1`.
            if writes && descriptor == 1 && target.known || target.text.contains('/') {
                return self.both(target, false, wiring);
            }
            return self.bind(descriptor, Stream::Unknown, wiring);
        };
        let stream = self.stream_of(number, wiring);
        let logs = number > 2 && matches!(stream, Stream::File(_));
        let is_error = number == 2 && stream == Stream::Inherited;
        let append = wiring.append;
        self.bind(descriptor, stream, wiring);
        if descriptor == 1 {
            wiring.logs = logs;
            wiring.append = logs || append;
            wiring.to_error = is_error;
        }
    }

    fn stream_of(&self, number: u32, wiring: &Wiring) -> Stream {
        let [input, output, error] = &wiring.standard;
        match number {
            0 => input.clone(),
            1 => output.clone(),
            2 => error.clone(),
            other => {
                let own = self.open.get(&other);
                own.unwrap_or(&self.world.inherited).clone()
            }
        }
    }

    /// The text of a here-document.
    fn document(&mut self, document: &Document<'a>) -> Value {
        let text = if document.strips_tabs {
            let lines = document.body.split_inclusive('\n');
            self.keep(lines.map(|line| line.trim_start_matches('\t')).collect())
        } else {
            document.body
        };
        if document.expands {
            self.document_text(text, document.line)
        } else {
            Value::literal(text)
        }
    }

    /// What reading `path` reads.
    pub(super) fn source(&mut self, path: Value) -> Stream {
        let wiring = self.wiring();
        self.source_in(path, &wiring)
    }

    fn source_in(&mut self, path: Value, wiring: &Wiring) -> Stream {
        if path.text.starts_with("/dev/fd/")
            && let Some(content) = self.world.written(&path.text).cloned()
        {
            return match content.received_over() {
                Some(connection) if !content.known => Stream::Connection(connection),
                _ => Stream::Text(content),
            };
        }
        self.special_file(path, wiring)
    }

    /// What writing to `path` writes to.
    fn sink(&mut self, path: Value, wiring: &mut Wiring<'a>) -> Stream {
        if let Some(at) = self.processes.iter().position(|(made, _)| *made == path) {
            let (_, list) = self.processes.swap_remove(at);
            wiring.feeds = Some(list);
            return Stream::Text(Value::default());
        }
        self.special_file(path, wiring)
    }

    fn special_file(&mut self, path: Value, wiring: &Wiring) -> Stream {
        let path = revealed(path);
        for (prefix, protocol) in [("/dev/tcp/", Protocol::Tcp), ("/dev/udp/", Protocol::Udp)] {
            if let Some(ends) = path.text.strip_prefix(prefix) {
                let (host, port) = ends.rsplit_once('/').unwrap_or((ends, ""));
                let (host, port) = (piece(&path, host), piece(&path, port));
                return Stream::Connection(self.world.connect(protocol, host, port));
            }
        }
        let number = path
            .text
            .strip_prefix("/dev/fd/")
            .or_else(|| path.text.strip_prefix("/proc/self/fd/"));
        match path.text.as_str() {
            "/dev/null" => Stream::Null,
            "/dev/stdin" => self.stream_of(0, wiring),
            "/dev/stdout" => self.stream_of(1, wiring),
            "/dev/stderr" => self.stream_of(2, wiring),
            "/dev/tty" => Stream::Inherited,
            _ => match number.and_then(|number| number.parse().ok()) {
                Some(number) => self.stream_of(number, wiring),
                None => Stream::File(self.absolute(path)),
            },
        }
    }

    /// A path with the current folder in front, if that is known.
    pub(super) fn absolute(&self, path: Value) -> Value {
        let is_relative = path.known && !path.text.is_empty() && !path.text.starts_with(['/', '~']);
        match &self.directory {
            Some(folder) if is_relative => {
                let below = path.text.strip_prefix("./").unwrap_or(&path.text);
                path.map_text(|_| format!("{}/{below}", folder.trim_end_matches('/')))
            }
            _ => path,
        }
    }
}

/// A path with the variables that are there only to hide `/dev/tcp` taken out.
fn revealed(path: Value) -> Value {
    if path.known || path.text.starts_with("/dev/") && !path.text.starts_with("/dev/{") {
        let head = path.text.get(..9).unwrap_or_default();
        if path.known || matches!(head, "/dev/tcp/" | "/dev/udp/") || !head.contains('{') {
            return path;
        }
    }
    let bare = without_placeholders(&path.text);
    if bare.starts_with("/dev/tcp/") || bare.starts_with("/dev/udp/") {
        return path.map_text(|_| bare);
    }
    path
}
