//! The part of CBOR that the store uses: core deterministic encoding, read strictly (section 2).
//!
//! This module knows items and their faults. It does not know the layout of any message.

mod cursor;
mod kind;
mod place;
mod reader;
mod writer;

pub(crate) use kind::{Kind, NULL, UNSIGNED};
pub(crate) use reader::{Grammar, Reader};
pub(crate) use writer::Writer;

use std::cmp::Ordering;

/// The greatest counter, and the greatest number of a value.
pub(crate) const MAX_NUMBER: u64 = i64::MAX as u64;

/// Compares two byte strings by their encodings: the shorter string is before the longer one.
pub(crate) fn encoding_order(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
