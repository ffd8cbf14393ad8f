//! Members and conflict policies, which are the same for all replicas of a store (R1.1, R5.1).

use crate::argument;
use crate::entry::Entry;
use crate::error::{Class, Rejection, Result};
use crate::hash::{Hasher, hex};
use crate::origin::Writer;

const MAX_MEMBERS: usize = 16;
const MAX_PREFIXES: usize = 16;
const MAX_PREFIX: usize = 64;

/// How conflicts between concurrent entries of one key are resolved (R5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// The last writer wins.
    Last,
    /// All entries are kept.
    Multi,
    /// All entries are kept, and the greatest number is read.
    Counter,
}

impl Policy {
    /// The name of the policy.
    pub fn name(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Multi => "multi",
            Self::Counter => "counter",
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Last => 0,
            Self::Multi => 1,
            Self::Counter => 2,
        }
    }

    /// Reduces the entries of a key to those that the policy keeps (R5.4).
    pub(crate) fn normalise(self, entries: &mut Vec<Entry>) {
        if self == Self::Last {
            let last = entries
                .iter()
                .max_by(|a, b| a.rank().cmp(&b.rank()))
                .cloned();
            *entries = last.into_iter().collect();
        }
    }
}

/// The members and the policies of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    members: Vec<Writer>,
    policies: Vec<(Vec<u8>, Policy)>,
}

impl Table {
    /// Makes a table of 1 to 16 distinct members and 0 to 16 distinct prefixes of 0 to 64 bytes (R1.1, R5.1).
    /// Anything else is rejected as `malformed`.
    pub fn new(
        members: impl IntoIterator<Item = Writer>,
        policies: impl IntoIterator<Item = (Vec<u8>, Policy)>,
    ) -> Result<Self> {
        let mut members: Vec<Writer> = members.into_iter().collect();
        members.sort_unstable();
        argument::length("members", members.len(), 1, MAX_MEMBERS)?;
        if let Some(twice) = members.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(not_distinct("members", twice[0].as_bytes()));
        }
        let mut policies: Vec<(Vec<u8>, Policy)> = policies.into_iter().collect();
        policies.sort_by(|a, b| a.0.cmp(&b.0));
        argument::length("policies", policies.len(), 0, MAX_PREFIXES)?;
        for (prefix, _) in &policies {
            argument::length("prefix", prefix.len(), 0, MAX_PREFIX)?;
        }
        if let Some(twice) = policies.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(not_distinct("policies", &twice[0].0));
        }
        Ok(Self { members, policies })
    }

    /// The members, ascending.
    pub fn members(&self) -> &[Writer] {
        &self.members
    }

    /// Whether the writer is a member.
    pub fn has_member(&self, writer: &Writer) -> bool {
        self.members.binary_search(writer).is_ok()
    }

    /// The policy of the longest prefix of the key, or [`Policy::Last`] if the key has none (R5.1).
    pub fn policy(&self, key: &[u8]) -> Policy {
        let prefixes = self
            .policies
            .iter()
            .filter(|(prefix, _)| key.starts_with(prefix));
        prefixes
            .max_by_key(|(prefix, _)| prefix.len())
            .map_or(Policy::Last, |(_, policy)| *policy)
    }

    /// The identifier of the table. A peer with another table rejects the requests that carry it (R9.5).
    pub fn id(&self) -> [u8; 8] {
        let mut hasher = Hasher::new("reconcile/table").u32(self.policies.len());
        for (prefix, policy) in &self.policies {
            hasher = hasher.prefixed(prefix).u8(policy.code());
        }
        hasher = hasher.u32(self.members.len());
        for member in &self.members {
            hasher = hasher.prefixed(member.as_bytes());
        }
        let mut id = [0; 8];
        id.copy_from_slice(&hasher.finish()[..8]);
        id
    }
}

fn not_distinct(path: &str, twice: &[u8]) -> Rejection {
    Rejection::new(Class::Malformed)
        .path(path)
        .expected("distinct items")
        .got(format!("{} twice", hex(twice)))
        .hint("write each once")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(policies: &[(&[u8], Policy)]) -> Table {
        let policies = policies
            .iter()
            .map(|(prefix, policy)| (prefix.to_vec(), *policy));
        Table::new([Writer::from_valid(b"a")], policies).expect("a table")
    }

    /// R5.1: the longest prefix decides; a key without a prefix has the policy `last`.
    #[test]
    fn r5_1_longest_prefix() {
        let table = table(&[
            (b"m", Policy::Multi),
            (b"mc", Policy::Counter),
            (b"mcl", Policy::Last),
        ]);

        assert_eq!(table.policy(b"k"), Policy::Last);
        assert_eq!(table.policy(b"m"), Policy::Multi);
        assert_eq!(table.policy(b"mcx"), Policy::Counter);
        assert_eq!(table.policy(b"mcl"), Policy::Last);
    }

    /// R1.1, R5.1: members and prefixes are distinct and bounded.
    #[test]
    fn r5_1_bounds() {
        let a = Writer::from_valid(b"a");
        let members = |count: u8| (0..count).map(|name| Writer::from_valid(&[name]));

        assert!(Table::new([a, a], []).is_err());
        assert!(Table::new([], []).is_err());
        assert!(Table::new(members(16), []).is_ok());
        assert!(Table::new(members(17), []).is_err());
        assert!(Table::new([a], [(vec![], Policy::Last), (vec![], Policy::Multi)]).is_err());
        assert!(Table::new([a], [(vec![0; 65], Policy::Last)]).is_err());
        assert!(Table::new([a], (0..17).map(|prefix| (vec![prefix], Policy::Last))).is_err());
    }

    /// R9.5: the identifier depends on policies and members, and not on their order.
    #[test]
    fn r9_5_table_id() {
        let (m, c) = ((&b"m"[..], Policy::Multi), (&b"c"[..], Policy::Counter));

        assert_eq!(table(&[m, c]).id(), table(&[c, m]).id());
        assert_ne!(table(&[m, c]).id(), table(&[m]).id());
        assert_ne!(table(&[m]).id(), table(&[(b"m", Policy::Counter)]).id());
    }
}
