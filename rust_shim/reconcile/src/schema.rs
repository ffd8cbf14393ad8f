//! Schemas: the versions of the format of messages and entries, and which are neighbours (R10.1, R10.2).

use std::ops::RangeInclusive;

use crate::error::{Class, Rejection};

/// A schema: a version of the format of messages and entries (R10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Schema {
    /// The first schema.
    One = 1,
    /// Adds labels, and omits the value of tombstones.
    Two = 2,
    /// Writes the clock of an entry as two fields.
    Three = 3,
}

impl Schema {
    /// All schemas, ascending.
    pub const ALL: &'static [Self] = &[Self::One, Self::Two, Self::Three];

    /// The schema with a number from 1 to 3.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|schema| schema.number() == number)
    }

    /// The number of the schema.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The schemas that a replica at this schema reads: its own and its neighbours (R10.2).
    pub(crate) fn accepted(self) -> RangeInclusive<u8> {
        self.number().saturating_sub(1).max(1)..=(self.number() + 1).min(3)
    }
}

/// The rejection of a schema that is not accepted.
pub(crate) fn too_far(accepted: &RangeInclusive<u8>, got: u8, hint: &'static str) -> Rejection {
    Rejection::new(Class::TooFar)
        .path("schema")
        .expected(format!("schema {} to {}", accepted.start(), accepted.end()))
        .got(format!("schema {got}"))
        .hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R10.2: a reader accepts its own schema and its neighbours.
    #[test]
    fn r10_2_accepted() {
        let accepted: Vec<_> = Schema::ALL.iter().map(|schema| schema.accepted()).collect();

        assert_eq!(accepted, [1..=2, 1..=3, 2..=3]);
    }
}
