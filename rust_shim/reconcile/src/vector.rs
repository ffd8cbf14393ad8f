//! Version vectors (R1.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::argument;
use crate::cbor::MAX_NUMBER;
use crate::error::Result;
use crate::origin::{Dot, Origin};

/// A map from origins to counters, without zeros (R1.4); cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vector(Arc<BTreeMap<Origin, u64>>);

impl Vector {
    /// Makes a vector of counters of at most 2^63 − 1, of which zeros count as absent; a greater one is
    /// `malformed`. Of equal origins the last counts.
    pub fn new(counters: impl IntoIterator<Item = (Origin, u64)>) -> Result<Self> {
        let mut vector = BTreeMap::new();
        for (origin, counter) in counters {
            argument::range("counter", counter, 0, MAX_NUMBER)?;
            vector.insert(origin, counter);
        }
        Ok(vector.into_iter().collect())
    }

    /// The counter of an origin, 0 where there is none.
    pub fn get(&self, origin: &Origin) -> u64 {
        self.0.get(origin).copied().unwrap_or(0)
    }

    /// The pairs in bytewise order of origins.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Origin, u64)> {
        self.0.iter().map(|(&origin, &counter)| (origin, counter))
    }

    /// Whether the vector has the dot's origin with at least its counter (R1.4).
    pub fn covers(&self, dot: Dot) -> bool {
        self.get(&dot.origin) >= dot.counter
    }

    /// The first pair, bytewise by origin, of which the other vector has less (R1.4).
    pub(crate) fn first_beyond(&self, other: &Self) -> Option<(Origin, u64)> {
        self.iter()
            .find(|(origin, counter)| *counter > other.get(origin))
    }

    /// Takes a dot in.
    pub(crate) fn add(&mut self, dot: Dot) {
        if !self.covers(dot) {
            Arc::make_mut(&mut self.0).insert(dot.origin, dot.counter);
        }
    }

    /// Takes the greater counter of each origin (R1.4).
    pub(crate) fn join(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        for (origin, counter) in other.iter() {
            joined.add(Dot { origin, counter });
        }
        joined
    }

    /// Takes the smaller counter of each origin (R1.4).
    pub(crate) fn meet(&self, other: &Self) -> Self {
        let smaller = self
            .iter()
            .map(|(origin, counter)| (origin, counter.min(other.get(&origin))));
        smaller.filter(|(_, counter)| *counter > 0).collect()
    }
}

impl FromIterator<(Origin, u64)> for Vector {
    fn from_iter<I: IntoIterator<Item = (Origin, u64)>>(counters: I) -> Self {
        Self(Arc::new(
            counters
                .into_iter()
                .filter(|(_, counter)| *counter > 0)
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(counters: &[(u8, u64)]) -> Vector {
        counters
            .iter()
            .map(|&(name, counter)| (Origin::fitting(&[name, 0, 0, 0, 0]), counter))
            .collect()
    }

    /// R1.4: the join takes the greater counters, the meet the smaller ones, none being zero.
    #[test]
    fn r1_4_join_and_meet() {
        let (v, w) = (vector(&[(1, 5), (2, 1)]), vector(&[(1, 3), (3, 2)]));

        assert_eq!(v.join(&w), vector(&[(1, 5), (2, 1), (3, 2)]));
        assert_eq!(v.meet(&w), vector(&[(1, 3)]));
    }

    /// R1.4: a vector covers the dots up to its counters.
    #[test]
    fn r1_4_covers() {
        let v = vector(&[(1, 5)]);
        let dot = |name, counter| Dot {
            origin: Origin::fitting(&[name, 0, 0, 0, 0]),
            counter,
        };

        assert!(v.covers(dot(1, 5)));
        assert!(!v.covers(dot(1, 6)));
        assert!(!v.covers(dot(2, 1)));
        assert_eq!(
            v.first_beyond(&vector(&[(1, 4)]))
                .map(|(_, counter)| counter),
            Some(5)
        );
        assert_eq!(v.first_beyond(&vector(&[(1, 5)])), None);
    }

    /// R1.4: there are no zeros, and no counters that a signed number does not hold.
    #[test]
    fn r1_4_no_zeros() {
        let one = |counter| Vector::new([(Origin::fitting(&[1, 0, 0, 0, 0]), counter)]);

        assert_eq!(one(0), Ok(Vector::default()));
        assert!(one(1 << 63).is_err());
    }
}
