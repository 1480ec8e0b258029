//! One layer's entries to its facts.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{EntryVisitor, LayerEnd};
use model::{
    Budget, ContentKind, Entry, EntryKind, FileFacts, FileRecord, GapReason, LayerFacts, LayerGap,
};
use read::yara::Rules;
use read::{FileReading, LongFile};

use crate::Settings;
use crate::progress::{Event, Progress};

/// Pieces in which long files are read, in bytes.
const PIECE: usize = 1 << 20;

/// Entries between two progress events: often enough to be seen moving.
const EVENT_EVERY: u64 = 1_000;

/// Reads the entries of one layer.
pub struct LayerReader<'a> {
    budget: &'a Budget,
    rules: Option<&'a Rules>,
    progress: &'a dyn Progress,
    key: String,
    facts: LayerFacts,
    bytes: u64,
    /// Content of the file being read; kept between files so that memory stays flat.
    buffer: Vec<u8>,
}

impl<'a> LayerReader<'a> {
    /// Begins a layer.
    pub fn new(
        key: &str,
        size: Option<u64>,
        settings: &'a Settings,
        progress: &'a dyn Progress,
    ) -> Self {
        progress.event(Event::LayerStarted { key, size });
        Self {
            budget: &settings.options.budget,
            rules: settings.rules.as_ref(),
            progress,
            key: key.to_owned(),
            facts: LayerFacts::default(),
            bytes: 0,
            buffer: Vec::new(),
        }
    }

    /// Ends the layer with what its source says of it.
    pub fn finish(mut self, end: LayerEnd) -> LayerFacts {
        self.facts.diff_id = end.diff_id;
        self.facts.bytes = end.bytes;
        let damaged = !end.damage.is_empty() || !self.facts.gaps.is_empty();
        for damage in end.damage {
            let file = damage.path.and_then(|path| {
                let at = self
                    .facts
                    .files
                    .iter()
                    .rposition(|record| record.path == path)?;
                u32::try_from(at).ok()
            });
            self.gap(file, GapReason::new(damage.reason));
        }
        let entries = self.facts.files.len() as u64;
        self.progress.event(Event::LayerDone {
            key: &self.key,
            bytes: end.bytes,
            entries,
            damaged,
        });
        self.facts
    }

    fn gap(&mut self, file: Option<u32>, reason: GapReason) {
        let gap = LayerGap {
            file,
            steps: Vec::new(),
            reason,
            guessed: false,
        };
        if !self.facts.gaps.contains(&gap) {
            self.facts.gaps.push(gap);
        }
    }

    /// Reads a file's content. A panic in a reader costs this file and nothing else.
    fn content(&mut self, entry: &Entry, content: &mut dyn Read) -> FileReading {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let (budget, rules, limit) = (self.budget, self.rules, self.budget.whole_file);
        let whole = read_piece(content, &mut buffer, limit);
        let reading = catch_unwind(AssertUnwindSafe(|| match whole {
            Ok(true) => (read::file(entry, &buffer, budget, rules), None),
            Ok(false) => long_file(entry, &mut buffer, content, (budget, rules)),
            Err(error) => (read::file(entry, &buffer, budget, rules), Some(error)),
        }));
        self.bytes += entry.size;
        self.buffer = buffer;
        let (mut reading, error) = reading.unwrap_or_else(|_| {
            let mut reading = FileReading::default();
            reading.gap("reading it failed inside Bilgewatch: please report this file");
            (reading, None)
        });
        if let Some(error) = error {
            reading.gap(format!("its content could not be read to the end: {error}"));
            // The digest of a part would pass for the digest of the file.
            reading.sha256 = None;
            reading.old_digests = None;
        }
        reading
    }
}

impl EntryVisitor for LayerReader<'_> {
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) {
        let Ok(file) = u32::try_from(self.facts.files.len()) else {
            return;
        };
        let mut record = FileRecord::of(entry);
        if entry.kind == EntryKind::File {
            if entry.size == 0 {
                record.content = ContentKind::Empty;
            } else {
                let reading = self.content(entry, content);
                record.content = reading.content;
                record.sha256 = reading.sha256;
                if let Some(digests) = reading.old_digests {
                    self.facts.old_digests.push((file, digests));
                }
                if !reading.facts.is_empty() {
                    self.facts.facts.push(FileFacts {
                        file,
                        facts: reading.facts,
                    });
                }
                let gap = |gap| LayerGap {
                    file: Some(file),
                    ..gap
                };
                self.facts.gaps.extend(reading.gaps.into_iter().map(gap));
            }
        }
        self.facts.files.push(record);
        let entries = u64::from(file) + 1;
        if entries.is_multiple_of(EVENT_EVERY) {
            self.progress.event(Event::LayerAdvanced {
                key: &self.key,
                bytes: self.bytes,
                entries,
            });
        }
    }
}

/// Appends up to `limit` bytes; `true` if the content ended before.
fn read_piece(content: &mut dyn Read, buffer: &mut Vec<u8>, limit: usize) -> std::io::Result<bool> {
    let start = buffer.len();
    let limit = limit as u64;
    #[expect(clippy::disallowed_methods, reason = "bounded by `take`")]
    let read = content.take(limit).read_to_end(buffer);
    read.map(|_| ((buffer.len() - start) as u64) < limit)
}

fn long_file(
    entry: &Entry,
    buffer: &mut Vec<u8>,
    content: &mut dyn Read,
    (budget, rules): (&Budget, Option<&Rules>),
) -> (FileReading, Option<std::io::Error>) {
    let mut long = LongFile::new(entry, budget, rules);
    long.push(buffer);
    loop {
        buffer.clear();
        match read_piece(content, buffer, PIECE) {
            Ok(ended) => {
                long.push(buffer);
                if ended {
                    return (long.finish(), None);
                }
            }
            Err(error) => {
                long.push(buffer);
                return (long.finish(), Some(error));
            }
        }
    }
}
