//! Manifests and indexes, OCI's and Docker's, to what they list.

use model::{Algorithm, Digest};
use serde_json::Value;

use super::json::{self, Object};
use super::{Descriptor, config};

/// A descriptor, or why it is none (the reason as a fragment).
pub type Listed = Result<Descriptor, String>;

/// What a document turned out to be.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Document {
    /// An index or manifest list.
    Index(Vec<Listed>),
    /// A manifest.
    Manifest {
        /// The configuration.
        config: Listed,
        /// The layers, base first.
        layers: Vec<Listed>,
        /// `artifactType`.
        artifact_type: Option<String>,
    },
}

impl Document {
    /// Parses an index or manifest. What it is, its fields say: a media type may be absent.
    ///
    /// # Errors
    /// If it is neither, or both (readers would differ), or of a kind that is not supported, as a
    /// fragment.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let value = json::parse(bytes)?;
        let document = json::object(&value)?;
        document.require_unambiguous(&[
            "manifests",
            "layers",
            "config",
            "fsLayers",
            "mediaType",
        ])?;
        let media_type = document.text("mediaType");
        if document.get("fsLayers").is_some() || media_type.contains("distribution.manifest.v1") {
            return Err(
                "it is an image manifest of schema 1, which Docker has removed; \
                pull and push the image with a current tool"
                    .to_owned(),
            );
        }
        let is_index = document.get("manifests").is_some_and(Value::is_array);
        let is_manifest = document.get("config").is_some() || document.get("layers").is_some();
        match (is_index, is_manifest) {
            (true, true) => Err("it lists both manifests and layers: \
                two readers would see different images"
                .to_owned()),
            (true, false) => Ok(Self::Index(descriptors(&document, "manifests"))),
            (false, true) => Ok(Self::Manifest {
                config: document
                    .object("config")
                    .ok_or_else(|| "it names no configuration".to_owned())
                    .and_then(|config| descriptor(&config)),
                layers: descriptors(&document, "layers"),
                artifact_type: document.some_text("artifactType"),
            }),
            (false, false) if media_type.contains("artifact.manifest") => Ok(Self::Manifest {
                config: Err("an artifact has none".to_owned()),
                layers: descriptors(&document, "blobs"),
                artifact_type: document.some_text("artifactType"),
            }),
            (false, false) => Err("it is neither an index nor a manifest".to_owned()),
        }
    }
}

fn descriptors(document: &Object<'_>, name: &str) -> Vec<Listed> {
    let parse = |value| json::object(value).and_then(|object| descriptor(&object));
    document.list(name).iter().map(parse).collect()
}

fn descriptor(object: &Object<'_>) -> Listed {
    object.require_unambiguous(&["digest", "mediaType", "size", "platform"])?;
    let digest = object.text("digest");
    let digest: Digest = digest.parse().map_err(|_| unknown_digest(&digest))?;
    Ok(Descriptor {
        media_type: object.text("mediaType"),
        digest,
        size: object.get("size").and_then(Value::as_u64),
        platform: object
            .object("platform")
            .map(|platform| config::platform(&platform)),
        annotations: object.texts_by_name("annotations"),
        urls: object.texts("urls"),
        artifact_type: object.some_text("artifactType"),
    })
}

fn unknown_digest(digest: &str) -> String {
    let digest = model::text::cut(&model::text::printable(digest.as_bytes()), 200);
    format!(
        "`{digest}` is no digest by {} or {}",
        Algorithm::Sha256.name(),
        Algorithm::Sha512.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_its_fields_say() {
        let index = Document::parse(br#"{"manifests":[{"digest":"md5:1"},7]}"#).unwrap();
        let Document::Index(listed) = index else {
            panic!("{index:?}");
        };
        assert!(listed[0].as_ref().unwrap_err().contains("md5:1"));
        assert!(listed[1].as_ref().unwrap_err().contains("object"));
        assert!(matches!(
            Document::parse(br#"{"config":{},"layers":null}"#).unwrap(),
            Document::Manifest { config: Err(_), .. }
        ));
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        for (text, words) in [
            (r#"{"manifests":[],"layers":[]}"#, "both"),
            (r#"{"schemaVersion":1,"fsLayers":[]}"#, "schema 1"),
            (r#"{}"#, "neither"),
            (r#"{"layers":[],"LAYERS":[]}"#, "two ways"),
        ] {
            let problem = Document::parse(text.as_bytes()).unwrap_err();
            assert!(problem.contains(words), "{problem}");
        }
    }
}
