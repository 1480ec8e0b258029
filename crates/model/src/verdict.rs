//! Verdicts: one word for a report.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Class, Confidence, Severity};

/// The verdict on an image, or the weight of one finding. Ordered from harmless to harmful, with
/// `Incomplete` above `Clean`: what was not read is never clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything was read and no sign weighs enough.
    Clean,
    /// No sign weighs enough in what was read, but something was not read.
    Incomplete,
    /// Openly labelled software that many do not want.
    Unwanted,
    /// Honest software rarely does this; look at the evidence.
    Suspicious,
    /// It works against whoever runs it.
    Malicious,
}

impl Verdict {
    /// The weight of one finding.
    ///
    /// Malicious needs high severity and high confidence; a finding below medium severity or
    /// medium confidence never moves the verdict.
    pub fn of(class: Class, severity: Severity, confidence: Confidence) -> Self {
        if severity < Severity::Medium || confidence < Confidence::Medium {
            return Self::Clean;
        }
        match class {
            Class::Unwanted => Self::Unwanted,
            Class::Threat if severity >= Severity::High && confidence == Confidence::High => {
                Self::Malicious
            }
            Class::Threat => Self::Suspicious,
        }
    }

    /// The verdict of a report: the heaviest finding, or whether anything was not read.
    pub fn of_report(findings: impl IntoIterator<Item = Self>, has_gaps: bool) -> Self {
        let floor = if has_gaps {
            Self::Incomplete
        } else {
            Self::Clean
        };
        findings.into_iter().fold(floor, Self::max)
    }

    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Incomplete => "incomplete",
            Self::Unwanted => "unwanted",
            Self::Suspicious => "suspicious",
            Self::Malicious => "malicious",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_high_and_sure_is_malicious() {
        use Confidence as C;
        use Severity as S;
        assert_eq!(
            Verdict::of(Class::Threat, S::High, C::High),
            Verdict::Malicious
        );
        assert_eq!(
            Verdict::of(Class::Threat, S::Critical, C::Medium),
            Verdict::Suspicious
        );
        assert_eq!(
            Verdict::of(Class::Threat, S::Medium, C::High),
            Verdict::Suspicious
        );
        assert_eq!(
            Verdict::of(Class::Threat, S::Critical, C::Low),
            Verdict::Clean
        );
        assert_eq!(
            Verdict::of(Class::Unwanted, S::High, C::High),
            Verdict::Unwanted
        );
    }

    #[test]
    fn a_gap_is_never_clean() {
        assert_eq!(Verdict::of_report([], true), Verdict::Incomplete);
        assert_eq!(Verdict::of_report([Verdict::Clean], false), Verdict::Clean);
        assert_eq!(
            Verdict::of_report([Verdict::Malicious], true),
            Verdict::Malicious
        );
    }
}
