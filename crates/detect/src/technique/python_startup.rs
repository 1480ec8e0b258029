//! Persistence in Python: code that every start of the interpreter runs.

use model::{Confidence, Rule, Severity, Trigger};

use super::started;
use crate::{Detector, Reporter, Subject};

/// The detector.
pub struct PythonStartup;

static RULE: Rule = Rule {
    id: "persistence/python-startup",
    title: "Runs a hostile command at every start of Python",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1546.018"],
    what: "A .pth file, sitecustomize or usercustomize, in a layer or written by code, runs code fetched from the network or kept encoded, a shell on a connection, a miner, or a program from a temporary or hidden place.",
    why: "Every Python program of the image starts the payload, whatever it was meant to do.",
    benign: "Editable installs, coverage tools and shims import a module there; none of them fetches or decodes code.",
    next: "Ask which package owns the file. Remove it and everything it fetched.",
};

impl Detector<Subject<'_>> for PythonStartup {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        started::report(subject, reporter, Trigger::Interpreter);
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
        let found = with_program(&PythonStartup, &program, &Reach::Unreferenced);
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
        assert_eq!(verdict(Trigger::Interpreter, bare()), Verdict::Malicious);
        assert_eq!(
            verdict(Trigger::Interpreter, Value::literal("make")),
            Verdict::Clean
        );
        assert_eq!(verdict(Trigger::Login, bare()), Verdict::Clean);
    }
}
