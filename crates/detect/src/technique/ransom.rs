//! Ransom: whatever lies on the machine is encrypted, and the plain files are gone.

use model::{Act, Behavior, Confidence, Provenance, Rule, Severity, Value};

use super::flow::file_of;
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct Ransom;

static RULE: Rule = Rule {
    id: "impact/ransom",
    title: "Encrypts files and removes the plain ones",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1486"],
    what: "Files that a search finds are put into a cipher, and the plain ones are overwritten or removed; a note that asks for payment makes it certain.",
    why: "Whoever mounted data into the container loses it.",
    benign: "Backups encrypt archives that they made themselves and remove those: not reported.",
    next: "Do not run the image with anything mounted. Restore from a backup that it could not reach.",
};

/// Words of notes that ask for payment.
const NOTE: &[&str] = &[
    "your files",
    "have been encrypted",
    "files are encrypted",
    "decrypt your",
    "bitcoin",
    "btc",
    "ransom",
    "to recover",
    "monero",
    "pay ",
];

/// Whether a path is one that a search found: it is not known, and stands below where data lies.
fn is_searched(value: &Value) -> bool {
    value.text.contains('*') || value.from.iter().any(|from| {
        matches!(from, Provenance::Output(name) if matches!(name.as_str(), "find" | "ls" | "os.walk" | "glob.glob" | "glob.iglob" | "locate"))
    })
}

/// Whether a path that was found is that of an archive: those of a backup.
fn is_archive(path: &str) -> bool {
    const ENDS: &[&str] = &[
        ".tar", ".gz", ".tgz", ".sql", ".dump", ".zip", ".bz2", ".xz", ".bak", ".log",
    ];
    ENDS.iter().any(|end| path.ends_with(end)) || path.contains("backup")
}

/// The plain file of which an act writes the encrypted content, if a search found it.
fn encrypted(act: &Act) -> Option<(&str, &Value)> {
    let Behavior::Write { path, content, .. } = &act.behavior else {
        return None;
    };
    if !content.was_encrypted() {
        return None;
    }
    let plain = content.from.iter().find_map(file_of)?;
    let searched = is_searched(path) || is_searched(content);
    (searched && !is_archive(plain)).then_some((plain, path))
}

impl Detector<Subject<'_>> for Ransom {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let acts = &subject.program.acts;
        let has_note = acts.iter().any(|act| match &act.behavior {
            Behavior::Write { content, .. } => {
                let text = content.text.to_ascii_lowercase();
                NOTE.iter().filter(|word| text.contains(*word)).count() >= 2
            }
            _ => false,
        });
        for act in acts {
            let Some((plain, path)) = encrypted(act) else {
                continue;
            };
            let replaces = path.text == plain;
            let removes = replaces
                || acts.iter().any(|other| match &other.behavior {
                    Behavior::Delete { path } => path.text == plain,
                    _ => false,
                });
            if !removes {
                continue;
            }
            let confidence = match has_note || is_wide(plain) {
                true => Confidence::High,
                false => Confidence::Medium,
            };
            let sign = Sign::new(format!(
                "Encrypts what it finds as {plain}, and leaves nothing plain."
            ));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

/// Whether files are found wherever they lie: from the root, in homes, behind mounts.
fn is_wide(path: &str) -> bool {
    const ROOTS: &[&str] = &[
        "/home", "/root", "/mnt", "/srv", "/var/www", "/var/lib", "/data", "/host", "/media",
    ];
    let rest = path.trim_start_matches('/');
    rest.is_empty()
        || rest.starts_with(['{', '*'])
        || ROOTS.iter().any(|root| path.starts_with(root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::technique::check::findings;

    fn acts(plain: &str) -> [Behavior; 2] {
        let found = Value::unknown(Provenance::Output("find".to_owned()));
        let plain = found.map_text(|_| plain.to_owned());
        let content = Value::unknown(Provenance::Encrypted("openssl aes-256-cbc".to_owned()))
            .with_source(Provenance::File(plain.text.clone()));
        let path = plain.map_text(|text| format!("{text}.locked"));
        [
            Behavior::Write {
                path,
                content,
                append: false,
            },
            Behavior::Delete { path: plain },
        ]
    }

    #[test]
    fn what_is_found_and_encrypted_hits() {
        assert_eq!(findings(&Ransom, &acts("/home")).len(), 1);
        assert_eq!(findings(&Ransom, &acts("/mnt/{?}")).len(), 1);
    }

    #[test]
    fn backups_miss() {
        assert!(findings(&Ransom, &acts("/backup/*.tar")).is_empty());
        assert!(findings(&Ransom, &acts("/home")[..1]).is_empty());
    }
}
