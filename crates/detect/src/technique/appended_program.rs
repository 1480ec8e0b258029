//! An appended program: code behind the last byte of a picture.

use model::{Confidence, Fact, Rule, Severity};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct AppendedProgram;

static RULE: Rule = Rule {
    id: "evasion/appended-program",
    title: "Program behind the end of a picture",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1027.009", "T1036.008"],
    what: "A picture is whole, and after its last byte comes an ELF file, a Windows program or a script.",
    why: "The picture can be shown and looks harmless; a loader cuts the program off its end and runs it.",
    benign: "Cameras and editors append previews and metadata; these are not programs and are not reported.",
    next: "Cut the file at the offset given here and read the rest as what it is.",
};

impl Detector<FileSubject<'_>> for AppendedProgram {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in &subject.facts {
            let Fact::Trailing {
                picture,
                offset,
                length,
                content,
                steps,
                evidence,
            } = fact
            else {
                continue;
            };
            if content.is_program() {
                let sign = Sign::new(format!(
                    "{length} bytes of {} follow {} at byte {offset}.",
                    content.name(),
                    picture.name()
                ));
                reporter.at(steps.clone(), 0, evidence, sign);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{ContentKind, Language, Reach, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    #[test]
    fn only_programs_count() {
        let trailing = |content| {
            [Fact::Trailing {
                picture: ContentKind::Jpeg,
                offset: 9,
                length: 5,
                content,
                steps: Vec::new(),
                evidence: String::new(),
            }]
        };
        let found = of_file(
            &AppendedProgram,
            &trailing(ContentKind::Script(Language::Shell)),
            &Reach::Unreferenced,
        );
        assert_eq!(found, [Verdict::Suspicious]);
        assert!(
            of_file(
                &AppendedProgram,
                &trailing(ContentKind::Data),
                &Reach::Unreferenced
            )
            .is_empty()
        );
    }
}
