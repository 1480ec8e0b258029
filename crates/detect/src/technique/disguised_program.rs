//! A disguised program: an ELF file or a script under the name of a picture.

use model::{Confidence, Fact, Reach, Rule, Severity};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct DisguisedProgram;

static RULE: Rule = Rule {
    id: "evasion/disguised-program",
    title: "Program under the name of a picture",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1036.008"],
    what: "A file whose name ends like that of a picture, a sound, a font or a document holds an ELF file, a Windows program or a script.",
    why: "The name is there so that nobody looks. Scanners that go by extension skip the file.",
    benign: "Test suites carry misnamed files, and downloads that failed are saved under the name of what they should have been. Look whether anything runs it.",
    next: "Read the file from the layer named here as what it is.",
};

impl Detector<FileSubject<'_>> for DisguisedProgram {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in &subject.facts {
            let Fact::Disguise {
                name_says,
                content,
                steps,
                evidence,
            } = fact
            else {
                continue;
            };
            let runs = matches!(subject.reach, Reach::Start { .. } | Reach::Schedule { .. });
            let confidence = if runs {
                Confidence::High
            } else {
                Confidence::Medium
            };
            let sign = Sign::new(format!(
                "The name ends in {name_says}, the content is {}.",
                content.name()
            ));
            reporter.at(steps.clone(), 0, evidence, sign.confidence(confidence));
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{ContentKind, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    #[test]
    fn a_disguise_that_runs_is_certain() {
        let fact = Fact::Disguise {
            name_says: ".jpg".to_owned(),
            content: ContentKind::Elf,
            steps: Vec::new(),
            evidence: String::new(),
        };
        let start = Reach::Start { chain: Vec::new() };
        assert_eq!(
            of_file(&DisguisedProgram, std::slice::from_ref(&fact), &start),
            [Verdict::Malicious]
        );
        assert_eq!(
            of_file(&DisguisedProgram, &[fact], &Reach::Unreferenced),
            [Verdict::Suspicious]
        );
        assert!(of_file(&DisguisedProgram, &[], &start).is_empty());
    }
}
