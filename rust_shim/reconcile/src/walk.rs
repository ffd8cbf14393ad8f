//! The second algorithm: only what differs is fetched, from the root of the digest tree down (R9.7, R9.9).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::body::{Announcement, Content, Head, Mode, Node, Request};
use crate::checks;
use crate::entry::{Entry, Key};
use crate::error::Result;
use crate::hash::Digest;
use crate::limits;
use crate::merge::Incoming;
use crate::pull::{Asker, Verdict, Wire, lost};
use crate::state;
use crate::tree::{Slot, Tree, branch_hash, leaf_hash};

/// A node that was asked for, and the hash that its parent announced for it.
struct Asked {
    path: Vec<u8>,
    hash: Digest,
}

/// Fetches a peer's part by walking over its tree (R9.3).
pub(crate) fn walk(asker: Asker<'_>, wire: &mut Wire<'_>) -> Result<Verdict> {
    let own = &asker.state.shared;
    let mut request = Request {
        table: asker.table.id(),
        mode: Mode::Walk,
        round: 0,
        paths: vec![Vec::new()],
        digest: Some(own.digest()),
    };
    let schema = asker.state.local.schema;
    let mut parts = wire.ask_nodes(&request, schema)?;
    let Some(Announcement { head, digest }) =
        parts.first_mut().and_then(|part| part.announcement.take())
    else {
        return Err(lost());
    };
    let announced = wire.announced(digest);
    if let Err(rejection) = begin(asker, &head) {
        return Ok(Err(rejection));
    }
    let mut received = Received {
        own: &own.tree,
        nodes: BTreeMap::new(),
        gone: Vec::new(),
    };
    let mut nodes: Vec<Node> = parts.into_iter().flat_map(|part| part.nodes).collect();
    if let Err(rejection) = received.take_root(nodes.pop(), &head, &announced) {
        return Ok(Err(rejection));
    }
    let mut asked = received.differing_children(&[Vec::new()]);
    while !asked.is_empty() {
        request.round += 1;
        request.digest = None;
        request.paths = asked.iter().map(|node| node.path.clone()).collect();
        let nodes = wire
            .ask_nodes(&request, schema)?
            .into_iter()
            .flat_map(|part| part.nodes)
            .collect();
        if let Err(rejection) = received.take(nodes, &asked, &head, &announced) {
            return Ok(Err(rejection));
        }
        asked = received.differing_children(&request.paths);
        if let Err(rejection) = limits::paths(asked.len()) {
            return Ok(Err(rejection));
        }
    }
    Ok(received.finish(asker, head, &announced))
}

/// The checks that come before the walk goes on after round 0 (R9.9).
fn begin(asker: Asker<'_>, head: &Head) -> Result<()> {
    checks::head(head, asker.table, asker.now)?;
    checks::own_writes(head, &asker.state.local, &asker.state.shared.vector)
}

/// What has been received of the peer's tree; the asker's own tree stands for what was not asked.
struct Received<'a> {
    own: &'a Tree,
    nodes: BTreeMap<Vec<u8>, Part>,
    /// Prefixes under which the peer has nothing.
    gone: Vec<Vec<u8>>,
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
    /// Takes the root, or learns that the peer's tree is the asker's (R9.8, R9.9).
    fn take_root(&mut self, root: Option<Node>, head: &Head, announced: &Digest) -> Result<()> {
        if let Some(root) = root {
            self.nodes.insert(root.path, Part::new(root.content));
        }
        checks::digest(announced, &self.computed(head))
    }

    /// Takes the nodes of a round, each of which was asked for (R9.9).
    fn take(
        &mut self,
        nodes: Vec<Node>,
        asked: &[Asked],
        head: &Head,
        announced: &Digest,
    ) -> Result<()> {
        let mut is_announced = true;
        for (node, asked) in nodes.into_iter().zip(asked) {
            let part = Part::new(node.content);
            is_announced &= part.hash() == asked.hash;
            self.nodes.insert(node.path, part);
        }
        if is_announced {
            Ok(())
        } else {
            checks::digest(announced, &self.computed(head))
        }
    }

    /// The children of these nodes that are neither the asker's own nor empty (R9.7).
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
                    self.gone.push(path);
                } else {
                    differing.push(Asked { path, hash });
                }
            }
        }
        differing
    }

    /// The state digest of what was received, with the asker's own nodes where it did not ask.
    fn computed(&self, head: &Head) -> Digest {
        state::digest(
            &self.hash(&[]).unwrap_or_else(|| self.own.root()),
            &head.vector,
            &head.watermark,
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

    /// Builds the peer's tree from the asker's, and checks what is new in it (R9.9).
    fn finish(mut self, asker: Asker<'_>, head: Head, announced: &Digest) -> Verdict {
        // A key that stands where its path does not lead is of no tree, and leads to another digest (R6.4).
        for (path, part) in &mut self.nodes {
            if let Part::Leaf(slots) = part {
                slots.retain(|slot| slot.is_under(path));
            }
        }
        let mut tree = self.own.clone();
        self.gone.iter().for_each(|path| tree.replace(path, &[]));
        let mut keys: BTreeMap<&Key, &[Entry]> = BTreeMap::new();
        for (path, part) in &self.nodes {
            let Part::Leaf(slots) = part else { continue };
            tree.replace(path, slots);
            keys.extend(slots.iter().map(|slot| (slot.key(), slot.entries())));
        }
        // Nodes may be what was announced and yet no tree that a replica has.
        let computed = state::digest(&tree.root(), &head.vector, &head.watermark);
        checks::digest(announced, &computed)?;
        checks::entries(
            &head,
            asker.table,
            keys.iter().map(|(&key, &entries)| (key, entries)),
        )?;
        Ok(Incoming { head, tree })
    }
}

fn child(path: &[u8], half: usize) -> Vec<u8> {
    [path, &[half as u8]].concat()
}
