//! Version vectors, and how they are encoded (R1.4, R7.3).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::argument;
use crate::cbor::{self, MAX_NUMBER, Reader, encoding_order};
use crate::error::Result;
use crate::limits::MAX_ORIGINS;
use crate::origin::{Dot, Origin};

/// A map from origins to counters that are not zero (R1.4). A clone is cheap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vector(Arc<BTreeMap<Origin, u64>>);

impl Vector {
    /// Makes a vector of counters from 0 to 2^63 − 1; a greater one is rejected as `malformed`.
    ///
    /// A counter of zero is left out. If an origin occurs twice, its last counter is used.
    pub fn new(counters: impl IntoIterator<Item = (Origin, u64)>) -> Result<Self> {
        let mut vector = BTreeMap::new();
        for (origin, counter) in counters {
            argument::range("counter", counter, 0, MAX_NUMBER)?;
            vector.insert(origin, counter);
        }
        Ok(vector.into_iter().collect())
    }

    /// The counter of an origin, or 0 if the vector does not have the origin.
    pub fn get(&self, origin: &Origin) -> u64 {
        self.0.get(origin).copied().unwrap_or(0)
    }

    /// The pairs, in the bytewise order of their origins.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Origin, u64)> {
        self.0.iter().map(|(&origin, &counter)| (origin, counter))
    }

    /// Whether the vector has the origin of the dot with at least its counter (R1.4).
    pub fn covers(&self, dot: Dot) -> bool {
        self.get(&dot.origin) >= dot.counter
    }

    /// The first pair, bytewise by origin, whose counter is greater than in the other vector (R1.4).
    pub(crate) fn first_excess(&self, other: &Self) -> Option<(Origin, u64)> {
        self.iter()
            .find(|(origin, counter)| *counter > other.get(origin))
    }

    /// Adds a dot, and all dots of its origin before it.
    pub(crate) fn add(&mut self, dot: Dot) {
        if !self.covers(dot) {
            Arc::make_mut(&mut self.0).insert(dot.origin, dot.counter);
        }
    }

    /// The vector with the greater counter of each origin (R1.4).
    pub(crate) fn join(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        for (origin, counter) in other.iter() {
            joined.add(Dot { origin, counter });
        }
        joined
    }

    /// The vector with the smaller counter of each origin (R1.4).
    pub(crate) fn meet(&self, other: &Self) -> Self {
        let smaller = self
            .iter()
            .map(|(origin, counter)| (origin, counter.min(other.get(&origin))));
        smaller.filter(|(_, counter)| *counter > 0).collect()
    }

    /// Reads a vector (R7.3).
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut pairs = Vec::new();
        reader.keyed(MAX_ORIGINS as u64, Origin::LENGTHS, |reader, origin| {
            pairs.push((Origin::from_valid(origin), reader.uint(1, MAX_NUMBER)?));
            Ok(())
        })?;
        Ok(pairs.into_iter().collect())
    }

    /// Writes the vector (R7.3).
    pub(crate) fn write(&self, writer: &mut cbor::Writer) {
        let mut pairs: Vec<_> = self.iter().collect();
        pairs.sort_by(|(a, _), (b, _)| encoding_order(a.as_bytes(), b.as_bytes()));
        writer.map(pairs.len());
        for (origin, counter) in pairs {
            writer.bytes(origin.as_bytes());
            writer.uint(counter);
        }
    }

    /// The encoding of the vector, which digests contain (R6.6).
    pub(crate) fn encoded(&self) -> Vec<u8> {
        let mut writer = cbor::Writer::default();
        self.write(&mut writer);
        writer.into_bytes()
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
            .map(|&(name, counter)| (Origin::from_valid(&[name, 0, 0, 0, 0]), counter))
            .collect()
    }

    /// R1.4: the join has the greater counters; the meet has the smaller ones that are not zero.
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
            origin: Origin::from_valid(&[name, 0, 0, 0, 0]),
            counter,
        };

        assert!(v.covers(dot(1, 5)));
        assert!(!v.covers(dot(1, 6)));
        assert!(!v.covers(dot(2, 1)));
        assert_eq!(
            v.first_excess(&vector(&[(1, 4)]))
                .map(|(_, counter)| counter),
            Some(5)
        );
        assert_eq!(v.first_excess(&vector(&[(1, 5)])), None);
    }

    /// R1.4: a vector has no counter of zero and none over 2^63 − 1.
    #[test]
    fn r1_4_no_zeros() {
        let one = |counter| Vector::new([(Origin::from_valid(&[1, 0, 0, 0, 0]), counter)]);

        assert_eq!(one(0), Ok(Vector::default()));
        assert!(one(1 << 63).is_err());
    }

    /// R2.5, R7.3: a shorter origin is written before a longer one, also if it is bytewise greater.
    #[test]
    fn r7_3_sorted_by_encoding() {
        let (long, short) = (
            Origin::from_valid(b"aa\0\0\0\0"),
            Origin::from_valid(b"b\0\0\0\0"),
        );
        let vector: Vector = [(long, 1), (short, 300)].into_iter().collect();

        let bytes = vector.encoded();

        assert_eq!(bytes, b"\xa2\x45b\0\0\0\0\x19\x01\x2c\x46aa\0\0\0\0\x01");
        assert_eq!(Vector::read(&mut Reader::body(&bytes, 0)), Ok(vector));
    }

    /// R1.4, R7.3: a counter of zero or over 2^63 − 1 is rejected.
    #[test]
    fn r7_3_counters() {
        for (counter, got) in [
            (&b"\x00"[..], "0"),
            (b"\x1b\x80\0\0\0\0\0\0\0", "9223372036854775808"),
        ] {
            let bytes = [b"\xa1\x45b\0\0\0\0", counter].concat();
            let fault =
                Vector::read(&mut Reader::body(&bytes, 0)).expect_err("the vector is malformed");
            assert_eq!((fault.path.as_str(), fault.offset), ("/6200000000", 7));
            assert_eq!(
                (fault.expected.as_str(), fault.got.as_str()),
                ("1 to 9223372036854775807", got)
            );
        }
    }
}
