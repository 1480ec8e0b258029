//! The storage folder of podman, buildah and CRI-O (`/var/lib/containers/storage`), read as files.
//!
//! Source: `github.com/containers/storage`, `images.go` (`DRIVER-images/images.json` and "big
//! data": manifest and configuration, one file each), `layers.go` (`DRIVER-layers/layers.json`,
//! `volatile-layers.json`, `ID.tar-split.gz`) and the drivers (`overlay/ID/diff`, `vfs/dir/ID`,
//! `btrfs/subvolumes/ID`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Digest;
use serde::Deserialize;

use super::folder::{Folder, is_component};
use super::names;
use super::store::{self, Store, sha256};
use super::unpacked::Unpacked;
use crate::manifest::parse_config;
use crate::{Error, ErrorKind, Image, Layer, Options, Resolved};

/// Deepest chain of layers; overlayfs itself takes 500.
const LAYERS: usize = 4096;

#[derive(Debug, Clone, Deserialize)]
struct ImageRecord {
    id: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    layer: String,
    #[serde(default, rename = "big-data-names")]
    big_data: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
struct LayerRecord {
    id: String,
    #[serde(default)]
    parent: String,
    #[serde(default, rename = "diff-digest")]
    diff_id: String,
}

/// The parts of a manifest that are needed here; an index has `manifests` instead.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Manifest {
    config: Option<Reference>,
    manifests: Option<Vec<Reference>>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    digest: String,
}

/// Opens the images of a storage folder; all of them if `asked` is empty.
///
/// # Errors
/// If the folder cannot be read, is no such storage, or has no such image.
pub fn open(path: &Path, asked: &str, options: &Options) -> Result<Store, Error> {
    let root = Folder::open(path)?;
    let drivers = drivers(&root)?;
    let mut store = Store {
        root,
        budget: options.budget.clone(),
        images: Vec::new(),
        layers: BTreeMap::new(),
    };
    let mut present = Vec::new();
    let mut found = false;
    for name in drivers {
        let driver = Driver::load(name, &store.root, options)?;
        let chosen = driver.choose(&store.root, asked)?;
        found |= !chosen.is_empty();
        for (index, record) in driver.images.iter().enumerate() {
            present.extend(record.names.clone().unwrap_or_default());
            if chosen.contains(&index) {
                driver.image(&mut store, record);
            }
        }
    }
    if !asked.is_empty() && !found {
        return Err(names::not_found(
            asked,
            &format!("the storage {}", path.display()),
            present,
        ));
    }
    if found && store.images.is_empty() && !options.platforms.is_empty() {
        return Err(super::held::other_platform(asked, options));
    }
    Ok(store)
}

/// The drivers that have images here.
fn drivers(root: &Folder) -> Result<Vec<String>, Error> {
    let names = root
        .names("".into())
        .map_err(|error| super::folder::cannot_open(root.path(), &error))?;
    let drivers: Vec<String> = names
        .into_iter()
        .filter_map(|name| String::from_utf8(name.into()).ok())
        .filter_map(|name| name.strip_suffix("-images").map(str::to_owned))
        .filter(|name| root.has(&format!("{name}-images/images.json")))
        .collect();
    if drivers.is_empty() && !root.has("storage.lock") {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "{} is no storage folder of podman: it has no DRIVER-images/images.json",
                root.path().display()
            ),
        )
        .advise(
            "give the folder that `podman info` calls graphRoot, as podman-storage:FOLDER:IMAGE",
        ));
    }
    Ok(drivers)
}

/// One driver's images and layers.
struct Driver<'a> {
    name: String,
    options: &'a Options,
    images: Vec<ImageRecord>,
    layers: BTreeMap<String, LayerRecord>,
}

impl<'a> Driver<'a> {
    fn load(name: String, root: &Folder, options: &'a Options) -> Result<Self, Error> {
        let limit = options.budget.document;
        let images = records(root, &format!("{name}-images/images.json"), limit)?;
        let mut layers: Vec<LayerRecord> = Vec::new();
        for file in ["layers.json", "volatile-layers.json"] {
            match records(root, &format!("{name}-layers/{file}"), limit) {
                Ok(found) => layers.extend::<Vec<LayerRecord>>(found),
                Err(error) if error.kind == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self {
            name,
            options,
            images,
            layers: layers
                .into_iter()
                .map(|layer| (layer.id.clone(), layer))
                .collect(),
        })
    }

    /// Indexes of the images that `asked` names. A manifest list stands for those of its images
    /// that are held; when all images are asked for, they are there by themselves.
    fn choose(&self, root: &Folder, asked: &str) -> Result<BTreeSet<usize>, Error> {
        let spellings = names::spellings(asked);
        let by = |test: &dyn Fn(&ImageRecord) -> bool| -> BTreeSet<usize> {
            let tested = self.images.iter().enumerate();
            tested.filter(|(_, r)| test(r)).map(|(n, _)| n).collect()
        };
        let mut chosen = by(&|record| {
            asked.is_empty()
                || record
                    .names
                    .iter()
                    .flatten()
                    .any(|name| spellings.contains(name))
        });
        if chosen.is_empty() {
            chosen = by(&|record| names::is_id(asked, &record.id));
        }
        let mut out = BTreeSet::new();
        for index in chosen {
            let Some(record) = self.images.get(index) else {
                continue;
            };
            let members = match self.manifest(root, record) {
                Ok((_, manifest)) => manifest.manifests,
                // Said of the image itself, later.
                Err(_) => None,
            };
            match members {
                None => {
                    out.insert(index);
                }
                Some(members) => out.extend(by(&|record| {
                    members.iter().any(|member| holds(record, &member.digest))
                })),
            }
        }
        Ok(out)
    }

    /// Adds one image, with its layers, to the store.
    fn image(&self, store: &mut Store, record: &ImageRecord) {
        let names = record.names.clone().unwrap_or_default();
        let name = names.first().unwrap_or(&record.id);
        let target = format!("podman-storage:{}:{name}", store.root.path().display());
        match self.resolve(store, record, &target) {
            Ok(image) => {
                if super::held::wanted(self.options, image.platform.as_ref()) {
                    store.images.push(Resolved::Image(image));
                }
            }
            Err(error) => store.images.push(Resolved::Broken {
                target,
                manifest: record.digest.parse().ok(),
                platform: None,
                reason: error.message,
            }),
        }
    }

    fn resolve(
        &self,
        store: &mut Store,
        record: &ImageRecord,
        target: &str,
    ) -> Result<Image, Error> {
        let (manifest_digest, manifest) = self.manifest(&store.root, record)?;
        let mut damage = Vec::new();
        if let Ok(recorded) = record.digest.parse::<Digest>()
            && recorded != manifest_digest
        {
            damage.push(format!(
                "the manifest was changed in the storage: its digest is {manifest_digest}, not {recorded}"
            ));
        }
        let config_digest: Digest = manifest
            .config
            .map_or_else(|| format!("sha256:{}", record.id), |config| config.digest)
            .parse()
            .map_err(|error| Error::new(ErrorKind::Invalid, format!("{error}")))?;
        let bytes = self.big_data(&store.root, record, &config_digest.to_string())?;
        let actual = sha256(&bytes);
        if actual != config_digest {
            damage.push(format!(
                "the configuration was changed in the storage: its digest is {actual}, not {config_digest}"
            ));
        }
        let config = parse_config(&bytes)?;
        let layers = self.layers(store, record, &config.diff_ids, &mut damage);
        Ok(Image {
            target: target.to_owned(),
            names: record.names.clone().unwrap_or_default(),
            manifest: Some(manifest_digest),
            config_digest: Some(config_digest),
            platform: Some(config.platform.clone()),
            artifact: None,
            config,
            layers,
            damage,
        })
    }

    /// The layers from the image's top one down, base first.
    fn layers(
        &self,
        store: &mut Store,
        record: &ImageRecord,
        diff_ids: &[Digest],
        damage: &mut Vec<String>,
    ) -> Vec<Layer> {
        let mut chain = Vec::new();
        let mut next = record.layer.as_str();
        while !next.is_empty() {
            let Some(layer) = self.layers.get(next).filter(|_| chain.len() < LAYERS) else {
                damage.push(format!(
                    "the layer {} is not in the storage, so neither are those below it known",
                    model::text::printable(next.as_bytes())
                ));
                break;
            };
            chain.push(layer);
            next = &layer.parent;
        }
        chain.reverse();
        let matches = chain.len() == diff_ids.len();
        if !matches {
            damage.push(format!(
                "the storage has {} layers of it and the configuration lists {}",
                chain.len(),
                diff_ids.len()
            ));
        }
        let mut layers = Vec::new();
        for (index, layer) in chain.into_iter().enumerate() {
            // What the configuration says is what the image ID vouches for.
            let promised = diff_ids.get(index).filter(|_| matches).cloned();
            let diff_id = promised.or_else(|| layer.diff_id.parse().ok());
            let key = layer.id.clone();
            store
                .layers
                .entry(key.clone())
                .or_insert_with(|| self.place(&layer.id));
            layers.push(store::layer(key, diff_id));
        }
        layers
    }

    fn place(&self, id: &str) -> Result<Unpacked, String> {
        if !is_component(id) {
            return Err(format!(
                "the layer's ID `{}` is no plain name: the storage is damaged",
                model::text::printable(id.as_bytes())
            ));
        }
        let folder = match self.name.as_str() {
            "overlay" => format!("overlay/{id}/diff"),
            "vfs" => format!("vfs/dir/{id}"),
            "btrfs" => format!("btrfs/subvolumes/{id}"),
            other => {
                return Err(format!(
                    "the storage driver {other} keeps layers where only podman can read them; use podman:IMAGE"
                ));
            }
        };
        Ok(Unpacked {
            folder,
            tar_split: Some(format!("{}-layers/{id}.tar-split.gz", self.name)),
        })
    }

    fn manifest(&self, root: &Folder, record: &ImageRecord) -> Result<(Digest, Manifest), Error> {
        let bytes = self.big_data(root, record, "manifest")?;
        let manifest = serde_json::from_slice(&bytes).map_err(|error| {
            Error::new(
                ErrorKind::Invalid,
                format!("the manifest is no JSON object: {error}"),
            )
        })?;
        Ok((sha256(&bytes), manifest))
    }

    /// A document of an image: "big data", in a file named after its key.
    fn big_data(&self, root: &Folder, record: &ImageRecord, key: &str) -> Result<Vec<u8>, Error> {
        let plain = key
            .bytes()
            .all(|b| b == b'.' || b.is_ascii_digit() || b.is_ascii_lowercase());
        let file = match plain {
            true => key.to_owned(),
            false => format!("={}", STANDARD.encode(key)),
        };
        if !is_component(&record.id) || file.contains('/') {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!(
                    "the storage names an image `{}`, which is no ID",
                    model::text::printable(record.id.as_bytes())
                ),
            ));
        }
        let path = format!("{}-images/{}/{file}", self.name, record.id);
        root.document(&path, self.options.budget.document)
    }
}

/// Whether an image has the manifest `digest`.
fn holds(record: &ImageRecord, digest: &str) -> bool {
    record.digest == digest
        || record
            .big_data
            .iter()
            .flatten()
            .any(|name| name.strip_prefix("manifest-") == Some(digest))
}

/// A JSON array of records; an empty file is an empty array.
fn records<T: for<'de> Deserialize<'de>>(
    root: &Folder,
    file: &str,
    limit: usize,
) -> Result<Vec<T>, Error> {
    let bytes = root.document(file, limit)?;
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        let shown = root.path().join(file);
        Error::new(
            ErrorKind::Invalid,
            format!("{} is damaged: {error}", shown.display()),
        )
        .advise("if podman was just writing it, try again; else `podman system check`")
    })
}
