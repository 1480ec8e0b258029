//! The half of what must be found: the fixtures of the engine's own test, as they are and
//! rewritten in every way that keeps their meaning.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use model::{Report, Verdict};
use rayon::prelude::*;

use crate::mutate::{self, Script};
use crate::result::{Hits, Missed, Recall};

/// Judges every fixture below `folder` and its rewritings; with `quick`, one rewriting of each
/// kind.
///
/// # Errors
/// If there are no fixtures.
pub fn run(folder: &Path, quick: bool) -> Result<Hits> {
    let scripts = fixtures(folder)?;
    let results: Vec<_> = scripts
        .par_iter()
        .map(|script| judge(script, quick))
        .collect();
    let mut hits = Hits::default();
    for (script, tried) in scripts.iter().zip(results) {
        for one in tried {
            count(&mut hits, script, one);
        }
    }
    Ok(hits)
}

/// What one rewriting came to.
struct Tried {
    /// `None` for the fixture as it is.
    family: Option<&'static str>,
    verdict: Verdict,
    missed: Option<Missed>,
}

fn judge(script: &Script, quick: bool) -> Vec<Tried> {
    let as_it_is = mutate::Rewriting {
        family: "",
        name: "as it is".to_owned(),
        case: script.case(),
    };
    let rewritings = mutate::rewritings(script, quick);
    let all = std::iter::once(as_it_is).chain(rewritings);
    all.map(|rewriting| {
        let report = rewriting.case.judge();
        let family = (!rewriting.family.is_empty()).then_some(rewriting.family);
        let missed = (report.verdict != Verdict::Malicious).then(|| Missed {
            class: script.class.clone(),
            fixture: script.name.clone(),
            rewriting: match family {
                Some(family) => format!("{family}: {}", rewriting.name),
                None => rewriting.name.clone(),
            },
            verdict: report.verdict,
            text: rewriting.case.shown(),
            report: shown(&report),
        });
        Tried {
            family,
            verdict: report.verdict,
            missed,
        }
    })
    .collect()
}

fn count(hits: &mut Hits, script: &Script, tried: Tried) {
    let add = |recall: &mut Recall| {
        recall.all += 1;
        recall.found += u64::from(tried.verdict == Verdict::Malicious);
        recall.half += u64::from(tried.verdict == Verdict::Suspicious);
    };
    match tried.family {
        None => add(hits.fixtures.entry(script.class.clone()).or_default()),
        Some(family) => {
            add(hits.classes.entry(script.class.clone()).or_default());
            add(hits.families.entry(family.to_owned()).or_default());
            let language = script.language.map_or("other", model::Language::name);
            add(hits.languages.entry(language.to_owned()).or_default());
        }
    }
    hits.missed.extend(tried.missed);
}

fn shown(report: &Report) -> Vec<String> {
    let finding = |f: &model::Finding| {
        format!(
            "{} {:?}/{:?}: {}",
            f.rule, f.severity, f.confidence, f.detail
        )
    };
    let gap = |gap: &model::Gap| format!("gap: {}", gap.reason);
    report
        .findings
        .iter()
        .map(finding)
        .chain(report.gaps.iter().map(gap))
        .collect()
}

/// Every file of every `NAME.hits`: files separated by `=== file name` lines.
fn fixtures(folder: &Path) -> Result<Vec<Script>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "hits")
        {
            paths.push(path);
        }
    }
    paths.sort();
    let mut scripts = Vec::new();
    for path in paths {
        let class = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path)?;
        for part in text.split("=== ").skip(1) {
            let (name, content) = part.split_once('\n').context("a fixture without content")?;
            scripts.push(Script::new(&class, name, content));
        }
    }
    if scripts.is_empty() {
        bail!("{} holds no fixtures", folder.display());
    }
    Ok(scripts)
}
