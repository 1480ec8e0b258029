//! How bad a match is, in the words of the rule's own metadata.
//!
//! Public rule sets have no common field for it; those read here are the ones their style guides
//! name: `severity`, `threat_level`, `risk` and `score` (0 to 100), `confidence`.

use model::{Confidence, Severity};

/// Severity of a rule that says none: whoever hands rules over wants to see their matches.
pub const DEFAULT: Severity = Severity::Medium;

/// Confidence of a rule that says none.
pub const CONFIDENCE: Confidence = Confidence::Medium;

/// Severity by a field of the metadata; `None` if it says nothing of it.
pub fn severity(field: &str, value: &str) -> Option<Severity> {
    match field.to_ascii_lowercase().as_str() {
        "severity" | "threat_level" | "threatlevel" | "risk" | "level" => {
            by_word(value).or_else(|| by_number(value, 10.0))
        }
        "score" => by_number(value, 100.0),
        _ => None,
    }
}

/// Confidence by a field of the metadata; `None` if it says nothing of it.
pub fn confidence(field: &str, value: &str) -> Option<Confidence> {
    if !field.eq_ignore_ascii_case("confidence") {
        return None;
    }
    match value.trim().to_ascii_lowercase().as_str() {
        "high" | "certain" | "very high" => Some(Confidence::High),
        "medium" | "moderate" => Some(Confidence::Medium),
        "low" | "very low" => Some(Confidence::Low),
        number => match number.parse::<f64>().ok()? {
            n if n >= 80.0 => Some(Confidence::High),
            n if n >= 50.0 => Some(Confidence::Medium),
            _ => Some(Confidence::Low),
        },
    }
}

fn by_word(value: &str) -> Option<Severity> {
    Some(match value.trim().to_ascii_lowercase().as_str() {
        "critical" | "very high" | "severe" => Severity::Critical,
        "high" => Severity::High,
        "medium" | "moderate" => Severity::Medium,
        "low" => Severity::Low,
        "info" | "informational" | "information" | "none" => Severity::Info,
        _ => return None,
    })
}

/// By a number: of ten, or of a hundred if it is larger than ten.
fn by_number(value: &str, whole: f64) -> Option<Severity> {
    let number: f64 = value.trim().parse().ok()?;
    let whole = if number > whole { 100.0 } else { whole };
    Some(match number / whole {
        share if share >= 0.9 => Severity::Critical,
        share if share >= 0.7 => Severity::High,
        share if share >= 0.5 => Severity::Medium,
        share if share >= 0.25 => Severity::Low,
        _ => Severity::Info,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_public_rule_sets_are_understood() {
        assert_eq!(severity("severity", "High"), Some(Severity::High));
        assert_eq!(severity("severity", "100"), Some(Severity::Critical));
        assert_eq!(severity("threat_level", "3"), Some(Severity::Low));
        assert_eq!(severity("score", "75"), Some(Severity::High));
        assert_eq!(severity("score", "60"), Some(Severity::Medium));
        assert_eq!(severity("score", "10"), Some(Severity::Info));
        assert_eq!(severity("severity", "?"), None);
        assert_eq!(severity("author", "high"), None);
        assert_eq!(confidence("confidence", "90"), Some(Confidence::High));
        assert_eq!(confidence("confidence", "low"), Some(Confidence::Low));
    }
}
