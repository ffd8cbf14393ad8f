//! What generated code is made of: the contract as a trait, and a step to answer.

use crate::codec::{Reader, Unreadable, Writer};
use crate::outcome::{ACCEPTED, Outcome, VOID, write_bare};
use crate::value::Value;

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
    /// How many subjects of one kind stand in one trace.
    const INSTANCES: usize = 1;
    /// How many things may go wrong around a step.
    const FAULTS: u64 = 0;

    /// Reads the opening arguments.
    fn opening<'a>(&self, arguments: &mut Reader<'a>) -> Result<Self::Opening<'a>, Unreadable>;

    /// Opens a subject.
    fn open(&self, opening: Self::Opening<'_>) -> Outcome<Self::Opened>;

    /// Reads the arguments of one operation, does it on the instance `at`, and answers `step`.
    fn step(
        &self,
        instances: &mut [Self::Opened],
        at: usize,
        operation: u64,
        arguments: &mut Reader<'_>,
        step: &mut Step<'_>,
    ) -> Result<(), Unreadable>;

    /// Encodes the state, where there is one.
    fn state(&self, _opened: &mut Self::Opened, _out: &mut Writer) {}
}

/// Lends two instances at once, for generated code; `None` where one of them is not there, or both are one.
pub fn pair<T>(instances: &mut [T], at: usize, peer: u64) -> Option<(&mut T, &mut T)> {
    let peer = usize::try_from(peer)
        .ok()
        .filter(|p| *p < instances.len())?;
    let (low, high) = instances.split_at_mut_checked(at.max(peer))?;
    match at < peer {
        true => Some((&mut low[at], high.first_mut()?)),
        false => Some((high.first_mut()?, low.get_mut(peer)?)),
    }
}

/// A step that is being done, and the place for its outcome.
#[derive(Debug)]
pub struct Step<'s> {
    /// Its number in the trace, from 0.
    pub number: u64,
    /// What goes wrong around it, by index.
    pub fault: Option<u64>,
    catch_all: Option<u64>,
    out: &'s mut Writer,
    texts: Option<&'s mut Writer>,
}

impl<'s> Step<'s> {
    pub(crate) fn new(
        number: u64,
        fault: Option<u64>,
        catch_all: Option<u64>,
        out: &'s mut Writer,
        texts: Option<&'s mut Writer>,
    ) -> Self {
        Self {
            number,
            fault,
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
                self.out.u64(ACCEPTED);
                write(self.out, &value);
                self.say_nothing();
            }
            Err(failure) => failure.write(self.catch_all, self.out, self.texts.as_deref_mut()),
        }
    }

    /// Writes down that a handle of this step was never made, or is closed.
    pub fn void(&mut self) {
        write_bare(self.out, VOID);
        self.say_nothing();
    }

    fn say_nothing(&mut self) {
        if let Some(texts) = &mut self.texts {
            texts.text("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_instances_are_lent_at_once() {
        let mut instances = ['a', 'b', 'c'];

        assert_eq!(pair(&mut instances, 0, 2), Some((&mut 'a', &mut 'c')));
        assert_eq!(pair(&mut instances, 2, 1), Some((&mut 'c', &mut 'b')));
        assert_eq!(pair(&mut instances, 1, 1), None);
        assert_eq!(pair(&mut instances, 1, 3), None);
        assert_eq!(pair(&mut instances, 0, u64::MAX), None);
    }
}
