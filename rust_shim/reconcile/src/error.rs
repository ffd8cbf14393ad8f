//! Rejections: the one error type, its classes, and what is recoverable (section 11).

use std::fmt;

/// The class of a rejection, by which callers tell rejections apart (R11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[allow(
    missing_docs,
    reason = "each is explained where the contract raises it"
)]
pub enum Class {
    Malformed = 1,
    TooLarge = 2,
    TooFar = 3,
    Inconsistent = 4,
    DigestMismatch = 5,
    DotConflict = 6,
    ClockDrift = 7,
    ClockOverflow = 8,
    Interrupted = 9,
    Absent = 10,
    WrongKind = 11,
    Overflow = 12,
    Exhausted = 13,
    NotAcknowledged = 14,
    ForeignSnapshot = 15,
    NeedsSchema = 16,
    OtherTable = 17,
    CorruptLog = 18,
}

impl Class {
    /// All classes, ascending by code.
    pub const ALL: [Self; 18] = [
        Self::Malformed,
        Self::TooLarge,
        Self::TooFar,
        Self::Inconsistent,
        Self::DigestMismatch,
        Self::DotConflict,
        Self::ClockDrift,
        Self::ClockOverflow,
        Self::Interrupted,
        Self::Absent,
        Self::WrongKind,
        Self::Overflow,
        Self::Exhausted,
        Self::NotAcknowledged,
        Self::ForeignSnapshot,
        Self::NeedsSchema,
        Self::OtherTable,
        Self::CorruptLog,
    ];

    /// The stable number of the class, 1 to 18.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The stable name of the class.
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::TooFar => "too_far",
            Self::Inconsistent => "inconsistent",
            Self::DigestMismatch => "digest_mismatch",
            Self::DotConflict => "dot_conflict",
            Self::ClockDrift => "clock_drift",
            Self::ClockOverflow => "clock_overflow",
            Self::Interrupted => "interrupted",
            Self::Absent => "absent",
            Self::WrongKind => "wrong_kind",
            Self::Overflow => "overflow",
            Self::Exhausted => "exhausted",
            Self::NotAcknowledged => "not_acknowledged",
            Self::ForeignSnapshot => "foreign_snapshot",
            Self::NeedsSchema => "needs_schema",
            Self::OtherTable => "other_table",
            Self::CorruptLog => "corrupt_log",
        }
    }

    /// Whether the same step may succeed later though nobody changed its arguments.
    pub fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::DigestMismatch
                | Self::ClockDrift
                | Self::ClockOverflow
                | Self::Interrupted
                | Self::NotAcknowledged
        )
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a step was refused, with its detail (R11.2); the replica and its log are then what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// What kind of refusal it is.
    pub class: Class,
    /// Where in the arguments, message or log the fault lies.
    pub path: String,
    /// The byte at which the fault lies, from the start of the message or log; 0 where none is named.
    pub offset: u64,
    /// What the contract asks for there.
    pub expected: String,
    /// What was found.
    pub got: String,
    /// What to do about it; may be empty.
    pub hint: &'static str,
}

impl Rejection {
    pub(crate) fn new(
        class: Class,
        path: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
        hint: &'static str,
    ) -> Self {
        Self {
            class,
            path: path.into(),
            offset: 0,
            expected: expected.into(),
            got: got.into(),
            hint,
        }
    }

    pub(crate) fn at(mut self, offset: usize) -> Self {
        self.offset = offset as u64;
        self
    }

    /// Whether the same step may succeed later though nobody changed its arguments.
    pub fn is_retryable(&self) -> bool {
        self.class.is_retryable()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.class)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "expected {}, got {}", self.expected, self.got)?;
        if self.offset != 0 {
            write!(f, " at byte {}", self.offset)?;
        }
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejection {}

/// What all steps give: a value or a rejection.
pub type Result<T> = std::result::Result<T, Rejection>;

#[cfg(test)]
mod tests {
    use super::*;

    /// R11.1: codes are the places in the table, names are distinct.
    #[test]
    fn r11_1_codes_and_names_are_stable() {
        let codes: Vec<u8> = Class::ALL.iter().map(|class| class.code()).collect();
        let mut names: Vec<&str> = Class::ALL.iter().map(|class| class.name()).collect();
        names.sort_unstable();
        names.dedup();

        assert_eq!(codes, (1..=18).collect::<Vec<u8>>());
        assert_eq!(names.len(), 18);
    }

    /// R11.1: five classes are retryable.
    #[test]
    fn r11_1_retryable_classes() {
        let codes: Vec<u8> = Class::ALL
            .iter()
            .filter(|c| c.is_retryable())
            .map(|c| c.code())
            .collect();

        assert_eq!(codes, [5, 7, 8, 9, 14]);
    }
}
