//! The canonical CBOR of the wire, written and strictly read.
//!
//! Deterministic encoding as RFC 8949, 4.2, but floats always take 8 bytes.
//! Knows nothing of contracts or traces.

mod reader;
mod writer;

use std::fmt;

pub use reader::Reader;
pub use writer::Writer;

/// How deep arrays and maps may be nested.
pub const MAX_DEPTH: usize = 64;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const FLOAT: u8 = 0xfb;
const CANONICAL_NAN: u64 = 0x7ff8_0000_0000_0000;

/// Why bytes cannot be read, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// Something else stands there than was asked for.
    Expected(&'static str, usize),
    /// The bytes end too early, or a length is greater than what remains.
    CutShort(usize),
    /// Bytes remain after the last item.
    Trailing(usize),
    /// A head is longer than its value needs, or has no definite length.
    NotCanonical(usize),
    /// A map's keys do not ascend.
    NotSorted(usize),
    /// A text is not UTF-8.
    NotUtf8(usize),
    /// Arrays and maps are nested deeper than [`MAX_DEPTH`].
    TooDeep(usize),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(what, at) => write!(f, "expected {what} at byte {at}"),
            Self::CutShort(at) => write!(f, "cut short at byte {at}"),
            Self::Trailing(at) => write!(f, "trailing bytes at byte {at}"),
            Self::NotCanonical(at) => write!(f, "no shortest definite head at byte {at}"),
            Self::NotSorted(at) => write!(f, "map key out of order at byte {at}"),
            Self::NotUtf8(at) => write!(f, "text that is not UTF-8 at byte {at}"),
            Self::TooDeep(at) => write!(f, "nested deeper than {MAX_DEPTH} at byte {at}"),
        }
    }
}

impl std::error::Error for Unreadable {}
