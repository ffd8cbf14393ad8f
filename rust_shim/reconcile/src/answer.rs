//! Answers of a peer to requests, which change nothing (R9.5, R9.6).

use crate::body::{Announcement, Document, Mode, Reply, Request};
use crate::error::{Class, Rejection, Result};
use crate::hash::hex;
use crate::policy::Table;
use crate::state::State;

/// A replica, or a connection to one, that answers requests.
pub trait Peer {
    /// Answers a request with the messages of a reply, or with a rejection of the step of the asker.
    fn answer(&self, request: &[u8]) -> Result<Vec<Vec<u8>>>;
}

/// Answers a request from a state (R9.5, R9.6).
pub(crate) fn answer(state: &State, table: &Table, request: &[u8]) -> Result<Vec<Vec<u8>>> {
    let schema = state.local.schema;
    let request = Request::read(request, schema)?;
    let own = table.id();
    if request.table != own {
        return Err(Rejection::new(Class::OtherTable)
            .path("table")
            .expected(hex(&own))
            .got(hex(&request.table))
            .hint("give all replicas one table"));
    }
    if request.mode == Mode::Whole {
        return Ok(vec![Document::write(state)]);
    }
    let announcement = (request.round == 0).then(|| Announcement::of(state));
    let is_equal = announcement
        .as_ref()
        .map(|announcement| announcement.digest)
        == request.digest;
    let paths = if request.round == 0 && is_equal {
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
