//! A tree of paths in few bytes a node: millions of files must fit.
//!
//! Nodes stand in one list and name their parent, so a path is stored once, in the layer's own
//! table, and only borrowed here. Children are found through one hash table over (parent, name),
//! seeded at random so that chosen names cannot make it slow.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use model::EntryKind;

/// Most nodes: a long path of new folders is cheap to store in a layer and dear here.
pub const NODES_MAX: usize = 16 << 20;
/// No node, no entry.
pub const NONE: u32 = u32::MAX;
/// The root's number.
pub const ROOT: u32 = 0;

/// One path.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// The folder it is in.
    pub parent: u32,
    /// Its last component.
    pub name: &'a [u8],
    /// Its entry's kind; `None` for a folder that no entry names.
    pub kind: Option<&'a EntryKind>,
    /// Its layer and entry, or [`NONE`].
    pub position: (u32, u32),
    /// The entry of the same layer that has its content: itself, unless it is a hard link.
    pub content: u32,
    /// Whether there is something, and what a layer says of what is below it.
    pub state: State,
    first_child: u32,
    next_sibling: u32,
}

/// What is known of a node besides its entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// There is something at the path.
    pub present: bool,
    /// A layer removes what is below it at this path.
    pub whiteout: bool,
    /// A layer removes what is below it under this path.
    pub opaque: bool,
    /// It is in its parent's list of children.
    linked: bool,
}

impl Node<'_> {
    /// Whether a folder is there.
    pub const fn is_folder(&self) -> bool {
        self.state.present && matches!(self.kind, None | Some(EntryKind::Directory))
    }
}

/// A tree.
#[derive(Debug)]
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// Open addressing, a power of two, at most half full.
    slots: Vec<u32>,
    hasher: RandomState,
}

impl Default for Tree<'_> {
    fn default() -> Self {
        let root = Node {
            parent: ROOT,
            name: b"",
            kind: None,
            position: (NONE, NONE),
            content: NONE,
            state: State {
                present: true,
                linked: true,
                ..State::default()
            },
            first_child: NONE,
            next_sibling: NONE,
        };
        Self {
            nodes: vec![root],
            slots: vec![NONE; 64],
            hasher: RandomState::new(),
        }
    }
}

impl<'a> Tree<'a> {
    /// All nodes, parents before children, also those where nothing is any more.
    pub fn nodes(&self) -> &[Node<'a>] {
        &self.nodes
    }

    /// All nodes, to change what is at them.
    pub fn nodes_mut(&mut self) -> &mut [Node<'a>] {
        &mut self.nodes
    }

    /// A node by number.
    pub fn node(&self, number: u32) -> Option<&Node<'a>> {
        self.nodes.get(number as usize)
    }

    /// A node by number.
    pub fn node_mut(&mut self, number: u32) -> Option<&mut Node<'a>> {
        self.nodes.get_mut(number as usize)
    }

    /// The node of `name` in a folder, if there ever was one.
    pub fn child(&self, parent: u32, name: &[u8]) -> Option<u32> {
        let number = *self.slots.get(self.slot(parent, name))?;
        (number != NONE).then_some(number)
    }

    /// The node of `name` in a folder, made if there is none; `None` if there are too many.
    pub fn child_or_new(&mut self, parent: u32, name: &'a [u8]) -> Option<u32> {
        let number = match self.child(parent, name) {
            Some(number) => number,
            None => self.make(parent, name)?,
        };
        self.link(number);
        Some(number)
    }

    fn make(&mut self, parent: u32, name: &'a [u8]) -> Option<u32> {
        if self.nodes.len() >= NODES_MAX {
            return None;
        }
        let number = u32::try_from(self.nodes.len()).ok()?;
        self.nodes.push(Node {
            parent,
            name,
            kind: None,
            position: (NONE, NONE),
            content: NONE,
            state: State::default(),
            first_child: NONE,
            next_sibling: NONE,
        });
        if self.nodes.len() * 2 > self.slots.len() {
            self.grow();
        } else {
            let slot = self.slot(parent, name);
            *self.slots.get_mut(slot)? = number;
        }
        Some(number)
    }

    fn grow(&mut self) {
        let length = self.slots.len() * 2;
        self.slots.clear();
        self.slots.resize(length, NONE);
        for number in 1..u32::try_from(self.nodes.len()).unwrap_or(NONE) {
            let Some(&Node { parent, name, .. }) = self.node(number) else {
                return;
            };
            let slot = self.slot(parent, name);
            if let Some(slot) = self.slots.get_mut(slot) {
                *slot = number;
            }
        }
    }

    /// The slot a name has, or would have.
    fn slot(&self, parent: u32, name: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let hash = self.hasher.hash_one((parent, name));
        let mut slot = usize::try_from(hash & mask as u64).unwrap_or(0);
        while let Some(&number) = self.slots.get(slot)
            && number != NONE
            && !self
                .node(number)
                .is_some_and(|node| node.parent == parent && node.name == name)
        {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn link(&mut self, number: u32) {
        let Some(&Node { parent, state, .. }) = self.node(number) else {
            return;
        };
        if state.linked {
            return;
        }
        let Some(folder) = self.node_mut(parent) else {
            return;
        };
        let next = std::mem::replace(&mut folder.first_child, number);
        if let Some(node) = self.node_mut(number) {
            node.next_sibling = next;
            node.state.linked = true;
        }
    }

    /// Takes away all that is under a node; what had an entry is handed to `gone`.
    pub fn clear_below(&mut self, number: u32, gone: &mut impl FnMut((u32, u32))) {
        let mut pending = vec![number];
        while let Some(folder) = pending.pop() {
            let Some(folder) = self.node_mut(folder) else {
                continue;
            };
            let mut next = std::mem::replace(&mut folder.first_child, NONE);
            while let Some(child) = self.node_mut(next) {
                let number = next;
                next = std::mem::replace(&mut child.next_sibling, NONE);
                child.state = State::default();
                child.kind = None;
                let position = std::mem::replace(&mut child.position, (NONE, NONE));
                if child.first_child != NONE {
                    pending.push(number);
                }
                if position.1 != NONE {
                    gone(position);
                }
            }
        }
    }

    /// The whole path of a node.
    pub fn path(&self, number: u32) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = number;
        while at != ROOT
            && let Some(node) = self.node(at)
        {
            names.push(node.name);
            at = node.parent;
        }
        names.reverse();
        names.join(&b'/')
    }
}
