//! What a shared part may come to, so that whatever is written can be read again (R5.9).

use crate::error::{Class, Rejection, Result};
use crate::hash::hex;
use crate::state::Shared;
use crate::tree::Tree;

/// The most origins of a vector.
pub(crate) const MAX_ORIGINS: usize = 4096;
/// The most keys.
pub(crate) const MAX_KEYS: usize = 1 << 20;
/// The most paths of a request.
pub(crate) const MAX_PATHS: usize = 1 << 20;
/// The most entries of a key.
pub(crate) const MAX_ENTRIES: usize = 256;

/// Asks that a step leads to no shared part that is too large (R5.9).
pub(crate) fn check(before: &Shared, after: &Shared) -> Result<()> {
    at_most(MAX_ORIGINS, after.vector.iter().len(), || "vector".into())?;
    at_most(MAX_KEYS, after.tree.keys(), || "entries".into())?;
    for change in Tree::differences(&before.tree, &after.tree) {
        let path = || {
            change
                .key()
                .map(|key| hex(key.as_bytes()))
                .unwrap_or_default()
        };
        at_most(MAX_ENTRIES, change.after().len(), path)?;
    }
    Ok(())
}

/// Asks that a request for so many nodes can be written (R9.7).
pub(crate) fn paths(number: usize) -> Result<()> {
    at_most(MAX_PATHS, number, || "paths".into())
}

fn at_most(most: usize, number: usize, path: impl Fn() -> String) -> Result<()> {
    if number <= most {
        return Ok(());
    }
    let (expected, got) = (format!("at most {most}"), number.to_string());
    Err(Rejection::new(
        Class::TooLarge,
        path(),
        expected,
        got,
        "check the limits",
    ))
}
