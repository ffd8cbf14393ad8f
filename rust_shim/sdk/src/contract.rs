//! What generated code implements: the contract as a trait.

use crate::codec::Unreadable;
use crate::outcome::Outcome;
use crate::reader::Reader;
use crate::step::Step;
use crate::writer::Writer;

/// A contract bound to an adapter. Generated code implements it.
pub trait Contract {
    /// One open subject and the handles that its steps made.
    type Opened;
    /// The opening arguments.
    type Opening<'a>;

    /// The contract's name.
    const NAME: &'static str;
    /// The fingerprint of the contract's wire format, as 16 hexadecimal digits.
    const FINGERPRINT: &'static str;
    /// The names of the operations, by index.
    const OPERATIONS: &'static [&'static str];
    /// The index of the rejection that takes the library's own errors.
    const CATCH_ALL: Option<usize>;
    /// Whether the contract has a state.
    const HAS_STATE: bool;
    /// How many subjects of one kind there are in one trace.
    const INSTANCES: usize = 1;
    /// The names of the faults, by index.
    const FAULTS: &'static [&'static str] = &[];

    /// Reads the opening arguments.
    fn opening<'a>(&self, r: &mut Reader<'a>) -> Result<Self::Opening<'a>, Unreadable>;

    /// Opens a subject for one trace.
    fn open(&self, opening: Self::Opening<'_>) -> Outcome<Self::Opened>;

    /// Reads the arguments of the step's operation, calls the subject, and answers the step.
    ///
    /// When it cannot read the arguments, it has not called the subject.
    fn step(
        &self,
        instances: &mut [Self::Opened],
        step: &mut Step<'_>,
        r: &mut Reader<'_>,
    ) -> Result<(), Unreadable>;

    /// Writes the subject's state.
    fn state(&self, _opened: &mut Self::Opened, _w: &mut Writer) {}
}
