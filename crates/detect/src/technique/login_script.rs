//! Persistence by login scripts: code added to a profile so that it runs at every login.

use model::{Confidence, Rule, Severity, Trigger};

use super::started;
use crate::{Detector, Reporter, Subject};

/// The detector.
pub struct LoginScript;

static RULE: Rule = Rule {
    id: "persistence/login-script",
    title: "Runs a hostile command at a login",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1546.004"],
    what: "A profile (.bashrc, /etc/profile.d), a message of the day, an autostart entry, a command of PAM, of the SSH server or of a key, in a layer or written by code, runs code fetched from the network, a shell on a connection, or a program from a temporary or hidden place.",
    why: "Every login starts the payload again.",
    benign: "Profiles that set variables and completion are not reported.",
    next: "Read the file in the layer named here, and the same file on hosts that ran the image.",
};

impl Detector<Subject<'_>> for LoginScript {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        started::report(subject, reporter, Trigger::Login);
    }
}

#[cfg(test)]
mod tests {
    use model::{Act, Behavior, Language, Provenance, Reach, Step, Value};

    use super::*;
    use crate::technique::check::with_program;

    fn written_to(path: &str) -> usize {
        let code = Value::unknown(Provenance::Fetched("https://example.com/x".to_owned()));
        let behavior = Behavior::Evaluate {
            language: Language::Shell,
            code,
        };
        let steps = vec![Step::new(format!("written to {path}"))];
        let acts = vec![Act {
            behavior,
            steps,
            line: 1,
            evidence: String::new(),
        }];
        let program = model::Program {
            language: Language::Shell,
            declared: true,
            steps: Vec::new(),
            acts,
        };
        with_program(&LoginScript, &program, &Reach::Unreferenced).len()
    }

    #[test]
    fn the_place_decides() {
        assert_eq!(written_to("/root/.bashrc"), 1);
        assert_eq!(written_to("/etc/profile.d/x.sh"), 1);
        assert_eq!(written_to("/opt/run.sh"), 0);
    }
}
