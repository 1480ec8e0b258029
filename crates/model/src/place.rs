//! How a piece of content was reached from the bytes that hold it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One step inward: an encoding undone, an archive opened, a text handed to an interpreter.
///
/// A finding lists its steps from the outside in, for example `sh -c` › `base64` › `python -c`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Step(pub String);

impl Step {
    /// A step with this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The step into a text that a compiled program holds: that the program runs does not say that the
/// text does.
pub const TEXT_INSIDE: &str = "text inside";
