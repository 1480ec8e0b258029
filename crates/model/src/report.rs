//! The report on one image.

use serde::{Deserialize, Serialize};

use crate::{Digest, Finding, Gap, Indicator, Platform, Verdict};

/// What scanning one image (one platform of it) yields. The same for the same content, whatever
/// held it, but for `target`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The image as one could name it again, for example `oci-dir:PATH:TAG`.
    pub target: String,
    /// Digest of the image's configuration (the image ID): the same in a registry, an archive and
    /// a daemon. `None` for a folder or file.
    pub digest: Option<Digest>,
    /// Digest of its manifest, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Digest>,
    /// Its platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// One word.
    pub verdict: Verdict,
    /// Signs, heaviest first.
    pub findings: Vec<Finding>,
    /// What was not read.
    pub gaps: Vec<Gap>,
    /// Values that tie images together, sorted.
    pub indicators: Vec<Indicator>,
    /// The layers, base first.
    pub layers: Vec<LayerSummary>,
    /// How much was read.
    pub stats: Stats,
}

impl Report {
    /// The verdict that findings and gaps give.
    pub fn judge(findings: &[Finding], gaps: &[Gap]) -> Verdict {
        Verdict::of_report(findings.iter().map(Finding::verdict), !gaps.is_empty())
    }
}

/// One layer, for a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSummary {
    /// Digest of the uncompressed layer.
    pub diff_id: Option<Digest>,
    /// The build instruction that made it, as the history tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// Entries.
    pub entries: u64,
    /// Bytes uncompressed.
    pub bytes: u64,
}

/// How much was read. Counts only, so that two runs print the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Layers.
    pub layers: u64,
    /// Entries in all layers.
    pub entries: u64,
    /// Uncompressed bytes in all layers.
    pub bytes: u64,
    /// Programs that were lowered to behaviors.
    pub programs: u64,
}
