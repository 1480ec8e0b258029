//! One image's facts to its report.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use detect::reach::Reaches;
use detect::subject::place;
use detect::{FileRef, ImageFacts, Origin, Owners};
use image::{Image, Resolved};
use model::{
    ConfigFacts, Fact, Gap, GapReason, LayerFacts, LayerSummary, Reach, Report, Stats, Where, text,
};

use crate::tree::Merged;
use crate::{LayerResult, Settings};

/// The report on one image.
pub fn of(
    resolved: &Resolved,
    layers: &BTreeMap<String, LayerResult>,
    settings: &Settings,
    named_directly: bool,
) -> Report {
    match resolved {
        Resolved::Image(image) => of_image(image, layers, settings, named_directly),
        Resolved::Broken {
            target,
            manifest,
            platform,
            reason,
        } => {
            let gaps = vec![Gap {
                place: Where::default(),
                reason: printable(reason),
            }];
            Report {
                target: target.clone(),
                digest: None,
                manifest: manifest.clone(),
                platform: platform.clone(),
                verdict: Report::judge(&[], &gaps),
                findings: Vec::new(),
                gaps,
                indicators: Vec::new(),
                layers: Vec::new(),
                stats: Stats::default(),
            }
        }
    }
}

fn of_image(
    image: &Image,
    layers: &BTreeMap<String, LayerResult>,
    settings: &Settings,
    named_directly: bool,
) -> Report {
    let results: Vec<Option<&LayerResult>> = image
        .layers
        .iter()
        .map(|layer| layers.get(&layer.key))
        .collect();
    let facts: Vec<Option<Arc<LayerFacts>>> = results
        .iter()
        .map(|result| result.and_then(|result| result.as_ref().ok()).cloned())
        .collect();
    let config_facts = read_config(image, settings);
    let diff_ids: Vec<_> = image
        .layers
        .iter()
        .zip(&facts)
        .map(|(layer, facts)| {
            facts
                .as_ref()
                .and_then(|facts| facts.diff_id.clone())
                .or_else(|| layer.diff_id.clone())
        })
        .collect();
    let tree = Merged::of(&facts);
    let owners = Owners::of(&facts, &tree);
    let subject = ImageFacts {
        names: &image.names,
        config: &image.config,
        config_facts: &config_facts,
        layers: &facts,
        diff_ids: &diff_ids,
        tree: &tree,
        owners: &owners,
        named_directly,
    };
    let findings = detect::judge(&subject);
    let mut gaps = gaps(image, &results, &subject);
    gaps.extend(config_facts.gaps.iter().cloned());
    if tree.dropped() > 0 {
        let reason = format!(
            "{} entries have no place in the merged view of the layers",
            tree.dropped()
        );
        gaps.push(Gap {
            place: Where::default(),
            reason: GapReason::new(reason),
        });
    }
    gaps.sort();
    gaps.dedup();
    let indicators = detect::indicators(&subject, &findings)
        .into_iter()
        .collect();
    Report {
        target: image.target.clone(),
        digest: image.config_digest.clone(),
        manifest: image.manifest.clone(),
        platform: image.platform.clone(),
        verdict: Report::judge(&findings, &gaps),
        indicators,
        layers: summaries(&subject),
        stats: stats(&subject),
        findings,
        gaps,
    }
}

/// Reads the configuration; a panic in it costs the configuration and nothing else.
fn read_config(image: &Image, settings: &Settings) -> ConfigFacts {
    let budget = &settings.options.budget;
    catch_unwind(AssertUnwindSafe(|| read::config(&image.config, budget))).unwrap_or_else(|_| {
        let reason = GapReason::new(
            "reading the configuration failed inside Bilgewatch: please report this image",
        );
        ConfigFacts {
            facts: Vec::new(),
            gaps: vec![Gap {
                place: Where::default(),
                reason,
            }],
        }
    })
}

fn gaps(image: &Image, results: &[Option<&LayerResult>], subject: &ImageFacts<'_>) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = image
        .damage
        .iter()
        .map(|reason| Gap {
            place: Where::default(),
            reason: printable(reason),
        })
        .collect();
    let reaches = Reaches::of(subject);
    for (index, result) in results.iter().enumerate() {
        let Ok(layer) = u32::try_from(index) else {
            break;
        };
        let whole = || Where {
            layer: subject.diff_ids.get(index).cloned().flatten(),
            layer_index: Some(layer),
            instruction: image
                .config
                .instruction_of(index)
                .map(|made| text::printable(made.as_bytes())),
            ..Where::default()
        };
        match result {
            Some(Ok(facts)) => gaps.extend(facts.gaps.iter().filter_map(|gap| {
                let origin = gap.file.map(|file| Origin::File(FileRef { layer, file }));
                let runs = |origin: &Origin| *reaches.get(origin) != Reach::Unreferenced;
                if gap.guessed && !origin.as_ref().is_some_and(runs) {
                    return None;
                }
                let inside = |origin: &Origin| place(subject, origin, gap.steps.clone(), 0);
                Some(Gap {
                    place: origin.as_ref().map_or_else(whole, inside),
                    reason: printable(&gap.reason.0),
                })
            })),
            Some(Err(reason)) => gaps.push(Gap {
                place: whole(),
                reason: printable(reason),
            }),
            None => {
                let reason = format!(
                    "the layer {} is named by the image but is not there",
                    key_of(image, index)
                );
                gaps.push(Gap {
                    place: whole(),
                    reason: printable(&reason),
                });
            }
        }
    }
    gaps
}

fn key_of(image: &Image, index: usize) -> &str {
    image
        .layers
        .get(index)
        .map_or("", |layer| layer.key.as_str())
}

fn summaries(subject: &ImageFacts<'_>) -> Vec<LayerSummary> {
    let summary = |(index, facts): (usize, &Option<Arc<LayerFacts>>)| LayerSummary {
        diff_id: subject.diff_ids.get(index).cloned().flatten(),
        instruction: subject
            .config
            .instruction_of(index)
            .map(|made| text::printable(made.as_bytes())),
        entries: facts.as_ref().map_or(0, |facts| facts.files.len() as u64),
        bytes: facts.as_ref().map_or(0, |facts| facts.bytes),
    };
    subject.layers.iter().enumerate().map(summary).collect()
}

fn stats(subject: &ImageFacts<'_>) -> Stats {
    let is_program = |fact: &&Fact| matches!(fact, Fact::Program(_));
    let mut stats = Stats {
        layers: subject.layers.len() as u64,
        ..Stats::default()
    };
    for facts in subject.layers.iter().flatten() {
        stats.entries += facts.files.len() as u64;
        stats.bytes += facts.bytes;
        stats.programs += facts
            .facts
            .iter()
            .flat_map(|file| &file.facts)
            .filter(is_program)
            .count() as u64;
    }
    stats.programs += subject
        .config_facts
        .facts
        .iter()
        .map(|(_, fact)| fact)
        .filter(is_program)
        .count() as u64;
    stats
}

fn printable(reason: &str) -> GapReason {
    GapReason::new(text::printable(reason.as_bytes()))
}
