//! Programs that run from memory: nothing of them is ever a file that could be looked at.

use model::{Act, Behavior, Confidence, Language, Rule, Severity, Value};

use super::vocabulary::{as_sure_as_it_runs, is_interpreter};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct MemoryExecution;

static RULE: Rule = Rule {
    id: "evasion/memory-execution",
    title: "Runs a program from memory",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1620", "T1027.011"],
    what: "A program is started through a descriptor (/proc/self/fd/N, memfd_create), or is fetched to memory that looks like a folder (/dev/shm) and started there.",
    why: "Nothing is left that a scan of the file system could find.",
    benign: "Container runtimes start themselves this way; they are no scripts. A script that an interpreter reads from a descriptor is not reported.",
    next: "Look where the program comes from: the URL or the encoded text that fills the descriptor.",
};

/// Whether a path is that of an open descriptor, or of a file that has none but one.
fn is_descriptor(path: &str) -> bool {
    if path.starts_with("memfd:") {
        return true;
    }
    let behind_process = path.strip_prefix("/proc/").and_then(|rest| {
        let (_, rest) = rest.split_once('/')?;
        rest.strip_prefix("fd/")
    });
    // 0 to 2 are the standard streams.
    let number = behind_process.or_else(|| path.strip_prefix("/dev/fd/"));
    number.is_some_and(|number| !number.is_empty() && !matches!(number, "0" | "1" | "2"))
}

/// Whether a path lies in memory.
fn is_in_memory(path: &str) -> bool {
    path.starts_with("/dev/shm/") || path.starts_with("/run/shm/")
}

/// The dynamic linker called as a program runs the program it is given.
fn is_linker(program: &Value) -> bool {
    let name = program.base_name();
    name.starts_with("ld-linux") || name.starts_with("ld-musl") || name == "ld.so"
}

impl Detector<Subject<'_>> for MemoryExecution {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            if let Some((detail, confidence)) = sign(subject, act) {
                reporter.act(
                    act,
                    Sign::new(detail).confidence(as_sure_as_it_runs(subject, confidence)),
                );
            }
        }
    }
}

fn sign(subject: &Subject<'_>, act: &Act) -> Option<(String, Confidence)> {
    // What a compiled program starts from memory weighs by where it comes from, which
    // `evasion/memory-program` tells: container runtimes copy themselves there.
    if subject.program.language == Language::Machine {
        return None;
    }
    let Behavior::Execute {
        program, arguments, ..
    } = &act.behavior
    else {
        return None;
    };
    let run = if is_linker(program) {
        arguments.iter().find(|word| !word.text.starts_with('-'))?
    } else {
        program
    };
    let is_input = matches!(
        run.text.as_str(),
        "/dev/stdin" | "/proc/self/fd/0" | "/dev/fd/0"
    );
    if (is_descriptor(&run.text) || is_linker(program) && is_input) && !is_interpreter(run) {
        return Some((format!("Runs {run}, which is no file."), Confidence::High));
    }
    let is_brought = run.fetched_from().is_some()
        || run.received_over().is_some()
        || subject.program.acts.iter().any(|other| {
            matches!(&other.behavior, Behavior::Fetch { to: Some(to), .. } if to.text == run.text)
        });
    (is_in_memory(&run.text) && is_brought).then(|| {
        (
            format!("Runs {run}, which it fetched to memory."),
            Confidence::Medium,
        )
    })
}

#[cfg(test)]
mod tests {
    use model::{Provenance, Stream};

    use super::*;
    use crate::technique::check::{execute, findings};

    fn runs(program: &str, arguments: &[&str]) -> usize {
        findings(
            &MemoryExecution,
            &[execute(program, arguments, Stream::Inherited)],
        )
        .len()
    }

    #[test]
    fn descriptors_that_are_run_hit() {
        assert_eq!(runs("/proc/self/fd/4", &[]), 1);
        assert_eq!(runs("/proc/{?}/fd/{?}", &["x"]), 1);
        assert_eq!(runs("/lib64/ld-linux-x86-64.so.2", &["/proc/self/fd/9"]), 1);
        let mut program = Value::literal("/dev/shm/x");
        program = program.with_source(Provenance::Fetched("http://192.0.2.1/x".to_owned()));
        let act = Behavior::Execute {
            program,
            arguments: Vec::new(),
            input: Stream::Inherited,
            output: Stream::Inherited,
        };
        assert_eq!(findings(&MemoryExecution, &[act]).len(), 1);
    }

    #[test]
    fn scripts_from_descriptors_and_files_miss() {
        assert_eq!(runs("bash", &["/dev/fd/63"]), 0);
        assert_eq!(runs("/proc/self/exe", &[]), 0);
        assert_eq!(runs("/dev/shm/test", &[]), 0);
        assert_eq!(
            runs("/lib64/ld-linux-x86-64.so.2", &["--list", "/bin/ls"]),
            0
        );
    }
}
