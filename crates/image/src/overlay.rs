//! The merged view: layers laid over one another as an overlay mount shows them.
//!
//! Source: OCI image specification, `layer.md` (whiteouts, opaque folders), and the kernel's
//! `overlayfs.rst`. Each layer is taken as unpacked into a folder of its own, as Docker and
//! containerd do: a link in a path is followed inside the layer only, and of entries with one path
//! the last one counts. Then a folder over a folder merges, anything else replaces what is below
//! it with all its children, and a whiteout acts on lower layers only, wherever in its layer it
//! stands. So a real folder `lib` over a link `lib` hides the link, though the path of what is in
//! it once led elsewhere.

mod tree;

use std::collections::HashMap;

use bstr::{BStr, BString, ByteSlice};
use model::{EntryKind, Removal};

use crate::layer::path::is_aufs;
use tree::{NONE, Node, ROOT, Tree};

/// Most symbolic links followed while resolving one path, as in the kernel (`MAXSYMLINKS`).
const LINKS_MAX: usize = 40;
/// Most components walked while resolving one path: links may each add as many as a path has.
const COMPONENTS_MAX: usize = 100_000;

/// An entry: position of its layer, and of itself in the layer.
pub type Position = (u32, u32);

/// The merged view of a stack of layers.
#[derive(Debug, Default)]
pub struct Merged<'a> {
    tree: Tree<'a>,
    hidden: HashMap<Position, u32>,
    dropped: u64,
    is_begun: bool,
}

impl<'a> Merged<'a> {
    /// Lays a layer over what is there: its entries in order, each with its position in the layer.
    pub fn add(
        &mut self,
        layer: u32,
        entries: impl Iterator<Item = (u32, &'a BStr, &'a EntryKind)>,
    ) {
        let mut unpacked = Unpacked {
            tree: Tree::default(),
            layer,
            hidden: &mut self.hidden,
            last: None,
        };
        for (index, path, kind) in entries {
            if unpacked.add((layer, index), path, kind).is_none() {
                unpacked.hidden.insert((layer, index), layer);
                self.dropped += 1;
            }
        }
        let upper = unpacked.tree;
        if std::mem::replace(&mut self.is_begun, true) {
            self.merge(layer, &upper);
        } else {
            // Nothing is below the first layer.
            self.tree = upper;
            for node in self.tree.nodes_mut() {
                node.state.whiteout = false;
                node.state.opaque = false;
            }
        }
    }

    /// Lays one unpacked layer over the tree.
    fn merge(&mut self, layer: u32, upper: &Tree<'a>) {
        let Self { tree, hidden, .. } = self;
        let mut hide = |position: Position| {
            hidden.insert(position, layer);
        };
        // Where each node of the layer is in the merged tree. Parents come before children.
        let mut places = vec![NONE; upper.nodes().len()];
        for (number, over) in upper.nodes().iter().enumerate() {
            if !over.state.present && !over.state.whiteout {
                continue;
            }
            let folder = places.get(over.parent as usize).copied().unwrap_or(NONE);
            if number > 0 && folder == NONE {
                continue;
            }
            if over.state.whiteout
                && let Some(under) = tree.child(folder, over.name)
            {
                vacate(tree, under, &mut hide);
            }
            if !over.state.present {
                continue;
            }
            let place = match number {
                0 => Some(ROOT),
                _ => tree.child_or_new(folder, over.name),
            };
            let Some(place) = place else {
                self.dropped += 1;
                continue;
            };
            if let Some(slot) = places.get_mut(number) {
                *slot = place;
            }
            lay_over(tree, place, over, &mut hide);
        }
    }

    /// Every entry the container shows, in no particular order.
    pub fn visible(&self) -> impl Iterator<Item = (BString, Position)> {
        (0..)
            .zip(self.tree.nodes())
            .filter(|(_, node)| node.state.present && node.position.1 != NONE)
            .map(|(number, node)| (self.tree.path(number).into(), node.position))
    }

    /// The layer that removes or replaces an entry, if one does; its own if a later entry of the
    /// same layer takes its place, or if no runtime unpacks it.
    pub fn hidden_by(&self, position: Position) -> Option<u32> {
        self.hidden.get(&position).copied()
    }

    /// How many entries found no place: their path leads nowhere (a loop of links), or the bound
    /// on paths was reached. Reading them is not affected.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whether a path exists in the container, as anything; links are followed.
    pub fn exists(&self, path: &BStr) -> bool {
        self.walk(path).is_some()
    }

    /// The entry whose content a path leads to, links of both kinds followed inside the
    /// container's root. `None` also for a folder that no entry names.
    pub fn resolve(&self, path: &BStr) -> Option<Position> {
        let node = self.tree.node(self.walk(path)?)?;
        (node.position.1 != NONE).then_some((node.position.0, node.content))
    }

    /// The entry at a path: links on the way are followed, itself is not. `None` also for a folder
    /// that no entry names.
    pub fn entry(&self, path: &BStr) -> Option<Position> {
        let (folder, name) = path.rsplit_once_str("/").unwrap_or((b"", path));
        let folder = self.walk(BStr::new(folder))?;
        let node = self.tree.node(self.tree.child(folder, name)?)?;
        (node.state.present && node.position.1 != NONE).then_some(node.position)
    }

    /// The node a path leads to.
    fn walk(&self, path: &BStr) -> Option<u32> {
        let mut left: Vec<&[u8]> = components(path).rev().collect();
        let mut at = ROOT;
        let mut links = 0;
        let mut walked = 0;
        while let Some(part) = left.pop() {
            walked += 1;
            if walked > COMPONENTS_MAX {
                return None;
            }
            if part == b".." {
                at = self.tree.node(at)?.parent;
                continue;
            }
            if !self.tree.node(at)?.is_folder() {
                return None;
            }
            let number = self.tree.child(at, part)?;
            let node = self.tree.node(number).filter(|node| node.state.present)?;
            let Some(EntryKind::Symlink(target)) = node.kind else {
                at = number;
                continue;
            };
            links += 1;
            if links > LINKS_MAX {
                return None;
            }
            if target.starts_with(b"/") {
                at = ROOT;
            }
            left.extend(components(target.as_bstr()).rev());
        }
        Some(at)
    }
}

/// Takes away a node and all under it.
fn vacate(tree: &mut Tree<'_>, number: u32, hide: &mut impl FnMut(Position)) {
    tree.clear_below(number, hide);
    if let Some(node) = tree.node_mut(number) {
        node.state.present = false;
        node.kind = None;
        let position = std::mem::replace(&mut node.position, (NONE, NONE));
        if position.1 != NONE {
            hide(position);
        }
    }
}

/// Puts what a layer has at a path over what is there.
fn lay_over<'a>(tree: &mut Tree<'a>, place: u32, over: &Node<'a>, hide: &mut impl FnMut(Position)) {
    let merges = over.is_folder() && !over.state.opaque;
    let is_under_folder = tree.node(place).is_some_and(Node::is_folder);
    if is_under_folder && !merges {
        tree.clear_below(place, hide);
    }
    let Some(under) = tree.node_mut(place) else {
        return;
    };
    under.state.present = true;
    // A folder that no entry names keeps the attributes, and so the entry, of the folder below.
    let keeps = over.position.1 == NONE && is_under_folder;
    if keeps {
        return;
    }
    let hidden = std::mem::replace(&mut under.position, over.position);
    under.kind = over.kind;
    under.content = over.content;
    if hidden.1 != NONE {
        hide(hidden);
    }
}

/// One layer, unpacked into a folder of its own.
struct Unpacked<'a, 'h> {
    tree: Tree<'a>,
    layer: u32,
    hidden: &'h mut HashMap<Position, u32>,
    /// The folder of the entry before: entries mostly come folder by folder.
    last: Option<(&'a [u8], u32)>,
}

impl<'a> Unpacked<'a, '_> {
    /// Unpacks one entry; `None` if there is no place for it.
    fn add(&mut self, position: Position, path: &'a BStr, kind: &'a EntryKind) -> Option<()> {
        if let EntryKind::Whiteout(Removal::Children) = kind {
            let folder = self.folder(components(path).rev().collect())?;
            self.tree.node_mut(folder)?.state.opaque = true;
            return Some(());
        }
        if is_aufs(path) {
            self.hidden.insert(position, self.layer);
            return Some(());
        }
        let Some(node) = self.place(path)? else {
            return self.root(position, kind);
        };
        match kind {
            EntryKind::Whiteout(_) => self.tree.node_mut(node)?.state.whiteout = true,
            // What a whiteout is unpacked to: overlayfs takes the device itself for one.
            EntryKind::CharacterDevice(0, 0) => {
                self.empty(node);
                self.tree.node_mut(node)?.state.whiteout = true;
                self.hidden.insert(position, self.layer);
            }
            EntryKind::Directory => {
                if !self.tree.node(node)?.is_folder() {
                    self.empty(node);
                }
                self.put(node, position, kind, position.1)?;
            }
            EntryKind::Hardlink(target) => {
                let linked = self.linked(target.as_bstr());
                self.empty(node);
                match linked {
                    // A hard link to a symbolic link is a symbolic link.
                    Some(
                        to @ Node {
                            kind: Some(link @ EntryKind::Symlink(_)),
                            ..
                        },
                    ) => {
                        self.put(node, position, link, to.content)?;
                    }
                    Some(to) => self.put(node, position, kind, to.content)?,
                    None => self.put(node, position, kind, position.1)?,
                }
            }
            _ => {
                self.empty(node);
                self.put(node, position, kind, position.1)?;
            }
        }
        Some(())
    }

    /// The layer's root as an entry.
    fn root(&mut self, position: Position, kind: &'a EntryKind) -> Option<()> {
        if *kind != EntryKind::Directory {
            return None;
        }
        self.put(ROOT, position, kind, position.1)
    }

    /// Replaces the entry of a node.
    fn put(
        &mut self,
        node: u32,
        position: Position,
        kind: &'a EntryKind,
        content: u32,
    ) -> Option<()> {
        let node = self.tree.node_mut(node)?;
        let before = std::mem::replace(&mut node.position, position);
        node.kind = Some(kind);
        node.content = content;
        node.state.present = true;
        if before.1 != NONE {
            self.hidden.insert(before, self.layer);
        }
        Some(())
    }

    /// Removes what the layer itself has at a node.
    fn empty(&mut self, number: u32) {
        let Self {
            tree,
            layer,
            hidden,
            last,
        } = self;
        // What a path leads to may have changed.
        *last = None;
        vacate(tree, number, &mut |position| {
            hidden.insert(position, *layer);
        });
        if let Some(node) = tree.node_mut(number) {
            node.state.opaque = false;
        }
    }

    /// The node a hard link's target is at: its parents' links are followed, itself is not.
    fn linked(&self, target: &BStr) -> Option<Node<'a>> {
        let (folder, name) = match target.rsplit_once_str("/") {
            Some((folder, name)) => (folder, name),
            None => (&[][..], target.as_bytes()),
        };
        let mut left: Vec<&[u8]> = components(BStr::new(folder)).rev().collect();
        let mut at = ROOT;
        let mut links = 0;
        while let Some(part) = left.pop() {
            if part == b".." {
                at = self.tree.node(at)?.parent;
                continue;
            }
            let number = self.tree.child(at, part)?;
            let Some(EntryKind::Symlink(to)) = self.tree.node(number)?.kind else {
                at = number;
                continue;
            };
            links += 1;
            if links > LINKS_MAX {
                return None;
            }
            if to.starts_with(b"/") {
                at = ROOT;
            }
            left.extend(components(to.as_bstr()).rev());
        }
        let node = *self.tree.node(self.tree.child(at, name)?)?;
        (node.state.present && !node.is_folder() && node.position.1 != NONE).then_some(node)
    }

    /// The node of a path, with its folders made: `Some(None)` for the root, `None` if there is no
    /// place.
    fn place(&mut self, path: &'a BStr) -> Option<Option<u32>> {
        let (folder, name) = match path.rsplit_once_str("/") {
            Some((folder, name)) => (folder, name),
            None => (&[][..], path.as_bytes()),
        };
        if name.is_empty() {
            return Some(None);
        }
        let folder = match self.last {
            Some((known, number)) if known == folder => number,
            _ => {
                let number = self.folder(components(BStr::new(folder)).rev().collect())?;
                self.last = Some((folder, number));
                number
            }
        };
        self.tree.child_or_new(folder, name).map(Some)
    }

    /// The folder that components (the last one first) lead to, links of the layer followed,
    /// folders made that no entry names.
    fn folder(&mut self, mut left: Vec<&'a [u8]>) -> Option<u32> {
        let mut at = ROOT;
        let mut links = 0;
        let mut walked = 0;
        while let Some(part) = left.pop() {
            walked += 1;
            if walked > COMPONENTS_MAX {
                return None;
            }
            if part == b".." {
                at = self.tree.node(at)?.parent;
                continue;
            }
            let number = self.tree.child_or_new(at, part)?;
            let node = self.tree.node(number)?;
            match node.kind {
                Some(EntryKind::Symlink(target)) if node.state.present => {
                    links += 1;
                    if links > LINKS_MAX {
                        return None;
                    }
                    if target.starts_with(b"/") {
                        at = ROOT;
                    }
                    left.extend(components(target.as_bstr()).rev());
                    continue;
                }
                _ if !node.is_folder() => {
                    self.empty(number);
                    self.tree.node_mut(number)?.state.present = true;
                }
                _ => {}
            }
            at = number;
        }
        Some(at)
    }
}

/// Components of a path without empty ones and `.`.
fn components(path: &BStr) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/')
        .filter(|part| !part.is_empty() && *part != b".")
}

#[cfg(test)]
mod tests;
