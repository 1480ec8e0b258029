//! Takes signs from detectors and makes findings of them: rule and place are filled in here.

use model::{Act, Class, Confidence, Finding, Program, Reach, Rule, Severity, Step, Where, text};
use sha2::{Digest, Sha256};

use crate::subject::{FileSubject, ImageFacts, Origin, Subject, place, steps};

/// A detector of one technique over one kind of subject.
pub trait Detector<S: ?Sized>: Sync {
    /// The card.
    fn rule(&self) -> &'static Rule;
    /// Looks at one subject. Total: it cannot fail and reads nothing else.
    fn detect(&self, subject: &S, reporter: &mut Reporter<'_>);
}

/// What a detector says, besides where.
#[derive(Debug, Clone, Default)]
pub struct Sign {
    /// What these facts mean, in a sentence.
    pub detail: String,
    /// Severity, if not the rule's.
    pub severity: Option<Severity>,
    /// Confidence, if not the rule's.
    pub confidence: Option<Confidence>,
    /// Class, if not a threat.
    pub class: Class,
    /// Name of the user's own rule behind it, which the finding's rule then ends in.
    pub name: Option<String>,
}

impl Sign {
    /// A sign with the rule's severity and confidence.
    pub fn new(detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            ..Self::default()
        }
    }

    /// With another confidence.
    #[must_use]
    pub const fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// Of a rule of the user's own.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// With another severity.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

/// Collects the findings of one subject.
pub struct Reporter<'a> {
    image: &'a ImageFacts<'a>,
    origin: Origin,
    reach: &'a Reach,
    program: Option<&'a Program>,
    rule: &'static Rule,
    findings: &'a mut Vec<Finding>,
}

impl<'a> Reporter<'a> {
    /// For a program.
    pub fn of_program(
        subject: &'a Subject<'a>,
        rule: &'static Rule,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        let Subject {
            image,
            origin,
            reach,
            program,
        } = subject;
        Self {
            image,
            origin: origin.clone(),
            reach,
            program: Some(program),
            rule,
            findings,
        }
    }

    /// For a file.
    pub fn of_file(
        subject: &'a FileSubject<'a>,
        rule: &'static Rule,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        let FileSubject {
            image,
            origin,
            reach,
            ..
        } = subject;
        Self {
            image,
            origin: origin.clone(),
            reach,
            program: None,
            rule,
            findings,
        }
    }

    /// A sign shown by one act of the program.
    pub fn act(&mut self, act: &Act, sign: Sign) {
        let steps = self
            .program
            .map(|program| steps(program, act))
            .unwrap_or_default();
        self.at(steps, act.line, &act.evidence, sign);
    }

    /// A sign at a place inside the file or field.
    pub fn at(&mut self, steps: Vec<Step>, line: u32, evidence: &str, sign: Sign) {
        let rule = self.rule;
        let place = place(self.image, &self.origin, steps, line);
        let evidence = text::cut(&text::printable(evidence.as_bytes()), text::EVIDENCE_BYTES);
        let rule_id = match &sign.name {
            Some(name) => format!("{}/{name}", rule.id),
            None => rule.id.to_owned(),
        };
        let finding = Finding {
            id: id(&rule_id, &place, &evidence),
            rule: rule_id,
            title: rule.title.to_owned(),
            severity: sign.severity.unwrap_or(rule.severity),
            confidence: sign.confidence.unwrap_or(rule.confidence),
            class: sign.class,
            attack: rule.attack.iter().map(|&id| id.to_owned()).collect(),
            place,
            reach: self.reach.clone(),
            evidence,
            detail: text::cut(&text::printable(sign.detail.as_bytes()), 1_024),
            why: rule.why.to_owned(),
            benign: rule.benign.to_owned(),
            next: rule.next.to_owned(),
        };
        // One place shows one sign of a rule once, the heaviest.
        match self
            .findings
            .iter_mut()
            .find(|known| known.rule == finding.rule && known.place == finding.place)
        {
            Some(known) if known.verdict() >= finding.verdict() => {}
            Some(known) => *known = finding,
            None => self.findings.push(finding),
        }
    }
}

/// Stable for the same sign in the same content: rule, place inside the content, evidence.
fn id(rule: &str, place: &Where, evidence: &str) -> String {
    let mut hash = Sha256::new();
    let steps = place.steps.iter().map(|step| step.0.as_str());
    let fixed = [
        rule,
        place.path.as_deref().unwrap_or(""),
        place.field.as_deref().unwrap_or(""),
    ];
    for part in fixed.into_iter().chain(steps).chain([evidence]) {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    model::digest::hex(&hash.finalize()[..8])
}
