//! Packages that act when they are installed: what npm and pip run without being asked.

use model::{Confidence, Rule, Severity, Trigger};

use super::started;
use crate::{Detector, Reporter, Subject};

/// The detector.
pub struct PackageHook;

static RULE: Rule = Rule {
    id: "execution/package-hook",
    title: "Package runs a hostile command when it is installed",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1195.002", "T1059"],
    what: "An install script of package.json, or setup.py, runs code fetched from a bare address, a shell on a connection or a miner, or tells others what identifies the machine or what its secrets are.",
    why: "Whoever installs the package, or builds with it, runs the command with their own rights and secrets.",
    benign: "Install scripts compile native parts or download them from their maker over HTTPS; that is not reported, or as information.",
    next: "Do not install or build with the package. If it was installed, change the secrets of that machine.",
};

impl Detector<Subject<'_>> for PackageHook {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        started::report(subject, reporter, Trigger::Install);
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
        let found = with_program(&PackageHook, &program, &Reach::Unreferenced);
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
        assert_eq!(verdict(Trigger::Install, bare()), Verdict::Malicious);
        assert_eq!(
            verdict(Trigger::Install, Value::literal("make")),
            Verdict::Clean
        );
        assert_eq!(verdict(Trigger::Event, bare()), Verdict::Clean);
        let https = code("https://example.com/install.sh");
        assert_eq!(verdict(Trigger::Install, https), Verdict::Clean);
    }
}
