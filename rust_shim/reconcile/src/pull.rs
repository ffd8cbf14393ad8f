//! Pulls: the part of a peer is fetched by one of two algorithms (R9.1 to R9.3).

use crate::answer::Peer;
use crate::audit::{Algorithm, Cost};
use crate::body::{Document, Mode, Request};
use crate::error::Result;
use crate::hooks::Hooks;
use crate::incoming::{FetchError, Fetched, Incoming, Receiver};
use crate::walk;
use crate::wire::{Wire, lost};

/// The result of a pull, and its cost up to there.
pub(crate) struct Pulled {
    pub part: Fetched<Incoming>,
    pub cost: Cost,
    /// Whether a hook changed the digest that the peer announced.
    pub is_damaged: bool,
}

/// Fetches the part of a peer.
pub(crate) fn pull(
    algorithm: Algorithm,
    receiver: Receiver<'_>,
    peer: &impl Peer,
    hooks: &mut dyn Hooks,
) -> Pulled {
    let mut wire = Wire::new(peer, hooks);
    let part = match algorithm {
        Algorithm::V1 => fetch_document(receiver, &mut wire),
        Algorithm::V2 => walk::walk(receiver, &mut wire),
    };
    Pulled {
        part,
        cost: wire.cost(),
        is_damaged: wire.is_damaged(),
    }
}

/// Fetches the document of the peer (R9.2).
fn fetch_document(receiver: Receiver<'_>, wire: &mut Wire<'_>) -> Fetched<Incoming> {
    let document = ask_document(receiver, wire).map_err(FetchError::Message)?;
    Incoming::from_document(document, receiver).map_err(FetchError::Check)
}

fn ask_document(receiver: Receiver<'_>, wire: &mut Wire<'_>) -> Result<Document> {
    let request = Request {
        table: receiver.table.id(),
        mode: Mode::Whole,
        round: 0,
        paths: Vec::new(),
        digest: None,
    };
    let schema = receiver.state.local.schema;
    let replies = wire.ask(&request.write(schema))?;
    let mut document = Document::read(replies.first().ok_or_else(lost)?, schema)?;
    document.announcement.digest = wire.announced(document.announcement.digest);
    Ok(document)
}
