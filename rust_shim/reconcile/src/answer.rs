//! The peer's side of a reconcile: messages that are answered, and change nothing (R9.5, R9.6).

use crate::body::{Announcement, Document, Mode, Reply, Request};
use crate::error::{Class, Rejection, Result};
use crate::hash::hex;
use crate::policy::Table;
use crate::state::State;

/// Someone who answers requests.
pub trait Peer {
    /// Reads a request and gives the messages of its reply, or the rejection of the asker's step.
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>>;
}

/// Answers a request from a state (R9.5, R9.6).
pub(crate) fn answer(state: &State, table: &Table, request: &[u8]) -> Result<Vec<Vec<u8>>> {
    let schema = state.local.schema;
    let request = Request::read(request, schema)?;
    let own = table.id();
    if request.table != own {
        let (expected, got, hint) = (
            hex(&own),
            hex(&request.table),
            "give all replicas one table",
        );
        return Err(Rejection::new(
            Class::OtherTable,
            "table",
            expected,
            got,
            hint,
        ));
    }
    if request.mode == Mode::Whole {
        return Ok(vec![Document::write(state)]);
    }
    let announcement = (request.round == 0).then(|| Announcement::of(state));
    let is_known = announcement
        .as_ref()
        .map(|announcement| announcement.digest)
        == request.digest;
    let paths = if request.round == 0 && is_known {
        Vec::new()
    } else {
        request.paths
    };
    let nodes: Vec<_> = paths
        .into_iter()
        .map(|path| {
            let view = state.shared.tree.view(&path);
            (path, view)
        })
        .collect();
    Ok(Reply::write(
        announcement.as_ref(),
        request.round,
        &nodes,
        schema,
    ))
}
