//! Markdown for a comment on a pull request: a table of the images, and what was found in each,
//! folded.

use model::{Finding, Report, Verdict};

use super::words::{self, count, safe};
use crate::document::{Document, Judged};

/// Longest text that is written, in bytes. GitHub refuses comments of more than 65,536 characters.
const MAX_BYTES: usize = 60_000;

/// Renders the document.
pub fn render(document: &Document) -> String {
    let mut out = String::new();
    out.push_str(&format!("## {}\n", headline(document)));
    let mut omitted = 0;
    if !document.reports.is_empty() {
        out.push_str("\n| Verdict | Image | Platform | Found | Not read |\n");
        out.push_str("|---|---|---|---:|---:|\n");
        for judged in &document.reports {
            append(&mut out, &row(&judged.report), &mut omitted);
        }
    }
    for failure in &document.errors {
        let mut text = format!(
            "\n**Error:** {}: {}",
            code(&failure.target),
            escape(&failure.message)
        );
        if let Some(advice) = &failure.advice {
            text.push_str(&format!(" ({})", escape(advice)));
        }
        text.push('\n');
        append(&mut out, &text, &mut omitted);
    }
    for judged in &document.reports {
        if judged.report.verdict > Verdict::Clean {
            append(&mut out, &details(judged), &mut omitted);
        }
    }
    if omitted > 0 {
        out.push_str(&format!(
            "\n{} left out because the text would be too long; the JSON report has all.\n",
            count(omitted, "part")
        ));
    }
    out
}

/// Appends `part` if the whole stays short enough; a shorter part may still fit later.
fn append(out: &mut String, part: &str, omitted: &mut usize) {
    if out.len() + part.len() > MAX_BYTES {
        *omitted += 1;
    } else {
        out.push_str(part);
    }
}

/// One line over all.
fn headline(document: &Document) -> String {
    let worst = document.reports.iter().map(|j| j.report.verdict).max();
    let images = count(document.reports.len(), "image");
    let mut text = match worst {
        None => "Bilgewatch: nothing was scanned".to_owned(),
        Some(Verdict::Clean) => format!("Bilgewatch: {images}, clean"),
        Some(worst) => {
            let reports = document.reports.iter();
            let number = reports.filter(|j| j.report.verdict == worst).count();
            format!("Bilgewatch: {number} of {images} {worst}")
        }
    };
    if !document.errors.is_empty() {
        text.push_str(&format!(", {}", count(document.errors.len(), "error")));
    }
    text
}

/// A row of the table.
fn row(report: &Report) -> String {
    let weighing = report.findings.iter();
    let weighing = weighing.filter(|f| f.verdict() > Verdict::Clean).count();
    let platform = report.platform.as_ref().map(ToString::to_string);
    format!(
        "| {} | {} | {} | {weighing} | {} |\n",
        word(report.verdict),
        // A pipe parts cells even inside code.
        code(&report.target).replace('|', "\\|"),
        escape(&platform.unwrap_or_default()),
        report.gaps.len(),
    )
}

/// The verdict, bold if it needs a look.
fn word(verdict: Verdict) -> String {
    match verdict {
        Verdict::Clean => verdict.name().to_owned(),
        _ => format!("**{verdict}**"),
    }
}

/// What was found in one image, folded.
fn details(judged: &Judged) -> String {
    let report = &judged.report;
    let mut out = format!(
        "\n<details><summary>{}: <code>{}</code></summary>\n",
        report.verdict,
        escape(&report.target)
    );
    for finding in &report.findings {
        if finding.verdict() > Verdict::Clean {
            out.push_str(&section(finding));
        }
    }
    if !report.gaps.is_empty() {
        out.push_str("\nNot read:\n\n");
        for gap in &report.gaps {
            let at = words::layer_and_place(&gap.place);
            let at = if at.is_empty() {
                String::new()
            } else {
                format!("{}: ", code(&at))
            };
            out.push_str(&format!("- {at}{}\n", escape(&gap.reason.0)));
        }
    }
    if !judged.suppressed.is_empty() {
        let told = count(judged.suppressed.len(), "finding");
        out.push_str(&format!("\n{told} set aside by ignore entries.\n"));
    }
    out.push_str("\n</details>\n");
    out
}

/// One finding.
fn section(finding: &Finding) -> String {
    let mut out = format!(
        "\n### {} ({})\n\n{}\n\n",
        escape(&finding.title),
        code(&finding.rule),
        escape(&finding.detail)
    );
    let at = words::layer_and_place(&finding.place);
    if !at.is_empty() {
        out.push_str(&format!("- Where: {}\n", code(&at)));
    }
    let steps = words::steps(&finding.place);
    if !steps.is_empty() {
        out.push_str(&format!("- Inside: {}\n", code(&steps)));
    }
    out.push_str(&format!(
        "- Runs: {}\n- Severity {}, confidence {}",
        escape(&words::reach_chain(&finding.reach)),
        words::severity(finding.severity),
        words::confidence(finding.confidence)
    ));
    if !finding.attack.is_empty() {
        out.push_str(&format!(", ATT&CK {}", escape(&finding.attack.join(" "))));
    }
    out.push_str(&format!("\n- Next: {}\n", escape(&finding.next)));
    if !finding.evidence.is_empty() {
        let lines: Vec<_> = finding.evidence.lines().map(safe).collect();
        let text = lines.join("\n");
        let fence = "`".repeat(longest_run(&text).max(2) + 1);
        out.push_str(&format!("\n{fence}text\n{text}\n{fence}\n"));
    }
    out
}

/// Text as inline code: a run of backticks longer than any inside.
fn code(text: &str) -> String {
    let text = safe(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // Blanks are stripped again by the reader, and keep a backtick at an end apart.
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Text that means nothing to Markdown, HTML, or to a code host that looks for mentions and links.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in safe(text).chars() {
        match c {
            '<' | '>' | '&' | '@' | '#' | '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '!'
            | '$' | '"' => out.push_str(&format!("&#{};", u32::from(c))),
            // Keeps addresses from becoming links that one may click.
            ':' => out.push_str("&#58;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn shows_what_a_reviewer_needs() {
        let text = render(&samples::document());
        for part in [
            "## Bilgewatch: 1 of 4 images malicious, 1 error\n",
            "| **malicious** | `registry:registry.example.com/shop/frontend@sha256:bbbb` | linux/arm64/v8 | 2 | 1 |",
            "`oci-dir:./a_b/*c*:<tag>\\|1`",
            "### Reverse shell (`shell/reverse`)",
            "- Where: `layer 3 (030303030303) /usr/local/bin/start.sh:12`",
            "- Inside: `sh -c › base64 › python -c`",
            "**Error:** `registry.example.com/secret:1`",
            "1 finding set aside",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("Private key"), "weak signs are left out");
    }

    #[test]
    fn text_of_an_image_stays_text() {
        let text = render(&samples::document());
        assert!(!text.contains("<script>"));
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
        // The evidence holds three backticks, so its fence has four.
        assert!(text.contains("\n````text\necho"));
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(escape("<b> @x http://y"), "&#60;b&#62; &#64;x http&#58;//y");
    }

    #[test]
    fn fits_into_a_comment() {
        let reports = vec![samples::malicious(); 400];
        let text = render(&Document::new(reports, vec![]));
        assert!(text.len() < 65_536);
        assert!(text.contains("left out"));
    }
}
