//! What a run comes to, as it is written and as the targets are checked.

use std::collections::{BTreeMap, BTreeSet};

use model::Verdict;
use serde::Serialize;

use crate::corpus::Registry;

/// Most false alarms at `suspicious` in 100,000 files.
const MOST_SUSPICIOUS: f64 = 2.0;
/// Least share of the rewritings of one script class that must be found, in per cent.
const LEAST_RECALL: f64 = 98.0;
/// Longest time one file may take, in seconds of processor time.
pub const LONGEST: f64 = 2.0;

/// A run.
#[derive(Default, Serialize)]
pub struct Outcome {
    /// The benign half.
    pub benign: Option<Benign>,
    /// The other half.
    pub hits: Option<Hits>,
    /// Packages that could not be fetched: registry, name, why.
    pub missing: Vec<(Registry, String, String)>,
    /// How long it took.
    pub seconds: f64,
}

/// The benign half.
#[derive(Default, Serialize)]
pub struct Benign {
    /// All files.
    pub files: u64,
    /// All packages.
    pub packages: u64,
    /// All bytes.
    pub bytes: u64,
    /// Processor time of reading, in seconds.
    pub seconds: f64,
    /// Packages, files and bytes by registry.
    pub registries: BTreeMap<String, Amount>,
    /// Reading by kind and front-end.
    pub readers: BTreeMap<String, Amount>,
    /// Packages by their verdict as images.
    pub package_verdicts: BTreeMap<Verdict, u64>,
    /// Files by their verdict when named by themselves; those without facts are clean.
    pub own_verdicts: BTreeMap<Verdict, u64>,
    /// Files with an alarm, in either view, by the heaviest.
    pub alarmed_files: BTreeMap<Verdict, u64>,
    /// Findings too light to weigh, and those that do, by rule: as files.
    pub rules: BTreeMap<String, RuleCount>,
    /// Gaps by reason, with numbers blanked: how often, and one place.
    pub gaps: Vec<GapCount>,
    /// The slowest files.
    pub slowest: Vec<Slow>,
    /// Files over [`LONGEST`].
    pub too_slow: u64,
    /// Every finding that weighs.
    pub alarms: Vec<Alarm>,
    /// Packages that could not be read.
    pub unread: Vec<(String, String)>,
    /// Digests of the archives.
    pub archives: BTreeMap<String, String>,
}

/// Files, bytes, time.
#[derive(Default, Clone, Serialize)]
pub struct Amount {
    /// Packages, where that means something.
    pub packages: u64,
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
    /// Processor time, in seconds.
    pub seconds: f64,
}

/// How a rule fared.
#[derive(Default, Clone, Serialize)]
pub struct RuleCount {
    /// Findings by the weight they have.
    pub findings: BTreeMap<Verdict, u64>,
    /// Where the first was.
    pub example: String,
}

/// One reason why something was not read.
#[derive(Clone, Serialize)]
pub struct GapCount {
    /// Why.
    pub reason: String,
    /// How many files.
    pub files: u64,
    /// One of them.
    pub example: String,
}

/// A slow file.
#[derive(Clone, Serialize)]
pub struct Slow {
    /// Processor time, in seconds.
    pub seconds: f64,
    /// Length.
    pub bytes: u64,
    /// What read it.
    pub reader: String,
    /// Which file.
    pub path: String,
    /// What cost: acts, gaps.
    pub why: String,
}

/// How a file was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// Named by itself.
    Own,
    /// As a part of its package.
    Package,
}

/// A finding that weighs, on an honest file.
#[derive(Clone, Serialize)]
pub struct Alarm {
    /// How much.
    pub verdict: Verdict,
    /// Of which rule.
    pub rule: String,
    /// In which package.
    pub package: String,
    /// In which file.
    pub path: String,
    /// On which line.
    pub line: Option<u32>,
    /// How far inside.
    pub steps: Vec<String>,
    /// The text.
    pub evidence: String,
    /// What the rule says.
    pub detail: String,
    /// In which views.
    pub views: BTreeSet<View>,
}

/// The half of what must be found.
#[derive(Default, Serialize)]
pub struct Hits {
    /// Found and all, by class: of the fixtures as they are.
    pub fixtures: BTreeMap<String, Recall>,
    /// The same of the rewritings, by class.
    pub classes: BTreeMap<String, Recall>,
    /// The same by language of the script.
    pub languages: BTreeMap<String, Recall>,
    /// The same by kind of rewriting.
    pub families: BTreeMap<String, Recall>,
    /// Every one that was missed.
    pub missed: Vec<Missed>,
}

/// Found, of all.
#[derive(Default, Clone, Copy, Serialize)]
pub struct Recall {
    /// Judged malicious.
    pub found: u64,
    /// Judged suspicious: seen, but not well enough.
    pub half: u64,
    /// All.
    pub all: u64,
}

impl Recall {
    /// In per cent.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn percent(self) -> f64 {
        if self.all == 0 {
            100.0
        } else {
            self.found as f64 * 100.0 / self.all as f64
        }
    }
}

/// A rewriting that was missed.
#[derive(Clone, Serialize)]
pub struct Missed {
    /// Class of the fixture.
    pub class: String,
    /// Name of the fixture.
    pub fixture: String,
    /// What was done to it; `as it is` for the fixture itself.
    pub rewriting: String,
    /// The verdict instead.
    pub verdict: Verdict,
    /// The rewritten text.
    pub text: String,
    /// What was found and not read.
    pub report: Vec<String>,
}

impl Benign {
    /// Files with an alarm of this weight or more, in 100,000.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn per_100_000(&self, verdict: Verdict) -> f64 {
        let files: u64 = self.alarmed_files.range(verdict..).map(|(_, n)| n).sum();
        files as f64 * 100_000.0 / self.files.max(1) as f64
    }
}

impl Outcome {
    /// The targets that this run misses, in words.
    pub fn missed_targets(&self) -> Vec<String> {
        let mut missed = Vec::new();
        if let Some(benign) = &self.benign {
            let malicious = benign.alarmed_files.get(&Verdict::Malicious).copied();
            if let Some(files) = malicious.filter(|files| *files > 0) {
                missed.push(format!("{files} honest files are malicious"));
            }
            let suspicious = benign.per_100_000(Verdict::Suspicious);
            if suspicious > MOST_SUSPICIOUS {
                missed.push(format!(
                    "{suspicious:.1} of 100,000 honest files are suspicious"
                ));
            }
            if benign.too_slow > 0 {
                missed.push(format!("{} files take over {LONGEST} s", benign.too_slow));
            }
        }
        if let Some(hits) = &self.hits {
            for (class, recall) in hits.classes.iter().chain(&hits.fixtures) {
                if recall.percent() < LEAST_RECALL {
                    missed.push(format!("{class}: {:.1} % found", recall.percent()));
                }
            }
        }
        missed
    }
}
