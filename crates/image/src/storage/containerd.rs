//! containerd's storage folder (`/var/lib/containerd`), read without the daemon.
//!
//! Source: `github.com/containerd/containerd`, `core/metadata/buckets.go` (`v1/NAMESPACE/images/
//! NAME/target` and `v1/NAMESPACE/snapshots/SNAPSHOTTER/CHAIN-ID/name` in `meta.db`),
//! `core/snapshots/storage/bolt.go` (`v1/snapshots/NAME/id` in the snapshotter's `metadata.db`),
//! `plugins/content/local` (`blobs/ALGORITHM/HEX`) and `plugins/snapshots/overlay`
//! (`snapshots/ID/fs`).

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use bstr::ByteSlice;
use model::{Budget, Digest};

use super::bolt::{BoltError, Bucket, Database, Value};
use super::document;
use super::folder::{Folder, cannot_open};
use super::held::{self, Held, Named};
use super::store::chain_id;
use super::tree;
use crate::manifest::{Descriptor, Documents};
use crate::{
    EntryVisitor, Error, ErrorKind, Layer, LayerContent, LayerEnd, Options, Resolved, Source, layer,
};

const META: &str = "io.containerd.metadata.v1.bolt/meta.db";
const BLOBS: &str = "io.containerd.content.v1.content/blobs";

/// Snapshotters whose snapshots are plain folders, and the folder of one of them by its number.
/// The native one copies the layers below into each: a tree of it holds their files too.
const SNAPSHOTTERS: [(&str, &str); 3] = [
    ("overlayfs", "fs"),
    ("fuse-overlayfs", "fs"),
    ("native", ""),
];

/// The images of a storage folder.
pub struct Containerd {
    root: Folder,
    budget: Budget,
    images: Vec<Resolved>,
    /// Chain IDs of layers, by [`Layer::key`].
    chains: BTreeMap<String, Digest>,
}

/// Opens the images of a storage folder; all of them if `asked` is empty.
///
/// # Errors
/// If the folder cannot be read, is not containerd's, or has no such image.
pub fn open(path: &Path, asked: &str, options: &Options) -> Result<Containerd, Error> {
    let root = Folder::open(path)?;
    let all = names(&root, options)?;
    let place = format!("containerd's storage {}", path.display());
    let found = held::find(asked, &all, &place)?;
    let content = Content { root: &root };
    let prefix = format!("containerd-storage:{}:", path.display());
    let images: Vec<Resolved> = found
        .iter()
        .flat_map(|found| held::resolve(found, &content, &prefix, options))
        .collect();
    if !found.is_empty() && images.is_empty() && !options.platforms.is_empty() {
        return Err(held::other_platform(asked, options));
    }
    Ok(Containerd {
        budget: options.budget.clone(),
        chains: chains(&images),
        images,
        root,
    })
}

impl Containerd {
    /// Whether no image is held.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// Reads a layer from the snapshot that it was unpacked to: containerd may have discarded the
    /// blob after that (`discard_unpacked_layers`).
    fn read_snapshot(
        &self,
        layer: &Layer,
        visitor: &mut dyn EntryVisitor,
    ) -> Result<LayerEnd, Error> {
        let chain = self.chains.get(&layer.key);
        let snapshot = chain.map_or(Ok(None), |chain| self.snapshot(chain))?;
        let Some(path) = snapshot else {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("containerd holds neither the blob {} nor a snapshot of it", layer.key),
            )
            .advise("fetch the missing content: `ctr images pull --all-platforms NAME`, or scan registry:NAME"));
        };
        let folder = self
            .root
            .folder(path.as_str().into())
            .map_err(|error| cannot_open(&self.root.path().join(&path), &error))?;
        Ok(tree::read(&folder, &self.budget, visitor))
    }

    /// The folder of the snapshot of a chain ID, in any namespace.
    fn snapshot(&self, chain: &Digest) -> Result<Option<String>, Error> {
        for (snapshotter, inner) in SNAPSHOTTERS {
            let base = format!("io.containerd.snapshotter.v1.{snapshotter}");
            if !self.root.has(&format!("{base}/metadata.db")) {
                continue;
            }
            let names = database(&self.root, META, |database| {
                snapshot_names(database, snapshotter, chain)
            })?;
            let id = database(&self.root, &format!("{base}/metadata.db"), |database| {
                for name in &names {
                    let path: [&[u8]; 3] = [b"v1", b"snapshots", name];
                    if let Some(bucket) = database.bucket(&path)?
                        && let Some(id) = bucket.bytes(b"id")?
                    {
                        return Ok(uvarint(&id));
                    }
                }
                Ok(None)
            })?;
            if let Some(id) = id {
                return Ok(Some(format!("{base}/snapshots/{id}/{inner}")));
            }
        }
        Ok(None)
    }
}

impl Source for Containerd {
    fn images(&self) -> &[Resolved] {
        &self.images
    }

    fn read_layer(&self, layer: &Layer, visitor: &mut dyn EntryVisitor) -> Result<LayerEnd, Error> {
        let digest = layer.digest.as_ref();
        let blob = digest.map(|digest| Content { root: &self.root }.open(digest));
        match blob {
            Some(Ok(mut file)) => Ok(layer::read(&mut file, layer, &self.budget, visitor)),
            Some(Err(error)) if error.kind != ErrorKind::NotFound => Err(error),
            _ if layer.content == LayerContent::Tar => self.read_snapshot(layer, visitor),
            Some(Err(error)) => Err(error),
            None => Err(Error::new(
                ErrorKind::NotFound,
                format!("the layer {} has no digest", layer.key),
            )),
        }
    }
}

/// The content store's files.
struct Content<'a> {
    root: &'a Folder,
}

impl Content<'_> {
    fn path(digest: &Digest) -> String {
        format!("{BLOBS}/{}/{}", digest.algorithm().name(), digest.hex())
    }

    fn open(&self, digest: &Digest) -> Result<File, Error> {
        let path = Self::path(digest);
        self.root
            .file(path.as_str().into())
            .map_err(|error| cannot_open(&self.root.path().join(&path), &error))
    }

    fn document(&self, digest: &Digest, limit: usize) -> Result<Vec<u8>, Error> {
        document::read(self.open(digest)?, limit)
            .map_err(|error| cannot_open(&self.root.path().join(Self::path(digest)), &error))
    }
}

impl Documents for Content<'_> {
    fn manifest(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error> {
        self.document(&descriptor.digest, limit)
    }

    fn blob(&self, descriptor: &Descriptor, limit: usize) -> Result<Vec<u8>, Error> {
        self.document(&descriptor.digest, limit)
    }
}

impl Held for Content<'_> {
    fn holds(&self, digest: &Digest) -> bool {
        self.root.has(&Self::path(digest))
    }
}

/// Runs `work` on one of the storage's databases.
fn database<T>(
    root: &Folder,
    path: &str,
    work: impl FnMut(&Database<'_>) -> Result<T, BoltError>,
) -> Result<T, Error> {
    let shown = root.path().join(path);
    let file = root
        .file(path.into())
        .map_err(|error| cannot_open(&shown, &error))?;
    Database::read(&file, work).map_err(|error| {
        let kind = match error {
            BoltError::Io(_) => ErrorKind::Io,
            BoltError::Damaged(_) => ErrorKind::Invalid,
            BoltError::Busy => ErrorKind::Unreachable,
        };
        Error::new(kind, format!("{} cannot be read: {error}", shown.display()))
            .advise("ask the daemon instead: containerd:IMAGE")
    })
}

/// All image names of the wanted namespaces.
fn names(root: &Folder, options: &Options) -> Result<Vec<Named>, Error> {
    if !root.has(META) {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!(
                "{} is no storage folder of containerd: it has no {META}",
                root.path().display()
            ),
        )
        .advise(
            "give the `root` of containerd's config.toml, as containerd-storage:FOLDER:IMAGE",
        ));
    }
    database(root, META, |database| {
        let mut names = Vec::new();
        let Some(version) = database.bucket(&[b"v1"])? else {
            return Ok(names);
        };
        version.for_each(|namespace, value| {
            let wanted = options.containerd_namespace.as_ref();
            if let Value::Bucket(objects) = value
                && wanted.is_none_or(|wanted| wanted.as_bytes() == namespace)
                && let Some(Value::Bucket(images)) = objects.get(b"images")?
            {
                images.for_each(|name, value| {
                    if let Value::Bucket(image) = value {
                        names.push(named(namespace, name, &image)?);
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        Ok(names)
    })
}

fn named(namespace: &[u8], name: &[u8], image: &Bucket<'_>) -> Result<Named, BoltError> {
    let broken = |what: &str| {
        let name = model::text::printable(name);
        BoltError::Damaged(format!("its record of the image `{name}` has no {what}"))
    };
    let Some(Value::Bucket(target)) = image.get(b"target")? else {
        return Err(broken("target"));
    };
    let text = |key: &[u8]| -> Result<String, BoltError> {
        let bytes = target.bytes(key)?.unwrap_or_default();
        Ok(bytes.to_str_lossy().into_owned())
    };
    let digest = text(b"digest")?.parse().map_err(|_| broken("digest"))?;
    Ok(Named {
        namespace: namespace.to_str_lossy().into_owned(),
        name: name.to_str_lossy().into_owned(),
        target: Descriptor {
            media_type: text(b"mediatype")?,
            digest,
            size: target.bytes(b"size")?.as_deref().and_then(varint),
            platform: None,
            annotations: BTreeMap::new(),
            urls: Vec::new(),
            artifact_type: None,
        },
    })
}

/// The names that a snapshotter has for the snapshot of a chain ID.
fn snapshot_names(
    database: &Database<'_>,
    snapshotter: &str,
    chain: &Digest,
) -> Result<Vec<Vec<u8>>, BoltError> {
    let mut names = Vec::new();
    let chain = chain.to_string();
    if let Some(version) = database.bucket(&[b"v1"])? {
        version.for_each(|_, value| {
            let mut at = value;
            for key in ["snapshots", snapshotter, chain.as_str()] {
                at = match at {
                    Value::Bucket(bucket) => match bucket.get(key.as_bytes())? {
                        Some(inner) => inner,
                        None => return Ok(()),
                    },
                    Value::Bytes(_) => return Ok(()),
                };
            }
            if let Value::Bucket(snapshot) = at
                && let Some(name) = snapshot.bytes(b"name")?
            {
                names.push(name);
            }
            Ok(())
        })?;
    }
    Ok(names)
}

/// The chain IDs of all layers. Layers of the same blob have the same content wherever they are in
/// a chain, so the first chain will do.
fn chains(images: &[Resolved]) -> BTreeMap<String, Digest> {
    let mut chains = BTreeMap::new();
    for image in images {
        let Resolved::Image(image) = image else {
            continue;
        };
        let mut parent = None;
        for layer in &image.layers {
            let Some(diff_id) = &layer.diff_id else {
                break;
            };
            let chain = chain_id(parent.as_ref(), diff_id);
            chains
                .entry(layer.key.clone())
                .or_insert_with(|| chain.clone());
            parent = Some(chain);
        }
    }
    chains
}

/// Go's `binary.Uvarint`: seven bits a byte, the lowest first.
fn uvarint(bytes: &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        let shift = u32::try_from(index).ok()? * 7;
        value |= bits.checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Go's `binary.Varint`, if it is not negative: the lowest bit is the sign.
fn varint(bytes: &[u8]) -> Option<u64> {
    let value = uvarint(bytes)?;
    (value & 1 == 0).then_some(value >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_writes_them() {
        assert_eq!(uvarint(&[0xac, 0x02]), Some(300));
        assert_eq!(varint(&[0xd8, 0x04]), Some(300));
        assert_eq!(varint(&[0x01]), None);
        assert_eq!(uvarint(&[]), None);
        assert_eq!(uvarint(&[0xff; 20]), None);
    }
}
