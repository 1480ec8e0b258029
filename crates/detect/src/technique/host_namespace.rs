//! Escape by namespaces: entering those of the host's first process.

use model::{Behavior, Confidence, Rule, Severity};

use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct HostNamespace;

static RULE: Rule = Rule {
    id: "escape/host-namespace",
    title: "Enters the namespaces of the host",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1611"],
    what: "Code enters the namespaces of process 1 (`nsenter -t 1`): in a container that shares the host's processes, that is the host.",
    why: "From then on commands act on the host, as root.",
    benign: "Tools for node maintenance do this openly.",
    next: "Do not run the image privileged with the host's process namespace, unless that is its declared purpose.",
};

impl Detector<Subject<'_>> for HostNamespace {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::EnterNamespace { target } = &act.behavior else {
                continue;
            };
            if target.text != "1" && !target.text.starts_with("/proc/1/")
                || !subject.runs_by_itself()
            {
                continue;
            }
            let sign = Sign::new("Goes on in the namespaces of process 1.");
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, Confidence::Medium)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Value;

    use super::*;
    use crate::technique::check::findings;

    #[test]
    fn only_the_first_process_is_the_host() {
        let enter = |target: &str| {
            [Behavior::EnterNamespace {
                target: Value::literal(target),
            }]
        };
        assert_eq!(findings(&HostNamespace, &enter("1")).len(), 1);
        assert!(findings(&HostNamespace, &enter("4711")).is_empty());
        assert!(findings(&HostNamespace, &enter("{PID}")).is_empty());
    }
}
