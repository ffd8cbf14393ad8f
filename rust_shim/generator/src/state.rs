//! The state of a trace while it is drawn, and why a seed may give none.

use std::fmt;

use crate::plan::{Operation, Plan};

pub(crate) const TRIES: u32 = 1_000; // to draw a trace of a seed
const MOST_HANDLES: usize = 8; // of one kind, that are counted for one operation

/// A seed gives no trace: a mapping, or names that must differ, have too few values to draw from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undrawable;

impl fmt::Display for Undrawable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the plan gives no trace in {TRIES} tries")
    }
}

impl std::error::Error for Undrawable {}

/// What a trace has while it is drawn: names in play, live handles, and the instance of the step.
pub(crate) struct State {
    pub(crate) names: Vec<Vec<Vec<u8>>>, // encoded, by roster
    pub(crate) taken: Vec<Vec<usize>>,
    pub(crate) live: Vec<Vec<u64>>, // numbers of steps, by instance and kind
    pub(crate) instance: usize,
    pub(crate) pick: Option<usize>, // of the last name or value of a pool, where it is an argument
}

impl State {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            names: vec![Vec::new(); plan.rosters.len()],
            taken: vec![Vec::new(); plan.rosters.len()],
            live: vec![Vec::new(); plan.instances.len() * plan.kinds],
            instance: 0,
            pick: None,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.names.iter_mut().for_each(Vec::clear);
        self.taken.iter_mut().for_each(Vec::clear);
        self.live.iter_mut().for_each(Vec::clear);
        self.instance = 0;
    }

    pub(crate) fn write_name(&self, roster: usize, index: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.names[roster][index]);
    }

    pub(crate) fn live_handles(&mut self, kind: usize, kinds: usize) -> &mut Vec<u64> {
        &mut self.live[self.instance * kinds + kind]
    }

    pub(crate) fn allows(&self, operation: &Operation, kinds: usize) -> bool {
        operation.needs.iter().all(|&(kind, count)| {
            self.live[self.instance * kinds + kind]
                .len()
                .min(MOST_HANDLES)
                >= count
        })
    }
}
