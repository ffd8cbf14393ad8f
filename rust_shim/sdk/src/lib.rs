//! The Rust SDK of driftcheck: the part of a Rust subject that every contract shares.
//!
//! An adapter implements the generated trait `Subject` and passes its contract to [`extension!`].
//! Its methods return an [`Outcome`], and it needs five names:
//!
//! - a generated `Rejection` rejects the step,
//! - [`library`] marks an error as the library's own,
//! - [`broken`] reports a fault of the adapter itself,
//! - [`unsupported`] says that the subject cannot do a step,
//! - the operator `?` makes any other error *unmapped*, which driftcheck reports as a finding about the adapter.
//!
//! Generated code calls all other names. For each step it reads the arguments from a [`Reader`], calls the
//! subject, and answers the [`Step`].
//!
//! The crate has no dependencies without its feature `python`, because a dependency would change the versions
//! under test. It knows nothing of Python outside that feature, which exports it to Python.
//! `docs/reference/wire.md` of driftcheck defines the messages.
//!
//! The Go SDK is the twin of this crate. Both have the same files, and in them the same names in the same
//! order: codec, writer, reader, contract, step, handles, outcome, panics, session, describe.
//!
//! # A contract by hand
//!
//! Generated code does what this example does: it implements [`Contract`] around a subject.
//!
//! ```
//! use std::sync::atomic::AtomicU64;
//!
//! use driftcheck::{Contract, Outcome, Reader, Step, Unreadable, Writer, run};
//!
//! struct Counter;
//!
//! impl Contract for Counter {
//!     type Opened = u64;
//!     type Opening<'a> = ();
//!
//!     const NAME: &'static str = "counter";
//!     const FINGERPRINT: &'static str = "0123456789abcdef";
//!     const OPERATIONS: &'static [&'static str] = &["add"];
//!     const CATCH_ALL: Option<usize> = None;
//!     const HAS_STATE: bool = true;
//!
//!     fn opening<'a>(&self, r: &mut Reader<'a>) -> Result<(), Unreadable> {
//!         r.fields(0)
//!     }
//!
//!     fn open(&self, _: ()) -> Outcome<u64> {
//!         Ok(0)
//!     }
//!
//!     fn step(
//!         &self,
//!         instances: &mut [u64],
//!         step: &mut Step<'_>,
//!         r: &mut Reader<'_>,
//!     ) -> Result<(), Unreadable> {
//!         r.fields(1)?;
//!         let number = r.uint()?;
//!         let count = &mut instances[step.instance];
//!         *count += number;
//!         step.answer(Ok(*count));
//!         Ok(())
//!     }
//!
//!     fn state(&self, count: &mut u64, w: &mut Writer) {
//!         w.uint(*count);
//!     }
//! }
//!
//! // One trace of one step: add(5).
//! let trace = b"\x84\x62id\x81\x82\x01\x80\x81\x80\x81\x84\x00\x00\xf6\x81\x05";
//! let mut request = Writer::new();
//! request.array(3);
//! request.uint(1); // the protocol
//! request.uint(0); // the mode
//! request.array(1);
//! request.bytes(trace);
//!
//! let reply = run(&Counter, &AtomicU64::new(0), request.data())?;
//!
//! // Opened; accepted with 5, and the digest of the state; no states, no texts.
//! let mut r = Reader::new(&reply);
//! r.fields(1)?;
//! assert!(r.bytes()?.starts_with(b"\x84\x81\x82\x00\xf6\x82\x82\x00\x05\x48"));
//! # Ok::<(), Unreadable>(())
//! ```

#[cfg(feature = "python")]
#[doc(hidden)]
pub mod abi;
mod codec;
mod contract;
#[cfg(feature = "coverage")]
mod coverage;
#[cfg(feature = "python")]
mod crash;
mod describe;
mod handles;
mod limits;
mod outcome;
mod panics;
mod reader;
mod session;
mod step;
mod value;
mod writer;

pub use codec::{MAX_DEPTH, Reason, Unreadable};
pub use contract::Contract;
#[cfg(feature = "coverage")]
pub use coverage::coverage;
pub use describe::{ABI, describe};
pub use handles::Handles;
pub use outcome::{Failure, Outcome, broken, library, unsupported};
pub use reader::Reader;
pub use session::{PROTOCOL, run};
pub use step::{Step, pair};
pub use value::Value;
pub use writer::Writer;

/// Checks that the expression is a contract. With the feature `python` it makes an extension module of it.
#[cfg(not(feature = "python"))]
#[macro_export]
macro_rules! extension {
    ($contract:expr $(,)?) => {
        const _: fn() = || {
            fn check(_: impl $crate::Contract) {}
            check($contract);
        };
    };
}
