//! Findings: signs, each with its place, its evidence and how it is reached.

use serde::{Deserialize, Serialize};

use crate::{Class, Confidence, Digest, Severity, Step, Verdict};

/// Where in an image something is. Absent parts do not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Where {
    /// Diff ID of the layer that brought it (the digest of the uncompressed layer: the same
    /// however the layer was compressed or stored).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Digest>,
    /// Position of that layer, base 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer_index: Option<u32>,
    /// The build instruction that made the layer, as the history tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// Path in the image, with a leading `/`, printable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Field of the configuration, as [`crate::Field`] prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// From the file or field inwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Line in the file or field, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Set if a later layer removes or replaces the file: the container does not show it, the
    /// image still carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_by: Option<u32>,
}

/// How a piece of code comes to run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum Reach {
    /// When the container starts (or its health is checked), over these paths or fields.
    Start {
        /// From the configuration field inwards.
        chain: Vec<String>,
    },
    /// On a schedule or at a login, by this file.
    Schedule {
        /// From the file that schedules it inwards.
        chain: Vec<String>,
    },
    /// When another image is built from this one.
    Build,
    /// It ran when the image was built; the image may carry the result.
    Past,
    /// Nothing in the image refers to it.
    Unreferenced,
}

/// A sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable for the same sign in the same content.
    pub id: String,
    /// Id of the rule.
    pub rule: String,
    /// Headline.
    pub title: String,
    /// What it would do.
    pub severity: Severity,
    /// How sure the facts make it.
    pub confidence: Confidence,
    /// Threat, or openly labelled.
    #[serde(default)]
    pub class: Class,
    /// ATT&CK technique IDs.
    pub attack: Vec<String>,
    /// Where it is.
    #[serde(rename = "where")]
    pub place: Where,
    /// How it comes to run.
    pub reach: Reach,
    /// The text that shows it.
    pub evidence: String,
    /// What these facts mean, in a sentence: who connects where, which file is fetched from where.
    pub detail: String,
    /// Why it matters.
    pub why: String,
    /// What could be benign.
    pub benign: String,
    /// What to do.
    pub next: String,
}

impl Finding {
    /// Its weight.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(self.class, self.severity, self.confidence)
    }
}
