//! Panics of a subject, turned into words with the place where they began.
//!
//! A panic on another thread is left alone, and so is one outside [`caught`]: they print as usual.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static WORDS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `body`; returns the words of its panic where it panics.
pub(crate) fn caught<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(install);
    WORDS.take();
    let outer = WATCHED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    WATCHED.set(outer);
    result.map_err(|payload| {
        let words = WORDS
            .take()
            .unwrap_or_else(|| message(&*payload).to_owned());
        // A payload may panic when it is dropped, and is no longer of use.
        std::mem::forget(payload);
        words
    })
}

fn install() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !WATCHED.get() {
            return previous(info);
        }
        // A second panic while the first unwinds aborts: then these lines are all that is left.
        if let Some(first) = WORDS.replace(Some(words(info))) {
            eprintln!("driftcheck: earlier panic: {first}");
            previous(info);
        }
    }));
}

fn words(info: &PanicHookInfo<'_>) -> String {
    let text = message(info.payload());
    match info.location() {
        Some(at) => format!(
            "{text} ({}:{}:{})",
            source(at.file()),
            at.line(),
            at.column()
        ),
        None => text.to_owned(),
    }
}

fn message(payload: &dyn Any) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "a panic without words"
    }
}

/// Shortens a source path to what is the same on every machine: `lru-0.16.2/src/lib.rs`.
fn source(path: &str) -> &str {
    if let Some((_, rest)) = path.split_once("/registry/src/") {
        return rest.split_once('/').map_or(rest, |(_index, rest)| rest);
    }
    match path
        .strip_prefix("/rustc/")
        .and_then(|rest| rest.split_once('/'))
    {
        Some((_commit, rest)) => rest,
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place() {
        let line = line!() + 1;
        let words = caught(|| panic!("out of {}", "luck")).unwrap_err();

        assert!(words.starts_with("out of luck ("), "{words}");
        assert!(words.contains(&format!("panics.rs:{line}:")), "{words}");
    }

    #[test]
    fn a_payload_that_is_no_text_still_has_words() {
        let words = caught(|| panic::resume_unwind(Box::new(7))).unwrap_err();

        assert_eq!(words, "a panic without words");
    }

    #[test]
    fn paths_say_nothing_of_the_machine() {
        let krate = "/home/me/.cargo/registry/src/index.crates.io-1949/lru-0.16.2/src/lib.rs";

        assert_eq!(source(krate), "lru-0.16.2/src/lib.rs");
        assert_eq!(
            source("/rustc/59807616e1/library/core/src/num.rs"),
            "library/core/src/num.rs"
        );
        assert_eq!(source("src/lib.rs"), "src/lib.rs");
    }
}
