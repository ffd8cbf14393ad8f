//! The order of a parent to its host: expand these seeds by that plan.

use crate::cbor::{Malformed, Reader};

const SEED: usize = 8; // bytes

/// `["expand", digest, mode, counts, seeds]`, where digest and seeds are byte strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The hash of the plan's bytes.
    pub digest: u64,
    /// The mode of the request.
    pub mode: u64,
    /// Whether the outcomes of the reply are counted.
    pub counts: bool,
    /// The seeds, 8 bytes each, big-endian.
    pub seeds: Vec<u64>,
}

impl Order {
    /// Reads an order.
    pub fn from_bytes(data: &[u8]) -> Result<Self, Malformed> {
        let mut r = Reader::new(data);
        r.array_of(5)?;
        if r.text()? != "expand" {
            return r.fault("order to expand");
        }
        let number = |bytes: &[u8]| bytes.iter().fold(0, |n, &b| n << 8 | u64::from(b));
        let digest = match r.bytes()? {
            bytes if bytes.len() == SEED => number(bytes),
            _ => return r.fault("digest of 8 bytes"),
        };
        let (mode, counts) = (r.uint()?, r.bool()?);
        let seeds = r.bytes()?;
        if seeds.len() % SEED != 0 {
            return r.fault("seeds of 8 bytes");
        }
        r.end()?;
        let seeds = seeds.chunks(SEED).map(number).collect();
        Ok(Self {
            digest,
            mode,
            counts,
            seeds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    fn an_order_is_read() {
        let data = b"\x85\x66expand\x48\0\0\0\0\0\0\x01\x02\x00\xf5\x50\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\x08";

        let order = Order::from_bytes(data);

        assert_eq!(
            order,
            Ok(Order {
                digest: 258,
                mode: 0,
                counts: true,
                seeds: vec![7, 8]
            })
        );
    }

    #[test]
    fn half_a_seed_is_refused() {
        let data = b"\x85\x66expand\x48\0\0\0\0\0\0\0\0\x00\xf4\x44\0\0\0\x01";

        assert!(Order::from_bytes(data).is_err());
    }
}
