//! The image that every daemon is given, and what must be read from it again.

use std::collections::BTreeMap;
use std::io::Read;

use image::{EntryVisitor, Image, LayerEnd, LayerSink, Opened, Resolved};
use model::{Entry, EntryKind, Removal};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// What counts of an entry: path, kind, mode, owner, digest of the content.
pub type Seen = (Vec<u8>, EntryKind, u32, u64, String);

/// An image in the form of `docker save`.
pub struct Fixture {
    pub archive: Vec<u8>,
    pub config: String,
    pub layers: Vec<Vec<u8>>,
}

pub fn hex(bytes: &[u8]) -> String {
    model::digest::hex(&Sha256::digest(bytes))
}

fn header(kind: tar::EntryType, mode: u32, size: usize) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(7);
    header.set_gid(8);
    header.set_mtime(1_700_000_000);
    header.set_size(size as u64);
    header
}

struct LayerTar(tar::Builder<Vec<u8>>);

impl LayerTar {
    fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn file(mut self, path: impl AsRef<[u8]>, mode: u32, content: &[u8]) -> Self {
        use std::os::unix::ffi::OsStrExt;
        let path = std::ffi::OsStr::from_bytes(path.as_ref());
        let mut header = header(tar::EntryType::Regular, mode, content.len());
        self.0.append_data(&mut header, path, content).unwrap();
        self
    }

    fn folder(mut self, path: &str) -> Self {
        let mut header = header(tar::EntryType::Directory, 0o755, 0);
        self.0.append_data(&mut header, path, &[][..]).unwrap();
        self
    }

    fn link(mut self, kind: tar::EntryType, path: &str, target: &str) -> Self {
        let mut header = header(kind, 0o777, 0);
        self.0.append_link(&mut header, path, target).unwrap();
        self
    }

    fn done(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

impl Fixture {
    /// Three layers: all kinds of entries; whiteouts and an opaque folder; a file that is written
    /// through a symbolic link. `salt` makes the image another one.
    pub fn new(tag: &str, salt: &str) -> Self {
        let large: Vec<u8> = (0..400_000_u32)
            .map(|n| (n.wrapping_mul(n) >> 7) as u8)
            .collect();
        let long = format!("{}/{}", "n".repeat(90), "m".repeat(120));
        let base = LayerTar::new()
            .folder("etc/")
            .file("etc/passwd", 0o644, b"root:x:0:0::/:/bin/sh\n")
            .file("etc/empty", 0o600, b"")
            .file("a/b/c/large", 0o644, &large)
            .file("bin/su", 0o4755, b"#!/bin/sh\n")
            .link(tar::EntryType::Symlink, "bin/sh", "/usr/bin/sh")
            .link(tar::EntryType::Link, "etc/passwd-", "etc/passwd")
            .file(long, 0o644, b"long name")
            .file(b"caf\xe9", 0o644, b"name that is no UTF-8")
            .file("opaque/one", 0o644, b"1")
            .file("salt", 0o644, salt.as_bytes())
            .done();
        let removed = LayerTar::new()
            .folder("etc/")
            .file("etc/.wh.passwd", 0o644, b"")
            .folder("opaque/")
            .file("opaque/.wh..wh..opq", 0o644, b"")
            .file("opaque/two", 0o644, b"2")
            .done();
        let through = LayerTar::new()
            .folder("usr/")
            .folder("usr/lib/")
            .link(tar::EntryType::Symlink, "lib", "usr/lib")
            .file("lib/inside", 0o755, b"written through a link")
            .done();
        Self::of(tag, vec![base, removed, through])
    }

    fn of(tag: &str, layers: Vec<Vec<u8>>) -> Self {
        let diff_ids: Vec<String> = layers
            .iter()
            .map(|l| format!("sha256:{}", hex(l)))
            .collect();
        let history: Vec<_> = (0..layers.len())
            .map(|n| json!({"created_by": format!("RUN step {n}")}))
            .collect();
        let config = json!({
            "architecture": "amd64", "os": "linux",
            "config": {"Cmd": ["/bin/su"], "Env": ["A=b"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
        })
        .to_string();
        let name = hex(config.as_bytes());
        let files: Vec<String> = layers.iter().map(|l| format!("{}.tar", hex(l))).collect();
        let manifest = json!([{
            "Config": format!("{name}.json"), "RepoTags": [tag], "Layers": files,
        }]);
        let mut archive = LayerTar::new();
        for (file, layer) in files.iter().zip(&layers) {
            archive = archive.file(file, 0o644, layer);
        }
        let archive = archive
            .file(format!("{name}.json"), 0o644, config.as_bytes())
            .file("manifest.json", 0o644, manifest.to_string().as_bytes())
            .done();
        Self {
            archive,
            config: name,
            layers,
        }
    }

    /// The archive as an OCI layout whose index also names a platform that is not there.
    pub fn layout(&self, tag: &str) -> Vec<u8> {
        let mut archive = LayerTar::new().folder("blobs/").folder("blobs/sha256/");
        let mut blob = |bytes: &[u8], media_type: &str| {
            let digest = hex(bytes);
            let tar = std::mem::replace(&mut archive, LayerTar::new());
            archive = tar.file(format!("blobs/sha256/{digest}"), 0o644, bytes);
            json!({"mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len()})
        };
        let config = self.config_bytes();
        let layers: Vec<_> = self
            .layers
            .iter()
            .map(|l| blob(l, "application/vnd.oci.image.layer.v1.tar"))
            .collect();
        let config = blob(&config, "application/vnd.oci.image.config.v1+json");
        let manifest_type = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({"schemaVersion": 2, "mediaType": manifest_type, "config": config, "layers": layers});
        let mut here = blob(manifest.to_string().as_bytes(), manifest_type);
        here["platform"] = json!({"os": "linux", "architecture": "amd64"});
        let elsewhere = json!({
            "mediaType": manifest_type, "digest": format!("sha256:{}", "ab".repeat(32)), "size": 500,
            "platform": {"os": "linux", "architecture": "s390x"},
        });
        let index_type = "application/vnd.oci.image.index.v1+json";
        let index =
            json!({"schemaVersion": 2, "mediaType": index_type, "manifests": [here, elsewhere]});
        let mut root = blob(index.to_string().as_bytes(), index_type);
        root["annotations"] = json!({"io.containerd.image.name": tag});
        let top = json!({"schemaVersion": 2, "manifests": [root]});
        archive
            .file("oci-layout", 0o644, br#"{"imageLayoutVersion":"1.0.0"}"#)
            .file("index.json", 0o644, top.to_string().as_bytes())
            .done()
    }

    fn config_bytes(&self) -> Vec<u8> {
        let mut tar = tar::Archive::new(&self.archive[..]);
        let wanted = format!("{}.json", self.config);
        let mut bytes = Vec::new();
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            if *entry.path_bytes() == *wanted.as_bytes() {
                entry.read_to_end(&mut bytes).unwrap();
            }
        }
        bytes
    }

    /// What each layer must be read as, worked out by another tar reader.
    pub fn expected(&self) -> Vec<Vec<Seen>> {
        self.layers.iter().map(|layer| entries_of(layer)).collect()
    }

    pub fn diff_ids(&self) -> Vec<String> {
        let digests = self.layers.iter().map(|l| format!("sha256:{}", hex(l)));
        digests.collect()
    }
}

fn entries_of(layer: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    for entry in tar::Archive::new(layer).entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut path = entry.path_bytes().to_vec();
        if path.ends_with(b"/") {
            path.pop();
        }
        let target = entry
            .link_name_bytes()
            .map(|t| t.to_vec())
            .unwrap_or_default();
        let slash = path.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
        let kind = match entry.header().entry_type() {
            tar::EntryType::Directory => EntryKind::Directory,
            tar::EntryType::Symlink => EntryKind::Symlink(target.into()),
            tar::EntryType::Link => EntryKind::Hardlink(target.into()),
            _ if path.ends_with(b"/.wh..wh..opq") => {
                path.truncate(slash - 1);
                EntryKind::Whiteout(Removal::Children)
            }
            _ if path[slash..].starts_with(b".wh.") => {
                path.drain(slash..slash + 4);
                EntryKind::Whiteout(Removal::Path)
            }
            _ => EntryKind::File,
        };
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let mode = entry.header().mode().unwrap();
        let uid = entry.header().uid().unwrap();
        seen.push((path, kind, mode, uid, hex(&content)));
    }
    seen
}

/// What was read of one layer.
#[derive(Clone, Default)]
pub struct Read1 {
    pub seen: Vec<Seen>,
    pub end: Option<LayerEnd>,
}

impl EntryVisitor for Read1 {
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes.len() as u64, entry.size, "{entry:?}");
        let kind = entry.kind.clone();
        let path = entry.path.to_vec();
        self.seen
            .push((path, kind, entry.mode, entry.uid, hex(&bytes)));
    }
}

#[derive(Default)]
pub struct Sink {
    layers: BTreeMap<String, Read1>,
    current: String,
}

impl EntryVisitor for Sink {
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) {
        let current = self.layers.get_mut(&self.current).unwrap();
        current.entry(entry, content);
    }
}

impl LayerSink for Sink {
    fn begin(&mut self, key: &str) {
        self.current = key.to_owned();
        self.layers.insert(key.to_owned(), Read1::default());
    }

    fn end(&mut self, key: &str, end: LayerEnd) {
        self.layers.get_mut(key).unwrap().end = Some(end);
    }
}

/// Reads everything of an opened target: its images and their layers, base first.
pub fn read_all(opened: Opened) -> Vec<(Image, Vec<Read1>)> {
    let mut out = Vec::new();
    let image_of = |resolved: &Resolved| match resolved {
        Resolved::Image(image) => image.clone(),
        broken @ Resolved::Broken { .. } => panic!("{broken:?}"),
    };
    match opened {
        Opened::Random(source) => {
            for image in source.images().iter().map(image_of) {
                let read = |layer| {
                    let mut read = Read1::default();
                    read.end = Some(source.read_layer(layer, &mut read).unwrap());
                    read
                };
                let layers = image.layers.iter().map(read).collect();
                out.push((image, layers));
            }
        }
        Opened::Stream(stream) => {
            let mut sink = Sink::default();
            let images = stream.drain(&mut sink).unwrap();
            for image in images.iter().map(image_of) {
                let take = |layer: &image::Layer| sink.layers[&layer.key].clone();
                let layers = image.layers.iter().map(take).collect();
                out.push((image, layers));
            }
        }
    }
    out
}

/// Asserts that an image was read to the last bit as it was made, without damage.
pub fn assert_exact(fixture: &Fixture, image: &Image, layers: &[Read1]) {
    assert_eq!(image.damage, Vec::<String>::new());
    assert_eq!(image.config.cmd, ["/bin/su"]);
    assert_eq!(layers.len(), fixture.layers.len());
    for ((read, expected), diff_id) in layers
        .iter()
        .zip(fixture.expected())
        .zip(fixture.diff_ids())
    {
        let end = read.end.as_ref().unwrap();
        assert_eq!(end.damage, []);
        assert_eq!(end.diff_id.as_ref().unwrap().to_string(), diff_id);
        assert_eq!(read.seen, expected);
    }
}
