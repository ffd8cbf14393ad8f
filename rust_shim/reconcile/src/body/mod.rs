//! The layouts of messages (R7.1 to R7.4, R8.5, R9.5, R9.6): between bytes and what they say.
//!
//! Knows what is well-formed; knows nothing of what a replica makes of it.

mod document;
mod entries;
mod head;
mod header;
mod record;
mod reply;
mod request;
mod vector;

pub(crate) use document::Document;
pub(crate) use head::{Announcement, Head};
pub(crate) use record::Record;
pub(crate) use reply::{Content, Node, Reply};
pub(crate) use request::{Mode, Request};
pub(crate) use vector::encoded as encoded_vector;

use std::cmp::Ordering;

/// The order of two byte strings of at most 64 bytes by their encoding: the shorter one goes first.
fn by_encoding(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
