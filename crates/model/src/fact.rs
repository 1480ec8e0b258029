//! Facts: all that detection ever sees of content. Small, and stored by layer digest.

use bstr::BString;
use serde::{Deserialize, Serialize};

use crate::{
    Binary, ContentKind, Digest, Entry, EntryKind, Gap, GapReason, Indicator, Program, Step,
};

/// One fact about one file or configuration field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// It is, or holds, a program.
    Program(Program),
    /// Its name says one kind, its bytes another.
    Disguise {
        /// What the name says, for example `.jpg`.
        name_says: String,
        /// What the bytes are.
        content: ContentKind,
        /// How the content starts, printable and short.
        evidence: String,
    },
    /// Bytes follow the end of a picture.
    Trailing {
        /// The picture.
        picture: ContentKind,
        /// Where the bytes start, from the start of the file.
        offset: u64,
        /// How many they are.
        length: u64,
        /// What they are.
        content: ContentKind,
        /// How they start, printable and short.
        evidence: String,
    },
    /// It is, or holds, a compiled program.
    Binary {
        /// What it is made of.
        binary: Binary,
        /// How it was reached inside the file.
        steps: Vec<Step>,
    },
    /// An indicator stands in it.
    Indicator {
        /// Which.
        indicator: Indicator,
        /// How it was reached inside the file.
        steps: Vec<Step>,
        /// Line, from 1; 0 if it has no lines.
        line: u32,
        /// The text around it.
        evidence: String,
    },
}

/// The facts of one file of a layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Position of the file in [`LayerFacts::files`].
    pub file: u32,
    /// What is known.
    pub facts: Vec<Fact>,
}

/// One entry of a layer as the file table keeps it: compact, for there may be millions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Path as in [`Entry::path`].
    pub path: BString,
    /// What the entry is.
    pub kind: EntryKind,
    /// Permission bits.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Length in bytes.
    pub size: u64,
    /// What the content is, for files.
    pub content: ContentKind,
    /// SHA-256 of the content, for files that are not empty.
    pub sha256: Option<[u8; 32]>,
}

impl FileRecord {
    /// The record of an entry whose content was not looked at.
    pub fn of(entry: &Entry) -> Self {
        Self {
            path: entry.path.clone(),
            kind: entry.kind.clone(),
            mode: u16::try_from(entry.mode & 0o7777).unwrap_or_default(),
            uid: u32::try_from(entry.uid).unwrap_or(u32::MAX),
            size: entry.size,
            content: ContentKind::default(),
            sha256: None,
        }
    }
}

/// All that reading one layer yields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerFacts {
    /// Digest of the uncompressed layer as it was read; `None` if reading did not reach its end.
    pub diff_id: Option<Digest>,
    /// Bytes of the uncompressed layer that were read.
    pub bytes: u64,
    /// Every entry in order, duplicates included: the last one of a path counts.
    pub files: Vec<FileRecord>,
    /// Facts of the files that have any, in order of `file`.
    pub facts: Vec<FileFacts>,
    /// What was not read: position in `files` (or `None` for the layer itself), steps, reason.
    pub gaps: Vec<LayerGap>,
}

/// A gap inside a layer, before the layer is placed in an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerGap {
    /// The file, or `None` for the layer as a whole.
    pub file: Option<u32>,
    /// How far inside the file.
    pub steps: Vec<Step>,
    /// Why.
    pub reason: GapReason,
    /// Whether it concerns following text that only reads like a program: a gap only if something
    /// in the image runs the file, for all its bytes were read.
    pub guessed: bool,
}

/// Facts about a configuration field, with the gaps met on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigFacts {
    /// Facts by field.
    pub facts: Vec<(crate::Field, Fact)>,
    /// Gaps.
    pub gaps: Vec<Gap>,
}
