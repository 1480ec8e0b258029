//! Persistence by login scripts: code added to a profile so that it runs at every login.

use model::{Behavior, Confidence, Rule, Severity};

use super::vocabulary::{is_odd_place, ordered_over};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct LoginScript;

static RULE: Rule = Rule {
    id: "persistence/login-script",
    title: "Adds a hostile command to a login script",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1546.004"],
    what: "A profile or init script (.bashrc, /etc/profile.d, /etc/rc.local, /etc/init.d), in a layer or written by code, runs code fetched from the network, a shell on a connection, or a program from a temporary or hidden place.",
    why: "Every login, or every boot, starts the payload again.",
    benign: "Profiles that set variables and completion are not reported.",
    next: "Read the file in the layer named here, and the same file on hosts that ran the image.",
};

/// Files that run at a login or a boot.
const PLACES: &[&str] = &[
    "/.bashrc",
    "/.profile",
    "/.bash_profile",
    "/.bash_login",
    "/.zshrc",
    "/.zshenv",
    "etc/profile",
    "etc/bash.bashrc",
    "etc/rc.local",
];
/// Folders whose files do.
const FOLDERS: &[&str] = &["etc/profile.d/", "etc/init.d/", "etc/rc.d/"];

impl Detector<Subject<'_>> for LoginScript {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let own = subject.path();
        for act in &subject.program.acts {
            let place = super::vocabulary::written_path(act).unwrap_or(&own);
            if !is_login_script(place) {
                continue;
            }
            let what = match &act.behavior {
                _ if ordered_over(act).is_some() => {
                    "a shell for whoever is at the other end of a connection"
                }
                Behavior::Evaluate { code, .. } if code.fetched_from().is_some() => {
                    "code fetched from the network"
                }
                Behavior::Execute { program, .. } if program.fetched_from().is_some() => {
                    "a program fetched from the network"
                }
                Behavior::Execute { program, .. } if is_odd_place(&program.text) => {
                    "a program from a temporary or hidden place"
                }
                _ => continue,
            };
            let confidence = if what.starts_with("a program from") {
                Confidence::Medium
            } else {
                Confidence::High
            };
            reporter.act(
                act,
                Sign::new(format!("{place} runs {what}.")).confidence(confidence),
            );
        }
    }
}

fn is_login_script(path: &str) -> bool {
    PLACES.iter().any(|place| path.ends_with(place))
        || FOLDERS.iter().any(|folder| path.contains(folder))
}

#[cfg(test)]
mod tests {
    use model::{Act, Language, Provenance, Reach, Step, Value};

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
