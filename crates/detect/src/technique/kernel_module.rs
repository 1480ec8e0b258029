//! Escape by the kernel itself: a module brought along is loaded.

use model::{Behavior, Confidence, Rule, Severity};

use super::vocabulary::{as_sure_as_it_runs, host_of, is_odd_place, is_public_address};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct KernelModule;

static RULE: Rule = Rule {
    id: "escape/kernel-module",
    title: "Loads a kernel module of its own",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    attack: &["T1547.006", "T1014", "T1611"],
    what: "Code loads a kernel module that was fetched, that was compiled by the same program, or that lies in a temporary or hidden place.",
    why: "A module is part of the kernel: it can do anything on the host, and hide that it does.",
    benign: "Images of drivers load modules of the host's or of their own package: reported as information.",
    next: "Do not run the image privileged or with CAP_SYS_MODULE. Look at lsmod and at the kernel's log of every host that ran it.",
};

impl Detector<Subject<'_>> for KernelModule {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::LoadModule { module } = &act.behavior else {
                continue;
            };
            // A bare name is one of the kernel's own.
            if !module.text.contains('/') && !module.text.contains(".ko") {
                continue;
            }
            let fetched = module.fetched_from();
            let is_plain = fetched
                .is_some_and(|url| url.starts_with("http://") || is_public_address(host_of(url)));
            let hidden = is_odd_place(&module.text) || module.was_decoded();
            let (why, confidence) = match () {
                () if is_plain => (", which it fetched", Confidence::High),
                () if hidden && fetched.is_some() => {
                    (", which it fetched to hide it", Confidence::High)
                }
                () if hidden => (
                    ", which lies in a temporary or hidden place",
                    Confidence::Medium,
                ),
                () => ("", Confidence::Low),
            };
            let sign = Sign::new(format!("Loads {module} into the kernel{why}."));
            reporter.act(
                act,
                sign.confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Provenance, Value};

    use super::*;
    use crate::technique::check::findings;

    #[test]
    fn where_a_module_comes_from_decides() {
        let load =
            |module: Value| findings(&KernelModule, &[Behavior::LoadModule { module }]).len();
        assert_eq!(load(Value::literal("/tmp/.x/d.ko")), 1);
        let fetched = Provenance::Fetched("http://192.0.2.1/d.ko".to_owned());
        assert_eq!(load(Value::literal("d.ko").with_source(fetched)), 1);
        assert_eq!(load(Value::literal("overlay")), 0);
        assert_eq!(load(Value::literal("/lib/modules/6.1/extra/falco.ko")), 0);
    }
}
