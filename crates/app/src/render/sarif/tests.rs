//! The log against the published schema of SARIF, and what code hosts ask beyond it.

use super::*;
use crate::samples;

fn sample() -> Value {
    serde_json::from_str(&render(&samples::document()).unwrap()).unwrap()
}

fn assert_valid(log: &Value) {
    let schema = include_str!("../../../tests/schema/sarif-2.1.0.json");
    // The published pattern of languages has a stray bracket, which strict readers refuse.
    let schema = schema.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let errors: Vec<_> = validator
        .iter_errors(log)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut broken = log.clone();
    broken["runs"][0]["tool"]["driver"]["name"] = Value::Null;
    assert!(!validator.is_valid(&broken), "the schema checks nothing");
}

#[test]
fn keeps_to_the_schema() {
    assert_valid(&sample());
    assert_valid(&log(&Document::new(vec![], vec![])));
    assert_valid(&log(&Document::new(vec![samples::clean()], vec![])));
}

#[test]
fn indexes_point_at_what_they_name() {
    let log = sample();
    let run = &log["runs"][0];
    let at = |list: &Value, index: &Value| list[index.as_u64().unwrap() as usize].clone();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    for result in results {
        let rule = at(&run["tool"]["driver"]["rules"], &result["ruleIndex"]);
        assert_eq!(rule["id"], result["ruleId"]);
        for taxon in result["taxa"].as_array().unwrap() {
            assert_eq!(
                at(&run["taxonomies"][0]["taxa"], &taxon["index"])["id"],
                taxon["id"]
            );
        }
        let location = &result["locations"][0]["physicalLocation"];
        let artifact = at(&run["artifacts"], &location["artifactLocation"]["index"]);
        assert_eq!(
            artifact["location"]["uri"],
            location["artifactLocation"]["uri"]
        );
        assert!(location["region"]["startLine"].as_u64().unwrap() >= 1);
        let uri = artifact["location"]["uri"].as_str().unwrap();
        assert!(
            !uri.starts_with('/') && !uri.contains([':', ' ', '?', '#']),
            "{uri}"
        );
    }
}

#[test]
fn results_say_what_the_finding_says() {
    let log = sample();
    let results = &log["runs"][0]["results"];
    let shell = &results[0];
    assert_eq!(shell["level"], "error");
    assert_eq!(
        shell["partialFingerprints"]["bilgewatchFinding/v1"],
        "4c1f0a9e2b7d"
    );
    let location = &shell["locations"][0];
    let physical = &location["physicalLocation"];
    assert_eq!(
        physical["artifactLocation"]["uri"],
        "usr/local/bin/start.sh"
    );
    assert_eq!(physical["region"]["startLine"], 12);
    assert_eq!(location["logicalLocations"][0]["name"], "layer 3");
    let field = &results[1];
    assert_eq!(field["level"], "warning");
    assert_eq!(
        field["locations"][0]["physicalLocation"]["artifactLocation"]["index"],
        0
    );
    assert_eq!(field["locations"][0]["logicalLocations"][0]["name"], "Cmd");
    assert_eq!(results[2]["level"], "note");
    assert!(results[2].get("suppressions").is_none());
    assert_eq!(
        results[3]["suppressions"][0]["justification"],
        "the drill of May"
    );
}

#[test]
fn gaps_and_errors_are_notifications() {
    let log = sample();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let levels: Vec<_> = invocation["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels, ["warning", "warning", "error"]);
    let told = invocation["toolExecutionNotifications"][2]["message"]["text"].as_str();
    assert!(told.unwrap().contains("docker login"));
}

#[test]
fn the_category_outlives_a_build() {
    let of = |judged| category(&Document::new(vec![judged], vec![]));
    assert_eq!(
        of(samples::malicious()),
        "bilgewatch/registry:registry.example.com/shop/frontend/linux/arm64/v8/"
    );
    assert_eq!(of(samples::clean()), "bilgewatch/dir:rootfs/");
    assert_eq!(category(&samples::document()), "bilgewatch/");
}
