//! Accounts as a way in: another root, a system account that can log in.

use bstr::BStr;
use model::{Act, Behavior, Confidence, Password, Reach, Rule, Severity, Value};

use super::vocabulary::{behind_mount, written_path};
use crate::reach::programs;
use crate::{Detector, Origin, Reporter, Sign, Subject};

/// The detector.
pub struct Account;

static RULE: Rule = Rule {
    id: "persistence/account",
    title: "Account that opens a way in",
    severity: Severity::High,
    confidence: Confidence::Medium,
    attack: &["T1136.001", "T1078.003"],
    what: "An account other than root has the number of root and can log in, or an account of the system that nobody logs in with has a password, in a layer or made by code.",
    why: "Whoever knows the name and the password is root, under a name that logs and reviews of root do not show.",
    benign: "toor of the BSDs is locked. Root without a password, or with one that is fixed, and ordinary accounts of development images are reported as information.",
    next: "Remove the account. Look for the name on every host that ran the image with its /etc mounted.",
};

/// Accounts that own files or processes and never log in.
const NEVER_LOG_IN: &[&str] = &[
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
    "halt",
    "shutdown",
    "messagebus",
    "dbus",
    "polkitd",
    "tss",
    "rpc",
    "systemd-network",
    "systemd-resolve",
    "systemd-timesync",
];

impl Detector<Subject<'_>> for Account {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::SetAccount {
                name,
                uid,
                password,
                shell,
            } = &act.behavior
            else {
                continue;
            };
            let account = Known {
                name,
                uid,
                password: *password,
                shell,
            };
            if let Some(sign) = sign(subject, act, &account) {
                reporter.act(act, sign);
            }
        }
    }
}

/// What an act says of an account.
struct Known<'a> {
    name: &'a Value,
    uid: &'a Value,
    password: Password,
    shell: &'a Value,
}

/// How an account came to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    /// It stands in the account files of the image.
    InLayer,
    /// Code makes it when the container runs.
    AtRun,
    /// Code makes it on a host that is mounted.
    OnHost,
    /// It was made when the image was built, or by code that nothing runs.
    Maybe,
    /// It stands in a file that no system reads.
    Elsewhere,
}

fn made(subject: &Subject<'_>, act: &Act) -> Made {
    let written = written_path(act);
    let in_file = matches!(subject.origin, Origin::File(_))
        && subject.program.language == model::Language::Accounts;
    match written {
        Some(path) if behind_mount(subject.image, path).is_some() => Made::OnHost,
        _ if in_file => match subject.path().as_str() {
            "/etc/passwd" | "/etc/shadow" | "/etc/master.passwd" => Made::InLayer,
            _ => Made::Elsewhere,
        },
        _ if *subject.reach == Reach::Past => Made::Maybe,
        _ if subject.runs_by_itself() => Made::AtRun,
        _ => Made::Maybe,
    }
}

fn sign(subject: &Subject<'_>, act: &Act, account: &Known<'_>) -> Option<Sign> {
    use Confidence as C;
    use Severity as S;
    let name = account.name.as_known()?;
    let made = made(subject, act);
    let opens = match account.password {
        Password::Empty => " without a password",
        Password::Fixed => " with a fixed password",
        Password::Locked | Password::Unsaid => "",
    };
    let is_root = account.uid.as_known() == Some("0") && name != "root";
    if is_root {
        let detail = format!("{name} is another root{opens}.");
        let confidence = match (account.password, made) {
            _ if !may_log_in(account.shell) => C::Low,
            (Password::Locked, _) => C::Low,
            (_, Made::Elsewhere) => C::Low,
            (_, Made::OnHost | Made::AtRun) => C::High,
            (Password::Empty | Password::Fixed, Made::InLayer) => C::High,
            (Password::Unsaid, Made::InLayer) if !is_opened(subject, name) => C::Low,
            (_, Made::InLayer | Made::Maybe) => C::Medium,
        };
        return Some(Sign::new(detail).confidence(confidence));
    }
    if opens.is_empty() || made == Made::Elsewhere {
        return None;
    }
    let detail = format!("{name} logs in{opens}.");
    let (severity, confidence) = match (NEVER_LOG_IN.contains(&name), made) {
        (true, Made::OnHost | Made::AtRun) if may_log_in(account.shell) => (S::High, C::High),
        (true, Made::InLayer) if may_log_in(account.shell) => (S::High, C::Medium),
        (_, Made::OnHost) => (S::Critical, C::Medium),
        (_, Made::AtRun) => (S::Low, C::Medium),
        _ => (S::Info, C::Medium),
    };
    Some(Sign::new(detail).severity(severity).confidence(confidence))
}

/// Whether a shell lets its user in; one that is not said may.
fn may_log_in(shell: &Value) -> bool {
    !matches!(
        shell.base_name(),
        "nologin" | "false" | "true" | "sync" | "halt" | "shutdown"
    )
}

/// Whether the image's password file lets an account in.
fn is_opened(subject: &Subject<'_>, name: &str) -> bool {
    let tree = subject.image.tree;
    let Some(file) = tree.resolve(BStr::new("/etc/shadow")) else {
        return false;
    };
    let programs = programs(subject.image, &Origin::File(file));
    let mut acts = programs.iter().flat_map(|program| &program.acts);
    acts.any(|act| {
        matches!(&act.behavior, Behavior::SetAccount { name: known, password: Password::Empty | Password::Fixed, .. } if known.text == name)
    })
}

#[cfg(test)]
mod tests {
    use model::Verdict;

    use super::*;
    use crate::technique::check::full;

    fn verdict(name: &str, uid: &str, password: Password, shell: &str) -> Verdict {
        let act = Behavior::SetAccount {
            name: name.into(),
            uid: uid.into(),
            password,
            shell: shell.into(),
        };
        let found = full(&Account, &[act]);
        found
            .first()
            .map_or(Verdict::Clean, model::Finding::verdict)
    }

    #[test]
    fn who_gets_in_as_whom_decides() {
        use Password::{Empty, Fixed, Locked, Unsaid};
        assert_eq!(verdict("svc", "0", Fixed, "/bin/bash"), Verdict::Malicious);
        assert_eq!(verdict("svc", "0", Unsaid, ""), Verdict::Malicious);
        assert_eq!(verdict("games", "", Fixed, ""), Verdict::Malicious);
        assert_eq!(verdict("toor", "0", Locked, "/bin/sh"), Verdict::Clean);
        assert_eq!(verdict("svc", "0", Fixed, "/sbin/nologin"), Verdict::Clean);
        assert_eq!(verdict("root", "0", Empty, "/bin/sh"), Verdict::Clean);
        assert_eq!(verdict("dev", "1000", Fixed, "/bin/bash"), Verdict::Clean);
        assert_eq!(verdict("dev", "{output of id}", Unsaid, ""), Verdict::Clean);
    }
}
