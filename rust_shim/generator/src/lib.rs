//! The native search: expands a seed into a trace, by a plan that driftcheck has written.
//!
//! The crate knows nothing of Python, of a subject or of a verdict. Its drawing follows
//! `harness/driftcheck/generate`; `docs/reference/native-search.md` describes the plan and the random
//! numbers, and is normative.

#![warn(missing_docs)]

mod cbor;
mod fnv;
mod lengths;
mod order;
mod plan;
mod random;
mod read_plan;
mod reply;
mod state;
mod trace;
mod values;

pub use cbor::Malformed;
pub use fnv::fnv1a;
pub use order::Order;
pub use random::Random;
pub use reply::summary;
pub use state::Undrawable;
pub use trace::Generator;
