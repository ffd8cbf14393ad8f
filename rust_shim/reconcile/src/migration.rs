//! Migrations: a chain that only grows, each link hashed onto the one before (R10.3 to R10.5).

use crate::hash::{Digest, Hasher};
use crate::schema::Schema;

/// The lengths that a rationale may have, in bytes.
pub(crate) const RATIONALE_LENGTHS: (usize, usize) = (1, 128);
/// The lengths that an approver may have, in bytes.
pub(crate) const APPROVER_LENGTHS: (usize, usize) = (1, 32);

/// A step from a schema to its neighbour (R10.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The schema before.
    pub from: Schema,
    /// The schema after.
    pub to: Schema,
    /// Why: 1 to 128 bytes.
    pub rationale: String,
    /// Who agreed: 1 to 32 bytes.
    pub approver: String,
    /// The schema to which migrating takes it back.
    pub rollback: Schema,
    /// The hash of this migration and of all before.
    pub head: Digest,
}

impl Migration {
    pub(crate) fn new(
        chain: &[Self],
        from: Schema,
        to: Schema,
        rationale: &str,
        approver: &str,
    ) -> Self {
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

    /// The head that this migration has after a chain (R10.4).
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

    /// Whether this migration goes on from a chain that began at a schema (R10.5).
    pub(crate) fn continues(&self, chain: &[Self], first: Schema) -> bool {
        self.from == schema_after(chain, first)
            && self.rollback == self.from
            && self.head == self.head_after(chain)
    }
}

/// The schema to which a chain leads that began at a schema.
pub(crate) fn schema_after(chain: &[Migration], first: Schema) -> Schema {
    chain.last().map_or(first, |last| last.to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R10.4, R10.5: a link continues the chain that it was made for, and no other.
    #[test]
    fn r10_5_a_changed_link_is_found() {
        let first = Migration::new(&[], Schema::One, Schema::Two, "r", "a");
        let chain = [first.clone()];
        let second = Migration::new(&chain, Schema::Two, Schema::Three, "r", "a");
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
