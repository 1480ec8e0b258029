//! A pool address or a wallet in content: a string, and so a hint only.

use model::{Confidence, Fact, IndicatorType, Rule, Severity};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct PoolAddress;

static RULE: Rule = Rule {
    id: "impact/pool-address",
    title: "Names a mining pool or a wallet",
    severity: Severity::Low,
    confidence: Confidence::Low,
    attack: &["T1496.001"],
    what: "A file holds the URL of a mining pool, or a Monero address whose checksum holds.",
    why: "Miners carry them; so do lists that speak of miners. A string alone is never a verdict.",
    benign: "Rule files, documentation, wallets and block explorers.",
    next: "Look what the file is. The value can be looked up in other images.",
};

impl Detector<FileSubject<'_>> for PoolAddress {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in &subject.facts {
            let Fact::Indicator {
                indicator,
                steps,
                line,
                evidence,
            } = fact
            else {
                continue;
            };
            if matches!(
                indicator.kind,
                IndicatorType::Pool | IndicatorType::WalletMonero
            ) {
                let what = if indicator.kind == IndicatorType::Pool {
                    "mining pool"
                } else {
                    "Monero wallet"
                };
                reporter.at(
                    steps.clone(),
                    *line,
                    evidence,
                    Sign::new(format!("Holds the {what} {}.", indicator.value)),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Indicator, Reach, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    #[test]
    fn a_string_is_a_hint_and_no_verdict() {
        let names = |kind| {
            let indicator = Indicator {
                kind,
                value: "x".to_owned(),
            };
            [Fact::Indicator {
                indicator,
                steps: Vec::new(),
                line: 1,
                evidence: String::new(),
            }]
        };
        assert_eq!(
            of_file(
                &PoolAddress,
                &names(IndicatorType::Pool),
                &Reach::Unreferenced
            ),
            [Verdict::Clean]
        );
        assert!(
            of_file(
                &PoolAddress,
                &names(IndicatorType::Host),
                &Reach::Unreferenced
            )
            .is_empty()
        );
    }
}
