//! What a subject did with one step: a value, or a failure of a named kind.
//!
//! Knows nothing of traces; [`crate::session`] writes outcomes down.

use std::fmt;

/// What each method of a subject returns.
pub type Outcome<T> = Result<T, Failure>;

/// Why a step has no value.
///
/// Any [`std::error::Error`] turns into an *unmapped* failure by `?`, a finding that blames the adapter;
/// a contract's generated `Rejection` turns into a rejection.
pub struct Failure(pub(crate) Kind);

pub(crate) enum Kind {
    Rejected(u64),
    Library(Box<dyn fmt::Display>),
    Unmapped(String),
    Unsupported,
    Broken(String),
}

impl Failure {
    /// Makes the rejection of that index; for generated code.
    #[doc(hidden)]
    pub fn rejected(class: u64) -> Self {
        Self(Kind::Rejected(class))
    }
}

/// Hands an error on as the library's own: the contract's catch-all rejection takes it.
///
/// Without a catch-all it is unmapped. It is turned into words only where they are asked for.
pub fn library(error: impl fmt::Display + 'static) -> Failure {
    Failure(Kind::Library(Box::new(error)))
}

/// Says that the adapter itself is at fault, such as by a conversion that fails.
pub fn broken(reason: impl fmt::Display) -> Failure {
    Failure(Kind::Broken(reason.to_string()))
}

/// Says that this subject cannot do the step: it is counted, not compared.
pub fn unsupported() -> Failure {
    Failure(Kind::Unsupported)
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Kind::Unmapped(error.to_string()))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Rejected(class) => write!(f, "rejected by class {class}"),
            Kind::Library(error) => write!(f, "library: {error}"),
            Kind::Unmapped(error) => write!(f, "unmapped: {error}"),
            Kind::Unsupported => f.write_str("unsupported"),
            Kind::Broken(reason) => write!(f, "broken adapter: {reason}"),
        }
    }
}
