//! A library that stands in front of the C library to hide things.

use model::{Binary, Confidence, Fact, Form, Rule, Severity, Vocabulary};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct HookingLibrary;

static RULE: Rule = Rule {
    id: "evasion/hooking-library",
    title: "Library that hides files or processes",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1014", "T1574.006"],
    what: "A shared library defines the C library's functions that list folders, and calls the real ones behind them. Other functions it defines in the same way, and words that look at processes and connections, make it surer.",
    why: "Loaded into every program, it decides what the administrator sees: files, processes and connections of an intruder are left out.",
    benign: "Libraries that emulate a root user, a time or a network define other functions and leave the listing of folders alone. Tracers and test tools that stand in front of all that touches files are reported as a hint.",
    next: "Look what loads it (/etc/ld.so.preload, LD_PRELOAD), and what names it compares: these are what it hides.",
};

impl Detector<FileSubject<'_>> for HookingLibrary {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in &subject.facts {
            let Fact::Binary { binary, steps } = fact else {
                continue;
            };
            if let Some(sign) = sign(binary) {
                reporter.at(steps.clone(), 0, &binary.hooks.join(", "), sign);
            }
        }
    }
}

fn sign(binary: &Binary) -> Option<Sign> {
    let lists = |name: &&String| {
        matches!(
            name.as_str(),
            "readdir" | "readdir64" | "readdir_r" | "readdir64_r" | "getdents" | "getdents64"
        )
    };
    let listing: Vec<_> = binary.hooks.iter().filter(lists).cloned().collect();
    if binary.form != Form::Library || listing.is_empty() || !binary.calls_next {
        return None;
    }
    let views = binary.words(Vocabulary::ProcessView);
    let others = binary.hooks.len() - listing.len();
    let mut detail = format!("Stands in front of {}", listing.join(", "));
    if others > 0 {
        detail.push_str(&format!(" and {others} other functions"));
    }
    if !views.is_empty() {
        detail.push_str(&format!("; looks at {}", views.join(", ")));
    }
    detail.push('.');
    let confidence = match (views.len(), others) {
        (1.., _) => Confidence::High,
        // Tracers stand in front of all that touches files; an intruder's library wants more.
        (0, 1..) if !binary.hooks.iter().any(|name| lets_in(name)) => Confidence::Low,
        _ => Confidence::Medium,
    };
    Some(Sign::new(detail).confidence(confidence))
}

/// Whether who stands in front of a function sees logins, connections or programs that start.
fn lets_in(name: &str) -> bool {
    name.starts_with("pam_")
        || name.starts_with("audit_")
        || matches!(
            name,
            "accept"
                | "accept4"
                | "pcap_loop"
                | "kill"
                | "execve"
                | "ptrace"
                | "getspnam"
                | "getpwnam"
        )
}

#[cfg(test)]
mod tests {
    use model::{Mark, Reach, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    fn judged(hooks: &[&str], calls_next: bool, views: &[&str]) -> Vec<Verdict> {
        let marks = vec![Mark {
            vocabulary: Vocabulary::ProcessView,
            words: views.iter().map(|&word| word.to_owned()).collect(),
        }];
        let binary = Binary {
            form: Form::Library,
            hooks: hooks.iter().map(|&name| name.to_owned()).collect(),
            calls_next,
            marks,
            ..Binary::default()
        };
        let fact = Fact::Binary {
            binary,
            steps: Vec::new(),
        };
        of_file(&HookingLibrary, &[fact], &Reach::Unreferenced)
    }

    #[test]
    fn the_listing_of_folders_is_what_counts() {
        assert_eq!(
            judged(&["readdir", "readdir64"], true, &["/proc/%s/stat"]),
            [Verdict::Malicious]
        );
        assert_eq!(
            judged(&["accept", "readdir", "stat"], true, &[]),
            [Verdict::Suspicious]
        );
        // A tracer of files.
        assert_eq!(
            judged(&["open", "readdir", "unlink"], true, &[]),
            [Verdict::Clean]
        );
        // Another root, another network, another C library.
        assert!(judged(&["open", "stat", "unlink"], true, &[]).is_empty());
        assert!(judged(&["connect", "accept"], true, &["/proc/net/tcp"]).is_empty());
        assert!(judged(&["readdir", "open"], false, &[]).is_empty());
    }
}
