//! Files that resist removal: made immutable by the program that planted them.

use model::{Act, Behavior, Confidence, Rule, Severity};

use super::vocabulary::{as_sure_as_it_runs, is_odd_place};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct FileHiding;

static RULE: Rule = Rule {
    id: "evasion/file-hiding",
    title: "Makes what it plants resist removal",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1222.002", "T1564.001"],
    what: "A crontab, a list of keys, a preload list, a unit, or a file in a temporary or hidden place is made immutable (chattr +i, +a) by code.",
    why: "Not even root can then remove it without knowing of the attribute, nor can a rival.",
    benign: "Administrators protect /etc/resolv.conf and account files this way: not reported.",
    next: "Remove the attribute with chattr -ia, then look at what the file holds.",
};

/// Parts of paths whose files make something run or let somebody in.
const TRUSTED: &[&str] = &[
    "/cron",
    "authorized_keys",
    "/.ssh",
    "ld.so.preload",
    "/etc/systemd/",
    "/etc/init.d/",
    "/etc/rc.local",
    "/etc/rc.d/",
];

impl Detector<Subject<'_>> for FileHiding {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let acts = &subject.program.acts;
        for act in acts {
            let Behavior::SetAttribute { path, attribute } = &act.behavior else {
                continue;
            };
            let resists = attribute
                .text
                .split_once('+')
                .is_some_and(|(_, letters)| letters.contains(['i', 'a']));
            let is_trusted = TRUSTED.iter().any(|part| path.text.contains(part));
            if !resists || !is_trusted && !is_odd_place(&path.text) {
                continue;
            }
            let planted = acts.iter().any(|other| plants(other, &path.text));
            let confidence = if planted || is_odd_place(&path.text) {
                Confidence::Medium
            } else {
                Confidence::Low
            };
            let sign = Sign::new(format!("Makes {path} immutable."));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

/// Whether an act puts something to a path, or below it.
fn plants(act: &Act, path: &str) -> bool {
    match &act.behavior {
        Behavior::Write { path: written, .. } => written.text.starts_with(path),
        Behavior::Fetch { to: Some(to), .. } => to.text.starts_with(path),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use model::Value;

    use super::*;
    use crate::technique::check::findings;

    fn acts(path: &str, attribute: &str) -> [Behavior; 2] {
        [
            Behavior::Write {
                path: Value::literal(path),
                content: Value::literal("x"),
                append: true,
            },
            Behavior::SetAttribute {
                path: Value::literal(path),
                attribute: Value::literal(attribute),
            },
        ]
    }

    #[test]
    fn what_a_program_plants_and_protects_hits() {
        for path in ["/etc/cron.d/x", "/root/.ssh/authorized_keys", "/tmp/.x/run"] {
            assert_eq!(findings(&FileHiding, &acts(path, "+ia")).len(), 1, "{path}");
        }
    }

    #[test]
    fn administrators_miss() {
        assert!(findings(&FileHiding, &acts("/etc/resolv.conf", "+i")).is_empty());
        assert!(findings(&FileHiding, &acts("/etc/cron.d/x", "-i")).is_empty());
        assert!(findings(&FileHiding, &acts("/etc/crontab", "+i")[1..]).is_empty());
    }
}
