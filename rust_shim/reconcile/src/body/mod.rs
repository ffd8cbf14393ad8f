//! The layouts of messages: documents, requests, replies and records (R7.1 to R7.4, R8.5, R9.5, R9.6).
//!
//! This module checks that a message is well-formed. It does not know what a replica does with it.

mod document;
mod entries;
mod head;
mod header;
mod record;
mod reply;
mod request;

pub(crate) use document::Document;
pub(crate) use head::{Announcement, Head};
pub(crate) use record::Record;
pub(crate) use reply::{Content, Node, Reply};
pub(crate) use request::{Mode, Request};
