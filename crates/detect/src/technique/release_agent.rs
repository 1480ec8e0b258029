//! Escape by control groups: the kernel is told to run a program of the container on the host.

use model::{Act, Behavior, Confidence, Rule, Severity, Value};

use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct ReleaseAgent;

static RULE: Rule = Rule {
    id: "escape/release-agent",
    title: "Makes the kernel run a program on the host",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1611"],
    what: "Code names a program in the release_agent file of a control group and asks to have it run (notify_on_release).",
    why: "The kernel runs that program outside the container, as root, as soon as the group is empty.",
    benign: "Managers of control groups did this on hosts, before systemd; no container has a reason to.",
    next: "Do not run the image with CAP_SYS_ADMIN or privileged. If it ran so, treat the host as taken over.",
};

/// What is written to a file of a name.
fn written_to<'a>(act: &'a Act, name: &str) -> Option<&'a Value> {
    match &act.behavior {
        Behavior::Write { path, content, .. } if path.base_name() == name => Some(content),
        _ => None,
    }
}

impl Detector<Subject<'_>> for ReleaseAgent {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let acts = &subject.program.acts;
        let notifies = acts.iter().any(|act| {
            written_to(act, "notify_on_release").is_some_and(|content| content.text.trim() != "0")
        });
        for act in acts {
            let Some(agent) = written_to(act, "release_agent") else {
                continue;
            };
            if agent.text.trim().is_empty() {
                continue;
            }
            let confidence = if notifies {
                Confidence::High
            } else {
                Confidence::Medium
            };
            let detail = format!("Has the kernel run {} on the host.", agent.text.trim());
            reporter.act(
                act,
                Sign::new(detail).confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Verdict;

    use super::*;
    use crate::technique::check::full;

    fn write(path: &str, content: &str) -> Behavior {
        Behavior::Write {
            path: Value::literal(path),
            content: Value::literal(content),
            append: false,
        }
    }

    #[test]
    fn an_agent_that_is_asked_for_hits() {
        let acts = [
            write("/tmp/cgrp/x/notify_on_release", "1\n"),
            write(
                "/tmp/cgrp/release_agent",
                "/var/lib/docker/overlay2/x/diff/cmd\n",
            ),
        ];
        assert_eq!(full(&ReleaseAgent, &acts)[0].verdict(), Verdict::Malicious);
    }

    #[test]
    fn other_files_of_a_group_miss() {
        assert!(
            full(
                &ReleaseAgent,
                &[write("/sys/fs/cgroup/x/notify_on_release", "1")]
            )
            .is_empty()
        );
        assert!(
            full(
                &ReleaseAgent,
                &[write("/sys/fs/cgroup/x/release_agent", "")]
            )
            .is_empty()
        );
    }
}
