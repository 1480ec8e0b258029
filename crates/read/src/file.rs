//! One file to its facts.

use model::{Budget, ContentKind, Entry, Fact, GapReason, LayerGap};
use sha2::{Digest, Sha256};

use crate::artifact::{self, Artifact, Reader, Told};
use crate::{indicator, kind};

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
        self.note(reason, false);
    }

    fn note(&mut self, reason: impl Into<String>, guessed: bool) {
        let reason = GapReason::new(reason);
        self.gaps.push(LayerGap {
            file: None,
            steps: Vec::new(),
            reason,
            guessed,
        });
    }
}

/// Reads a file whose content is held whole.
pub fn file(entry: &Entry, content: &[u8], budget: &Budget) -> FileReading {
    let mut reader = Reader::new(content.len(), budget);
    let kind = reader.read(&outermost(entry, content));
    let mut reading = reader.reading;
    reading.content = kind;
    if !content.is_empty() {
        reading.sha256 = Some(Sha256::digest(content).into());
    }
    reading
}

/// The file itself as an artifact.
fn outermost<'a>(entry: &'a Entry, content: &'a [u8]) -> Artifact<'a> {
    Artifact {
        path: &entry.path,
        executable: entry.is_executable(),
        content,
        steps: Vec::new(),
        told: Told::Nothing,
    }
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
        }
    }

    /// Takes the next piece, of any length; pieces of 1 MiB and more cost least.
    pub fn push(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        let room = self.budget.program_text.saturating_sub(self.head.len());
        self.head.extend_from_slice(&piece[..room.min(piece.len())]);
        self.tail.extend_from_slice(piece);
        let holder = outermost(self.entry, &self.tail);
        for found in indicator::strong(&self.tail) {
            let fact = artifact::indicator_fact(&holder, &found);
            if self.facts.len() < indicator::MOST
                && !artifact::same_indicator_known(&self.facts, &fact)
            {
                self.facts.push(fact);
            }
        }
        let kept = self.tail.len().saturating_sub(OVERLAP);
        self.tail.drain(..kept);
    }

    /// Ends the file.
    pub fn finish(self) -> FileReading {
        let mut reader = Reader::new(self.head.len(), self.budget);
        let content = reader.read(&outermost(self.entry, &self.head));
        for fact in self.facts {
            reader.fact(fact);
        }
        let mut reading = reader.reading;
        reading.content = content;
        reading.sha256 = Some(self.hash.finalize().into());
        if kind::needs_all(content) {
            let reason = format!(
                "it is longer than {} bytes: only its head was looked at as {}",
                self.budget.whole_file,
                content.name()
            );
            // An archive does nothing unless something that runs unpacks it.
            reading.note(reason, kind::is_packed(content));
        }
        reading
    }
}
