//! The wire between an asker and a peer: it carries messages, counts their cost, and applies the hooks.

use crate::answer::Peer;
use crate::audit::Cost;
use crate::body::{Reply, Request};
use crate::error::{Rejection, Result};
use crate::hash::Digest;
use crate::hooks::Hooks;
use crate::schema::Schema;

/// The messages to a peer and back, with injected faults (R8.7) and their cost (R9.10).
pub(crate) struct Wire<'a> {
    peer: &'a dyn Peer,
    hooks: &'a mut dyn Hooks,
    cost: Cost,
    is_damaged: bool,
}

impl<'a> Wire<'a> {
    pub fn new(peer: &'a impl Peer, hooks: &'a mut dyn Hooks) -> Self {
        Self {
            peer,
            hooks,
            cost: Cost::default(),
            is_damaged: false,
        }
    }

    /// The cost of all messages so far.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Whether a hook changed the digest that the peer announced.
    pub fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    /// Sends a request; returns the messages of the reply as they arrive.
    pub fn ask(&mut self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        self.cost.add(request);
        if self.hooks.is_lost(request) {
            return Err(lost());
        }
        let replies = self.peer.answer(request)?;
        replies.iter().for_each(|reply| self.cost.add(reply));
        Ok(self.hooks.deliver(replies))
    }

    /// Asks for nodes; returns the parts of the reply in order, each read once (R9.8).
    pub fn ask_nodes(&mut self, request: &Request, schema: Schema) -> Result<Vec<Reply>> {
        let parts = Reply::parts(request.paths.len());
        let mut arrived: Vec<Option<Reply>> = (0..parts).map(|_| None).collect();
        for message in self.ask(&request.write(schema))? {
            let reply = Reply::read(&message, schema)?;
            let is_of_round = (reply.round, reply.parts) == (request.round, parts);
            if !is_of_round || !answers(&reply, &request.paths) {
                continue;
            }
            if let Some(place @ None) = arrived.get_mut(reply.part as usize) {
                *place = Some(reply);
            }
        }
        arrived
            .into_iter()
            .map(|part| part.ok_or_else(lost))
            .collect()
    }

    /// The digest that the peer announced, as the hooks deliver it.
    pub fn announced(&mut self, digest: Digest) -> Digest {
        let delivered = self.hooks.announced(digest);
        self.is_damaged |= delivered != digest;
        delivered
    }
}

/// Whether a part has the nodes of its place in the reply, or none because the peer has the same digest (R9.8).
fn answers(reply: &Reply, paths: &[Vec<u8>]) -> bool {
    let asked = Reply::paths_of(reply.part, paths);
    (reply.round, reply.part) == (0, 0) && reply.nodes.is_empty()
        || reply.nodes.iter().map(|node| &node.path).eq(asked)
}

/// The rejection of a step that lacks a message (R9.8).
pub(crate) fn lost() -> Rejection {
    Rejection::interrupted("none", "lost")
}
