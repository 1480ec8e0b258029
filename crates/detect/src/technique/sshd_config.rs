//! The SSH server as a way in: keys from a place that nobody looks at, logins without a password.

use model::{Behavior, Confidence, Rule, Severity, Value};

use super::vocabulary::{is_interpreter, is_odd_place, written_path};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct SshdConfig;

static RULE: Rule = Rule {
    id: "persistence/sshd-config",
    title: "SSH server is opened",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1098.004", "T1556"],
    what: "The configuration of the SSH server, in a layer or written by code, takes keys from a temporary or hidden place or from a command of an interpreter. Logins as root and with empty passwords are reported as information.",
    why: "Keys that lie where nobody looks open the server, and survive when the known key files are cleaned.",
    benign: "Git servers and identity agents name a key command of their own; folders below /etc/ssh hold keys of managed hosts. Neither is reported.",
    next: "Read the file that is named there. Compare the configuration with the one of the distribution.",
};

impl Detector<Subject<'_>> for SshdConfig {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::ConfigureLogin { option, value } = &act.behavior else {
                continue;
            };
            let Some((what, severity)) = meaning(option, value) else {
                continue;
            };
            // A server of a test reads its own file in its own folder.
            let own = written_path(act).is_some()
                || subject.path().starts_with("/etc/ssh/")
                || subject.runs_by_itself();
            let confidence = match severity {
                Severity::High if own => Confidence::High,
                Severity::High => Confidence::Low,
                _ => Confidence::Medium,
            };
            let sign = Sign::new(format!("{what}: {value}."));
            reporter.act(act, sign.severity(severity).confidence(confidence));
        }
    }
}

/// What an option opens.
fn meaning(option: &str, value: &Value) -> Option<(&'static str, Severity)> {
    let text = value.text.as_str();
    let mut paths = text.split_whitespace();
    match option {
        "permitrootlogin" => {
            (text == "yes").then_some(("Root logs in with a password", Severity::Info))
        }
        "permitemptypasswords" => {
            (text == "yes").then_some(("Accounts without a password log in", Severity::Low))
        }
        // Relative paths are those of a home folder, where keys lie hidden.
        "authorizedkeysfile" | "trustedusercakeys" => paths
            .any(|path| path.starts_with('/') && is_odd_place(&in_home(path)))
            .then_some((
                "Keys are taken from a temporary or hidden place",
                Severity::High,
            )),
        "authorizedkeyscommand" => {
            let command = paths.next().map(Value::literal)?;
            let odd = is_odd_place(&command.text);
            let inline = is_interpreter(&command) && text.contains(" -c ");
            (odd || inline).then_some(("Keys are taken from a command", Severity::High))
        }
        _ => None,
    }
}

/// A path with the marks of a home folder replaced: what is hidden there is usual.
fn in_home(path: &str) -> String {
    if path.contains("/.ssh/") {
        return path.replace("/.ssh/", "/ssh/");
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use model::Verdict;

    use super::*;
    use crate::technique::check::full;

    fn verdict(option: &str, value: &str) -> Verdict {
        let act = Behavior::ConfigureLogin {
            option: option.to_owned(),
            value: value.into(),
        };
        let found = full(&SshdConfig, &[act]);
        found
            .first()
            .map_or(Verdict::Clean, model::Finding::verdict)
    }

    #[test]
    fn where_keys_come_from_decides() {
        assert_eq!(
            verdict("authorizedkeysfile", ".ssh/authorized_keys /var/tmp/.k"),
            Verdict::Malicious
        );
        assert_eq!(
            verdict("authorizedkeyscommand", "/bin/sh -c x"),
            Verdict::Malicious
        );
        for (option, value) in [
            (
                "authorizedkeysfile",
                ".ssh/authorized_keys .ssh/authorized_keys2",
            ),
            ("authorizedkeysfile", "/etc/ssh/authorized_keys/%u"),
            ("authorizedkeysfile", "/srv/git/.ssh/authorized_keys"),
            ("authorizedkeyscommand", "/usr/bin/sss_ssh_authorizedkeys"),
            ("permitrootlogin", "yes"),
            ("permitemptypasswords", "yes"),
        ] {
            assert_eq!(verdict(option, value), Verdict::Clean, "{option} {value}");
        }
    }
}
