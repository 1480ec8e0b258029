//! The world a program is lowered in: what it has done so far and what it has at hand.
//!
//! Every front-end drives the same [`World`], so a Python program that starts a shell that decodes
//! a Perl one-liner is one program with one list of acts, one set of connections and one budget.
//! Nothing here can fail: a bound that is hit is noted as a gap and lowering goes on without.

use std::collections::BTreeMap;

use model::{
    Act, Behavior, Budget, Fact, GapReason, Language, Program, Protocol, Provenance, Step, Stream,
    Value, text,
};

use crate::{indicator, language};

/// Longest text of a value kept in an act, in bytes: enough for any path, URL or command, and
/// 4,096 acts of it stay below 64 MiB.
const KEPT_VALUE_BYTES: usize = 4_096;

/// Most files a program's writes are followed through.
const FOLLOWED_FILES: usize = 4_096;

/// A program being lowered.
pub struct World<'a> {
    budget: &'a Budget,
    acts: Vec<Act>,
    gaps: Vec<(Vec<Step>, GapReason)>,
    /// Steps into the text being lowered now, beyond the program's own.
    steps: Vec<Step>,
    /// Line of the outermost text.
    line: u32,
    /// Text of the innermost statement.
    evidence: String,
    connections: u32,
    fuel: u64,
    unfolded: usize,
    /// Content of the files the program wrote, by path as written.
    files: BTreeMap<String, Value>,
    /// Environment variables known from outside: the image's `Env`.
    environment: BTreeMap<String, Value>,
    /// Standard input, output and error that programs started from here inherit.
    pub standard: [Stream; 3],
}

/// What lowering yields.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// What the program does.
    pub acts: Vec<Act>,
    /// What could not be followed, and how deep.
    pub gaps: Vec<(Vec<Step>, GapReason)>,
}

impl Lowered {
    /// Wallets that the acts name, as facts: in code and configuration even the kinds count that
    /// would be too weak to be told from any content.
    pub fn wallets(&self, outer: &[Step]) -> Vec<Fact> {
        let mut facts: Vec<Fact> = Vec::new();
        for act in &self.acts {
            let account = match &act.behavior {
                Behavior::Mine { account, .. } => account.text.as_str(),
                _ => "",
            };
            for indicator in indicator::wallets(&format!("{account} {}", act.evidence)) {
                let known = |fact: &Fact| matches!(fact, Fact::Indicator { indicator: i, .. } if *i == indicator);
                if facts.len() < indicator::MOST && !facts.iter().any(known) {
                    let steps = [outer, &act.steps[..]].concat();
                    facts.push(Fact::Indicator {
                        indicator,
                        steps,
                        line: act.line,
                        evidence: act.evidence.clone(),
                    });
                }
            }
        }
        facts
    }

    /// The program, with the steps that led to it; `declared` as in [`Program::declared`].
    pub fn into_program(self, language: Language, steps: Vec<Step>, declared: bool) -> Program {
        Program {
            language,
            declared,
            steps,
            acts: self.acts,
        }
    }
}

impl<'a> World<'a> {
    /// An empty world.
    pub fn new(budget: &'a Budget) -> Self {
        Self {
            budget,
            acts: Vec::new(),
            gaps: Vec::new(),
            steps: Vec::new(),
            line: 0,
            evidence: String::new(),
            connections: 0,
            fuel: budget.fuel,
            unfolded: budget.unfolded,
            files: BTreeMap::new(),
            environment: BTreeMap::new(),
            standard: [Stream::Inherited, Stream::Inherited, Stream::Inherited],
        }
    }

    /// The same world with the image's `Env` in it.
    #[must_use]
    pub fn with_environment(
        mut self,
        variables: impl IntoIterator<Item = (String, Value)>,
    ) -> Self {
        self.environment.extend(variables);
        self
    }

    /// Ends lowering: pipes through named pipes are joined, and the acts handed over.
    pub fn finish(mut self) -> Lowered {
        self.join_named_pipes();
        Lowered {
            acts: self.acts,
            gaps: self.gaps,
        }
    }

    /// The bounds.
    pub const fn budget(&self) -> &'a Budget {
        self.budget
    }

    // ---- place ----

    /// The statement being lowered now: its line in its own text and its source text. The line
    /// counts only in the outermost text: inside an evaluated text, the line stays that of the
    /// statement that evaluates it.
    pub fn at(&mut self, line: u32, source: &str) {
        if self.steps.is_empty() {
            self.line = line;
        }
        self.evidence = text::evidence(source);
    }

    /// Runs `inner` one step further in, unless that is too deep; then notes a gap.
    pub fn inside<T>(&mut self, step: Step, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.steps.len() >= self.budget.depth {
            self.gap(format!(
                "more than {} steps of encoding or evaluation inside one another",
                self.budget.depth
            ));
            return None;
        }
        let evidence = self.evidence.clone();
        self.steps.push(step);
        let result = inner(self);
        self.steps.pop();
        self.evidence = evidence;
        Some(result)
    }

    /// How many steps inside the outermost text the current one is.
    pub fn depth(&self) -> usize {
        self.steps.len()
    }

    // ---- bounds ----

    /// Takes `units` of fuel; `false` (and, the first time, a gap) when none is left. A front-end
    /// takes one a node or command and stops when it gets `false`.
    pub fn burn(&mut self, units: u64) -> bool {
        if self.fuel >= units {
            self.fuel -= units;
            return true;
        }
        if self.fuel > 0 {
            self.fuel = 0;
            self.gap("the program takes more steps to follow than the budget allows");
        }
        false
    }

    /// Takes `bytes` from what decoding may yield; `false` (and a gap) when that is too much.
    pub fn unfold(&mut self, bytes: usize) -> bool {
        if let Some(left) = self.unfolded.checked_sub(bytes) {
            self.unfolded = left;
            return true;
        }
        self.gap(format!(
            "decoding yields more than {} bytes",
            self.budget.unfolded
        ));
        false
    }

    /// Notes that something could not be followed.
    pub fn gap(&mut self, reason: impl Into<String>) {
        let gap = (self.steps.clone(), GapReason::new(reason));
        if !self.gaps.contains(&gap) && self.gaps.len() < 64 {
            self.gaps.push(gap);
        }
    }

    // ---- acts ----

    /// Records an act at the current place.
    pub fn act(&mut self, mut behavior: Behavior) {
        if self.acts.len() >= self.budget.acts {
            self.gap(format!(
                "the program does more than {} things",
                self.budget.acts
            ));
            return;
        }
        for value in behavior.values_mut() {
            if value.text.len() > KEPT_VALUE_BYTES {
                value.text = text::cut(&value.text, KEPT_VALUE_BYTES);
            }
        }
        let evidence = self.evidence.clone();
        self.acts.push(Act {
            behavior,
            steps: self.steps.clone(),
            line: self.line,
            evidence,
        });
    }

    /// Records an outgoing connection and returns its number.
    pub fn connect(&mut self, protocol: Protocol, host: Value, port: Value) -> u32 {
        let connection = self.next_connection();
        self.act(Behavior::Connect {
            connection,
            protocol,
            host,
            port,
        });
        connection
    }

    /// Records waiting for a connection and returns the number of the accepted one.
    pub fn listen(&mut self, protocol: Protocol, host: Value, port: Value) -> u32 {
        let connection = self.next_connection();
        self.act(Behavior::Listen {
            connection,
            protocol,
            host,
            port,
        });
        connection
    }

    /// A number for a connection whose end points are not known yet.
    pub fn next_connection(&mut self) -> u32 {
        self.connections += 1;
        self.connections
    }

    /// Records a fetch; the content is the returned value. With a file, the file now holds it.
    pub fn fetch(&mut self, url: Value, to: Option<Value>) -> Value {
        let content = Value::unknown(Provenance::Fetched(text::cut(&url.text, KEPT_VALUE_BYTES)));
        if let Some(path) = &to {
            self.remember(path, content.clone(), false);
        }
        self.act(Behavior::Fetch { url, to });
        content
    }

    /// Hands `code` to an interpreter: records it and, as far as its text is known, lowers it in
    /// place, one step further in. Returns what it prints.
    pub fn evaluate(&mut self, language: Language, code: &Value, step: Step) -> Value {
        self.act(Behavior::Evaluate {
            language,
            code: code.clone(),
        });
        if code.text.is_empty() || code.fetched_from().is_some() && !code.known {
            return Value::unknown(Provenance::Output(language.name().to_owned()));
        }
        self.inside(step, |world| language::lower(world, language, &code.text))
            .unwrap_or_else(|| Value::unknown(Provenance::Unknown))
    }

    /// Records a write. If the path is one whose content runs or grants access (a crontab, an
    /// `authorized_keys`, a unit …), the content is lowered as what it will be taken for.
    pub fn write(&mut self, path: Value, content: Value, append: bool) {
        self.remember(&path, content.clone(), append);
        self.act(Behavior::Write {
            path: path.clone(),
            content: content.clone(),
            append,
        });
        let Some(language) = language::of_data_path(&path.text) else {
            return;
        };
        if content.text.is_empty() {
            return;
        }
        let step = Step::new(format!("written to {}", path.text));
        self.inside(step, |world| {
            language::lower(world, language, &content.text)
        });
    }

    // ---- files and variables ----

    /// What a file holds, if the program wrote it: else content of that path.
    pub fn content_of(&self, path: &Value) -> Value {
        let stored = path.as_known().and_then(|text| self.files.get(text));
        stored
            .cloned()
            .unwrap_or_else(|| Value::unknown(Provenance::File(path.text.clone())))
    }

    /// Whether the program wrote this file, and with what.
    pub fn written(&self, path: &str) -> Option<&Value> {
        self.files.get(path)
    }

    /// From now on `path` holds `content` (or has it appended): for copies, moves and downloads
    /// that are recorded as other acts.
    pub fn remember(&mut self, path: &Value, content: Value, append: bool) {
        if path.text.is_empty() || self.files.len() >= FOLLOWED_FILES {
            return;
        }
        match self.files.get_mut(&path.text) {
            Some(held) if append && held.text.len() < self.budget.program_text => {
                held.append(&content)
            }
            _ => {
                self.files.insert(path.text.clone(), content);
            }
        }
    }

    /// An environment variable as the image sets it, or an unknown value named after it.
    pub fn environment(&self, name: &str) -> Value {
        match self.environment.get(name) {
            Some(value) => value.clone(),
            None => Value::unknown(Provenance::Environment(name.to_owned())),
        }
    }

    /// Programs that read a named pipe whose other end is a connection read the connection:
    /// `mkfifo p; sh <p | nc host port >p`. Known only at the end, when both sides were seen.
    fn join_named_pipes(&mut self) {
        let files = &self.files;
        let connection_behind = |stream: &Stream| match stream {
            Stream::File(path) => files.get(&path.text).and_then(Value::received_over),
            Stream::Text(value) => value.from.iter().find_map(|from| match from {
                Provenance::File(path) => files.get(path).and_then(Value::received_over),
                _ => None,
            }),
            _ => None,
        };
        for act in &mut self.acts {
            if let Behavior::Execute { input, .. } = &mut act.behavior
                && let Some(connection) = connection_behind(input)
            {
                *input = Stream::Connection(connection);
            }
        }
    }
}
