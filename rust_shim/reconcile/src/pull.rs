//! The asker's side of a reconcile: a peer's part, fetched by either algorithm (R9.1 to R9.3, R9.8).

use crate::answer::Peer;
use crate::audit::{Algorithm, Cost};
use crate::body::{Document, Mode, Reply, Request};
use crate::checks;
use crate::error::{Class, Rejection, Result};
use crate::hash::Digest;
use crate::hooks::Hooks;
use crate::merge::Incoming;
use crate::policy::Table;
use crate::schema::Schema;
use crate::state::{self, State};
use crate::tree::Tree;
use crate::walk;

/// What the checks say of a part that was read: they count only once all messages are.
pub(crate) type Verdict = Result<Incoming>;

/// Who asks, and when.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub state: &'a State,
    pub table: &'a Table,
    pub now: u64,
}

/// What came of asking a peer, and what it cost as far as it came.
pub(crate) struct Pulled {
    pub verdict: Result<Verdict>,
    pub cost: Cost,
    /// Whether the digest was taken for another one than the peer announced.
    pub is_damaged: bool,
}

/// Fetches a peer's part.
pub(crate) fn pull(
    algorithm: Algorithm,
    asker: Asker<'_>,
    peer: &impl Peer,
    hooks: &mut dyn Hooks,
) -> Pulled {
    let mut wire = Wire {
        peer,
        hooks,
        cost: Cost::default(),
        is_damaged: false,
    };
    let verdict = match algorithm {
        Algorithm::V1 => whole(asker, &mut wire),
        Algorithm::V2 => walk::walk(asker, &mut wire),
    };
    Pulled {
        verdict,
        cost: wire.cost,
        is_damaged: wire.is_damaged,
    }
}

/// Fetches the peer's document (R9.2).
fn whole(asker: Asker<'_>, wire: &mut Wire<'_>) -> Result<Verdict> {
    let request = Request {
        table: asker.table.id(),
        mode: Mode::Whole,
        round: 0,
        paths: Vec::new(),
        digest: None,
    };
    let schema = asker.state.local.schema;
    let replies = wire.ask(&request.write(schema))?;
    let mut document = Document::read(replies.first().ok_or_else(lost)?, schema)?;
    document.announcement.digest = wire.announced(document.announcement.digest);
    Ok(check(asker, document))
}

/// Checks a document, all but for conflicts of dots (R7.5).
pub(crate) fn check(asker: Asker<'_>, document: Document) -> Verdict {
    let Document { announcement, keys } = document;
    let (head, local) = (announcement.head, &asker.state.local);
    checks::head(&head, asker.table, asker.now)?;
    checks::own_writes(&head, local, &asker.state.shared.vector)?;
    let tree: Tree = keys.into_iter().collect();
    let computed = state::digest(&tree.root(), &head.vector, &head.watermark);
    checks::digest(&announcement.digest, &computed)?;
    let slots = tree.slots();
    checks::entries(
        &head,
        asker.table,
        slots.iter().map(|slot| (slot.key(), slot.entries())),
    )?;
    Ok(Incoming { head, tree })
}

/// The way to a peer and back, with what may befall messages on it (R8.7), and what they cost (R9.10).
pub(crate) struct Wire<'a> {
    peer: &'a dyn Peer,
    hooks: &'a mut dyn Hooks,
    cost: Cost,
    is_damaged: bool,
}

impl Wire<'_> {
    fn ask(&mut self, request: &[u8]) -> Result<Vec<Vec<u8>>> {
        self.cost.add(request);
        if self.hooks.loses(request) {
            return Err(lost());
        }
        let replies = self.peer.answer(request)?;
        replies.iter().for_each(|reply| self.cost.add(reply));
        Ok(self.hooks.arriving(replies))
    }

    /// The digest that the peer is taken to have announced.
    pub fn announced(&mut self, digest: Digest) -> Digest {
        let taken = self.hooks.announced(digest);
        self.is_damaged |= taken != digest;
        taken
    }

    /// Asks for nodes; gives the parts of the reply in order, each read once (R9.8).
    pub fn ask_nodes(&mut self, request: &Request, schema: Schema) -> Result<Vec<Reply>> {
        let parts = Reply::parts(request.paths.len());
        let mut arrived: Vec<Option<Reply>> = (0..parts).map(|_| None).collect();
        for message in self.ask(&request.write(schema))? {
            let reply = Reply::read(&message, schema)?;
            let is_ours = (reply.round, reply.parts) == (request.round, parts);
            if !is_ours || !answers(&reply, &request.paths) {
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
}

/// Whether a part has the nodes that its place in the reply promises, or none where the peer's digest is ours
/// (R9.8).
fn answers(reply: &Reply, paths: &[Vec<u8>]) -> bool {
    let asked = Reply::paths_of(reply.part, paths);
    (reply.round, reply.part) == (0, 0) && reply.nodes.is_empty()
        || reply.nodes.iter().map(|node| &node.path).eq(asked)
}

/// The rejection of a step that waits for a message in vain (R9.8).
pub(crate) fn lost() -> Rejection {
    interrupted("none", "lost")
}

/// The rejection of a step that got as far as a stage (R8.2).
pub(crate) fn interrupted(stage: &str, fault: &str) -> Rejection {
    Rejection::new(Class::Interrupted, stage, "synced", fault, "try again")
}
