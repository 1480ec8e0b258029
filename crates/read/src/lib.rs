//! From bytes to facts.
//!
//! The crate never fails, never does I/O and never judges: damage becomes a gap, and what content
//! would do becomes a [`model::Program`].

pub mod command;
pub mod encoding;
pub mod language;
pub mod world;
