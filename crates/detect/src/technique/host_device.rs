//! Escape by devices: the host's disk is opened from inside.

use model::{Act, Behavior, Confidence, Rule, Severity};

use super::orders::started;
use super::vocabulary::as_sure_as_it_runs;
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct HostDevice;

static RULE: Rule = Rule {
    id: "escape/device",
    title: "Opens the disk of the host",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    attack: &["T1611", "T1006"],
    what: "Code mounts or edits the disk of the machine (mknod of a block device, mount /dev/sda1, debugfs -w) and goes on to write or to change root there.",
    why: "Whatever lies on the host's disk can be read and changed, past its file permissions.",
    benign: "Installers of operating systems make file systems first; drivers for storage mount what they are given. Neither is reported.",
    next: "Do not run the image privileged or with devices of the host.",
};

/// Whether a path is that of a whole disk, or of a partition of one.
pub fn is_disk(path: &str) -> bool {
    const DISKS: &[&str] = &["sd", "vd", "xvd", "hd", "nvme", "mmcblk"];
    path.strip_prefix("/dev/").is_some_and(|name| {
        let rest = DISKS.iter().find_map(|disk| name.strip_prefix(disk));
        rest.is_some_and(|rest| {
            !rest.is_empty()
                && rest.len() <= 6
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    })
}

impl Detector<Subject<'_>> for HostDevice {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let acts = &subject.program.acts;
        if !subject.runs_by_itself() || acts.iter().any(makes_file_system) {
            return;
        }
        for (at, act) in acts.iter().enumerate() {
            let later = acts.get(at..).unwrap_or_default();
            if let Some((detail, confidence)) = sign(act, acts, later) {
                reporter.act(
                    act,
                    Sign::new(detail).confidence(as_sure_as_it_runs(subject, confidence)),
                );
            }
        }
    }
}

fn sign(act: &Act, all: &[Act], later: &[Act]) -> Option<(String, Confidence)> {
    if let Behavior::Mount { source, target } = &act.behavior {
        let made = made_device(all, &source.text);
        // Who brings the kernel's own file systems along repairs or installs a system there.
        let prepares = all.iter().any(|act| {
            matches!(&act.behavior, Behavior::Mount { target: inner, .. }
                if inner.text.starts_with(&target.text)
                    && ["/proc", "/sys", "/dev"].iter().any(|end| inner.text.ends_with(end)))
        });
        if prepares {
            return None;
        }
        if !made && !is_disk(&source.text) || target.text.len() < 2 {
            return None;
        }
        let goes_on = later.iter().any(|act| goes_below(act, &target.text));
        let confidence = match (made, goes_on) {
            (true, true) => Confidence::High,
            (false, true) => Confidence::Medium,
            _ => Confidence::Low,
        };
        return Some((
            format!("Mounts {source}, a disk of the machine, on {target}."),
            confidence,
        ));
    }
    let (program, arguments) = started(act)?;
    let disk = arguments
        .iter()
        .find(|word| is_disk(&word.text) || made_device(all, &word.text))?;
    let writes = arguments
        .iter()
        .any(|word| word.text == "-w" || word.text.starts_with("write "));
    (program.base_name() == "debugfs").then(|| {
        let confidence = if writes || made_device(all, &disk.text) {
            Confidence::High
        } else {
            Confidence::Medium
        };
        (
            format!("Edits the file system on {disk} past the kernel."),
            confidence,
        )
    })
}

/// Whether the program makes a block device of that path itself.
fn made_device(acts: &[Act], path: &str) -> bool {
    acts.iter().filter_map(started).any(|(program, arguments)| {
        program.base_name() == "mknod"
            && arguments.iter().any(|word| word.text == "b")
            && arguments.iter().any(|word| word.text == path)
    })
}

/// Whether an act changes root to a folder, or writes to what the host runs or trusts below it.
fn goes_below(act: &Act, folder: &str) -> bool {
    let below = |path: &str| path.starts_with(folder.trim_end_matches('/'));
    match &act.behavior {
        Behavior::ChangeRoot { root } => below(&root.text),
        Behavior::Write { path, .. } => {
            const TRUSTED: &[&str] = &[
                "/etc/cron",
                "/var/spool/cron",
                "/.ssh/",
                "/etc/shadow",
                "/etc/passwd",
                "/etc/sudoers",
                "/etc/ld.so.preload",
                "/etc/rc.local",
            ];
            below(&path.text) && TRUSTED.iter().any(|part| path.text.contains(part))
        }
        _ => false,
    }
}

/// Whether an act makes a file system or partitions: an installer.
fn makes_file_system(act: &Act) -> bool {
    started(act).is_some_and(|(program, _)| {
        let name = program.base_name();
        name.starts_with("mkfs")
            || matches!(
                name,
                "mke2fs"
                    | "parted"
                    | "sfdisk"
                    | "fdisk"
                    | "sgdisk"
                    | "pvcreate"
                    | "debootstrap"
                    | "pacstrap"
                    | "grub-install"
            )
    })
}

#[cfg(test)]
mod tests {
    use model::{Stream, Value};

    use super::*;
    use crate::technique::check::{execute, findings};

    fn run(line: &str) -> Behavior {
        let words: Vec<&str> = line.split(' ').collect();
        execute(words[0], &words[1..], Stream::Inherited)
    }

    fn mount(source: &str, target: &str) -> Behavior {
        Behavior::Mount {
            source: Value::literal(source),
            target: Value::literal(target),
        }
    }

    #[test]
    fn the_host_s_disk_opened_to_go_on_hits() {
        let root = Behavior::ChangeRoot {
            root: Value::literal("/mnt"),
        };
        let acts = [mount("/dev/sda1", "/mnt"), root];
        assert_eq!(findings(&HostDevice, &acts).len(), 1);
        let acts = [run("mknod /tmp/d b 8 1"), run("debugfs -w /tmp/d")];
        assert_eq!(findings(&HostDevice, &acts).len(), 1);
    }

    #[test]
    fn storage_and_installers_miss() {
        assert!(findings(&HostDevice, &[mount("/dev/sdb", "/data")]).is_empty());
        let root = Behavior::ChangeRoot {
            root: Value::literal("/mnt"),
        };
        let acts = [run("mkfs.ext4 /dev/sda1"), mount("/dev/sda1", "/mnt"), root];
        assert!(findings(&HostDevice, &acts).is_empty());
        assert!(!is_disk("/dev/shm/sda") && is_disk("/dev/nvme0n1p1"));
    }
}
