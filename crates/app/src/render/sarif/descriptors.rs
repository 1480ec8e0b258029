//! What a run says of its tool: rules, and the ATT&CK techniques they are instances of.

use std::collections::{BTreeMap, BTreeSet};

use model::{Confidence, Finding, Rule, Severity, Verdict};
use serde_json::{Value, json};

use super::level;
use crate::document::Document;

/// Name of the taxonomy.
const TAXONOMY: &str = "MITRE ATT&CK";

/// Rules and techniques, each sorted by id.
pub struct Descriptors<'a> {
    rules: BTreeMap<&'a str, Source<'a>>,
    techniques: BTreeSet<&'a str>,
}

/// What is known of a rule: its card, or, for a saved report of another version whose rule this
/// one lacks, the first of its findings.
enum Source<'a> {
    Card(&'static Rule),
    Finding(&'a Finding),
}

impl<'a> Descriptors<'a> {
    /// All rules of this program, and all that `document` names.
    pub fn of(document: &'a Document) -> Self {
        let mut rules: BTreeMap<&str, Source> = detect::rules()
            .into_iter()
            .map(|rule| (rule.id, Source::Card(rule)))
            .collect();
        let mut techniques: BTreeSet<&str> = detect::rules()
            .into_iter()
            .flat_map(|rule| rule.attack.iter().copied())
            .collect();
        for judged in &document.reports {
            let suppressed = judged.suppressed.iter().map(|item| &item.finding);
            for finding in judged.report.findings.iter().chain(suppressed) {
                rules
                    .entry(&finding.rule)
                    .or_insert(Source::Finding(finding));
                techniques.extend(finding.attack.iter().map(String::as_str));
            }
        }
        Self { rules, techniques }
    }

    /// Position of a rule in the driver's list.
    pub fn rule_index(&self, id: &str) -> Option<usize> {
        self.rules.keys().position(|known| *known == id)
    }

    /// References to techniques, for a result.
    pub fn taxa(&self, ids: &[impl AsRef<str>]) -> Vec<Value> {
        let ids: BTreeSet<&str> = ids.iter().map(AsRef::as_ref).collect();
        ids.into_iter()
            .map(|id| {
                json!({
                    "id": id,
                    "index": self.techniques.iter().position(|known| *known == id),
                    "toolComponent": { "name": TAXONOMY, "index": 0 },
                })
            })
            .collect()
    }

    /// The driver.
    pub fn driver(&self, document: &Document) -> Value {
        let rules: Vec<_> = self
            .rules
            .iter()
            .map(|(id, source)| self.rule(id, source))
            .collect();
        json!({
            "name": "Bilgewatch",
            "version": document.tool.version,
            "semanticVersion": document.tool.version,
            "rules": rules,
            "notifications": [
                { "id": "gap", "shortDescription": { "text": "A part of an image was not read." } },
                { "id": "error", "shortDescription": { "text": "A target could not be scanned." } },
            ],
            "supportedTaxonomies": [{ "name": TAXONOMY, "index": 0 }],
        })
    }

    /// The taxonomy.
    pub fn taxonomy(&self, document: &Document) -> Value {
        let techniques: Vec<_> = self
            .techniques
            .iter()
            .map(|id| match technique_uri(id) {
                Some(uri) => json!({ "id": id, "helpUri": uri }),
                None => json!({ "id": id }),
            })
            .collect();
        json!({
            "name": TAXONOMY,
            "version": document.tool.attack,
            "organization": "MITRE",
            "informationUri": "https://attack.mitre.org/",
            "shortDescription": { "text": "Tactics and techniques of adversaries." },
            "isComprehensive": false,
            "taxa": techniques,
        })
    }

    /// One rule.
    fn rule(&self, id: &str, source: &Source) -> Value {
        let card = Card::of(source);
        let mut tags: Vec<&str> = vec!["security"];
        tags.extend(&card.attack);
        let mut properties = json!({ "tags": tags, "precision": precision(card.confidence) });
        if let Some(number) = security_severity(card.severity) {
            properties["security-severity"] = json!(number);
        }
        let relationships: Vec<_> = self
            .taxa(&card.attack)
            .into_iter()
            .map(|target| json!({ "target": target, "kinds": ["relevant"] }))
            .collect();
        let mut rule = json!({
            "id": id,
            "name": pascal_case(id),
            "shortDescription": { "text": card.title },
            "fullDescription": { "text": card.what },
            "help": {
                "text": format!(
                    "{}\n\nWhy it matters: {}\n\nWhat could be benign: {}\n\nWhat to do: {}",
                    card.what, card.why, card.benign, card.next
                ),
                "markdown": format!(
                    "{}\n\n**Why it matters.** {}\n\n**What could be benign.** {}\n\n\
                     **What to do.** {}",
                    card.what, card.why, card.benign, card.next
                ),
            },
            "defaultConfiguration": { "level": level(card.weight) },
            "properties": properties,
        });
        if let Some(uri) = card.attack.first().and_then(|id| technique_uri(id)) {
            rule["helpUri"] = json!(uri);
        }
        if !relationships.is_empty() {
            rule["relationships"] = Value::Array(relationships);
        }
        rule
    }
}

/// What SARIF needs of a rule, from either source.
struct Card<'a> {
    title: &'a str,
    what: &'a str,
    why: &'a str,
    benign: &'a str,
    next: &'a str,
    attack: Vec<&'a str>,
    severity: Severity,
    confidence: Confidence,
    weight: Verdict,
}

impl<'a> Card<'a> {
    fn of(source: &Source<'a>) -> Self {
        match source {
            Source::Card(rule) => Self {
                title: rule.title,
                what: rule.what,
                why: rule.why,
                benign: rule.benign,
                next: rule.next,
                attack: rule.attack.to_vec(),
                severity: rule.severity,
                confidence: rule.confidence,
                weight: Verdict::of(model::Class::Threat, rule.severity, rule.confidence),
            },
            Source::Finding(finding) => Self {
                title: &finding.title,
                what: &finding.title,
                why: &finding.why,
                benign: &finding.benign,
                next: &finding.next,
                attack: finding.attack.iter().map(String::as_str).collect(),
                severity: finding.severity,
                confidence: finding.confidence,
                weight: finding.verdict(),
            },
        }
    }
}

/// The number that GitHub sorts by: over 9 critical, from 7 high, from 4 medium, above 0 low.
const fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("3.0"),
        Severity::Info => None,
    }
}

/// GitHub's word for confidence.
const fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    }
}

/// The page of a technique; `None` for what is no technique ID.
fn technique_uri(id: &str) -> Option<String> {
    let digits = id.strip_prefix('T')?;
    let well_formed = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    well_formed.then(|| {
        format!(
            "https://attack.mitre.org/techniques/{}/",
            id.replace('.', "/")
        )
    })
}

/// `shell/reverse-tcp` as `ShellReverseTcp`, the form SARIF asks of names.
fn pascal_case(id: &str) -> String {
    id.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_pages() {
        assert_eq!(pascal_case("shell/reverse-tcp"), "ShellReverseTcp");
        assert_eq!(
            technique_uri("T1059.004").unwrap(),
            "https://attack.mitre.org/techniques/T1059/004/"
        );
        assert_eq!(technique_uri("T/../x"), None);
        assert_eq!(technique_uri(""), None);
    }
}
