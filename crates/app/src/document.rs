//! The JSON document: every report of a run, as `scan -o json` writes it and `report` reads it.
//!
//! `docs/schema/report-1.json` describes it; a test keeps the two together.

use std::io::Read;

use anyhow::{Context, bail};
use image::ErrorKind;
use model::{Finding, Report};
use serde::{Deserialize, Serialize};

/// Identifier of the format. Another number means that older readers would misread it.
pub const SCHEMA: &str = "bilgewatch.report/1";

/// The JSON schema of the format.
pub const JSON_SCHEMA: &str = include_str!("../../../docs/schema/report-1.json");

/// Longest saved report that is read, in bytes: room for a registry of some ten thousand images,
/// and far below what would exhaust a machine that a hostile file is handed to.
const MAX_BYTES: u64 = 1 << 30;

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: String,
    /// What scanned.
    pub tool: Tool,
    /// One an image and platform.
    pub reports: Vec<Judged>,
    /// Targets that could not be scanned.
    pub errors: Vec<Failure>,
}

/// What scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How many rules it applied.
    pub rules: usize,
    /// Version of ATT&CK that technique IDs are of.
    pub attack: String,
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self {
            name: "bilgewatch".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: detect::rules().len(),
            attack: detect::ATTACK_VERSION.to_owned(),
        }
    }
}

/// A report, and what the user chose to set aside in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The report; its verdict is that of the findings that were not set aside.
    #[serde(flatten)]
    pub report: Report,
    /// Findings that were set aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suppressed: Vec<Suppressed>,
}

impl From<Report> for Judged {
    fn from(report: Report) -> Self {
        Self {
            report,
            suppressed: Vec::new(),
        }
    }
}

/// A finding that an ignore entry set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// Why, in the words of the entry.
    pub reason: String,
    /// Until when, as `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The finding.
    pub finding: Finding,
}

/// A target that could not be scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// As the user named it.
    pub target: String,
    /// What kind of failure.
    pub kind: FailureKind,
    /// What failed.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// [`ErrorKind`] in the words of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The target is spelled wrongly.
    Usage,
    /// There is nothing of that name.
    NotFound,
    /// Credentials are missing or refused.
    Unauthorized,
    /// Too many requests.
    RateLimited,
    /// The other side does not answer.
    Unreachable,
    /// What was found is no image.
    Invalid,
    /// A file or socket cannot be read.
    Io,
}

impl From<ErrorKind> for FailureKind {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Usage => Self::Usage,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Unauthorized => Self::Unauthorized,
            ErrorKind::RateLimited => Self::RateLimited,
            ErrorKind::Unreachable => Self::Unreachable,
            ErrorKind::Invalid => Self::Invalid,
            ErrorKind::Io => Self::Io,
        }
    }
}

impl Failure {
    /// The failure of `target`.
    pub fn new(target: &str, error: image::Error) -> Self {
        Self {
            target: target.to_owned(),
            kind: error.kind.into(),
            message: error.message,
            advice: error.advice,
        }
    }
}

impl Document {
    /// A document of this program.
    pub fn new(reports: Vec<Judged>, errors: Vec<Failure>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool::this(),
            reports,
            errors,
        }
    }

    /// Reads a saved document. `name` is for errors.
    pub fn read(source: &mut dyn Read, name: &str) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            schema: Option<String>,
        }

        let mut text = String::new();
        let length = source
            .take(MAX_BYTES + 1)
            .read_to_string(&mut text)
            .with_context(|| format!("reading {name}"))?;
        if length as u64 > MAX_BYTES {
            bail!("{name} is longer than {MAX_BYTES} bytes: scan in smaller groups");
        }
        let advice = "hand over what `bilgewatch scan -o json=FILE` wrote";
        let head: Head = serde_json::from_str(&text)
            .with_context(|| format!("{name} is not a saved report: {advice}"))?;
        match head.schema.as_deref() {
            Some(SCHEMA) => {}
            Some(other) => bail!(
                "{name} is of the format `{}`, and this version reads `{SCHEMA}`: \
                 use the version of bilgewatch that wrote it",
                model::text::printable(other.as_bytes())
            ),
            None => bail!("{name} has no `schema`, so it is not a saved report: {advice}"),
        }
        serde_json::from_str(&text)
            .with_context(|| format!("{name} says it is `{SCHEMA}` but does not keep to it"))
    }
}

#[cfg(test)]
mod tests;
