//! The card of a rule: everything a reader needs to act on its findings.

use serde::{Deserialize, Serialize};

/// What it would do to whoever runs the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing by itself; worth knowing.
    Info,
    /// A weakness.
    Low,
    /// Harm that needs something else to happen.
    Medium,
    /// Control of the container, theft of its resources.
    High,
    /// Control of the host.
    Critical,
}

/// How sure the facts make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A hint that honest software often gives too.
    Low,
    /// Honest software rarely does this.
    Medium,
    /// No honest explanation is known for these facts together.
    High,
}

/// What kind of claim a finding makes.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// It works against whoever runs it.
    #[default]
    Threat,
    /// It says openly what it does, and many do not want it: a labelled miner, proxyware.
    Unwanted,
}

/// A rule, as written beside its detector. Every field is mandatory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// For ever: `objective/technique`, never a family or vendor.
    pub id: &'static str,
    /// What was found, as a headline without a full stop.
    pub title: &'static str,
    /// How bad it is, unless the facts say otherwise.
    pub severity: Severity,
    /// How sure it is, unless the facts say otherwise.
    pub confidence: Confidence,
    /// ATT&CK technique IDs.
    pub attack: &'static [&'static str],
    /// What the rule looks for, in two or three sentences.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What could be benign, and how to tell.
    pub benign: &'static str,
    /// What to do next.
    pub next: &'static str,
}
