//! Rival killing: a miner makes room for itself.

use std::collections::BTreeSet;

use model::{Behavior, Confidence, Rule, Severity};

use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct RivalKilling;

static RULE: Rule = Rule {
    id: "impact/rival-killing",
    title: "Kills other miners",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1496.001", "T1489"],
    what: "Code ends processes by the names, pools or arguments of miners, several of them.",
    why: "Only somebody who wants the processor for a miner of their own looks for others' miners.",
    benign: "Clean-up tools of security teams do the same, and say so.",
    next: "Look what the program starts after the killing.",
};

/// Words by which miners and their helpers are looked for.
const RIVALS: &[&str] = &[
    "xmrig",
    "xmr-stak",
    "xmrstak",
    "minerd",
    "minergate",
    "cpuminer",
    "cryptonight",
    "stratum",
    "monero",
    "nanopool",
    "minexmr",
    "supportxmr",
    "nicehash",
    "ethminer",
    "ccminer",
    "kinsing",
    "kdevtmpfsi",
    "kthreaddi",
    "sysupdate",
    "networkservice",
    "watchbog",
    "donate-level",
    "cryptominer",
    "coinhive",
    "moneroocean",
    "mining",
    ":3333",
    ":4444",
    ":5555",
    ":7777",
    ":14444",
    "miner",
];

/// Whether a kill target names a miner.
pub fn is_rival(target: &str) -> bool {
    let target = target.to_ascii_lowercase();
    RIVALS.iter().any(|rival| target.contains(rival))
}

impl Detector<Subject<'_>> for RivalKilling {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let kills = || {
            subject
                .program
                .acts
                .iter()
                .filter_map(|act| match &act.behavior {
                    Behavior::Kill { target } if is_rival(&target.text) => {
                        Some((act, target.text.as_str()))
                    }
                    _ => None,
                })
        };
        let names: BTreeSet<&str> = kills().map(|(_, name)| name).collect();
        let Some((act, _)) = kills().next() else {
            return;
        };
        let list: Vec<&str> = names.iter().take(6).copied().collect();
        // One name may be the program's own, being restarted.
        let confidence = if names.len() > 1 {
            as_sure_as_it_runs(subject, Confidence::Medium)
        } else {
            Confidence::Low
        };
        reporter.act(
            act,
            Sign::new(format!("Ends processes that match {}.", list.join(", ")))
                .confidence(confidence),
        );
    }
}

#[cfg(test)]
mod tests {
    use model::Value;

    use super::*;
    use crate::technique::check::findings;

    #[test]
    fn several_rivals_hit() {
        let kill = |target: &str| Behavior::Kill {
            target: Value::literal(target),
        };
        assert_eq!(
            findings(&RivalKilling, &[kill("xmrig"), kill("kdevtmpfsi")]).len(),
            1
        );
        assert!(findings(&RivalKilling, &[kill("xmrig")]).is_empty());
        assert!(findings(&RivalKilling, &[kill("nginx"), kill("1234")]).is_empty());
    }
}
