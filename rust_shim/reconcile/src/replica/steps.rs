//! The steps that do not involve another replica.

use std::sync::Arc;

use super::Replica;
use crate::argument;
use crate::cbor::MAX_NUMBER;
use crate::clock::Clock;
use crate::entry::{Key, MAX_LABEL, Value};
use crate::error::{Class, Rejection, Result};
use crate::hash::{Digest, hex};
use crate::hooks::Hooks;
use crate::keys::{self, Written};
use crate::migration::{APPROVER_LENGTHS, Migration, Proposal, RATIONALE_LENGTHS};
use crate::origin::Origin;
use crate::schema::{Schema, too_far};
use crate::state::{Flag, Snapshot, State};
use crate::storage::Storage;
use crate::vector::Vector;

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// Replaces all entries of a key with a value, which is the bytes of one CBOR item.
    pub fn put(
        &mut self,
        key: &[u8],
        value: &[u8],
        label: Option<&str>,
        now: u64,
    ) -> Result<Written> {
        let key = Key::new(key)?;
        if let Some(label) = label {
            argument::length("label", label.len(), 0, MAX_LABEL)?;
        }
        let (now, value) = (self.time(now)?, Value::read(value)?);
        self.step(|state, table| {
            keys::put(state, table, &key, value, label.map(str::to_owned), now)
        })
    }

    /// Deletes a key that has a visible value.
    pub fn delete(&mut self, key: &[u8], now: u64) -> Result<Written> {
        let (key, now) = (Key::new(key)?, self.time(now)?);
        self.step(|state, table| keys::delete(state, table, &key, now))
    }

    /// Adds a number from 1 to 2^63 − 1 to a counter; returns the new value.
    pub fn increase(&mut self, key: &[u8], by: u64, now: u64) -> Result<u64> {
        let key = Key::new(key)?;
        argument::range("by", by, 1, MAX_NUMBER)?;
        let now = self.time(now)?;
        self.step(|state, table| keys::increase(state, table, &key, by, now))
    }

    /// Counts a local event that writes nothing; returns the clock after it.
    pub fn tick(&mut self, now: u64) -> Result<Clock> {
        let now = self.time(now)?;
        self.step(|state, _| keys::tick(state, now))
    }

    /// Rolls back to a snapshot, in a new epoch; returns the digest after it.
    pub fn rollback(&mut self, snapshot: &Snapshot) -> Result<Digest> {
        self.step(|state, _| {
            let next = roll_back(state, snapshot)?;
            let digest = next.shared.digest();
            Ok((next, digest))
        })
    }

    /// Removes the tombstones that a watermark covers (R11.4); returns their number. Without a watermark, those
    /// that all members have seen are removed.
    pub fn gc(&mut self, watermark: Option<&Vector>) -> Result<u64> {
        self.step(|state, table| {
            let others = table
                .members()
                .iter()
                .filter(|member| **member != state.local.writer);
            let acknowledged = others.fold(state.shared.vector.clone(), |meet, member| {
                state
                    .local
                    .acknowledgements
                    .get(member)
                    .map_or_else(Vector::default, |vector| meet.meet(vector))
            });
            let watermark = watermark.unwrap_or(&acknowledged);
            if let Some((origin, counter)) = watermark.first_excess(&acknowledged) {
                return Err(not_acknowledged(&origin, counter, &acknowledged));
            }
            let mut next = state.clone();
            let removed = next.shared.collect(watermark);
            Ok((next, removed))
        })
    }

    /// Migrates to a neighbouring schema (R10.3); returns the head of the chain of migrations.
    pub fn migrate(&mut self, to: u8, rationale: &str, approver: &str) -> Result<Digest> {
        argument::length(
            "rationale",
            rationale.len(),
            RATIONALE_LENGTHS.0,
            RATIONALE_LENGTHS.1,
        )?;
        argument::length(
            "approver",
            approver.len(),
            APPROVER_LENGTHS.0,
            APPROVER_LENGTHS.1,
        )?;
        self.step(|state, _| {
            let from = state.local.schema;
            let neighbour =
                Schema::from_number(to).filter(|to| to.number().abs_diff(from.number()) == 1);
            let to =
                neighbour.ok_or_else(|| too_far(&from.accepted(), to, "migrate step by step"))?;
            let mut next = state.clone();
            let migration = Migration::new(
                &state.local.chain,
                Proposal {
                    from,
                    to,
                    rationale,
                    approver,
                },
            );
            let head = migration.head;
            next.local.schema = to;
            Arc::make_mut(&mut next.local.chain).push(migration);
            Ok((next, head))
        })
    }

    /// Sets the algorithm of later reconciles (R4.9).
    pub fn set_flag(&mut self, flag: Flag) -> Result<()> {
        self.step(|state, _| {
            let mut next = state.clone();
            next.local.flag = flag;
            Ok((next, ()))
        })
    }
}

/// Replaces the shared part with that of a snapshot, in a new epoch (R7.8).
fn roll_back(state: &State, snapshot: &Snapshot) -> Result<State> {
    let (own, other) = (state.local.writer, snapshot.writer);
    if own != other {
        return Err(Rejection::new(Class::ForeignSnapshot)
            .path("writer")
            .expected(hex(own.as_bytes()))
            .got(hex(other.as_bytes()))
            .hint("roll back to a snapshot of this replica"));
    }
    let Some(epoch) = state.local.epoch.checked_add(1) else {
        return Err(Rejection::new(Class::Exhausted)
            .path("epoch")
            .expected(format!("at most {}", u32::MAX))
            .got((u64::from(u32::MAX) + 1).to_string()));
    };
    let mut next = state.clone();
    next.shared = snapshot.shared.clone();
    next.local.epoch = epoch;
    Ok(next)
}

fn not_acknowledged(origin: &Origin, counter: u64, acknowledged: &Vector) -> Rejection {
    Rejection::new(Class::NotAcknowledged)
        .path(hex(origin.as_bytes()))
        .expected(format!("at most {}", acknowledged.get(origin)))
        .got(counter.to_string())
        .hint("reconcile with all members first")
}
