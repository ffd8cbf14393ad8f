//! What is asked of an incoming part before it is merged (R7.5, checks 1 to 9).

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
            let got = hex(stranger.as_bytes());
            return Err(inconsistent(path, "a member", got, "the members are fixed"));
        }
    }
    if let Some((origin, counter)) = head.watermark.first_beyond(&head.vector) {
        let expected = format!("at most {}", head.vector.get(&origin));
        let hint = "a watermark is a part of the vector";
        return Err(inconsistent(
            "watermark",
            expected,
            counter.to_string(),
            hint,
        ));
    }
    Ok(())
}

/// Check 4 (R7.5): nobody else has written under the reader's name.
pub(crate) fn own_writes(head: &Head, local: &Local, vector: &Vector) -> Result<()> {
    let beyond = head.vector.iter().find(|(origin, counter)| {
        origin.writer() == local.writer
            && (origin.epoch() > local.epoch
                || origin.epoch() == local.epoch && *counter > vector.get(origin))
    });
    match beyond {
        None => Ok(()),
        Some((origin, counter)) => {
            let expected = format!("at most {}", vector.get(&origin));
            let hint = "another replica writes under this name";
            Err(inconsistent("vector", expected, counter.to_string(), hint))
        }
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
            let (expected, hint) = (
                "a dot that the vector covers",
                "the vector holds every write",
            );
            return Err(inconsistent(
                &path(key, index),
                expected,
                entry.dot.to_string(),
                hint,
            ));
        }
    }
    for (key, (index, entry)) in each() {
        if entry.clock > head.clock {
            let expected = format!("at most {}", hex(&head.clock.to_bytes()));
            let got = hex(&entry.clock.to_bytes());
            return Err(inconsistent(
                &path(key, index),
                expected,
                got,
                "a clock holds every write",
            ));
        }
    }
    collected(head, keys.clone())?;
    keys.clone()
        .try_for_each(|(key, entries)| normal_form(table.policy(key.as_bytes()), key, entries))
}

/// Check 8 (R7.5): no tombstone is there that was collected.
pub(crate) fn collected<'a>(
    head: &Head,
    keys: impl Iterator<Item = (&'a Key, &'a [Entry])>,
) -> Result<()> {
    for (key, entries) in keys {
        for (index, entry) in entries.iter().enumerate() {
            if entry.is_tombstone() && head.watermark.covers(entry.dot) {
                let (expected, hint) = ("no collected tombstone", "collect before writing");
                return Err(inconsistent(
                    &path(key, index),
                    expected,
                    entry.dot.to_string(),
                    hint,
                ));
            }
        }
    }
    Ok(())
}

fn normal_form(policy: Policy, key: &Key, entries: &[Entry]) -> Result<()> {
    const HINT: &str = "policies must agree";
    if policy == Policy::Last && entries.len() != 1 {
        let path = format!("/5/{}", hex(key.as_bytes()));
        return Err(inconsistent(
            &path,
            "one entry",
            entries.len().to_string(),
            HINT,
        ));
    }
    let values = entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| Some((index, entry.value.as_ref()?)));
    for (index, value) in values {
        if policy == Policy::Counter && value.as_number().is_none() {
            return Err(inconsistent(
                &path(key, index),
                "unsigned integer",
                value.kind().name(),
                HINT,
            ));
        }
    }
    Ok(())
}

/// Check 5 (R7.5): the digest announced is the one computed.
pub(crate) fn digest(announced: &Digest, computed: &Digest) -> Result<()> {
    if announced == computed {
        return Ok(());
    }
    let (expected, got) = (hex(announced), hex(computed));
    Err(Rejection::new(
        Class::DigestMismatch,
        "digest",
        expected,
        got,
        "ask again",
    ))
}

/// The path of an entry in a document (R11.3).
fn path(key: &Key, index: usize) -> String {
    format!("/5/{}/{index}", hex(key.as_bytes()))
}

fn inconsistent(
    path: &str,
    expected: impl Into<String>,
    got: impl Into<String>,
    hint: &'static str,
) -> Rejection {
    Rejection::new(Class::Inconsistent, path, expected, got, hint)
}
