//! A packed program: code that shows itself only when it runs.

use model::{Confidence, Fact, Reach, Rule, Severity};

use super::vocabulary::is_odd_place;
use crate::subject::shown_path;
use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct PackedProgram;

static RULE: Rule = Rule {
    id: "evasion/packed-program",
    title: "Packed program",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    attack: &["T1027.002"],
    what: "A program's code is compressed or encrypted and unpacks itself in memory: by its structure, whatever its marks say. That the marks were damaged so that the packer's own tool cannot undo it, an odd place, and a start by the image weigh more.",
    why: "What it does cannot be read from the file.",
    benign: "Packed releases of command-line tools are common, to save space. They unpack with the packer's own tool.",
    next: "Unpack it (upx -d) or run it in a sandbox and read its memory.",
};

impl Detector<FileSubject<'_>> for PackedProgram {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in subject.facts {
            let Fact::Binary { binary, steps } = fact else {
                continue;
            };
            let Some(packing) = &binary.packing else {
                continue;
            };
            let runs = matches!(subject.reach, Reach::Start { .. } | Reach::Schedule { .. });
            let path = subject.image.record(subject.file).map(shown_path);
            let is_odd = path.is_some_and(|path| is_odd_place(&path));
            // What was unpacked here is judged by what it holds.
            let severity = match (packing.is_undone, packing.is_damaged, is_odd, runs) {
                (false, true, true, _) | (false, true, _, true) | (_, _, true, true) => {
                    Severity::Medium
                }
                (true, false, false, _) => Severity::Info,
                _ => Severity::Low,
            };
            let state = if packing.is_undone {
                " It was unpacked and read."
            } else {
                ""
            };
            let sign = Sign::new(format!("Packed: {}.{state}", packing.by))
                .severity(severity)
                .confidence(Confidence::Medium);
            reporter.at(steps.clone(), 0, &packing.by, sign);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Binary, Packing, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    #[test]
    fn packing_alone_is_no_verdict() {
        let judged = |is_damaged, is_undone, reach: &Reach| {
            let packing = Packing {
                by: "UPX".to_owned(),
                is_damaged,
                is_undone,
            };
            let binary = Binary {
                packing: Some(packing),
                ..Binary::default()
            };
            let fact = Fact::Binary {
                binary,
                steps: Vec::new(),
            };
            of_file(&PackedProgram, &[fact], reach)
        };
        let start = Reach::Start { chain: Vec::new() };
        assert_eq!(judged(false, true, &start), [Verdict::Clean]);
        assert_eq!(judged(false, false, &start), [Verdict::Clean]);
        assert_eq!(judged(true, false, &Reach::Unreferenced), [Verdict::Clean]);
        assert_eq!(judged(true, false, &start), [Verdict::Suspicious]);
    }
}
