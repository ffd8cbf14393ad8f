//! Upper limits that all replicas share. What one replica writes, every other one can read (R5.9).

use crate::error::{Class, Rejection, Result};

/// The maximum number of origins of a vector.
pub(crate) const MAX_ORIGINS: usize = 4096;
/// The maximum number of keys.
pub(crate) const MAX_KEYS: usize = 1 << 20;
/// The maximum number of paths of a request.
pub(crate) const MAX_PATHS: usize = 1 << 20;
/// The maximum number of entries of a key.
pub(crate) const MAX_ENTRIES: usize = 256;

/// Checks that a number is not over its maximum; `path` says what is counted.
pub(crate) fn check(max: usize, number: usize, path: impl Fn() -> String) -> Result<()> {
    if number <= max {
        return Ok(());
    }
    Err(Rejection::new(Class::TooLarge)
        .path(path())
        .expected(format!("at most {max}"))
        .got(number.to_string())
        .hint("check the limits"))
}
