//! The merged view: layers laid over one another as an overlay mount shows them.
//!
//! Source: OCI image specification, `layer.md` (whiteouts, opaque folders), and the kernel's
//! `overlayfs.rst`. Each layer is taken as unpacked into a folder of its own: a folder over a
//! folder merges, anything else replaces what is below it with all its children, and a whiteout
//! acts on lower layers only. Paths are borrowed from the layers' tables, so that millions of
//! entries cost little more than one pointer pair each.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use bstr::{BStr, BString, ByteSlice};
use model::{EntryKind, Removal};

/// Most symbolic links followed while resolving one path, as in the kernel (`MAXSYMLINKS`).
const MOST_LINKS: usize = 40;

/// An entry: position of its layer, and of itself in the layer.
pub type Position = (u32, u32);

/// The merged view of a stack of layers.
#[derive(Debug, Default)]
pub struct Merged<'a> {
    shown: BTreeMap<Cow<'a, BStr>, Shown<'a>>,
    hidden: HashMap<Position, u32>,
}

#[derive(Debug, Clone, Copy)]
struct Shown<'a> {
    position: Position,
    kind: &'a EntryKind,
}

impl Shown<'_> {
    const fn is_directory(&self) -> bool {
        matches!(self.kind, EntryKind::Directory)
    }
}

impl<'a> Merged<'a> {
    /// Lays a layer over what is there: its entries in order, each with its position in the layer.
    /// Of entries with one path, the last one counts.
    pub fn add(
        &mut self,
        layer: u32,
        entries: impl Iterator<Item = (u32, &'a BStr, &'a EntryKind)>,
    ) {
        let mut own: BTreeMap<Cow<'a, BStr>, Shown<'a>> = BTreeMap::new();
        let mut removals = Vec::new();
        let mut links: HashMap<Cow<'a, BStr>, &'a BStr> = HashMap::new();
        for (index, path, kind) in entries {
            let position = (layer, index);
            if let EntryKind::Whiteout(removal) = kind {
                removals.push((path, *removal));
                continue;
            }
            let path = through_links(path, &links);
            if let EntryKind::Symlink(target) = kind {
                links.insert(path.clone(), target.as_bstr());
            } else if !links.is_empty() {
                links.remove(&path);
            }
            if !matches!(kind, EntryKind::Directory) {
                self.replace_children(&mut own, &path, layer);
            }
            if let Some(before) = own.insert(path, Shown { position, kind }) {
                self.hidden.insert(before.position, layer);
            }
        }
        for (path, removal) in removals {
            self.remove(path, removal, layer);
        }
        for (path, shown) in own {
            self.cover(path, shown, layer);
        }
    }

    /// Inside one layer, a file over a folder takes the folder's children away.
    fn replace_children(
        &mut self,
        own: &mut BTreeMap<Cow<'a, BStr>, Shown<'a>>,
        path: &BStr,
        layer: u32,
    ) {
        if own.get(path).is_some_and(Shown::is_directory) {
            for child in below(own, path) {
                if let Some(shown) = own.remove(&child) {
                    self.hidden.insert(shown.position, layer);
                }
            }
        }
    }

    fn remove(&mut self, path: &BStr, removal: Removal, layer: u32) {
        if removal == Removal::Path
            && let Some(shown) = self.shown.remove(path)
        {
            self.hidden.insert(shown.position, layer);
        }
        self.remove_below(path, layer);
    }

    fn remove_below(&mut self, path: &BStr, layer: u32) {
        for child in below(&self.shown, path) {
            if let Some(shown) = self.shown.remove(&child) {
                self.hidden.insert(shown.position, layer);
            }
        }
    }

    /// Puts one entry over what lower layers show.
    fn cover(&mut self, path: Cow<'a, BStr>, over: Shown<'a>, layer: u32) {
        // A parent that is no folder below becomes one here: the layer has something in it.
        for parent in parents(&path) {
            let is_lower_file = self
                .shown
                .get(parent)
                .is_some_and(|shown| !shown.is_directory() && shown.position.0 != layer);
            if is_lower_file && let Some(shown) = self.shown.remove(parent) {
                self.hidden.insert(shown.position, layer);
            }
        }
        if !over.is_directory() {
            // Children of this layer under a file of this layer were sorted out before; what is
            // left below belongs to lower layers.
            let lower = below(&self.shown, &path);
            for child in lower {
                if self
                    .shown
                    .get(&child)
                    .is_some_and(|shown| shown.position.0 != layer)
                    && let Some(shown) = self.shown.remove(&child)
                {
                    self.hidden.insert(shown.position, layer);
                }
            }
        }
        if let Some(under) = self.shown.insert(path, over) {
            self.hidden.insert(under.position, layer);
        }
    }

    /// Every entry the container shows, by path.
    pub fn visible(&self) -> impl Iterator<Item = (&BStr, Position)> {
        self.shown
            .iter()
            .map(|(path, shown)| (path.as_ref(), shown.position))
    }

    /// The layer that removes or replaces an entry, if one does; its own if a later entry of the
    /// same layer has the same path.
    pub fn hidden_by(&self, position: Position) -> Option<u32> {
        self.hidden.get(&position).copied()
    }

    /// Whether a path exists in the container, as anything; the path is taken as it is, links are
    /// followed.
    pub fn exists(&self, path: &BStr) -> bool {
        match self.walk(path) {
            Some(path) => {
                path.is_empty()
                    || self.shown.contains_key(path.as_bstr())
                    || self.has_below(path.as_bstr())
            }
            None => false,
        }
    }

    /// The entry a path leads to, symbolic links followed inside the container's root.
    pub fn resolve(&self, path: &BStr) -> Option<Position> {
        let path = self.walk(path)?;
        let shown = self.shown.get(path.as_bstr())?;
        match shown.kind {
            // A hard link is the file it was linked to, in its own layer.
            EntryKind::Hardlink(target) => self
                .shown
                .get(target.as_bstr())
                .map_or(Some(shown.position), |s| Some(s.position)),
            _ => Some(shown.position),
        }
    }

    /// The path with all links followed; `None` if there are too many.
    fn walk(&self, path: &BStr) -> Option<BString> {
        let mut left: Vec<BString> = components(path).rev().map(BString::from).collect();
        let mut done: Vec<BString> = Vec::new();
        let mut links = 0;
        while let Some(part) = left.pop() {
            if part == ".." {
                done.pop();
                continue;
            }
            done.push(part);
            let here = BString::from(bstr::join("/", &done));
            let Some(Shown {
                kind: EntryKind::Symlink(target),
                ..
            }) = self.shown.get(here.as_bstr())
            else {
                continue;
            };
            links += 1;
            if links > MOST_LINKS {
                return None;
            }
            done.pop();
            if target.starts_with(b"/") {
                done.clear();
            }
            left.extend(components(target.as_bstr()).rev().map(BString::from));
        }
        Some(BString::from(bstr::join("/", &done)))
    }

    fn has_below(&self, path: &BStr) -> bool {
        let prefix = prefix(path);
        let mut range = self
            .shown
            .range::<BStr, _>((Bound::Included(prefix.as_bstr()), Bound::Unbounded));
        range
            .next()
            .is_some_and(|(path, _)| path.starts_with(prefix.as_bytes()))
    }
}

/// Components of a path without empty ones and `.`.
fn components(path: &BStr) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
}

/// The paths above a path, outermost first.
fn parents(path: &BStr) -> impl Iterator<Item = &BStr> {
    path.find_iter("/").map(|at| BStr::new(&path[..at]))
}

fn prefix(path: &BStr) -> BString {
    let mut prefix = BString::from(path);
    if !prefix.is_empty() {
        prefix.push(b'/');
    }
    prefix
}

/// All paths below a path.
fn below<'a, V>(map: &BTreeMap<Cow<'a, BStr>, V>, path: &BStr) -> Vec<Cow<'a, BStr>> {
    let prefix = prefix(path);
    let range = map.range::<BStr, _>((Bound::Included(prefix.as_bstr()), Bound::Unbounded));
    range
        .map(|(path, _)| path)
        .take_while(|path| path.starts_with(prefix.as_bytes()))
        .cloned()
        .collect()
}

/// A path whose parents are symbolic links of its own layer lands where they lead: unpackers
/// follow them inside the layer's root.
fn through_links<'a>(path: &'a BStr, links: &HashMap<Cow<'a, BStr>, &'a BStr>) -> Cow<'a, BStr> {
    let mut path: Cow<'a, BStr> = Cow::Borrowed(path);
    for _ in 0..MOST_LINKS {
        if links.is_empty() {
            break;
        }
        let found = parents(&path)
            .find_map(|parent| links.get(parent).map(|target| (parent.len(), *target)));
        let Some((length, target)) = found else { break };
        let front = if target.starts_with(b"/") {
            BStr::new("")
        } else {
            parents(BStr::new(&path[..length]))
                .last()
                .unwrap_or_default()
        };
        let mut parts: Vec<&[u8]> = components(front).collect();
        for part in components(target).chain(components(BStr::new(&path[length..]))) {
            if part == b".." {
                parts.pop();
            } else {
                parts.push(part);
            }
        }
        let resolved = BString::from(bstr::join("/", &parts));
        path = Cow::Owned(resolved);
    }
    path
}
