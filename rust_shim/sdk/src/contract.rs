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
    pub(crate) fn new(
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
