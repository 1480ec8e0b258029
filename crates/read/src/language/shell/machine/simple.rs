//! Simple commands: assignments, functions, builtins and programs.

use std::rc::Rc;

use model::{Behavior, Provenance, Stream, Value};

use super::super::ast::{Command, Redirect, Simple, Word};
use super::assign::is_acted_on;
use super::lookup::{join, well_known};
use super::redirect::Wiring;
use super::variable::Variable;
use super::{Halt, Machine, glob};
use crate::command::{self, Call};

/// Builtins whose arguments are assignments, so that their values are not split.
const DECLARES: &[&str] = &["declare", "typeset", "local", "export", "readonly", "alias"];

/// What a prefix assignment covered: name, shell variable and environment variable.
type Covered = (String, Option<Variable>, Option<Value>);

impl<'a> Machine<'a, '_, '_> {
    /// Runs a simple command.
    pub(super) fn simple(&mut self, command: &Command<'a>, simple: &Simple<'a>) {
        let source = self.pipeline.take().unwrap_or(command.source);
        self.world.at(command.line, source);
        if self.alias(command, simple) {
            return;
        }
        let outer = std::mem::take(&mut self.processes);
        self.status = Some(true);
        let mut words = self.command_words(&simple.words);
        self.learn_fillers(&mut words);
        let runs_more = simple.words.iter().any(|word| !word.is_plain());
        if words.is_empty() {
            for assignment in &simple.assignments {
                self.assignment(assignment);
            }
            self.only_redirects(&command.redirects);
        } else {
            let is_declaration = DECLARES.contains(&words.first().map_or("", |word| &word.text));
            let covered = if is_declaration {
                for assignment in &simple.assignments {
                    self.declared_array(assignment, &words);
                }
                Vec::new()
            } else {
                self.prefix(simple)
            };
            if runs_more {
                self.world.at(command.line, source);
            }
            self.run_words(words, &command.redirects);
            self.uncover_prefix(covered);
        }
        self.run_processes(outer);
    }

    fn command_words(&mut self, words: &[Word<'a>]) -> Vec<Value> {
        let is_declaration = words
            .first()
            .is_some_and(|word| DECLARES.contains(&word.source));
        if !is_declaration {
            return self.fields(words);
        }
        let mut fields = Vec::with_capacity(words.len());
        for word in words {
            let name = word.source.split(['=', '+']).next().unwrap_or_default();
            if name.len() < word.source.len() && super::super::parser::is_name(name) {
                fields.push(self.single(word));
            } else {
                self.word_fields(word, &mut fields);
            }
        }
        fields
    }

    /// Redirections without a command: files are made or emptied.
    fn only_redirects(&mut self, redirects: &[Redirect<'a>]) {
        if redirects.is_empty() {
            return;
        }
        let wiring = self.wire(redirects);
        self.with_wiring(wiring, |_| {});
    }

    /// Makes the assignments in front of a command, for as long as it runs.
    fn prefix(&mut self, simple: &Simple<'a>) -> Vec<Covered> {
        let mut covered = Vec::with_capacity(simple.assignments.len());
        for assignment in &simple.assignments {
            let name = assignment.name.to_owned();
            let before = self.variables.get(&name).cloned();
            self.assignment(assignment);
            let value = self.value_of(&name);
            // An exported one was told when it was assigned.
            let exported = before.as_ref().is_some_and(|variable| variable.exported);
            if !exported && !is_acted_on(&name) {
                self.tell(&name, &value);
            }
            let outer = self.world.export(&name, Some(value));
            covered.push((name, before, outer));
        }
        covered
    }

    fn uncover_prefix(&mut self, covered: Vec<Covered>) {
        for (name, before, outer) in covered.into_iter().rev() {
            self.world.export(&name, outer);
            match before {
                Some(variable) => self.variables.insert(name, variable),
                None => self.variables.remove(&name),
            };
        }
    }

    /// Runs the text of an alias in place of its name.
    fn alias(&mut self, command: &Command<'a>, simple: &Simple<'a>) -> bool {
        if self.aliases.is_empty() || !simple.assignments.is_empty() {
            return false;
        }
        let Some(name) = simple.words.first().filter(|word| word.is_plain()) else {
            return false;
        };
        let Some(value) = self.aliases.get(name.source) else {
            return false;
        };
        if self.expanding.iter().any(|active| active == name.source) {
            return false;
        }
        let Some(rest) = command.source.strip_prefix(name.source) else {
            return false;
        };
        let text = format!("{} {rest}", value.text);
        let text = self.keep(text);
        self.expanding.push(name.source.to_owned());
        self.deeper(|machine| machine.text(text, command.line));
        self.expanding.pop();
        true
    }

    /// Runs what `>( … )` in the arguments of the command runs.
    fn run_processes(&mut self, outer: Vec<(Value, super::List<'a>)>) {
        let processes = std::mem::replace(&mut self.processes, outer);
        for (path, list) in processes {
            let value = self.world.content_of(&path);
            self.feed(&list, value);
        }
    }

    // ---- words ----

    /// Runs a command whose words are expanded.
    fn run_words(&mut self, mut words: Vec<Value>, redirects: &[Redirect<'a>]) {
        let mut functions = true;
        loop {
            let Some(first) = words.first().cloned() else {
                return;
            };
            match first.text.as_str() {
                "builtin" | "noglob" | "nocorrect" | "-" => {
                    functions = false;
                    words.remove(0);
                }
                "command" if !is_inquiry(&words) => {
                    functions = false;
                    words.remove(0);
                    while words
                        .first()
                        .is_some_and(|word| matches!(word.text.as_str(), "-p" | "--"))
                    {
                        words.remove(0);
                    }
                }
                "exec" => return self.exec(words, redirects),
                _ => break,
            }
        }
        let Some((first, arguments)) = words.split_first() else {
            return self.only_redirects(redirects);
        };
        let program = self.program(first, arguments);
        let function = functions
            .then(|| self.functions.get(&program.text).cloned())
            .flatten();
        if let Some(function) = function {
            let function = Rc::clone(&function);
            let arguments = arguments.to_vec();
            return self.wired(redirects, |machine| machine.call(&function, arguments));
        }
        if Self::is_builtin(&program.text, arguments) {
            let name = program.text.clone();
            return self.wired(redirects, |machine| machine.builtin(&name, arguments));
        }
        self.start(program, arguments.to_vec(), redirects);
    }

    fn wired(&mut self, redirects: &[Redirect<'a>], inner: impl FnOnce(&mut Self)) {
        if redirects.is_empty() {
            inner(self);
        } else {
            let wiring = self.wire(redirects);
            self.with_wiring(wiring, inner);
        }
    }

    /// The program meant by the first word.
    fn program(&self, first: &Value, arguments: &[Value]) -> Value {
        if first.known {
            return first.clone();
        }
        let with_sources = |text: String| {
            first
                .from
                .iter()
                .cloned()
                .fold(Value::literal(text), Value::with_source)
        };
        match first.text.as_str() {
            "{SHELL}" | "{BASH}" => {
                return well_known("SHELL").unwrap_or_else(|| first.clone());
            }
            // `"$0" -c …`: the shell that reads this.
            "{argument}" if arguments.first().is_some_and(|option| option.text == "-c") => {
                return with_sources("sh".to_owned());
            }
            _ => {}
        }
        // Names of nothing inside a name hide it: `w${x}get`.
        if first.is_supplied() && first.base_name().contains('{') {
            let bare = super::field::without_placeholders(&first.text);
            let name = bare.rsplit('/').next().unwrap_or(&bare);
            if glob::is_program(name) {
                return with_sources(bare);
            }
        }
        first.clone()
    }

    /// `exec`: with a program, it ends this shell; without one, its redirections stay.
    fn exec(&mut self, mut words: Vec<Value>, redirects: &[Redirect<'a>]) {
        words.remove(0);
        while let Some(option) = words.first().map(|word| word.text.clone()) {
            match option.as_str() {
                "-a" => {
                    let mut option = words.drain(..words.len().min(2));
                    if let Some(name) = option.nth(1) {
                        self.world.act(Behavior::NameProcess { name });
                    }
                }
                "-c" | "-l" | "-cl" | "--" => {
                    words.remove(0);
                }
                _ => break,
            }
        }
        let Some((first, arguments)) = words.split_first() else {
            let wiring = self.wire(redirects);
            let [_, output, _] = &wiring.standard;
            let [_, before, _] = &self.world.standard;
            self.logs_output =
                matches!(output, Stream::File(_)) && (self.logs_output || output != before);
            self.world.standard = wiring.standard;
            return;
        };
        let program = self.program(first, arguments);
        if Self::is_builtin(&program.text, arguments) {
            let name = program.text.clone();
            self.wired(redirects, |machine| machine.builtin(&name, arguments));
        } else {
            self.start(program, arguments.to_vec(), redirects);
        }
        self.stop(Halt::Exit);
    }

    /// Starts a program.
    fn start(&mut self, program: Value, arguments: Vec<Value>, redirects: &[Redirect<'a>]) {
        let wiring = self.wire(redirects);
        let Wiring {
            standard,
            append,
            logs,
            to_error,
            feeds,
            before,
        } = wiring;
        let [input, output, error] = standard;
        let name = program.base_name().to_owned();
        let log = match &output {
            Stream::File(path) if logs => Some(path.clone()),
            _ => None,
        };
        let is_taken = feeds.is_some()
            || !to_error
                && matches!(
                    output,
                    Stream::Inherited | Stream::Text(_) | Stream::Unknown
                );
        let call = Call {
            program,
            arguments,
            input,
            output: if log.is_some() {
                Stream::Text(Value::default())
            } else {
                output
            },
            error,
            append,
        };
        let printed = command::run(self.world, call);
        self.status = matches!(name.as_str(), "echo" | "printf").then_some(true);
        if let Some(path) = log {
            self.log(path, &printed);
        } else if let Some(list) = feeds {
            self.feed(&list, printed);
        } else if is_taken {
            self.take(printed);
        }
        self.unwire(before);
    }

    /// Adds to what is taken of standard output.
    fn take(&mut self, mut printed: Value) {
        if crate::world::is_placeholder(&printed) {
            // Whatever it is, what is printed next is not on its line.
            printed.text.push('\n');
        }
        let limit = self.world.budget().program_text;
        super::bounded_append(&mut self.printed, &printed, limit);
    }

    /// Ends the run here if this command is certain to be reached.
    pub(super) fn stop(&mut self, halt: Halt) {
        let level = match halt {
            Halt::Exit => 0,
            Halt::Return => self.return_level,
        };
        if self.conditional <= level {
            self.halt = Some(halt);
        }
    }

    /// Values as the words of one text.
    pub(super) fn joined_words(values: &[Value]) -> Value {
        join(values, " ")
    }

    /// The value that stands for what a program prints.
    pub(super) fn output_of(name: &str) -> Value {
        Value::unknown(Provenance::Output(name.to_owned()))
    }
}

/// Whether `command -v` asks what a name is.
fn is_inquiry(words: &[Value]) -> bool {
    words
        .get(1)
        .is_some_and(|option| option.text.starts_with('-') && option.text.contains(['v', 'V']))
}
