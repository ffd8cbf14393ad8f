//! The trace loop: opens a subject, runs its steps, digests its state, answers in bytes.
//!
//! What crosses the boundary is laid down in `docs/reference/wire.md`.
//! Knows nothing of Python, nor of any one contract.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering, compiler_fence};

use crate::codec::{Reader, Unreadable, Writer};
use crate::outcome::{Failure, Kind, Outcome};
use crate::panics;
use crate::value::Value;

/// The version of the messages; a request of another one is refused.
pub const PROTOCOL: u64 = 1;

/// From this many bytes of state on, mode 0 makes no digest before the last step.
pub const LARGE_STATE: usize = 4096;

const IDLE: u32 = u32::MAX;

/// The generated half of a contract: decodes arguments, calls the subject, encodes what it returns.
pub trait Contract {
    /// One opened subject and the handles that its steps made.
    type Opened;
    /// The opening arguments.
    type Opening<'a>;

    /// The contract's name.
    const NAME: &'static str;
    /// The wire fingerprint that this library was built from.
    const FINGERPRINT: &'static str;
    /// The rejection that takes the library's own errors.
    const CATCH_ALL: Option<u64>;
    /// Whether the contract has a state.
    const HAS_STATE: bool;

    /// Reads the opening arguments.
    fn opening<'a>(&self, arguments: &mut Reader<'a>) -> Result<Self::Opening<'a>, Unreadable>;

    /// Opens a subject.
    fn open(&self, opening: Self::Opening<'_>) -> Outcome<Self::Opened>;

    /// Reads the arguments of one operation, does it, and answers `step`.
    fn step(
        &self,
        opened: &mut Self::Opened,
        operation: u64,
        arguments: &mut Reader<'_>,
        step: &mut Step<'_>,
    ) -> Result<(), Unreadable>;

    /// Encodes the state, where there is one.
    fn state(&self, _opened: &mut Self::Opened, _out: &mut Writer) {}
}

/// Handles of one kind, kept by the step that made them.
#[derive(Debug)]
pub struct Handles<T>(Vec<(u64, T)>);

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Handles<T> {
    /// Lends the handle of that step; `None` where there is none, or it is lent or closed already.
    pub fn take(&mut self, step: u64) -> Option<T> {
        let place = self.0.binary_search_by_key(&step, |(made, _)| *made).ok()?;
        Some(self.0.remove(place).1)
    }

    /// Keeps a new handle, or one that was lent.
    pub fn keep(&mut self, step: u64, handle: T) {
        let place = self.0.partition_point(|(made, _)| *made < step);
        self.0.insert(place, (step, handle));
    }
}

/// A step that is being done, and the place for its outcome.
#[derive(Debug)]
pub struct Step<'s> {
    /// Its number in the trace, from 0.
    pub number: u64,
    catch_all: Option<u64>,
    out: &'s mut Writer,
    texts: Option<&'s mut Writer>,
}

impl<'s> Step<'s> {
    fn new(
        number: u64,
        catch_all: Option<u64>,
        out: &'s mut Writer,
        texts: Option<&'s mut Writer>,
    ) -> Self {
        Self {
            number,
            catch_all,
            out,
            texts,
        }
    }

    /// Writes the outcome down.
    pub fn answer<T: Value>(&mut self, outcome: Outcome<T>) {
        self.answer_with(outcome, Writer::put);
    }

    /// Writes the outcome down, its value with `write`.
    pub fn answer_with<T>(&mut self, outcome: Outcome<T>, write: impl FnOnce(&mut Writer, &T)) {
        match outcome {
            Ok(value) => {
                self.out.array(2);
                self.out.u64(0);
                write(self.out, &value);
                self.say("");
            }
            Err(failure) => self.fail(failure),
        }
    }

    /// Writes down that a handle of this step was never made, or is closed.
    pub fn void(&mut self) {
        self.out.array(1);
        self.out.u64(5);
        self.say("");
    }

    fn fail(&mut self, failure: Failure) {
        match (failure.0, self.catch_all) {
            (Kind::Rejected(class), _) => {
                self.reject(class);
                self.say("");
            }
            (Kind::Library(error), Some(class)) => {
                self.reject(class);
                if self.texts.is_some() {
                    self.say(&error.to_string());
                }
            }
            (Kind::Library(error), None) => self.unmapped(&error.to_string()),
            (Kind::Unmapped(error), _) => self.unmapped(&error),
            (Kind::Unsupported, _) => {
                self.out.array(1);
                self.out.u64(4);
                self.say("");
            }
            (Kind::Broken(reason), _) => {
                worded(self.out, 6, &reason);
                self.say("");
            }
        }
    }

    fn reject(&mut self, class: u64) {
        self.out.array(3);
        self.out.u64(1);
        self.out.u64(class);
        self.out.null();
    }

    fn unmapped(&mut self, text: &str) {
        worded(self.out, 2, text);
        self.say(text);
    }

    fn say(&mut self, text: &str) {
        if let Some(texts) = &mut self.texts {
            texts.text(text);
        }
    }
}

fn worded(out: &mut Writer, kind: u64, text: &str) {
    out.array(2);
    out.u64(kind);
    out.text(text);
}

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
#[derive(Default)]
struct Progress {
    /// The step that is being done; `None` while the subject is opened.
    step: Option<usize>,
    /// Lengths of the writers before it, and how many states were kept.
    body: usize,
    states: usize,
    texts: usize,
    kept: usize,
}

impl<C: Contract> Session<'_, C> {
    /// Runs one trace; its answer is then in `body`.
    fn run(&mut self, trace: &[u8]) -> Result<(), Refused> {
        for writer in [&mut self.body, &mut self.states, &mut self.texts] {
            writer.truncate(0);
        }
        let mut reader = Reader::new(trace);
        let opening = self.header(&mut reader)?;
        let steps = reader.array()?;
        self.body.array(4);
        self.body.array(1);

        let mut progress = Progress {
            body: self.body.len(),
            ..Progress::default()
        };
        match panics::caught(|| self.attempt(opening, steps, &mut reader, &mut progress)) {
            Ok(attempted) => attempted?,
            Err(words) => self.write_panic(&words, steps, &progress),
        }
        if self.keeps_states {
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

    /// Reads what stands before the steps: today one instance, of schema 1 and without flags.
    fn header<'t>(&self, reader: &mut Reader<'t>) -> Result<C::Opening<'t>, Unreadable> {
        reader.fields(4)?;
        reader.text()?;
        reader.fields(1)?;
        reader.fields(2)?;
        if reader.u64()? != 1 {
            return Err(reader.expected("schema 1"));
        }
        reader.fields(0)?;
        reader.end();
        reader.end();
        reader.end();
        reader.fields(1)?;
        let opening = self.contract.opening(reader)?;
        reader.end();
        Ok(opening)
    }

    fn attempt(
        &mut self,
        opening: C::Opening<'_>,
        steps: usize,
        reader: &mut Reader<'_>,
        progress: &mut Progress,
    ) -> Result<(), Refused> {
        self.write_note(0);
        let opened = self.contract.open(opening);
        let mut step = Step::new(0, C::CATCH_ALL, &mut self.body, None);
        let mut opened = match opened {
            Ok(opened) => opened,
            Err(failure) => {
                step.fail(failure);
                self.fill_unopened(steps);
                return Ok(());
            }
        };
        step.answer(Ok(()));
        self.body.array(2 * steps);
        let mut is_large = false;
        if steps > 0 {
            self.begin(0, progress);
        }
        if self.keeps_states {
            // Encoded as part of the first step, where it would fail if no states were kept.
            self.encode_state(&mut opened);
            self.keep_state();
            progress.kept = 1;
        }
        for number in 0..steps {
            self.begin(number, progress);
            self.step(&mut opened, number, reader)
                .map_err(|cause| Refused {
                    trace: None,
                    step: Some(number),
                    cause,
                })?;
            let is_last = number + 1 == steps;
            if C::HAS_STATE && (self.keeps_states || is_last || !is_large) {
                self.encode_state(&mut opened);
                is_large |= self.state.len() > LARGE_STATE;
                let digest = fnv1a(self.state.as_bytes());
                self.body.bytes(&digest.to_be_bytes());
            } else {
                self.body.null();
            }
            self.keep_state();
        }
        reader.finish()?;
        Ok(())
    }

    fn step(
        &mut self,
        opened: &mut C::Opened,
        number: usize,
        reader: &mut Reader<'_>,
    ) -> Result<(), Unreadable> {
        reader.fields(4)?;
        let operation = reader.u64()?;
        if reader.u64()? != 0 {
            return Err(reader.expected("instance 0"));
        }
        reader.null()?;
        let texts = self.keeps_texts.then_some(&mut self.texts);
        let mut step = Step::new(number as u64, C::CATCH_ALL, &mut self.body, texts);
        self.contract.step(opened, operation, reader, &mut step)?;
        reader.end();
        Ok(())
    }

    fn begin(&mut self, number: usize, progress: &mut Progress) {
        self.write_note(number as u32 + 1);
        *progress = Progress {
            step: Some(number),
            body: self.body.len(),
            states: self.states.len(),
            texts: self.texts.len(),
            kept: number + usize::from(!self.states.is_empty()),
        };
    }

    fn encode_state(&mut self, opened: &mut C::Opened) {
        self.state.truncate(0);
        self.contract.state(opened, &mut self.state);
    }

    fn keep_state(&mut self) {
        if !self.keeps_states {
            return;
        }
        if C::HAS_STATE {
            self.states.array(1);
            self.states.bytes(self.state.as_bytes());
        } else {
            self.states.null();
        }
    }

    /// Ends a trace whose subject was not opened.
    fn fill_unopened(&mut self, steps: usize) {
        self.body.array(2 * steps);
        self.fill(steps, 5);
        self.fill_kept(steps + 1, steps);
    }

    /// Ends a trace that panicked: the step's outcome is the panic, the rest is not reached.
    fn write_panic(&mut self, words: &str, steps: usize, progress: &Progress) {
        self.body.truncate(progress.body);
        self.states.truncate(progress.states);
        self.texts.truncate(progress.texts);
        worded(&mut self.body, 3, words);
        match progress.step {
            None => self.fill_unopened(steps),
            Some(number) => {
                self.body.null();
                self.fill(steps - number - 1, 7);
                self.fill_kept(steps + 1 - progress.kept, steps - number);
            }
        }
    }

    fn fill(&mut self, steps: usize, kind: u64) {
        for _ in 0..steps {
            self.body.array(1);
            self.body.u64(kind);
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
