//! Words that several formats share: places, reach, counts.

use model::text::printable;
use model::{Confidence, Reach, Severity, Where};

/// `text` made safe to print, on one line.
pub fn safe(text: &str) -> String {
    printable(text.as_bytes())
}

/// `1 finding`, `2 findings`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Path or field with the line, for example `/start.sh:12`; empty if the place is a whole layer or
/// image.
pub fn place(place: &Where) -> String {
    let mut words = match (&place.path, &place.field) {
        (Some(path), _) => safe(path),
        (None, Some(field)) => safe(field),
        (None, None) => return String::new(),
    };
    if let Some(line) = place.line {
        words.push_str(&format!(":{line}"));
    }
    words
}

/// The layer, for example `layer 3 (030303030303)`; empty if there is none.
pub fn layer(place: &Where) -> String {
    match (place.layer_index, &place.layer) {
        (Some(index), Some(digest)) => format!("layer {index} ({})", digest.short()),
        (Some(index), None) => format!("layer {index}"),
        (None, Some(digest)) => format!("layer {}", digest.short()),
        (None, None) => String::new(),
    }
}

/// Layer and path or field, parted by a blank.
pub fn layer_and_place(at: &Where) -> String {
    let parts = [layer(at), place(at)];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// Steps joined with `›`; empty without any.
pub fn steps(place: &Where) -> String {
    chain(place.steps.iter().map(|step| step.0.as_str()))
}

/// How it comes to run, without the chain.
pub const fn reach(reach: &Reach) -> &'static str {
    match reach {
        Reach::Start { .. } => "when the container starts",
        Reach::Schedule { .. } => "on a schedule or at a login",
        Reach::Build => "when another image is built from this one",
        Reach::Past => "ran when the image was built",
        Reach::Unreferenced => "nothing in the image refers to it",
    }
}

/// How it comes to run, with the chain.
pub fn reach_chain(of: &Reach) -> String {
    match of {
        Reach::Start { chain: links } | Reach::Schedule { chain: links } if !links.is_empty() => {
            format!("{}: {}", reach(of), chain(links.iter().map(String::as_str)))
        }
        _ => reach(of).to_owned(),
    }
}

/// Links joined with `›`, each made safe.
fn chain<'a>(links: impl Iterator<Item = &'a str>) -> String {
    links.map(safe).collect::<Vec<_>>().join(" › ")
}

/// A word for a severity.
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

/// A word for a confidence.
pub const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn places() {
        let shell = samples::reverse_shell();
        assert_eq!(
            layer_and_place(&shell.place),
            "layer 3 (030303030303) /usr/local/bin/start.sh:12"
        );
        assert_eq!(steps(&shell.place), "sh -c › base64 › python -c");
        assert_eq!(
            reach_chain(&shell.reach),
            "when the container starts: Entrypoint › /usr/local/bin/start.sh"
        );
        assert_eq!(layer_and_place(&samples::host_cron().place), "Cmd:1");
        assert_eq!(layer_and_place(&Where::default()), "");
        assert_eq!(
            reach_chain(&Reach::Start { chain: vec![] }),
            "when the container starts"
        );
    }

    #[test]
    fn words_agree_with_the_document() {
        use model::Severity as S;
        for value in [S::Info, S::Low, S::Medium, S::High, S::Critical] {
            assert_eq!(serde_json::json!(value), severity(value));
        }
        for value in [Confidence::Low, Confidence::Medium, Confidence::High] {
            assert_eq!(serde_json::json!(value), confidence(value));
        }
    }
}
