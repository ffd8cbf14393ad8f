//! The canonical CBOR of the messages: its heads, its limits, and why a reader refuses bytes.
//!
//! Deterministic encoding as in RFC 8949, 4.2, with one exception: a float always takes 8 bytes.
//! Knows nothing of contracts or traces, beyond their place in an error.

use std::fmt;

/// Limits how deep arrays and maps are nested.
pub const MAX_DEPTH: usize = 64;

// Major types of CBOR (RFC 8949, 3.1), in the upper three bits of a head.
pub(crate) const UINT: u8 = 0;
pub(crate) const NINT: u8 = 1;
pub(crate) const BYTES: u8 = 2;
pub(crate) const TEXT: u8 = 3;
pub(crate) const ARRAY: u8 = 4;
pub(crate) const MAP: u8 = 5;

pub(crate) const FALSE: u8 = 0xf4;
pub(crate) const TRUE: u8 = 0xf5;
pub(crate) const NULL: u8 = 0xf6;
pub(crate) const FLOAT: u8 = 0xfb;

pub(crate) const CANONICAL_NAN: u64 = 0x7ff8_0000_0000_0000;

/// Why a [`Reader`](crate::Reader) refuses bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Another item comes next than the one that was due, which is named.
    Unexpected(&'static str),
    /// A number is too large.
    OutOfRange {
        /// What was read.
        got: u64,
        /// The least number that is too large.
        below: u64,
    },
    /// An array has more or fewer items than it must have.
    WrongLength {
        /// How many items it has.
        got: usize,
        /// How many it must have.
        want: usize,
    },
    /// The bytes end within an item, or a length is greater than what is left.
    CutShort,
    /// Bytes are left after the last item.
    Trailing,
    /// A head is longer than its number needs, or has no definite length.
    NotCanonical,
    /// The key of a map is repeated or out of order.
    NotSorted,
    /// A text is not UTF-8.
    NotUtf8,
    /// Arrays and maps are nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected(want) => write!(f, "unexpected item: want {want}"),
            Self::OutOfRange { got, below } => {
                write!(f, "number out of range: got {got}, want less than {below}")
            }
            Self::WrongLength { got, want } => {
                write!(f, "array of the wrong length: got {got}, want {want}")
            }
            Self::CutShort => f.write_str("the data end too early"),
            Self::Trailing => f.write_str("data after the last item"),
            Self::NotCanonical => f.write_str("not the shortest head of a definite length"),
            Self::NotSorted => f.write_str("map key repeated or out of order"),
            Self::NotUtf8 => f.write_str("text is not UTF-8"),
            Self::TooDeep => write!(f, "nested deeper than {MAX_DEPTH} levels"),
        }
    }
}

/// The one error of this crate: bytes that a reader refuses, with the reason and the place.
///
/// It is a fault of driftcheck, never of the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    reason: Reason,
    byte: usize,
    place: Place,
}

/// Which message was being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Item,
    Request,
    Trace(usize),
    Step {
        trace: usize,
        step: usize,
    },
    Operation {
        trace: usize,
        step: usize,
        name: &'static str,
    },
}

impl Unreadable {
    pub(crate) fn new(byte: usize, reason: Reason) -> Self {
        Self {
            reason,
            byte,
            place: Place::Item,
        }
    }

    /// Adds the place, unless a more precise one is known.
    pub(crate) fn within(mut self, place: Place) -> Self {
        if self.place == Place::Item {
            self.place = place;
        }
        self
    }

    /// Returns why the bytes were refused.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Returns where the refused item begins, counted from the start of its message.
    pub fn byte(&self) -> usize {
        self.byte
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Item => {}
            Place::Request => f.write_str("read request: ")?,
            Place::Trace(trace) => write!(f, "read trace {trace}: ")?,
            Place::Step { trace, step } => write!(f, "read trace {trace}: step {step}: ")?,
            Place::Operation { trace, step, name } => {
                write!(f, "read trace {trace}: step {step}: operation {name}: ")?;
            }
        }
        write!(f, "byte {}: {}", self.byte, self.reason)
    }
}

impl std::error::Error for Unreadable {}
