//! Builtins that change or tell the state of the shell.

use model::{Provenance, Stream, Value};

use super::super::ast::{Assigned, Assignment};
use super::variable::{Content, Variable};
use super::{Halt, Machine};

/// Most commands of `trap` that are run.
const TRAPS: usize = 64;

/// Most aliases.
const ALIASES: usize = 4_096;

/// Builtins that do nothing that can be followed here.
const SILENT: &[&str] = &[
    "umask", "ulimit", "hash", "wait", "jobs", "fg", "bg", "disown", "shopt", "enable", "bind",
    "complete", "compopt", "compgen", "caller", "help", "logout", "suspend", "times", "dirs",
    "setopt", "unsetopt", "autoload", "zstyle", "emulate", "zmodload", "compdef", "unalias",
    "break", "continue", "fc",
];

/// Builtins that are run here.
const OWN: &[&str] = &[
    ":",
    "true",
    "false",
    "[",
    "test",
    "cd",
    "chdir",
    "pushd",
    "popd",
    "pwd",
    "exit",
    "return",
    "eval",
    ".",
    "source",
    "export",
    "declare",
    "local",
    "typeset",
    "readonly",
    "unset",
    "set",
    "shift",
    "read",
    "mapfile",
    "readarray",
    "let",
    "trap",
    "alias",
    "getopts",
    "type",
    "command",
];

impl<'a> Machine<'a, '_, '_> {
    /// Whether a name is that of a builtin that is run here rather than as a program.
    pub(super) fn is_builtin(name: &str, arguments: &[Value]) -> bool {
        OWN.contains(&name)
            || SILENT.contains(&name)
            || name == "printf" && arguments.first().is_some_and(|option| option.text == "-v")
    }

    /// Runs a builtin.
    pub(super) fn builtin(&mut self, name: &str, arguments: &[Value]) {
        match name {
            ":" | "true" => self.status = Some(true),
            "false" => self.status = Some(false),
            "[" => {
                let closed = arguments.split_last().filter(|(last, _)| last.text == "]");
                let operands = closed.map_or(arguments, |(_, operands)| operands);
                self.status = self.test_values(operands);
            }
            "test" => self.status = self.test_values(arguments),
            "cd" | "chdir" | "pushd" => self.change_directory(arguments),
            "popd" => self.directory = None,
            "pwd" => self.print_directory(),
            "exit" => self.stop(Halt::Exit),
            "return" => self.stop(Halt::Return),
            "eval" => {
                let code = Self::joined_words(arguments);
                self.evaluate(&code, "eval");
            }
            "." | "source" => self.source_file(arguments),
            "export" | "declare" | "local" | "typeset" | "readonly" => {
                self.declare(name, arguments);
            }
            "unset" => {
                for argument in arguments
                    .iter()
                    .filter(|argument| !argument.text.starts_with('-'))
                {
                    self.unset(&argument.text);
                }
            }
            "set" if arguments.is_empty() => {
                self.emit(&Value::unknown(Provenance::Environment(String::new())));
            }
            "set" => self.set(arguments),
            "shift" => self.shift(arguments),
            "read" => self.read(arguments),
            "mapfile" | "readarray" => self.map_file(arguments),
            "let" => {
                let mut value = None;
                for argument in arguments {
                    value = self.calculate(&argument.text);
                }
                self.status = value.map(|value| value != 0);
            }
            "trap" => self.trap(arguments),
            "alias" => self.add_aliases(arguments),
            "getopts" => self.options(arguments),
            "type" | "command" => self.inquire(arguments),
            "printf" => self.print_to_variable(arguments),
            _ => self.status = None,
        }
    }

    // ---- folders ----

    fn change_directory(&mut self, arguments: &[Value]) {
        let operand = arguments
            .iter()
            .find(|argument| !argument.text.starts_with('-') || argument.text == "-");
        let target = match operand {
            Some(target) => target.clone(),
            None => self.value_of("HOME"),
        };
        self.directory = match target.as_known() {
            Some(path) if path.starts_with('/') => Some(path.to_owned()),
            Some(path) if path != "-" => self.directory.as_ref().and_then(|base| below(base, path)),
            _ => None,
        };
        if let Some(directory) = &self.directory {
            let value = Value::literal(directory.clone());
            self.assign("PWD", None, value);
        } else {
            self.variables.remove("PWD");
        }
        self.world.enter_folder(&target);
        self.status = None;
    }

    fn print_directory(&mut self) {
        let mut value = match &self.directory {
            Some(directory) => Value::literal(directory.clone()),
            None => self.value_of("PWD"),
        };
        value.text.push('\n');
        self.emit(&value);
    }

    // ---- texts ----

    fn source_file(&mut self, arguments: &[Value]) {
        let Some((path, arguments)) = arguments.split_first() else {
            return;
        };
        let content = match self.source(path.clone()) {
            Stream::File(path) => self.world.content_of(&path),
            Stream::Connection(connection) => Value::unknown(Provenance::Received(connection)),
            Stream::Text(value) => value,
            _ => Value::unknown(Provenance::File(path.text.clone())),
        };
        let outer = if arguments.is_empty() {
            None
        } else {
            Some(self.positional.replace(arguments.to_vec()))
        };
        let level = std::mem::replace(&mut self.return_level, self.conditional);
        self.evaluate(&content, &format!("source {}", path.text));
        self.return_level = level;
        if self.halt == Some(Halt::Return) {
            self.halt = None;
        }
        if let Some(outer) = outer {
            self.positional = outer;
        }
    }

    fn trap(&mut self, arguments: &[Value]) {
        let mut operands = arguments.iter().filter(|argument| argument.text != "--");
        let Some(action) = operands.next() else {
            return;
        };
        let is_action = !action.text.is_empty() && action.text != "-" && action.text != "-p";
        if is_action && self.traps.len() < TRAPS && !self.traps.contains(action) {
            self.traps.push(action.clone());
        }
    }

    fn add_aliases(&mut self, arguments: &[Value]) {
        for argument in arguments {
            if let Some((name, text)) = argument.text.split_once('=')
                && self.aliases.len() < ALIASES
            {
                let value = argument.map_text(|_| text.to_owned());
                self.aliases.insert(name.to_owned(), value);
            }
        }
    }

    // ---- variables ----

    /// An array among the arguments of `declare`.
    pub(super) fn declared_array(&mut self, assignment: &Assignment<'a>, words: &[Value]) {
        let is_local = self.is_local(words.first().map_or("", |word| &word.text), words);
        if is_local {
            self.cover(assignment.name);
        }
        let is_map = words
            .iter()
            .any(|word| word.text.starts_with('-') && word.text.contains('A'));
        let exists = self.variables.contains_key(assignment.name);
        if is_map && (!exists || matches!(assignment.value, Assigned::Array(_))) {
            let content = Content::Keyed(Default::default());
            let variable = Variable {
                content,
                exported: false,
            };
            self.variables.insert(assignment.name.to_owned(), variable);
        }
        self.assignment(assignment);
    }

    fn is_local(&self, name: &str, words: &[Value]) -> bool {
        let is_global = words
            .iter()
            .any(|word| word.text.starts_with('-') && word.text.contains('g'));
        name == "local" || matches!(name, "declare" | "typeset") && !is_global
    }

    fn declare(&mut self, name: &str, arguments: &[Value]) {
        // Without names, what is exported is told: the whole environment.
        let all_options = arguments.iter().all(|word| word.text.starts_with('-'));
        let tells = || {
            arguments
                .iter()
                .any(|word| matches!(word.text.as_str(), "-p" | "-x" | "-xp" | "-px"))
        };
        if all_options && (name == "export" || matches!(name, "declare" | "typeset") && tells()) {
            return self.emit(&Value::unknown(Provenance::Environment(String::new())));
        }
        let mut flags = String::new();
        for argument in arguments {
            if let Some(letters) = argument.text.strip_prefix('-') {
                flags.push_str(letters);
            }
        }
        if flags.contains(['f', 'F', 'p']) && name != "local" {
            return self.emit(&Self::output_of(name));
        }
        let exports = name == "export" && !flags.contains('n') || flags.contains('x');
        for argument in arguments
            .iter()
            .filter(|argument| !argument.text.starts_with(['-', '+']))
        {
            let (target, value) = match argument.text.split_once('=') {
                Some((target, text)) => (target, Some(super::field::piece(argument, text))),
                None => (argument.text.as_str(), None),
            };
            if self.is_local(name, arguments) {
                self.cover(target);
            }
            let is_told = value.is_some() && super::assign::is_acted_on(target);
            self.declare_one(target, value, &flags);
            if is_told {
                let value = self.value_of(target);
                self.tell(target, &value);
            }
            if exports {
                self.export(target.trim_end_matches('+'));
            }
        }
    }

    fn declare_one(&mut self, target: &str, value: Option<Value>, flags: &str) {
        let (target, appends) = match target.strip_suffix('+') {
            Some(target) => (target, true),
            None => (target, false),
        };
        let (target, index) = match target.split_once('[') {
            Some((target, index)) => (target, Some(index.trim_end_matches(']'))),
            None => (target, None),
        };
        if !super::super::parser::is_name(target) {
            return;
        }
        if flags.contains('A') && !self.variables.contains_key(target) {
            let content = Content::Keyed(Default::default());
            self.variables.insert(
                target.to_owned(),
                Variable {
                    content,
                    exported: false,
                },
            );
        }
        let Some(mut value) = value else { return };
        if flags.contains('i')
            && let Some(number) = self.calculate(&value.text)
        {
            value = value.map_text(|_| number.to_string());
        }
        if flags.contains('l') {
            value = value.map_text(str::to_lowercase);
        }
        if flags.contains('u') {
            value = value.map_text(str::to_uppercase);
        }
        if appends {
            value = self.appended(target, index, value);
        }
        self.assign(target, index, value);
    }

    fn set(&mut self, arguments: &[Value]) {
        let mut rest = arguments.iter();
        while let Some(argument) = rest.as_slice().first() {
            let text = argument.text.as_str();
            if text == "--" {
                self.positional = Some(rest.as_slice().get(1..).unwrap_or_default().to_vec());
                return;
            }
            if !text.starts_with(['-', '+']) {
                self.positional = Some(rest.as_slice().to_vec());
                return;
            }
            rest.next();
            if text.ends_with('o') {
                rest.next();
            }
        }
    }

    fn shift(&mut self, arguments: &[Value]) {
        let count = match arguments.first() {
            Some(argument) => self.calculate(&argument.text),
            None => Some(1),
        };
        let count = count.and_then(|count| usize::try_from(count).ok());
        if let (Some(positional), Some(count)) = (&mut self.positional, count) {
            // Shifting by more than there are fails and shifts nothing.
            self.status = Some(count <= positional.len());
            if count <= positional.len() {
                positional.drain(..count);
            }
        } else {
            self.status = None;
        }
    }

    fn options(&mut self, arguments: &[Value]) {
        if let Some(name) = arguments.get(1) {
            let unknown = Value::unknown(Provenance::Argument);
            self.assign(&name.text, None, unknown.clone());
            self.assign("OPTARG", None, unknown);
        }
        self.status = None;
    }

    /// `command -v name`, `type name`: the name, for its path ends in it.
    fn inquire(&mut self, arguments: &[Value]) {
        for argument in arguments
            .iter()
            .filter(|argument| !argument.text.starts_with('-'))
        {
            let mut value = argument
                .clone()
                .with_source(Provenance::Output("command".to_owned()));
            value.text.push('\n');
            self.emit(&value);
        }
        self.status = None;
    }

    fn print_to_variable(&mut self, arguments: &[Value]) {
        let Some(([_, name], rest)) = arguments.split_first_chunk::<2>() else {
            return;
        };
        let mut call = crate::command::Call::new(Value::literal("printf"), rest.to_vec());
        call.output = Stream::Text(Value::default());
        let printed = crate::command::run(self.world, call);
        let (name, index) = match name.text.split_once('[') {
            Some((name, index)) => (name, Some(index.trim_end_matches(']'))),
            None => (name.text.as_str(), None),
        };
        self.assign(name, index, printed);
        self.status = Some(true);
    }
}

/// The folder that `path` leads to from `base`.
fn below(base: &str, path: &str) -> Option<String> {
    /// Longest path of a folder that is followed: PATH_MAX of Linux.
    const BYTES: usize = 4_096;
    let mut folder = base.trim_end_matches('/').to_owned();
    for component in path.split('/') {
        match component {
            "" | "." => {}
            ".." => folder.truncate(folder.rfind('/').unwrap_or(0)),
            name => {
                folder.push('/');
                folder.push_str(name);
            }
        }
    }
    if folder.is_empty() {
        folder.push('/');
    }
    (folder.len() <= BYTES).then_some(folder)
}
