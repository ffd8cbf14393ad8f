//! What a replica holds: a shared part, which is hashed and reconciled, and a local part (R1.7, R1.8).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::body;
use crate::clock::Clock;
use crate::entry::{Entry, Key};
use crate::hash::{Digest, Hasher};
use crate::map::{Iter, Map};
use crate::migration::Migration;
use crate::origin::{Dot, Origin, Writer};
use crate::schema::Schema;
use crate::tree::{Slot, Tree};
use crate::vector::Vector;

/// Entries, vector and watermark (R1.7); a clone shares what neither changes.
#[derive(Clone, Default)]
pub struct Shared {
    keys: Map<Key, Arc<Slot>>,
    dots: Map<Dot, Key>,
    /// Those of the dots that name tombstones.
    tombstones: Map<Dot, Key>,
    pub(crate) tree: Tree,
    pub(crate) vector: Vector,
    pub(crate) watermark: Vector,
}

impl Shared {
    /// All writes that this part has seen.
    pub fn vector(&self) -> &Vector {
        &self.vector
    }

    /// The writes whose tombstones were collected.
    pub fn watermark(&self) -> &Vector {
        &self.watermark
    }

    /// The entries of a key in the order of dots.
    pub fn get(&self, key: &[u8]) -> &[Entry] {
        self.keys.get(key).map_or(&[], |slot| slot.entries())
    }

    /// All keys with their entries, in byte order.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &[Entry])> {
        entries_of(self.keys.iter())
    }

    /// The keys from `least` on with their entries, in byte order.
    pub(crate) fn from(&self, least: &[u8]) -> impl Iterator<Item = (&Key, &[Entry])> {
        entries_of(self.keys.from(least))
    }

    /// The key that holds the write of a dot.
    pub(crate) fn key_of(&self, dot: &Dot) -> Option<&Key> {
        self.dots.get(dot)
    }

    /// The keys with tombstones that a watermark covers, in byte order.
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

    /// Gives a key other entries, or none.
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

    /// The digest of the shared part (R6.6).
    pub fn digest(&self) -> Digest {
        digest(&self.tree.root(), &self.vector, &self.watermark)
    }
}

fn entries_of(iter: Iter<'_, Key, Arc<Slot>>) -> impl Iterator<Item = (&Key, &[Entry])> {
    iter.map(|(key, slot)| (key, slot.entries()))
}

/// The digest of a shared part with this root, vector and watermark (R6.6), and of nothing else (R6.7).
pub(crate) fn digest(root: &Digest, vector: &Vector, watermark: &Vector) -> Digest {
    Hasher::new("reconcile/state")
        .raw(root)
        .prefixed(&body::encoded_vector(vector))
        .prefixed(&body::encoded_vector(watermark))
        .finish()
}

/// Which algorithm a reconcile runs; no result depends on it (R4.9, R9.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Flag {
    /// The peer's whole document.
    #[default]
    Off,
    /// The peer's whole document, and the walk beside it, to compare.
    Shadow,
    /// A walk over digests.
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

/// What belongs to one replica alone (R1.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The replica's own name.
    pub writer: Writer,
    /// How often it was rolled back.
    pub epoch: u32,
    /// Its hybrid clock.
    pub clock: Clock,
    /// Which algorithm it reconciles by.
    pub flag: Flag,
    /// The schema at which it writes.
    pub schema: Schema,
    /// What each other member is known to have merged; those not heard of are left out.
    pub acknowledgements: BTreeMap<Writer, Vector>,
    /// The migrations so far.
    pub chain: Arc<Vec<Migration>>,
}

impl Local {
    pub(crate) fn origin(&self) -> Origin {
        Origin::new(self.writer, self.epoch)
    }
}

/// All that a replica holds, the audit log and snapshots apart.
#[derive(Clone)]
pub struct State {
    /// What is reconciled.
    pub shared: Shared,
    /// What is not.
    pub local: Local,
}

/// A shared part that was kept, and whose it was (R7.7).
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) writer: Writer,
    pub(crate) shared: Shared,
}

impl Snapshot {
    /// The replica that the snapshot is of.
    pub fn writer(&self) -> Writer {
        self.writer
    }

    /// What was kept.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Value;

    /// R11.4: what is found to collect is what a look at all entries finds.
    #[test]
    fn r11_4_collectable() {
        arbtest::arbtest(|choices| {
            let mut shared = Shared::default();
            let origins = [b"b\0\0\0\0", b"b\0\0\0\x01", b"c\0\0\0\0"].map(|o| Origin::fitting(o));
            for counter in 1..=choices.int_in_range(0..=40)? {
                let key = Key::fitting(&[b'm', choices.int_in_range(0..=9)?]);
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
