//! The `artifacts` of a run: images, and the files in them that something was said about.

use std::collections::BTreeMap;
use std::fmt::Write;

use model::{Algorithm, Report};
use serde_json::{Value, json};

/// Artifacts in the order of their index.
#[derive(Default)]
pub struct Artifacts {
    values: Vec<Value>,
    files: BTreeMap<(usize, String), usize>,
}

impl Artifacts {
    /// Adds an image; its index.
    pub fn image(&mut self, report: &Report) -> usize {
        let mut value = json!({
            "location": { "uri": relative_uri(&report.target) },
            "roles": ["analysisTarget"],
        });
        if let Some(digest) = &report.digest {
            let name = match digest.algorithm() {
                Algorithm::Sha256 => "sha-256",
                Algorithm::Sha512 => "sha-512",
            };
            value["hashes"] = json!({ name: digest.hex() });
        }
        self.values.push(value);
        self.values.len() - 1
    }

    /// The location of a file in the image `image`, which is added if it is new.
    pub fn file(&mut self, image: usize, path: &str) -> Value {
        let index = match self.files.get(&(image, path.to_owned())) {
            Some(&index) => index,
            None => {
                let index = self.values.len();
                self.values.push(json!({
                    "location": { "uri": relative_uri(path) },
                    "parentIndex": image,
                }));
                self.files.insert((image, path.to_owned()), index);
                index
            }
        };
        self.location(index)
    }

    /// The location of the artifact `index`.
    pub fn location(&self, index: usize) -> Value {
        let uri = self
            .values
            .get(index)
            .map(|value| &value["location"]["uri"]);
        json!({ "uri": uri, "index": index })
    }

    /// All of them.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }
}

/// `name` as a relative reference that cannot be taken for anything else: no leading slash, no
/// scheme, no `.` or `..` at its start, percent-encoded. Code hosts accept no other.
///
/// Source: RFC 3986, sections 2.3 and 4.2.
fn relative_uri(name: &str) -> String {
    let trimmed = name.trim_start_matches('/');
    let mut uri = String::with_capacity(trimmed.len());
    for (n, segment) in trimmed.split('/').enumerate() {
        if n > 0 {
            uri.push('/');
        }
        if segment.bytes().all(|b| b == b'.') {
            // `.` and `..` would be resolved away, and an encoded dot means the same.
            uri.push_str(&segment.replace('.', "%252E"));
            continue;
        }
        for byte in segment.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                uri.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    if uri.is_empty() {
        // The root folder of the image.
        uri.push_str("%2F");
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_relative_and_encoded() {
        for (name, expected) in [
            ("/usr/local/bin/start.sh", "usr/local/bin/start.sh"),
            ("/a b/100%#?.pem", "a%20b/100%25%23%3F.pem"),
            ("/é", "%C3%A9"),
            ("//example.com/x", "example.com/x"),
            ("docker:app:1", "docker%3Aapp%3A1"),
            ("/..", "%252E%252E"),
            ("/", "%2F"),
            ("/.ssh/...x", ".ssh/...x"),
        ] {
            assert_eq!(relative_uri(name), expected, "{name}");
        }
    }

    #[test]
    fn a_file_is_listed_once() {
        let report = crate::samples::malicious().report;
        let mut artifacts = Artifacts::default();
        let (one, two) = (artifacts.image(&report), artifacts.image(&report));
        let first = artifacts.file(one, "/x");
        assert_eq!(artifacts.file(one, "/x"), first);
        assert_ne!(artifacts.file(two, "/x"), first);
        assert_eq!(artifacts.into_values().len(), 4);
    }
}
