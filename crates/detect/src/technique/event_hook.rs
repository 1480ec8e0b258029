//! Persistence by hooks: a command that everyday events start.

use model::{Confidence, Rule, Severity, Trigger};

use super::started;
use crate::{Detector, Reporter, Subject};

/// The detector.
pub struct EventHook;

static RULE: Rule = Rule {
    id: "persistence/event-hook",
    title: "Hooks a hostile command to an event",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1546"],
    what: "A hook of APT or dpkg, a rule of udev, a network script, a hook or setting of git, or a command of an SSH client, in a layer or written by code, runs code fetched from the network, a shell on a connection, a miner, or a program from a temporary or hidden place.",
    why: "Whoever installs a package, plugs in a device or uses the repository starts the payload without knowing.",
    benign: "Hooks that clean caches, format code or run tests are not reported.",
    next: "Read the hook. Look for it on machines where the repository or the image was used.",
};

impl Detector<Subject<'_>> for EventHook {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        started::report(subject, reporter, Trigger::Event);
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
        let found = with_program(&EventHook, &program, &Reach::Unreferenced);
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
        assert_eq!(verdict(Trigger::Event, bare()), Verdict::Malicious);
        assert_eq!(
            verdict(Trigger::Event, Value::literal("make")),
            Verdict::Clean
        );
        assert_eq!(verdict(Trigger::Init, bare()), Verdict::Clean);
    }
}
