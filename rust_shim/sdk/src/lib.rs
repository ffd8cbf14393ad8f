//! The Rust side of driftcheck: runs the traces of a contract against a subject, step by step.
//!
//! An adapter implements the generated trait `Subject` and names it in [`extension!`];
//! its methods return an [`Outcome`], where `?` makes any error *unmapped*, a generated `Rejection`
//! rejects, and [`library`], [`broken`] and [`unsupported`] say what else may have happened.
//! What else is public here is for generated code.
//!
//! Knows nothing of Python but in `abi`, the face behind the feature `python`.

#[cfg(feature = "python")]
#[doc(hidden)]
pub mod abi;
pub mod codec;
mod contract;
#[cfg(feature = "python")]
mod crash;
mod describe;
mod handle;
mod outcome;
mod panics;
mod session;
mod value;

pub use codec::{Reader, Unreadable, Writer};
pub use contract::{Contract, Step, pair};
pub use describe::describe;
pub use handle::Handles;
pub use outcome::{Failure, Outcome, broken, library, unsupported};
pub use session::{Refused, run};
pub use value::Value;

/// Checks that the expression is a contract; with the feature `python` it makes an extension module of it.
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
