//! Bounds of what callers pass, asked before anything else.

use crate::error::{Class, Rejection, Result};

/// Asks that a length is between two bounds (section 4).
pub(crate) fn length(name: &str, length: usize, least: usize, most: usize) -> Result<()> {
    if (least..=most).contains(&length) {
        return Ok(());
    }
    let expected = match least {
        0 => format!("at most {most}"),
        _ => format!("{least} to {most}"),
    };
    Err(Rejection::new(
        Class::Malformed,
        name,
        expected,
        length.to_string(),
        "check the limits",
    ))
}

/// Asks that a number is between two bounds (section 4).
pub(crate) fn range(name: &str, number: u64, least: u64, greatest: u64) -> Result<()> {
    if (least..=greatest).contains(&number) {
        return Ok(());
    }
    let expected = format!("{least} to {greatest}");
    Err(Rejection::new(
        Class::Malformed,
        name,
        expected,
        number.to_string(),
        "check the limits",
    ))
}
