//! A bot that floods others on command.

use model::{Binary, Confidence, Fact, Form, Rule, Severity, Vocabulary};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct FloodBot;

static RULE: Rule = Rule {
    id: "impact/flood-bot",
    title: "Bot that floods others",
    severity: Severity::High,
    confidence: Confidence::High,
    attack: &["T1498.001", "T1583.005"],
    what: "A compiled program names several kinds of floods and, beside them, one of: messages of a chat server it would take orders from, passwords devices leave the factory with, commands that carry a program to the next device.",
    why: "It attacks third parties from the network of whoever runs the image, and spreads to what it can reach.",
    benign: "Load generators and packet crafters name floods, but bring neither factory passwords nor a chat client. Chat servers know the protocol, but no floods.",
    next: "Do not run the image. If it ran, look at its outgoing traffic and at devices of the same network.",
};

impl Detector<FileSubject<'_>> for FloodBot {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in subject.facts {
            let Fact::Binary { binary, steps } = fact else {
                continue;
            };
            if let Some((sign, evidence)) = sign(binary) {
                reporter.at(steps.clone(), 0, &evidence, sign);
            }
        }
    }
}

fn sign(binary: &Binary) -> Option<(Sign, String)> {
    if binary.form != Form::Program {
        return None;
    }
    let count = |vocabulary| binary.words(vocabulary).len();
    let floods = count(Vocabulary::FloodCommand);
    let ordered = count(Vocabulary::ChatOrder) >= 3;
    let passwords = count(Vocabulary::FactoryPassword);
    let spreads = count(Vocabulary::SpreadCommand);
    let confidence = match (floods, ordered, passwords, spreads) {
        (2.., true, _, _) | (2.., _, 4.., _) | (2.., _, _, 2..) => Confidence::High,
        (1, true, 4.., _) | (0 | 1, _, 8.., 1..) => Confidence::High,
        (0 | 1, _, 6.., _) => Confidence::Medium,
        _ => return None,
    };
    let shown = [
        Vocabulary::FloodCommand,
        Vocabulary::ChatOrder,
        Vocabulary::FactoryPassword,
        Vocabulary::SpreadCommand,
    ];
    let shown = shown
        .into_iter()
        .filter(|vocabulary| count(*vocabulary) > 0);
    let names: Vec<_> = shown.clone().map(Vocabulary::name).collect();
    let words = shown.flat_map(|vocabulary| binary.words(vocabulary).iter().take(4));
    let evidence = words.cloned().collect::<Vec<_>>().join(", ");
    let sign = Sign::new(format!("Holds {}.", names.join(", ")));
    Some((sign.confidence(confidence), evidence))
}

#[cfg(test)]
mod tests {
    use model::{Mark, Reach, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    fn judged(words: &[(Vocabulary, &[&str])]) -> Vec<Verdict> {
        let marks = words.iter().map(|(vocabulary, words)| Mark {
            vocabulary: *vocabulary,
            words: words.iter().map(|&word| word.to_owned()).collect(),
        });
        let binary = Binary {
            marks: marks.collect(),
            ..Binary::default()
        };
        let fact = Fact::Binary {
            binary,
            steps: Vec::new(),
        };
        of_file(&FloodBot, &[fact], &Reach::Unreferenced)
    }

    #[test]
    fn floods_need_company() {
        let floods = (Vocabulary::FloodCommand, &["udpflood", "synflood"][..]);
        let chat = (
            Vocabulary::ChatOrder,
            &["PRIVMSG", "NICK %s", "JOIN %s"][..],
        );
        let passwords = (Vocabulary::FactoryPassword, &["a", "b", "c", "d"][..]);
        assert_eq!(judged(&[floods, chat]), [Verdict::Malicious]);
        assert_eq!(judged(&[floods, passwords]), [Verdict::Malicious]);
        assert!(judged(&[floods]).is_empty());
        assert!(judged(&[chat]).is_empty());
        assert!(judged(&[passwords, chat]).is_empty());
    }
}
