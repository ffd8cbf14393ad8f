//! The digest tree: all keys by the hash of their name, each node with its hash (R6.2 to R6.5).
//!
//! Clones share all nodes. A change copies the nodes from the root to the key, and drops only their hashes.

mod difference;
mod node;

pub(crate) use difference::Difference;
pub(crate) use node::{LEAF_KEYS, PATH_LENGTH, branch_hash, leaf_hash};

use std::array;
use std::sync::Arc;

use crate::entry::{Entry, Key};
use crate::hash::Digest;
use crate::slot::Slot;
use node::{Content, Node};

/// The content of a node, as a reply carries it.
pub(crate) enum View {
    Leaf(Vec<Arc<Slot>>),
    Branch(Box<[Digest; 16]>),
}

/// The tree of all keys.
#[derive(Clone)]
pub(crate) struct Tree(Arc<Node>);

impl Default for Tree {
    fn default() -> Self {
        Self(Arc::new(Node::leaf(Vec::new())))
    }
}

impl Tree {
    /// Inserts a slot, or replaces the slot of the same key.
    pub fn insert(&mut self, slot: Arc<Slot>) {
        Node::insert(&mut self.0, slot, 0);
    }

    /// Removes the key of a slot.
    pub fn remove(&mut self, slot: &Slot) {
        Node::remove(&mut self.0, slot, 0);
    }

    /// All slots, ascending by key.
    pub fn slots(&self) -> Vec<Arc<Slot>> {
        self.0.slots()
    }

    /// The number of keys.
    pub fn keys(&self) -> usize {
        self.0.keys()
    }

    /// The hash of the root.
    pub fn root(&self) -> Digest {
        self.0.hash()
    }

    /// The hashes of the sixteen prefixes of one half byte, also if the root is a leaf (R6.5).
    pub fn children(&self) -> [Digest; 16] {
        match self.0.content() {
            Content::Branch { children, .. } => array::from_fn(|half| children[half].hash()),
            Content::Leaf(_) => array::from_fn(|half| self.hash(&[half as u8])),
        }
    }

    /// The hash of the node of a prefix (R6.4).
    pub fn hash(&self, prefix: &[u8]) -> Digest {
        match self.node(prefix) {
            Ok(node) => node.hash(),
            Err(slots) => leaf_hash(&slots),
        }
    }

    /// The content of the node of a prefix (R6.4).
    pub fn view(&self, prefix: &[u8]) -> View {
        match self.node(prefix).map(Node::content) {
            Ok(Content::Branch { children, .. }) => {
                View::Branch(Box::new(array::from_fn(|half| children[half].hash())))
            }
            Ok(Content::Leaf(slots)) => View::Leaf(slots.clone()),
            Err(slots) => View::Leaf(slots),
        }
    }

    /// Replaces all slots below a prefix. Slots that are already there stay shared.
    pub fn replace(&mut self, prefix: &[u8], slots: &[Arc<Slot>]) {
        let before = match self.node(prefix) {
            Ok(node) => node.slots(),
            Err(slots) => slots,
        };
        for slot in before
            .iter()
            .filter(|slot| slots.iter().all(|other| other.key() != slot.key()))
        {
            self.remove(slot);
        }
        for slot in slots
            .iter()
            .filter(|slot| before.iter().all(|other| other.hash() != slot.hash()))
        {
            self.insert(Arc::clone(slot));
        }
    }

    /// The node of a prefix, or the slots below the prefix if they are in a leaf above it.
    fn node(&self, prefix: &[u8]) -> Result<&Node, Vec<Arc<Slot>>> {
        let mut node = &*self.0;
        for &half in prefix {
            node = match node.content() {
                Content::Branch { children, .. } => &children[usize::from(half)],
                Content::Leaf(slots) => {
                    return Err(slots
                        .iter()
                        .filter(|slot| slot.is_under(prefix))
                        .cloned()
                        .collect());
                }
            };
        }
        Ok(node)
    }

    /// The keys whose entries differ between two trees, ascending.
    pub fn differences(before: &Self, after: &Self) -> Vec<Difference> {
        difference::differences(&before.0, &after.0)
    }
}

impl FromIterator<(Key, Vec<Entry>)> for Tree {
    fn from_iter<I: IntoIterator<Item = (Key, Vec<Entry>)>>(keys: I) -> Self {
        let mut tree = Self::default();
        for (key, entries) in keys {
            tree.insert(Arc::new(Slot::new(key, entries)));
        }
        tree
    }
}

#[cfg(test)]
mod tests;
