//! Migrations: a chain to which links are only appended; each link contains the hash of the one before
//! (R10.3 to R10.5).

use crate::hash::{Digest, Hasher};
use crate::schema::Schema;

/// The minimum and the maximum length of a rationale, in bytes.
pub(crate) const RATIONALE_LENGTHS: (usize, usize) = (1, 128);
/// The minimum and the maximum length of an approver, in bytes.
pub(crate) const APPROVER_LENGTHS: (usize, usize) = (1, 32);

/// A step from a schema to a neighbour (R10.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The schema before.
    pub from: Schema,
    /// The schema after.
    pub to: Schema,
    /// The reason: 1 to 128 bytes.
    pub rationale: String,
    /// The person who approved it: 1 to 32 bytes.
    pub approver: String,
    /// The schema to which a rollback of this migration leads.
    pub rollback: Schema,
    /// The hash of this migration and of all before it.
    pub head: Digest,
}

/// What a migration says, before it has a place in a chain.
#[derive(Clone, Copy)]
pub(crate) struct Proposal<'a> {
    pub from: Schema,
    pub to: Schema,
    pub rationale: &'a str,
    pub approver: &'a str,
}

impl Migration {
    /// Makes the next link of a chain.
    pub(crate) fn new(chain: &[Self], proposal: Proposal<'_>) -> Self {
        let Proposal {
            from,
            to,
            rationale,
            approver,
        } = proposal;
        let mut migration = Self {
            from,
            to,
            rationale: rationale.to_owned(),
            approver: approver.to_owned(),
            rollback: from,
            head: [0; 32],
        };
        migration.head = migration.head_after(chain);
        migration
    }

    /// The head of this migration if it follows a chain (R10.4).
    fn head_after(&self, chain: &[Self]) -> Digest {
        Hasher::new("reconcile/migration")
            .raw(&chain.last().map_or([0; 32], |last| last.head))
            .u8(self.from.number())
            .u8(self.to.number())
            .prefixed(self.rationale.as_bytes())
            .prefixed(self.approver.as_bytes())
            .u8(self.rollback.number())
            .finish()
    }

    /// Whether this migration continues a chain that begins at a schema (R10.5).
    pub(crate) fn continues(&self, chain: &[Self], first: Schema) -> bool {
        self.from == schema_after(chain, first)
            && self.rollback == self.from
            && self.head == self.head_after(chain)
    }
}

/// The schema at the end of a chain that begins at a schema.
pub(crate) fn schema_after(chain: &[Migration], first: Schema) -> Schema {
    chain.last().map_or(first, |last| last.to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R10.4, R10.5: a link continues only the chain that it was made for.
    #[test]
    fn r10_5_changed_links_are_detected() {
        let one_to_two = Proposal {
            from: Schema::One,
            to: Schema::Two,
            rationale: "r",
            approver: "a",
        };
        let two_to_three = Proposal {
            from: Schema::Two,
            to: Schema::Three,
            ..one_to_two
        };
        let first = Migration::new(&[], one_to_two);
        let chain = [first.clone()];
        let second = Migration::new(&chain, two_to_three);
        let changed = |change: fn(&mut Migration)| {
            let mut migration = second.clone();
            change(&mut migration);
            migration.continues(&chain, Schema::One)
        };

        assert!(first.continues(&[], Schema::One));
        assert!(!first.continues(&[], Schema::Two));
        assert!(changed(|_| {}));
        assert!(!changed(|migration| migration.rationale.push('x')));
        assert!(!changed(|migration| migration.approver.push('x')));
        assert!(!changed(|migration| migration.to = Schema::One));
        assert!(!changed(|migration| migration.from = Schema::One));
        assert!(!changed(|migration| migration.rollback = Schema::One));
        assert!(!changed(|migration| migration.head[31] ^= 1));
        assert!(!second.continues(&[], Schema::Two));
    }
}
