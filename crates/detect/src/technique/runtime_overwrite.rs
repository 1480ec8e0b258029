//! Escape by overwriting the runtime that enters the container.

use model::{Behavior, Confidence, Rule, Severity};

use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct RuntimeOverwrite;

static RULE: Rule = Rule {
    id: "escape/runc-overwrite",
    title: "Overwrites the program that enters the container",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1611"],
    what: "Code writes to the program file of a running process through /proc (/proc/PID/exe), or plants a script whose interpreter is /proc/self/exe.",
    why: "When the runtime enters the container, that process is the runtime itself: what is written runs on the host, as root, with the next container.",
    benign: "No honest program writes to the file of a running process this way.",
    next: "Do not run the image, and enter no container of it. Compare the runtime's file on every host that did.",
};

/// Whether a path is the program file of a process.
fn is_program_of_process(path: &str) -> bool {
    let inner = path
        .strip_prefix("/proc/")
        .and_then(|rest| rest.strip_suffix("/exe"));
    inner.is_some_and(|process| !process.is_empty() && !process.contains('/'))
}

impl Detector<Subject<'_>> for RuntimeOverwrite {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::Write { path, content, .. } = &act.behavior else {
                continue;
            };
            let detail = if is_program_of_process(&path.text) {
                format!("Writes to {path}, the program of a running process.")
            } else if content.text.starts_with("#!/proc/self/exe") {
                format!("Makes {path} start again whatever starts it.")
            } else {
                continue;
            };
            let confidence = as_sure_as_it_runs(subject, Confidence::High);
            reporter.act(act, Sign::new(detail).confidence(confidence));
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Value;

    use super::*;
    use crate::technique::check::findings;

    #[test]
    fn running_programs_are_not_written() {
        let write = |path: &str, content: &str| {
            let write = Behavior::Write {
                path: Value::literal(path),
                content: Value::literal(content),
                append: false,
            };
            findings(&RuntimeOverwrite, &[write]).len()
        };
        assert_eq!(write("/proc/{?}/exe", "x"), 1);
        assert_eq!(write("/bin/sh", "#!/proc/self/exe\n"), 1);
        assert_eq!(write("/proc/self/oom_score_adj", "-1000"), 0);
        assert_eq!(write("/opt/exe", "x"), 0);
    }
}
