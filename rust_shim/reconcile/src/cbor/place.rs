//! Places in the bytes that are read, and the faults that a reader can find there (R2.8, R11.3).

use std::cmp::Ordering;
use std::fmt::Display;

use crate::error::{Class, Rejection, Result};
use crate::hash::hex;

const CHECK_LAYOUT: &str = "check the layout of this schema";

/// A step of a path, from an item to an item in it (R11.3).
pub(super) enum Step<'a> {
    Field(u64),
    Key(&'a [u8]),
    Index(u64),
}

/// The path from the body to the item that is read.
#[derive(Default)]
pub(super) struct Path<'a>(Vec<Step<'a>>);

impl<'a> Path<'a> {
    pub fn push(&mut self, step: Step<'a>) {
        self.0.push(step);
    }

    pub fn pop(&mut self) {
        self.0.pop();
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Writes the first steps of the path (R11.3).
    pub fn prefix(&self, steps: usize) -> String {
        self.0[..steps]
            .iter()
            .map(|step| match step {
                Step::Field(number) | Step::Index(number) => format!("/{number}"),
                Step::Key(key) => format!("/{}", hex(key)),
            })
            .collect()
    }
}

/// The place of an item: its offset, and the path that the reader is on.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    path: &'p Path<'p>,
    offset: usize,
}

impl<'p> Place<'p> {
    pub(super) fn new(path: &'p Path<'p>, offset: usize) -> Self {
        Self { path, offset }
    }

    /// Begins the rejection of a fault at this place (R2.8).
    pub(super) fn malformed(self) -> Rejection {
        Rejection::new(Class::Malformed)
            .path(self.path.prefix(self.path.len()))
            .offset(self.offset)
    }

    /// The item is cut short.
    pub(super) fn end(self) -> Rejection {
        self.malformed()
            .expected("a whole item")
            .got("the end")
            .hint("the bytes were cut short")
    }

    /// The item is of a kind that is not allowed here.
    pub(super) fn wrong_kind(self, allowed: impl Display, got: &str) -> Rejection {
        self.malformed()
            .expected(allowed.to_string())
            .got(got)
            .hint(CHECK_LAYOUT)
    }

    /// A length is outside its bounds.
    pub fn limit(self, min: u64, max: u64, got: u64) -> Rejection {
        let expected = match min {
            0 => format!("at most {max}"),
            _ => format!("{min} to {max}"),
        };
        self.malformed()
            .expected(expected)
            .got(got.to_string())
            .hint("check the limits")
    }

    /// An integer is outside its bounds.
    pub fn range<T: Display>(self, min: T, max: T, got: T) -> Rejection {
        self.malformed()
            .expected(format!("{min} to {max}"))
            .got(got.to_string())
            .hint(CHECK_LAYOUT)
    }

    /// A field is not allowed in the map that is read.
    pub fn unknown_field(self, field: u64) -> Rejection {
        self.malformed()
            .expected("a field of this layout")
            .got(format!("field {field}"))
            .hint(CHECK_LAYOUT)
    }

    /// A required field is missing in the map at this place (R2.5).
    pub fn missing_field(self, field: u64) -> Rejection {
        self.malformed()
            .expected(format!("field {field}"))
            .got("no such field")
            .hint(CHECK_LAYOUT)
    }

    /// Checks the order of the item at this place relative to the item before it (R2.5, R2.6).
    pub(super) fn check_order(self, order: Ordering) -> Result<()> {
        match order {
            Ordering::Greater => Ok(()),
            Ordering::Equal => Err(self
                .malformed()
                .expected("distinct items")
                .got("an equal item")
                .hint("write each once")),
            Ordering::Less => Err(self
                .malformed()
                .expected("ascending order")
                .got("a smaller item")
                .hint("sort by encoded bytes")),
        }
    }
}
