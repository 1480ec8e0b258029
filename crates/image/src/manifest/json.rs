//! JSON documents from outside: bounded before they are parsed, and read as Go reads them.
//!
//! Every container runtime parses these documents with Go's `encoding/json`, which takes field
//! names in any case and lets the last one win. A reader that only knows the exact spelling could
//! be shown another document, so names are compared the same way here and a document that spells
//! one field in two ways is refused.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Most values in a document: each takes some 100 bytes in memory whatever its length, and an
/// image with the 127 layers overlayfs allows has some 2,000.
const VALUES_MAX: usize = 500_000;

/// An object of a parsed document.
#[derive(Clone, Copy)]
pub struct Object<'a>(&'a Map<String, Value>);

/// Parses a document.
///
/// # Errors
/// If it is no JSON or too intricate, as a fragment.
pub fn parse(bytes: &[u8]) -> Result<Value, String> {
    let values = bytes
        .iter()
        .filter(|&&byte| matches!(byte, b',' | b'[' | b'{'))
        .count();
    if values > VALUES_MAX {
        return Err(format!("it has more than {VALUES_MAX} values"));
    }
    serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON: {error}"))
}

/// The document as an object.
///
/// # Errors
/// If it is something else, as a fragment.
pub fn object(value: &Value) -> Result<Object<'_>, String> {
    value
        .as_object()
        .map(Object)
        .ok_or_else(|| "it is no JSON object".to_owned())
}

impl<'a> Object<'a> {
    /// A field, however its name is cased; `None` also for null.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        let mut fields = self.0.iter().rev();
        let (_, value) = fields.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        (!value.is_null()).then_some(value)
    }

    /// Whether no field of `names` is spelled in two ways.
    ///
    /// # Errors
    /// If one is, as a fragment.
    pub fn require_unambiguous(&self, names: &[&str]) -> Result<(), String> {
        for name in names {
            let same = |key: &&String| key.eq_ignore_ascii_case(name);
            if self.0.keys().filter(same).count() > 1 {
                return Err(format!(
                    "it spells the field `{name}` in two ways: two readers would see different images"
                ));
            }
        }
        Ok(())
    }

    /// A field that is an object.
    pub fn object(&self, name: &str) -> Option<Object<'a>> {
        self.get(name)?.as_object().map(Object)
    }

    /// A field that is a list; empty if it is none.
    pub fn list(&self, name: &str) -> &'a [Value] {
        self.get(name)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// A text field; empty if it is none.
    pub fn text(&self, name: &str) -> String {
        self.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// A text field that is not empty.
    pub fn some_text(&self, name: &str) -> Option<String> {
        let text = self.text(name);
        (!text.is_empty()).then_some(text)
    }

    /// The texts of a list. A single text counts as a list of one, as in Docker.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Value::String(text)) => vec![text.clone()],
            Some(Value::Array(list)) => list.iter().map(as_text).collect(),
            _ => Vec::new(),
        }
    }

    /// The keys of a field that is a map, or the texts of one that is a list.
    pub fn keys(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Value::Object(map)) => map.keys().cloned().collect(),
            _ => self.texts(name),
        }
    }

    /// A field that maps names to texts.
    pub fn texts_by_name(&self, name: &str) -> BTreeMap<String, String> {
        match self.get(name) {
            Some(Value::Object(map)) => map
                .iter()
                .map(|(key, value)| (key.clone(), as_text(value)))
                .collect(),
            _ => BTreeMap::new(),
        }
    }
}

/// A text as it is, and anything else as JSON.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_go_does() {
        let value = parse(br#"{"LAYERS":[1],"Config":null,"a":{"b":"c"}}"#).unwrap();
        let object = object(&value).unwrap();
        assert_eq!(object.list("layers").len(), 1);
        assert!(object.get("config").is_none());
        assert_eq!(object.object("A").unwrap().text("B"), "c");
        assert!(object.require_unambiguous(&["layers"]).is_ok());
        let value = parse(br#"{"layers":[1],"Layers":[2]}"#).unwrap();
        let problem = super::object(&value)
            .unwrap()
            .require_unambiguous(&["layers"]);
        assert!(problem.unwrap_err().contains("two ways"));
    }

    #[test]
    fn intricate_documents_are_refused_before_they_are_parsed() {
        let bomb = [b"[".to_vec(), b"0,".repeat(VALUES_MAX), b"0]".to_vec()].concat();
        assert!(parse(&bomb).unwrap_err().contains("values"));
        let deep = b"[".repeat(100_000);
        assert!(parse(&deep).unwrap_err().contains("no JSON"));
    }
}
