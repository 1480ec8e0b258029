//! A kernel module that changes what the kernel answers.

use model::{Binary, Confidence, Fact, Form, Rule, Severity, Vocabulary};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct KernelRootkit;

static RULE: Rule = Rule {
    id: "evasion/kernel-rootkit",
    title: "Kernel module that hides things",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1014", "T1547.006"],
    what: "A kernel module names functions that answer what runs, listens or lies in folders, together with ways to replace functions of a running kernel; making processes root makes it surer.",
    why: "A container has the host's kernel. Such a module hides an intruder from every program on the host and gives root to whoever knows its signal.",
    benign: "Tracing and live-patch modules replace functions too, but do not name those that list processes, files and connections together.",
    next: "Treat a host that loaded it as taken over. Look what in the image loads it (insmod, modprobe, finit_module).",
};

impl Detector<FileSubject<'_>> for KernelRootkit {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in subject.facts {
            let Fact::Binary { binary, steps } = fact else {
                continue;
            };
            if let Some((sign, evidence)) = sign(binary) {
                reporter.at(steps.clone(), 0, &evidence, sign);
            }
        }
    }
}

fn sign(binary: &Binary) -> Option<(Sign, String)> {
    if binary.form != Form::KernelModule {
        return None;
    }
    let views = binary.words(Vocabulary::KernelView);
    let patches = binary.words(Vocabulary::KernelPatch);
    let credentials = binary.words(Vocabulary::KernelCredential);
    let confidence = match (views.len(), patches.len(), credentials.len()) {
        (2.., 1.., 1..) => Confidence::High,
        (3.., 1.., _) => Confidence::High,
        (1, 1.., 2..) | (2, 1.., 0) => Confidence::Medium,
        _ => return None,
    };
    let words: Vec<_> = [views, patches, credentials].concat();
    let sign = Sign::new(format!(
        "Names {} and can replace them by {}.",
        views.join(", "),
        patches.join(", ")
    ));
    Some((sign.confidence(confidence), words.join(", ")))
}

#[cfg(test)]
mod tests {
    use model::{Mark, Reach, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    fn judged(form: Form, words: &[(Vocabulary, &[&str])]) -> Vec<Verdict> {
        let marks = words.iter().map(|(vocabulary, words)| Mark {
            vocabulary: *vocabulary,
            words: words.iter().map(|&word| word.to_owned()).collect(),
        });
        let binary = Binary {
            form,
            marks: marks.collect(),
            ..Binary::default()
        };
        let fact = Fact::Binary {
            binary,
            steps: Vec::new(),
        };
        of_file(&KernelRootkit, &[fact], &Reach::Unreferenced)
    }

    #[test]
    fn views_and_ways_to_replace_them_are_needed() {
        let views = (Vocabulary::KernelView, &["sys_getdents", "sys_kill"][..]);
        let patches = (Vocabulary::KernelPatch, &["kallsyms_lookup_name"][..]);
        let credentials = (
            Vocabulary::KernelCredential,
            &["prepare_creds", "commit_creds"][..],
        );
        let all = [views, patches, credentials];
        assert_eq!(judged(Form::KernelModule, &all), [Verdict::Malicious]);
        assert!(judged(Form::Program, &all).is_empty());
        assert!(judged(Form::KernelModule, &[patches, credentials]).is_empty());
        assert!(judged(Form::KernelModule, &[views]).is_empty());
    }
}
