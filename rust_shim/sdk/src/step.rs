//! A step that is being run, and the place for its outcome.

use crate::codec::Unreadable;
use crate::outcome::{Outcome, VOID, write_accepted, write_outcome};
use crate::reader::Reader;
use crate::value::Value;
use crate::writer::Writer;

/// One step of a trace, without its arguments.
#[derive(Debug)]
pub struct Step<'s> {
    /// Its number in the trace, from 0.
    pub number: u64,
    /// The index of its operation.
    pub operation: usize,
    /// The index of the subject that the step is for.
    pub instance: usize,
    /// The index of the fault that happens in the step.
    pub fault: Option<usize>,

    pub(crate) instances: usize,
    pub(crate) catch_all: Option<usize>,
    pub(crate) reply: &'s mut Writer,
    pub(crate) texts: Option<&'s mut Writer>,
}

impl Step<'_> {
    /// Reads the index of another instance of the trace.
    pub fn peer(&self, r: &mut Reader<'_>) -> Result<usize, Unreadable> {
        let start = r.clone();
        let peer = r.index(self.instances)?;
        if peer == self.instance {
            return Err(start.expected("another instance"));
        }
        Ok(peer)
    }

    /// Writes the outcome.
    pub fn answer<T: Value>(&mut self, outcome: Outcome<T>) {
        self.answer_with(outcome, Writer::put);
    }

    /// Writes the outcome, its value with `write`.
    pub fn answer_with<T>(&mut self, outcome: Outcome<T>, write: impl FnOnce(&mut Writer, &T)) {
        match outcome {
            Ok(value) => {
                write_accepted(self.reply, &value, write);
                self.write_no_text();
            }
            Err(failure) => failure.write(self.catch_all, self.reply, self.texts.as_deref_mut()),
        }
    }

    /// Writes that a handle of the step was never made, or is closed.
    pub fn void(&mut self) {
        write_outcome(self.reply, VOID);
        self.write_no_text();
    }

    fn write_no_text(&mut self) {
        if let Some(texts) = &mut self.texts {
            texts.text("");
        }
    }
}

/// Borrows the instance of a step and its peer, which [`Step::peer`] has read.
///
/// # Panics
///
/// If both are the same instance, or one of them does not exist.
pub fn pair<T>(instances: &mut [T], own: usize, peer: usize) -> (&mut T, &mut T) {
    let (low, high) = instances.split_at_mut(own.max(peer));
    if own < peer {
        (&mut low[own], &mut high[0])
    } else {
        (&mut high[0], &mut low[peer])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Reason;

    #[test]
    fn two_instances_are_borrowed_at_once() {
        let mut instances = ['a', 'b', 'c'];

        assert_eq!(pair(&mut instances, 0, 2), (&mut 'a', &mut 'c'));
        assert_eq!(pair(&mut instances, 2, 1), (&mut 'c', &mut 'b'));
    }

    #[test]
    fn a_peer_is_another_instance_of_the_trace() {
        let mut reply = Writer::new();
        let step = Step {
            number: 0,
            operation: 0,
            instance: 1,
            fault: None,
            instances: 3,
            catch_all: None,
            reply: &mut reply,
            texts: None,
        };
        let peer = |index: u8| step.peer(&mut Reader::new(&[index]));

        assert_eq!(peer(0), Ok(0));
        assert_eq!(peer(2), Ok(2));
        let own = peer(1).unwrap_err();
        assert_eq!(own.reason(), Reason::Unexpected("another instance"));
        let beyond = peer(3).unwrap_err();
        assert_eq!(beyond.reason(), Reason::OutOfRange { got: 3, below: 3 });
    }
}
