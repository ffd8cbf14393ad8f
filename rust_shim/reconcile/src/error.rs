//! Rejections: the one error type of the engine, its classes, and which of them are retryable (section 11).

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The class of a rejection. Callers distinguish rejections by it (R11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
#[allow(
    missing_docs,
    reason = "the contract explains each class where it raises it"
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
    pub const ALL: &'static [Self] = &[
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

    /// Whether the same step may succeed later with the same arguments.
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

/// Why a step was rejected, with its detail (R11.2). The replica and its log are unchanged.
///
/// Two rejections are equal when class and detail are equal. The [source](Error::source) is not compared.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rejection {
    /// The class of the rejection.
    pub class: Class,
    /// Where in the arguments, the message or the log the fault is.
    pub path: String,
    /// The byte at which the fault is, from the start of the message or the log; 0 if the contract names none.
    pub offset: u64,
    /// What the contract expects there.
    pub expected: String,
    /// What was found.
    pub got: String,
    /// What to do about it; may be empty.
    pub hint: &'static str,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Rejection {
    /// Begins a rejection with an empty detail.
    pub(crate) fn new(class: Class) -> Self {
        Self {
            class,
            path: String::new(),
            offset: 0,
            expected: String::new(),
            got: String::new(),
            hint: "",
            source: None,
        }
    }

    /// The rejection of a step that stopped after a stage (R8.2).
    pub(crate) fn interrupted(stage: &'static str, fault: &'static str) -> Self {
        Self::new(Class::Interrupted)
            .path(stage)
            .expected("synced")
            .got(fault)
            .hint("try again")
    }

    pub(crate) fn path(self, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { path, ..self }
    }

    pub(crate) fn offset(self, offset: usize) -> Self {
        let offset = offset as u64;
        Self { offset, ..self }
    }

    pub(crate) fn expected(self, expected: impl Into<String>) -> Self {
        let expected = expected.into();
        Self { expected, ..self }
    }

    pub(crate) fn got(self, got: impl Into<String>) -> Self {
        let got = got.into();
        Self { got, ..self }
    }

    pub(crate) fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// Keeps the error that caused the rejection.
    pub(crate) fn caused_by(self, source: impl Error + Send + Sync + 'static) -> Self {
        let source = Some(Arc::new(source) as _);
        Self { source, ..self }
    }

    /// Whether the same step may succeed later with the same arguments.
    pub fn is_retryable(&self) -> bool {
        self.class.is_retryable()
    }

    fn detail(&self) -> (Class, &str, u64, &str, &str, &str) {
        (
            self.class,
            &self.path,
            self.offset,
            &self.expected,
            &self.got,
            self.hint,
        )
    }
}

impl PartialEq for Rejection {
    fn eq(&self, other: &Self) -> bool {
        self.detail() == other.detail()
    }
}

impl Eq for Rejection {}

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

impl Error for Rejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The result of a step: a value or a rejection.
pub type Result<T> = std::result::Result<T, Rejection>;

#[cfg(test)]
mod tests {
    use super::*;

    /// R11.1: codes are the positions in the table, and names are distinct.
    #[test]
    fn r11_1_codes_and_names_are_stable() {
        let codes: Vec<u8> = Class::ALL.iter().map(|class| class.code()).collect();
        let mut names: Vec<&str> = Class::ALL.iter().map(|class| class.name()).collect();
        names.sort_unstable();
        names.dedup();

        assert_eq!(codes, (1..=18).collect::<Vec<u8>>());
        assert_eq!(names.len(), 18);
    }

    /// R11.1: exactly five classes are retryable.
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
