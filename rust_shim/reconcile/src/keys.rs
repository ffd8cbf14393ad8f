//! Operations on keys: each goes from one state to the next (R4.1 to R4.7).
//!
//! This module knows no other replica, no message and no storage.

use crate::cbor::{Kind, MAX_NUMBER, UNSIGNED};
use crate::clock::Clock;
use crate::entry::{Entry, Key, Value};
use crate::error::{Class, Rejection, Result};
use crate::hash::hex;
use crate::origin::Dot;
use crate::policy::{Policy, Table};
use crate::schema::Schema;
use crate::state::{Shared, State};

/// The dot and the clock of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The identity of the write.
    pub dot: Dot,
    /// The clock of the replica after the write.
    pub clock: Clock,
}

/// The visible part of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible {
    /// The values of the puts, ordered bytewise; for a counter, only the greatest number.
    pub values: Vec<Value>,
    /// The label of the last put.
    pub label: Option<String>,
}

/// Puts a value (R4.1).
pub(crate) fn put(
    before: &State,
    table: &Table,
    key: &Key,
    value: Value,
    label: Option<String>,
    now: u64,
) -> Result<(State, Written)> {
    if table.policy(key.as_bytes()) == Policy::Counter && value.kind() != Kind::Unsigned {
        return Err(Rejection::new(Class::WrongKind)
            .path("value")
            .expected(UNSIGNED.to_string())
            .got(value.kind().name())
            .hint("this prefix holds counters"));
    }
    if label.is_some() && before.local.schema == Schema::One {
        return Err(Rejection::new(Class::NeedsSchema)
            .path("label")
            .expected("schema 2 or later")
            .got("schema 1")
            .hint("migrate before using labels"));
    }
    write(before, key, Some(value), label, now)
}

/// Deletes a key that has a visible value (R4.2).
pub(crate) fn delete(
    before: &State,
    table: &Table,
    key: &Key,
    now: u64,
) -> Result<(State, Written)> {
    get(before, table, key)?;
    write(before, key, None, None, now)
}

/// Adds to a counter (R4.3); returns the new value.
pub(crate) fn increase(
    before: &State,
    table: &Table,
    key: &Key,
    by: u64,
    now: u64,
) -> Result<(State, u64)> {
    let policy = table.policy(key.as_bytes());
    if policy != Policy::Counter {
        return Err(Rejection::new(Class::WrongKind)
            .path(hex(key.as_bytes()))
            .expected("a counter")
            .got(policy.name())
            .hint("this prefix does not hold counters"));
    }
    let entries = before.shared.get(key.as_bytes());
    let sum = entries
        .iter()
        .filter_map(Entry::number)
        .max()
        .unwrap_or(0)
        .saturating_add(by);
    if sum > MAX_NUMBER {
        return Err(Rejection::new(Class::Overflow)
            .path(hex(key.as_bytes()))
            .expected(format!("at most {MAX_NUMBER}"))
            .got(sum.to_string())
            .hint("counters do not wrap"));
    }
    let (state, _) = write(before, key, Some(Value::number(sum)), None, now)?;
    Ok((state, sum))
}

/// Counts a local event that writes nothing (R4.7).
pub(crate) fn tick(before: &State, now: u64) -> Result<(State, Clock)> {
    let mut state = before.clone();
    state.local.clock = before.local.clock.tick(now)?;
    let clock = state.local.clock;
    Ok((state, clock))
}

/// Replaces all entries of a key with one entry (R4.4).
fn write(
    before: &State,
    key: &Key,
    value: Option<Value>,
    label: Option<String>,
    now: u64,
) -> Result<(State, Written)> {
    let origin = before.local.origin();
    let counter = before.shared.vector.get(&origin) + 1;
    if counter > MAX_NUMBER {
        return Err(Rejection::new(Class::Exhausted)
            .path(hex(origin.as_bytes()))
            .expected(format!("at most {MAX_NUMBER}"))
            .got(counter.to_string())
            .hint("roll back to begin a new epoch"));
    }
    let (dot, clock, schema) = (
        Dot { origin, counter },
        before.local.clock.tick(now)?,
        before.local.schema,
    );
    let mut state = before.clone();
    let entry = Entry {
        dot,
        clock,
        value,
        schema,
        label,
        extras: Default::default(),
    };
    state.shared.set(key, vec![entry]);
    state.shared.vector.add(dot);
    state.local.clock = clock;
    Ok((state, Written { dot, clock }))
}

/// The visible part of a key; a key without a visible value is rejected as `absent` (R4.5).
pub(crate) fn get(state: &State, table: &Table, key: &Key) -> Result<Visible> {
    let (entries, policy) = (
        state.shared.get(key.as_bytes()),
        table.policy(key.as_bytes()),
    );
    let mut visible = visible(entries, policy).ok_or_else(|| {
        Rejection::new(Class::Absent)
            .path(hex(key.as_bytes()))
            .expected("a visible value")
            .got("none")
    })?;
    if state.local.schema == Schema::One {
        visible.label = None;
    }
    Ok(visible)
}

/// The first keys, at most `limit`, that have a prefix and a visible value (R4.6).
pub(crate) fn scan(
    shared: &Shared,
    table: &Table,
    prefix: &[u8],
    limit: usize,
) -> Vec<(Key, Vec<Value>)> {
    shared
        .from(prefix)
        .take_while(|(key, _)| key.as_bytes().starts_with(prefix))
        .filter_map(|(key, entries)| {
            let visible = visible(entries, table.policy(key.as_bytes()))?;
            Some((key.clone(), visible.values))
        })
        .take(limit)
        .collect()
}

/// The visible part of the entries of one key (R4.5).
fn visible(entries: &[Entry], policy: Policy) -> Option<Visible> {
    let puts = entries.iter().filter(|entry| !entry.is_tombstone());
    let last = puts.clone().max_by_key(|entry| (entry.clock, entry.dot))?;
    let mut values: Vec<Value> = match policy {
        Policy::Counter => vec![Value::number(puts.filter_map(Entry::number).max()?)],
        Policy::Last | Policy::Multi => puts.filter_map(|entry| entry.value.clone()).collect(),
    };
    values.sort_unstable();
    Some(Visible {
        values,
        label: last.label.clone(),
    })
}
