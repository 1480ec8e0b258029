//! A well-known library with a backdoor planted in its release.

use model::{Confidence, Fact, Rule, Severity, Vocabulary};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct PlantedLibrary;

static RULE: Rule = Rule {
    id: "supply-chain/planted-library",
    title: "Library with a planted backdoor",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1195.001", "T1554"],
    what: "A compiled file holds the machine code that was planted in releases 5.6.0 and 5.6.1 of liblzma (CVE-2024-3094).",
    why: "Loaded into sshd, it lets the holder of a private key run commands as root before any login.",
    benign: "None: the code was never part of an honest build. Collections of malware carry it on purpose.",
    next: "Replace the package, rebuild everything on top of this image, and treat machines that exposed its sshd as taken over.",
};

impl Detector<FileSubject<'_>> for PlantedLibrary {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in subject.facts {
            let Fact::Binary { binary, steps } = fact else {
                continue;
            };
            if !binary.words(Vocabulary::PlantedCode).is_empty() {
                let sign = Sign::new("Holds the code planted in liblzma 5.6.0 and 5.6.1.");
                reporter.at(steps.clone(), 0, "machine code", sign);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Binary, Mark, Reach, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    #[test]
    fn the_planted_code_is_enough() {
        let judged = |vocabulary| {
            let mark = Mark {
                vocabulary,
                words: vec!["x".to_owned()],
            };
            let binary = Binary {
                marks: vec![mark],
                ..Binary::default()
            };
            let fact = Fact::Binary {
                binary,
                steps: Vec::new(),
            };
            of_file(&PlantedLibrary, &[fact], &Reach::Unreferenced)
        };
        assert_eq!(judged(Vocabulary::PlantedCode), [Verdict::Malicious]);
        assert!(judged(Vocabulary::MiningReport).is_empty());
    }
}
