//! Text for a person at a terminal: what matters at a glance, the heaviest images and findings
//! first, one line for what is clean.

mod finding;
mod page;

use std::cmp::Reverse;

use model::{Gap, Report, Verdict};
use owo_colors::{OwoColorize, Style};

pub use finding::{card, write_whole as write_finding};
pub use page::Page;

use super::Look;
use super::words::{self, count, safe};
use crate::document::{Document, Judged};

/// Gaps that are listed for one image without `--verbose`.
const GAPS_SHOWN: usize = 10;

/// Columns the word for a verdict takes.
const VERDICT_WIDTH: usize = 10;

/// Renders the document.
pub fn render(document: &Document, look: Look) -> String {
    let mut page = Page::new(look);
    if look.quiet {
        for judged in &document.reports {
            page.raw(&line(&judged.report, &page));
        }
        errors(&mut page, document, true);
        return page.finish();
    }
    let (mut blocks, lines): (Vec<_>, Vec<_>) = document
        .reports
        .iter()
        .partition(|judged| has_block(judged, look));
    // The order of the holder among equals.
    blocks.sort_by_key(|judged| Reverse(judged.report.verdict));
    for judged in blocks {
        block(&mut page, judged, look);
    }
    for judged in lines {
        page.raw(&line(&judged.report, &page));
    }
    errors(&mut page, document, look.errors_told);
    page.gap_before_summary();
    summary(&mut page, document);
    page.finish()
}

/// Whether there is more to say of an image than one line.
fn has_block(judged: &Judged, look: Look) -> bool {
    let report = &judged.report;
    report.verdict != Verdict::Clean
        || (look.verbose && !(report.findings.is_empty() && judged.suppressed.is_empty()))
}

/// The colour of a verdict.
pub(super) const fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Malicious => Style::new().red().bold(),
        Verdict::Suspicious => Style::new().yellow().bold(),
        Verdict::Unwanted => Style::new().magenta().bold(),
        Verdict::Incomplete => Style::new().cyan().bold(),
        Verdict::Clean => Style::new().green(),
    }
}

/// One line for an image.
fn line(report: &Report, page: &Page) -> String {
    let word = format!("{:VERDICT_WIDTH$}", report.verdict.name());
    let mut parts = vec![
        word.style(style(report.verdict)).to_string(),
        safe(&report.target),
    ];
    parts.extend(report.platform.as_ref().map(|p| safe(&p.to_string())));
    if let Some(digest) = &report.digest {
        parts.push(digest.short().dimmed().to_string());
    }
    let told = tally(report);
    if !told.is_empty() && (report.verdict > Verdict::Clean || page.look.verbose) {
        parts.push(told.join(", "));
    }
    parts.join("  ")
}

/// `2 malicious`, `1 suspicious`, `1 not read`: what an image has.
fn tally(report: &Report) -> Vec<String> {
    let weighing = |verdict| {
        let findings = report.findings.iter();
        findings.filter(|f| f.verdict() == verdict).count()
    };
    let mut parts: Vec<_> = [Verdict::Malicious, Verdict::Suspicious, Verdict::Unwanted]
        .into_iter()
        .map(|verdict| (weighing(verdict), verdict.name()))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    match weighing(Verdict::Clean) {
        0 => {}
        n => parts.push(count(n, "weak sign")),
    }
    match report.gaps.len() {
        0 => {}
        n => parts.push(format!("{n} not read")),
    }
    parts
}

/// An image with all there is to say of it.
fn block(page: &mut Page, judged: &Judged, look: Look) {
    let report = &judged.report;
    let word = report.verdict.name().to_uppercase();
    page.raw(&format!(
        "{}  {}",
        word.style(style(report.verdict)),
        safe(&report.target).bold()
    ));
    let mut facts = Vec::new();
    facts.extend(report.platform.as_ref().map(|p| safe(&p.to_string())));
    if let Some(digest) = &report.digest {
        facts.push(format!("image {}", digest.short()));
    }
    facts.push(count(report.layers.len(), "layer"));
    facts.extend(tally(report));
    page.paragraph("  ", "  ", &facts.join(" · "), Style::new().dimmed());

    let shown = |weight| weight > Verdict::Clean || look.verbose;
    let hidden = report
        .findings
        .iter()
        .filter(|f| !shown(f.verdict()))
        .count();
    for finding in report.findings.iter().filter(|f| shown(f.verdict())) {
        page.blank();
        finding::write(page, finding, look.verbose);
    }
    gaps(page, &report.gaps, look.verbose);
    if look.verbose {
        suppressed(page, judged);
    } else {
        left_out(page, hidden, judged.suppressed.len());
    }
    page.blank();
}

/// What was not read.
fn gaps(page: &mut Page, gaps: &[Gap], all: bool) {
    if gaps.is_empty() {
        return;
    }
    page.blank();
    page.paragraph("  ", "  ", "not read:", style(Verdict::Incomplete));
    let shown = if all { gaps.len() } else { GAPS_SHOWN };
    for gap in gaps.iter().take(shown) {
        let at = words::layer_and_place(&gap.place);
        let reason = safe(&gap.reason.0);
        let text = if at.is_empty() {
            reason
        } else {
            format!("{at}: {reason}")
        };
        page.paragraph("    ", "      ", &text, Style::new());
    }
    if let Some(more @ 1..) = gaps.len().checked_sub(shown) {
        page.paragraph(
            "    ",
            "    ",
            &format!("and {more} more: add -v"),
            Style::new().dimmed(),
        );
    }
}

/// How much is not shown.
fn left_out(page: &mut Page, weak: usize, set_aside: usize) {
    let mut notes = Vec::new();
    if weak > 0 {
        notes.push(count(weak, "weak sign"));
    }
    if set_aside > 0 {
        notes.push(format!("{} set aside", count(set_aside, "finding")));
    }
    if !notes.is_empty() {
        page.blank();
        let note = format!("{} not shown: add -v", notes.join(" and "));
        page.paragraph("  ", "  ", &note, Style::new().dimmed());
    }
}

/// What was set aside, and why.
fn suppressed(page: &mut Page, judged: &Judged) {
    if judged.suppressed.is_empty() {
        return;
    }
    page.blank();
    let told = count(judged.suppressed.len(), "finding");
    let dim = Style::new().dimmed();
    page.paragraph("  ", "  ", &format!("{told} set aside:"), dim);
    for item in &judged.suppressed {
        let until = match &item.expires {
            Some(date) => format!(" (until {})", safe(date)),
            None => String::new(),
        };
        let text = format!(
            "{} {}: {}{until}",
            safe(&item.finding.rule),
            words::layer_and_place(&item.finding.place),
            safe(&item.reason)
        );
        page.paragraph("    ", "      ", &text, Style::new());
    }
}

/// Targets that could not be scanned; `short` leaves out why.
fn errors(page: &mut Page, document: &Document, short: bool) {
    for failure in &document.errors {
        let word = format!("{:VERDICT_WIDTH$}", "error");
        page.raw(&format!(
            "{}  {}",
            word.style(Style::new().red().bold()),
            safe(&failure.target)
        ));
        if short {
            continue;
        }
        page.paragraph("  ", "  ", &safe(&failure.message), Style::new());
        if let Some(advice) = &failure.advice {
            page.paragraph("  ", "  ", &safe(advice), Style::new());
        }
    }
}

/// The last line: all images together.
fn summary(page: &mut Page, document: &Document) {
    let with = |verdict| {
        let reports = document.reports.iter();
        reports.filter(|j| j.report.verdict == verdict).count()
    };
    let mut parts: Vec<_> = [
        Verdict::Malicious,
        Verdict::Suspicious,
        Verdict::Unwanted,
        Verdict::Incomplete,
        Verdict::Clean,
    ]
    .into_iter()
    .map(|verdict| (with(verdict), verdict))
    .filter(|(number, _)| *number > 0)
    .map(|(n, verdict)| {
        format!("{n} {}", verdict.name())
            .style(style(verdict))
            .to_string()
    })
    .collect();
    if !document.errors.is_empty() {
        let told = count(document.errors.len(), "error");
        parts.push(told.style(Style::new().red().bold()).to_string());
    }
    let head = count(document.reports.len(), "image");
    page.raw(&format!(
        "{}: {}",
        head.bold(),
        match parts.len() {
            0 => "nothing was scanned".to_owned(),
            _ => parts.join(", "),
        }
    ));
}

#[cfg(test)]
mod tests;
