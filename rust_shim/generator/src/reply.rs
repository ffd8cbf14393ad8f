//! Replies: their hashes, and what kinds of outcomes they hold.

use std::collections::BTreeMap;

use crate::cbor::{ARRAY, Malformed, NULL, Reader, UINT, bytes, head};
use crate::fnv::fnv1a;

const REJECTED: u64 = 1;

type Counts = BTreeMap<(u64, u64, Option<u64>), u64>;

/// Returns what a sweep tells of a reply: `[digests, steps, [[operation, kind, class, count], ...]]`.
///
/// The digests are a byte string: the FNV-1a hash of the reply to each trace, 8 bytes each, big-endian. `steps`
/// counts the steps of the request. A class is that of a rejection, and null for other outcomes. Outcomes are
/// counted only where `counts` says so.
pub fn summary(request: &[u8], reply: &[u8], counts: bool) -> Result<Vec<u8>, Malformed> {
    let mut request = Reader::new(request);
    request.array_of(3)?;
    request.uint()?;
    request.uint()?;
    let count = request.array()?;
    let mut reply = Reader::new(reply);
    reply.array_of(count)?;
    let mut digests = Vec::with_capacity(8 * count);
    let mut steps = 0;
    let mut found = Counts::new();
    for _ in 0..count {
        let (trace, answer) = (request.bytes()?, reply.bytes()?);
        digests.extend_from_slice(&fnv1a(answer).to_be_bytes());
        let operations = operations(trace)?;
        steps += operations.len() as u64;
        if counts {
            tally(&operations, answer, &mut found)?;
        }
    }
    reply.end()?;
    let mut out = Vec::with_capacity(digests.len() + 64 + 8 * found.len());
    head(&mut out, ARRAY, 3);
    bytes(&mut out, &digests);
    head(&mut out, UINT, steps);
    head(&mut out, ARRAY, found.len() as u64);
    for ((operation, kind, class), number) in found {
        head(&mut out, ARRAY, 4);
        head(&mut out, UINT, operation);
        head(&mut out, UINT, kind);
        match class {
            Some(class) => head(&mut out, UINT, class),
            None => out.push(NULL),
        }
        head(&mut out, UINT, number);
    }
    Ok(out)
}

/// Returns the operation of each step of a trace.
fn operations(trace: &[u8]) -> Result<Vec<u64>, Malformed> {
    let mut r = Reader::new(trace);
    r.array_of(4)?;
    r.skip()?;
    r.skip()?;
    r.skip()?;
    r.list(|r| {
        r.array_of(4)?;
        let operation = r.uint()?;
        r.skip()?;
        r.skip()?;
        r.skip()?;
        Ok(operation)
    })
}

/// Counts the outcomes of one reply.
fn tally(operations: &[u64], answer: &[u8], found: &mut Counts) -> Result<(), Malformed> {
    let mut r = Reader::new(answer);
    r.array_of(4)?;
    r.skip()?;
    let items = r.array()?;
    for &operation in operations.iter().take(items / 2) {
        let parts = r.array()?;
        let kind = r.uint()?;
        let mut class = None;
        for part in 1..parts {
            if part == 1 && kind == REJECTED {
                class = Some(r.uint()?);
            } else {
                r.skip()?;
            }
        }
        *found.entry((operation, kind, class)).or_default() += 1;
        r.skip()?;
    }
    Ok(())
}
