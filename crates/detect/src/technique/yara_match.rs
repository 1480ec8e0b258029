//! A YARA rule of the user's own: its severity and confidence are those it claims.

use model::{Confidence, Fact, Rule, RuleMatch, Severity, StringMatch};

use crate::{Detector, FileSubject, Reporter, Sign};

/// The detector.
pub struct YaraMatch;

static RULE: Rule = Rule {
    id: "yara/match",
    title: "A YARA rule of yours matches",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    attack: &[],
    what: "A rule handed over with `--rules` matches a file, or something unfolded from it. Severity and confidence are those of the rule's metadata (`severity`, `threat_level`, `risk`, `score`, `confidence`); a rule that says none counts as medium.",
    why: "You asked for it; the rule's own description says more.",
    benign: "Most rules look for strings. Other rule files, documentation and scanners hold the same strings.",
    next: "Compare the matched bytes with what the rule means to find. Ignore the rule by name, `yara/match/NAME`, if it does not fit.",
};

impl Detector<FileSubject<'_>> for YaraMatch {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &FileSubject<'_>, reporter: &mut Reporter<'_>) {
        for fact in &subject.facts {
            if let Fact::RuleMatch(found) = fact {
                let sign = Sign::new(detail(found))
                    .severity(found.severity)
                    .confidence(found.confidence)
                    .named(&found.name);
                reporter.at(found.steps.clone(), 0, &evidence(&found.strings), sign);
            }
        }
    }
}

/// What the rule says of itself.
fn detail(found: &RuleMatch) -> String {
    let said = [
        ("", &found.file),
        ("by ", &found.author),
        ("licence ", &found.licence),
        ("see ", &found.reference),
    ];
    let said: Vec<_> = said
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(word, value)| format!("{word}{value}"))
        .collect();
    let description = match found.description.trim_end_matches('.') {
        "" => String::new(),
        text => format!(": {text}"),
    };
    format!("Rule {} ({}){description}.", found.name, said.join("; "))
}

/// Where its strings are.
fn evidence(strings: &[StringMatch]) -> String {
    let shown: Vec<_> = strings
        .iter()
        .map(|one| format!("{} at {:#x}: {}", one.name, one.offset, one.text))
        .collect();
    shown.join("\n")
}

#[cfg(test)]
mod tests {
    use model::{Reach, Verdict};

    use super::*;
    use crate::technique::check::of_file;

    #[test]
    fn a_rule_weighs_what_it_says() {
        let weight = |severity, confidence| {
            let found = RuleMatch {
                name: "x".to_owned(),
                severity,
                confidence,
                ..RuleMatch::default()
            };
            of_file(&YaraMatch, &[Fact::RuleMatch(found)], &Reach::Unreferenced)
        };
        assert_eq!(
            weight(Severity::High, Confidence::High),
            [Verdict::Malicious]
        );
        assert_eq!(
            weight(Severity::Medium, Confidence::Medium),
            [Verdict::Suspicious]
        );
        assert_eq!(weight(Severity::Low, Confidence::High), [Verdict::Clean]);
    }

    #[test]
    fn the_words_are_the_rules_own() {
        let found = RuleMatch {
            name: "x".to_owned(),
            file: "a.yar".to_owned(),
            author: "A".to_owned(),
            licence: "MIT".to_owned(),
            description: "Finds x.".to_owned(),
            ..RuleMatch::default()
        };
        assert_eq!(
            detail(&found),
            "Rule x (a.yar; by A; licence MIT): Finds x."
        );
    }
}
