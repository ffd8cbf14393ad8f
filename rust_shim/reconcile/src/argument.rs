//! Bounds of the arguments of a step, which are checked before anything else.

use crate::error::{Class, Rejection, Result};

/// Checks that the length of an argument is between two bounds, both included (section 4).
pub(crate) fn length(name: &str, length: usize, min: usize, max: usize) -> Result<()> {
    if (min..=max).contains(&length) {
        return Ok(());
    }
    let expected = match min {
        0 => format!("at most {max}"),
        _ => format!("{min} to {max}"),
    };
    Err(out_of_bounds(name)
        .expected(expected)
        .got(length.to_string()))
}

/// Checks that an argument is between two bounds, both included (section 4).
pub(crate) fn range(name: &str, number: u64, min: u64, max: u64) -> Result<()> {
    if (min..=max).contains(&number) {
        return Ok(());
    }
    Err(out_of_bounds(name)
        .expected(format!("{min} to {max}"))
        .got(number.to_string()))
}

fn out_of_bounds(name: &str) -> Rejection {
    Rejection::new(Class::Malformed)
        .path(name)
        .hint("check the limits")
}
