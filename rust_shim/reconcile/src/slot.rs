//! Slots: a key with its entries and their hash (R6.2, R6.3).

use crate::entry::{Entry, Key};
use crate::hash::{Digest, Hasher};

/// A key with its entries in the order of their dots, and the hashes of both.
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

    /// The hash of the key with its entries (R6.2).
    pub fn hash(&self) -> &Digest {
        &self.hash
    }

    /// One half byte of the path, counted from its start.
    pub fn half_byte(&self, depth: usize) -> usize {
        half_byte(&self.path, depth)
    }

    /// Whether the path begins with a prefix (R6.4).
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::array;

    /// R6.3: the high half of a byte is before its low half.
    #[test]
    fn r6_3_high_half_first() {
        let path = array::from_fn(|byte| (byte as u8) << 4 | 1);

        assert_eq!(
            (0..6)
                .map(|depth| half_byte(&path, depth))
                .collect::<Vec<_>>(),
            [0, 1, 1, 1, 2, 1]
        );
    }
}
