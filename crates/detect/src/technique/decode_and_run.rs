//! Decode and run: code kept encoded so that nobody reads it.

use model::{Behavior, Confidence, Provenance, Reach, Rule, Severity};

use crate::{Detector, Reporter, Sign, Subject};

/// The detector.
pub struct DecodeAndRun;

static RULE: Rule = Rule {
    id: "evasion/decode-and-run",
    title: "Runs code that is kept encoded",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    attack: &["T1027", "T1140"],
    what: "Text is decoded (base64, hex, compression, a cipher) and handed to an interpreter. What the decoded code does is judged by itself; this says only that it was hidden.",
    why: "Code that is meant to be read is not kept this way.",
    benign: "Self-extracting installers, some build systems and protected commercial scripts. The decoded text, where it could be told, is in the report.",
    next: "Read the decoded code. If it could not be decoded here, ask its author for the source.",
};

impl Detector<Subject<'_>> for DecodeAndRun {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn detect(&self, subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
        for act in &subject.program.acts {
            let Behavior::Evaluate { code, .. } = &act.behavior else {
                continue;
            };
            let schemes: Vec<&str> = code.from.iter().filter_map(decoded).collect();
            if schemes.is_empty() {
                continue;
            }
            let encoding = schemes.join(" and ");
            let detail = if code.known {
                format!("Decodes {encoding} and runs the text.")
            } else {
                format!("Decodes {encoding} and runs the text, which could not be told.")
            };
            // What was decoded is read and judged; what was not is the worry. What whoever starts
            // the program hands it is not kept in it.
            let is_given = code.from.contains(&Provenance::Argument);
            let confidence = match (code.known, subject.runs_by_itself(), &subject.reach) {
                (_, _, Reach::Past) => Confidence::Low,
                (true, _, _) => Confidence::Low,
                _ if is_given => Confidence::Low,
                (false, true, _) => Confidence::Medium,
                (false, false, _) => Confidence::Low,
            };
            reporter.act(act, Sign::new(detail).confidence(confidence));
        }
    }
}

fn decoded(from: &Provenance) -> Option<&str> {
    match from {
        Provenance::Decoded(scheme) => Some(scheme),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use model::{Behavior as B, Language, Value};

    use super::*;
    use crate::technique::check::{findings, full};

    fn evaluate(code: Value) -> B {
        B::Evaluate {
            language: Language::Shell,
            code,
        }
    }

    #[test]
    fn hidden_text_weighs_only_if_it_stays_hidden() {
        let cipher = Value::unknown(Provenance::Decoded("openssl enc".to_owned()));
        assert_eq!(findings(&DecodeAndRun, &[evaluate(cipher)]).len(), 1);
        let known = Value::literal("id").with_source(Provenance::Decoded("base64".to_owned()));
        assert!(findings(&DecodeAndRun, &[evaluate(known.clone())]).is_empty());
        assert_eq!(
            full(&DecodeAndRun, &[evaluate(known)]).len(),
            1,
            "told as information"
        );
        assert!(full(&DecodeAndRun, &[evaluate(Value::literal("id"))]).is_empty());
        let given = Value::unknown(Provenance::Decoded("zlib".to_owned()))
            .with_source(Provenance::Argument);
        assert!(findings(&DecodeAndRun, &[evaluate(given)]).is_empty());
    }
}
