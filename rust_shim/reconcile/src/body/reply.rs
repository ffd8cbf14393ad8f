//! Replies of a walk: the nodes that a request asks for, in parts (R9.6).

use std::collections::BTreeMap;

use crate::cbor::{Reader, Writer};
use crate::entry::{Entry, Key};
use crate::error::Result;
use crate::hash::Digest;
use crate::schema::Schema;
use crate::tree::{LEAF_KEYS, PATH_LENGTH, View};

use super::head::{Announcement, Draft, Head};
use super::request::{LAST_ROUND, read_path};
use super::{entries, header};

/// The maximum number of nodes of a part.
const PART_NODES: usize = 16;
/// The maximum number of parts: a request asks for at most 2^20 paths.
const MAX_PARTS: u64 = 1 << 16;
/// The number of levels by which an entry is deeper in a reply than in a document (R2.3).
const EXTRA_LEVELS: usize = 2;

/// The content of a node.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Branch(Box<[Digest; 16]>),
    Leaf(BTreeMap<Key, Vec<Entry>>),
}

/// A node of the tree of the peer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub path: Vec<u8>,
    pub content: Content,
}

/// One part of a reply.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub announcement: Option<Announcement>,
    pub round: u64,
    pub part: u64,
    pub parts: u64,
    pub nodes: Vec<Node>,
}

impl Reply {
    /// The number of parts of a reply to a number of paths.
    pub fn parts(paths: usize) -> u64 {
        paths.div_ceil(PART_NODES).max(1) as u64
    }

    /// The paths, of all requested ones, that a part answers.
    pub fn paths_of(part: u64, paths: &[Vec<u8>]) -> &[Vec<u8>] {
        paths
            .chunks(PART_NODES)
            .nth(part as usize)
            .unwrap_or_default()
    }

    /// Writes all parts of a reply (R9.6).
    pub fn write(
        announcement: Option<&Announcement>,
        round: u64,
        nodes: &[(Vec<u8>, View)],
        schema: Schema,
    ) -> Vec<Vec<u8>> {
        let parts = Self::parts(nodes.len());
        let part_of = |part: u64| {
            nodes
                .chunks(PART_NODES)
                .nth(part as usize)
                .unwrap_or_default()
        };
        (0..parts)
            .map(|part| {
                let announcement = announcement.filter(|_| part == 0);
                let mut writer = header::begin(header::Kind::Reply, schema);
                writer.map(4 + announcement.map_or(0, |_| Head::FIELDS + 1));
                if let Some(announcement) = announcement {
                    announcement.head.write(&mut writer);
                    writer.uint(5u8);
                    writer.bytes(&announcement.digest);
                }
                for (field, number) in [(6u8, round), (7, part), (8, parts)] {
                    writer.uint(field);
                    writer.uint(number);
                }
                writer.uint(9u8);
                writer.array(part_of(part).len());
                part_of(part)
                    .iter()
                    .for_each(|(path, view)| write_node(&mut writer, path, view, schema));
                writer.into_bytes()
            })
            .collect()
    }

    /// Reads a part for an asker at a schema (R9.6).
    pub fn read(message: &[u8], schema: Schema) -> Result<Self> {
        let (mut reader, written_at) =
            header::check(message, header::Kind::Reply, schema.accepted())?;
        let (mut head, mut digest, mut first_of_head) = (Draft::default(), None, None);
        let (mut round, mut part, mut parts, mut nodes) = (None, None, None, None);
        let map = reader.fields(u64::MAX, |reader, field| {
            match field {
                6 => round = Some(reader.uint(0, LAST_ROUND)?),
                7 => part = Some(reader.uint(0, MAX_PARTS - 1)?),
                8 => parts = Some(reader.uint(1, MAX_PARTS)?),
                9 => {
                    let element = |reader: &mut Reader<'_>| read_node(reader, written_at);
                    let order = |a: &Node, b: &Node| a.path.cmp(&b.path);
                    nodes = Some(reader.ascending(0, PART_NODES as u64, element, order)?);
                }
                _ => {
                    // The encoding of such a field is the one byte before its content.
                    first_of_head.get_or_insert((reader.offset() - 1, field));
                    if field != 5 {
                        return head.read(reader, field);
                    }
                    digest = Some(reader.exactly()?);
                }
            }
            Ok(true)
        })?;
        let missing = |field| reader.place(map).missing_field(field);
        let is_first = (round, part) == (Some(0), Some(0));
        let announcement = match is_first {
            false => None,
            true => {
                let head = head.finish(&reader, map)?;
                let digest = digest.ok_or_else(|| missing(5))?;
                Some(Announcement { head, digest })
            }
        };
        let reply = Self {
            announcement,
            round: round.ok_or_else(|| missing(6))?,
            part: part.ok_or_else(|| missing(7))?,
            parts: parts.ok_or_else(|| missing(8))?,
            nodes: nodes.ok_or_else(|| missing(9))?,
        };
        if let Some((offset, field)) = first_of_head.filter(|_| !is_first) {
            return Err(reader.place(offset).unknown_field(field));
        }
        reader.finish()?;
        Ok(reply)
    }
}

fn write_node(writer: &mut Writer, path: &[u8], view: &View, schema: Schema) {
    writer.array(3);
    writer.bytes(path);
    match view {
        View::Branch(children) => {
            writer.uint(0u8);
            writer.array(children.len());
            children.iter().for_each(|child| writer.bytes(child));
        }
        View::Leaf(slots) => {
            writer.uint(1u8);
            let keys = slots.iter().map(|slot| (slot.key(), slot.entries()));
            entries::write_keys(writer, keys, schema);
        }
    }
}

fn read_node(reader: &mut Reader<'_>, schema: Schema) -> Result<Node> {
    let (mut path, mut is_leaf, mut content) = (Vec::new(), false, Content::Leaf(BTreeMap::new()));
    reader.array(3, 3, |reader, index| {
        match index {
            0 => path = read_path(reader)?,
            1 => {
                // A path of full length belongs to one key, and has no nodes below it.
                let min = u64::from(path.len() == PATH_LENGTH);
                is_leaf = reader.uint(min, 1)? == 1;
            }
            _ if is_leaf => {
                let keys = reader.with_levels(EXTRA_LEVELS, |reader| {
                    entries::read_keys(reader, LEAF_KEYS as u64, 1, schema)
                })?;
                content = Content::Leaf(keys);
            }
            _ => {
                let mut children = Box::new([[0; 32]; 16]);
                reader.array(16, 16, |reader, half| {
                    children[half as usize] = reader.exactly()?;
                    Ok(())
                })?;
                content = Content::Branch(children);
            }
        }
        Ok(())
    })?;
    Ok(Node { path, content })
}
