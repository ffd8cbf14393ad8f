//! The asker's side of a reconcile: a peer's part, fetched by either algorithm (R9.1 to R9.3, R9.8).

use crate::answer::Peer;
use crate::audit::{Algorithm, Cost};
use crate::body::{Document, Mode, Reply, Request};
use crate::checks;
use crate::error::{Class, Rejection, Result};
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

/// Fetches a peer's part; also says what that cost, as far as it came.
pub(crate) fn pull(
    algorithm: Algorithm,
    asker: Asker<'_>,
    peer: &impl Peer,
    hooks: &mut dyn Hooks,
) -> (Result<Verdict>, Cost) {
    let mut wire = Wire {
        peer,
        hooks,
        cost: Cost::default(),
    };
    let pulled = match algorithm {
        Algorithm::V1 => whole(asker, &mut wire),
        Algorithm::V2 => walk::walk(asker, &mut wire),
    };
    (pulled, wire.cost)
}

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
    document.announcement.digest = wire.hooks.announced(document.announcement.digest);
    Ok(check(asker, document))
}

/// Checks a document, from the first to the ninth (R7.5).
pub(crate) fn check(asker: Asker<'_>, document: Document) -> Verdict {
    let Document { announcement, keys } = document;
    let (head, local) = (announcement.head, &asker.state.local);
    checks::head(&head, asker.table, asker.now)?;
    checks::entries(
        &head,
        asker.table,
        keys.iter().map(|(key, entries)| (key, entries.as_slice())),
    )?;
    checks::own_writes(&head, local, &asker.state.shared.vector)?;
    let tree: Tree = keys.into_iter().collect();
    let computed = state::digest(&tree.root(), &head.vector, &head.watermark);
    checks::digest(&announcement.digest, &computed)?;
    Ok(Incoming { head, tree })
}

/// The way to a peer and back, with what may befall messages on it.
pub(crate) struct Wire<'a> {
    peer: &'a dyn Peer,
    pub hooks: &'a mut dyn Hooks,
    cost: Cost,
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

    /// Asks for nodes; gives the parts of the reply in order, each read once.
    pub fn ask_nodes(&mut self, request: &Request, schema: Schema) -> Result<Vec<Reply>> {
        let parts = Reply::parts(request.paths.len());
        let mut arrived: Vec<Option<Reply>> = (0..parts).map(|_| None).collect();
        for message in self.ask(&request.write(schema))? {
            let reply = Reply::read(&message, schema)?;
            let is_asked = reply.round == request.round
                && reply.parts == parts
                && answers(&reply, &request.paths);
            let place = arrived
                .get_mut(reply.part as usize)
                .filter(|place| place.is_none());
            if let Some(place) = place.filter(|_| is_asked) {
                *place = Some(reply);
            }
        }
        arrived
            .into_iter()
            .map(|part| part.ok_or_else(lost))
            .collect()
    }
}

/// Whether a part has the nodes that its place in the reply promises, or none where the peer's digest is ours.
fn answers(reply: &Reply, paths: &[Vec<u8>]) -> bool {
    let asked = Reply::paths_of(reply.part, paths);
    reply.round == 0 && reply.nodes.is_empty()
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
