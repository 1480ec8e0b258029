//! Persistence by a clock: a schedule that brings the payload back.

use model::{Confidence, Rule, Severity, Trigger};

use super::started;
use crate::{Detector, Reporter, Subject};

/// The detector.
pub struct Cron;

static RULE: Rule = Rule {
    id: "persistence/cron",
    title: "Schedules a hostile command",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1053.003"],
    what: "A line of a crontab, a script in a folder of cron's, a job of at or a script of logrotate, in a layer or written by code, runs code fetched from the network, a shell on a connection, a miner, or a program from a temporary or hidden place. Lines that cron itself would refuse count as well.",
    why: "The payload comes back every few minutes, also after its process or file was removed.",
    benign: "Backup, rotation and certificate jobs run programs of the image and are not reported.",
    next: "Look for the line on hosts that ran the image: /etc/crontab, /etc/cron.d, /var/spool/cron. Removing the image does not remove it.",
};

impl Detector<Subject<'_>> for Cron {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        started::report(subject, reporter, Trigger::Clock);
    }
}

#[cfg(test)]
mod tests {
    use model::{Act, Behavior, Language, Provenance, Step, Stream, Value};

    use super::*;
    use crate::technique::check::{execute, with_program};

    fn scheduled(inner: Behavior) -> usize {
        let schedule = Behavior::Schedule {
            trigger: Trigger::Clock,
            when: Value::literal("* * * * *"),
            command: Value::literal("x"),
        };
        let mut inner = inner.bare();
        inner.steps = vec![Step::new("cron")];
        let acts: Vec<Act> = vec![schedule.bare(), inner];
        let program = model::Program {
            language: Language::Crontab,
            declared: true,
            steps: Vec::new(),
            acts,
        };
        with_program(
            &Cron,
            &program,
            &model::Reach::Schedule { chain: Vec::new() },
        )
        .len()
    }

    #[test]
    fn what_the_line_runs_decides() {
        let code = Value::unknown(Provenance::Fetched("http://192.0.2.1/x".to_owned()));
        assert_eq!(
            scheduled(Behavior::Evaluate {
                language: Language::Shell,
                code
            }),
            1
        );
        assert_eq!(scheduled(execute("/tmp/.x/run", &[], Stream::Inherited)), 1);
        assert_eq!(
            scheduled(execute(
                "/usr/sbin/logrotate",
                &["/etc/logrotate.conf"],
                Stream::Inherited
            )),
            0
        );
    }
}
