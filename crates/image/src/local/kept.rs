//! What is remembered of a stream: its small documents, and how its layers ended.

use std::collections::{BTreeMap, HashMap};

use bstr::{BStr, ByteSlice};
use model::text::printable;
use model::{Budget, Digest, Entry};

use super::archive::beside;
use super::catalog::{Held, path_of};
use crate::layer::path::normalise;
use crate::{Error, ErrorKind, Layer, LayerContent};

/// Most bytes kept of all documents, as a multiple of what one may have: an archive of a hundred
/// images has some megabytes.
const DOCUMENTS: usize = 8;
/// Most links and documents kept.
const COUNT_MAX: usize = 200_000;
/// Most links followed inside an archive.
const LINKS_MAX: usize = 16;

/// How a layer came by.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Digest of the plain tar.
    pub diff_id: Option<Digest>,
    /// Whether nothing was wrong with it.
    pub is_sound: bool,
    /// Length as stored.
    pub size: u64,
    /// Whether it was read as a tar.
    pub is_tar: bool,
}

impl Seen {
    /// What an image says of the layer that is not so, as a fragment. Damage of the layer itself
    /// has been said already.
    pub fn contradiction(&self, layer: &Layer) -> Option<String> {
        if let Some(size) = layer.size.filter(|&size| size != self.size) {
            return Some(format!(
                "it is {} bytes long, and the manifest says {size}",
                self.size
            ));
        }
        if layer.content == LayerContent::Tar && !self.is_tar {
            return Some("it is no tar".to_owned());
        }
        match (&layer.diff_id, &self.diff_id) {
            (Some(promised), Some(actual)) if self.is_sound && promised != actual => Some(format!(
                "uncompressed, its digest is {actual}, and the configuration says {promised}"
            )),
            _ => None,
        }
    }
}

struct Document {
    entry: Entry,
    bytes: Vec<u8>,
}

/// What is remembered of a stream.
pub struct Kept {
    documents: BTreeMap<String, Document>,
    links: HashMap<String, String>,
    layers: HashMap<String, Seen>,
    order: Vec<String>,
    room: usize,
    one: usize,
}

impl Kept {
    /// Nothing yet.
    pub fn new(budget: &Budget) -> Self {
        Self {
            documents: BTreeMap::new(),
            links: HashMap::new(),
            layers: HashMap::new(),
            order: Vec::new(),
            room: budget.document.saturating_mul(DOCUMENTS),
            one: budget.document,
        }
    }

    /// Whether nothing has come by.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.layers.is_empty()
    }

    /// Whether a layer has come by.
    pub fn has_layers(&self) -> bool {
        !self.layers.is_empty()
    }

    /// Whether a catalog has come by.
    pub fn has_catalog(&self) -> bool {
        [super::docker::CATALOG, super::layout::CATALOG]
            .iter()
            .any(|name| self.documents.contains_key(*name))
    }

    /// Whether a document of this length may be kept.
    pub fn has_room(&self, size: u64) -> bool {
        usize::try_from(size).is_ok_and(|size| size <= self.one.min(self.room))
            && self.documents.len() < COUNT_MAX
    }

    /// Keeps a document; whether there was one of that name.
    pub fn keep(&mut self, path: &str, entry: Entry, bytes: Vec<u8>) -> bool {
        self.room = self.room.saturating_sub(bytes.len());
        let document = Document { entry, bytes };
        self.documents.insert(path.to_owned(), document).is_some()
    }

    /// Remembers a link of the archive, by type flag and target as written.
    pub fn link(&mut self, path: &str, flag: u8, target: &[u8]) {
        let target = match flag {
            b'2' => beside(BStr::new(path), target),
            _ => normalise(target),
        };
        if let Ok(target) = target.to_str()
            && self.links.len() < COUNT_MAX
        {
            self.links.insert(path.to_owned(), target.to_owned());
        }
    }

    /// Remembers how a layer ended.
    pub fn saw(&mut self, key: String, seen: Seen) {
        self.order.push(key.clone());
        self.layers.insert(key, seen);
    }

    /// How a layer ended.
    pub fn seen(&self, key: &str) -> Option<&Seen> {
        self.layers.get(key)
    }

    /// A layer that was kept as a document.
    pub fn bytes_of(&self, key: &str) -> Option<&[u8]> {
        let document = self.documents.get(&path_of(key))?;
        Some(document.bytes.as_slice())
    }

    /// The layers as they came.
    pub fn keys_in_order(&self) -> impl Iterator<Item = String> {
        self.order.iter().cloned()
    }

    /// Documents as files, without the blobs if they belong to an archive.
    pub fn unused_documents(&mut self, is_archive: bool) -> Vec<(Entry, Vec<u8>)> {
        let documents = std::mem::take(&mut self.documents);
        documents
            .into_iter()
            .filter(|(path, _)| !is_archive || !path.starts_with("blobs/"))
            .map(|(_, document)| (document.entry, document.bytes))
            .collect()
    }
}

impl Held for Kept {
    fn document(&self, path: &str, _limit: usize) -> Result<Vec<u8>, Error> {
        let located = self.locate(path);
        let document = located.and_then(|path| self.documents.get(&path));
        document
            .map(|document| document.bytes.clone())
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::NotFound,
                    format!(
                        "there is no {}, or it is no document",
                        printable(path.as_bytes())
                    ),
                )
            })
    }

    fn locate(&self, path: &str) -> Option<String> {
        let mut path = path.to_owned();
        for _ in 0..LINKS_MAX {
            let digest = super::catalog::digest_of_path(&path);
            let key = digest
                .as_ref()
                .map_or_else(|| path.clone(), Digest::to_string);
            if self.documents.contains_key(&path) || self.layers.contains_key(&key) {
                return Some(path);
            }
            path = self.links.get(&path)?.clone();
        }
        None
    }
}
