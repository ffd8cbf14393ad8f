//! What a subject did with one step: a value, or a failure of a named kind.
//!
//! Knows nothing of traces.

use std::fmt;

use crate::codec::Writer;

pub(crate) const ACCEPTED: u64 = 0;
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
/// Any [`std::error::Error`] turns into an *unmapped* failure by `?`, a finding that blames the adapter;
/// a contract's generated `Rejection` turns into a rejection.
pub struct Failure(Kind);

/// What comes with a rejection, as it travels.
type Detail = Option<Vec<u8>>;

enum Kind {
    Rejected(u64, Detail),
    Library(Box<dyn fmt::Display>),
    Unmapped(String),
    Unsupported,
    Broken(String),
}

impl Failure {
    /// Makes the rejection of that index; for generated code.
    #[doc(hidden)]
    pub fn rejected(class: u64) -> Self {
        Self(Kind::Rejected(class, None))
    }

    /// Makes the rejection of that index with the detail that `write` writes; for generated code.
    #[doc(hidden)]
    pub fn rejected_with(class: u64, write: impl FnOnce(&mut Writer)) -> Self {
        let mut detail = Writer::new();
        write(&mut detail);
        Self(Kind::Rejected(class, Some(detail.into_bytes())))
    }

    /// Writes the outcome down, and the words of the error behind it where `texts` are kept.
    pub(crate) fn write(
        self,
        catch_all: Option<u64>,
        out: &mut Writer,
        texts: Option<&mut Writer>,
    ) {
        let words = match (self.0, catch_all) {
            (Kind::Rejected(class, detail), _) => {
                write_rejected(out, class, detail);
                String::new()
            }
            (Kind::Library(error), Some(class)) => {
                write_rejected(out, class, None);
                // Most rejections are of this kind, and most are not asked for their words.
                texts
                    .as_ref()
                    .map_or_else(String::new, |_| error.to_string())
            }
            (Kind::Library(error), None) => write_unmapped(out, error.to_string()),
            (Kind::Unmapped(words), _) => write_unmapped(out, words),
            (Kind::Unsupported, _) => {
                write_bare(out, UNSUPPORTED);
                String::new()
            }
            (Kind::Broken(reason), _) => {
                write_worded(out, BROKEN, &reason);
                String::new()
            }
        };
        if let Some(texts) = texts {
            texts.text(&words);
        }
    }
}

fn write_unmapped(out: &mut Writer, words: String) -> String {
    write_worded(out, UNMAPPED, &words);
    words
}

fn write_rejected(out: &mut Writer, class: u64, detail: Detail) {
    out.array(3);
    out.u64(REJECTED);
    out.u64(class);
    match detail {
        Some(detail) => out.append(&detail),
        None => out.null(),
    }
}

/// Writes an outcome that has nothing but its kind.
pub(crate) fn write_bare(out: &mut Writer, kind: u64) {
    out.array(1);
    out.u64(kind);
}

/// Writes an outcome that has words.
pub(crate) fn write_worded(out: &mut Writer, kind: u64, words: &str) {
    out.array(2);
    out.u64(kind);
    out.text(words);
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
            Kind::Rejected(class, _) => write!(f, "rejected by class {class}"),
            Kind::Library(error) => write!(f, "library: {error}"),
            Kind::Unmapped(error) => write!(f, "unmapped: {error}"),
            Kind::Unsupported => f.write_str("unsupported"),
            Kind::Broken(reason) => write!(f, "broken adapter: {reason}"),
        }
    }
}
