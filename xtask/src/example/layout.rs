//! Writes images as an OCI image layout, the same bytes every time.
//!
//! Source: OCI image specification v1.1, `image-layout.md`, `image-index.md`, `manifest.md`,
//! `config.md` and `layer.md`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use super::image::{Codec, Image, Layer, Node};

/// Time of every file in every layer: 1 November 2017.
const FILE_TIME: u64 = 1_509_494_400;

/// Files of a layout under construction.
#[derive(Default)]
pub struct Layout {
    files: BTreeMap<PathBuf, Vec<u8>>,
    manifests: Vec<Value>,
    packed: BTreeMap<Layer, Packed>,
}

#[derive(Clone)]
struct Packed {
    descriptor: Value,
    diff_id: String,
}

impl Layout {
    /// Adds an image with the tag `latest`, `day` days after the first of November 2017.
    pub fn add(&mut self, image: &Image, day: usize) -> Result<()> {
        let created = created(day);
        let mut layers = Vec::new();
        for layer in image.history.iter().filter_map(|step| step.layer.as_ref()) {
            layers.push(self.pack(layer)?);
        }
        let history: Vec<_> = image
            .history
            .iter()
            .map(|step| match step.layer {
                Some(_) => json!({"created": created, "created_by": step.created_by}),
                None => json!({
                    "created": created, "created_by": step.created_by, "empty_layer": true,
                }),
            })
            .collect();
        let diff_ids: Vec<_> = layers.iter().map(|layer| layer.diff_id.as_str()).collect();
        let config = serde_json::to_vec(&json!({
            "created": created,
            "architecture": "amd64",
            "os": "linux",
            "config": image.settings,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
        }))?;
        let config = self.blob("application/vnd.oci.image.config.v1+json", config);
        let layers: Vec<_> = layers.into_iter().map(|layer| layer.descriptor).collect();
        let manifest_type = "application/vnd.oci.image.manifest.v1+json";
        let manifest = serde_json::to_vec(&json!({
            "schemaVersion": 2,
            "mediaType": manifest_type,
            "config": config,
            "layers": layers,
        }))?;
        let mut descriptor = self.blob(manifest_type, manifest);
        descriptor["platform"] = json!({"architecture": "amd64", "os": "linux"});
        let name = format!("{}:latest", image.name);
        descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": name});
        self.manifests.push(descriptor);
        Ok(())
    }

    /// All files, by path in the layout.
    pub fn finish(mut self) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let index = serde_json::to_vec_pretty(&json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": self.manifests,
        }))?;
        self.files.insert("index.json".into(), index);
        let marker = serde_json::to_vec(&json!({"imageLayoutVersion": "1.0.0"}))?;
        self.files.insert("oci-layout".into(), marker);
        Ok(self.files)
    }

    fn pack(&mut self, layer: &Layer) -> Result<Packed> {
        if let Some(packed) = self.packed.get(layer) {
            return Ok(packed.clone());
        }
        let tar = tar(&layer.nodes)?;
        let diff_id = digest(&tar);
        let (media_type, bytes) = match layer.codec {
            Codec::Gzip => ("application/vnd.oci.image.layer.v1.tar+gzip", gzip(&tar)?),
            Codec::Zstd => (
                "application/vnd.oci.image.layer.v1.tar+zstd",
                zstd::encode_all(tar.as_slice(), 3)?,
            ),
        };
        let descriptor = self.blob(media_type, bytes);
        let packed = Packed {
            descriptor,
            diff_id,
        };
        self.packed.insert(layer.clone(), packed.clone());
        Ok(packed)
    }

    fn blob(&mut self, media_type: &str, bytes: Vec<u8>) -> Value {
        let digest = digest(&bytes);
        let size = bytes.len();
        let path = PathBuf::from("blobs").join(digest.replace(':', "/"));
        self.files.insert(path, bytes);
        json!({"mediaType": media_type, "digest": digest, "size": size})
    }
}

fn digest(bytes: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::new(6));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn tar(nodes: &[Node]) -> Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for node in nodes {
        let mut header = Header::new_ustar();
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        header.set_mtime(FILE_TIME);
        header.set_size(0);
        match node {
            Node::Folder(path, mode) => {
                header.set_entry_type(EntryType::Directory);
                header.set_mode(*mode);
                tar.append_data(&mut header, format!("{}/", relative(path)), [].as_slice())?;
            }
            Node::File(path, mode, content) => {
                header.set_entry_type(EntryType::Regular);
                header.set_mode(*mode);
                header.set_size(content.len() as u64);
                tar.append_data(&mut header, relative(path), content.as_slice())?;
            }
            Node::Link(path, target) => {
                header.set_entry_type(EntryType::Symlink);
                header.set_mode(0o777);
                tar.append_link(&mut header, relative(path), target)?;
            }
            Node::Gone(path) => {
                header.set_entry_type(EntryType::Regular);
                header.set_mode(0);
                let path = relative(path);
                let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
                let separator = if parent.is_empty() { "" } else { "/" };
                let marker = format!("{parent}{separator}.wh.{name}");
                tar.append_data(&mut header, marker, [].as_slice())?;
            }
        }
    }
    Ok(tar.into_inner()?)
}

fn relative(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// The campaign's images came over months; so do these.
fn created(day: usize) -> String {
    let (month, day) = match day {
        0..30 => (11, day + 1),
        _ => (12, day - 29),
    };
    format!("2017-{month:02}-{day:02}T09:00:00Z")
}
