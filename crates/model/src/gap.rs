//! Gaps: what was not read, and why. A report with a gap is never clean.

use serde::{Deserialize, Serialize};

use crate::Where;

/// A part that was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Which part.
    #[serde(rename = "where")]
    pub place: Where,
    /// Why, as a sentence fragment that reads after "not read:".
    pub reason: GapReason,
}

/// Why a part was not read.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error,
)]
#[serde(into = "String", from = "String")]
#[error("{0}")]
pub struct GapReason(pub String);

impl GapReason {
    /// A reason in words.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl From<GapReason> for String {
    fn from(reason: GapReason) -> Self {
        reason.0
    }
}

impl From<String> for GapReason {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}
