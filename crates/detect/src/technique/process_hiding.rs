//! Hiding of processes: mounts over their folders in `/proc`, and names of the kernel's threads.

use model::{Act, Behavior, Confidence, Rule, Severity, Value};

use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct ProcessHiding;

static RULE: Rule = Rule {
    id: "evasion/process-hiding",
    title: "Hides a process",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1564", "T1036.004", "T1055"],
    what: "Something is mounted over the folder of a process in /proc, or a process takes the name of a thread of the kernel, such as [kworker/0:0].",
    why: "Tools that list processes do not show it, or show it as something that nobody looks at twice.",
    benign: "Servers put what they do into their name; no server takes that of a kernel thread. Mounts over files of /proc such as /proc/sys are not reported.",
    next: "Look what the process is, from outside the container: /proc/PID/exe does not lie.",
};

/// First parts of names that only threads of the kernel have.
const KERNEL_THREADS: &[&str] = &[
    "kworker",
    "kthreadd",
    "ksoftirqd",
    "kswapd",
    "khugepaged",
    "kdevtmpfs",
    "kauditd",
    "kblockd",
    "khungtaskd",
    "migration/",
];

/// Whether a name is that of a kernel thread: one that tools show in brackets, or one that only
/// such threads have.
fn is_kernel_thread(name: &str) -> bool {
    let name = name.trim();
    if let Some(inner) = name.strip_prefix('[') {
        return inner.trim_end().ends_with(']') && inner.len() > 2;
    }
    KERNEL_THREADS.iter().any(|thread| name.starts_with(thread))
}

/// Whether a path is the folder of one process in `/proc`.
fn is_process_folder(path: &str) -> bool {
    let Some(rest) = path.trim_end_matches('/').strip_prefix("/proc/") else {
        return false;
    };
    let is_number = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    // `/proc/$pid`: a placeholder and nothing behind it.
    let is_placeholder = rest.starts_with('{') && rest.ends_with('}') && !rest.contains('/');
    is_number || is_placeholder || rest == "self"
}

impl Detector<Subject<'_>> for ProcessHiding {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            if let Some((detail, confidence)) = hidden(act) {
                let confidence = as_sure_as_it_runs(subject, confidence);
                reporter.act(act, Sign::new(detail).confidence(confidence));
            }
        }
    }
}

/// The name of a program's file; that of a thread may hold a slash: `/tmp/[kworker/0:0]`.
fn file_name(program: &Value) -> &str {
    match program.text.rfind("/[") {
        Some(at) => program.text.get(at + 1..).unwrap_or_default(),
        None => program.base_name(),
    }
}

fn hidden(act: &Act) -> Option<(String, Confidence)> {
    match &act.behavior {
        Behavior::Mount { source, target } if is_process_folder(&target.text) => {
            let detail = format!("Mounts {source} over {target}, so that the process is not seen.");
            Some((detail, Confidence::High))
        }
        Behavior::NameProcess { name } if is_kernel_thread(&name.text) => {
            let detail = format!("Calls its process {name}, as a thread of the kernel.");
            Some((detail, Confidence::High))
        }
        Behavior::Execute { program, .. }
            if program.text.contains('/') && is_kernel_thread(file_name(program)) =>
        {
            let detail = format!("Starts {program}, which is called like a thread of the kernel.");
            // Brackets stand in no name but those that tools show.
            let confidence = match file_name(program).starts_with('[') {
                true => Confidence::High,
                false => Confidence::Medium,
            };
            Some((detail, confidence))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use model::Stream;

    use super::*;
    use crate::technique::check::{execute, findings};

    fn mount(target: &str) -> usize {
        let mount = Behavior::Mount {
            source: Value::literal("/tmp/empty"),
            target: Value::literal(target),
        };
        findings(&ProcessHiding, &[mount]).len()
    }

    fn name(name: &str) -> usize {
        let name = Behavior::NameProcess {
            name: Value::literal(name),
        };
        findings(&ProcessHiding, &[name]).len()
    }

    #[test]
    fn mounts_over_processes_hit() {
        for target in ["/proc/4711", "/proc/4711/", "/proc/{PID}", "/proc/{?}"] {
            assert_eq!(mount(target), 1, "{target}");
        }
        for target in [
            "/proc",
            "/proc/sys",
            "/proc/sys/fs/binfmt_misc",
            "/proc/acpi",
            "/mnt/proc/1",
        ] {
            assert_eq!(mount(target), 0, "{target}");
        }
    }

    #[test]
    fn names_of_kernel_threads_hit() {
        for own in ["[kworker/0:0]", "[kthreadd]", "kworker/u8:2", "[md]"] {
            assert_eq!(name(own), 1, "{own}");
        }
        for own in [
            "nginx: worker process",
            "-bash",
            "crypto-service",
            "[",
            "postgres: writer",
        ] {
            assert_eq!(name(own), 0, "{own}");
        }
    }

    #[test]
    fn programs_called_like_kernel_threads_hit() {
        let run = |program: &str| {
            findings(&ProcessHiding, &[execute(program, &[], Stream::Inherited)]).len()
        };
        assert_eq!(run("/tmp/[kworker/0:0]"), 1);
        assert_eq!(run("./kworker"), 1);
        assert_eq!(run("/usr/bin/["), 0);
        assert_eq!(run("kswapd-stat"), 0);
        assert_eq!(run("/usr/bin/nginx"), 0);
    }
}
