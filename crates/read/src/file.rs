//! One file to its facts.

use bstr::ByteSlice;
use model::{Budget, ContentKind, Entry, Fact, GapReason, LayerGap, OldDigests};
use sha2::{Digest, Sha256};

use crate::artifact::{self, Artifact, Reader, Told};
use crate::package::{self, OldHashes};
use crate::yara::Rules;
use crate::{binary, indicator, kind, language};

/// All that reading one file yields.
#[derive(Debug, Clone, Default)]
pub struct FileReading {
    /// What it is.
    pub content: ContentKind,
    /// Its SHA-256, unless it is empty.
    pub sha256: Option<[u8; 32]>,
    /// The digests package databases use, of programs where packages put them.
    pub old_digests: Option<OldDigests>,
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

    /// The same; `guessed` as in [`LayerGap::guessed`].
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

/// Reads a file whose content is held whole; `rules` are the user's own.
pub fn file(entry: &Entry, content: &[u8], budget: &Budget, rules: Option<&Rules>) -> FileReading {
    let mut reader = Reader::new(content.len(), budget, rules);
    let kind = reader.read(&outermost(entry, content));
    let mut reading = reader.reading;
    reading.content = kind;
    if !content.is_empty() {
        reading.sha256 = Some(Sha256::digest(content).into());
    }
    if takes_old_digests(entry, content) {
        let mut hashes = OldHashes::default();
        hashes.update(content);
        reading.old_digests = Some(hashes.finish());
    }
    packages(entry, content, &mut reading);
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
    rules: Option<&'a Rules>,
    hash: Sha256,
    /// Taken of a program only.
    old_hashes: Option<OldHashes>,
    head: Vec<u8>,
    /// How much of it is kept.
    kept: usize,
    length: u64,
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
    pub fn new(entry: &'a Entry, budget: &'a Budget, rules: Option<&'a Rules>) -> Self {
        Self {
            entry,
            budget,
            rules,
            hash: Sha256::new(),
            old_hashes: None,
            head: Vec::new(),
            // A database is understood whole or not at all.
            kept: if package::is_database(entry.path.as_bstr()) {
                package::LONGEST_DATABASE
            } else {
                budget.program_text
            },
            length: 0,
            tail: Vec::new(),
            facts: Vec::new(),
            words: binary::Found::default(),
        }
    }

    /// Takes the next piece, of any length; pieces of 1 MiB and more cost least.
    pub fn push(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        if self.length == 0 && takes_old_digests(self.entry, piece) {
            self.old_hashes = Some(OldHashes::default());
        }
        if let Some(hashes) = &mut self.old_hashes {
            hashes.update(piece);
        }
        self.length += piece.len() as u64;
        let room = self.kept.saturating_sub(self.head.len());
        self.head.extend_from_slice(&piece[..room.min(piece.len())]);
        if kind::of_content(&self.head) == ContentKind::Elf {
            self.words.push(piece);
        }
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
        let head = &self.head[..self.head.len().min(self.budget.program_text)];
        let mut reader = Reader::new(head.len(), self.budget, self.rules);
        reader.is_whole = false;
        let content = reader.read(&outermost(self.entry, head));
        for fact in self.facts {
            reader.fact(fact);
        }
        let mut reading = reader.reading;
        reading.content = content;
        reading.sha256 = Some(self.hash.finalize().into());
        reading.old_digests = self.old_hashes.map(OldHashes::finish);
        if content == ContentKind::Elf {
            binary::read_head(head, &self.words, self.budget, &mut reading);
        }
        if self.length == self.head.len() as u64 {
            packages(self.entry, &self.head, &mut reading);
        } else if package::is_database(self.entry.path.as_bstr()) {
            reading.gap(format!(
                "the package database is longer than {} bytes: what it says is not known",
                package::LONGEST_DATABASE
            ));
        }
        if self.rules.is_some() {
            reading.gap(format!(
                "it is longer than {} bytes: the YARA rules were applied to the first {} only",
                self.budget.whole_file,
                head.len()
            ));
        }
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

/// Whether the digests that package databases use are worth taking: of what runs, where packages
/// put it. `head` is the file's start.
fn takes_old_digests(entry: &Entry, head: &[u8]) -> bool {
    if head.is_empty() || !package::is_system_place(entry.path.as_bstr()) {
        return false;
    }
    let kind = kind::of_content(head);
    kind.is_program()
        || kind == ContentKind::Text
            && (entry.is_executable() || language::of_extension(entry.name()).is_some())
}

/// What a package database says.
fn packages(entry: &Entry, content: &[u8], reading: &mut FileReading) {
    let Some(database) = package::read(entry.path.as_bstr(), content) else {
        return;
    };
    for gap in database.gaps {
        reading.gap(gap);
    }
    let files = database.files;
    if !files.packages.is_empty() || !files.diversions.is_empty() {
        reading.facts.push(Fact::Packages(Box::new(files)));
    }
}
