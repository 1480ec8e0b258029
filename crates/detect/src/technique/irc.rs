//! Orders in a chat: a program joins a channel and runs what is said there.

use model::{Behavior, Confidence, Rule, Severity};

use super::orders::decided_by;
use super::vocabulary::{End, as_sure_as_it_runs, connection};
use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct Irc;

static RULE: Rule = Rule {
    id: "command/irc",
    title: "Takes orders from a chat",
    severity: Severity::Critical,
    confidence: Confidence::High,
    attack: &["T1071"],
    what: "Code speaks the protocol of Internet Relay Chat (NICK, USER, JOIN) over a connection and runs what comes over it.",
    why: "Whoever is in the channel commands the container, with all the others that joined it.",
    benign: "Bots that answer in a channel run nothing of what is said: not reported.",
    next: "Block the server, and look for connections to it.",
};

impl Detector<Subject<'_>> for Irc {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        let acts = &subject.program.acts;
        for act in acts {
            let Some(number) = decided_by(act).and_then(model::Value::received_over) else {
                continue;
            };
            let said: Vec<&str> = acts
                .iter()
                .filter_map(|act| match &act.behavior {
                    Behavior::Send { connection, data } if *connection == number => {
                        Some(data.text.as_str())
                    }
                    _ => None,
                })
                .collect();
            let says = |word: &str| said.iter().any(|text| text.contains(word));
            let introduces = says("NICK ") && (says("USER ") || says("JOIN "));
            let Some(End::Outgoing(_, host, _)) = connection(subject.program, number) else {
                continue;
            };
            if introduces {
                let sign = Sign::new(format!("Runs what is said in a channel on {host}."));
                reporter.act(
                    act,
                    sign.confidence(as_sure_as_it_runs(subject, Confidence::High)),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Language, Provenance, Value};

    use super::*;
    use crate::technique::check::{connect, findings};

    #[test]
    fn only_a_bot_that_runs_what_is_said_hits() {
        let say = |text: &str| Behavior::Send {
            connection: 1,
            data: Value::literal(text),
        };
        let mut acts = vec![
            connect(1, "irc.example.invalid", "6667"),
            say("NICK x1\r\n"),
            say("USER x 0 * :x\r\nJOIN #c\r\n"),
        ];
        assert!(findings(&Irc, &acts).is_empty());
        acts.push(Behavior::Evaluate {
            language: Language::Shell,
            code: Value::unknown(Provenance::Received(1)),
        });
        assert_eq!(findings(&Irc, &acts).len(), 1);
    }
}
