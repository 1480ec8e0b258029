//! `explain`: the card of a rule, or one finding in full.

use std::path::Path;

use anyhow::bail;
use model::Rule;

use super::report;
use crate::cli::{Color, ExplainArgs};
use crate::environment::Environment;
use crate::exit;
use crate::output::{plain_look, stdout};
use crate::render::safe;
use crate::render::text::{Page, card, write_finding};

/// Most rules that are suggested for a name that is none.
const SUGGESTIONS: usize = 5;

/// Runs the command.
pub fn run(args: &ExplainArgs, color: Color, environment: &Environment<'_>) -> anyhow::Result<u8> {
    let mut page = Page::new(plain_look(color, environment));
    let rules = detect::rules();
    // A rule of the user's own stands behind the card's id.
    let is_meant = |rule: &&&Rule| {
        let own = args.name.strip_prefix(rule.id);
        own.is_some_and(|own| own.is_empty() || own.starts_with('/'))
    };
    let rule = rules.iter().find(is_meant);
    match (rule, &args.report) {
        (Some(rule), _) => card(&mut page, rule),
        (None, Some(file)) => finding(&mut page, &args.name, file)?,
        (None, None) => bail!("{}", unknown(&args.name, &rules)),
    }
    stdout(&page.finish())?;
    Ok(exit::CLEAN)
}

/// Writes every finding of that ID. The same file in two images has the same one.
fn finding(page: &mut Page, id: &str, file: &Path) -> anyhow::Result<()> {
    let document = report::load(file)?;
    let mut found = false;
    for judged in &document.reports {
        let suppressed = judged.suppressed.iter().map(|item| &item.finding);
        let all = judged.report.findings.iter().chain(suppressed);
        for finding in all.filter(|finding| finding.id == id) {
            page.blank();
            page.raw(&safe(&judged.report.target));
            write_finding(page, finding);
            found = true;
        }
    }
    if !found {
        bail!(
            "`{id}` is neither a rule nor a finding of {}: `bilgewatch report {} -v` shows the IDs",
            file.display(),
            file.display()
        );
    }
    Ok(())
}

/// Says what could have been meant.
fn unknown(name: &str, rules: &[&'static Rule]) -> String {
    let lower = name.to_lowercase();
    let words: Vec<_> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() > 2)
        .collect();
    let close: Vec<_> = rules
        .iter()
        .filter(|rule| words.iter().any(|word| rule.id.contains(word)))
        .map(|rule| format!("`{}`", rule.id))
        .take(SUGGESTIONS)
        .collect();
    let hint = if close.is_empty() {
        "`bilgewatch rules` lists them".to_owned()
    } else {
        format!("did you mean {}?", close.join(" or "))
    };
    format!("no rule is called `{name}`: {hint} (for a finding, add --report FILE)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Confidence, Severity};

    #[test]
    fn names_that_are_close_are_suggested() {
        static RULE: Rule = Rule {
            id: "shell/reverse",
            title: "",
            severity: Severity::High,
            confidence: Confidence::High,
            attack: &[],
            what: "",
            why: "",
            benign: "",
            next: "",
        };
        let text = unknown("Reverse-Shell", &[&RULE]);
        assert!(text.contains("did you mean `shell/reverse`?"), "{text}");
        assert!(unknown("xyz", &[&RULE]).contains("bilgewatch rules"));
    }
}
