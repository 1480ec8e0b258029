//! Library preload: one library in front of every program.

use model::{Behavior, Confidence, Language, Reach, Rule, Severity};

use super::vocabulary::{behind_mount, is_odd_place, written_path};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct LibraryPreload;

static RULE: Rule = Rule {
    id: "persistence/library-preload",
    title: "Loads a library into every program",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1574.006"],
    what: "/etc/ld.so.preload names a library, in a layer or written by code, or LD_PRELOAD names one in a temporary or hidden place.",
    why: "The library sees and changes what every program does: rootkits hide their files and processes this way.",
    benign: "Memory allocators and test tools are preloaded through LD_PRELOAD from library folders; that is reported as information. Very few honest images use /etc/ld.so.preload.",
    next: "Look which package owns the library, and what functions it defines (readdir, open, accept …).",
};

impl Detector<Subject<'_>> for LibraryPreload {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let (library, by_variable) = match &act.behavior {
                Behavior::Preload { library } => (
                    library,
                    // A command's own variable holds for that command.
                    subject.program.language != Language::Preload && written_path(act).is_none(),
                ),
                Behavior::SetVariable { name, value } if name == "LD_PRELOAD" => (value, true),
                _ => continue,
            };
            let odd = is_odd_place(&library.text);
            let mounted =
                written_path(act).is_some_and(|path| behind_mount(subject.image, path).is_some());
            let runs = subject.runs_by_itself();
            let (severity, confidence) = match (by_variable, odd || mounted) {
                // A name that is made up at run time is a build's or a test's own.
                (true, _) if !library.known => (Severity::Info, Confidence::Medium),
                _ if subject.reach == &Reach::Past => (Severity::Info, Confidence::Medium),
                (true, true) if !runs => (Severity::High, Confidence::Low),
                // Source that the program brings along is read as what it is.
                (true, true) if is_compiled_here(subject, &library.text) => {
                    (Severity::High, Confidence::Low)
                }
                (_, true) => (Severity::High, Confidence::High),
                (false, false) => (Severity::High, Confidence::Medium),
                (true, false) => (Severity::Info, Confidence::Medium),
            };
            let sign = Sign::new(format!("Loads {library} into every program."))
                .severity(severity)
                .confidence(confidence);
            reporter.act(act, sign);
        }
    }
}

/// Whether the program compiles the library itself before it loads it for a program it starts.
fn is_compiled_here(subject: &Subject<'_>, library: &str) -> bool {
    const COMPILERS: &[&str] = &["cc", "gcc", "g++", "clang", "c99", "tcc", "ld"];
    subject.program.acts.iter().any(|act| match &act.behavior {
        Behavior::Execute {
            program, arguments, ..
        } => {
            COMPILERS.contains(&program.base_name())
                && arguments.iter().any(|argument| argument.text == library)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use model::Value;

    use super::*;
    use crate::technique::check::findings;

    fn variable(library: &str) -> Behavior {
        Behavior::SetVariable {
            name: "LD_PRELOAD".to_owned(),
            value: Value::literal(library),
        }
    }

    #[test]
    fn where_the_library_lies_decides() {
        assert_eq!(
            findings(&LibraryPreload, &[variable("/tmp/.x/lib.so")]).len(),
            1
        );
        assert!(
            findings(
                &LibraryPreload,
                &[variable("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2")]
            )
            .is_empty()
        );
        let compile = Behavior::Execute {
            program: Value::literal("gcc"),
            arguments: ["-shared", "-o", "/tmp/x.so", "x.c"]
                .map(Value::literal)
                .to_vec(),
            input: model::Stream::Inherited,
            output: model::Stream::Inherited,
        };
        assert!(findings(&LibraryPreload, &[compile, variable("/tmp/x.so")]).is_empty());
        assert_eq!(findings(&LibraryPreload, &[variable("/tmp/x.so")]).len(), 1);
    }
}
