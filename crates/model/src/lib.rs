//! The nouns of Bilgewatch.
//!
//! Everything the stages hand to each other is defined here and nowhere else: what an image is
//! made of ([`Digest`], [`Platform`], [`ImageConfig`], [`Entry`]), what reading yields ([`Fact`],
//! [`Program`], [`Behavior`], [`Value`], [`Gap`]) and what judging yields ([`Rule`], [`Finding`],
//! [`Verdict`], [`Report`]). The crate does no I/O, knows no clock and no environment, so a value
//! of it means the same on a laptop, in a worker and in a stored record.

pub mod behavior;
pub mod binary;
pub mod budget;
pub mod config;
pub mod digest;
pub mod entry;
pub mod fact;
pub mod finding;
pub mod gap;
pub mod indicator;
pub mod kind;
pub mod package;
pub mod place;
pub mod platform;
pub mod report;
pub mod rule;
pub mod text;
pub mod value;
pub mod verdict;

pub use behavior::{Act, Behavior, Language, Password, Program, Protocol, Stream, Trigger};
pub use binary::{Binary, Form, Mark, Packing, Vocabulary};
pub use budget::Budget;
pub use config::{Field, Healthcheck, History, ImageConfig, StartField};
pub use digest::{Algorithm, Digest, DigestError};
pub use entry::{Entry, EntryKind, Removal};
pub use fact::{
    ConfigFacts, Fact, FileFacts, FileRecord, LayerFacts, LayerGap, RuleMatch, StringMatch,
};
pub use finding::{Finding, Reach, Where};
pub use gap::{Gap, GapReason};
pub use indicator::{Indicator, IndicatorType};
pub use kind::ContentKind;
pub use package::{
    Claim, Claims, Diversion, FileDigest, Manager, OldDigests, Package, PackageFiles,
};
pub use place::Step;
pub use platform::Platform;
pub use report::{LayerSummary, Report, Stats};
pub use rule::{Class, Confidence, Rule, Severity};
pub use value::{Provenance, Value};
pub use verdict::Verdict;
