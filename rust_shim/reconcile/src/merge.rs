//! Merges of two shared parts, and of an incoming part into a replica (section 5).
//!
//! This module knows no message and no storage.

use std::collections::BTreeSet;

use crate::body::Head;
use crate::checks;
use crate::entry::Entry;
use crate::error::{Class, Rejection, Result};
use crate::hash::{Digest, hex};
use crate::incoming::Incoming;
use crate::policy::Table;
use crate::state::{Shared, State};
use crate::tree::{Difference, Tree};
use crate::vector::Vector;

/// The result of a merge (R5.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Whether the shared part changed.
    pub changed: bool,
    /// The number of entries that the merge added.
    pub taken: u64,
    /// The number of entries that the merge removed.
    pub dropped: u64,
    /// The state digest after the merge.
    pub digest: Digest,
}

/// Merges an incoming part into a replica (R5.6, R5.7).
pub(crate) fn receive(
    before: &State,
    table: &Table,
    incoming: &Incoming,
    now: u64,
) -> Result<(State, Merge)> {
    let mut state = before.clone();
    state.shared = merge(&before.shared, incoming, table)?;
    let digest = state.shared.digest();
    let changed = digest != before.shared.digest();
    if changed {
        state.local.clock = before.local.clock.receive(incoming.head.clock, now)?;
    }
    let writer = incoming.head.writer;
    if writer != before.local.writer {
        let acknowledged = state.local.acknowledgements.entry(writer).or_default();
        *acknowledged = acknowledged.join(&incoming.head.vector);
    }
    let differences = Tree::differences(&before.shared.tree, &state.shared.tree);
    let (taken, dropped) = differences
        .iter()
        .fold((0, 0), |(taken, dropped), difference| {
            let (before, after) = (difference.before(), difference.after());
            (
                taken + count_missing(after, before),
                dropped + count_missing(before, after),
            )
        });
    Ok((
        state,
        Merge {
            changed,
            taken,
            dropped,
            digest,
        },
    ))
}

/// The number of entries that are not among the others.
fn count_missing(entries: &[Entry], others: &[Entry]) -> u64 {
    entries
        .iter()
        .filter(|entry| !others.contains(entry))
        .count() as u64
}

/// Merges two shared parts (R5.2 to R5.5).
///
/// Only keys that differ are changed, since equal ones are already in normal form. No tombstone that the joined
/// watermark covers is kept: the side that collected it covers its dot and does not have it.
fn merge(ours: &Shared, theirs: &Incoming, table: &Table) -> Result<Shared> {
    let differences = Tree::differences(&ours.tree, &theirs.tree);
    check_conflicts(ours, &differences)?;
    check_collected(ours, &theirs.head, &differences)?;
    let mut merged = ours.clone();
    merged.vector = ours.vector.join(&theirs.head.vector);
    merged.watermark = ours.watermark.join(&theirs.head.watermark);
    for difference in &differences {
        let Some(key) = difference.key() else {
            continue;
        };
        let (mine, other) = (difference.before(), difference.after());
        let mut kept = keep(mine, other, &theirs.head.vector);
        kept.extend(
            keep(other, mine, &ours.vector)
                .into_iter()
                .filter(|entry| !mine.contains(entry)),
        );
        table.policy(key.as_bytes()).normalise(&mut kept);
        kept.sort_unstable_by_key(|entry| entry.dot);
        if kept != mine {
            merged.set(key, kept);
        }
    }
    Ok(merged)
}

/// The entries that the other side also has, or that its vector does not cover (R5.2).
fn keep(entries: &[Entry], others: &[Entry], covered: &Vector) -> Vec<Entry> {
    let kept = entries
        .iter()
        .filter(|entry| others.contains(entry) || !covered.covers(entry.dot));
    kept.cloned().collect()
}

/// Rejects the first incoming entry whose dot identifies another write, here or earlier in the incoming part (R5.3).
fn check_conflicts(ours: &Shared, differences: &[Difference]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for difference in differences {
        let Some(key) = difference.key() else {
            continue;
        };
        for entry in difference.after() {
            let is_elsewhere = ours.key_of(&entry.dot).is_some_and(|other| other != key);
            let differs = difference
                .before()
                .iter()
                .any(|mine| mine.dot == entry.dot && mine != entry);
            if is_elsewhere || differs || !seen.insert(entry.dot) {
                return Err(Rejection::new(Class::DotConflict)
                    .path(hex(key.as_bytes()))
                    .expected("one write for each dot")
                    .got(entry.dot.to_string())
                    .hint("two replicas wrote as one"));
            }
        }
    }
    Ok(())
}

/// Rejects a tombstone that both sides have although the watermark of the other side covers it (R9.9).
fn check_collected(ours: &Shared, head: &Head, differences: &[Difference]) -> Result<()> {
    for key in ours.collectable(&head.watermark) {
        let place = differences.binary_search_by_key(&Some(key), Difference::key);
        if place.is_err() {
            let both = [(key, ours.get(key.as_bytes()))];
            return checks::collected(head, both.into_iter());
        }
    }
    Ok(())
}

impl Shared {
    /// Removes the tombstones that a watermark covers (R11.4); returns their number.
    pub(crate) fn collect(&mut self, watermark: &Vector) -> u64 {
        self.watermark = self.watermark.join(watermark);
        let keys = self.collectable(&self.watermark);
        let keys: Vec<_> = keys.into_iter().cloned().collect();
        let mut removed = 0;
        for key in keys {
            let mut entries = self.get(key.as_bytes()).to_vec();
            let before = entries.len();
            entries.retain(|entry| !entry.is_tombstone() || !self.watermark.covers(entry.dot));
            removed += (before - entries.len()) as u64;
            self.set(&key, entries);
        }
        removed
    }
}
