//! The queries of a replica, which change nothing.

use super::Replica;
use crate::argument;
use crate::audit::AuditRecord;
use crate::body::Document;
use crate::entry::{Key, Value};
use crate::error::Result;
use crate::hash::Digest;
use crate::hooks::Hooks;
use crate::keys::{self, Visible};
use crate::state::Snapshot;
use crate::storage::Storage;

const MAX_PREFIX: usize = 64;
const MAX_SCAN: u64 = 64;

/// The digest of a state, and the hashes of the first level of its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// The digest of the shared part.
    pub state: Digest,
    /// The hashes of the sixteen children of the root.
    pub children: [Digest; 16],
}

/// The comparison of a state with the digests of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Whether the shared parts are equal.
    pub equal: bool,
    /// The indices of the children that differ, ascending.
    pub children: Vec<u8>,
}

impl<S: Storage, H: Hooks> Replica<S, H> {
    /// The visible values of a key, and their label (R4.5).
    pub fn get(&self, key: &[u8]) -> Result<Visible> {
        keys::get(&self.state, &self.table, &Key::new(key)?)
    }

    /// The first keys that have a prefix and visible values, with these values; at most 1 to 64 keys.
    pub fn scan(&self, prefix: &[u8], limit: u64) -> Result<Vec<(Key, Vec<Value>)>> {
        argument::length("prefix", prefix.len(), 0, MAX_PREFIX)?;
        argument::range("limit", limit, 1, MAX_SCAN)?;
        Ok(keys::scan(
            &self.state.shared,
            &self.table,
            prefix,
            limit as usize,
        ))
    }

    /// The digests of the shared part.
    pub fn digest(&self) -> Digests {
        Digests {
            state: self.state.shared.digest(),
            children: self.state.shared.tree.children(),
        }
    }

    /// Compares the shared part with the digests of another one (R4.8).
    pub fn diff(&self, other: &Digests) -> Diff {
        let own = self.digest();
        let children = (0..16)
            .filter(|&half| own.children[usize::from(half)] != other.children[usize::from(half)]);
        Diff {
            equal: own.state == other.state,
            children: children.collect(),
        }
    }

    /// Makes a snapshot of the shared part (R7.7).
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            writer: self.state.local.writer,
            shared: self.state.shared.clone(),
        }
    }

    /// Writes the document of the shared part, at the schema of the replica (R7.6).
    pub fn export(&self) -> Vec<u8> {
        Document::write(&self.state)
    }

    /// The last 64 reconciles and imports since the replica was opened, oldest first.
    pub fn audit(&self) -> impl ExactSizeIterator<Item = &AuditRecord> {
        self.audit.iter()
    }
}
