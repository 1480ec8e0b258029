//! Hiding by wiping logs: the histories of shells and the records of logins.

use std::collections::BTreeSet;

use model::{Behavior, Confidence, Rule, Severity};

use super::orders::{has_word, started};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct LogWiping;

static RULE: Rule = Rule {
    id: "evasion/log-wiping",
    title: "Wipes histories or logs",
    severity: Severity::Medium,
    confidence: Confidence::Low,
    attack: &["T1070.002", "T1070.003"],
    what: "Code empties, links away or switches off the history of a shell, or empties the records of logins and of the system's log.",
    why: "Who does so does not want to be seen to have been there.",
    benign: "Builds remove logs so that the image is smaller, and templates of machines remove histories: alone, this never moves the verdict. It weighs where the same program does other things.",
    next: "Look at what else the program does.",
};

/// Ends of the names of histories.
const HISTORIES: &[&str] = &[
    ".bash_history",
    ".zsh_history",
    ".ash_history",
    ".sh_history",
    ".history",
    ".python_history",
    ".mysql_history",
    ".psql_history",
    ".viminfo",
    ".lesshst",
];

/// Records of logins, and the logs that name who did what.
const RECORDS: &[&str] = &[
    "/wtmp",
    "/btmp",
    "/utmp",
    "/lastlog",
    "/faillog",
    "/auth.log",
    "/log/secure",
    "/audit.log",
    "/log/messages",
    "/log/syslog",
    "/log/cron",
    "/log/maillog",
    "/kern.log",
    "/journal/",
];

/// What kind of trace a file is.
fn trace(path: &str) -> Option<&'static str> {
    let path = path.trim_end_matches('*');
    if HISTORIES.iter().any(|name| path.ends_with(name)) {
        return Some("a history");
    }
    let is_record = |record: &&str| match record.strip_suffix('/') {
        Some(folder) => path.contains(&format!("{folder}/")) || path.ends_with(folder),
        None => path.ends_with(*record),
    };
    RECORDS
        .iter()
        .any(is_record)
        .then_some("records of the system")
}

/// What an act wipes.
fn wiped(behavior: &Behavior) -> Option<&'static str> {
    match behavior {
        Behavior::Delete { path } => trace(&path.text),
        Behavior::Write {
            path,
            content,
            append: false,
        } if content.text.trim().is_empty() || content.text == "{content of /dev/null}" => {
            trace(&path.text)
        }
        Behavior::SetVariable { name, value } => {
            let off = value.text.is_empty() || value.text == "/dev/null" || value.text == "0";
            let is_history = matches!(name.as_str(), "HISTFILE" | "HISTSIZE" | "HISTFILESIZE");
            (is_history && off).then_some("the shell's history")
        }
        _ => None,
    }
}

impl Detector<Subject<'_>> for LogWiping {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let mut first = None;
        let mut what = BTreeSet::new();
        for act in &subject.program.acts {
            let by_program =
                started(act).and_then(|(program, arguments)| match program.base_name() {
                    "history" if has_word(arguments, &["-c", "-cw", "-wc"]) => {
                        Some("the shell's history")
                    }
                    "journalctl"
                        if arguments
                            .iter()
                            .any(|word| word.text.starts_with("--vacuum")) =>
                    {
                        Some("records of the system")
                    }
                    _ => None,
                });
            if let Some(trace) = by_program.or_else(|| wiped(&act.behavior)) {
                first.get_or_insert(act);
                what.insert(trace);
            }
        }
        if let Some(act) = first {
            let what: Vec<&str> = what.into_iter().collect();
            reporter.act(act, Sign::new(format!("Wipes {}.", what.join(" and "))));
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Stream, Value, Verdict};

    use super::*;
    use crate::technique::check::{execute, full};

    fn delete(path: &str) -> Behavior {
        Behavior::Delete {
            path: Value::literal(path),
        }
    }

    #[test]
    fn traces_that_are_wiped_hit_and_weigh_nothing_alone() {
        let emptied = Behavior::Write {
            path: Value::literal("/var/log/wtmp"),
            content: Value::literal(""),
            append: false,
        };
        let off = Behavior::SetVariable {
            name: "HISTFILE".to_owned(),
            value: Value::literal("/dev/null"),
        };
        for act in [
            delete("/root/.bash_history"),
            delete("/var/log/auth.log"),
            emptied,
            off,
            execute("history", &["-c"], Stream::Inherited),
        ] {
            let found = full(&LogWiping, std::slice::from_ref(&act));
            assert_eq!(found.len(), 1, "{act:?}");
            assert_eq!(found[0].verdict(), Verdict::Clean);
        }
    }

    #[test]
    fn clean_up_of_a_build_misses() {
        for path in [
            "/var/log/*",
            "/var/log/apt",
            "/var/log/dpkg.log",
            "/tmp/history",
        ] {
            assert!(full(&LogWiping, &[delete(path)]).is_empty(), "{path}");
        }
    }
}
