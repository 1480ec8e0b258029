//! One image in the forms tools write, and a sink that records what is read.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use model::{Algorithm, Budget, Digest, Entry, EntryKind};
use serde_json::{Value, json};

use super::super::*;
use crate::verify::digest_of;
use crate::{EntryVisitor, Image, LayerEnd, LayerSink, Resolved, StreamSource};

/// Files of an archive, in order.
pub type Files = Vec<(String, Content)>;

#[derive(Clone)]
pub enum Content {
    Bytes(Vec<u8>),
    Link(String),
}

pub fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let files: Files = files
        .iter()
        .map(|(path, bytes)| ((*path).to_owned(), Content::Bytes(bytes.to_vec())))
        .collect();
    pack(&files)
}

pub fn pack(files: &Files) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = ::tar::Header::new_ustar();
        header.set_mode(0o644);
        match content {
            Content::Bytes(bytes) if path.ends_with('/') => {
                assert!(bytes.is_empty());
                header.set_entry_type(::tar::EntryType::Directory);
                header.set_size(0);
                builder.append_data(&mut header, path, io::empty()).unwrap();
            }
            Content::Bytes(bytes) => {
                header.set_size(bytes.len() as u64);
                builder
                    .append_data(&mut header, path, bytes.as_slice())
                    .unwrap();
            }
            Content::Link(target) => {
                header.set_entry_type(::tar::EntryType::Symlink);
                header.set_size(0);
                builder.append_link(&mut header, path, target).unwrap();
            }
        }
    }
    builder.into_inner().unwrap()
}

pub fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

pub fn sha256(bytes: &[u8]) -> Digest {
    digest_of(Algorithm::Sha256, bytes)
}

/// An image of two layers, the second of which removes a file of the first.
pub struct Fixture {
    pub layers: Vec<Vec<u8>>,
    config: Vec<u8>,
}

impl Fixture {
    pub fn new(mark: &str) -> Self {
        let layers = vec![
            tar_of(&[("etc/mark", mark.as_bytes()), ("bin/sh", b"shell")]),
            tar_of(&[("etc/.wh.mark", b""), ("bin/tool", b"tool")]),
        ];
        let diff_ids: Vec<String> = layers
            .iter()
            .map(|layer| sha256(layer).to_string())
            .collect();
        let config = json!({
            "os": "linux", "architecture": "amd64", "config": {"Cmd": ["/bin/sh"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids}
        });
        Self {
            layers,
            config: config.to_string().into_bytes(),
        }
    }

    pub fn id(&self) -> Digest {
        sha256(&self.config)
    }

    /// As `docker save` wrote it before version 25.
    pub fn docker_old(&self, tag: &str) -> Files {
        let mut files = Files::new();
        let mut paths = Vec::new();
        for (n, layer) in self.layers.iter().enumerate() {
            let id = format!("{n}{}", &sha256(layer).hex()[1..]);
            files.push((format!("{id}/"), Content::Bytes(Vec::new())));
            files.push((format!("{id}/VERSION"), Content::Bytes(b"1.0".into())));
            files.push((format!("{id}/json"), Content::Bytes(b"{}".into())));
            paths.push(format!("{id}/layer.tar"));
            files.push((format!("{id}/layer.tar"), Content::Bytes(layer.clone())));
        }
        let config = format!("{}.json", self.id().hex());
        files.push((config.clone(), Content::Bytes(self.config.clone())));
        files.push((
            "manifest.json".to_owned(),
            Content::Bytes(
                json!([{"Config": config, "RepoTags": [tag], "Layers": paths}])
                    .to_string()
                    .into(),
            ),
        ));
        files.push(("repositories".to_owned(), Content::Bytes(b"{}".into())));
        files
    }

    /// As skopeo and podman write it: layers at the top, links to them.
    pub fn docker_links(&self, tag: &str) -> Files {
        let mut files = Files::new();
        let mut paths = Vec::new();
        for (n, layer) in self.layers.iter().enumerate() {
            let file = format!("{}.tar", sha256(layer).hex());
            files.push((file.clone(), Content::Bytes(layer.clone())));
            let id = n.to_string().repeat(64);
            files.push((
                format!("{id}/layer.tar"),
                Content::Link(format!("../{file}")),
            ));
            paths.push(format!("{id}/layer.tar"));
        }
        let config = format!("sha256:{}", self.id().hex());
        files.push((config.clone(), Content::Bytes(self.config.clone())));
        files.push((
            "manifest.json".to_owned(),
            Content::Bytes(
                json!([{"Config": config, "RepoTags": [tag], "Layers": paths}])
                    .to_string()
                    .into(),
            ),
        ));
        files
    }

    /// The blobs of an OCI layout and the manifest's descriptor.
    pub fn blobs(&self) -> (Files, Value) {
        let mut files = Files::new();
        let mut put = |media_type: &str, bytes: &[u8]| {
            let digest = sha256(bytes);
            let path = format!("blobs/sha256/{}", digest.hex());
            if !files.iter().any(|(known, _)| *known == path) {
                files.push((path, Content::Bytes(bytes.to_vec())));
            }
            json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()})
        };
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|layer| put("application/vnd.oci.image.layer.v1.tar+gzip", &gzip(layer)))
            .collect();
        let config = put("application/vnd.oci.image.config.v1+json", &self.config);
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers});
        let manifest = put(
            "application/vnd.oci.image.manifest.v1+json",
            manifest.to_string().as_bytes(),
        );
        (files, manifest)
    }

    pub fn layout(&self, tag: &str) -> Files {
        let (mut files, mut manifest) = self.blobs();
        manifest["annotations"] = json!({"org.opencontainers.image.ref.name": tag});
        files.push(catalog(&[manifest]));
        files
    }
}

pub fn catalog(manifests: &[Value]) -> (String, Content) {
    let index = json!({"schemaVersion": 2, "manifests": manifests}).to_string();
    ("index.json".to_owned(), Content::Bytes(index.into_bytes()))
}

/// Entries with their contents, and how the layer ended.
pub type ReadLayer = (Vec<(Entry, Vec<u8>)>, Option<LayerEnd>);

/// What was read of each layer.
#[derive(Default)]
pub struct Recorder {
    key: String,
    pub layers: BTreeMap<String, ReadLayer>,
}

impl EntryVisitor for Recorder {
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) {
        let mut bytes = Vec::new();
        let _ = io::copy(content, &mut bytes);
        let layer = self.layers.entry(self.key.clone()).or_default();
        layer.0.push((entry.clone(), bytes));
    }
}

impl LayerSink for Recorder {
    fn begin(&mut self, key: &str) {
        self.key = key.to_owned();
        assert!(
            self.layers
                .insert(key.to_owned(), Default::default())
                .is_none(),
            "{key} is handed over once"
        );
    }

    fn end(&mut self, key: &str, end: LayerEnd) {
        assert_eq!(self.key, key);
        self.layers.get_mut(key).unwrap().1 = Some(end);
    }
}

impl Recorder {
    /// `LAYER:PATH=CONTENT` of an image's layers, and all damage.
    pub fn of(&self, image: &Image) -> (Vec<String>, Vec<String>) {
        let mut entries = Vec::new();
        let mut damage = image.damage.clone();
        for (n, layer) in image.layers.iter().enumerate() {
            let Some((read, end)) = self.layers.get(&layer.key) else {
                damage.push(format!("layer {n} was not read"));
                continue;
            };
            for (entry, bytes) in read {
                let mark = if matches!(entry.kind, EntryKind::Whiteout(_)) {
                    "!"
                } else {
                    ""
                };
                let content = String::from_utf8_lossy(bytes);
                entries.push(format!("{n}:{mark}{}={content}", entry.path));
            }
            damage.extend(
                end.iter()
                    .flat_map(|end| &end.damage)
                    .map(|one| one.reason.clone()),
            );
        }
        (entries, damage)
    }
}

/// Opens a target and reads all of it.
pub fn read(target: &str) -> Result<(Vec<Resolved>, Recorder), Error> {
    read_with(target, &Options::default())
}

pub fn read_with(target: &str, options: &Options) -> Result<(Vec<Resolved>, Recorder), Error> {
    let mut recorder = Recorder::default();
    let images = match open(&Target::parse(target).unwrap(), options)? {
        Opened::Random(source) => {
            for resolved in source.images() {
                let Resolved::Image(image) = resolved else {
                    continue;
                };
                for layer in &image.layers {
                    if recorder.layers.contains_key(&layer.key) {
                        continue;
                    }
                    recorder.begin(&layer.key);
                    match source.read_layer(layer, &mut recorder) {
                        Ok(end) => recorder.end(&layer.key, end),
                        Err(_) => drop(recorder.layers.remove(&layer.key)),
                    }
                }
            }
            source.images().to_vec()
        }
        Opened::Stream(stream) => stream.drain(&mut recorder)?,
    };
    Ok((images, recorder))
}

pub fn stream(bytes: Vec<u8>) -> Result<(Vec<Resolved>, Recorder), Error> {
    let mut recorder = Recorder::default();
    let stream = TarStream::new(Box::new(Cursor::new(bytes)), Budget::default());
    let images = Box::new(stream).drain(&mut recorder)?;
    Ok((images, recorder))
}

pub fn image(resolved: &Resolved) -> &Image {
    match resolved {
        Resolved::Image(image) => image,
        Resolved::Broken { reason, .. } => panic!("{reason}"),
    }
}

pub fn targets(images: &[Resolved]) -> Vec<&str> {
    images
        .iter()
        .map(|resolved| match resolved {
            Resolved::Image(Image { target, .. }) | Resolved::Broken { target, .. } => {
                target.as_str()
            }
        })
        .collect()
}

/// A folder for one test, and its path as text.
pub fn scratch() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    (folder, path)
}

pub fn save(folder: &str, name: &str, bytes: &[u8]) -> String {
    let path = format!("{folder}/{name}");
    fs::write(&path, bytes).unwrap();
    path
}

pub fn unpack(folder: &str, files: &Files) {
    for (path, content) in files {
        let path = PathBuf::from(folder).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if let Content::Bytes(bytes) = content {
            fs::write(path, bytes).unwrap();
        }
    }
}
