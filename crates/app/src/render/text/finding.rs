//! One finding, and the card of a rule, for a terminal.

use model::{Finding, Rule, Verdict};
use owo_colors::{OwoColorize, Style};
use unicode_width::UnicodeWidthStr;

use super::page::Page;
use super::style;
use crate::render::words::{self, safe};

/// Lines of evidence that are shown without `--verbose`.
const EVIDENCE_LINES: usize = 4;

/// Columns of a build instruction that are shown without `--verbose`.
const INSTRUCTION_WIDTH: usize = 120;

/// Writes a finding; `whole` adds what the rule's card says and cuts nothing.
pub fn write(page: &mut Page, finding: &Finding, whole: bool) {
    headline(page, finding);
    let mut weight = format!(
        "{} severity, {} confidence",
        words::severity(finding.severity),
        words::confidence(finding.confidence)
    );
    if !finding.attack.is_empty() {
        weight.push_str(", ATT&CK ");
        weight.push_str(&safe(&finding.attack.join(" ")));
    }
    page.paragraph("    ", "    ", &weight, Style::new().dimmed());

    let plain = Style::new();
    page.labelled("what", &safe(&finding.detail), plain);
    place(page, finding, whole);
    let steps = words::steps(&finding.place);
    if !steps.is_empty() {
        page.labelled("inside", &steps, plain);
    }
    page.labelled("runs", &words::reach_chain(&finding.reach), plain);
    evidence(page, &finding.evidence, whole);
    if whole {
        page.labelled("why", &safe(&finding.why), plain);
        page.labelled("benign if", &safe(&finding.benign), plain);
    }
    page.labelled("next", &safe(&finding.next), plain);
    if whole {
        page.labelled("finding", &safe(&finding.id), plain);
    }
}

/// Writes all that is known of a finding, for `explain`.
pub fn write_whole(page: &mut Page, finding: &Finding) {
    write(page, finding, true);
}

/// Title on the left, rule on the right.
fn headline(page: &mut Page, finding: &Finding) {
    let (title, rule) = (safe(&finding.title), safe(&finding.rule));
    let weight = finding.verdict();
    let mark = match weight {
        Verdict::Malicious => "✗",
        Verdict::Suspicious | Verdict::Unwanted => "!",
        Verdict::Clean | Verdict::Incomplete => "·",
    };
    let used = 4 + title.width() + rule.width();
    let blanks = page.look.width.saturating_sub(used);
    if blanks < 2 {
        page.paragraph("  ", "    ", &format!("{mark} {title}"), style(weight));
        page.labelled("rule", &rule, Style::new().dimmed());
    } else {
        page.raw(&format!(
            "  {} {}{:blanks$}{}",
            mark.style(style(weight)),
            title.bold(),
            "",
            rule.dimmed()
        ));
    }
}

/// Where it is.
fn place(page: &mut Page, finding: &Finding, whole: bool) {
    let plain = Style::new();
    let at = &finding.place;
    let (thing, layer) = (words::place(at), words::layer(at));
    let told = match (thing.is_empty(), layer.is_empty()) {
        (false, false) => format!("{thing}  in {layer}"),
        (false, true) => format!("{thing}  in the image configuration"),
        (true, false) => layer,
        (true, true) => "the image as a whole".to_owned(),
    };
    // A path without a layer is of a plain folder or file.
    let told = match (&at.path, &at.layer, at.layer_index) {
        (Some(_), None, None) => words::place(at),
        _ => told,
    };
    page.labelled("where", &told, plain);
    if let Some(instruction) = &at.instruction {
        let text = safe(&instruction.split_whitespace().collect::<Vec<_>>().join(" "));
        let text = if whole {
            text
        } else {
            super::page::cut(&text, INSTRUCTION_WIDTH)
        };
        page.labelled("built by", &text, plain);
    }
    if let Some(by) = at.hidden_by {
        let note = format!("layer {by} removes or replaces it; the image still carries it");
        page.labelled("hidden", &note, plain);
    }
}

/// The text that shows it: the outer line breaks are kept, all else is escaped.
fn evidence(page: &mut Page, evidence: &str, whole: bool) {
    let mut lines: Vec<_> = evidence
        .lines()
        .map(|line| safe(&line.replace('\t', "    ")))
        .filter(|line| !line.trim().is_empty())
        .collect();
    let total = lines.len();
    if !whole && total > EVIDENCE_LINES {
        lines.truncate(EVIDENCE_LINES);
        lines.push(format!("… {} more lines", total - EVIDENCE_LINES));
    }
    page.code("evidence", &lines, whole);
}

/// Writes the card of a rule.
pub fn card(page: &mut Page, rule: &Rule) {
    page.raw(&format!("{}  {}", rule.id.bold(), rule.title));
    let mut weight = format!(
        "{} severity, {} confidence",
        words::severity(rule.severity),
        words::confidence(rule.confidence)
    );
    if !rule.attack.is_empty() {
        weight.push_str(", ATT&CK ");
        weight.push_str(&rule.attack.join(" "));
    }
    page.paragraph("  ", "  ", &weight, Style::new().dimmed());
    for (label, text) in [
        ("What it looks for", rule.what),
        ("Why it matters", rule.why),
        ("What could be benign", rule.benign),
        ("What to do", rule.next),
    ] {
        page.blank();
        page.raw(&label.bold().to_string());
        page.paragraph("  ", "  ", text, Style::new());
    }
}
