//! From bytes to facts.
//!
//! [`file()`] reads one file of a layer, [`config()`] the configuration of an image; both lower what
//! they find to [`model::Program`]s. The crate never fails, never does I/O and never judges:
//! damage and bounds become gaps, and what content would do becomes a fact.

pub mod binary;
pub mod command;
pub mod config;
pub mod encoding;
pub mod file;
pub mod guess;
pub mod indicator;
pub mod kind;
pub mod language;
pub mod world;

pub use config::config;
pub use file::{FileReading, LongFile, file};
