//! Orders fetched from the web: what is fetched is run, and what it prints is sent back.

use model::{Behavior, Confidence, Provenance, Rule, Severity};

use super::flow::leaks;
use super::orders::{decided_by, is_chosen_elsewhere};
use super::vocabulary::{as_sure_as_it_runs, host_of};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct WebPoll;

static RULE: Rule = Rule {
    id: "command/web-poll",
    title: "Takes orders from a web page",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1071.001", "T1102.002"],
    what: "Text fetched from a URL is run as a command, and the command's output is sent to a host; or the text comes from a place where anybody can leave one: a paste, a chat, a snippet.",
    why: "Whoever can change that page commands the container and sees the answers, over traffic that looks like any other.",
    benign: "Agents of CI fetch jobs and report results, through programs of their own and with an account of the user's: those are not scripts that run the text itself.",
    next: "Fetch the page with a tool that runs nothing. Block the host.",
};

/// Hosts where anybody can leave a text.
const DROPS: &[&str] = &[
    "pastebin.com",
    "paste.ee",
    "rentry.co",
    "hastebin.com",
    "ghostbin.com",
    "controlc.com",
    "api.telegram.org",
    "discord.com",
    "discordapp.com",
    "cdn.discordapp.com",
    "t.me",
    "transfer.sh",
    "0x0.st",
    "termbin.com",
    "ix.io",
    "sprunge.us",
    "dpaste.org",
    "dpaste.com",
    "anonfiles.com",
    "oshi.at",
    "temp.sh",
    "bashupload.com",
    "file.io",
    "gofile.io",
    "catbox.moe",
    "files.catbox.moe",
];

impl Detector<Subject<'_>> for WebPoll {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let printed = |from: &Provenance| matches!(from, Provenance::Output(_));
        for act in &subject.program.acts {
            let Some(code) = decided_by(act) else {
                continue;
            };
            let Some(url) = code.fetched_from().filter(|url| !url.starts_with("dns:")) else {
                continue;
            };
            let is_command = matches!(act.behavior, Behavior::Evaluate { .. });
            if !is_command || !is_chosen_elsewhere(code) {
                continue;
            }
            let answer = leaks(subject.program)
                .find(|leak| leak.comes_from(printed) && answers(code, leak.data));
            let host = host_of(url);
            let (detail, confidence) = if let Some(answer) = answer {
                let to = answer.destination();
                (
                    format!("Runs what {url} returns and sends the output to {to}."),
                    answer.confidence().max(Confidence::Medium),
                )
            } else if DROPS.contains(&host) && subject.runs_by_itself() {
                (
                    format!("Runs what anybody can leave at {host}."),
                    Confidence::High,
                )
            } else {
                continue;
            };
            reporter.act(
                act,
                Sign::new(detail).confidence(as_sure_as_it_runs(subject, confidence)),
            );
        }
    }
}

/// Whether data that is sent can be what the code printed: no other command's name stands in its
/// sources than that of an interpreter.
fn answers(code: &model::Value, data: &model::Value) -> bool {
    const INTERPRETERS: &[&str] = &["shell", "Python", "PHP", "Perl", "Ruby", "JavaScript", ""];
    data.from != code.from
        && data.from.iter().any(|from| matches!(from, Provenance::Output(name) if INTERPRETERS.contains(&name.as_str())))
}

#[cfg(test)]
mod tests {
    use model::{Language, Value};

    use super::*;
    use crate::technique::check::{connect, findings};

    fn run(url: &str) -> Behavior {
        Behavior::Evaluate {
            language: Language::Shell,
            code: Value::unknown(Provenance::Fetched(url.to_owned())),
        }
    }

    #[test]
    fn orders_that_are_answered_hit() {
        let answer = Behavior::Send {
            connection: 1,
            data: Value::unknown(Provenance::Output("shell".to_owned())),
        };
        let acts = [
            run("https://c2.example.invalid/cmd"),
            connect(1, "c2.example.invalid", "443"),
            answer,
        ];
        assert_eq!(findings(&WebPoll, &acts).len(), 1);
        assert_eq!(
            findings(&WebPoll, &[run("https://pastebin.com/raw/x")]).len(),
            1
        );
    }

    #[test]
    fn installers_miss() {
        assert!(findings(&WebPoll, &[run("https://get.example.com/")]).is_empty());
        let report = Behavior::Send {
            connection: 1,
            data: Value::unknown(Provenance::Output("uname".to_owned())),
        };
        let acts = [
            run("https://get.example.com/"),
            connect(1, "stats.example.com", "443"),
            report,
        ];
        assert!(findings(&WebPoll, &acts).is_empty());
    }
}
