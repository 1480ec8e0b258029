//! Wiping: the machine's files or disks are destroyed.

use model::{Act, Behavior, Confidence, Provenance, Rule, Severity, Value};

use super::host_device::is_disk;
use super::orders::started;
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct Wiper;

static RULE: Rule = Rule {
    id: "impact/wiper",
    title: "Destroys files or disks",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1485", "T1561"],
    what: "A program that runs by itself removes the root folder with all below it, or overwrites a disk of the machine.",
    why: "Whatever is mounted into the container is lost, and with a device of the host, the host.",
    benign: "Installers write disks that the user names: reported as information. Builds remove folders of their own.",
    next: "Do not run the image with anything mounted, and never privileged.",
};

/// What an act destroys.
fn destroyed(act: &Act) -> Option<(String, Confidence)> {
    match &act.behavior {
        Behavior::Delete { path }
            if path.known && matches!(path.text.as_str(), "/" | "/*" | "//" | "/." | "/..") =>
        {
            Some(("all files".to_owned(), Confidence::High))
        }
        Behavior::Delete { path } if path.known && is_disk(&path.text) => {
            Some((format!("the disk {path}"), Confidence::Medium))
        }
        Behavior::Write { path, content, .. } if path.known && is_disk(&path.text) => {
            let noise = |from: &Provenance| matches!(from, Provenance::File(path) if matches!(path.as_str(), "/dev/zero" | "/dev/urandom" | "/dev/random"));
            let confidence = if content.from.iter().any(noise) {
                Confidence::Medium
            } else {
                Confidence::Low
            };
            Some((format!("the disk {path}"), confidence))
        }
        _ => {
            let (program, arguments) = started(act)?;
            let disk = arguments
                .iter()
                .find(|word| word.known && is_disk(&word.text))?;
            let wipes = matches!(
                program.base_name(),
                "wipefs" | "blkdiscard" | "sgdisk" | "hdparm"
            ) && arguments.iter().any(|word: &Value| {
                matches!(
                    word.text.as_str(),
                    "-a" | "--all" | "-Z" | "--zap-all" | "-f" | "--security-erase"
                )
            });
            wipes.then(|| (format!("the disk {disk}"), Confidence::Low))
        }
    }
}

impl Detector<Subject<'_>> for Wiper {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Some((what, confidence)) = destroyed(act) else {
                continue;
            };
            let confidence = match subject.runs_by_itself() {
                true => confidence,
                false => Confidence::Low,
            };
            let sign = Sign::new(format!("Destroys {what}."));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::technique::check::findings;

    fn delete(path: &str) -> usize {
        let path = Value::literal(path);
        findings(&Wiper, &[Behavior::Delete { path }]).len()
    }

    #[test]
    fn everything_or_a_disk_hits() {
        assert_eq!(delete("/"), 1);
        assert_eq!(delete("/*"), 1);
        let write = Behavior::Write {
            path: Value::literal("/dev/sda"),
            content: Value::unknown(Provenance::File("/dev/zero".to_owned())),
            append: false,
        };
        assert_eq!(findings(&Wiper, &[write]).len(), 1);
    }

    #[test]
    fn folders_of_a_build_miss() {
        assert_eq!(delete("/tmp/*"), 0);
        let path = Value::unknown(Provenance::Environment("ROOT".to_owned()));
        let path = path.map_text(|text| format!("{text}/*"));
        assert!(findings(&Wiper, &[Behavior::Delete { path }]).is_empty());
        let write = Behavior::Write {
            path: Value::literal("/dev/sda"),
            content: Value::unknown(Provenance::File("/images/os.img".to_owned())),
            append: false,
        };
        assert!(findings(&Wiper, &[write]).is_empty());
    }
}
