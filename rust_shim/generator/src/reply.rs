//! Replies: their hashes, and what kinds of outcomes they hold.

use std::collections::BTreeMap;

use crate::cbor::{ARRAY, Malformed, NULL, Reader, UINT, bytes, head};
use crate::fnv::fnv1a;

const REJECTED: u64 = 1;

#[derive(Default)]
struct Counts {
    outcomes: BTreeMap<(u64, u64, Option<u64>), u64>, // by operation, kind, class of a rejection
    faults: BTreeMap<(u64, u64), u64>,                // by operation and fault
}

/// Returns what a sweep tells of a reply: `[digests, steps, outcomes, faults]`.
///
/// The digests are a byte string: the FNV-1a hash of the reply to each trace, 8 bytes each, big-endian. `steps`
/// counts the steps of the request. Outcomes are `[operation, kind, class, count]`, where the class is that of
/// a rejection, and null for others. Faults are `[operation, fault, count]`. Both are empty unless `counts`.
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
    let mut found = Counts::default();
    for _ in 0..count {
        let (trace, answer) = (request.bytes()?, reply.bytes()?);
        digests.extend_from_slice(&fnv1a(answer).to_be_bytes());
        let drawn = operations(trace)?;
        steps += drawn.len() as u64;
        if counts {
            tally(&drawn, answer, &mut found)?;
        }
    }
    reply.end()?;
    let mut out = Vec::with_capacity(digests.len() + 1024);
    head(&mut out, ARRAY, 4);
    bytes(&mut out, &digests);
    head(&mut out, UINT, steps);
    head(&mut out, ARRAY, found.outcomes.len() as u64);
    for ((operation, kind, class), number) in found.outcomes {
        row(
            &mut out,
            &[Some(operation), Some(kind), class, Some(number)],
        );
    }
    head(&mut out, ARRAY, found.faults.len() as u64);
    for ((operation, fault), number) in found.faults {
        row(&mut out, &[Some(operation), Some(fault), Some(number)]);
    }
    Ok(out)
}

fn row(out: &mut Vec<u8>, numbers: &[Option<u64>]) {
    head(out, ARRAY, numbers.len() as u64);
    for number in numbers {
        match number {
            Some(number) => head(out, UINT, *number),
            None => out.push(NULL),
        }
    }
}

/// Returns the operation and the fault of each step of a trace.
fn operations(trace: &[u8]) -> Result<Vec<(u64, Option<u64>)>, Malformed> {
    let mut r = Reader::new(trace);
    r.array_of(4)?;
    r.skip()?;
    r.skip()?;
    r.skip()?;
    r.list(|r| {
        r.array_of(4)?;
        let operation = r.uint()?;
        r.skip()?;
        let fault = r.optional(Reader::uint)?;
        r.skip()?;
        Ok((operation, fault))
    })
}

/// Counts the outcomes of one reply, and the faults of its steps.
fn tally(drawn: &[(u64, Option<u64>)], answer: &[u8], found: &mut Counts) -> Result<(), Malformed> {
    let mut r = Reader::new(answer);
    r.array_of(4)?;
    r.skip()?;
    let items = r.array()?;
    for &(operation, fault) in drawn.iter().take(items / 2) {
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
        r.skip()?; // the digest
        *found.outcomes.entry((operation, kind, class)).or_default() += 1;
        if let Some(fault) = fault {
            *found.faults.entry((operation, fault)).or_default() += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::summary;
    use crate::fnv::fnv1a;

    const TRACE: &[u8] = b"\x84\x60\x80\x80\x82\x84\x03\x00\xf6\x80\x84\x04\x00\x02\x81\x41\xff";
    const ANSWER: &[u8] =
        b"\x84\x81\x82\x00\xf6\x84\x82\x00\x18\x20\xf6\x83\x01\x05\xf6\xf6\xf6\xf6";

    fn request_and_reply(answer: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut request = b"\x83\x01\x00\x81".to_vec();
        crate::cbor::bytes(&mut request, TRACE);
        let mut reply = b"\x81".to_vec();
        crate::cbor::bytes(&mut reply, answer);
        (request, reply)
    }

    #[test]
    fn outcomes_and_faults_are_counted() {
        let (request, reply) = request_and_reply(ANSWER);

        let told = summary(&request, &reply, true);

        let mut wanted = b"\x84\x48".to_vec();
        wanted.extend_from_slice(&fnv1a(ANSWER).to_be_bytes());
        wanted.extend_from_slice(b"\x02\x82\x84\x03\x00\xf6\x01\x84\x04\x01\x05\x01");
        wanted.extend_from_slice(b"\x81\x83\x04\x02\x01");
        assert_eq!(told, Ok(wanted));
    }

    #[test]
    fn nothing_is_counted_unless_asked() {
        let (request, reply) = request_and_reply(ANSWER);

        let told = summary(&request, &reply, false);

        assert!(told.is_ok_and(|told| told.ends_with(b"\x02\x80\x80")));
    }

    #[test]
    fn a_reply_that_is_cut_is_refused() {
        let (request, reply) = request_and_reply(&ANSWER[..9]);

        assert!(summary(&request, &reply, true).is_err());
    }
}
