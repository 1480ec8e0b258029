//! PAM as a way in: services that let anybody in, or hand passwords to somebody else.

use model::{Act, Behavior, Confidence, Rule, Severity, Value};

use super::vocabulary::{behind_mount, is_interpreter, is_odd_place, written_path};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct Pam;

static RULE: Rule = Rule {
    id: "persistence/pam",
    title: "Login that lets anybody in or hands passwords on",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1556.003"],
    what: "A service of PAM accepts a login before anything asked for a password (pam_permit or pam_succeed_if as sufficient), hands the password to a program (pam_exec with expose_authtok), or loads a module from a temporary or hidden place.",
    why: "Any password, or a secret one, opens every account; passwords that are typed are collected.",
    benign: "The common files of Debian end with pam_permit behind pam_deny, which is not reported. su without a password is reported as information.",
    next: "Compare the file with the one of the distribution, and the modules with its packages.",
};

/// Services that everybody who logs in meets.
const LOGINS: &[&str] = &[
    "sshd",
    "login",
    "remote",
    "other",
    "common-auth",
    "system-auth",
    "password-auth",
    "system-login",
    "system-remote-login",
    "base-auth",
    "dropbear",
    "vsftpd",
];

/// Modules that let nobody in and keep nobody out who should get in.
const SIDE: &[&str] = &[
    "pam_env",
    "pam_nologin",
    "pam_faildelay",
    "pam_securetty",
    "pam_shells",
    "pam_motd",
    "pam_permit",
    "pam_warn",
    "pam_echo",
    "pam_cap",
    "pam_group",
    "pam_exec",
    "pam_lastlog",
    "pam_succeed_if",
    "pam_keyinit",
    "pam_selinux",
    "pam_loginuid",
];

/// One line of `auth`.
#[derive(Clone, Copy)]
struct Line<'a> {
    act: &'a Act,
    control: &'a str,
    module: &'a Value,
    arguments: &'a Value,
}

impl Detector<Subject<'_>> for Pam {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let lines: Vec<Line<'_>> = subject
            .program
            .acts
            .iter()
            .filter_map(|act| match &act.behavior {
                Behavior::Authenticate {
                    control,
                    module,
                    arguments,
                    ..
                } => Some(Line {
                    act,
                    control,
                    module,
                    arguments,
                }),
                _ => None,
            })
            .collect();
        for (at, line) in lines.iter().enumerate() {
            let path = written_path(line.act).map_or_else(|| subject.path(), str::to_owned);
            let same = |other: &&Line<'_>| written_path(other.act) == written_path(line.act);
            let before: Vec<_> = lines.iter().take(at).filter(same).copied().collect();
            let after: Vec<_> = lines.iter().skip(at + 1).filter(same).copied().collect();
            let service = path.rsplit('/').next().unwrap_or_default();
            if let Some((what, confidence)) = verdict(*line, &before, &after, service) {
                let sign = Sign::new(format!("{path}: {what}."));
                reporter.act(
                    line.act,
                    as_placed(subject, line.act, &path, sign, confidence),
                );
            }
        }
    }
}

/// A file of PAM counts where PAM reads it.
fn as_placed(
    subject: &Subject<'_>,
    act: &Act,
    path: &str,
    sign: Sign,
    confidence: Confidence,
) -> Sign {
    let own = path.starts_with("/etc/pam") || path.starts_with("/usr/lib/pam.d/");
    let mounted = behind_mount(subject.image, path).is_some();
    if own || mounted && written_path(act).is_some() {
        sign.confidence(confidence)
    } else {
        sign.severity(Severity::Info).confidence(confidence)
    }
}

fn verdict(
    line: Line<'_>,
    before: &[Line<'_>],
    after: &[Line<'_>],
    service: &str,
) -> Option<(&'static str, Confidence)> {
    use Confidence as C;
    let name = line.module.base_name().trim_end_matches(".so");
    let arguments = line.arguments.text.as_str();
    let sure = if LOGINS.contains(&service) {
        C::High
    } else {
        C::Low
    };
    if line.module.text.contains('/') && is_odd_place(&line.module.text) {
        return Some(("a module lies in a temporary or hidden place", C::High));
    }
    match name {
        "pam_permit" if accepts(line, before, after) => Some(("anybody is let in", sure)),
        "pam_succeed_if" if accepts(line, before, after) && !arguments.contains("ingroup") => {
            Some(("some are let in without a password", sure.min(C::Medium)))
        }
        "pam_exec" => exec(arguments),
        _ => None,
    }
}

/// Whether an accepting line decides: it ends the stack before anything asked, or it is all there is.
fn accepts(line: Line<'_>, before: &[Line<'_>], after: &[Line<'_>]) -> bool {
    let asks = |other: &Line<'_>| {
        let name = other.module.base_name().trim_end_matches(".so");
        let counts = matches!(
            other.control,
            "required" | "requisite" | "include" | "substack"
        ) || other.control.contains('=');
        counts && !SIDE.contains(&name)
    };
    let ends = line.control == "sufficient" || line.control.contains("success=done");
    if ends {
        return !before.iter().any(asks);
    }
    // A success that jumps over every line that asks is one for everybody.
    let jump = line.control.split_whitespace().find_map(|pair| {
        let steps = pair.strip_prefix("success=")?;
        steps.parse::<usize>().ok()
    });
    if let Some(steps) = jump {
        let asked = before.iter().chain(after.iter().skip(steps)).any(asks);
        return !asked && after.iter().take(steps).any(asks);
    }
    // Behind lines that may only let in, it lets in whoever they did not.
    let lets_in = matches!(line.control, "required" | "requisite") && !before.is_empty();
    lets_in
        && !before.iter().chain(after).any(asks)
        && before
            .iter()
            .any(|other| other.module.base_name().starts_with("pam_unix"))
}

/// What `pam_exec` runs with the password.
fn exec(arguments: &str) -> Option<(&'static str, Confidence)> {
    let gets_password = arguments.contains("expose_authtok");
    let words = || arguments.split_whitespace();
    let odd = words().any(|word| is_odd_place(word.trim_start_matches("log=")));
    let inline = words().any(|word| {
        let program = Value::literal(word);
        word.starts_with('/')
            && (is_interpreter(&program)
                || matches!(
                    program.base_name(),
                    "tee" | "curl" | "wget" | "nc" | "cat" | "dd"
                ))
    });
    match (gets_password, odd || inline) {
        (true, true) => Some(("passwords are handed to a command", Confidence::High)),
        (false, true) if odd => Some((
            "a program from a temporary or hidden place is run",
            Confidence::High,
        )),
        (true, false) => Some(("passwords are handed to a program", Confidence::Low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use model::{Language, Program, Reach, Step, Verdict};

    use super::*;
    use crate::technique::check::with_program;

    /// Control, module and arguments.
    type Lines = &'static [(&'static str, &'static str, &'static str)];

    fn heaviest(service: &str, lines: Lines) -> Verdict {
        let act = |(control, module, arguments): &(&str, &str, &str)| {
            let mut act = Behavior::Authenticate {
                facility: "auth".to_owned(),
                control: (*control).to_owned(),
                module: (*module).into(),
                arguments: (*arguments).into(),
            }
            .bare();
            act.line = 1;
            act.steps = vec![Step::new(format!("written to /etc/pam.d/{service}"))];
            act
        };
        let program = Program {
            language: Language::Pam,
            declared: true,
            steps: Vec::new(),
            acts: lines.iter().map(act).collect(),
        };
        let found = with_program(&Pam, &program, &Reach::Unreferenced);
        found
            .iter()
            .map(model::Finding::verdict)
            .max()
            .unwrap_or(Verdict::Clean)
    }

    #[test]
    fn what_lets_anybody_in() {
        let cases: [(&str, Lines); 5] = [
            (
                "common-auth",
                &[
                    ("success=2 default=ignore", "pam_permit.so", ""),
                    ("success=1 default=ignore", "pam_unix.so", "nullok"),
                    ("requisite", "pam_deny.so", ""),
                    ("required", "pam_permit.so", ""),
                ],
            ),
            (
                "sshd",
                &[
                    ("sufficient", "pam_permit.so", ""),
                    ("include", "common-auth", ""),
                ],
            ),
            (
                "common-auth",
                &[
                    ("success=done default=ignore", "pam_permit.so", ""),
                    ("required", "pam_unix.so", ""),
                ],
            ),
            ("login", &[("required", "/tmp/.x/pam_unix.so", "")]),
            (
                "common-auth",
                &[(
                    "optional",
                    "pam_exec.so",
                    "quiet expose_authtok /usr/bin/tee -a /var/tmp/.log",
                )],
            ),
        ];
        for (service, lines) in cases {
            assert_eq!(heaviest(service, lines), Verdict::Malicious, "{service}");
        }
    }

    #[test]
    fn what_distributions_ship_misses() {
        let cases: [(&str, Lines); 4] = [
            (
                "common-auth",
                &[
                    ("success=1 default=ignore", "pam_unix.so", "nullok"),
                    ("requisite", "pam_deny.so", ""),
                    ("required", "pam_permit.so", ""),
                    ("optional", "pam_cap.so", ""),
                ],
            ),
            (
                "su",
                &[
                    ("sufficient", "pam_rootok.so", ""),
                    ("include", "common-auth", ""),
                ],
            ),
            ("su", &[("sufficient", "pam_permit.so", "")]),
            ("gdm-autologin", &[("required", "pam_permit.so", "")]),
        ];
        for (service, lines) in cases {
            assert_eq!(heaviest(service, lines), Verdict::Clean, "{service}");
        }
    }
}
