//! The tree, compared with a tree that is built from nothing each time.

use super::*;
use std::collections::BTreeMap;

use crate::clock::Clock;
use crate::entry::Value;
use crate::origin::{Dot, Origin};
use crate::schema::Schema;

fn slot(name: u16, counter: u64) -> Arc<Slot> {
    let entry = Entry {
        dot: Dot {
            origin: Origin::from_valid(b"a\0\0\0\0"),
            counter,
        },
        clock: Clock::new(counter, 0),
        value: Some(Value::number(counter)),
        schema: Schema::Three,
        label: None,
        extras: BTreeMap::new(),
    };
    Arc::new(Slot::new(Key::from_valid(&name.to_be_bytes()), vec![entry]))
}

/// The hash of R6.4, computed without a tree.
fn naive(slots: &[Arc<Slot>], depth: usize) -> Digest {
    if slots.len() <= LEAF_KEYS {
        return leaf_hash(slots);
    }
    branch_hash(&array::from_fn(|half| {
        let under: Vec<_> = slots
            .iter()
            .filter(|slot| slot.half_byte(depth) == half)
            .cloned()
            .collect();
        naive(&under, depth + 1)
    }))
}

/// R6.4: after any changes, the hashes of the root and of its children are those of a new tree.
#[test]
fn r6_4_cached_hashes_are_current() {
    arbtest::arbtest(|choices| {
        let (mut tree, mut oracle) = (Tree::default(), BTreeMap::new());
        while !choices.is_empty() {
            for name in 0..choices.int_in_range(0..=60u16)? {
                let slot = slot(name, choices.int_in_range(1..=3)?);
                oracle.insert(name, Arc::clone(&slot));
                tree.insert(slot);
            }
            tree.root();
            for name in 0..choices.int_in_range(0..=60u16)? {
                if let Some(slot) = oracle.remove(&name) {
                    tree.remove(&slot);
                }
            }
            let slots: Vec<_> = oracle.values().cloned().collect();
            assert_eq!(tree.root(), naive(&slots, 0));
            for half in 0..16 {
                let under: Vec<_> = slots
                    .iter()
                    .filter(|slot| slot.half_byte(0) == half)
                    .cloned()
                    .collect();
                assert_eq!(tree.children()[half], naive(&under, 1));
            }
        }
        Ok(())
    });
}

/// All differences are found, whatever nodes the two trees share.
#[test]
fn differences_are_found() {
    arbtest::arbtest(|choices| {
        let (mut before, mut oracle) = (Tree::default(), BTreeMap::new());
        for name in 0..choices.int_in_range(0..=60u16)? {
            before.insert(slot(name, 1));
            oracle.insert(name, 1);
        }
        let (mut after, mut expected) = (before.clone(), BTreeMap::new());
        while !choices.is_empty() {
            let name = choices.int_in_range(0..=60u16)?;
            if choices.arbitrary()? {
                after.insert(slot(name, 2));
                expected.insert(name, Some(2));
            } else {
                after.remove(&slot(name, 1));
                expected.insert(name, None);
            }
        }
        expected.retain(|name, now| oracle.get(name) != now.as_ref());

        let found = Tree::differences(&before, &after);
        let counters = |entries: &[Entry]| entries.first().map(|entry| entry.dot.counter);
        let names: Vec<_> = found
            .iter()
            .filter_map(|d| d.key().map(|key| key.as_bytes().to_vec()))
            .collect();
        assert_eq!(
            names,
            expected
                .keys()
                .map(|name| name.to_be_bytes().to_vec())
                .collect::<Vec<_>>()
        );
        for (difference, (name, now)) in found.iter().zip(&expected) {
            assert_eq!(counters(difference.after()), *now);
            assert_eq!(counters(difference.before()), oracle.get(name).copied());
        }
        Ok(())
    });
}
