//! Nodes of the digest tree: leaves and branches, each with its hash (R6.4).

use std::array;
use std::mem;
use std::sync::{Arc, OnceLock};

use crate::hash::{Digest, Hasher};
use crate::slot::Slot;

/// The maximum number of keys of a leaf.
pub(crate) const LEAF_KEYS: usize = 16;
/// The length of a whole path, in half bytes.
pub(crate) const PATH_LENGTH: usize = 64;

/// A node. Its hash is computed when it is first needed.
#[derive(Clone)]
pub(super) struct Node {
    content: Content,
    hash: OnceLock<Digest>,
}

#[derive(Clone)]
pub(super) enum Content {
    /// At most sixteen slots, ascending by key.
    Leaf(Vec<Arc<Slot>>),
    Branch {
        children: [Arc<Node>; 16],
        keys: usize,
    },
}

impl Node {
    pub fn leaf(slots: Vec<Arc<Slot>>) -> Self {
        Self {
            content: Content::Leaf(slots),
            hash: OnceLock::new(),
        }
    }

    pub fn content(&self) -> &Content {
        &self.content
    }

    pub fn keys(&self) -> usize {
        match &self.content {
            Content::Leaf(slots) => slots.len(),
            Content::Branch { keys, .. } => *keys,
        }
    }

    pub fn hash(&self) -> Digest {
        *self.hash.get_or_init(|| match &self.content {
            Content::Leaf(slots) => leaf_hash(slots),
            Content::Branch { children, .. } => {
                branch_hash(&array::from_fn(|half| children[half].hash()))
            }
        })
    }

    /// All slots below the node, ascending by key.
    pub fn slots(&self) -> Vec<Arc<Slot>> {
        let mut slots = Vec::new();
        self.collect(&mut slots);
        slots.sort_unstable_by(|a, b| a.key().cmp(b.key()));
        slots
    }

    fn collect(&self, into: &mut Vec<Arc<Slot>>) {
        match &self.content {
            Content::Leaf(slots) => into.extend_from_slice(slots),
            Content::Branch { children, .. } => {
                children.iter().for_each(|child| child.collect(into))
            }
        }
    }

    /// Inserts a slot; a leaf with too many keys becomes a branch (R6.4).
    pub fn insert(node: &mut Arc<Self>, slot: Arc<Slot>, depth: usize) {
        let node = Arc::make_mut(node);
        node.hash.take();
        match &mut node.content {
            Content::Leaf(slots) => {
                match slots.binary_search_by(|other| other.key().cmp(slot.key())) {
                    Ok(place) => slots[place] = slot,
                    Err(place) => slots.insert(place, slot),
                }
                if slots.len() > LEAF_KEYS && depth < PATH_LENGTH {
                    node.content = Content::split(mem::take(slots), depth);
                }
            }
            Content::Branch { children, keys } => {
                let child = &mut children[slot.half_byte(depth)];
                let before = child.keys();
                Self::insert(child, slot, depth + 1);
                *keys += child.keys() - before;
            }
        }
    }

    /// Removes the key of a slot; a branch with few keys becomes a leaf (R6.4).
    pub fn remove(node: &mut Arc<Self>, slot: &Slot, depth: usize) {
        let node = Arc::make_mut(node);
        node.hash.take();
        match &mut node.content {
            Content::Leaf(slots) => slots.retain(|other| other.key() != slot.key()),
            Content::Branch { children, keys } => {
                let child = &mut children[slot.half_byte(depth)];
                let before = child.keys();
                Self::remove(child, slot, depth + 1);
                *keys -= before - child.keys();
                if *keys <= LEAF_KEYS {
                    node.content = Content::Leaf(node.slots());
                }
            }
        }
    }
}

impl Content {
    fn split(slots: Vec<Arc<Slot>>, depth: usize) -> Self {
        let empty = Arc::new(Node::leaf(Vec::new()));
        let (mut children, keys) = (array::from_fn(|_| Arc::clone(&empty)), slots.len());
        for slot in slots {
            Node::insert(&mut children[slot.half_byte(depth)], slot, depth + 1);
        }
        Self::Branch { children, keys }
    }
}

/// The hash of a leaf with these slots, ascending by key (R6.4).
pub(crate) fn leaf_hash(slots: &[Arc<Slot>]) -> Digest {
    let mut hasher = Hasher::new("reconcile/leaf").u32(slots.len());
    for slot in slots {
        hasher = hasher.prefixed(slot.key().as_bytes()).raw(slot.hash());
    }
    hasher.finish()
}

/// The hash of a branch with these children (R6.4).
pub(crate) fn branch_hash(children: &[Digest; 16]) -> Digest {
    Hasher::new("reconcile/branch")
        .raw(children.as_flattened())
        .finish()
}
