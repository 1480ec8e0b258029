//! SARIF 2.1.0, for code hosts and editors.
//!
//! One run holds all images: code hosts replace the alerts of a category as a whole, so several
//! runs of one upload would need a category each. `automationDetails.id` is that category: it names
//! the image without its digest, so that the next build of the image closes what it fixed.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata
//! 01"; GitHub Docs, "SARIF support for code scanning".

mod artifacts;
mod descriptors;

use model::{Finding, Verdict};
use serde_json::{Value, json};

use super::words::{self, safe};
use crate::document::{Document, Judged, Suppressed};
use artifacts::Artifacts;
use descriptors::Descriptors;

/// Where the schema of the format is published.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Renders the document.
pub fn render(document: &Document) -> anyhow::Result<String> {
    super::json::render(&log(document))
}

/// The log.
fn log(document: &Document) -> Value {
    let descriptors = Descriptors::of(document);
    let mut artifacts = Artifacts::default();
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    for judged in &document.reports {
        let image = artifacts.image(&judged.report);
        let mut add = |finding: &Finding, suppressed: Option<&Suppressed>| {
            let mut result = result(&descriptors, judged, finding);
            result["locations"] = json!([location(&mut artifacts, image, judged, finding)]);
            if let Some(suppressed) = suppressed {
                result["suppressions"] = json!([{
                    "kind": "external",
                    "status": "accepted",
                    "justification": suppressed.reason,
                }]);
            }
            results.push(result);
        };
        for finding in &judged.report.findings {
            add(finding, None);
        }
        for suppressed in &judged.suppressed {
            add(&suppressed.finding, Some(suppressed));
        }
        notifications.extend(gap_notifications(&mut artifacts, image, judged));
    }
    notifications.extend(document.errors.iter().map(|failure| {
        let advice = failure.advice.iter().map(|advice| format!(" ({advice})"));
        json!({
            "level": "error",
            "descriptor": { "id": "error" },
            "message": { "text": safe(&format!(
                "{}: {}{}",
                failure.target,
                failure.message,
                advice.collect::<String>()
            )) },
        })
    }));
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": descriptors.driver(document) },
            "automationDetails": { "id": category(document) },
            "invocations": [{
                "executionSuccessful": document.errors.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "taxonomies": [descriptors.taxonomy(document)],
            "artifacts": artifacts.into_values(),
            "results": results,
        }],
    })
}

/// Category of the run: the program, and the image if there is but one.
fn category(document: &Document) -> String {
    let [only] = document.reports.as_slice() else {
        return "bilgewatch/".to_owned();
    };
    let target = &only.report.target;
    let name = target
        .split_once('@')
        .map_or(target.as_str(), |(name, _)| name);
    match &only.report.platform {
        Some(platform) => format!("bilgewatch/{}/{}/", safe(name), safe(&platform.to_string())),
        None => format!("bilgewatch/{}/", safe(name)),
    }
}

/// A result without its locations.
fn result(descriptors: &Descriptors, judged: &Judged, finding: &Finding) -> Value {
    let report = &judged.report;
    let mut text = format!("{}. {}", finding.title, finding.detail);
    let steps = words::steps(&finding.place);
    if !steps.is_empty() {
        text.push_str(&format!(" It is inside {steps}."));
    }
    text.push_str(&format!(
        " How it runs: {}.",
        words::reach_chain(&finding.reach)
    ));
    text.push_str(&format!(" Image: {}.", report.target));
    json!({
        "ruleId": finding.rule,
        "ruleIndex": descriptors.rule_index(&finding.rule),
        "level": level(finding.verdict()),
        "message": { "text": safe(&text) },
        "partialFingerprints": { "bilgewatchFinding/v1": finding.id },
        "taxa": descriptors.taxa(&finding.attack),
        "properties": {
            "verdict": finding.verdict(),
            "severity": finding.severity,
            "confidence": finding.confidence,
            "class": finding.class,
            "reach": finding.reach,
            "target": report.target,
            "platform": report.platform,
            "next": finding.next,
        },
    })
}

/// The level that code hosts and editors colour by.
const fn level(weight: Verdict) -> &'static str {
    match weight {
        Verdict::Malicious => "error",
        Verdict::Suspicious => "warning",
        Verdict::Unwanted | Verdict::Incomplete | Verdict::Clean => "note",
    }
}

/// Where a finding is: the file in the image, or the image for a field of its configuration.
fn location(artifacts: &mut Artifacts, image: usize, judged: &Judged, finding: &Finding) -> Value {
    let place = &finding.place;
    let artifact = match &place.path {
        Some(path) => artifacts.file(image, path),
        None => artifacts.location(image),
    };
    let mut region = json!({ "startLine": place.line.unwrap_or(1).max(1) });
    if !finding.evidence.is_empty() {
        region["snippet"] = json!({ "text": finding.evidence });
    }
    let mut logical = Vec::new();
    let target = safe(&judged.report.target);
    if let Some(index) = place.layer_index {
        let digest = place.layer.as_ref().map(ToString::to_string);
        let mut layer = json!({
            "name": format!("layer {index}"),
            "fullyQualifiedName": format!(
                "{target}#{}",
                digest.unwrap_or_else(|| format!("layer-{index}"))
            ),
            "kind": "layer",
        });
        if let Some(instruction) = &place.instruction {
            layer["properties"] = json!({ "instruction": instruction });
        }
        logical.push(layer);
    }
    if let Some(field) = &place.field {
        logical.push(json!({
            "name": safe(field),
            "fullyQualifiedName": format!("{target}#{}", safe(field)),
            "kind": "member",
        }));
    }
    let mut location = json!({
        "physicalLocation": { "artifactLocation": artifact, "region": region },
    });
    if !logical.is_empty() {
        location["logicalLocations"] = Value::Array(logical);
    }
    location
}

/// What was not read of an image.
fn gap_notifications(artifacts: &mut Artifacts, image: usize, judged: &Judged) -> Vec<Value> {
    let gaps = judged.report.gaps.iter();
    gaps.map(|gap| {
        let at = words::layer_and_place(&gap.place);
        let artifact = match &gap.place.path {
            Some(path) => artifacts.file(image, path),
            None => artifacts.location(image),
        };
        json!({
            "level": "warning",
            "descriptor": { "id": "gap" },
            "message": { "text": safe(&format!(
                "not read: {}{}{at}: {}",
                judged.report.target,
                if at.is_empty() { "" } else { " " },
                gap.reason
            )) },
            "locations": [{ "physicalLocation": { "artifactLocation": artifact } }],
        })
    })
    .collect()
}

#[cfg(test)]
mod tests;
