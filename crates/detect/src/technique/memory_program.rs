//! A program that is started out of memory.

use model::{Behavior, Confidence, Rule, Severity};

use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct MemoryProgram;

static RULE: Rule = Rule {
    id: "evasion/memory-program",
    title: "Starts a program that only memory holds",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1620", "T1027.013"],
    what: "A file that exists only in memory (memfd_create) is filled and started. It weighs where its content comes from: over the network, out of the program's own data, or from a file.",
    why: "What runs never lies on a disk, where it could be scanned; loaders of packed malware work this way.",
    benign: "Container runtimes copy themselves into memory before they enter a container, and some loaders of applications do it to save space.",
    next: "Read what fills the file: it is the program that runs.",
};

impl Detector<Subject<'_>> for MemoryProgram {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::Execute { program, .. } = &act.behavior else {
                continue;
            };
            if !program.text.starts_with("memfd:") {
                continue;
            }
            let is_foreign = program.received_over().is_some() || program.fetched_from().is_some();
            let confidence = match (is_foreign, program.was_decoded()) {
                (true, _) => Confidence::High,
                (false, true) => Confidence::Medium,
                // A copy of a file that lies in the image hides nothing.
                (false, false) => Confidence::Low,
            };
            let sign = Sign::new(format!("Starts {program}, a file in memory."));
            reporter.act(act, sign.confidence(confidence));
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Provenance, Stream, Value};

    use super::*;
    use crate::technique::check::{execute, findings};

    #[test]
    fn only_files_in_memory_count() {
        let started = |from| {
            [Behavior::Execute {
                program: Value {
                    text: "memfd:x".to_owned(),
                    known: false,
                    from,
                },
                arguments: Vec::new(),
                input: Stream::Inherited,
                output: Stream::Inherited,
            }]
        };
        assert_eq!(
            findings(&MemoryProgram, &started(vec![Provenance::Received(1)])).len(),
            1
        );
        let own = Provenance::Decoded("its own data".to_owned());
        assert_eq!(findings(&MemoryProgram, &started(vec![own])).len(), 1);
        assert!(findings(&MemoryProgram, &started(Vec::new())).is_empty());
        let plain = [execute("/proc/self/exe", &[], Stream::Inherited)];
        assert!(findings(&MemoryProgram, &plain).is_empty());
    }
}
