//! Orders in answers of the name service: what a record holds is run.

use model::{Behavior, Confidence, Rule, Severity};

use super::orders::{decided_by, is_chosen_elsewhere};
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct DnsChannel;

static RULE: Rule = Rule {
    id: "command/dns-channel",
    title: "Runs what a name's records hold",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1071.004"],
    what: "The text of a record of the domain name system is evaluated as code.",
    why: "Whoever owns the name commands the container, through a service that every firewall lets pass.",
    benign: "No honest software keeps code in such records. Addresses that are looked up are not reported.",
    next: "Look up the name, and look for queries to it in the logs of your resolvers.",
};

impl Detector<Subject<'_>> for DnsChannel {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Some(code) = decided_by(act) else {
                continue;
            };
            let Some(name) = code.fetched_from().and_then(|url| url.strip_prefix("dns:")) else {
                continue;
            };
            let runs = matches!(act.behavior, Behavior::Evaluate { .. });
            if !runs || !is_chosen_elsewhere(code) {
                continue;
            }
            let sign = Sign::new(format!("Runs what the records of {name} hold."));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, Confidence::High)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Language, Provenance, Value};

    use super::*;
    use crate::technique::check::findings;

    #[test]
    fn only_records_that_are_run_hit() {
        let record = Value::unknown(Provenance::Fetched("dns:c.example.invalid".to_owned()));
        let evaluate = |code| {
            [Behavior::Evaluate {
                language: Language::Shell,
                code,
            }]
        };
        assert_eq!(findings(&DnsChannel, &evaluate(record.clone())).len(), 1);
        let mut ping = Value::literal("ping -c 1 ");
        ping.append(&record);
        assert!(findings(&DnsChannel, &evaluate(ping)).is_empty());
        let page = Value::unknown(Provenance::Fetched("https://example.com/".to_owned()));
        assert!(findings(&DnsChannel, &evaluate(page)).is_empty());
    }
}
