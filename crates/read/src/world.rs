//! The world a program is lowered in: what it has done so far and what it has at hand.
//!
//! Every front-end drives the same [`World`], so a Python program that starts a shell that decodes
//! a Perl one-liner is one program with one list of acts, one set of connections and one budget.
//! Nothing here can fail: a bound that is hit is noted as a gap and lowering goes on without.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use model::{
    Act, Behavior, Budget, Fact, GapReason, Language, Program, Protocol, Provenance, Step, Stream,
    Value, text,
};

use crate::{encoding, indicator, language, unfold};

/// Longest text of a value kept in an act, in bytes: enough for any path, URL or command, and
/// 4,096 acts of it stay below 64 MiB.
const KEPT_VALUE_BYTES: usize = 4_096;

/// Most files a program's writes are followed through.
const FOLLOWED_FILES: usize = 4_096;

/// Most written files that are read as files in turn.
const READ_FILES: usize = 256;

/// Shortest written content that can be a program of its own, in bytes.
const SHORTEST_ARTIFACT: usize = 16;

/// Most environment variables that are kept.
const EXPORTED_VARIABLES: usize = 4_096;

/// Most folders above a path that are looked at for a fetched one.
const FOLLOWED_FOLDERS: usize = 32;

/// A program being lowered.
pub struct World<'a> {
    budget: &'a Budget,
    acts: Vec<Act>,
    gaps: Vec<(Vec<Step>, GapReason)>,
    doubts: Vec<(Vec<Step>, GapReason)>,
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
    /// Where the content of whole folders came from.
    folders: BTreeMap<String, Value>,
    /// Path last written of each file name: how a relative path finds the file after a `cd`.
    file_names: BTreeMap<String, String>,
    /// Bytes the followed files hold together.
    held: usize,
    /// Environment variables known from outside: the image's `Env`.
    environment: BTreeMap<String, Value>,
    /// Standard input, output and error that programs started from here inherit.
    pub standard: [Stream; 3],
    /// What descriptors above the standard ones are that a program hands on to those it starts.
    pub inherited: Stream,
    /// The texts being evaluated, outermost first.
    lowering: Vec<(Language, u64)>,
    /// Hashes of the texts that were evaluated.
    evaluated: HashSet<u64>,
    /// Paths written, as written, with the steps to the first write.
    writes: Vec<(String, Vec<Step>)>,
    /// How deep front-ends have recursed so far, those they started in turn included: so that
    /// programs inside programs share one stack.
    pub nesting: usize,
    /// Arguments of the text lowered now, `$0` first, for as long as they are told.
    pub arguments: Vec<Value>,
}

/// The place outside a step, to come back to.
#[derive(Debug)]
#[must_use = "hand it to `World::leave`"]
pub struct Outside {
    steps: usize,
    evidence: String,
}

/// What lowering yields.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// What the program does.
    pub acts: Vec<Act>,
    /// What could not be followed, and how deep.
    pub gaps: Vec<(Vec<Step>, GapReason)>,
    /// What was left before its end and is a gap only of a program that something runs.
    pub doubts: Vec<(Vec<Step>, GapReason)>,
    /// Files it writes whose whole content is known and is no plain text: to be read as files.
    pub written: Vec<Written>,
    /// Fuel it took.
    pub spent: u64,
}

/// A file a program writes.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its path, as written.
    pub path: String,
    /// What it holds in the end.
    pub content: Vec<u8>,
    /// Steps to the write.
    pub steps: Vec<Step>,
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
            doubts: Vec::new(),
            steps: Vec::new(),
            line: 0,
            evidence: String::new(),
            connections: 0,
            fuel: budget.fuel,
            unfolded: budget.unfolded,
            files: BTreeMap::new(),
            folders: BTreeMap::new(),
            file_names: BTreeMap::new(),
            held: 0,
            environment: BTreeMap::new(),
            standard: [Stream::Inherited, Stream::Inherited, Stream::Inherited],
            inherited: Stream::Unknown,
            lowering: Vec::new(),
            evaluated: HashSet::new(),
            writes: Vec::new(),
            nesting: 0,
            arguments: Vec::new(),
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
        let written = self.written_files();
        Lowered {
            acts: self.acts,
            gaps: self.gaps,
            doubts: self.doubts,
            written,
            spent: self.budget.fuel.saturating_sub(self.fuel),
        }
    }

    /// The files written whose content is a program or packed, unless it was run here already.
    fn written_files(&mut self) -> Vec<Written> {
        let mut written = Vec::new();
        for (path, steps) in std::mem::take(&mut self.writes) {
            let Some(file) = self.files.get(plain_path(&path)) else {
                continue;
            };
            let was_run = self.evaluated.contains(&hash_of(&file.text));
            if !file.known || was_run || file.text.len() < SHORTEST_ARTIFACT {
                continue;
            }
            let content = encoding::to_bytes(&file.text);
            if unfold::encoded::is_something(&content) {
                written.push(Written {
                    path,
                    content,
                    steps,
                });
            }
        }
        written
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
        self.inside_decoded(&Value::default(), step, inner)
    }

    /// Runs `inner` behind the decodings that `code` went through and one more step.
    pub fn inside_decoded<T>(
        &mut self,
        code: &Value,
        step: Step,
        inner: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let outside = self.enter(code, step)?;
        let result = inner(self);
        self.leave(outside);
        Some(result)
    }

    /// Goes behind the decodings that `code` went through and one step further in, unless that is
    /// too deep; then notes a gap. What is returned goes back to [`World::leave`]: for a front-end
    /// that holds the world while it runs.
    pub fn enter(&mut self, code: &Value, step: Step) -> Option<Outside> {
        let outside = Outside {
            steps: self.steps.len(),
            evidence: self.evidence.clone(),
        };
        let decodings = code.from.iter().filter_map(|from| match from {
            Provenance::Decoded(scheme) => Some(Step::new(scheme.clone())),
            _ => None,
        });
        self.steps.extend(decodings);
        if self.steps.len() >= self.budget.depth {
            self.gap(format!(
                "more than {} steps of encoding or evaluation inside one another",
                self.budget.depth
            ));
            self.steps.truncate(outside.steps);
            return None;
        }
        self.steps.push(step);
        Some(outside)
    }

    /// Goes back to where [`World::enter`] was called.
    pub fn leave(&mut self, outside: Outside) {
        self.steps.truncate(outside.steps);
        self.evidence = outside.evidence;
    }

    /// Runs `inner` with other standard streams and arguments, as a started program has them.
    pub fn with_standard<T>(
        &mut self,
        standard: [Stream; 3],
        arguments: Vec<Value>,
        inner: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = std::mem::replace(&mut self.standard, standard);
        let outer_arguments = std::mem::replace(&mut self.arguments, arguments);
        let result = inner(self);
        self.standard = outer;
        self.arguments = outer_arguments;
        result
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

    /// How many bytes decoding may still yield.
    pub const fn unfold_left(&self) -> usize {
        self.unfolded
    }

    /// Notes that a computation was left before its end: all its text was read, and only if the
    /// program is run may it come to more than was seen.
    pub fn doubt(&mut self, reason: impl Into<String>) {
        let doubt = (self.steps.clone(), GapReason::new(reason));
        if !self.doubts.contains(&doubt) && self.doubts.len() < 64 {
            self.doubts.push(doubt);
        }
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
        // A copy is what it is a copy of: the path comes from where the content came from.
        if let Behavior::SetMode { path, .. } = &mut behavior
            && let Some(content) = self.written(&path.text)
        {
            let sources = content.from.clone();
            *path = sources.into_iter().fold(path.clone(), Value::with_source);
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
        if code.text.is_empty() || is_placeholder(code) {
            return Value::unknown(Provenance::Output(language.name().to_owned()));
        }
        if self.evaluated.len() < FOLLOWED_FILES {
            self.evaluated.insert(hash_of(&code.text));
        }
        // A text that starts itself again does nothing that was not seen: no gap, no further step.
        let text = (language, hash_of(&code.text));
        if self.lowering.contains(&text) {
            return Value::unknown(Provenance::Output(language.name().to_owned()));
        }
        self.lowering.push(text);
        let printed = self.inside_decoded(code, step, |world| {
            language::lower(world, language, &code.text)
        });
        self.lowering.pop();
        printed.unwrap_or_else(|| Value::unknown(Provenance::Unknown))
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
        if let Some(name) = path.text.strip_prefix("/proc/sys/") {
            self.act(Behavior::SetKernelParameter {
                name: path.map_text(|_| name.replace('/', ".")),
                value: content.map_text(|text| text.trim_end().to_owned()),
            });
            return;
        }
        let Some(language) = language::of_data_path(&path.text) else {
            let is_new = || !self.writes.iter().any(|(known, _)| *known == path.text);
            if self.writes.len() < READ_FILES && is_new() {
                self.writes.push((path.text, self.steps.clone()));
            }
            return;
        };
        if content.text.is_empty() || is_placeholder(&content) {
            return;
        }
        let step = Step::new(format!("written to {}", path.text));
        self.inside_decoded(&content, step, |world| {
            language::lower(world, language, &content.text)
        });
    }

    // ---- files and variables ----

    /// What a file holds, if the program wrote it: else content of that path.
    pub fn content_of(&self, path: &Value) -> Value {
        let stored = self.written(&path.text).cloned();
        stored.unwrap_or_else(|| Value::unknown(Provenance::File(path.text.clone())))
    }

    /// Whether the program wrote this file, and with what. A relative path also finds a file of
    /// that name in another folder, for the program may have changed there; a path below a
    /// fetched folder (`git clone`, an unpacked archive) finds the folder's content.
    pub fn written(&self, path: &str) -> Option<&Value> {
        let has_folder = path.contains('/');
        let path = plain_path(path);
        if path.is_empty() || path.contains("{?}") {
            return None;
        }
        if let Some(content) = self.files.get(path) {
            return Some(content);
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if !path.starts_with('/') {
            let elsewhere = self.file_names.get(name);
            if let Some(content) = elsewhere.and_then(|path| self.files.get(path)) {
                return Some(content);
            }
        }
        if self.folders.is_empty() || !has_folder {
            return None;
        }
        let above = std::iter::successors(Some(folder), |folder| {
            (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(above, _)| above))
        });
        let mut found = above.take(FOLLOWED_FOLDERS);
        // The folder the program is in holds no absolute path.
        found.find_map(|folder| match folder {
            "" if path.starts_with('/') => None,
            folder => self.folders.get(folder),
        })
    }

    /// The program goes to `folder`: what it names without a folder lies there from now on.
    pub fn enter_folder(&mut self, folder: &Value) {
        let path = format!("{}/.", folder.text.trim_end_matches('/'));
        match self.written(&path).cloned() {
            Some(content) => self.remember_folder(&Value::literal(""), content),
            None => {
                self.folders.remove("");
            }
        }
    }

    /// From now on what lies below `folder` (empty: the one the program is in) came from where
    /// `content` came from: for archives and repositories.
    pub fn remember_folder(&mut self, folder: &Value, content: Value) {
        let folder = plain_path(&folder.text).trim_end_matches('/');
        let folder = if folder == "." { "" } else { folder };
        if self.folders.len() < FOLLOWED_FILES && !folder.contains("{?}") {
            let source = Value {
                text: "{?}".to_owned(),
                known: false,
                from: content.from,
            };
            self.folders.insert(folder.to_owned(), source);
        }
    }

    /// From now on `path` holds `content` (or has it appended): for copies, moves and downloads
    /// that are recorded as other acts.
    pub fn remember(&mut self, path: &Value, content: Value, append: bool) {
        let path = plain_path(&path.text);
        if path.is_empty() || path.contains("{?}") {
            return;
        }
        let is_new = !self.files.contains_key(path);
        let held = self.held.saturating_add(content.text.len());
        if held > self.budget.unfolded || is_new && self.files.len() >= FOLLOWED_FILES {
            self.gap("the program writes more files than are followed");
            return;
        }
        self.held = held;
        let name = path.rsplit('/').next().unwrap_or(path);
        self.file_names.insert(name.to_owned(), path.to_owned());
        match self.files.get_mut(path) {
            Some(held) if append => held.append(&content),
            _ => {
                if let Some(before) = self.files.insert(path.to_owned(), content) {
                    self.held = self.held.saturating_sub(before.text.len());
                }
            }
        }
    }

    /// From now on programs started from here have this variable, or (with `None`) have it no
    /// more; returns what it was before.
    pub fn export(&mut self, name: &str, value: Option<Value>) -> Option<Value> {
        match value {
            Some(value) if self.environment.len() < EXPORTED_VARIABLES => {
                self.environment.insert(name.to_owned(), value)
            }
            _ => self.environment.remove(name),
        }
    }

    /// How many acts are recorded so far.
    pub const fn act_count(&self) -> usize {
        self.acts.len()
    }

    /// An environment variable as the image sets it, or an unknown value named after it.
    pub fn environment(&self, name: &str) -> Value {
        match self.environment.get(name) {
            Some(value) => value.clone(),
            None => {
                let value = Value::unknown(Provenance::Environment(name.to_owned()));
                match is_of_request(name) {
                    true => value.with_source(Provenance::Request(name.to_owned())),
                    false => value,
                }
            }
        }
    }

    /// Programs that read a named pipe whose other end is a connection read the connection:
    /// `mkfifo p; sh <p | nc host port >p`. Known only at the end, when both sides were seen.
    fn join_named_pipes(&mut self) {
        let files = &self.files;
        let content = |path: &str| files.get(plain_path(path));
        let connection_behind = |stream: &Stream| match stream {
            Stream::File(path) => content(&path.text).and_then(Value::received_over),
            Stream::Text(value) => value.from.iter().find_map(|from| match from {
                Provenance::File(path) => content(path).and_then(Value::received_over),
                _ => None,
            }),
            _ => None,
        };
        for act in &mut self.acts {
            match &mut act.behavior {
                Behavior::Execute { input, .. } => {
                    if let Some(connection) = connection_behind(input) {
                        *input = Stream::Connection(connection);
                    }
                }
                Behavior::Evaluate { code, .. } if !code.known => {
                    if let Some(connection) = connection_behind(&Stream::Text(code.clone())) {
                        *code = code.clone().with_source(Provenance::Received(connection));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether a variable is one in which a web server hands a program what a request holds (RFC 3875,
/// section 4.1), and that nothing else is called.
fn is_of_request(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "QUERY_STRING",
        "PATH_INFO",
        "REQUEST_URI",
        "HTTP_COOKIE",
        "HTTP_USER_AGENT",
        "HTTP_REFERER",
        "HTTP_ACCEPT_LANGUAGE",
    ];
    NAMES.contains(&name) || name.starts_with("HTTP_X_")
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// A path without the `./` in front that changes nothing.
fn plain_path(mut path: &str) -> &str {
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    path
}

/// Whether nothing of the value is known: its text is one placeholder.
pub fn is_placeholder(value: &Value) -> bool {
    let text = value.text.trim();
    let mut depth = 0_u32;
    let closes_early = text.char_indices().any(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && at + 1 < text.len()
    });
    !value.known && text.starts_with('{') && text.ends_with('}') && !closes_early
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_one_pair_of_braces() {
        let unknown = |text: &str| Value {
            text: text.to_owned(),
            known: false,
            from: Vec::new(),
        };
        assert!(is_placeholder(&unknown("{content of http://{HOST}/x}\n")));
        assert!(!is_placeholder(&unknown("{A}{B}")));
        assert!(!is_placeholder(&unknown("{ ls; }; {X}")));
        assert!(!is_placeholder(&Value::literal("{X}")));
    }

    #[test]
    fn decodings_are_steps_of_what_they_yield() {
        let budget = Budget::default();
        let mut world = World::new(&budget);
        let code = Value::literal("id")
            .with_source(Provenance::Decoded("gzip".to_owned()))
            .with_source(Provenance::Decoded("base64".to_owned()));
        let target = Value::literal("1");
        world.inside_decoded(&code, Step::new("sh"), |world| {
            world.act(Behavior::Kill {
                target: target.clone(),
            });
        });
        world.act(Behavior::Kill { target });
        let steps = |act: &Act| {
            act.steps
                .iter()
                .map(|step| step.0.clone())
                .collect::<Vec<_>>()
        };
        let acts = world.finish().acts;
        assert_eq!(steps(&acts[0]), ["base64", "gzip", "sh"]);
        assert!(steps(&acts[1]).is_empty());
    }

    #[test]
    fn files_are_found_again_by_the_ways_they_are_named() {
        let budget = Budget::default();
        let mut world = World::new(&budget);
        world.remember(&"/tmp/a".into(), "one".into(), false);
        world.remember(&"./b".into(), "two".into(), false);
        let repository = Value::unknown(Provenance::Fetched("u".to_owned()));
        world.remember_folder(&"/opt/r".into(), repository.clone());
        let text = |path: &str| world.written(path).map(|value| value.text.as_str());
        assert_eq!(text("./a"), Some("one"));
        assert_eq!(text("b"), Some("two"));
        assert_eq!(text("/other/a"), None);
        assert_eq!(text("/opt/r/x/run.sh"), Some("{?}"));
        assert_eq!(text("./c/d"), None);
        world.remember_folder(&".".into(), repository);
        let from = |path: &str| world.written(path).and_then(Value::fetched_from);
        assert_eq!(from("./c/d"), Some("u"));
        assert_eq!(from("c"), None);
        assert_eq!(from("/c/d"), None);
    }
}
