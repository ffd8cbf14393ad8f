//! The steps that need no other replica.

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
use crate::migration::{APPROVER_LENGTHS, Migration, RATIONALE_LENGTHS};
use crate::origin::Origin;
use crate::schema::{Schema, too_far};
use crate::state::{Flag, Snapshot, State};
use crate::storage::Storage;
use crate::vector::Vector;

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// Puts a value, given as the bytes of one CBOR item, in place of all that the key has.
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

    /// Deletes what is visible of a key.
    pub fn delete(&mut self, key: &[u8], now: u64) -> Result<Written> {
        let (key, now) = (Key::new(key)?, self.time(now)?);
        self.step(|state, table| keys::delete(state, table, &key, now))
    }

    /// Adds 1 to 2^63 − 1 to a counter; gives the new value.
    pub fn increase(&mut self, key: &[u8], by: u64, now: u64) -> Result<u64> {
        let key = Key::new(key)?;
        argument::range("by", by, 1, MAX_NUMBER)?;
        let now = self.time(now)?;
        self.step(|state, table| keys::increase(state, table, &key, by, now))
    }

    /// Lets time pass; gives the clock after.
    pub fn tick(&mut self, now: u64) -> Result<Clock> {
        let now = self.time(now)?;
        self.step(|state, _| keys::tick(state, now))
    }

    /// Goes back to a snapshot in a new epoch; gives the digest after.
    pub fn rollback(&mut self, snapshot: &Snapshot) -> Result<Digest> {
        self.step(|state, _| {
            let next = roll_back(state, snapshot)?;
            let digest = next.shared.digest();
            Ok((next, digest))
        })
    }

    /// Collects the tombstones that a watermark covers, or that all members have seen (R11.4); gives how many
    /// went.
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
            if let Some((origin, counter)) = watermark.first_beyond(&acknowledged) {
                return Err(not_acknowledged(&origin, counter, &acknowledged));
            }
            let mut next = state.clone();
            let gone = next.shared.collect(watermark);
            Ok((next, gone))
        })
    }

    /// Goes to a neighbouring schema (R10.3); gives the head of the chain of migrations.
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
            let migration = Migration::new(&state.local.chain, from, to, rationale, approver);
            let head = migration.head;
            next.local.schema = to;
            Arc::make_mut(&mut next.local.chain).push(migration);
            Ok((next, head))
        })
    }

    /// Chooses the algorithm of reconciles to come (R4.9).
    pub fn set_flag(&mut self, flag: Flag) -> Result<()> {
        self.step(|state, _| {
            let mut next = state.clone();
            next.local.flag = flag;
            Ok((next, ()))
        })
    }
}

/// Makes the shared part a snapshot's, in a new epoch (R7.8).
fn roll_back(state: &State, snapshot: &Snapshot) -> Result<State> {
    let (own, other) = (state.local.writer, snapshot.writer);
    if own != other {
        let (expected, got) = (hex(own.as_bytes()), hex(other.as_bytes()));
        let hint = "roll back to a snapshot of this replica";
        return Err(Rejection::new(
            Class::ForeignSnapshot,
            "writer",
            expected,
            got,
            hint,
        ));
    }
    let Some(epoch) = state.local.epoch.checked_add(1) else {
        let (expected, got) = (
            format!("at most {}", u32::MAX),
            (u64::from(u32::MAX) + 1).to_string(),
        );
        return Err(Rejection::new(Class::Exhausted, "epoch", expected, got, ""));
    };
    let mut next = state.clone();
    next.shared = snapshot.shared.clone();
    next.local.epoch = epoch;
    Ok(next)
}

fn not_acknowledged(origin: &Origin, counter: u64, acknowledged: &Vector) -> Rejection {
    let (path, expected) = (
        hex(origin.as_bytes()),
        format!("at most {}", acknowledged.get(origin)),
    );
    let hint = "reconcile with all members first";
    Rejection::new(
        Class::NotAcknowledged,
        path,
        expected,
        counter.to_string(),
        hint,
    )
}
