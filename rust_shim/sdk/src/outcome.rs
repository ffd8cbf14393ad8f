//! What a subject did in one step: a value, or a failure of a named kind.
//!
//! Knows nothing of traces.

use std::fmt;

use crate::limits::{MAX_TEXT, cut_text};
use crate::writer::Writer;

// Kinds of outcomes, as docs/reference/wire.md numbers them.
const ACCEPTED: u64 = 0;
const REJECTED: u64 = 1;
const UNMAPPED: u64 = 2;
pub(crate) const PANICKED: u64 = 3;
const UNSUPPORTED: u64 = 4;
pub(crate) const VOID: u64 = 5;
const BROKEN: u64 = 6;
pub(crate) const NOT_REACHED: u64 = 7;

/// What each method of a subject returns.
pub type Outcome<T> = Result<T, Failure>;

/// Why a step has no value.
///
/// The operator `?` makes one of any [`std::error::Error`]: an *unmapped* failure, which driftcheck reports as
/// a finding about the adapter. The generated `Rejection` of a contract becomes a rejection.
pub struct Failure(Kind);

enum Kind {
    Rejected(usize, Detail),
    Library(Box<dyn fmt::Display>),
    Unmapped(String),
    Unsupported,
    Broken(String),
}

/// The encoded detail of a rejection.
type Detail = Option<Vec<u8>>;

impl Failure {
    /// Makes the rejection of the given index, for generated code.
    #[doc(hidden)]
    pub fn rejected(class: usize) -> Self {
        Self(Kind::Rejected(class, None))
    }

    /// Makes the rejection of the given index with the detail that `write` encodes, for generated code.
    #[doc(hidden)]
    pub fn rejected_with(class: usize, write: impl FnOnce(&mut Writer)) -> Self {
        let mut detail = Writer::new();
        write(&mut detail);
        Self(Kind::Rejected(class, Some(detail.into_data())))
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Kind::Unmapped(error.to_string()))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Rejected(class, _) => write!(f, "rejected with class {class}"),
            Kind::Library(error) => write!(f, "the library's own error: {error}"),
            Kind::Unmapped(error) => write!(f, "unmapped: {error}"),
            Kind::Unsupported => f.write_str("unsupported"),
            Kind::Broken(reason) => write!(f, "broken adapter: {reason}"),
        }
    }
}

/// Marks an error as the library's own: the catch-all rejection of the contract takes it.
///
/// Without a catch-all rejection the error is unmapped.
///
/// ```
/// use driftcheck::{Outcome, library};
///
/// fn parse(text: &str) -> Outcome<u64> {
///     text.parse().map_err(library)
/// }
///
/// assert!(parse("seven").is_err());
/// ```
pub fn library(error: impl fmt::Display + 'static) -> Failure {
    // Boxed, because most modes never ask for its text.
    Failure(Kind::Library(Box::new(error)))
}

/// Reports a fault of the adapter itself, such as a conversion that should never fail.
///
/// ```
/// use driftcheck::{Outcome, broken};
///
/// fn count(items: &[u8]) -> Outcome<i64> {
///     i64::try_from(items.len()).map_err(|error| broken(format!("convert the count: {error}")))
/// }
///
/// assert!(count(b"abc").is_ok());
/// ```
pub fn broken(reason: impl fmt::Display) -> Failure {
    Failure(Kind::Broken(reason.to_string()))
}

/// Says that the subject cannot do the step. driftcheck counts such steps and does not compare them.
///
/// ```
/// use driftcheck::{Outcome, unsupported};
///
/// fn resize(_capacity: u64) -> Outcome<u64> {
///     Err(unsupported()) // this library has a fixed capacity
/// }
///
/// assert!(resize(8).is_err());
/// ```
pub fn unsupported() -> Failure {
    Failure(Kind::Unsupported)
}

impl Failure {
    /// Writes the outcome, and the library's own text behind it if the mode asks for texts.
    pub(crate) fn write(
        self,
        catch_all: Option<usize>,
        w: &mut Writer,
        texts: Option<&mut Writer>,
    ) {
        let text = match (self.0, catch_all) {
            (Kind::Rejected(class, detail), _) => {
                write_rejected(w, class, detail);
                String::new()
            }
            (Kind::Library(error), Some(class)) => {
                write_rejected(w, class, None);
                // Most rejections are of this kind, and most modes ask for no texts.
                texts
                    .as_ref()
                    .map_or_else(String::new, |_| error.to_string())
            }
            (Kind::Library(error), None) => write_unmapped(w, error.to_string()),
            (Kind::Unmapped(text), _) => write_unmapped(w, text),
            (Kind::Unsupported, _) => {
                write_outcome(w, UNSUPPORTED);
                String::new()
            }
            (Kind::Broken(reason), _) => {
                write_outcome_text(w, BROKEN, &reason);
                String::new()
            }
        };
        if let Some(texts) = texts {
            texts.text(&cut_text(&text, MAX_TEXT));
        }
    }
}

/// Writes an accepted outcome, its value with `write`.
pub(crate) fn write_accepted<T>(w: &mut Writer, value: &T, write: impl FnOnce(&mut Writer, &T)) {
    w.array(2);
    w.uint(ACCEPTED);
    write(w, value);
}

fn write_rejected(w: &mut Writer, class: usize, detail: Detail) {
    w.array(3);
    w.uint(REJECTED);
    w.uint(class as u64);
    match detail {
        Some(detail) => w.encoded(&detail),
        None => w.null(),
    }
}

fn write_unmapped(w: &mut Writer, text: String) -> String {
    write_outcome_text(w, UNMAPPED, &text);
    text
}

/// Writes an outcome that is nothing but its kind.
pub(crate) fn write_outcome(w: &mut Writer, kind: u64) {
    w.array(1);
    w.uint(kind);
}

/// Writes an outcome with a text.
pub(crate) fn write_outcome_text(w: &mut Writer, kind: u64, text: &str) {
    w.array(2);
    w.uint(kind);
    w.text(&cut_text(text, MAX_TEXT));
}
