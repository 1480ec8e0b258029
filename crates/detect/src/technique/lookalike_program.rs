//! A look-alike: a program under the name of a part of the system, where that part never is.

use bstr::{BStr, ByteSlice};
use model::{Confidence, ContentKind, Reach, Rule, Severity, entry::file_name};

use crate::{Detector, FileSubject, Reporter, Sign, Standing};

/// The detector.
pub struct LookalikeProgram;

static RULE: Rule = Rule {
    id: "evasion/lookalike-program",
    title: "Program under the name of a part of the system",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1036.005", "T1036.004"],
    what: "A program that no package owns bears the name of a kernel thread, which has no file, or that of a well-known service while it lies in a folder for temporary files, in a hidden folder or among settings.",
    why: "In a list of processes it passes for the real one, and nobody looks at where it was started from.",
    benign: "Builds leave programs in folders for temporary files, and tools are unpacked to hidden ones. Whether anything starts it from there tells them apart.",
    next: "Read the program from the layer named here, and what starts it.",
};

/// Names of kernel threads, without their numbers. Those that are common words are left out.
const KERNEL_THREADS: &[&str] = &[
    "kworker",
    "kthreadd",
    "ksoftirqd",
    "kswapd",
    "khugepaged",
    "kcompactd",
    "kblockd",
    "kintegrityd",
    "khungtaskd",
    "kdevtmpfs",
    "kauditd",
    "oom_reaper",
    "rcu_sched",
    "rcu_preempt",
    "rcu_bh",
    "rcu_tasks_kthread",
    "mm_percpu_wq",
    "cpuhp",
    "kthrotld",
    "scsi_eh",
    "jbd2",
    "kpsmoused",
    "ksmd",
];

/// Services that a list of processes often shows.
const SERVICES: &[&str] = &[
    "sshd",
    "cron",
    "crond",
    "atd",
    "systemd",
    "init",
    "dbus-daemon",
    "rsyslogd",
    "syslogd",
    "syslog-ng",
    "nginx",
    "httpd",
    "apache2",
    "mysqld",
    "postgres",
    "redis-server",
    "dockerd",
    "containerd",
    "containerd-shim",
    "kubelet",
    "kube-proxy",
    "dhclient",
    "ntpd",
    "chronyd",
    "agetty",
    "udevd",
    "auditd",
    "polkitd",
    "snapd",
    "irqbalance",
    "acpid",
    "rpcbind",
    "crontab",
    "NetworkManager",
    "php-fpm",
    "java",
    "bash",
    "sh",
];

/// Where nobody installs a program.
const ODD_FOLDERS: &[&str] = &[
    "tmp/",
    "var/tmp/",
    "dev/",
    "run/",
    "var/run/",
    "var/lock/",
    "var/spool/",
    "var/cache/",
    "var/log/",
    "var/mail/",
    "proc/",
    "sys/",
    "lost+found/",
];

impl Detector<FileSubject<'_>> for LookalikeProgram {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        let (Some(file), Some(record)) = (subject.file(), subject.record()) else {
            return;
        };
        if !record.content.is_program() {
            return;
        }
        let path = record.path.as_bstr();
        let owned = subject.image.owners.get(file);
        if owned.is_some_and(|(_, standing)| standing != Standing::Changed) {
            return;
        }
        let Some(likeness) = likeness(path, record.content) else {
            return;
        };
        let runs = matches!(subject.reach, Reach::Start { .. } | Reach::Schedule { .. });
        let sign = Sign::new(likeness);
        let sign = if runs && !subject.image.named_directly {
            sign
        } else {
            sign.severity(Severity::Low).confidence(Confidence::Low)
        };
        reporter.at(Vec::new(), 0, "", sign);
    }
}

/// What the program passes for, in a sentence.
fn likeness(path: &BStr, content: ContentKind) -> Option<String> {
    let name = file_name(path);
    let shown = name.strip_prefix(b".").unwrap_or(name);
    let bare = shown.strip_prefix(b"[").unwrap_or(shown);
    if let Some(thread) = KERNEL_THREADS.iter().find(|thread| is_thread(bare, thread)) {
        return Some(format!(
            "`{thread}` is a kernel thread and has no file; no package owns this one."
        ));
    }
    let service = SERVICES
        .iter()
        .find(|service| shown == service.as_bytes())
        .map(|service| (*service).to_owned())
        .or_else(|| {
            shown
                .starts_with(b"systemd-")
                .then(|| "systemd-…".to_owned())
        })?;
    let place = odd_place(path, content)?;
    Some(format!(
        "`{service}` is a part of the system, but this is {place} and no package owns it."
    ))
}

/// A name of a kernel thread: nothing may follow but the numbers and signs these have.
fn is_thread(name: &[u8], thread: &str) -> bool {
    name.strip_prefix(thread.as_bytes()).is_some_and(|rest| {
        rest.iter()
            .all(|byte| byte.is_ascii_digit() || b"/:_-+]uHds".contains(byte))
    })
}

/// The folder, if nobody installs such a program there.
fn odd_place(path: &BStr, content: ContentKind) -> Option<&'static str> {
    if ODD_FOLDERS
        .iter()
        .any(|folder| path.starts_with(folder.as_bytes()))
    {
        return Some("a file in a folder for what comes and goes");
    }
    // Scripts are at home there: they start the services they are named after.
    if path.starts_with(b"etc/") && content == ContentKind::Elf {
        return Some("a file among settings");
    }
    if file_name(path).starts_with(b".") {
        return Some("a file with a hidden name");
    }
    let parts: Vec<&[u8]> = path.split(|&byte| byte == b'/').collect();
    let folder = parts.len().checked_sub(2).and_then(|at| parts.get(at));
    // Tools of developers keep whole systems in a hidden folder, in the usual order.
    let is_in_order = folder.is_some_and(|name| matches!(*name, b"bin" | b"sbin" | b"libexec"));
    let is_hidden = parts.iter().any(|part| part.starts_with(b"."));
    (is_hidden && !is_in_order).then_some("a file in a hidden folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_is_nothing() {
        let looks = |path: &str| likeness(BStr::new(path), ContentKind::Elf).is_some();
        for odd in [
            "tmp/nginx",
            "dev/shm/sshd",
            "var/tmp/.x/cron",
            "root/.cache/systemd-network",
            "etc/sshd",
            "usr/bin/kworker",
            "opt/[kthreadd]",
            "lib/kworker:0",
            "usr/bin/.sshd",
        ] {
            assert!(looks(odd), "{odd}");
        }
        for usual in [
            "usr/sbin/nginx",
            "usr/local/bin/redis-server",
            "opt/java/bin/java",
            "home/linuxbrew/.linuxbrew/bin/nginx",
            "usr/bin/kworkers-of-the-world",
            "tmp/tool",
            "app/init",
        ] {
            assert!(!looks(usual), "{usual}");
        }
        let script = ContentKind::Script(model::Language::Shell);
        assert!(likeness(BStr::new("etc/init.d/nginx"), script).is_none());
    }
}
