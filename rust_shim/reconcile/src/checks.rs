//! The checks of an incoming part before it is merged (R7.5, checks 1 to 9).

use crate::body::Head;
use crate::entry::{Entry, Key};
use crate::error::{Class, Rejection, Result};
use crate::hash::{Digest, hex};
use crate::policy::{Policy, Table};
use crate::state::Local;
use crate::vector::Vector;

/// Checks 1 to 3 (R7.5): the drift of the clock, the members, the watermark.
pub(crate) fn head(head: &Head, table: &Table, now: u64) -> Result<()> {
    head.clock.check_drift(now)?;
    let writers = |vector: &Vector| {
        vector
            .iter()
            .map(|(origin, _)| origin.writer())
            .collect::<Vec<_>>()
    };
    let named = [
        ("vector", writers(&head.vector)),
        ("watermark", writers(&head.watermark)),
        ("writer", vec![head.writer]),
    ];
    for (path, writers) in named {
        if let Some(stranger) = writers.iter().find(|writer| !table.has_member(writer)) {
            return Err(inconsistent(path)
                .expected("a member")
                .got(hex(stranger.as_bytes()))
                .hint("the members are fixed"));
        }
    }
    match head.watermark.first_excess(&head.vector) {
        None => Ok(()),
        Some((origin, counter)) => Err(inconsistent("watermark")
            .expected(format!("at most {}", head.vector.get(&origin)))
            .got(counter.to_string())
            .hint("a watermark is a part of the vector")),
    }
}

/// Check 4 (R7.5): no other replica has written under the reader's name.
pub(crate) fn own_writes(head: &Head, local: &Local, vector: &Vector) -> Result<()> {
    let excess = head.vector.iter().find(|(origin, counter)| {
        origin.writer() == local.writer
            && (origin.epoch() > local.epoch
                || origin.epoch() == local.epoch && *counter > vector.get(origin))
    });
    match excess {
        None => Ok(()),
        Some((origin, counter)) => Err(inconsistent("vector")
            .expected(format!("at most {}", vector.get(&origin)))
            .got(counter.to_string())
            .hint("another replica writes under this name")),
    }
}

/// Checks 6 to 9 (R7.5): dots, clocks, tombstones, and the normal form of each key.
pub(crate) fn entries<'a, I>(head: &Head, table: &Table, keys: I) -> Result<()>
where
    I: Iterator<Item = (&'a Key, &'a [Entry])> + Clone,
{
    let each = || {
        keys.clone()
            .flat_map(|(key, entries)| entries.iter().enumerate().map(move |e| (key, e)))
    };
    for (key, (index, entry)) in each() {
        if !head.vector.covers(entry.dot) {
            return Err(inconsistent(path(key, index))
                .expected("a dot that the vector covers")
                .got(entry.dot.to_string())
                .hint("the vector holds every write"));
        }
    }
    for (key, (index, entry)) in each() {
        if entry.clock > head.clock {
            return Err(inconsistent(path(key, index))
                .expected(format!("at most {}", hex(&head.clock.to_bytes())))
                .got(hex(&entry.clock.to_bytes()))
                .hint("a clock holds every write"));
        }
    }
    collected(head, keys.clone())?;
    keys.clone()
        .try_for_each(|(key, entries)| normal_form(table.policy(key.as_bytes()), key, entries))
}

/// Check 8 (R7.5): the part holds no tombstone that its watermark covers.
pub(crate) fn collected<'a>(
    head: &Head,
    keys: impl Iterator<Item = (&'a Key, &'a [Entry])>,
) -> Result<()> {
    for (key, entries) in keys {
        for (index, entry) in entries.iter().enumerate() {
            if entry.is_tombstone() && head.watermark.covers(entry.dot) {
                return Err(inconsistent(path(key, index))
                    .expected("no collected tombstone")
                    .got(entry.dot.to_string())
                    .hint("collect before writing"));
            }
        }
    }
    Ok(())
}

fn normal_form(policy: Policy, key: &Key, entries: &[Entry]) -> Result<()> {
    const HINT: &str = "policies must agree";
    if policy == Policy::Last && entries.len() != 1 {
        return Err(inconsistent(format!("/5/{}", hex(key.as_bytes())))
            .expected("one entry")
            .got(entries.len().to_string())
            .hint(HINT));
    }
    let values = entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| Some((index, entry.value.as_ref()?)));
    for (index, value) in values {
        if policy == Policy::Counter && value.as_number().is_none() {
            return Err(inconsistent(path(key, index))
                .expected("unsigned integer")
                .got(value.kind().name())
                .hint(HINT));
        }
    }
    Ok(())
}

/// Check 5 (R7.5): the announced digest equals the computed one.
pub(crate) fn digest(announced: &Digest, computed: &Digest) -> Result<()> {
    if announced == computed {
        return Ok(());
    }
    Err(Rejection::new(Class::DigestMismatch)
        .path("digest")
        .expected(hex(announced))
        .got(hex(computed))
        .hint("ask again"))
}

/// The path of an entry in a document (R11.3).
fn path(key: &Key, index: usize) -> String {
    format!("/5/{}/{index}", hex(key.as_bytes()))
}

fn inconsistent(path: impl Into<String>) -> Rejection {
    Rejection::new(Class::Inconsistent).path(path)
}
