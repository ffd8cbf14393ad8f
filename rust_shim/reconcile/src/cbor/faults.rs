//! What is wrong with bytes that were read, and where (R2.8, R11.3).

use std::cmp::Ordering;

use super::reader::Reader;
use crate::error::{Class, Rejection, Result};
use crate::hash::hex;

pub(super) const CHECK_LAYOUT: &str = "check the layout of this schema";

/// A step of a path, from what contains to what is contained (R11.3).
pub(super) enum Step<'a> {
    Field(u64),
    Key(&'a [u8]),
    Index(u64),
}

impl Reader<'_> {
    /// Asks that an item goes behind the one before, to which it compares so (R2.5, R2.6).
    pub(super) fn follows(&self, at: usize, order: Ordering) -> Result<()> {
        match order {
            Ordering::Greater => Ok(()),
            Ordering::Equal => {
                Err(self.fault(at, "distinct items", "an equal item", "write each once"))
            }
            Ordering::Less => Err(self.fault(
                at,
                "ascending order",
                "a smaller item",
                "sort by encoded bytes",
            )),
        }
    }

    pub(super) fn end(&self, at: usize) -> Rejection {
        self.fault(at, "a whole item", "the end", "the bytes were cut short")
    }

    /// The fault of a length that is outside its bounds.
    pub fn limit(&self, at: usize, least: u64, most: u64, got: u64) -> Rejection {
        let expected = match least {
            0 => format!("at most {most}"),
            _ => format!("{least} to {most}"),
        };
        self.fault(at, expected, got.to_string(), "check the limits")
    }

    /// The fault of an integer that is outside its bounds.
    pub fn out_of_range(&self, at: usize, least: u64, greatest: u64, got: u64) -> Rejection {
        self.fault(
            at,
            format!("{least} to {greatest}"),
            got.to_string(),
            CHECK_LAYOUT,
        )
    }

    /// The fault of a field that may not stand in the map that is read.
    pub fn unknown_field(&self, at: usize, field: u64) -> Rejection {
        self.fault(
            at,
            "a field of this layout",
            format!("field {field}"),
            CHECK_LAYOUT,
        )
    }

    /// The fault of a field that must stand in the map at the offset, and does not (R2.5).
    pub fn missing(&self, map: usize, field: u64) -> Rejection {
        self.fault(map, format!("field {field}"), "no such field", CHECK_LAYOUT)
    }

    /// Tells a fault at an offset, on the path that is read (R2.8).
    pub(super) fn fault(
        &self,
        at: usize,
        expected: impl Into<String>,
        got: impl Into<String>,
        hint: &'static str,
    ) -> Rejection {
        Rejection::new(
            Class::Malformed,
            self.path_of(self.path.len()),
            expected,
            got,
            hint,
        )
        .at(at)
    }

    /// The path of the first so many steps (R11.3).
    pub(super) fn path_of(&self, steps: usize) -> String {
        self.path[..steps]
            .iter()
            .map(|step| match step {
                Step::Field(number) | Step::Index(number) => format!("/{number}"),
                Step::Key(key) => format!("/{}", hex(key)),
            })
            .collect()
    }
}
