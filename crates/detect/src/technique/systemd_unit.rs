//! Persistence by systemd: a unit that brings the payload back.

use model::{Confidence, Rule, Severity, Trigger};

use super::started;
use crate::{Detector, Reporter, Subject};

/// The detector.
pub struct SystemdUnit;

static RULE: Rule = Rule {
    id: "persistence/systemd-unit",
    title: "Starts a hostile command as a service",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1543.002"],
    what: "A systemd unit, in a layer or written by code, starts code fetched from the network, a shell on a connection, a miner, or a program from a temporary or hidden place.",
    why: "The service manager starts it at boot and again whenever it ends.",
    benign: "Units of packages start programs of their packages and are not reported.",
    next: "Look for the unit on hosts that ran the image: /etc/systemd/system, /lib/systemd/system.",
};

impl Detector<Subject<'_>> for SystemdUnit {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        started::report(subject, reporter, Trigger::Systemd);
    }
}

#[cfg(test)]
mod tests {
    use model::{Behavior, Language, Step, Stream, Value};

    use super::*;
    use crate::technique::check::{execute, with_program};

    fn started(inner: Behavior) -> usize {
        let boot = Behavior::Schedule {
            trigger: Trigger::Systemd,
            when: Value::literal("at boot"),
            command: Value::literal("x"),
        };
        let mut inner = inner.bare();
        inner.steps = vec![Step::new("ExecStart")];
        let program = model::Program {
            language: Language::Systemd,
            declared: true,
            steps: Vec::new(),
            acts: vec![boot.bare(), inner],
        };
        with_program(&SystemdUnit, &program, &model::Reach::Unreferenced).len()
    }

    #[test]
    fn what_the_unit_starts_decides() {
        assert_eq!(started(execute("/dev/shm/.k", &[], Stream::Inherited)), 1);
        assert_eq!(
            started(execute("/usr/sbin/cron", &["-f"], Stream::Inherited)),
            0
        );
    }
}
