//! The trace loop: opens a subject, runs its steps, digests its state, answers in bytes.
//!
//! What crosses the boundary is laid down in `docs/reference/wire.md`.
//! Knows nothing of Python, nor of any one contract.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering, compiler_fence};

use crate::codec::{Reader, Unreadable, Writer};
use crate::contract::{Contract, Step};
use crate::outcome::{NOT_REACHED, PANICKED, VOID, write_bare, write_worded};
use crate::panics;

/// The version of the messages; a request of another one is refused.
pub const PROTOCOL: u64 = 1;

/// From this many bytes of state on, mode 0 makes no digest before the last step.
const LARGE_STATE: usize = 4096;

const MAX_CORRELATION_ID: usize = 64;
const IDLE: u32 = u32::MAX;

/// A request that cannot be read: a fault of driftcheck, never of the subject.
#[derive(Debug)]
pub struct Refused {
    trace: Option<usize>,
    step: Option<usize>,
    cause: Unreadable,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.trace, self.step) {
            (Some(trace), Some(step)) => write!(f, "trace {trace}, step {step}: ")?,
            (Some(trace), None) => write!(f, "trace {trace}: ")?,
            _ => f.write_str("request: ")?,
        }
        self.cause.fmt(f)
    }
}

impl std::error::Error for Refused {}

impl From<Unreadable> for Refused {
    fn from(cause: Unreadable) -> Self {
        Self {
            trace: None,
            step: None,
            cause,
        }
    }
}

/// Runs all traces of a request and returns the reply.
///
/// Before anything is done, `note` says in which trace and step; it is shared with the parent process.
pub fn run<C: Contract>(
    contract: &C,
    note: &AtomicU64,
    request: &[u8],
) -> Result<Vec<u8>, Refused> {
    let mut reader = Reader::new(request);
    let mut reply = Writer::new();
    reader.fields(3)?;
    if reader.u64()? != PROTOCOL {
        return Err(reader.expected("protocol 1").into());
    }
    let (keeps_states, keeps_texts) = match reader.u64()? {
        0 => (false, false),
        1 => (true, false),
        2 => (true, true),
        _ => return Err(reader.expected("a mode from 0 to 2").into()),
    };
    let mut session = Session {
        contract,
        note,
        trace: 0,
        keeps_states,
        keeps_texts,
        body: Writer::new(),
        states: Writer::new(),
        texts: Writer::new(),
        state: Writer::new(),
    };
    let traces = reader.array()?;
    reply.array(traces);
    for index in 0..traces {
        let trace = reader.bytes()?;
        session.trace = index as u32;
        session.run(trace).map_err(|refused| Refused {
            trace: Some(index),
            ..refused
        })?;
        reply.bytes(session.body.as_bytes());
    }
    reader.finish()?;
    session.write_note(IDLE);
    Ok(reply.into_bytes())
}

struct Session<'c, C> {
    contract: &'c C,
    note: &'c AtomicU64,
    trace: u32,
    keeps_states: bool,
    keeps_texts: bool,
    body: Writer,
    states: Writer,
    texts: Writer,
    state: Writer,
}

/// How far a trace has come, so that a panic is written down where it happened.
struct Progress<'t> {
    /// The step that is being done; `None` while the subjects are opened.
    step: Option<usize>,
    /// How many subjects come after the one that is being opened.
    unopened: usize,
    /// What was still to be read before it.
    rest: Reader<'t>,
    /// Lengths of the writers before it.
    body: usize,
    states: usize,
    texts: usize,
}

impl<C: Contract> Session<'_, C> {
    /// Runs one trace; its answer is then in `body`.
    fn run(&mut self, trace: &[u8]) -> Result<(), Refused> {
        for writer in [&mut self.body, &mut self.states, &mut self.texts] {
            writer.truncate(0);
        }
        let mut reader = Reader::new(trace);
        let openings = self.header(&mut reader)?;
        let steps = reader.array()?;
        self.body.array(4);
        self.body.array(C::INSTANCES);

        let mut progress = Progress {
            step: None,
            unopened: 0,
            rest: reader,
            body: self.body.len(),
            states: 0,
            texts: 0,
        };
        match panics::caught(|| self.attempt(openings, steps, &mut progress)) {
            Ok(attempted) => attempted?,
            Err(words) => {
                self.write_panic(&words, steps, &progress);
                finish(progress.rest, steps - progress.step.unwrap_or(0))?;
            }
        }
        if C::HAS_STATE && self.keeps_states {
            self.body.array(steps + 1);
            self.body.encoded(self.states.as_bytes());
        } else {
            self.body.null();
        }
        if self.keeps_texts {
            self.body.array(steps);
            self.body.encoded(self.texts.as_bytes());
        } else {
            self.body.null();
        }
        Ok(())
    }

    /// Reads what stands before the steps: today all instances are of schema 1 and without flags.
    fn header<'t>(&self, reader: &mut Reader<'t>) -> Result<Vec<C::Opening<'t>>, Unreadable> {
        reader.fields(4)?;
        if reader.text()?.len() > MAX_CORRELATION_ID {
            return Err(reader.expected("a correlation id of at most 64 bytes"));
        }
        reader.fields(C::INSTANCES)?;
        for _ in 0..C::INSTANCES {
            reader.fields(2)?;
            if reader.u64()? != 1 {
                return Err(reader.expected("schema 1"));
            }
            reader.fields(0)?;
            reader.end();
            reader.end();
        }
        reader.end();
        reader.fields(C::INSTANCES)?;
        let openings = (0..C::INSTANCES).map(|_| self.contract.opening(reader));
        let openings = openings.collect::<Result<_, _>>()?;
        reader.end();
        Ok(openings)
    }

    fn attempt(
        &mut self,
        openings: Vec<C::Opening<'_>>,
        steps: usize,
        progress: &mut Progress<'_>,
    ) -> Result<(), Refused> {
        let mut reader = progress.rest.clone();
        self.write_note(0);
        if C::HAS_STATE && self.keeps_states {
            self.states.array(C::INSTANCES);
        }
        let mut instances = Vec::with_capacity(C::INSTANCES);
        for opening in openings {
            progress.body = self.body.len();
            progress.unopened = C::INSTANCES - instances.len() - 1;
            match self.contract.open(opening) {
                Ok(opened) => instances.push(opened),
                Err(failure) => {
                    drop(instances); // where it panics, the panic is this opening's
                    failure.write(C::CATCH_ALL, &mut self.body, None);
                    self.states.truncate(0);
                    self.fill_unopened(progress.unopened, steps);
                    return Ok(finish(reader, steps)?);
                }
            }
            Step::new(0, None, None, &mut self.body, None).answer(Ok(()));
            if C::HAS_STATE {
                // It belongs to the opening. Encoded in every mode, so that a panic is the same in all.
                self.encode_state(instances.last_mut().expect("it was just opened"));
            }
        }
        self.body.array(2 * steps);
        let mut is_large = false;
        for number in 0..steps {
            self.begin(number, progress, &reader);
            self.step(&mut instances, number, &mut reader)
                .map_err(|cause| Refused {
                    trace: None,
                    step: Some(number),
                    cause,
                })?;
            let is_last = number + 1 == steps;
            if C::HAS_STATE && (self.keeps_states || is_last || !is_large) {
                is_large |= self.digest(&mut instances);
            } else {
                self.body.null();
            }
        }
        Ok(reader.finish()?)
    }

    fn step(
        &mut self,
        instances: &mut [C::Opened],
        number: usize,
        reader: &mut Reader<'_>,
    ) -> Result<(), Unreadable> {
        reader.fields(4)?;
        let operation = reader.u64()?;
        let at = reader.u64()?.try_into().unwrap_or(usize::MAX);
        if at >= instances.len() {
            return Err(reader.expected("an instance of this trace"));
        }
        let fault: Option<u64> = reader.get()?;
        if fault.is_some_and(|fault| fault >= C::FAULTS) {
            return Err(reader.expected("a fault of this contract"));
        }
        let texts = self.keeps_texts.then_some(&mut self.texts);
        let mut step = Step::new(number as u64, fault, C::CATCH_ALL, &mut self.body, texts);
        self.contract
            .step(instances, at, operation, reader, &mut step)?;
        reader.end();
        Ok(())
    }

    fn begin<'t>(&mut self, number: usize, progress: &mut Progress<'t>, rest: &Reader<'t>) {
        self.write_note(number as u32 + 1);
        *progress = Progress {
            step: Some(number),
            unopened: 0,
            rest: rest.clone(),
            body: self.body.len(),
            states: self.states.len(),
            texts: self.texts.len(),
        };
    }

    /// Writes the digest of all states, and says whether one of them is large.
    fn digest(&mut self, instances: &mut [C::Opened]) -> bool {
        if self.keeps_states {
            self.states.array(instances.len());
        }
        let mut digests = Vec::with_capacity(8 * instances.len());
        let mut is_large = false;
        for opened in instances {
            self.encode_state(opened);
            is_large |= self.state.len() > LARGE_STATE;
            digests.extend(fnv1a(self.state.as_bytes()).to_be_bytes());
        }
        self.body.bytes(&digests);
        is_large
    }

    fn encode_state(&mut self, opened: &mut C::Opened) {
        self.state.truncate(0);
        self.contract.state(opened, &mut self.state);
        if self.keeps_states {
            self.states.bytes(self.state.as_bytes());
        }
    }

    /// Ends a trace of which one subject was not opened, and `unopened` ones after it.
    fn fill_unopened(&mut self, unopened: usize, steps: usize) {
        for _ in 0..unopened {
            write_bare(&mut self.body, NOT_REACHED);
        }
        self.body.array(2 * steps);
        self.fill(steps, VOID);
        self.fill_kept(steps + 1, steps);
    }

    /// Ends a trace that panicked: the step's outcome is the panic, the rest is not reached.
    fn write_panic(&mut self, words: &str, steps: usize, progress: &Progress<'_>) {
        self.body.truncate(progress.body);
        self.states.truncate(progress.states);
        self.texts.truncate(progress.texts);
        write_worded(&mut self.body, PANICKED, words);
        match progress.step {
            None => self.fill_unopened(progress.unopened, steps),
            Some(number) => {
                self.body.null();
                self.fill(steps - number - 1, NOT_REACHED);
                self.fill_kept(steps - number, steps - number);
            }
        }
    }

    fn fill(&mut self, steps: usize, kind: u64) {
        for _ in 0..steps {
            write_bare(&mut self.body, kind);
            self.body.null();
        }
    }

    fn fill_kept(&mut self, states: usize, texts: usize) {
        for _ in 0..states {
            self.states.null();
        }
        for _ in 0..texts {
            self.texts.text("");
        }
    }

    /// Tells the parent what is being done; see "The note" in the wire's reference.
    fn write_note(&self, doing: u32) {
        let note = u64::from(doing) << 32 | u64::from(self.trace);
        self.note.store(note.to_le(), Ordering::Relaxed);
        // The subject's code must not be moved before the store: it may not come back.
        compiler_fence(Ordering::SeqCst);
    }
}

/// Reads the steps that are not done, and that nothing comes after them.
fn finish(mut rest: Reader<'_>, steps: usize) -> Result<(), Unreadable> {
    for _ in 0..steps {
        rest.skip()?;
    }
    rest.finish()
}

/// Digests bytes by FNV-1a, 64 bit.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_published_vectors() {
        // From the test suite of draft-eastlake-fnv.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
