//! The part of CBOR that the store speaks: core deterministic encoding, read strictly (section 2).
//!
//! Knows items and faults; knows no layout of any message.

mod faults;
mod kind;
mod reader;
mod writer;

pub(crate) use kind::{Kind, NULL, UNSIGNED};
pub(crate) use reader::{Grammar, Reader};
pub(crate) use writer::Writer;

/// The greatest counter, and the greatest number that a value may hold.
pub(crate) const MAX_NUMBER: u64 = i64::MAX as u64;
