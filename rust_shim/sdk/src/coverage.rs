//! What each trace reached in the code under test: the counters that the compiler has added.
//!
//! This module exists in a library that is built for coverage alone. rustc adds a counter of 8 bits to each
//! block, and calls the two functions of LLVM's SanitizerCoverage when the library is loaded.
#![allow(unsafe_code)]

use std::ptr::null_mut;
use std::slice;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::reader::Reader;

// Questions about coverage, by index.
const TRACES: usize = 0; // what each trace of the last request reached
const MAP: usize = 1; // the map: what was ever reached
const LOAD: usize = 2; // replaces the map
const IGNORE: usize = 3; // sets which counters do not count
const COUNTERS: usize = 4; // what the last trace reached
const QUESTIONS: usize = 5;

/// Counters that are skipped at once where all of them are zero.
const BLOCK: usize = 32;

/// A counter that a trace has reached, and its bucket as one bit.
struct Hit {
    counter: usize,
    bucket: u8,
}

/// What the traces reached so far. The pairs of a counter and a bucket in `seen` never become fewer.
struct Coverage {
    /// For each counter, a bit for each of its buckets.
    seen: Vec<u8>,
    /// By counter.
    ignored: Vec<bool>,
    /// Of the traces of the last request.
    reports: Vec<u8>,
    /// Of the last trace.
    hits: Vec<Hit>,
}

static COVERED: Mutex<Coverage> = Mutex::new(Coverage {
    seen: Vec::new(),
    ignored: Vec::new(),
    reports: Vec::new(),
    hits: Vec::new(),
});

static START: AtomicPtr<u8> = AtomicPtr::new(null_mut());
static END: AtomicPtr<u8> = AtomicPtr::new(null_mut());

/// LLVM calls this function when the library is loaded, with the bounds of all its counters.
// SAFETY: the library defines no other symbol of this name, and LLVM calls it as declared.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_8bit_counters_init(start: *mut u8, end: *mut u8) {
    START.store(start, Ordering::Relaxed);
    END.store(end, Ordering::Relaxed);
}

/// LLVM calls this function when the library is loaded. driftcheck reads the places of blocks from the file.
// SAFETY: the library defines no other symbol of this name, and LLVM calls it as declared.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_pcs_init(_start: *const usize, _end: *const usize) {}

/// Calls `body` with the counters. The linker puts them side by side.
fn with_counters<T>(body: impl FnOnce(&mut [u8]) -> T) -> T {
    let (start, end) = (START.load(Ordering::Relaxed), END.load(Ordering::Relaxed));
    if start.is_null() {
        return body(&mut []);
    }
    // SAFETY: LLVM has passed the bounds of one section of the library, which is never unloaded. Only
    // instrumented code writes there too, and this crate is not instrumented. A thread that the subject left
    // running may increment a counter at the same time, by a plain store of one byte.
    body(unsafe { slice::from_raw_parts_mut(start, end.offset_from(start) as usize) })
}

/// Returns what was reached. Nothing panics while it is held.
fn covered() -> MutexGuard<'static, Coverage> {
    COVERED.lock().expect("no thread has panicked with it")
}

/// Forgets the last request, and what ran since its last trace.
pub(crate) fn begin_coverage() {
    with_counters(|counters| covered().begin(counters));
}

/// Notes what a trace has reached, and sets all counters to zero.
pub(crate) fn note_coverage() {
    with_counters(|counters| covered().note(counters));
}

/// Answers a question about coverage: an array of its index and a byte string.
///
/// # Errors
///
/// The question cannot be read, or its map is of another build.
pub fn coverage(request: &[u8]) -> Result<Vec<u8>, String> {
    covered().answer(request)
}

impl Coverage {
    fn begin(&mut self, counters: &mut [u8]) {
        self.reports.clear();
        self.seen.resize(counters.len(), 0);
        self.ignored.resize(counters.len(), false);
        counters.fill(0);
    }

    fn note(&mut self, counters: &mut [u8]) {
        self.hits.clear();
        let mut pairs = 0_u32;
        let mut path = 0xcbf2_9ce4_8422_2325_u64;
        for (number, block) in counters.chunks_mut(BLOCK).enumerate() {
            if is_zero(block) {
                continue;
            }
            for (i, count) in block.iter_mut().enumerate() {
                let counter = number * BLOCK + i;
                if *count == 0 {
                    continue;
                }
                let reached = bucket(std::mem::take(count));
                if self.ignored[counter] {
                    continue;
                }
                if self.seen[counter] & reached == 0 {
                    self.seen[counter] |= reached;
                    pairs += 1;
                }
                path = (path ^ ((counter as u64) << 8 | u64::from(reached)))
                    .wrapping_mul(0x0100_0000_01b3);
                self.hits.push(Hit {
                    counter,
                    bucket: reached,
                });
            }
        }
        self.reports.extend(pairs.to_be_bytes());
        self.reports.extend(mixed(path).to_be_bytes());
    }

    fn answer(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let (question, data) =
            read(request).map_err(|error| format!("read question about coverage: {error}"))?;
        let n = with_counters(|counters| counters.len());
        self.seen.resize(n, 0);
        self.ignored.resize(n, false);
        match question {
            TRACES => return Ok(self.reports.clone()),
            MAP => return Ok(self.seen.clone()),
            COUNTERS => {
                let mut reached = vec![0; n];
                for hit in &self.hits {
                    reached[hit.counter] = hit.bucket;
                }
                return Ok(reached);
            }
            LOAD | IGNORE => {}
            _ => {
                return Err(format!(
                    "no question about coverage has the index {question}"
                ));
            }
        }
        if data.len() != n {
            return Err(other_build(data.len(), n));
        }
        for (i, &byte) in data.iter().enumerate() {
            match question {
                IGNORE => self.ignored[i] = byte != 0,
                _ => self.seen[i] = byte,
            }
            if self.ignored[i] {
                self.seen[i] = 0;
            }
        }
        Ok(Vec::new())
    }
}

fn read(request: &[u8]) -> Result<(usize, &[u8]), crate::Unreadable> {
    let mut r = Reader::new(request);
    r.fields(2)?;
    let question = r.index(QUESTIONS)?;
    let data = r.bytes()?;
    r.finish()?;
    Ok((question, data))
}

/// Returns the bucket of a count as one bit, with the bounds of AFL: 1, 2, 3, 4, 8, 16, 32, 128.
fn bucket(count: u8) -> u8 {
    match count {
        0..4 => 1 << (count - 1),
        128.. => 1 << 7,
        _ => 1 << (8 - count.leading_zeros()).min(6),
    }
}

fn is_zero(block: &[u8]) -> bool {
    block.iter().fold(0, |any, count| any | count) == 0
}

/// Spreads a hash over all its bits, as MurmurHash3 does at its end.
fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

fn other_build(got: usize, want: usize) -> String {
    format!("a map of {got} counters is of another build, since this one has {want}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_those_of_afl() {
        let bounds = [
            (1, 1),
            (2, 2),
            (3, 3),
            (4, 7),
            (8, 15),
            (16, 31),
            (32, 127),
            (128, 255),
        ];
        for (want, (low, high)) in bounds.into_iter().enumerate() {
            assert_eq!(bucket(low), 1 << want, "{low}");
            assert_eq!(bucket(high), 1 << want, "{high}");
        }
    }

    #[test]
    fn a_pair_is_new_once() {
        let mut covered = Coverage {
            seen: Vec::new(),
            ignored: Vec::new(),
            reports: Vec::new(),
            hits: Vec::new(),
        };
        let mut counters = [0; 100];

        let reports = [(1, 8), (1, 9), (2, 9)].map(|(third, last)| {
            covered.begin(&mut counters);
            (counters[3], counters[99]) = (third, last);
            covered.note(&mut counters);
            covered.reports.clone()
        });

        let pairs = reports.each_ref().map(|report| report[3]);
        assert_eq!(pairs, [2, 0, 1]);
        assert_eq!(reports[0][4..], reports[1][4..]);
        assert_ne!(reports[1][4..], reports[2][4..]);
        assert_eq!(counters, [0; 100]);
    }
}
