//! One file to its facts.

use model::{Budget, ContentKind, Entry, Fact, GapReason, Language, LayerGap, Step, text};
use sha2::{Digest, Sha256};

use crate::world::{Lowered, World};
use crate::{binary, encoding, guess, indicator, kind, language};

/// All that reading one file yields.
#[derive(Debug, Clone, Default)]
pub struct FileReading {
    /// What it is.
    pub content: ContentKind,
    /// Its SHA-256, unless it is empty.
    pub sha256: Option<[u8; 32]>,
    /// What is known.
    pub facts: Vec<Fact>,
    /// What was not followed, and how deep inside; whose file it is, the layer knows.
    pub gaps: Vec<LayerGap>,
}

impl FileReading {
    /// Notes that the file could not be read or followed as a whole.
    pub fn gap(&mut self, reason: impl Into<String>) {
        let reason = GapReason::new(reason);
        self.gaps.push(LayerGap {
            file: None,
            steps: Vec::new(),
            reason,
            guessed: false,
        });
    }
}

/// Reads a file whose content is held whole.
pub fn file(entry: &Entry, content: &[u8], budget: &Budget) -> FileReading {
    let mut reading = FileReading {
        content: kind::of_content(content),
        ..FileReading::default()
    };
    if !content.is_empty() {
        reading.sha256 = Some(Sha256::digest(content).into());
    }
    look(entry, content, budget, &mut reading);
    if reading.content == ContentKind::Elf {
        binary::read(content, &[], budget, &mut reading);
    }
    for found in indicator::strong(content) {
        let fact = indicator_fact(content, &found);
        if !reading
            .facts
            .iter()
            .any(|known| same_indicator(known, &fact))
        {
            reading.facts.push(fact);
        }
    }
    reading
}

/// A file too long to be held: its bytes come in pieces.
pub struct LongFile<'a> {
    entry: &'a Entry,
    budget: &'a Budget,
    hash: Sha256,
    head: Vec<u8>,
    /// The end of the last piece, so that nothing is missed across a border.
    tail: Vec<u8>,
    facts: Vec<Fact>,
    /// Telling words, for a compiled program.
    words: binary::Found,
}

/// Longer than any indicator: a wallet, a pool URL.
const OVERLAP: usize = 512;

impl<'a> LongFile<'a> {
    /// Begins a file.
    pub fn new(entry: &'a Entry, budget: &'a Budget) -> Self {
        Self {
            entry,
            budget,
            hash: Sha256::new(),
            head: Vec::new(),
            tail: Vec::new(),
            facts: Vec::new(),
            words: binary::Found::default(),
        }
    }

    /// Takes the next piece, of any length; pieces of 1 MiB and more cost least.
    pub fn push(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        let room = self.budget.program_text.saturating_sub(self.head.len());
        self.head.extend_from_slice(&piece[..room.min(piece.len())]);
        if kind::of_content(&self.head) == ContentKind::Elf {
            self.words.push(piece);
        }
        self.tail.extend_from_slice(piece);
        for found in indicator::strong(&self.tail) {
            let fact = indicator_fact(&self.tail, &found);
            if self.facts.len() < indicator::MOST
                && !self.facts.iter().any(|known| same_indicator(known, &fact))
            {
                self.facts.push(fact);
            }
        }
        let kept = self.tail.len().saturating_sub(OVERLAP);
        self.tail.drain(..kept);
    }

    /// Ends the file.
    pub fn finish(self) -> FileReading {
        let content = kind::of_content(&self.head);
        let mut reading = FileReading {
            content,
            sha256: Some(self.hash.finalize().into()),
            ..FileReading::default()
        };
        look(self.entry, &self.head, self.budget, &mut reading);
        if content == ContentKind::Elf {
            binary::read_head(&self.head, &self.words, self.budget, &mut reading);
        }
        reading.facts.extend(self.facts);
        let partly = matches!(
            content,
            ContentKind::Script(_) | ContentKind::Jpeg | ContentKind::Png | ContentKind::Gif
        );
        if partly {
            let reason = format!(
                "it is longer than {} bytes: only its head was looked at as {}",
                self.budget.whole_file,
                content.name()
            );
            reading.gap(reason);
        }
        reading
    }
}

fn same_indicator(one: &Fact, other: &Fact) -> bool {
    match (one, other) {
        (
            Fact::Indicator { indicator: one, .. },
            Fact::Indicator {
                indicator: other, ..
            },
        ) => one == other,
        _ => false,
    }
}

fn indicator_fact(content: &[u8], found: &indicator::Found) -> Fact {
    let start = found.offset.saturating_sub(32);
    let end = (found.offset + found.indicator.value.len() + 32).min(content.len());
    let line = content[..found.offset]
        .iter()
        .filter(|&&b| b == b'\n')
        .count()
        + 1;
    Fact::Indicator {
        indicator: found.indicator.clone(),
        steps: Vec::new(),
        line: u32::try_from(line).unwrap_or(0),
        evidence: text::evidence(&text::printable(&content[start..end])),
    }
}

/// Finds programs, disguises and what follows a picture.
fn look(entry: &Entry, content: &[u8], budget: &Budget, reading: &mut FileReading) {
    let kind = reading.content;
    let found = program(entry, kind, content);
    if let Some((language, declared)) = found {
        lower(language, content, declared, Vec::new(), budget, reading);
    }
    // Text that only reads like a program must also do something to count as one.
    let does = reading
        .facts
        .iter()
        .any(|fact| matches!(fact, Fact::Program(_)));
    if let Some(name_says) = kind::harmless_extension(entry.name())
        && (kind.is_program() || does)
    {
        let content_kind = found.map_or(kind, |(language, _)| ContentKind::Script(language));
        reading.facts.push(Fact::Disguise {
            name_says: name_says.to_owned(),
            content: content_kind,
            evidence: start_of(content),
        });
    }
    if let Some(end) = kind::picture_end(kind, content) {
        trailing(kind, content, end, budget, reading);
    }
}

/// The language of a file, and whether something says that it is a program.
fn program(entry: &Entry, kind: ContentKind, content: &[u8]) -> Option<(Language, bool)> {
    match kind {
        ContentKind::Script(language) => return Some((language, true)),
        ContentKind::Text => {}
        _ => return None,
    }
    let path = String::from_utf8_lossy(&entry.path);
    if let Some(language) = language::of_data_path(&path) {
        return Some((language, true));
    }
    if let Some(language) = language::of_extension(entry.name()) {
        return Some((language, true));
    }
    let text = String::from_utf8_lossy(&content[..content.len().min(1 << 20)]);
    if let Some(language) = language::of_whole(&text) {
        return Some((language, true));
    }
    guess::language(&text).map(|language| (language, entry.is_executable()))
}

/// Reports what follows the end of a picture.
fn trailing(
    picture: ContentKind,
    content: &[u8],
    end: usize,
    budget: &Budget,
    reading: &mut FileReading,
) {
    let Some(rest) = content.get(end..) else {
        return;
    };
    let padding = rest
        .iter()
        .take_while(|b| b.is_ascii_whitespace() || **b == 0)
        .count();
    let (offset, rest) = (end + padding, &rest[padding..]);
    if rest.is_empty() {
        return;
    }
    let kind = kind::of_content(rest);
    let guessed = match kind {
        ContentKind::Script(language) => Some(language),
        ContentKind::Text => guess::language(&String::from_utf8_lossy(rest)),
        _ => None,
    };
    reading.facts.push(Fact::Trailing {
        picture,
        offset: offset as u64,
        length: rest.len() as u64,
        content: guessed.map_or(kind, ContentKind::Script),
        evidence: start_of(rest),
    });
    if let Some(language) = guessed {
        let step = Step::new(format!("after the end of {}", picture.name()));
        // No line of the file can be told: the picture has none.
        lower(
            language,
            rest,
            kind.is_program(),
            vec![step],
            budget,
            reading,
        );
    }
}

fn lower(
    language: Language,
    content: &[u8],
    declared: bool,
    steps: Vec<Step>,
    budget: &Budget,
    reading: &mut FileReading,
) {
    let text = encoding::to_text(text_part(content));
    let mut world = World::new(budget);
    language::lower(&mut world, language, &text);
    take(world.finish(), language, declared, steps, reading);
}

fn take(
    lowered: Lowered,
    language: Language,
    declared: bool,
    steps: Vec<Step>,
    reading: &mut FileReading,
) {
    let gap = |(inner, reason): &(Vec<Step>, GapReason)| LayerGap {
        file: None,
        steps: [&steps[..], &inner[..]].concat(),
        reason: reason.clone(),
        guessed: !declared,
    };
    reading.gaps.extend(lowered.gaps.iter().map(gap));
    for fact in lowered.wallets(&steps) {
        if !reading
            .facts
            .iter()
            .any(|known| same_indicator(known, &fact))
        {
            reading.facts.push(fact);
        }
    }
    if !lowered.acts.is_empty() {
        reading.facts.push(Fact::Program(
            lowered.into_program(language, steps, declared),
        ));
    }
}

/// The text before binary data: a script may carry an archive behind its last line.
fn text_part(content: &[u8]) -> &[u8] {
    match memchr::memchr(0, content) {
        None => content,
        Some(nul) => {
            &content[..memchr::memrchr(b'\n', &content[..nul]).map_or(nul, |line| line + 1)]
        }
    }
}

/// How content starts, printable and short.
fn start_of(content: &[u8]) -> String {
    text::evidence(&text::printable(&content[..content.len().min(160)]))
}
