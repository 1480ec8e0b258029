//! One artifact to its facts: a file of the image, or what was found inside one.
//!
//! A file and a member of an archive inside an encoded text go through the same [`Reader`]: kind,
//! program, disguise, indicators, and what it holds in turn ([`crate::unfold`]). So content is
//! judged the same wherever it sits; its facts carry the steps that lead to it.

use std::io::Read;

use model::{Budget, ContentKind, Fact, GapReason, Language, LayerGap, RuleMatch, Step, text};

use crate::file::FileReading;
use crate::language::python::pyc;
use crate::unfold::{self, Bounds};
use crate::world::{Lowered, World};
use crate::yara::Rules;
use crate::{binary, encoding, guess, indicator, kind, language, secret};

/// Most gaps kept of one file: a broken archive could have one a member.
const MOST_GAPS: usize = 64;

/// Most facts kept of one file: an archive may hold any number of programs.
const MOST_FACTS: usize = 8_192;

/// Content with what is known of it before it is read.
#[derive(Debug, Clone)]
pub struct Artifact<'a> {
    /// The path it has, or would have if its holder were unpacked; empty if it has no name.
    pub path: &'a [u8],
    /// Whether it may be run as it is, by its mode.
    pub executable: bool,
    /// Its bytes.
    pub content: &'a [u8],
    /// How it was reached inside the file.
    pub steps: Vec<Step>,
    /// What its holder says it is.
    pub told: Told,
}

/// What the holder of an artifact says of its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing: its name and its bytes decide.
    Nothing,
    /// It is a program of this language.
    Program(Language),
    /// It reads like code of this language.
    Guess(Language),
}

impl Artifact<'_> {
    /// The last component of the path.
    pub fn name(&self) -> &[u8] {
        let start = memchr::memrchr(b'/', self.path).map_or(0, |slash| slash + 1);
        self.path.get(start..).unwrap_or_default()
    }

    /// The steps with one more.
    pub fn further(&self, step: impl Into<String>) -> Vec<Step> {
        let mut steps = self.steps.clone();
        steps.push(Step::new(step));
        steps
    }
}

/// Reads a file and all that it holds, within the bounds of one file.
pub struct Reader<'a> {
    /// The bounds of a single text.
    pub budget: &'a Budget,
    /// Rules of the user's own.
    rules: Option<&'a Rules>,
    /// What was found so far.
    pub reading: FileReading,
    /// What may still be spent.
    pub bounds: Bounds,
    /// Whether the outermost artifact is held whole, not only its head.
    pub is_whole: bool,
}

impl<'a> Reader<'a> {
    /// A reader for a file of `length` bytes.
    pub fn new(length: usize, budget: &'a Budget, rules: Option<&'a Rules>) -> Self {
        Self {
            budget,
            rules,
            reading: FileReading::default(),
            bounds: Bounds::new(length, budget),
            is_whole: true,
        }
    }

    /// Reads an artifact; returns its kind.
    pub fn read(&mut self, artifact: &Artifact) -> ContentKind {
        let kind = kind::of_content(artifact.content);
        let program = program(artifact, kind);
        let before = self.programs();
        if let Some((language, declared)) = program {
            self.lower(artifact, language, declared);
        }
        // Text that only reads like a program must also do something to count as one.
        let does = self.programs() > before;
        if let Some(name_says) = kind::harmless_extension(artifact.name())
            && (kind.is_program() || does)
        {
            self.fact(Fact::Disguise {
                name_says: name_says.to_owned(),
                content: program.map_or(kind, |(language, _)| ContentKind::Script(language)),
                steps: artifact.steps.clone(),
                evidence: start_of(artifact.content),
            });
        }
        if kind == ContentKind::Elf && (self.is_whole || !artifact.steps.is_empty()) {
            let content = artifact.content;
            binary::read(content, &artifact.steps, self.budget, &mut self.reading);
        }
        for found in indicator::strong(artifact.content) {
            self.fact(indicator_fact(artifact, &found));
        }
        for secret in secrets(artifact.content, &artifact.steps) {
            self.fact(secret);
        }
        self.apply_rules(artifact);
        unfold::inside(self, artifact, kind, program.map(|(language, _)| language));
        kind
    }

    /// Applies the user's own rules.
    fn apply_rules(&mut self, artifact: &Artifact) {
        let Some(rules) = self.rules else {
            return;
        };
        let path = String::from_utf8_lossy(artifact.path);
        let matches = rules.matches(&path, artifact.content);
        let matches = matches.unwrap_or_else(|unfinished| {
            self.gap(&artifact.steps, unfinished.reason, false);
            unfinished.matches
        });
        for found in matches {
            let steps = artifact.steps.clone();
            self.fact(Fact::RuleMatch(RuleMatch { steps, ..found }));
        }
    }

    /// Reads a member from a stream, up to what may be held. A stream that decodes is a
    /// [`Counted`](unfold::Counted) one.
    pub fn member(&mut self, member: &Member, from: &mut dyn Read) {
        if !self.may_enter(&member.steps) {
            return;
        }
        let room = self.bounds.room(self.budget);
        let mut content = Vec::new();
        let whole = unfold::fill(from, &mut content, room);
        self.read_held(member, content, whole);
    }

    /// Reads content that was decoded already and belongs to the reader now.
    pub fn decoded(&mut self, member: &Member, content: Vec<u8>) {
        if self.may_enter(&member.steps) && self.bounds.take(content.len()) {
            self.read_held(member, content, true);
        } else {
            self.note_exhausted(&member.steps);
        }
    }

    fn read_held(&mut self, member: &Member, content: Vec<u8>, whole: bool) {
        self.note_exhausted(&member.steps);
        self.bounds.held += content.len();
        let kind = self.read(&Artifact {
            path: &member.path,
            executable: member.executable,
            content: &content,
            steps: member.steps.clone(),
            told: member.told,
        });
        self.bounds.held -= content.len();
        if !whole && (kind::needs_all(kind)) && !self.bounds.exhausted() {
            let reason = format!(
                "it is longer than {} bytes: only its head was looked at as {}",
                content.len(),
                kind.name()
            );
            self.gap(&member.steps, reason, kind::is_packed(kind));
        }
    }

    /// Whether something at these steps may be read: not too deep, and not too many.
    fn may_enter(&mut self, steps: &[Step]) -> bool {
        if steps.len() > self.budget.depth {
            let reason = format!(
                "more than {} steps of encoding or packing inside one another",
                self.budget.depth
            );
            self.gap(steps, reason, false);
            return false;
        }
        if !self.bounds.one_more() {
            self.gap(&[], unfold::too_many(), false);
            return false;
        }
        true
    }

    /// Notes, once, that decoding yields more than it may.
    pub fn note_exhausted(&mut self, steps: &[Step]) {
        if self.bounds.exhausted() && !std::mem::replace(&mut self.bounds.noted, true) {
            let reason = format!("decoding yields more than {} bytes", self.bounds.allowed);
            self.gap(steps, reason, false);
        }
    }

    /// Notes that something was not read; `guessed` as in [`LayerGap::guessed`].
    pub fn gap(&mut self, steps: &[Step], reason: impl Into<String>, guessed: bool) {
        let gap = LayerGap {
            file: None,
            steps: steps.to_vec(),
            reason: GapReason::new(reason),
            guessed,
        };
        if self.reading.gaps.len() < MOST_GAPS && !self.reading.gaps.contains(&gap) {
            self.reading.gaps.push(gap);
        }
    }

    /// Keeps a fact, unless it is an indicator that is known already.
    pub fn fact(&mut self, fact: Fact) {
        if same_indicator_known(&self.reading.facts, &fact) {
            return;
        }
        if self.reading.facts.len() >= MOST_FACTS {
            self.gap(
                &[],
                format!("more than {MOST_FACTS} facts in one file"),
                false,
            );
            return;
        }
        self.reading.facts.push(fact);
    }

    fn programs(&self) -> usize {
        let is_program = |fact: &&Fact| matches!(fact, Fact::Program(_));
        self.reading.facts.iter().filter(is_program).count()
    }

    /// Lowers an artifact as a program of a language.
    fn lower(&mut self, artifact: &Artifact, language: Language, declared: bool) {
        let (fuel, acts) = self.bounds.program(self.budget);
        if fuel == 0 || acts == 0 {
            let reason =
                "the programs in this file take more steps to follow than the budget allows";
            self.gap(&artifact.steps, reason, false);
            return;
        }
        let budget = Budget {
            fuel,
            acts,
            ..self.budget.clone()
        };
        let text = encoding::to_text(text_part(artifact.content));
        let mut world = World::new(&budget);
        language::lower(&mut world, language, &text);
        let lowered = world.finish();
        self.bounds.spend(lowered.spent, lowered.acts.len());
        self.take(lowered, language, declared, &artifact.steps);
    }

    fn take(&mut self, mut lowered: Lowered, language: Language, declared: bool, steps: &[Step]) {
        for (inner, reason) in std::mem::take(&mut lowered.gaps) {
            let steps = [steps, &inner[..]].concat();
            self.gap(&steps, reason.0, !declared);
        }
        for (inner, reason) in std::mem::take(&mut lowered.doubts) {
            let steps = [steps, &inner[..]].concat();
            self.gap(&steps, reason.0, true);
        }
        for fact in lowered.wallets(steps) {
            self.fact(fact);
        }
        let written = std::mem::take(&mut lowered.written);
        if !lowered.acts.is_empty() {
            let program = lowered.into_program(language, steps.to_vec(), declared);
            self.fact(Fact::Program(program));
        }
        for file in written {
            let mut steps = [steps, &file.steps[..]].concat();
            steps.push(Step::new(format!("written to {}", file.path)));
            let member = Member::new(file.path.into_bytes(), steps);
            self.decoded(&member, file.content);
        }
    }
}

/// A member of an artifact, before its content is read.
#[derive(Debug, Clone)]
pub struct Member {
    /// As in [`Artifact::path`].
    pub path: Vec<u8>,
    /// As in [`Artifact::executable`].
    pub executable: bool,
    /// As in [`Artifact::steps`].
    pub steps: Vec<Step>,
    /// As in [`Artifact::told`].
    pub told: Told,
}

impl Member {
    /// A member that cannot be run and of which nothing is told.
    pub fn new(path: impl Into<Vec<u8>>, steps: Vec<Step>) -> Self {
        Self {
            path: path.into(),
            executable: false,
            steps,
            told: Told::Nothing,
        }
    }
}

/// The language of an artifact, and whether something says that it is a program.
fn program(artifact: &Artifact, kind: ContentKind) -> Option<(Language, bool)> {
    match artifact.told {
        Told::Program(language) => return Some((language, true)),
        Told::Guess(language) => return Some((language, false)),
        Told::Nothing => {}
    }
    match kind {
        ContentKind::Script(language) => return Some((language, true)),
        // What cannot be read is a gap if it is run: new versions come every year.
        ContentKind::Pyc => return Some((Language::Python, pyc::is_known(artifact.content))),
        ContentKind::Text => {}
        _ => return None,
    }
    let path = String::from_utf8_lossy(artifact.path);
    let head = &artifact.content[..artifact.content.len().min(1 << 20)];
    let text = String::from_utf8_lossy(head);
    let told = language::of_data_path(&path)
        .or_else(|| language::of_extension(artifact.name()))
        .or_else(|| language::of_whole(&text));
    if let Some(language) = told {
        let declared = language::front_end(language).is_none_or(|known| known.runs_in_place);
        return Some((language, declared));
    }
    if let Some(language) = guess::language(&text) {
        return Some((language, artifact.executable));
    }
    // The kernel does not start a text without interpreter line, but every shell that is told to
    // start it then reads it itself (POSIX, XCU 2.9.1.4).
    artifact.executable.then_some((Language::Shell, false))
}

/// Whether an indicator is among the facts.
pub fn same_indicator_known(facts: &[Fact], fact: &Fact) -> bool {
    let Fact::Indicator { indicator, .. } = fact else {
        return false;
    };
    let same = |known: &Fact| matches!(known, Fact::Indicator { indicator: known, .. } if known == indicator);
    facts.iter().any(same)
}

/// The fact that an indicator stands in an artifact.
pub fn indicator_fact(artifact: &Artifact, found: &indicator::Found) -> Fact {
    let content = artifact.content;
    let start = found.offset.saturating_sub(32);
    let end = (found.offset + found.indicator.value.len() + 32).min(content.len());
    Fact::Indicator {
        indicator: found.indicator.clone(),
        steps: artifact.steps.clone(),
        line: line_of(content, found.offset),
        evidence: text::evidence(&text::printable(
            content.get(start..end).unwrap_or_default(),
        )),
    }
}

/// The secrets in some content, as facts.
pub fn secrets(content: &[u8], steps: &[Step]) -> Vec<Fact> {
    let found = secret::find(content).into_iter();
    let fact = |found: secret::Found| Fact::Secret {
        kind: found.kind.to_owned(),
        shown: text::printable(found.shown.as_bytes()),
        steps: steps.to_vec(),
        line: line_of(content, found.offset),
    };
    found.map(fact).collect()
}

/// The line, from 1, that holds the byte at `offset`.
fn line_of(content: &[u8], offset: usize) -> u32 {
    let before = content.get(..offset).unwrap_or_default();
    u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).unwrap_or(0)
}

/// The text before binary data: a script may carry an archive behind its last line. Compiled code
/// is all of it.
pub fn text_part(content: &[u8]) -> &[u8] {
    if kind::of_content(content) == ContentKind::Pyc {
        return content;
    }
    match memchr::memchr(0, content) {
        None => content,
        Some(nul) => {
            &content[..memchr::memrchr(b'\n', &content[..nul]).map_or(nul, |line| line + 1)]
        }
    }
}

/// How content starts, printable and short.
pub fn start_of(content: &[u8]) -> String {
    text::evidence(&text::printable(&content[..content.len().min(160)]))
}
