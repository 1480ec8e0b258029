//! Escape by the kernel's helpers: the programs it starts for core dumps and for events of devices.

use model::{Act, Behavior, Confidence, Rule, Severity, Value};

use super::vocabulary::{as_sure_as_it_runs, is_odd_place};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector of handlers of core dumps.
pub struct CorePattern;

/// The detector of handlers of events.
pub struct UeventHelper;

static CORE_PATTERN: Rule = Rule {
    id: "escape/core-pattern",
    title: "Makes the kernel run a program when one crashes",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1611"],
    what: "Code sets kernel.core_pattern to a pipe into a program that lies in the container's own layers, in a temporary folder, or at a path that is only found out when it runs.",
    why: "The kernel runs that program outside the container, as root, with the next crash, which is easily caused.",
    benign: "Collectors of crashes set it to a program that they install on the host, at a path that is written out: reported as information.",
    next: "Look at /proc/sys/kernel/core_pattern on every host that ran the image.",
};

static UEVENT_HELPER: Rule = Rule {
    id: "escape/uevent-helper",
    title: "Makes the kernel run a program on an event",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1611"],
    what: "Code sets the kernel's helper for events of devices, for loading modules or for shutting down (/sys/kernel/uevent_helper, kernel.hotplug, kernel.modprobe, kernel.poweroff_cmd) to a program in the container's own layers, in a temporary folder, or at a path that is only found out when it runs.",
    why: "The kernel runs that program outside the container, as root, with the next event, which is easily caused.",
    benign: "Small systems set it to mdev or hotplug when they boot: not reported.",
    next: "Look at these files on every host that ran the image.",
};

/// The kernel parameter or file of `/sys` that an act sets, and to what.
fn set(act: &Act) -> Option<(&str, &Value)> {
    match &act.behavior {
        Behavior::Write { path, content, .. } => {
            let text = path.text.as_str();
            // Through a mount, the same file stands behind another root.
            text.find("proc/sys/")
                .or_else(|| text.find("sys/kernel/"))
                .map(|_| (path.base_name(), content))
        }
        Behavior::SetKernelParameter { name, value } => {
            Some((name.text.rsplit('.').next().unwrap_or(&name.text), value))
        }
        _ => None,
    }
}

/// How sure it is that a helper is none of the host's own.
fn confidence(helper: &Value) -> Confidence {
    let path = helper.text.trim().trim_start_matches('|');
    let in_layers = [
        "/overlay2/",
        "/overlay/",
        "/diff/",
        "/snapshots/",
        "/aufs/",
        "/merged",
        "/rootfs/",
    ]
    .iter()
    .any(|part| path.contains(part));
    // What only stands in a file or a variable may be what was there before.
    let found_out = !helper.known && path.contains("}/") && helper.was_read();
    if in_layers || found_out || is_odd_place(path) {
        Confidence::High
    } else {
        Confidence::Low
    }
}

fn detect(subject: &Subject<'_>, reporter: &mut Reporter<'_>, names: &[&str], is_pipe: bool) {
    const OWN: &[&str] = &[
        "mdev", "hotplug", "hotplug2", "udev", "modprobe", "true", "poweroff",
    ];
    for act in &subject.program.acts {
        let Some((name, helper)) = set(act) else {
            continue;
        };
        let text = helper.text.trim();
        let program = text.split_whitespace().next().unwrap_or_default();
        let is_own = OWN.contains(&program.rsplit('/').next().unwrap_or(program));
        if !names.contains(&name) || text.is_empty() || is_own || is_pipe && !text.starts_with('|')
        {
            continue;
        }
        let sign = Sign::new(format!(
            "Has the kernel run {}.",
            text.trim_start_matches('|')
        ));
        reporter.act(
            act,
            sign.confidence(as_sure_as_it_runs(subject, confidence(helper))),
        );
    }
}

impl Detector<Subject<'_>> for CorePattern {
    fn rule(&self) -> &'static Rule {
        &CORE_PATTERN
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        detect(subject, reporter, &["core_pattern"], true);
    }
}

impl Detector<Subject<'_>> for UeventHelper {
    fn rule(&self) -> &'static Rule {
        &UEVENT_HELPER
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let names = ["uevent_helper", "hotplug", "modprobe", "poweroff_cmd"];
        detect(subject, reporter, &names, false);
    }
}

#[cfg(test)]
mod tests {
    use model::{Provenance, Verdict};

    use super::*;
    use crate::technique::check::full;

    fn write(path: &str, content: Value) -> [Behavior; 1] {
        [Behavior::Write {
            path: Value::literal(path),
            content,
            append: false,
        }]
    }

    fn core(content: &str) -> Verdict {
        let acts = write("/proc/sys/kernel/core_pattern", Value::literal(content));
        let found = full(&CorePattern, &acts);
        found
            .first()
            .map_or(Verdict::Clean, |found| found.verdict())
    }

    #[test]
    fn where_the_helper_lies_decides() {
        assert_eq!(
            core("|/var/lib/docker/overlay2/x/diff/c\n"),
            Verdict::Malicious
        );
        assert_eq!(core("|/tmp/x %p"), Verdict::Malicious);
        assert_eq!(
            core("|/usr/lib/systemd/systemd-coredump %P"),
            Verdict::Clean
        );
        assert_eq!(core("/tmp/core.%p"), Verdict::Clean);
        let mut helper = Value::literal("|");
        helper.append(&Value::unknown(Provenance::Output("sed".to_owned())));
        helper.append(&Value::literal("/c"));
        let acts = write("/host/proc/sys/kernel/core_pattern", helper);
        assert_eq!(full(&CorePattern, &acts)[0].verdict(), Verdict::Malicious);
    }

    #[test]
    fn helpers_of_small_systems_miss() {
        let helper = |program: &str| {
            full(
                &UeventHelper,
                &write("/sys/kernel/uevent_helper", Value::literal(program)),
            )
            .len()
        };
        assert_eq!(helper("/sbin/mdev"), 0);
        assert_eq!(helper(""), 0);
        assert_eq!(helper("/var/lib/docker/overlay2/x/diff/c"), 1);
    }
}
