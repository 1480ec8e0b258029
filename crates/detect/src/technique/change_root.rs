//! Escape by chroot: going on inside the host's own file system.

use bstr::BStr;
use model::{Behavior, Confidence, Rule, Severity};

use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct ChangeRoot;

static RULE: Rule = Rule {
    id: "escape/chroot",
    title: "Changes root into a mounted host",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1611"],
    what: "Code changes its root to a folder that the image lacks, or to the root of process 1: it works only if the host's file system is mounted there.",
    why: "From then on commands act on the host.",
    benign: "Tools for node maintenance do this openly. A build script changes root into a folder that it made.",
    next: "Do not run the image with the host's root mounted or privileged, unless that is its declared purpose.",
};

impl Detector<Subject<'_>> for ChangeRoot {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::ChangeRoot { root } = &act.behavior else {
                continue;
            };
            let host_process = root.text.starts_with("/proc/1/root");
            let lacks = root.known
                && root.text.starts_with('/')
                && root.text.len() > 1
                && !subject.image.tree.exists(BStr::new(&root.text));
            let made = subject
                .program
                .acts
                .iter()
                .any(|other| makes(&other.behavior, &root.text));
            if !(host_process || lacks && !made && subject.runs_by_itself()) {
                continue;
            }
            let sign = Sign::new(format!(
                "Goes on with {root} as root, which the image does not have."
            ));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, Confidence::Medium)),
            );
        }
    }
}

/// Whether the program itself fills the folder: `debootstrap`, `mkdir`, `tar -C`.
fn makes(behavior: &Behavior, root: &str) -> bool {
    match behavior {
        Behavior::Execute { arguments, .. } => arguments
            .iter()
            .any(|argument| argument.text.starts_with(root)),
        Behavior::Mount { target, .. } => {
            target.text.starts_with(root) && target.text.len() > root.len()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use model::{Stream, Value};

    use super::*;
    use crate::technique::check::{execute, findings};

    fn chroot(root: &str) -> Behavior {
        Behavior::ChangeRoot {
            root: Value::literal(root),
        }
    }

    #[test]
    fn a_root_that_is_not_in_the_image_hits() {
        assert_eq!(findings(&ChangeRoot, &[chroot("/host")]).len(), 1);
        assert_eq!(findings(&ChangeRoot, &[chroot("/proc/1/root")]).len(), 1);
        assert!(findings(&ChangeRoot, &[chroot("/etc")]).is_empty());
        assert!(findings(&ChangeRoot, &[chroot("{TARGET}")]).is_empty());
        let made = [
            execute("debootstrap", &["bookworm", "/target"], Stream::Inherited),
            chroot("/target"),
        ];
        assert!(findings(&ChangeRoot, &made).is_empty());
    }
}
