//! The walk over the digest tree of a peer: only nodes that differ are fetched, from the root down (R9.7, R9.9).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::body::{Announcement, Content, Head, Mode, Node, Request};
use crate::checks;
use crate::entry::{Entry, Key};
use crate::error::Result;
use crate::hash::Digest;
use crate::incoming::{FetchError, Fetched, Incoming, Receiver};
use crate::limits::{self, MAX_PATHS};
use crate::slot::Slot;
use crate::state;
use crate::tree::{Tree, branch_hash, leaf_hash};
use crate::wire::{Wire, lost};

/// A node that is asked for, and the hash that its parent announced for it.
struct Asked {
    path: Vec<u8>,
    hash: Digest,
}

/// Fetches the part of a peer by a walk over its tree (R9.3).
pub(crate) fn walk(receiver: Receiver<'_>, wire: &mut Wire<'_>) -> Fetched<Incoming> {
    let schema = receiver.state.local.schema;
    let mut request = Request {
        table: receiver.table.id(),
        mode: Mode::Walk,
        round: 0,
        paths: vec![Vec::new()],
        digest: Some(receiver.state.shared.digest()),
    };
    let mut received = fetch_root(receiver, &request, wire)?;
    let mut asked = received.differing_children(&request.paths);
    while !asked.is_empty() {
        request.round += 1;
        request.digest = None;
        request.paths = asked.iter().map(|node| node.path.clone()).collect();
        let nodes = wire
            .ask_nodes(&request, schema)
            .map_err(FetchError::Message)?
            .into_iter()
            .flat_map(|part| part.nodes)
            .collect();
        received.take(nodes, &asked).map_err(FetchError::Check)?;
        asked = received.differing_children(&request.paths);
        limits::check(MAX_PATHS, asked.len(), || "paths".into()).map_err(FetchError::Check)?;
    }
    received.finish(receiver).map_err(FetchError::Check)
}

/// Fetches the announcement of the peer and the root of its tree, in round 0 (R9.9).
fn fetch_root<'a>(
    receiver: Receiver<'a>,
    request: &Request,
    wire: &mut Wire<'_>,
) -> Fetched<Received<'a>> {
    let mut parts = wire
        .ask_nodes(request, receiver.state.local.schema)
        .map_err(FetchError::Message)?;
    let first = parts.first_mut().and_then(|part| part.announcement.take());
    let Announcement { head, digest } = first.ok_or_else(|| FetchError::Message(lost()))?;
    let announced = wire.announced(digest);
    check_head(receiver, &head).map_err(FetchError::Check)?;
    let mut received = Received {
        own: &receiver.state.shared.tree,
        head,
        announced,
        nodes: BTreeMap::new(),
        empty: Vec::new(),
    };
    let root = parts.into_iter().flat_map(|part| part.nodes).next();
    received.take_root(root).map_err(FetchError::Check)?;
    Ok(received)
}

/// The checks between round 0 and the next round (R9.9).
fn check_head(receiver: Receiver<'_>, head: &Head) -> Result<()> {
    checks::head(head, receiver.table, receiver.now)?;
    checks::own_writes(head, &receiver.state.local, &receiver.state.shared.vector)
}

/// The nodes that were received of the tree of the peer. The tree of the asker has all other nodes.
struct Received<'a> {
    own: &'a Tree,
    head: Head,
    announced: Digest,
    nodes: BTreeMap<Vec<u8>, Part>,
    /// Prefixes below which the peer has no key.
    empty: Vec<Vec<u8>>,
}

enum Part {
    Branch(Box<[Digest; 16]>),
    Leaf(Vec<Arc<Slot>>),
}

impl Part {
    fn new(content: Content) -> Self {
        let slot = |(key, entries)| Arc::new(Slot::new(key, entries));
        match content {
            Content::Branch(children) => Self::Branch(children),
            Content::Leaf(keys) => Self::Leaf(keys.into_iter().map(slot).collect()),
        }
    }

    fn hash(&self) -> Digest {
        match self {
            Self::Branch(children) => branch_hash(children),
            Self::Leaf(slots) => leaf_hash(slots),
        }
    }
}

impl Received<'_> {
    /// Adds the root. A reply without a root says that the tree of the peer is that of the asker (R9.8, R9.9).
    fn take_root(&mut self, root: Option<Node>) -> Result<()> {
        if let Some(root) = root {
            self.nodes.insert(root.path, Part::new(root.content));
        }
        checks::digest(&self.announced, &self.computed())
    }

    /// Adds the nodes of a round, which are those that were asked for (R9.9).
    fn take(&mut self, nodes: Vec<Node>, asked: &[Asked]) -> Result<()> {
        let mut is_announced = true;
        for (node, asked) in nodes.into_iter().zip(asked) {
            let part = Part::new(node.content);
            is_announced &= part.hash() == asked.hash;
            self.nodes.insert(node.path, part);
        }
        if is_announced {
            Ok(())
        } else {
            checks::digest(&self.announced, &self.computed())
        }
    }

    /// The children of some nodes that are not empty and differ from the own nodes of the asker (R9.7).
    fn differing_children(&mut self, paths: &[Vec<u8>]) -> Vec<Asked> {
        let empty = leaf_hash(&[]);
        let mut differing = Vec::new();
        for path in paths {
            let Some(Part::Branch(children)) = self.nodes.get(path) else {
                continue;
            };
            for (half, &hash) in children.iter().enumerate() {
                let path = child(path, half);
                if hash == self.own.hash(&path) {
                    continue;
                }
                if hash == empty {
                    self.empty.push(path);
                } else {
                    differing.push(Asked { path, hash });
                }
            }
        }
        differing
    }

    /// The state digest of the received nodes, with the own nodes of the asker for those that were not received.
    fn computed(&self) -> Digest {
        state::digest(
            &self.hash(&[]).unwrap_or_else(|| self.own.root()),
            &self.head.vector,
            &self.head.watermark,
        )
    }

    fn hash(&self, path: &[u8]) -> Option<Digest> {
        match self.nodes.get(path)? {
            Part::Branch(children) => {
                let mut children = **children;
                for (half, hash) in children.iter_mut().enumerate() {
                    *hash = self.hash(&child(path, half)).unwrap_or(*hash);
                }
                Some(branch_hash(&children))
            }
            leaf => Some(leaf.hash()),
        }
    }

    /// Builds the tree of the peer from the tree of the asker, and checks the received keys (R9.9).
    fn finish(mut self, receiver: Receiver<'_>) -> Result<Incoming> {
        // A key at a place where its path does not lead belongs to no tree, so the digest will differ (R6.4).
        for (path, part) in &mut self.nodes {
            if let Part::Leaf(slots) = part {
                slots.retain(|slot| slot.is_under(path));
            }
        }
        let mut tree = self.own.clone();
        self.empty.iter().for_each(|path| tree.replace(path, &[]));
        let mut keys: BTreeMap<&Key, &[Entry]> = BTreeMap::new();
        for (path, part) in &self.nodes {
            let Part::Leaf(slots) = part else { continue };
            tree.replace(path, slots);
            keys.extend(slots.iter().map(|slot| (slot.key(), slot.entries())));
        }
        // Nodes with the announced hashes can still form a tree that no replica has.
        let head = self.head;
        let computed = state::digest(&tree.root(), &head.vector, &head.watermark);
        checks::digest(&self.announced, &computed)?;
        checks::entries(
            &head,
            receiver.table,
            keys.iter().map(|(&key, &entries)| (key, entries)),
        )?;
        Ok(Incoming { head, tree })
    }
}

fn child(path: &[u8], half: usize) -> Vec<u8> {
    [path, &[half as u8]].concat()
}
