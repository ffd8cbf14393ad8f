//! The Rust subject of the contract `gossip`: counters that exchange their counts.

mod contract_gen;

use std::collections::BTreeMap;

use contract_gen::{Counts, Fault, Rejection, Subject, contract};
use driftcheck::Outcome;

struct Counter {
    place: u64,
    limit: u64,
    counts: BTreeMap<u64, u64>,
    losses: u64,
}

impl Counter {
    fn sum(&self) -> u64 {
        self.counts.values().sum()
    }

    fn learn(&mut self, other: &Self) {
        for (&place, &count) in &other.counts {
            let known = self.counts.entry(place).or_default();
            *known = count.max(*known);
        }
    }
}

impl Subject for Counter {
    type Mark = u64;

    fn open(place: u64, limit: u64, start: u64) -> Outcome<Self> {
        if start > 9 {
            return Err(Rejection::Full.into());
        }
        Ok(Self {
            place,
            limit,
            counts: [(place, start)].into(),
            losses: 0,
        })
    }

    fn state(&mut self) -> Counts {
        Counts {
            place: self.place,
            counts: self.counts.clone(),
        }
    }

    fn add(&mut self, n: u64) -> Outcome<u64> {
        let own = self.counts.entry(self.place).or_default();
        if *own + n > self.limit {
            return Err(Rejection::Full.into());
        }
        *own += n;
        Ok(self.sum())
    }

    fn pull(&mut self, peer: &mut Self, fault: Option<Fault>) -> Outcome<u64> {
        if fault == Some(Fault::Lost) {
            self.losses += 1;
            return Err(Rejection::Unheard.into());
        }
        for _ in 0..1 + u32::from(fault == Some(Fault::Twice)) {
            self.learn(peer);
        }
        Ok(self.sum())
    }

    fn losses(&mut self) -> Outcome<u64> {
        Ok(self.losses)
    }

    fn meet(&mut self, peer: &mut Self) -> Outcome<u64> {
        self.learn(peer);
        peer.learn(self);
        Ok(self.sum())
    }

    fn mark(&mut self) -> Outcome<u64> {
        Ok(self.sum())
    }

    fn since(&mut self, mark: &mut u64) -> Outcome<u64> {
        Ok(self.sum() - *mark)
    }

    fn ahead(&mut self, peer: &mut Self, by: u64) -> Outcome<bool> {
        let (theirs, ours) = (peer.sum(), self.sum());
        Ok(theirs.checked_sub(ours).is_some_and(|more| more > by))
    }
}

driftcheck::extension!(contract::<Counter>());
