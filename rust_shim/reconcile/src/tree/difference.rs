//! Differences of two trees, found without a look at what the two share.

use std::cmp::Ordering;
use std::sync::Arc;

use super::node::{Content, Node};
use crate::entry::{Entry, Key};
use crate::slot::Slot;

/// A key whose entries differ between two trees, with the entries of both.
pub(crate) struct Difference {
    before: Option<Arc<Slot>>,
    after: Option<Arc<Slot>>,
}

impl Difference {
    pub fn key(&self) -> Option<&Key> {
        self.before
            .as_ref()
            .or(self.after.as_ref())
            .map(|slot| slot.key())
    }

    pub fn before(&self) -> &[Entry] {
        self.before.as_ref().map_or(&[], |slot| slot.entries())
    }

    pub fn after(&self) -> &[Entry] {
        self.after.as_ref().map_or(&[], |slot| slot.entries())
    }
}

/// The differences below two nodes of one prefix, ascending by key.
pub(super) fn differences(before: &Arc<Node>, after: &Arc<Node>) -> Vec<Difference> {
    let mut differences = Vec::new();
    compare(before, after, &mut differences);
    differences.sort_unstable_by(|a, b| a.key().cmp(&b.key()));
    differences
}

fn compare(before: &Arc<Node>, after: &Arc<Node>, into: &mut Vec<Difference>) {
    if Arc::ptr_eq(before, after) || before.hash() == after.hash() {
        return;
    }
    match (before.content(), after.content()) {
        (
            Content::Branch {
                children: before, ..
            },
            Content::Branch {
                children: after, ..
            },
        ) => {
            for (before, after) in before.iter().zip(after) {
                compare(before, after, into);
            }
        }
        _ => compare_slots(before, after, into),
    }
}

fn compare_slots(before: &Node, after: &Node, into: &mut Vec<Difference>) {
    let (before, after) = (before.slots(), after.slots());
    let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
    loop {
        let order = match (before.peek(), after.peek()) {
            (Some(one), Some(other)) => one.key().cmp(other.key()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return,
        };
        let before = if order.is_le() { before.next() } else { None };
        let after = if order.is_ge() { after.next() } else { None };
        if before.as_ref().map(|slot| slot.hash()) != after.as_ref().map(|slot| slot.hash()) {
            into.push(Difference { before, after });
        }
    }
}
