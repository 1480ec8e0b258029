//! Persistence by an init or a supervisor other than systemd: what it starts brings the payload back.

use model::{Confidence, Rule, Severity, Trigger};

use super::started;
use crate::{Detector, Reporter, Subject};

/// The detector.
pub struct InitService;

static RULE: Rule = Rule {
    id: "persistence/init-service",
    title: "Starts a hostile command with the system",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1037.004", "T1543"],
    what: "An init script, a line of inittab, a service of s6, runit, supervisor, Upstart or Monit, or a script of an entrypoint folder, in a layer or written by code, runs code fetched from the network, a shell on a connection, a miner, or a program from a temporary or hidden place.",
    why: "The supervisor starts it with the container or the host, and again whenever it ends.",
    benign: "Services that start programs of the image are not reported.",
    next: "Read the file in the layer named here, and look for it on hosts that ran the image: /etc/init.d, /etc/rc.local, /etc/inittab.",
};

impl Detector<Subject<'_>> for InitService {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        started::report(subject, reporter, Trigger::Init);
    }
}

#[cfg(test)]
mod tests {
    use model::{Behavior, Language, Program, Provenance, Reach, Step, Value, Verdict};

    use super::*;
    use crate::technique::check::with_program;

    /// The heaviest verdict on what `trigger` starts.
    fn verdict(trigger: Trigger, code: Value) -> Verdict {
        let schedule = Behavior::Schedule {
            trigger,
            when: Value::literal("x"),
            command: Value::literal("x"),
        };
        let language = Language::Shell;
        let mut run = Behavior::Evaluate { language, code }.bare();
        run.steps = vec![Step::new("x")];
        let program = Program {
            language,
            declared: true,
            steps: Vec::new(),
            acts: vec![schedule.bare(), run],
        };
        let found = with_program(&InitService, &program, &Reach::Unreferenced);
        found
            .iter()
            .map(model::Finding::verdict)
            .max()
            .unwrap_or(Verdict::Clean)
    }

    #[test]
    fn what_is_started_and_by_what_decides() {
        let code = |url: &str| Value::unknown(Provenance::Fetched(url.to_owned()));
        let bare = || code("http://192.0.2.1/x");
        assert_eq!(verdict(Trigger::Init, bare()), Verdict::Malicious);
        assert_eq!(
            verdict(Trigger::Init, Value::literal("make")),
            Verdict::Clean
        );
        assert_eq!(verdict(Trigger::Clock, bare()), Verdict::Clean);
    }
}
