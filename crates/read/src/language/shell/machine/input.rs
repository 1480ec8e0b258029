//! `read` and `mapfile`: what a shell takes from its input.

use model::{Provenance, Stream, Value};

use super::Machine;
use super::field::{piece, split};
use super::variable::{Content, Variable};

/// Options of `read` that have a value.
const VALUED: &str = "adinNptu";

/// A call of `read` or `mapfile`.
#[derive(Default)]
struct Request {
    /// `-a`: all words go to this array.
    array: Option<String>,
    /// `-d`: what ends the input in place of a line's end.
    delimiter: Option<String>,
    /// `-n`, `-N`: how many characters are read.
    count: Option<usize>,
    /// `-u`: from which descriptor.
    descriptor: Option<u32>,
    /// `-t` of `mapfile`: line ends are taken away.
    trims: bool,
    names: Vec<String>,
}

fn request(arguments: &[Value], valued: &str) -> Request {
    let mut request = Request::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let Some(letters) = argument
            .text
            .strip_prefix('-')
            .filter(|text| !text.is_empty())
        else {
            // zsh: `name?prompt`.
            let name = argument.text.split('?').next().unwrap_or_default();
            request.names.push(name.to_owned());
            continue;
        };
        for (at, letter) in letters.char_indices() {
            request.trims |= letter == 't';
            if !valued.contains(letter) {
                continue;
            }
            let attached = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            let value = if attached.is_empty() {
                rest.next()
                    .map(|value| value.text.clone())
                    .unwrap_or_default()
            } else {
                attached.to_owned()
            };
            match letter {
                'a' => request.array = Some(value),
                'd' => request.delimiter = Some(value),
                'n' | 'N' => request.count = value.parse().ok(),
                'u' => request.descriptor = value.parse().ok(),
                _ => {}
            }
            break;
        }
    }
    request
}

impl Machine<'_, '_, '_> {
    /// `read`
    pub(super) fn read(&mut self, arguments: &[Value]) {
        let request = request(arguments, VALUED);
        let line = self.next_line(&request);
        self.status = match &line {
            Some(value) if value.known => Some(true),
            Some(_) => None,
            None => Some(false),
        };
        let line = line.unwrap_or_else(|| Value::literal(""));
        self.store(&request, &line);
    }

    fn store(&mut self, request: &Request, line: &Value) {
        let separators = self.separators();
        if let Some(array) = &request.array {
            return self.store_array(array, split(line, &separators).fields);
        }
        match request.names.as_slice() {
            [] => self.assign("REPLY", None, line.clone()),
            [name] => {
                let trimmed = line
                    .text
                    .trim_matches(|c: char| c.is_whitespace() && separators.contains(c));
                self.assign(name, None, piece(line, trimmed));
            }
            names => self.store_names(names, line, &separators),
        }
    }

    /// Every name gets a word, the last one the rest.
    fn store_names(&mut self, names: &[String], line: &Value, separators: &str) {
        let is_placeholder = crate::world::is_placeholder(line);
        let mut fields = split(line, separators).fields.into_iter();
        let last = names.len().saturating_sub(1);
        for (at, name) in names.iter().enumerate() {
            let value = if is_placeholder {
                line.clone()
            } else if at == last {
                let rest: Vec<Value> = fields.by_ref().collect();
                super::lookup::join(&rest, separators.get(..1).unwrap_or(" "))
            } else {
                fields.next().unwrap_or_else(|| Value::literal(""))
            };
            self.assign(name, None, value);
        }
    }

    fn store_array(&mut self, name: &str, values: Vec<Value>) {
        let mut variable = Variable {
            content: Content::Indexed(Default::default()),
            exported: false,
        };
        for (index, value) in (0_i64..).zip(values) {
            variable.set_element(index, value);
        }
        self.variables.insert(name.to_owned(), variable);
    }

    /// `mapfile`
    pub(super) fn map_file(&mut self, arguments: &[Value]) {
        let mut request = request(arguments, "dnOsucC");
        let name = request.names.pop().unwrap_or_else(|| "MAPFILE".to_owned());
        let all = self.input_value(request.descriptor);
        let values = if all.known {
            let mark = request
                .delimiter
                .as_deref()
                .and_then(|mark| mark.chars().next());
            let mark = mark.unwrap_or(if request.delimiter.is_some() {
                '\0'
            } else {
                '\n'
            });
            let cut = |line: &str| {
                if request.trims {
                    line.trim_end_matches(mark).to_owned()
                } else {
                    line.to_owned()
                }
            };
            all.text
                .split_inclusive(mark)
                .map(|line| all.map_text(|_| cut(line)))
                .collect()
        } else {
            vec![all]
        };
        self.store_array(&name, values);
        self.status = None;
    }

    /// All that the input holds.
    fn input_value(&mut self, descriptor: Option<u32>) -> Value {
        match self.input_stream(descriptor) {
            Stream::Text(value) => value,
            Stream::Connection(connection) => Value::unknown(Provenance::Received(connection)),
            Stream::File(path) => self.world.content_of(&path),
            Stream::Null => Value::literal(""),
            Stream::Inherited => Value::unknown(Provenance::Argument),
            Stream::Unknown => Value::unknown(Provenance::Unknown),
        }
    }

    fn input_stream(&self, descriptor: Option<u32>) -> Stream {
        match descriptor {
            None | Some(0) => {
                let [input, ..] = &self.world.standard;
                input.clone()
            }
            Some(number) => self.open.get(&number).cloned().unwrap_or(Stream::Unknown),
        }
    }

    /// The next line of the input, which is passed; `None` at its end.
    fn next_line(&mut self, request: &Request) -> Option<Value> {
        let cost = match self.input_stream(request.descriptor) {
            Stream::Text(value) => value.text.len() / 256,
            _ => 0,
        };
        if !self.world.burn(u64::try_from(cost).unwrap_or(u64::MAX)) {
            return None;
        }
        let all = self.input_value(request.descriptor);
        if !all.known {
            return Some(all.map_text(|text| text.trim_end_matches('\n').to_owned()));
        }
        if all.text.is_empty() {
            return None;
        }
        let (line, passed) = match (request.count, request.delimiter.as_deref()) {
            (Some(count), _) => {
                let end = all
                    .text
                    .char_indices()
                    .nth(count)
                    .map_or(all.text.len(), |(at, _)| at);
                (end, end)
            }
            (None, delimiter) => {
                let mark = match delimiter {
                    None => '\n',
                    Some(text) => text.chars().next().unwrap_or('\0'),
                };
                match all.text.find(mark) {
                    Some(at) => (at, at + mark.len_utf8()),
                    None => (all.text.len(), all.text.len()),
                }
            }
        };
        let part = |from: usize, to: usize| {
            all.map_text(|text| text.get(from..to).unwrap_or_default().to_owned())
        };
        let rest = Stream::Text(part(passed, all.text.len()));
        match request.descriptor {
            None | Some(0) => {
                let [input, ..] = &mut self.world.standard;
                *input = rest;
            }
            Some(number) => {
                self.open.insert(number, rest);
            }
        }
        Some(part(0, line))
    }
}
