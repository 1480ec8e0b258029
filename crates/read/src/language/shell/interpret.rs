//! The tree of a shell text, walked once: every branch is taken, state flows on.

use std::collections::BTreeMap;
use std::rc::Rc;

use model::{Behavior, Language, Protocol, Provenance, Step, Stream, Value};

use super::parse::parse;
use super::syntax::{Assigned, Node, Part, Redirection, RedirectionKind, Simple, Word};
use super::{builtin, expand};
use crate::command::{self, Call};
use crate::world::World;

/// Deepest nesting of function calls and substitutions.
const DEEPEST: usize = 24;
/// Most rounds of a `for` loop.
const ROUNDS: usize = 512;
/// Most bytes kept of what a script prints.
const PRINTED: usize = 1 << 20;

/// A descriptor: what it is bound to, and whether a file keeps what it holds.
#[derive(Debug, Clone, Default)]
pub struct Descriptor {
    /// What it is bound to.
    pub stream: Stream,
    /// Whether writes go to the end.
    pub append: bool,
}

/// A function, with the text its lines and evidence are of.
#[derive(Clone)]
struct Function {
    text: Rc<str>,
    body: Node,
}

/// The state of one shell.
#[derive(Clone)]
pub struct Shell {
    /// Variables.
    pub variables: BTreeMap<String, Value>,
    /// Arrays.
    pub arrays: BTreeMap<String, Vec<Value>>,
    /// Aliases.
    pub aliases: BTreeMap<String, String>,
    /// `$0`, `$1` …, if they are told.
    pub arguments: Vec<Value>,
    functions: BTreeMap<String, Function>,
    /// Descriptors from 3 on; 0 to 2 are the world's.
    descriptors: BTreeMap<u32, Descriptor>,
    depth: usize,
    /// Number of the last process substitution.
    processes: u32,
}

impl Shell {
    /// A shell with the arguments the world tells.
    pub fn new(world: &World) -> Self {
        Self {
            variables: BTreeMap::new(),
            arrays: BTreeMap::new(),
            aliases: BTreeMap::new(),
            arguments: world.arguments.clone(),
            functions: BTreeMap::new(),
            descriptors: BTreeMap::new(),
            depth: 0,
            processes: 0,
        }
    }

    /// Runs a whole text.
    pub fn script(&mut self, world: &mut World, text: &str) -> Value {
        // A parse costs what the text is long.
        if self.depth >= DEEPEST || !world.burn((text.len() / 16) as u64) {
            return Value::unknown(Provenance::Unknown);
        }
        self.depth += 1;
        let nodes = parse(text);
        let printed = self.sequence(world, text, &nodes);
        self.depth -= 1;
        printed
    }

    fn sequence(&mut self, world: &mut World, text: &str, nodes: &[Node]) -> Value {
        let mut printed = Value::literal("");
        for node in nodes {
            let more = self.node(world, text, node);
            if printed.text.len() < PRINTED {
                printed.append(&more);
            }
        }
        printed
    }

    fn node(&mut self, world: &mut World, text: &str, node: &Node) -> Value {
        if !world.burn(1) {
            return Value::unknown(Provenance::Unknown);
        }
        match node {
            Node::Simple(simple) => self.simple(world, text, simple),
            Node::Pipeline(stages) => self.pipeline(world, text, stages),
            Node::Sequence(nodes) | Node::Loop(nodes) => self.sequence(world, text, nodes),
            Node::Subshell(nodes) => {
                let mut inner = self.clone();
                let standard = world.standard.clone();
                let printed = inner.sequence(world, text, nodes);
                world.standard = standard;
                printed
            }
            Node::For { name, words, body } => {
                self.for_loop(world, text, name, words.as_deref(), body)
            }
            Node::Case { word, arms } => {
                self.expand(world, word);
                let mut printed = Value::literal("");
                for (_, body) in arms {
                    printed.append(&self.sequence(world, text, body));
                }
                printed
            }
            Node::Function { name, body } => {
                self.functions.insert(
                    name.clone(),
                    Function {
                        text: text.into(),
                        body: body.as_ref().clone(),
                    },
                );
                Value::literal("")
            }
            Node::Redirected(inner, redirections) => {
                self.redirected(world, text, inner, redirections)
            }
            Node::Coprocess(name, body) => {
                let printed = self.piped(world, text, body, None);
                let connection = printed
                    .received_over()
                    .map_or(Stream::Unknown, Stream::Connection);
                self.arrays.insert(
                    name.clone(),
                    vec![Value::literal("60"), Value::literal("61")],
                );
                for number in [60, 61] {
                    self.descriptors.insert(
                        number,
                        Descriptor {
                            stream: connection.clone(),
                            append: false,
                        },
                    );
                }
                Value::literal("")
            }
        }
    }

    fn pipeline(&mut self, world: &mut World, text: &str, stages: &[Node]) -> Value {
        let mut carried: Option<Value> = None;
        for (n, stage) in stages.iter().enumerate() {
            let last = n + 1 == stages.len();
            let mut inner = self.clone();
            // `… | while read x` and functions see this shell's variables; what they set is lost.
            let standard = world.standard.clone();
            if let Some(value) = carried.take() {
                world.standard[0] = Stream::Text(value);
            }
            if !last {
                world.standard[1] = Stream::Text(Value::literal(""));
            }
            carried = Some(inner.node(world, text, stage));
            world.standard = standard;
        }
        carried.unwrap_or_default()
    }

    /// Runs a command whose output is taken, as a substitution does.
    fn piped(
        &mut self,
        world: &mut World,
        text: &str,
        node: &Node,
        input: Option<Stream>,
    ) -> Value {
        let standard = world.standard.clone();
        world.standard[1] = Stream::Text(Value::literal(""));
        if let Some(input) = input {
            world.standard[0] = input;
        }
        let printed = self.node(world, text, node);
        world.standard = standard;
        printed
    }

    /// `$(…)`: the text is parsed and run in a copy of this shell.
    pub fn substitute(&mut self, world: &mut World, text: &str) -> Value {
        if let Some(path) = text.trim().strip_prefix('<') {
            // `$(< file)`.
            let path = super::word::Reader::new(path.trim()).word();
            let path = self.expand_one(world, &path);
            return world.content_of(&path);
        }
        let standard = world.standard.clone();
        world.standard[1] = Stream::Text(Value::literal(""));
        let printed = self.clone().script(world, text);
        world.standard = standard;
        printed.map_text(|text| text.trim_end_matches('\n').to_owned())
    }

    /// `<(…)`: a path that holds what the command prints; `>(…)`: one that it reads.
    pub fn process(&mut self, world: &mut World, text: &str, output: bool) -> Value {
        self.processes += 1;
        let path = Value::literal(format!(
            "/dev/fd/{}",
            63_u32.saturating_sub(self.processes % 48)
        ));
        if output {
            let standard = world.standard.clone();
            world.standard[0] = Stream::File(path.clone());
            self.clone().script(world, text);
            world.standard = standard;
        } else {
            let printed = self.substitute(world, text);
            world.remember(&path, printed, false);
        }
        path
    }

    fn for_loop(
        &mut self,
        world: &mut World,
        text: &str,
        name: &str,
        words: Option<&[Word]>,
        body: &[Node],
    ) -> Value {
        let values: Vec<Value> = match words {
            Some(words) => words
                .iter()
                .flat_map(|word| self.expand(world, word))
                .collect(),
            None => self.arguments.iter().skip(1).cloned().collect(),
        };
        let values = if values.is_empty() {
            vec![Value::unknown(Provenance::Argument)]
        } else {
            values
        };
        let mut printed = Value::literal("");
        for value in values.into_iter().take(ROUNDS) {
            self.variables.insert(name.to_owned(), value);
            printed.append(&self.sequence(world, text, body));
        }
        printed
    }

    fn redirected(
        &mut self,
        world: &mut World,
        text: &str,
        inner: &Node,
        redirections: &[Redirection],
    ) -> Value {
        let (standard, descriptors) = (world.standard.clone(), self.descriptors.clone());
        let table = self.redirect(world, redirections);
        let output = table.get(&1).cloned().unwrap_or_default();
        self.adopt(world, table);
        // A file takes what the whole command prints.
        if let Stream::File(_) = output.stream {
            world.standard[1] = Stream::Text(Value::literal(""));
        }
        let printed = self.node(world, text, inner);
        world.standard = standard;
        self.descriptors = descriptors;
        if let Stream::File(path) = output.stream {
            world.write(path, printed, output.append);
            return Value::literal("");
        }
        printed
    }

    /// The descriptors after some redirections, applied in order.
    fn redirect(
        &mut self,
        world: &mut World,
        redirections: &[Redirection],
    ) -> BTreeMap<u32, Descriptor> {
        let mut table = self.descriptors.clone();
        for (number, stream) in (0..).zip(&world.standard) {
            table.insert(
                number,
                Descriptor {
                    stream: stream.clone(),
                    append: false,
                },
            );
        }
        for redirection in redirections {
            let target = self.expand_one(world, &redirection.target);
            let number = redirection.descriptor;
            let opened = match redirection.kind {
                RedirectionKind::Here => {
                    let mut text = target;
                    if !text.text.ends_with('\n') {
                        text.append(&Value::literal("\n"));
                    }
                    Descriptor {
                        stream: Stream::Text(text),
                        append: false,
                    }
                }
                RedirectionKind::Duplicate => duplicated(&table, &target),
                kind => Descriptor {
                    stream: opened(world, &target),
                    append: kind == RedirectionKind::Append,
                },
            };
            if redirection.kind == RedirectionKind::Both {
                table.insert(2, opened.clone());
            }
            table.insert(number, opened);
        }
        table
    }

    /// Makes a table of descriptors this shell's own.
    fn adopt(&mut self, world: &mut World, mut table: BTreeMap<u32, Descriptor>) {
        for (number, stream) in (0..).zip(&mut world.standard) {
            if let Some(descriptor) = table.remove(&number) {
                *stream = descriptor.stream;
            }
        }
        self.descriptors = table;
    }

    fn simple(&mut self, world: &mut World, text: &str, simple: &Simple) -> Value {
        world.at(
            simple.line,
            text.get(simple.span.0..simple.span.1).unwrap_or_default(),
        );
        let words: Vec<Value> = simple
            .words
            .iter()
            .flat_map(|word| self.expand(world, word))
            .collect();
        let words = self.unaliased(words);
        let temporary = !words.is_empty();
        for (name, assigned, add) in &simple.assignments {
            self.assign(world, name, assigned, *add);
            if temporary && is_watched(name) {
                let value = self.variables.get(name).cloned().unwrap_or_default();
                world.act(Behavior::SetVariable {
                    name: name.clone(),
                    value,
                });
            }
        }
        let table = self.redirect(world, &simple.redirections);
        let Some((program, arguments)) = words.split_first() else {
            // `> file` empties it; `< file` alone does nothing.
            return Value::literal("");
        };
        if program.text == "exec" && arguments.is_empty() {
            self.adopt(world, table);
            return Value::literal("");
        }
        world.at(
            simple.line,
            text.get(simple.span.0..simple.span.1).unwrap_or_default(),
        );
        self.command(world, program.clone(), arguments.to_vec(), table)
    }

    /// Runs a command by name: a function, a builtin that touches the shell, or a program.
    pub fn command(
        &mut self,
        world: &mut World,
        program: Value,
        arguments: Vec<Value>,
        table: BTreeMap<u32, Descriptor>,
    ) -> Value {
        if let Some(function) = self.functions.get(&program.text).cloned() {
            return self.call(world, &program.text, &function, &arguments, table);
        }
        let stream = |number: u32| table.get(&number).cloned().unwrap_or_default();
        let input = stream(0).stream;
        if let Some(printed) = builtin::run(self, world, &program.text, &arguments, &input, &table)
        {
            return printed;
        }
        let output = stream(1);
        let call = Call {
            program,
            arguments,
            input,
            output: output.stream,
            error: stream(2).stream,
            append: output.append,
        };
        let goes_elsewhere = matches!(
            call.output,
            Stream::File(_) | Stream::Null | Stream::Connection(_)
        );
        let printed = command::run(world, call);
        if goes_elsewhere {
            Value::literal("")
        } else {
            printed
        }
    }

    fn call(
        &mut self,
        world: &mut World,
        name: &str,
        function: &Function,
        arguments: &[Value],
        table: BTreeMap<u32, Descriptor>,
    ) -> Value {
        if self.depth >= DEEPEST {
            return Value::unknown(Provenance::Unknown);
        }
        self.depth += 1;
        // A function that calls itself is followed no further: a fork bomb ends here.
        let own = self.functions.remove(name);
        let mut words = vec![Value::literal(name)];
        words.extend_from_slice(arguments);
        let outer = std::mem::replace(&mut self.arguments, words);
        let (standard, descriptors) = (world.standard.clone(), self.descriptors.clone());
        self.adopt(world, table);
        let printed = self.node(world, &function.text, &function.body);
        world.standard = standard;
        self.descriptors = descriptors;
        self.arguments = outer;
        if let Some(own) = own {
            self.functions.insert(name.to_owned(), own);
        }
        self.depth -= 1;
        printed
    }

    fn unaliased(&self, words: Vec<Value>) -> Vec<Value> {
        let Some(replacement) = words
            .first()
            .and_then(|first| self.aliases.get(&first.text))
        else {
            return words;
        };
        let front = replacement
            .split_whitespace()
            .map(|word| Value::literal(word.trim_matches(['\'', '"'])));
        front.chain(words.iter().skip(1).cloned()).collect()
    }

    /// Assigns a word or an array.
    pub fn assign(&mut self, world: &mut World, name: &str, assigned: &Assigned, add: bool) {
        match assigned {
            Assigned::Word(word) => {
                let value = self.expand_one(world, word);
                self.set(name, value, add);
            }
            Assigned::Array(words) => {
                let mut values: Vec<Value> = words
                    .iter()
                    .flat_map(|word| self.expand(world, word))
                    .collect();
                if add && let Some(before) = self.arrays.get(name) {
                    values.splice(0..0, before.iter().cloned());
                }
                self.arrays.insert(name.to_owned(), values);
            }
        }
    }

    /// Sets a variable or an element of an array.
    pub fn set(&mut self, name: &str, value: Value, add: bool) {
        if let Some((array, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            let values = self.arrays.entry(array.to_owned()).or_default();
            let index = index
                .trim_matches(['"', '\''])
                .parse::<usize>()
                .unwrap_or(values.len())
                .min(4_096);
            if values.len() <= index {
                values.resize(index + 1, Value::literal(""));
            }
            values[index] = value;
            return;
        }
        self.arrays.remove(name);
        match self.variables.get_mut(name) {
            Some(held) if add => held.append(&value),
            _ => {
                self.variables.insert(name.to_owned(), value);
            }
        }
    }

    /// What a descriptor is bound to.
    pub fn descriptor(&self, number: u32) -> Option<Stream> {
        self.descriptors
            .get(&number)
            .map(|descriptor| descriptor.stream.clone())
    }

    /// Evaluates a text in this shell, as `eval` and `.` do.
    pub fn evaluate(&mut self, world: &mut World, code: &Value, step: Step) -> Value {
        world.act(Behavior::Evaluate {
            language: Language::Shell,
            code: code.clone(),
        });
        if code.text.trim().is_empty() || crate::world::is_placeholder(code) {
            return Value::unknown(Provenance::Output("shell".to_owned()));
        }
        world
            .inside_decoded(code, step, |world| self.script(world, &code.text))
            .unwrap_or_default()
    }
}

/// Variables that decide what other programs do.
pub fn is_watched(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "LD_AUDIT",
        "HISTFILE",
        "HISTSIZE",
        "HISTFILESIZE",
        "PROMPT_COMMAND",
        "BASH_ENV",
        "ENV",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "NODE_OPTIONS",
        "PERL5OPT",
        "GIT_SSH_COMMAND",
    ];
    NAMES.contains(&name)
}

/// What a file name given to a redirection opens.
fn opened(world: &mut World, target: &Value) -> Stream {
    let parts: Vec<&str> = target.text.splitn(5, '/').collect();
    match parts.as_slice() {
        ["", "dev", protocol @ ("tcp" | "udp"), host, port] => {
            let protocol = if *protocol == "tcp" {
                Protocol::Tcp
            } else {
                Protocol::Udp
            };
            let part = |text: &str| {
                let whole = target.known || !text.contains('{');
                Value {
                    text: text.to_owned(),
                    known: whole,
                    from: if whole {
                        Vec::new()
                    } else {
                        target.from.clone()
                    },
                }
            };
            Stream::Connection(world.connect(protocol, part(host), part(port)))
        }
        ["", "dev", "null" | "zero"] => Stream::Null,
        ["", "dev", "stdout" | "stderr" | "tty" | "stdin"] => Stream::Inherited,
        _ if target.text.is_empty() => Stream::Unknown,
        _ => Stream::File(target.clone()),
    }
}

fn duplicated(table: &BTreeMap<u32, Descriptor>, target: &Value) -> Descriptor {
    let text = target.text.trim_end_matches('-');
    if text.is_empty() {
        return Descriptor {
            stream: Stream::Null,
            append: false,
        };
    }
    let known = text
        .parse::<u32>()
        .ok()
        .and_then(|number| table.get(&number));
    // A descriptor that the shell chose (`{fd}`) or that is not known: the only one there is.
    let only = || {
        table
            .range(3..)
            .next_back()
            .map(|(_, descriptor)| descriptor)
    };
    known.or_else(only).cloned().unwrap_or(Descriptor {
        stream: Stream::Unknown,
        append: false,
    })
}

impl Shell {
    /// A word as one value, without splitting: assignments, redirections, `case`.
    pub fn expand_one(&mut self, world: &mut World, word: &Word) -> Value {
        let mut value = Value::literal("");
        for part in word {
            let more = self.part(world, part);
            value.append(&more);
        }
        if value.text.starts_with("~/")
            && matches!(word.first(), Some(Part::Text { quoted: false, .. }))
        {
            value = value.map_text(|text| format!("/root{}", &text[1..]));
        }
        value
    }

    fn part(&mut self, world: &mut World, part: &Part) -> Value {
        world.burn(1);
        match part {
            Part::Text { text, .. } => Value::literal(text.as_str()),
            Part::Parameter {
                name, operation, ..
            } => self.parameter(world, name, operation),
            Part::Command { text, .. } => self.substitute(world, text),
            Part::Arithmetic(text) => self.arithmetic(text),
            Part::Process { text, output } => self.process(world, text, *output),
        }
    }

    fn arithmetic(&self, text: &str) -> Value {
        let plain: String = text.replace(['{', '}'], "");
        let lookup = |name: &str| {
            self.variables
                .get(name)?
                .as_known()?
                .trim()
                .parse::<i64>()
                .ok()
        };
        expand::arithmetic(&plain, &lookup).map_or_else(
            || Value::unknown(Provenance::Unknown),
            |value| Value::literal(value.to_string()),
        )
    }

    /// A word as the fields it becomes: braces, expansions, splitting, patterns.
    pub fn expand(&mut self, world: &mut World, word: &Word) -> Vec<Value> {
        if let Some(words) = braced(word) {
            return words
                .iter()
                .flat_map(|word| self.fields(world, word))
                .collect();
        }
        self.fields(world, word)
    }

    fn fields(&mut self, world: &mut World, word: &Word) -> Vec<Value> {
        let mut fields = Fields::default();
        for part in word {
            match part {
                Part::Text { text, quoted } => {
                    fields.globs |= !quoted && text.contains(['*', '?', '[']);
                    fields.started |= *quoted || !text.is_empty();
                    fields.current.append(&Value::literal(text.as_str()));
                }
                Part::Parameter { name, quoted, .. } if is_list(name) => {
                    let list = self.list(name);
                    fields.list(list, *quoted || name.ends_with("[@]"));
                }
                Part::Parameter { quoted: true, .. }
                | Part::Command { quoted: true, .. }
                | Part::Process { .. } => {
                    let value = self.part(world, part);
                    fields.started = true;
                    fields.current.append(&value);
                }
                _ => {
                    let value = self.part(world, part);
                    let separators = self
                        .variables
                        .get("IFS")
                        .and_then(Value::as_known)
                        .unwrap_or(" \t\n")
                        .to_owned();
                    fields.split(&value, &separators);
                }
            }
        }
        fields.done()
    }

    /// The values of `$@`, `$*`, `${a[@]}`.
    pub fn list(&self, name: &str) -> Vec<Value> {
        match name.split_once('[') {
            Some((array, _)) => self.arrays.get(array).cloned().unwrap_or_default(),
            None if self.arguments.is_empty() => vec![Value::unknown(Provenance::Argument)],
            None => self.arguments.iter().skip(1).cloned().collect(),
        }
    }
}

fn is_list(name: &str) -> bool {
    matches!(name, "@" | "*") || name.ends_with("[@]") || name.ends_with("[*]")
}

/// Brace expansion of a word of text and parameters: `None` if it has none.
fn braced(word: &Word) -> Option<Vec<Word>> {
    let opens =
        |part: &Part| matches!(part, Part::Text { text, quoted: false } if text.contains('{'));
    if !word.iter().any(opens) {
        return None;
    }
    // Parts that are no plain text stand as one private character each while braces are expanded.
    let mut flat = String::new();
    for (n, part) in (0_u32..).zip(word) {
        match part {
            Part::Text {
                text,
                quoted: false,
            } => flat.push_str(text),
            _ => flat.push(char::from_u32(0x000F_0000 + n.min(0xFFFF))?),
        }
    }
    let words = expand::braces(&flat);
    if words.len() < 2 {
        return None;
    }
    let rebuilt = |flat: &String| {
        let mut parts = Word::new();
        for c in flat.chars() {
            let index = u32::from(c)
                .checked_sub(0x000F_0000)
                .and_then(|n| usize::try_from(n).ok());
            match (index.and_then(|n| word.get(n)), parts.last_mut()) {
                (Some(part), _) => parts.push(part.clone()),
                (
                    None,
                    Some(Part::Text {
                        text,
                        quoted: false,
                    }),
                ) => text.push(c),
                (None, _) => parts.push(Part::Text {
                    text: c.to_string(),
                    quoted: false,
                }),
            }
        }
        parts
    };
    Some(words.iter().map(rebuilt).collect())
}

/// Fields being collected.
struct Fields {
    done: Vec<Value>,
    current: Value,
    /// Whether the current field exists even if it is empty.
    started: bool,
    globs: bool,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            done: Vec::new(),
            current: Value::literal(""),
            started: false,
            globs: false,
        }
    }
}

impl Fields {
    fn flush(&mut self) {
        let mut field = std::mem::replace(&mut self.current, Value::literal(""));
        if !self.started && field.text.is_empty() {
            return;
        }
        if self.globs
            && let Some(path) = expand::glob(&field.text)
        {
            field = Value::literal(path);
        }
        self.done.push(field);
        self.started = false;
        self.globs = false;
    }

    fn split(&mut self, value: &Value, separators: &str) {
        self.globs |= value.known && value.text.contains(['*', '?', '[']);
        if !value.known || separators.is_empty() {
            self.started |= !value.text.is_empty();
            self.current.append(value);
            return;
        }
        let mut pieces = value.text.split(|c| separators.contains(c)).peekable();
        while let Some(piece) = pieces.next() {
            if !piece.is_empty() {
                self.started = true;
                self.current.append(&value.map_text(|_| piece.to_owned()));
            }
            if pieces.peek().is_some() {
                self.flush();
            }
        }
    }

    fn list(&mut self, values: Vec<Value>, quoted: bool) {
        let count = values.len();
        for (n, value) in values.into_iter().enumerate() {
            self.started |= quoted || !value.text.is_empty();
            self.current.append(&value);
            if n + 1 < count {
                self.flush();
            }
        }
    }

    fn done(mut self) -> Vec<Value> {
        self.flush();
        self.done
    }
}
