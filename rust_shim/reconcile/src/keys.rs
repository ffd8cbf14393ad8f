//! Operations on keys: from one state to the next (R4.1 to R4.7).
//!
//! Knows nothing of other replicas, of messages and of storage.

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
    /// The name of the write.
    pub dot: Dot,
    /// When it was written.
    pub clock: Clock,
}

/// What is visible of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visible {
    /// The values of its puts, ordered bytewise; of a counter the greatest alone.
    pub values: Vec<Value>,
    /// The label of the last of these puts.
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
        let (expected, got) = (UNSIGNED.to_string(), value.kind().name());
        return Err(Rejection::new(
            Class::WrongKind,
            "value",
            expected,
            got,
            "this prefix holds counters",
        ));
    }
    if label.is_some() && before.local.schema == Schema::One {
        let (expected, got) = ("schema 2 or later", "schema 1");
        return Err(Rejection::new(
            Class::NeedsSchema,
            "label",
            expected,
            got,
            "migrate before using labels",
        ));
    }
    write(before, key, Some(value), label, now)
}

/// Deletes what is visible (R4.2).
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
    let path = || hex(key.as_bytes());
    let policy = table.policy(key.as_bytes());
    if policy != Policy::Counter {
        let (got, hint) = (policy.name(), "this prefix does not hold counters");
        return Err(Rejection::new(
            Class::WrongKind,
            path(),
            "a counter",
            got,
            hint,
        ));
    }
    let entries = before.shared.get(key.as_bytes());
    let sum = entries
        .iter()
        .filter_map(Entry::number)
        .max()
        .unwrap_or(0)
        .saturating_add(by);
    if sum > MAX_NUMBER {
        let (expected, got) = (format!("at most {MAX_NUMBER}"), sum.to_string());
        return Err(Rejection::new(
            Class::Overflow,
            path(),
            expected,
            got,
            "counters do not wrap",
        ));
    }
    let (state, _) = write(before, key, Some(Value::number(sum)), None, now)?;
    Ok((state, sum))
}

/// Lets time pass (R4.7).
pub(crate) fn tick(before: &State, now: u64) -> Result<(State, Clock)> {
    let mut state = before.clone();
    state.local.clock = before.local.clock.tick(now)?;
    let clock = state.local.clock;
    Ok((state, clock))
}

/// Writes one entry in place of all that the key has (R4.4).
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
        let (expected, got) = (format!("at most {MAX_NUMBER}"), counter.to_string());
        let hint = "roll back to begin a new epoch";
        return Err(Rejection::new(
            Class::Exhausted,
            hex(origin.as_bytes()),
            expected,
            got,
            hint,
        ));
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

/// What is visible of a key, else `absent` (R4.5).
pub(crate) fn get(state: &State, table: &Table, key: &Key) -> Result<Visible> {
    let (entries, policy) = (
        state.shared.get(key.as_bytes()),
        table.policy(key.as_bytes()),
    );
    let mut visible = visible(entries, policy).ok_or_else(|| {
        let path = hex(key.as_bytes());
        Rejection::new(Class::Absent, path, "a visible value", "none", "")
    })?;
    if state.local.schema == Schema::One {
        visible.label = None;
    }
    Ok(visible)
}

/// The first keys with a prefix that have a visible value (R4.6).
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

/// What is visible of entries (R4.5).
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
