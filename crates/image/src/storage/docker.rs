//! Docker's storage folder (`/var/lib/docker`), read without the daemon.
//!
//! Source: `github.com/moby/moby`, `image/fs.go` (`image/DRIVER/imagedb/content/sha256/ID`: the
//! configurations), `reference/store.go` (`repositories.json`), `layer/filestore.go`
//! (`layerdb/sha256/CHAIN-ID/{cache-id,diff,tar-split.json.gz}`) and the graph drivers
//! (`overlay2/CACHE-ID/diff`, `vfs/dir/CACHE-ID`, …).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bstr::ByteSlice;
use model::{Digest, ImageConfig};
use serde::Deserialize;

use super::folder::{Folder, is_component};
use super::names;
use super::store::{self, Place, Store, chain_id, sha256};
use super::unpacked::Unpacked;
use crate::manifest::parse_config;
use crate::{Error, ErrorKind, Image, Options, Resolved};

/// Longest of the files `cache-id` and `diff`.
const FIELD_BYTES: usize = 1024;

/// `repositories.json`: repository → reference (with tag or digest) → image ID.
#[derive(Deserialize)]
struct Repositories {
    #[serde(rename = "Repositories", default)]
    repositories: BTreeMap<String, BTreeMap<String, String>>,
}

/// Opens the images of a storage folder; all of them if `asked` is empty.
///
/// # Errors
/// If the folder cannot be read, is not Docker's, or has no such image.
pub fn open(path: &Path, asked: &str, options: &Options) -> Result<Store, Error> {
    let root = Folder::open(path)?;
    let drivers = drivers(&root, options)?;
    let mut store = Store {
        root,
        budget: options.budget.clone(),
        images: Vec::new(),
        layers: BTreeMap::new(),
    };
    let mut present = Vec::new();
    let mut found = false;
    for driver in drivers {
        let driver = Driver {
            name: driver,
            path,
            options,
        };
        let ids = driver.ids(&store.root)?;
        let chosen = choose(asked, &ids);
        found |= !chosen.is_empty();
        present.extend(ids.values().flatten().cloned());
        for id in chosen {
            let names = ids.get(&id).cloned().unwrap_or_default();
            driver.image(&mut store, &id, names);
        }
    }
    if !asked.is_empty() && !found {
        return Err(names::not_found(
            asked,
            &format!("Docker's storage {}", path.display()),
            present,
        ));
    }
    if found && store.images.is_empty() {
        return Err(super::held::other_platform(asked, options));
    }
    Ok(store)
}

/// The graph drivers that have images here.
fn drivers(root: &Folder, options: &Options) -> Result<Vec<String>, Error> {
    let listed = root.names("image".into()).unwrap_or_default();
    let drivers: Vec<String> = listed
        .into_iter()
        .filter_map(|name| String::from_utf8(name.into()).ok())
        .filter(|name| root.has(&format!("image/{name}/imagedb/content/sha256")))
        .collect();
    let snapshots = "containerd/daemon/io.containerd.metadata.v1.bolt/meta.db";
    let empty = drivers.iter().all(|driver| {
        root.names(
            format!("image/{driver}/imagedb/content/sha256")
                .as_str()
                .into(),
        )
        .is_ok_and(|names| names.is_empty())
    });
    if empty && root.has(snapshots) && has_containerd_images(root, options) {
        let path = root.path().display();
        return Err(Error::new(
            ErrorKind::NotFound,
            format!("this Docker keeps its images in containerd's store, not in {path}/image"),
        )
        .advise(format!(
            "name them containerd-storage:{path}/containerd/daemon:IMAGE"
        )));
    }
    if drivers.is_empty() {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!("{} is no storage folder of Docker: it has no image/DRIVER/imagedb", root.path().display()),
        )
        .advise("give the folder that `docker info` calls Docker Root Dir, as docker-storage:FOLDER:IMAGE"));
    }
    Ok(drivers)
}

/// Whether the containerd that belongs to this Docker holds images.
fn has_containerd_images(root: &Folder, options: &Options) -> bool {
    let path = root.path().join("containerd/daemon");
    super::containerd::open(&path, "", options).is_ok_and(|source| !source.is_empty())
}

/// The image IDs that `asked` names.
fn choose(asked: &str, ids: &BTreeMap<String, Vec<String>>) -> BTreeSet<String> {
    if asked.is_empty() {
        return ids.keys().cloned().collect();
    }
    let spellings = names::spellings(asked);
    let named: BTreeSet<String> = ids
        .iter()
        .filter(|(_, names)| names.iter().any(|name| spellings.contains(name)))
        .map(|(id, _)| id.clone())
        .collect();
    if !named.is_empty() {
        return named;
    }
    ids.keys()
        .filter(|id| names::is_id(asked, id))
        .cloned()
        .collect()
}

/// One graph driver's images.
struct Driver<'a> {
    name: String,
    path: &'a Path,
    options: &'a Options,
}

impl Driver<'_> {
    /// All image IDs with the names that each has.
    fn ids(&self, root: &Folder) -> Result<BTreeMap<String, Vec<String>>, Error> {
        let limit = self.options.budget.document;
        let folder = format!("image/{}/imagedb/content/sha256", self.name);
        let listed = root
            .names(folder.as_str().into())
            .map_err(|error| super::folder::cannot_open(&self.path.join(&folder), &error))?;
        let mut ids: BTreeMap<String, Vec<String>> = listed
            .into_iter()
            .filter_map(|name| name.to_str().ok().map(str::to_owned))
            .filter(|name| digest(name).is_some())
            .map(|id| (id, Vec::new()))
            .collect();
        let file = format!("image/{}/repositories.json", self.name);
        let repositories =
            match root.document(&file, limit) {
                Ok(bytes) => {
                    serde_json::from_slice::<Repositories>(&bytes)
                        .map_err(|error| {
                            let shown = self.path.join(&file);
                            Error::new(
                        ErrorKind::Invalid,
                        format!("{} is damaged: {error}", shown.display()),
                    )
                    .advise("name the image by its ID in docker:ID, or let the daemon rewrite it")
                        })?
                        .repositories
                }
                Err(error) if error.kind == ErrorKind::NotFound => BTreeMap::new(),
                Err(error) => return Err(error),
            };
        for (name, id) in repositories.into_values().flatten() {
            if let Some(names) = ids.get_mut(id.trim_start_matches("sha256:")) {
                names.push(names::canonical(&name));
            }
        }
        Ok(ids)
    }

    /// Adds one image, with its layers, to the store.
    fn image(&self, store: &mut Store, id: &str, all_names: Vec<String>) {
        let tags: Vec<String> = all_names
            .into_iter()
            .filter(|name| !name.contains('@'))
            .collect();
        let name = tags.first().map_or(id, String::as_str);
        let target = format!("docker-storage:{}:{name}", self.path.display());
        let file = format!("image/{}/imagedb/content/sha256/{id}", self.name);
        let read = store
            .root
            .document(&file, self.options.budget.document)
            .and_then(|bytes| Ok((parse_config(&bytes)?, sha256(&bytes))));
        let (config, actual) = match read {
            Ok(read) => read,
            Err(error) => {
                store.images.push(Resolved::Broken {
                    target,
                    manifest: None,
                    platform: None,
                    reason: format!("the configuration cannot be read: {error}"),
                });
                return;
            }
        };
        let platform = Some(config.platform.clone());
        if !super::held::wanted(self.options, platform.as_ref()) {
            return;
        }
        let mut damage = Vec::new();
        if actual.hex() != id {
            damage.push(format!(
                "the configuration was changed in the storage: its digest is {actual}, not {}",
                digest(id).map_or_else(String::new, |digest| digest.to_string())
            ));
        }
        let layers = self.layers(store, &config);
        store.images.push(Resolved::Image(Image {
            target,
            names: tags,
            manifest: None,
            config_digest: digest(id),
            platform,
            artifact: None,
            config,
            layers,
            damage,
        }));
    }

    fn layers(&self, store: &mut Store, config: &ImageConfig) -> Vec<crate::Layer> {
        let mut parent = None;
        let mut layers = Vec::new();
        for diff_id in &config.diff_ids {
            let chain = chain_id(parent.as_ref(), diff_id);
            let key = chain.to_string();
            if !store.layers.contains_key(&key) {
                let place = self.place(&store.root, &chain, diff_id);
                store.layers.insert(key.clone(), place);
            }
            layers.push(store::layer(key, Some(diff_id.clone())));
            parent = Some(chain);
        }
        layers
    }

    /// Where the layer of a chain ID is unpacked.
    fn place(&self, root: &Folder, chain: &Digest, diff_id: &Digest) -> Place {
        let records = format!("image/{}/layerdb/{}/{}", self.name, "sha256", chain.hex());
        let field = |name: &str| -> Result<String, String> {
            let bytes = root
                .document(&format!("{records}/{name}"), FIELD_BYTES)
                .map_err(|error| format!("layer {diff_id} is not in the storage: {error}"))?;
            Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        let recorded = field("diff")?;
        if recorded != diff_id.to_string() {
            return Err(format!(
                "{records}/diff is not that of layer {diff_id}: the storage is damaged"
            ));
        }
        let cache = field("cache-id")?;
        if !is_component(&cache) {
            return Err(format!(
                "{records}/cache-id is no plain name: the storage is damaged"
            ));
        }
        let driver = &self.name;
        let folder = match driver.as_str() {
            "overlay2" | "fuse-overlayfs" => format!("{driver}/{cache}/diff"),
            "vfs" => format!("vfs/dir/{cache}"),
            "btrfs" => format!("btrfs/subvolumes/{cache}"),
            "aufs" => format!("aufs/diff/{cache}"),
            other => {
                return Err(format!(
                    "Docker's storage driver {other} keeps layers where only the daemon can read them; use docker:IMAGE"
                ));
            }
        };
        Ok(Unpacked {
            folder,
            tar_split: Some(format!("{records}/tar-split.json.gz")),
        })
    }
}

/// The digest of an image ID.
fn digest(id: &str) -> Option<Digest> {
    format!("sha256:{id}").parse().ok()
}
