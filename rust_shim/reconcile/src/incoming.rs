//! Incoming parts: the shared part of another replica, checked against the replica that receives it.

use crate::body::{Document, Head};
use crate::checks;
use crate::error::{Rejection, Result};
use crate::policy::Table;
use crate::state::{self, State};
use crate::tree::Tree;

/// The replica that receives a part, and the time of its step.
#[derive(Clone, Copy)]
pub(crate) struct Receiver<'a> {
    pub state: &'a State,
    pub table: &'a Table,
    pub now: u64,
}

/// The shared part of another replica. Everything is checked except conflicts of dots.
pub(crate) struct Incoming {
    pub head: Head,
    pub tree: Tree,
}

impl Incoming {
    /// Checks a document, except for conflicts of dots (R7.5).
    pub fn from_document(document: Document, receiver: Receiver<'_>) -> Result<Self> {
        let Document { announcement, keys } = document;
        let (head, local) = (announcement.head, &receiver.state.local);
        checks::head(&head, receiver.table, receiver.now)?;
        checks::own_writes(&head, local, &receiver.state.shared.vector)?;
        let tree: Tree = keys.into_iter().collect();
        let computed = state::digest(&tree.root(), &head.vector, &head.watermark);
        checks::digest(&announcement.digest, &computed)?;
        let slots = tree.slots();
        checks::entries(
            &head,
            receiver.table,
            slots.iter().map(|slot| (slot.key(), slot.entries())),
        )?;
        Ok(Self { head, tree })
    }
}

/// Why the part of a peer could not be fetched.
#[derive(Debug)]
pub(crate) enum FetchError {
    /// A message was lost, malformed, or answered by a rejection. The step has reached no stage.
    Message(Rejection),
    /// A check rejected the part. The step has read all messages, so it first reaches *received* (R9.9).
    Check(Rejection),
}

impl From<FetchError> for Rejection {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Message(rejection) | FetchError::Check(rejection) => rejection,
        }
    }
}

/// The result of fetching something from a peer.
pub(crate) type Fetched<T> = std::result::Result<T, FetchError>;
