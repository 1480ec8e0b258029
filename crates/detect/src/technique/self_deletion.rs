//! Self-deletion: a program removes itself, or what it fetched and ran.

use model::{Act, Behavior, Confidence, Rule, Severity};

use super::vocabulary::is_odd_place;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct SelfDeletion;

static RULE: Rule = Rule {
    id: "evasion/self-deletion",
    title: "Removes itself or what it ran",
    severity: Severity::Low,
    confidence: Confidence::Low,
    attack: &["T1070.004"],
    what: "A script removes its own file, or a file that it fetched, started and then removed.",
    why: "What ran can no longer be looked at.",
    benign: "Installers clean up behind themselves: alone, this never moves the verdict.",
    next: "Look at what else the program does.",
};

impl Detector<Subject<'_>> for SelfDeletion {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let own = subject.path();
        let acts = &subject.program.acts;
        for (at, act) in acts.iter().enumerate() {
            let Behavior::Delete { path } = &act.behavior else {
                continue;
            };
            // By what it was started as, which only its own text tells from other arguments.
            let names_itself = || {
                let names = [
                    "$0",
                    "${0",
                    "BASH_SOURCE",
                    "__file__",
                    "argv[0]",
                    "__FILE__",
                ];
                path.text == "{argument}" && names.iter().any(|name| act.evidence.contains(name))
            };
            let is_own = !own.is_empty() && path.text == own || names_itself();
            let was_run = || {
                path.known
                    && is_odd_place(&path.text)
                    && acts[..at].iter().any(|before| runs(before, &path.text))
            };
            if is_own || was_run() {
                reporter.act(act, Sign::new(format!("Removes {path} after it ran.")));
            }
        }
    }
}

fn runs(act: &Act, path: &str) -> bool {
    matches!(&act.behavior, Behavior::Execute { program, arguments, .. }
        if program.text == path || arguments.first().is_some_and(|first| first.text == path))
}

#[cfg(test)]
mod tests {
    use model::{Stream, Value, Verdict};

    use super::*;
    use crate::technique::check::{execute, full};

    #[test]
    fn it_is_told_and_weighs_nothing() {
        let delete = |path: &str| Behavior::Delete {
            path: Value::literal(path),
        };
        let acts = [execute("/tmp/x", &[], Stream::Inherited), delete("/tmp/x")];
        let found = full(&SelfDeletion, &acts);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].verdict(), Verdict::Clean);
        assert!(full(&SelfDeletion, &[delete("/tmp/y")]).is_empty());
    }
}
