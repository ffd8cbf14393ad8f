//! The trace loop: opens the subjects, runs the steps, digests the states, and encodes the reply.
//!
//! `docs/reference/wire.md` defines the messages. Knows nothing of Python, and nothing of any one contract.

use std::sync::atomic::{AtomicU64, Ordering, compiler_fence};

use crate::codec::{BYTES, Place, Unreadable};
use crate::contract::Contract;
#[cfg(feature = "coverage")]
use crate::coverage::{begin_coverage, note_coverage};
use crate::limits::check_state;
use crate::outcome::{
    NOT_REACHED, PANICKED, VOID, write_accepted, write_outcome, write_outcome_text,
};
use crate::panics;
use crate::reader::Reader;
use crate::step::Step;
use crate::writer::Writer;

/// The version of the messages between parent and host.
pub const PROTOCOL: u64 = 1;

// Modes of a request: what a reply holds beside outcomes and digests.
const DIGESTS: usize = 0;
const STATES: usize = 1;
const FULL: usize = 2;

/// The upper half of the note after the whole request.
const NOTE_DONE: u32 = u32::MAX;

/// A size in bytes. After a larger state, mode 0 digests only the state at the end of the trace.
const LARGE_STATE: usize = 4096;

const MAX_CORRELATION_ID: usize = 64;

/// Runs the traces of one request, one after the other, and reuses its buffers.
struct Session<'c, C: Contract> {
    contract: &'c C,
    note: &'c AtomicU64,
    mode: usize,

    trace: usize,
    /// One for each instance; `None` if one did not open, or panicked.
    instances: Option<Vec<C::Opened>>,
    /// The outcome of steps without instances.
    rest: u64,
    /// Whether a digested state of this trace was larger than [`LARGE_STATE`].
    is_large: bool,
    reply: Writer,
    states: List,
    texts: List,
    state: Writer,
}

/// Collects items of the reply that follow the outcomes.
#[derive(Default)]
struct List {
    items: Writer,
    n: usize,
}

impl List {
    fn clear(&mut self) {
        self.cut(0, 0);
    }

    fn cut(&mut self, bytes: usize, n: usize) {
        self.items.cut(bytes);
        self.n = n;
    }
}

/// Runs all traces of a request and returns the reply.
///
/// While it runs, `note` says which trace and step are being run. The parent process may share its memory.
///
/// # Errors
///
/// The request cannot be read. The error says which part.
pub fn run<C: Contract>(
    contract: &C,
    note: &AtomicU64,
    request: &[u8],
) -> Result<Vec<u8>, Unreadable> {
    let mut session = Session {
        contract,
        note,
        mode: DIGESTS,
        trace: 0,
        instances: None,
        rest: VOID,
        is_large: false,
        reply: Writer::new(),
        states: List::default(),
        texts: List::default(),
        state: Writer::new(),
    };
    session
        .run(request)
        .map_err(|error| error.within(Place::Request))
}

impl<C: Contract> Session<'_, C> {
    fn run(&mut self, request: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let mut r = Reader::new(request);
        r.fields(3)?;
        r.constant(PROTOCOL, "protocol 1")?;
        self.mode = r.index(FULL + 1)?;
        let traces = r.array()?;
        let mut replies = Writer::new();
        replies.array(traces);
        #[cfg(feature = "coverage")]
        begin_coverage();
        for i in 0..traces {
            let trace = r.bytes()?;
            self.trace = i;
            self.run_trace(trace)
                .map_err(|error| error.within(Place::Trace(i)))?;
            #[cfg(feature = "coverage")]
            note_coverage();
            replies.bytes(self.reply.data());
        }
        r.finish()?;
        self.write_note(NOTE_DONE);
        Ok(replies.into_data())
    }

    /// Runs one trace and leaves its reply in `self.reply`.
    fn run_trace(&mut self, trace: &[u8]) -> Result<(), Unreadable> {
        self.instances = None;
        self.is_large = false;
        self.reply.cut(0);
        self.states.clear();
        self.texts.clear();
        self.reply.array(4);
        let mut r = Reader::new(trace);
        let last = self.open(&mut r)?;
        let n = r.array()?;
        if n == 0 && self.attempt(last, Self::drop).is_none() {
            self.states.clear();
        }
        self.rest = if self.instances.is_some() {
            NOT_REACHED
        } else {
            VOID
        };
        self.reply.array(2 * n);
        for i in 0..n {
            let place = Place::Step {
                trace: self.trace,
                step: i,
            };
            self.step(i, i + 1 == n, &mut r)
                .map_err(|error| error.within(place))?;
        }
        r.finish()?;
        let (keeps_states, keeps_texts) = (self.keeps_states(), self.mode == FULL);
        attach(
            &mut self.reply,
            keeps_states,
            &self.states,
            n + 1,
            Writer::null,
        );
        attach(&mut self.reply, keeps_texts, &self.texts, n, |w| w.text(""));
        Ok(())
    }

    /// Says whether the reply holds the states themselves.
    fn keeps_states(&self) -> bool {
        C::HAS_STATE && self.mode >= STATES
    }

    /// Reads the header of a trace and opens the subject of each instance.
    ///
    /// If one does not open, `self.instances` stays `None`. Returns where the outcome of the last opening begins.
    fn open(&mut self, r: &mut Reader<'_>) -> Result<Position, Unreadable> {
        let n = C::INSTANCES;
        r.fields(4)?;
        let start = r.clone();
        if r.text()?.len() > MAX_CORRELATION_ID {
            return Err(start.expected("a correlation id of at most 64 bytes"));
        }
        r.fields(n)?;
        for _ in 0..n {
            r.fields(2)?;
            r.constant(1, "schema version 1")?;
            r.fields(0)?; // flags
        }
        r.fields(n)?; // opening arguments
        self.write_note(0);
        self.reply.array(n);
        if self.keeps_states() {
            self.states.items.array(n);
            self.states.n += 1;
        }
        self.instances = Some(Vec::with_capacity(n));
        let mut last = self.position();
        for i in 0..n {
            last = self.position();
            self.attempt(last, |session| session.open_one(r))
                .transpose()?;
            if self.instances.is_some() {
                continue;
            }
            self.states.clear();
            for _ in i + 1..n {
                r.skip()?;
                write_outcome(&mut self.reply, NOT_REACHED);
            }
            break;
        }
        Ok(last)
    }

    /// Opens one instance. If it does not open, `open_one` drops those before it.
    fn open_one(&mut self, r: &mut Reader<'_>) -> Result<(), Unreadable> {
        let opening = self.contract.opening(r)?;
        let mut instances = self.take_instances();
        match self.contract.open(opening) {
            Err(failure) => {
                drop(instances); // if it panics, the panic is the outcome of this opening
                failure.write(C::CATCH_ALL, &mut self.reply, None);
            }
            Ok(opened) => {
                write_accepted(&mut self.reply, &(), Writer::put);
                instances.push(opened);
                if C::HAS_STATE {
                    // This state belongs to the opening.
                    // Every mode encodes it, so that a panic there is the same in all.
                    self.encode_state(instances.last_mut().expect("it was just opened"));
                }
                self.instances = Some(instances);
            }
        }
        Ok(())
    }

    /// Takes the instances out of the session, so that a panic drops them while it unwinds.
    fn take_instances(&mut self) -> Vec<C::Opened> {
        self.instances.take().expect("the subjects are open")
    }

    fn drop(&mut self) {
        self.instances = None;
    }

    /// Runs one step. After the last one it drops the subjects.
    fn step(&mut self, number: usize, is_last: bool, r: &mut Reader<'_>) -> Result<(), Unreadable> {
        if self.instances.is_none() {
            r.skip()?;
            write_outcome(&mut self.reply, self.rest);
            self.reply.null();
            return Ok(());
        }
        self.write_note(number as u32 + 1);
        let start = r.clone();
        let since = self.position();
        let attempted = self.attempt(since, |session| {
            let mut instances = session.take_instances();
            session.call(&mut instances, number, r)?;
            session.digest(&mut instances, is_last);
            if !is_last {
                session.instances = Some(instances);
            }
            Ok(())
        });
        attempted.unwrap_or_else(|| {
            self.reply.null();
            *r = start;
            r.skip()
        })
    }

    /// Runs the operation of one step and writes its outcome.
    fn call(
        &mut self,
        instances: &mut [C::Opened],
        number: usize,
        r: &mut Reader<'_>,
    ) -> Result<(), Unreadable> {
        r.fields(4)?;
        let operation = r.index(C::OPERATIONS.len())?;
        let instance = r.index(instances.len())?;
        let fault = r.optional(|r| r.index(C::FAULTS.len()))?;
        let mut step = Step {
            number: number as u64,
            operation,
            instance,
            fault,
            instances: instances.len(),
            catch_all: C::CATCH_ALL,
            reply: &mut self.reply,
            texts: (self.mode == FULL).then_some(&mut self.texts.items),
        };
        let place = Place::Operation {
            trace: self.trace,
            step: number,
            name: C::OPERATIONS[operation],
        };
        self.contract
            .step(instances, &mut step, r)
            .map_err(|error| error.within(place))?;
        self.texts.n += 1;
        Ok(())
    }

    /// Writes the digests of all states, and keeps the states if the mode asks for them.
    fn digest(&mut self, instances: &mut [C::Opened], is_last: bool) {
        if !C::HAS_STATE || self.is_large && !is_last && self.mode == DIGESTS {
            self.reply.null();
            return;
        }
        if self.keeps_states() {
            self.states.items.array(instances.len());
            self.states.n += 1;
        }
        self.reply.head(BYTES, 8 * instances.len() as u64);
        for opened in instances {
            self.encode_state(opened);
            self.is_large |= self.state.data().len() > LARGE_STATE;
            self.reply.encoded(&fnv1a(self.state.data()).to_be_bytes());
        }
    }

    fn encode_state(&mut self, opened: &mut C::Opened) {
        self.state.cut(0);
        self.contract.state(opened, &mut self.state);
        check_state(self.state.data().len());
        if self.keeps_states() {
            self.states.items.bytes(self.state.data());
        }
    }

    fn position(&self) -> Position {
        Position {
            reply: self.reply.data().len(),
            states: self.states.items.data().len(),
            n_states: self.states.n,
            texts: self.texts.items.data().len(),
            n_texts: self.texts.n,
        }
    }

    /// Calls `body` and returns its result, or `None` if it panicked.
    ///
    /// Then the panic replaces everything written since the position, and the trace goes on without instances.
    fn attempt<T>(&mut self, since: Position, body: impl FnOnce(&mut Self) -> T) -> Option<T> {
        match panics::guard(|| body(self)) {
            Ok(result) => Some(result),
            Err(text) => {
                self.reply.cut(since.reply);
                self.states.cut(since.states, since.n_states);
                self.texts.cut(since.texts, since.n_texts);
                write_outcome_text(&mut self.reply, PANICKED, &text);
                self.instances = None;
                None
            }
        }
    }

    /// Writes which trace is being run, and what is being done there.
    fn write_note(&self, doing: u32) {
        let note = u64::from(doing) << 32 | self.trace as u64;
        self.note.store(note.to_le(), Ordering::Relaxed);
        // The compiler must not move the subject's code before the store: that code may never return.
        compiler_fence(Ordering::SeqCst);
    }
}

/// How much the writers of a reply hold.
#[derive(Clone, Copy)]
struct Position {
    reply: usize,
    states: usize,
    n_states: usize,
    texts: usize,
    n_texts: usize,
}

/// Appends a list of `n` items, or null if the mode does not ask for it.
///
/// Steps that have no item get what `fill` writes, because nothing is known of a subject that is gone.
fn attach(reply: &mut Writer, is_asked: bool, list: &List, n: usize, fill: fn(&mut Writer)) {
    if !is_asked {
        reply.null();
        return;
    }
    reply.array(n);
    reply.encoded(list.items.data());
    for _ in list.n..n {
        fill(reply);
    }
}

/// Returns the 64-bit FNV-1a hash of the bytes.
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
