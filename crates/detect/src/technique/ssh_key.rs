//! A planted SSH key: somebody else's way in.

use model::{Behavior, Confidence, Reach, Rule, Severity};

use super::vocabulary::{behind_mount, written_path};
use crate::{Detector, Origin, Reporter, Sign, Subject};

/// The detector.
pub struct SshKey;

static RULE: Rule = Rule {
    id: "persistence/ssh-key",
    title: "Lets the holder of a fixed SSH key log in",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1098.004"],
    what: "A public key stands in an authorized_keys file of a layer (also one that a later layer deletes), or code writes one there when the container runs. Keys that the user supplies through a variable or argument are not reported.",
    why: "The holder of the private key logs in whenever the SSH port can be reached; written under a mount, on the host itself.",
    benign: "Development, bastion and git images carry keys on purpose. A key bound to one command (`command=…`) and keys of other users than root are reported as information.",
    next: "Compare the fingerprint with the keys of your people. If nobody owns it, remove it from the image, and look for it on every host that ran the image.",
};

impl Detector<Subject<'_>> for SshKey {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::GrantAccess {
                key_type,
                fingerprint,
                comment,
                options,
            } = &act.behavior
            else {
                continue;
            };
            let written = written_path(act).map(str::to_owned);
            let path = written.clone().unwrap_or_else(|| subject.path());
            let name = [fingerprint.as_str(), comment.as_str()]
                .iter()
                .find(|name| !name.is_empty())
                .copied()
                .unwrap_or("no comment");
            let detail =
                format!("The holder of the {key_type} key {name} may log in through {path}.");
            let (severity, confidence) = weight(subject, written.as_deref(), &path, options);
            reporter.act(
                act,
                Sign::new(detail).severity(severity).confidence(confidence),
            );
        }
    }
}

fn weight(
    subject: &Subject<'_>,
    written: Option<&str>,
    path: &str,
    options: &str,
) -> (Severity, Confidence) {
    // Without a shell or a forwarding, a key opens what its command offers.
    if options.contains("command=") {
        return (Severity::Low, Confidence::Medium);
    }
    let hidden = match &subject.origin {
        Origin::File(file) => subject.image.tree.hidden_by(*file).is_some(),
        Origin::Field(_) => false,
    };
    match (written, subject.reach) {
        (_, Reach::Past) => (Severity::Medium, Confidence::Low),
        (Some(path), _) if behind_mount(subject.image, path).is_some() => {
            (Severity::Critical, Confidence::High)
        }
        (Some(_), Reach::Start { .. } | Reach::Schedule { .. }) => {
            (Severity::High, Confidence::High)
        }
        (Some(_), _) => (Severity::High, Confidence::Medium),
        (None, _) if hidden => (Severity::High, Confidence::Medium),
        (None, _) if behind_mount(subject.image, path).is_some() => {
            (Severity::High, Confidence::Medium)
        }
        (None, _) if path.starts_with("/root/") || path.starts_with("/etc/") => {
            (Severity::High, Confidence::Medium)
        }
        (None, _) => (Severity::Medium, Confidence::Low),
    }
}

#[cfg(test)]
mod tests {
    use model::{Act, Language, Program, Step, Verdict};

    use super::*;
    use crate::technique::check::with_program;

    fn verdict(path: &str, options: &str, reach: &Reach) -> Verdict {
        let behavior = Behavior::GrantAccess {
            key_type: "ssh-ed25519".to_owned(),
            fingerprint: "SHA256:x".to_owned(),
            comment: String::new(),
            options: options.to_owned(),
        };
        let steps = vec![Step::new(format!("written to {path}"))];
        let acts = vec![Act {
            behavior,
            steps,
            line: 1,
            evidence: String::new(),
        }];
        let program = Program {
            language: Language::Shell,
            declared: true,
            steps: Vec::new(),
            acts,
        };
        with_program(&SshKey, &program, reach)[0].verdict()
    }

    #[test]
    fn who_writes_it_and_where_decides() {
        let start = Reach::Start { chain: Vec::new() };
        assert_eq!(
            verdict("/mnt/root/.ssh/authorized_keys", "", &start),
            Verdict::Malicious
        );
        assert_eq!(
            verdict("/root/.ssh/authorized_keys", "", &start),
            Verdict::Malicious
        );
        assert_eq!(
            verdict("/root/.ssh/authorized_keys", "", &Reach::Unreferenced),
            Verdict::Suspicious
        );
        assert_eq!(
            verdict("/root/.ssh/authorized_keys", "command=\"x\"", &start),
            Verdict::Clean
        );
        assert_eq!(
            verdict("/root/.ssh/authorized_keys", "", &Reach::Past),
            Verdict::Clean
        );
    }
}
