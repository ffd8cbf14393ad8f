//! Schemas of what is written: which there are, which are neighbours (R10.1, R10.2).

use std::ops::RangeInclusive;

use crate::error::{Class, Rejection};

/// A schema of messages and of entries (R10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Schema {
    /// The first.
    One = 1,
    /// Added labels, and left out the value of tombstones.
    Two = 2,
    /// Split the clock of an entry in two.
    Three = 3,
}

impl Schema {
    /// All schemas, ascending.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// The schema of a number from 1 to 3.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|schema| schema.number() == number)
    }

    /// The number of the schema.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The schemas that a replica at this one reads: its own and its neighbours (R10.2).
    pub(crate) fn accepted(self) -> RangeInclusive<u8> {
        self.number().saturating_sub(1).max(1)..=(self.number() + 1).min(3)
    }
}

/// The rejection of a schema that is not accepted.
pub(crate) fn too_far(accepted: &RangeInclusive<u8>, got: u8, hint: &'static str) -> Rejection {
    let expected = format!("schema {} to {}", accepted.start(), accepted.end());
    Rejection::new(
        Class::TooFar,
        "schema",
        expected,
        format!("schema {got}"),
        hint,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R10.2: a reader accepts its own schema and its neighbours.
    #[test]
    fn r10_2_accepted() {
        assert_eq!(Schema::ALL.map(Schema::accepted), [1..=2, 1..=3, 2..=3]);
    }
}
