//! JUnit XML for build servers: a suite an image, a case for each rule that fired, one for what
//! was not read. A case fails if its finding reaches the gate.
//!
//! There is no standard; this keeps to what Jenkins' `junit-10.xsd` and GitLab read.

use std::collections::BTreeMap;

use model::{Finding, Report, Verdict};

use super::words::{self, count, safe};
use crate::cli::FailOn;
use crate::document::{Document, Failure, Judged};

/// A case of a suite.
struct Case {
    class: String,
    name: String,
    outcome: Outcome,
}

/// How a case went.
enum Outcome {
    Passed(Option<String>),
    Failed { message: String, text: String },
    Error { message: String, text: String },
    Skipped { message: String },
}

/// Renders the document.
pub fn render(document: &Document, fail_on: FailOn) -> String {
    let suites: Vec<(String, Vec<Case>)> = document
        .reports
        .iter()
        .map(|judged| (name(&judged.report), cases(judged, fail_on)))
        .chain(
            document
                .errors
                .iter()
                .map(|failure| (failure.target.clone(), vec![error(failure)])),
        )
        .collect();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = suites.iter().flat_map(|(_, cases)| cases);
    out.push_str(&format!(
        "<testsuites name=\"bilgewatch\"{}>\n",
        totals(all, false)
    ));
    for (name, cases) in &suites {
        out.push_str(&format!(
            "  <testsuite name=\"{}\"{}>\n",
            escape(name),
            totals(cases.iter(), true)
        ));
        for case in cases {
            out.push_str(&case.render());
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// Name of the suite of an image.
fn name(report: &Report) -> String {
    match &report.platform {
        Some(platform) => format!("{} ({platform})", report.target),
        None => report.target.clone(),
    }
}

/// The cases of an image.
fn cases(judged: &Judged, fail_on: FailOn) -> Vec<Case> {
    let report = &judged.report;
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let mut cases: Vec<_> = by_rule
        .into_iter()
        .map(|(rule, findings)| of_rule(rule, &findings, fail_on))
        .collect();
    for item in &judged.suppressed {
        cases.push(Case {
            class: "bilgewatch.suppressed".to_owned(),
            name: item.finding.rule.clone(),
            outcome: Outcome::Skipped {
                message: item.reason.clone(),
            },
        });
    }
    let gaps: Vec<_> = report
        .gaps
        .iter()
        .map(|gap| {
            format!(
                "{}: {}",
                words::layer_and_place(&gap.place),
                safe(&gap.reason.0)
            )
        })
        .collect();
    cases.push(Case {
        class: "bilgewatch".to_owned(),
        name: "everything was read".to_owned(),
        outcome: if gaps.is_empty() {
            Outcome::Passed(None)
        } else {
            Outcome::Error {
                message: format!("{} not read", count(gaps.len(), "part")),
                text: gaps.join("\n"),
            }
        },
    });
    cases
}

/// The case of a rule that fired.
fn of_rule(rule: &str, findings: &[&Finding], fail_on: FailOn) -> Case {
    let texts: Vec<_> = findings.iter().map(|f| describe(f)).collect();
    let worst = findings.iter().map(|f| f.verdict()).max();
    let worst = worst.unwrap_or(Verdict::Clean);
    let title = findings.first().map_or(rule, |f| f.title.as_str());
    let text = texts.join("\n\n");
    Case {
        class: format!("bilgewatch.{}", rule.split('/').next().unwrap_or(rule)),
        name: rule.to_owned(),
        outcome: if fail_on.reached_by(worst) {
            Outcome::Failed {
                message: format!("{worst}: {title}"),
                text,
            }
        } else {
            Outcome::Passed(Some(text))
        },
    }
}

/// One finding in lines.
fn describe(finding: &Finding) -> String {
    let mut lines = vec![
        format!("{}: {}", finding.verdict(), safe(&finding.detail)),
        format!("where: {}", words::layer_and_place(&finding.place)),
    ];
    let steps = words::steps(&finding.place);
    if !steps.is_empty() {
        lines.push(format!("inside: {steps}"));
    }
    lines.push(format!("runs: {}", words::reach_chain(&finding.reach)));
    lines.extend(
        finding
            .evidence
            .lines()
            .map(|line| format!("| {}", safe(line))),
    );
    lines.push(format!("next: {}", safe(&finding.next)));
    lines.join("\n")
}

/// The case of a target that could not be scanned.
fn error(failure: &Failure) -> Case {
    Case {
        class: "bilgewatch".to_owned(),
        name: "the image can be scanned".to_owned(),
        outcome: Outcome::Error {
            message: failure.message.clone(),
            text: failure.advice.clone().unwrap_or_default(),
        },
    }
}

/// Counts, as attributes.
fn totals<'a>(cases: impl Iterator<Item = &'a Case>, with_skipped: bool) -> String {
    let (mut tests, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    for case in cases {
        tests += 1;
        match case.outcome {
            Outcome::Passed(_) => {}
            Outcome::Failed { .. } => failures += 1,
            Outcome::Error { .. } => errors += 1,
            Outcome::Skipped { .. } => skipped += 1,
        }
    }
    let mut text = format!(" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
    if with_skipped {
        text.push_str(&format!(" skipped=\"{skipped}\""));
    }
    text
}

impl Case {
    fn render(&self) -> String {
        let head = format!(
            "    <testcase classname=\"{}\" name=\"{}\"",
            escape(&self.class),
            escape(&self.name)
        );
        let element = |tag: &str, message: &str, text: &str| {
            format!(
                "{head}>\n      <{tag} message=\"{}\">{}</{tag}>\n    </testcase>\n",
                escape(message),
                escape(text)
            )
        };
        match &self.outcome {
            Outcome::Passed(None) => format!("{head}/>\n"),
            Outcome::Passed(Some(text)) => format!(
                "{head}>\n      <system-out>{}</system-out>\n    </testcase>\n",
                escape(text)
            ),
            Outcome::Failed { message, text } => element("failure", message, text),
            Outcome::Error { message, text } => element("error", message, text),
            Outcome::Skipped { message } => format!(
                "{head}>\n      <skipped message=\"{}\"/>\n    </testcase>\n",
                escape(message)
            ),
        }
    }
}

/// Text for an element or an attribute in double quotes. What XML 1.0 cannot hold at all (controls
/// and non-characters) is written as `printable` writes it.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        for c in safe(line).chars() {
            match c {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '"' => out.push_str("&quot;"),
                '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
                _ => out.push(c),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_gate_decides_what_fails() {
        let failures = |gate| {
            let text = render(&samples::document(), gate);
            text.matches("<failure ").count()
        };
        assert_eq!(failures(FailOn::Malicious), 1);
        assert_eq!(failures(FailOn::Suspicious), 2);
        assert_eq!(failures(FailOn::Unwanted), 3);
        assert_eq!(failures(FailOn::Never), 0);
    }

    #[test]
    fn counts_agree_with_the_cases() {
        let text = render(&samples::document(), FailOn::Suspicious);
        let head = format!(
            "<testsuites name=\"bilgewatch\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
            text.matches("<testcase ").count(),
            text.matches("<failure ").count(),
            text.matches("<error ").count()
        );
        assert!(text.contains(&head), "{head}\n{text}");
        assert_eq!(text.matches("<testsuite ").count(), 5);
        assert_eq!(text.matches("<error ").count(), 3);
        assert_eq!(text.matches("<skipped ").count(), 1);
    }

    #[test]
    fn text_of_an_image_stays_text() {
        let text = render(&samples::document(), FailOn::Suspicious);
        assert!(text.contains("&lt;script&gt;"));
        assert!(!text.contains("<b>") && !text.contains('\u{1b}'));
        assert_eq!(
            escape("a\u{ffff}\u{0}\"&\nb"),
            "a\\u{ffff}\\u{0}&quot;&amp;\nb"
        );
    }
}
