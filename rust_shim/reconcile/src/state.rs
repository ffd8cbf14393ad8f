//! The state of a replica: a shared part, which is hashed and reconciled, and a local part (R1.7, R1.8).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::clock::Clock;
use crate::entry::{Entry, Key};
use crate::error::Result;
use crate::hash::{Digest, Hasher, hex};
use crate::limits::{self, MAX_ENTRIES, MAX_KEYS, MAX_ORIGINS};
use crate::map::{Iter, Map};
use crate::migration::Migration;
use crate::origin::{Dot, Origin, Writer};
use crate::schema::Schema;
use crate::slot::Slot;
use crate::tree::Tree;
use crate::vector::Vector;

/// Entries, vector and watermark (R1.7). A clone shares everything that is not changed afterwards.
#[derive(Clone, Default)]
pub struct Shared {
    keys: Map<Key, Arc<Slot>>,
    dots: Map<Dot, Key>,
    /// The subset of `dots` that are tombstones.
    tombstones: Map<Dot, Key>,
    pub(crate) tree: Tree,
    pub(crate) vector: Vector,
    pub(crate) watermark: Vector,
}

impl Shared {
    /// The writes that this part contains or once contained.
    pub fn vector(&self) -> &Vector {
        &self.vector
    }

    /// The writes whose tombstones were collected.
    pub fn watermark(&self) -> &Vector {
        &self.watermark
    }

    /// The entries of a key, in the order of their dots.
    pub fn get(&self, key: &[u8]) -> &[Entry] {
        self.keys.get(key).map_or(&[], |slot| slot.entries())
    }

    /// All keys with their entries, in byte order.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &[Entry])> {
        entries_of(self.keys.iter())
    }

    /// The keys from `min` on with their entries, in byte order.
    pub(crate) fn from(&self, min: &[u8]) -> impl Iterator<Item = (&Key, &[Entry])> {
        entries_of(self.keys.from(min))
    }

    /// The key that has the entry with a dot.
    pub(crate) fn key_of(&self, dot: &Dot) -> Option<&Key> {
        self.dots.get(dot)
    }

    /// The keys that have a tombstone which a watermark covers, in byte order.
    pub(crate) fn collectable(&self, watermark: &Vector) -> BTreeSet<&Key> {
        let of_origin = |(origin, last)| {
            let first = Dot { origin, counter: 1 };
            let last = Dot {
                origin,
                counter: last,
            };
            self.tombstones
                .from(&first)
                .take_while(move |(dot, _)| **dot <= last)
                .map(|(_, key)| key)
        };
        watermark.iter().flat_map(of_origin).collect()
    }

    /// Replaces the entries of a key; an empty list removes the key.
    pub(crate) fn set(&mut self, key: &Key, entries: Vec<Entry>) {
        if let Some(slot) = self.keys.get(key).cloned() {
            for entry in slot.entries() {
                self.dots.remove(&entry.dot);
                if entry.is_tombstone() {
                    self.tombstones.remove(&entry.dot);
                }
            }
            if entries.is_empty() {
                self.keys.remove(key);
                self.tree.remove(&slot);
            }
        }
        if !entries.is_empty() {
            let slot = Arc::new(Slot::new(key.clone(), entries));
            for entry in slot.entries() {
                self.dots.insert(entry.dot, key.clone());
                if entry.is_tombstone() {
                    self.tombstones.insert(entry.dot, key.clone());
                }
            }
            self.keys.insert(key.clone(), Arc::clone(&slot));
            self.tree.insert(slot);
        }
    }

    /// Checks that this part, which follows `before`, is within the limits (R5.9).
    pub(crate) fn check_limits(&self, before: &Self) -> Result<()> {
        limits::check(MAX_ORIGINS, self.vector.iter().len(), || "vector".into())?;
        limits::check(MAX_KEYS, self.tree.keys(), || "entries".into())?;
        for change in Tree::differences(&before.tree, &self.tree) {
            let path = || {
                change
                    .key()
                    .map(|key| hex(key.as_bytes()))
                    .unwrap_or_default()
            };
            limits::check(MAX_ENTRIES, change.after().len(), path)?;
        }
        Ok(())
    }

    /// The digest of the shared part (R6.6).
    pub fn digest(&self) -> Digest {
        digest(&self.tree.root(), &self.vector, &self.watermark)
    }
}

fn entries_of(iter: Iter<'_, Key, Arc<Slot>>) -> impl Iterator<Item = (&Key, &[Entry])> {
    iter.map(|(key, slot)| (key, slot.entries()))
}

/// The digest of a root, a vector and a watermark (R6.6), which contains nothing else (R6.7).
pub(crate) fn digest(root: &Digest, vector: &Vector, watermark: &Vector) -> Digest {
    Hasher::new("reconcile/state")
        .raw(root)
        .prefixed(&vector.encoded())
        .prefixed(&watermark.encoded())
        .finish()
}

/// The algorithm of a reconcile. No result depends on it (R4.9, R9.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flag {
    /// Fetch the whole document of the peer.
    #[default]
    Off,
    /// Fetch the whole document of the peer, then walk over its tree and compare the results.
    Shadow,
    /// Walk over the digest tree of the peer.
    On,
}

impl Flag {
    pub(crate) const ALL: [Self; 3] = [Self::Off, Self::Shadow, Self::On];

    /// The name of the flag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::On => "on",
        }
    }
}

/// The part of the state that belongs to one replica (R1.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The name of the replica.
    pub writer: Writer,
    /// The number of rollbacks so far.
    pub epoch: u32,
    /// The hybrid clock of the replica.
    pub clock: Clock,
    /// The algorithm with which the replica reconciles.
    pub flag: Flag,
    /// The schema at which the replica writes.
    pub schema: Schema,
    /// The writes that each other member is known to have merged. Members that never sent anything are absent.
    pub acknowledgements: BTreeMap<Writer, Vector>,
    /// All migrations, oldest first.
    pub chain: Arc<Vec<Migration>>,
}

impl Local {
    pub(crate) fn origin(&self) -> Origin {
        Origin::new(self.writer, self.epoch)
    }
}

/// The state of a replica, without the audit log and the snapshots.
#[derive(Clone)]
pub struct State {
    /// The part that is reconciled.
    pub shared: Shared,
    /// The part that is not reconciled.
    pub local: Local,
}

/// A copy of a shared part, with the name of its replica (R7.7).
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) writer: Writer,
    pub(crate) shared: Shared,
}

impl Snapshot {
    /// The name of the replica that made the snapshot.
    pub fn writer(&self) -> Writer {
        self.writer
    }

    /// The shared part at the time of the snapshot.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Value;

    /// R11.4: the keys to collect are the same as in a search of all entries.
    #[test]
    fn r11_4_collectable() {
        arbtest::arbtest(|choices| {
            let mut shared = Shared::default();
            let origins =
                [b"b\0\0\0\0", b"b\0\0\0\x01", b"c\0\0\0\0"].map(|o| Origin::from_valid(o));
            for counter in 1..=choices.int_in_range(0..=40)? {
                let key = Key::from_valid(&[b'm', choices.int_in_range(0..=9)?]);
                let mut entries = Vec::new();
                for origin in &origins[..choices.int_in_range(0..=3)?] {
                    entries.push(Entry {
                        dot: Dot {
                            origin: *origin,
                            counter,
                        },
                        clock: Clock::new(counter, 0),
                        value: choices.ratio(1, 2)?.then(|| Value::number(counter)),
                        schema: Schema::Three,
                        label: None,
                        extras: BTreeMap::new(),
                    });
                }
                shared.set(&key, entries);
            }
            let counters = [choices.int_in_range(0..=45)?, choices.int_in_range(0..=45)?];
            let watermark: Vector = origins.into_iter().zip(counters).collect();

            let found = shared.collectable(&watermark);

            let is_collected = |e: &Entry| e.is_tombstone() && watermark.covers(e.dot);
            let expected = shared
                .iter()
                .filter(|(_, entries)| entries.iter().any(is_collected))
                .map(|(key, _)| key);
            assert!(found.into_iter().eq(expected));
            Ok(())
        })
        .budget_ms(200);
    }
}
