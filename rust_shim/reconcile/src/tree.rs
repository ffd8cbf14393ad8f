//! The digest tree: keys by the hash of their name, each node with its hash (R6.2 to R6.5).
//!
//! Clones share all nodes. A change copies the nodes from the root to the key and forgets their hashes, and
//! only those; a hash is computed when it is first asked for. Two trees are compared without looking into
//! what they share.

use std::array;
use std::mem;
use std::sync::{Arc, OnceLock};

use crate::entry::{Entry, Key};
use crate::hash::{Digest, Hasher};

/// How many keys a leaf holds at most.
pub(crate) const LEAF_KEYS: usize = 16;
/// The length of a whole path, in half bytes.
pub(crate) const PATH_LENGTH: usize = 64;

/// A key with its entries, in the order of dots, and what is hashed of it.
#[derive(Debug)]
pub(crate) struct Slot {
    key: Key,
    path: Digest,
    entries: Vec<Entry>,
    hash: Digest,
}

impl Slot {
    /// Hashes a key with its entries, and its path (R6.2, R6.3).
    pub fn new(key: Key, mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable_by_key(|entry| entry.dot);
        let path = Hasher::new("reconcile/path").raw(key.as_bytes()).finish();
        let mut hasher = Hasher::new("reconcile/key")
            .prefixed(key.as_bytes())
            .u32(entries.len());
        for entry in &entries {
            hasher = hasher.raw(&entry.hash(&key));
        }
        Self {
            path,
            entries,
            hash: hasher.finish(),
            key,
        }
    }

    pub fn key(&self) -> &Key {
        &self.key
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn half_byte(&self, depth: usize) -> usize {
        half_byte(&self.path, depth)
    }

    /// Whether the key's path begins with a prefix (R6.4).
    pub fn is_under(&self, prefix: &[u8]) -> bool {
        prefix
            .iter()
            .enumerate()
            .all(|(depth, &half)| self.half_byte(depth) == usize::from(half))
    }
}

fn half_byte(path: &Digest, depth: usize) -> usize {
    usize::from(path[depth / 2] >> (4 * (1 - depth % 2)) & 15)
}

#[derive(Clone)]
struct Node {
    content: Content,
    hash: OnceLock<Digest>,
}

#[derive(Clone)]
enum Content {
    /// At most sixteen slots, ascending by key.
    Leaf(Vec<Arc<Slot>>),
    Branch {
        children: [Arc<Node>; 16],
        keys: usize,
    },
}

/// What a node of a prefix is, as a reply tells it.
pub(crate) enum View {
    Leaf(Vec<Arc<Slot>>),
    Branch(Box<[Digest; 16]>),
}

/// A key that two trees hold unequally, with what each holds of it.
pub(crate) struct Difference {
    pub before: Option<Arc<Slot>>,
    pub after: Option<Arc<Slot>>,
}

impl Difference {
    pub fn key(&self) -> Option<&Key> {
        self.before
            .as_ref()
            .or(self.after.as_ref())
            .map(|slot| slot.key())
    }

    pub fn before(&self) -> &[Entry] {
        self.before.as_ref().map_or(&[], |slot| slot.entries())
    }

    pub fn after(&self) -> &[Entry] {
        self.after.as_ref().map_or(&[], |slot| slot.entries())
    }
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
    /// Puts a slot in, in place of what its key had.
    pub fn insert(&mut self, slot: Arc<Slot>) {
        Node::insert(&mut self.0, slot, 0);
    }

    /// Takes a slot's key out.
    pub fn remove(&mut self, slot: &Slot) {
        Node::remove(&mut self.0, slot, 0);
    }

    /// All slots, ascending by key.
    pub fn slots(&self) -> Vec<Arc<Slot>> {
        self.0.slots()
    }

    /// How many keys there are.
    pub fn keys(&self) -> usize {
        self.0.keys()
    }

    /// The hash of the root.
    pub fn root(&self) -> Digest {
        self.0.hash()
    }

    /// The hashes of the sixteen prefixes of one half byte, also where the root is a leaf (R6.5).
    pub fn children(&self) -> [Digest; 16] {
        match &self.0.content {
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

    /// The node of a prefix, with its keys or the hashes of its children (R6.4).
    pub fn view(&self, prefix: &[u8]) -> View {
        match self.node(prefix).map(|node| &node.content) {
            Ok(Content::Branch { children, .. }) => {
                View::Branch(Box::new(array::from_fn(|half| children[half].hash())))
            }
            Ok(Content::Leaf(slots)) => View::Leaf(slots.clone()),
            Err(slots) => View::Leaf(slots),
        }
    }

    /// Makes a prefix hold these slots and no others; what it holds already stays shared.
    pub fn replace(&mut self, prefix: &[u8], slots: &[Arc<Slot>]) {
        let before = match self.node(prefix) {
            Ok(node) => node.slots(),
            Err(slots) => slots,
        };
        for slot in before
            .iter()
            .filter(|slot| slots.iter().all(|other| other.key != slot.key))
        {
            self.remove(slot);
        }
        for slot in slots
            .iter()
            .filter(|slot| before.iter().all(|other| other.hash != slot.hash))
        {
            self.insert(Arc::clone(slot));
        }
    }

    /// The node of a prefix, or its keys where they are a part of a leaf above.
    fn node(&self, prefix: &[u8]) -> Result<&Node, Vec<Arc<Slot>>> {
        let mut node = &*self.0;
        for &half in prefix {
            node = match &node.content {
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

    /// The keys that the two trees hold unequally, ascending.
    pub fn differences(before: &Self, after: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        Node::compare(&before.0, &after.0, &mut differences);
        differences.sort_unstable_by(|a, b| a.key().cmp(&b.key()));
        differences
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

impl Node {
    fn leaf(slots: Vec<Arc<Slot>>) -> Self {
        Self {
            content: Content::Leaf(slots),
            hash: OnceLock::new(),
        }
    }

    fn keys(&self) -> usize {
        match &self.content {
            Content::Leaf(slots) => slots.len(),
            Content::Branch { keys, .. } => *keys,
        }
    }

    fn hash(&self) -> Digest {
        *self.hash.get_or_init(|| match &self.content {
            Content::Leaf(slots) => leaf_hash(slots),
            Content::Branch { children, .. } => {
                branch_hash(&array::from_fn(|half| children[half].hash()))
            }
        })
    }

    /// All slots below, ascending by key.
    fn slots(&self) -> Vec<Arc<Slot>> {
        let mut slots = Vec::new();
        self.collect(&mut slots);
        slots.sort_unstable_by(|a, b| a.key.cmp(&b.key));
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

    /// Puts a slot in; a leaf of too many keys becomes a branch (R6.4).
    fn insert(node: &mut Arc<Self>, slot: Arc<Slot>, depth: usize) {
        let node = Arc::make_mut(node);
        node.hash.take();
        match &mut node.content {
            Content::Leaf(slots) => {
                match slots.binary_search_by(|other| other.key.cmp(&slot.key)) {
                    Ok(place) => slots[place] = slot,
                    Err(place) => slots.insert(place, slot),
                }
                if slots.len() > LEAF_KEYS && depth < PATH_LENGTH {
                    node.content = Content::split(mem::take(slots), depth);
                }
            }
            Content::Branch { children, keys } => {
                let child = &mut children[slot.half_byte(depth)];
                let fewer = child.keys();
                Self::insert(child, slot, depth + 1);
                *keys += child.keys() - fewer;
            }
        }
    }

    /// Takes a key out; a branch of few keys becomes a leaf (R6.4).
    fn remove(node: &mut Arc<Self>, slot: &Slot, depth: usize) {
        let node = Arc::make_mut(node);
        node.hash.take();
        match &mut node.content {
            Content::Leaf(slots) => slots.retain(|other| other.key != slot.key),
            Content::Branch { children, keys } => {
                let child = &mut children[slot.half_byte(depth)];
                let more = child.keys();
                Self::remove(child, slot, depth + 1);
                *keys -= more - child.keys();
                if *keys <= LEAF_KEYS {
                    node.content = Content::Leaf(node.slots());
                }
            }
        }
    }

    fn compare(before: &Arc<Self>, after: &Arc<Self>, into: &mut Vec<Difference>) {
        if Arc::ptr_eq(before, after) || before.hash() == after.hash() {
            return;
        }
        match (&before.content, &after.content) {
            (
                Content::Branch {
                    children: before, ..
                },
                Content::Branch {
                    children: after, ..
                },
            ) => {
                for (before, after) in before.iter().zip(after) {
                    Self::compare(before, after, into);
                }
            }
            _ => Self::compare_slots(before, after, into),
        }
    }

    fn compare_slots(before: &Self, after: &Self, into: &mut Vec<Difference>) {
        let (before, after) = (before.slots(), after.slots());
        let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
        loop {
            let order = match (before.peek(), after.peek()) {
                (Some(one), Some(other)) => one.key.cmp(&other.key),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return,
            };
            let before = if order.is_le() { before.next() } else { None };
            let after = if order.is_ge() { after.next() } else { None };
            if before.as_ref().map(|slot| slot.hash) != after.as_ref().map(|slot| slot.hash) {
                into.push(Difference { before, after });
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
        hasher = hasher.prefixed(slot.key.as_bytes()).raw(&slot.hash);
    }
    hasher.finish()
}

/// The hash of a branch with these children (R6.4).
pub(crate) fn branch_hash(children: &[Digest; 16]) -> Digest {
    Hasher::new("reconcile/branch")
        .raw(children.as_flattened())
        .finish()
}

#[cfg(test)]
mod tests;
