//! Rules of sudo as a way back to root.

use model::{Behavior, Confidence, Reach, Rule, Severity, Value};

use super::vocabulary::{behind_mount, written_path};
use crate::{Detector, Origin, Reporter, Sign, Subject};

/// The detector.
pub struct SudoRule;

static RULE: Rule = Rule {
    id: "persistence/sudo-rule",
    title: "Lets a service account become root without a password",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1548.003"],
    what: "A rule of sudo or doas, in a layer or written by code, lets an account that services run as, or that nobody logs in with, run any command, a shell or an interpreter as root without a password.",
    why: "Whoever gets into the service, for example over a web page, is root at once.",
    benign: "Development, build and cloud images give their one user such a rule; that is reported as information. Rules for single programs are not reported.",
    next: "Remove the rule, or name the one program that the service needs.",
};

/// Accounts that nobody works with.
const NEVER_WORK: &[&str] = &[
    "daemon",
    "bin",
    "sys",
    "sync",
    "games",
    "man",
    "lp",
    "mail",
    "news",
    "uucp",
    "proxy",
    "backup",
    "list",
    "irc",
    "gnats",
    "nobody",
    "_apt",
    "adm",
    "messagebus",
    "dbus",
];

/// Accounts that services run as: honest images of theirs sometimes have such a rule.
const SERVICES: &[&str] = &[
    "www-data",
    "apache",
    "nginx",
    "httpd",
    "http",
    "mysql",
    "postgres",
    "redis",
    "tomcat",
    "sshd",
    "ftp",
    "memcached",
    "mongodb",
    "rabbitmq",
    "elasticsearch",
    "zabbix",
];

impl Detector<Subject<'_>> for SudoRule {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::GrantSudo { who, commands } = &act.behavior else {
                continue;
            };
            if !is_anything(commands) {
                continue;
            }
            let written = written_path(act);
            let (severity, confidence) = weight(subject, who, written);
            let what = if commands.text.is_empty() {
                "whatever other rules allow"
            } else {
                &commands.text
            };
            let sign = Sign::new(format!("{who} runs {what} as root without a password."));
            reporter.act(act, sign.severity(severity).confidence(confidence));
        }
    }
}

fn weight(subject: &Subject<'_>, who: &Value, written: Option<&str>) -> (Severity, Confidence) {
    use Confidence as C;
    use Severity as S;
    let own = match &subject.origin {
        Origin::File(_) if written.is_none() => {
            let path = subject.path();
            path.starts_with("/etc/sudoers") || path.starts_with("/etc/doas")
        }
        _ => true,
    };
    let mounted = written.is_some_and(|path| behind_mount(subject.image, path).is_some());
    let Some(name) = who.as_known().filter(|_| own) else {
        return (S::Info, C::Low);
    };
    let at_run = written.is_some() && subject.runs_by_itself();
    match () {
        () if *subject.reach == Reach::Past && written.is_some() => (S::Info, C::Medium),
        () if mounted => (S::Critical, C::High),
        () if NEVER_WORK.contains(&name) && at_run => (S::High, C::High),
        () if NEVER_WORK.contains(&name) => (S::High, C::Medium),
        () if SERVICES.contains(&name) && at_run => (S::High, C::Medium),
        () if SERVICES.contains(&name) => (S::Medium, C::Low),
        // Everybody at once, and only when the container runs: no build does that.
        () if name == "ALL" && at_run => (S::Medium, C::Medium),
        () => (S::Info, C::Medium),
    }
}

/// Whether the commands are as good as all of them.
fn is_anything(commands: &Value) -> bool {
    const SHELLS: &[&str] = &[
        "sh", "bash", "dash", "ash", "zsh", "ksh", "su", "python", "python3", "perl", "ruby", "vi",
        "vim", "find", "env", "awk",
    ];
    commands.text.is_empty()
        || commands.text.split([',', ' ', ':']).any(|word| {
            let name = word.trim().rsplit('/').next().unwrap_or_default();
            name == "ALL" || word.contains('/') && SHELLS.contains(&name)
        })
}

#[cfg(test)]
mod tests {
    use model::Verdict;

    use super::*;
    use crate::technique::check::full;

    fn verdict(who: &str, commands: &str) -> Verdict {
        let act = Behavior::GrantSudo {
            who: who.into(),
            commands: commands.into(),
        };
        let mut act = act.bare();
        act.steps = vec![model::Step::new("written to /etc/sudoers.d/x")];
        let program = model::Program {
            language: model::Language::Shell,
            declared: true,
            steps: Vec::new(),
            acts: vec![act],
        };
        let start = Reach::Start { chain: Vec::new() };
        let found = crate::technique::check::with_program(&SudoRule, &program, &start);
        found
            .first()
            .map_or(Verdict::Clean, model::Finding::verdict)
    }

    #[test]
    fn who_and_what_decide() {
        assert_eq!(verdict("games", "ALL"), Verdict::Malicious);
        assert_eq!(verdict("nobody", "SETENV: /bin/bash"), Verdict::Malicious);
        assert_eq!(verdict("www-data", "ALL"), Verdict::Suspicious);
        assert_eq!(verdict("ALL", "ALL"), Verdict::Suspicious);
        assert_eq!(verdict("vscode", "ALL"), Verdict::Clean);
        assert_eq!(verdict("games", "/usr/bin/apt-get"), Verdict::Clean);
        assert!(full(&SudoRule, &[]).is_empty());
    }
}
