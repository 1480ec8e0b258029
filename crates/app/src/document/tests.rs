//! The document against its published schema, and reading it back.

use serde_json::{Value, json};

use super::*;
use crate::samples;

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

fn sample() -> Value {
    serde_json::to_value(samples::document()).unwrap()
}

#[track_caller]
fn assert_valid(validator: &jsonschema::Validator, value: &Value) {
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn samples_keep_to_the_schema() {
    let validator = validator();
    assert_valid(&validator, &sample());
    assert_valid(
        &validator,
        &serde_json::to_value(Document::new(Vec::new(), Vec::new())).unwrap(),
    );
}

/// Pointers to everything optional: the document is valid without each of them.
#[test]
fn what_is_optional_may_be_absent() {
    let validator = validator();
    for (object, field) in [
        ("/reports/0", "manifest"),
        ("/reports/0", "platform"),
        ("/reports/0", "suppressed"),
        ("/reports/0/platform", "variant"),
        ("/reports/0/findings/0/where", "layer"),
        ("/reports/0/findings/0/where", "layer_index"),
        ("/reports/0/findings/0/where", "instruction"),
        ("/reports/0/findings/0/where", "path"),
        ("/reports/0/findings/0/where", "steps"),
        ("/reports/0/findings/0/where", "line"),
        ("/reports/0/findings/2/where", "hidden_by"),
        ("/reports/0/findings/1/where", "field"),
        ("/reports/0/layers/0", "instruction"),
        ("/reports/0/suppressed/0", "expires"),
        ("/errors/0", "advice"),
    ] {
        let mut value = sample();
        let removed = value
            .pointer_mut(object)
            .and_then(Value::as_object_mut)
            .and_then(|map| map.shift_remove(field));
        assert!(removed.is_some(), "the sample lacks {object}/{field}");
        assert_valid(&validator, &value);
        let back: Document = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(
            serde_json::to_value(back).unwrap(),
            value,
            "{object}/{field}"
        );
    }
    for pointer in ["/reports/0/digest", "/reports/0/layers/0/diff_id"] {
        let mut value = sample();
        *value.pointer_mut(pointer).unwrap() = Value::Null;
        assert_valid(&validator, &value);
    }
}

#[test]
fn what_is_mandatory_may_not_be_absent() {
    let validator = validator();
    for object in [
        "",
        "/tool",
        "/reports/0/stats",
        "/reports/0/findings/0",
        "/reports/0/gaps/0",
        "/reports/0/indicators/0",
        "/reports/0/suppressed/0",
        "/errors/0",
    ] {
        let complete = sample();
        let fields: Vec<_> = complete
            .pointer(object)
            .and_then(Value::as_object)
            .unwrap()
            .keys()
            .filter(|key| !["expires", "advice"].contains(&key.as_str()))
            .collect();
        for field in fields {
            let mut value = complete.clone();
            let map = value.pointer_mut(object).and_then(Value::as_object_mut);
            map.unwrap().shift_remove(field);
            assert!(!validator.is_valid(&value), "{object}/{field}");
        }
    }
}

#[test]
fn mutations_do_not_keep_to_the_schema() {
    let validator = validator();
    for (pointer, bad) in [
        ("/schema", json!("bilgewatch.report/2")),
        ("/tool/rules", json!(-1)),
        ("/tool/name", json!("other")),
        ("/reports/0/target", json!("")),
        ("/reports/0/verdict", json!("benign")),
        ("/reports/0/digest", json!("sha256:0A")),
        ("/reports/0/platform", json!("linux/amd64")),
        ("/reports/0/findings/0/rule", json!("Shell Reverse")),
        ("/reports/0/findings/0/severity", json!("High")),
        ("/reports/0/findings/0/confidence", json!("critical")),
        ("/reports/0/findings/0/class", json!("virus")),
        ("/reports/0/findings/0/attack/0", json!("T1")),
        ("/reports/0/findings/0/where/line", json!(0)),
        ("/reports/0/findings/0/where/path", json!("etc/passwd")),
        ("/reports/0/findings/0/where/other", json!(1)),
        ("/reports/0/findings/0/reach", json!({"by": "start"})),
        ("/reports/0/findings/0/reach", json!({"by": "magic"})),
        (
            "/reports/0/findings/0/reach",
            json!({"by": "past", "chain": []}),
        ),
        ("/reports/0/indicators/0/type", json!("ip")),
        ("/reports/0/stats/bytes", json!(1.5)),
        ("/reports/0/suppressed/0/expires", json!("soon")),
        ("/errors/0/kind", json!("panic")),
    ] {
        let mut value = sample();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match value.pointer_mut(parent).unwrap() {
            Value::Object(map) => drop(map.insert(key.to_owned(), bad)),
            Value::Array(list) => list[key.parse::<usize>().unwrap()] = bad,
            _ => panic!("{pointer}"),
        }
        assert!(!validator.is_valid(&value), "{pointer}");
    }
}

#[test]
fn reads_what_it_writes() {
    let document = samples::document();
    let text = crate::render::json::render(&document).unwrap();
    let back = Document::read(&mut text.as_bytes(), "sample").unwrap();
    assert_eq!(back, document);
}

#[test]
fn says_why_it_cannot_read() {
    for (text, words) in [
        ("", "not a saved report"),
        ("[]", "not a saved report"),
        ("{}", "has no `schema`"),
        (
            r#"{"schema":"bilgewatch.report/9\u001b"}"#,
            "`bilgewatch.report/9\\u{1b}`",
        ),
        (r#"{"schema":"bilgewatch.report/1"}"#, "does not keep to it"),
    ] {
        let error = Document::read(&mut text.as_bytes(), "x.json").unwrap_err();
        let message = format!("{error:#}");
        assert!(message.contains(words), "{message}");
        assert!(message.contains("x.json"), "{message}");
    }
}
