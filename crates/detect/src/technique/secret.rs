//! Secrets that the image carries: what they open, they open for everybody who has the image.

use model::{Confidence, Fact, Rule, Severity};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct Secret;

static RULE: Rule = Rule {
    id: "information/secret",
    title: "Carries a secret",
    severity: Severity::Info,
    confidence: Confidence::Low,
    attack: &["T1552.001", "T1552.004"],
    what: "A file or a variable of the image holds a private key without a password, a key of a cloud, or a token of a service, whose form or checksum holds. It is never printed whole.",
    why: "Everybody who can pull the image has it, for as long as it is valid: also if a later layer removes the file.",
    benign: "Tests and examples carry keys that open nothing: those below folders for tests are not told. This never moves the verdict, for it endangers who made the image, not who runs it.",
    next: "If it is yours, revoke it first, then build the image again without it.",
};

/// Folders whose keys are made to be seen.
const FOLDERS: &[&str] = &[
    "test",
    "tests",
    "testdata",
    "testing",
    "test-fixtures",
    "fixtures",
    "spec",
    "specs",
    "example",
    "examples",
    "doc",
    "docs",
    "samples",
    "demo",
    "unittest",
    "t",
];

impl Detector<FileSubject<'_>> for Secret {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        let path = subject.path();
        if path.split('/').any(|part| FOLDERS.contains(&part)) {
            return;
        }
        for fact in &subject.facts {
            if let Fact::Secret {
                kind,
                shown,
                steps,
                line,
            } = fact
            {
                let sign = Sign::new(format!("Holds {kind}, which begins with {shown}"));
                reporter.at(steps.clone(), *line, shown, sign);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Reach, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    #[test]
    fn it_is_told_and_never_weighs() {
        let secret = Fact::Secret {
            kind: "a private key".to_owned(),
            shown: "-----BEGIN PRIVATE KEY-----".to_owned(),
            steps: Vec::new(),
            line: 1,
        };
        let start = Reach::Start { chain: Vec::new() };
        assert_eq!(of_file(&Secret, &[secret], &start), [Verdict::Clean]);
        assert!(of_file(&Secret, &[], &start).is_empty());
    }
}
