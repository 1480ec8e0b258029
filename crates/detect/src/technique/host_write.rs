//! Reach for the host: writing what the host runs or trusts, through a mount.

use model::{Behavior, Confidence, Rule, Severity};

use super::vocabulary::{
    as_sure_as_it_runs, behind_mount, hostile_act, hostile_command, written_path,
};
use crate::{Detector, Reporter, Sign, Subject, autostart};

/// The detector.
pub struct HostWrite;

static RULE: Rule = Rule {
    id: "escape/host-write",
    title: "Writes to the host through a mount",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    attack: &["T1611", "T1053.003"],
    what: "Code writes a schedule, a key, an account, a unit or a preload list under a path that the image lacks, such as /mnt/etc/crontab: it works only if a folder of the host is mounted there.",
    why: "What is written is run or trusted by the host, not by the container. It stays when the container and the image are gone: in the campaign of 2018 the images were deleted and the cron lines ran on.",
    benign: "Installers of cluster add-ons write units and configuration to a mounted host on purpose; they say so in their documentation. A build script that fills a root folder of its own carries that folder in the image.",
    next: "Do not run the image with host folders mounted. Look for the written line on every host that did.",
};

/// What the host runs or trusts.
const TARGETS: &[&str] = &[
    "etc/cron",
    "etc/anacrontab",
    "var/spool/cron",
    "etc/ld.so.preload",
    "etc/systemd/",
    "lib/systemd/system/",
    "usr/lib/systemd/system/",
    "etc/init.d/",
    "etc/rc.local",
    "etc/rc.d/",
    "etc/profile",
    "etc/bash.bashrc",
    "etc/passwd",
    "etc/shadow",
    "etc/sudoers",
    "etc/pam.d/",
    "root/.ssh/",
    "root/.bashrc",
    "root/.profile",
    "etc/ssh/sshd_config",
    "etc/doas.conf",
    "etc/environment",
    "etc/inittab",
    "etc/kubernetes/manifests/",
    "proc/sys/kernel/core_pattern",
    "proc/sys/kernel/modprobe",
];

impl Detector<Subject<'_>> for HostWrite {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for (at, act) in subject.program.acts.iter().enumerate() {
            let Behavior::Write { path, content, .. } = &act.behavior else {
                continue;
            };
            let Some(host) = behind_mount(subject.image, &path.text) else {
                continue;
            };
            let home_key = host.starts_with("home/") && host.contains("/.ssh/");
            let what = hostile_content(subject, at, &path.text);
            // Other places that the host starts count if what they start is hostile.
            let started = what.is_some() && autostart::is_started(host);
            if !home_key && !started && !TARGETS.iter().any(|target| host.starts_with(target)) {
                continue;
            }
            let confidence = if what.is_some() {
                Confidence::High
            } else {
                Confidence::Medium
            };
            let effect = what.map_or_else(String::new, |what| format!(": {what}"));
            let supplied = if content.is_supplied() {
                " with what the user supplies"
            } else {
                ""
            };
            let detail = format!(
                "Writes {path}{supplied}, which is /{host} of the host if that is mounted{effect}."
            );
            let confidence = if content.is_supplied() {
                Confidence::Low
            } else {
                as_sure_as_it_runs(subject, confidence)
            };
            reporter.act(act, Sign::new(detail).confidence(confidence));
        }
    }
}

/// What the written content makes the host do, if it is hostile by itself.
fn hostile_content(subject: &Subject<'_>, write: usize, path: &str) -> Option<&'static str> {
    let acts = &subject.program.acts;
    let mut inside =
        (write + 1..acts.len()).take_while(|&at| written_path(&acts[at]) == Some(path));
    inside.find_map(|at| match &acts[at].behavior {
        Behavior::GrantAccess { .. } => Some("a key that lets its holder log in"),
        Behavior::Preload { .. } => Some("a library loaded into every program"),
        Behavior::SetAccount { .. } => Some("an account that opens it"),
        Behavior::GrantSudo { .. } => Some("commands as root without a password"),
        Behavior::Schedule { .. } => hostile_command(subject.program, at).map(|(what, _)| what),
        _ => hostile_act(&acts[at]).map(|(what, _)| what),
    })
}

#[cfg(test)]
mod tests {
    use model::{Language, Provenance, Step, Value, Verdict};

    use super::*;
    use crate::technique::check::{findings, with_program};

    fn write(path: &str) -> Behavior {
        Behavior::Write {
            path: Value::literal(path),
            content: Value::literal("x"),
            append: true,
        }
    }

    #[test]
    fn the_cron_line_of_the_campaign_is_malicious() {
        let inside = |behavior: Behavior, steps: &[&str]| {
            let mut act = behavior.bare();
            act.steps = steps.iter().map(|&step| Step::new(step)).collect();
            act
        };
        let to = "written to /mnt/etc/crontab";
        let code = Value::unknown(Provenance::Fetched("http://192.0.2.1/logo3.jpg".to_owned()));
        let schedule = Behavior::Schedule {
            trigger: model::Trigger::Clock,
            when: Value::literal("* * * * *"),
            command: Value::literal("x"),
        };
        let acts = vec![
            write("/mnt/etc/crontab").bare(),
            inside(schedule, &[to]),
            inside(
                Behavior::Evaluate {
                    language: Language::Shell,
                    code,
                },
                &[to, "cron"],
            ),
        ];
        let program = model::Program {
            language: Language::Shell,
            declared: true,
            steps: Vec::new(),
            acts,
        };
        let found = with_program(
            &HostWrite,
            &program,
            &model::Reach::Start { chain: Vec::new() },
        );
        assert_eq!(found[0].verdict(), Verdict::Malicious);
    }

    #[test]
    fn own_folders_and_other_files_miss() {
        for path in [
            "/etc/crontab",
            "//etc/crontab",
            "/rootfs/etc/crontab",
            "/mnt/etc/hosts",
            "/mnt/data/etc.txt",
            "{ROOT}/etc/crontab",
            "/usr/local/etc/cron.d/x",
        ] {
            assert!(findings(&HostWrite, &[write(path)]).is_empty(), "{path}");
        }
        assert_eq!(findings(&HostWrite, &[write("/mnt/etc/cron.d/x")]).len(), 1);
    }
}
