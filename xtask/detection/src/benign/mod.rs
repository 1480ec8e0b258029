//! The benign half: every file read once, timed, and judged twice: as if it had been named by
//! itself (so that it runs), and as a part of its package laid out as an image.

mod meter;
mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::{Image, Opened, Options, Resolved, Target};
use model::{FileFacts, LayerFacts, LayerGap, Report, Verdict};
use rayon::prelude::*;
use scan::layer::LayerReader;
use scan::{LayerResult, Settings, Silent, report};

use crate::corpus::{Expected, Package};
use crate::result::{Alarm, Benign, View};

use meter::{Meter, Reading};
use tally::Tally;

/// Packages between two lines that say how far a run is.
const PROGRESS_EVERY: usize = 100;

/// Reads and judges every package.
pub fn run(packages: &[Package]) -> Benign {
    let done = AtomicUsize::new(0);
    let one = |one: &Package| {
        let tally = package(one);
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(PROGRESS_EVERY) {
            eprintln!("  judged {done} of {} packages", packages.len());
        }
        tally
    };
    // Packages are many and small, so in which order threads take them matters little.
    let tallies = packages.par_iter().map(one);
    let tally = tallies.reduce(Tally::default, Tally::join);
    tally.finish(packages)
}

/// Reads one package and judges it whole and file by file.
fn package(package: &Package) -> Tally {
    let mut tally = Tally::default();
    let settings = Settings::default();
    let (image, facts, readings) = match read(package, &settings) {
        Ok(read) => read,
        Err(error) => {
            tally.unread(package, &error);
            return tally;
        }
    };
    tally.files(package, &facts, &readings);
    let whole = judge(&image, &facts, false);
    tally.package(package, &whole);
    tally.findings(package, &whole, View::Package);
    for (file, own) in apart(&facts) {
        let report = judge(&image, &own, true);
        tally.own(package, &report, file);
        tally.findings(package, &report, View::Own);
    }
    tally
}

type Read = (Image, Arc<LayerFacts>, Vec<Reading>);

fn read(package: &Package, settings: &Settings) -> Result<Read, String> {
    let options: &Options = &settings.options;
    let target = Target::Dir(package.root.clone());
    let opened = image::open(&target, options).map_err(|error| error.to_string())?;
    let Opened::Random(source) = opened else {
        return Err("a folder opened as a stream".to_owned());
    };
    let Some(Resolved::Image(image)) = source.images().first().cloned() else {
        return Err("a folder is no image".to_owned());
    };
    let layer = image.layers.first().ok_or("a folder has no layer")?;
    let reader = LayerReader::new(&layer.key, None, settings, &Silent);
    let mut meter = Meter::new(reader);
    let end = source
        .read_layer(layer, &mut meter)
        .map_err(|error| error.to_string())?;
    let (reader, readings) = meter.finish();
    Ok((image, Arc::new(reader.finish(end)), readings))
}

fn judge(image: &Image, facts: &Arc<LayerFacts>, named_directly: bool) -> Report {
    let key = image
        .layers
        .first()
        .map_or(String::new(), |layer| layer.key.clone());
    let layers: BTreeMap<String, LayerResult> = [(key, Ok(Arc::clone(facts)))].into();
    let resolved = Resolved::Image(image.clone());
    report::of(&resolved, &layers, &Settings::default(), named_directly)
}

/// Each file that has facts or gaps as a layer of its own.
fn apart(facts: &LayerFacts) -> Vec<(usize, Arc<LayerFacts>)> {
    let mut files: BTreeMap<u32, (Vec<FileFacts>, Vec<LayerGap>)> = BTreeMap::new();
    for known in &facts.facts {
        let own = FileFacts {
            file: 0,
            facts: known.facts.clone(),
        };
        files.entry(known.file).or_default().0.push(own);
    }
    for gap in &facts.gaps {
        if let Some(file) = gap.file {
            let own = LayerGap {
                file: Some(0),
                ..gap.clone()
            };
            files.entry(file).or_default().1.push(own);
        }
    }
    let layer = |(file, (own, gaps)): (u32, (Vec<FileFacts>, Vec<LayerGap>))| {
        let at = usize::try_from(file).ok()?;
        let record = facts.files.get(at)?.clone();
        let bytes = record.size;
        let layer = LayerFacts {
            diff_id: None,
            bytes,
            files: vec![record],
            facts: own,
            gaps,
            ..LayerFacts::default()
        };
        Some((at, Arc::new(layer)))
    };
    files.into_iter().filter_map(layer).collect()
}

/// The heaviest verdict that is right for a package.
const fn allowed(expected: Expected) -> Verdict {
    match expected {
        Expected::Clean => Verdict::Incomplete,
        Expected::Unwanted => Verdict::Unwanted,
    }
}

/// The findings of a report that weigh more than is right.
fn alarms(package: &Package, report: &Report, view: View) -> Vec<Alarm> {
    let wrong = |finding: &&model::Finding| finding.verdict() > allowed(package.expected);
    let alarm = |finding: &model::Finding| Alarm {
        verdict: finding.verdict(),
        rule: finding.rule.clone(),
        package: format!("{}/{}", package.registry.name(), package.name),
        path: finding.place.path.clone().unwrap_or_default(),
        line: finding.place.line,
        steps: finding
            .place
            .steps
            .iter()
            .map(|step| step.0.clone())
            .collect(),
        evidence: finding.evidence.clone(),
        detail: finding.detail.clone(),
        views: [view].into(),
    };
    report.findings.iter().filter(wrong).map(alarm).collect()
}
