//! Panics of a subject as text, with the place where each began.
//!
//! A panic on another thread, or outside [`guard`], prints as usual.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use crate::limits::{MAX_PANIC, cut_text};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static TEXT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Calls `body` and returns its result, or the text of its panic.
///
/// It is the one place that catches panics of a subject.
pub(crate) fn guard<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(install);
    TEXT.take();
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    GUARDED.set(outer);
    result.map_err(|payload| {
        let text = TEXT.take().unwrap_or_else(|| message(&*payload).to_owned());
        // The payload may panic when it is dropped, and nothing needs it.
        std::mem::forget(payload);
        text
    })
}

fn install() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !GUARDED.get() {
            return previous(info);
        }
        // A second panic while the first unwinds aborts the process. Then only these lines are left.
        if let Some(first) = TEXT.replace(Some(text(info))) {
            eprintln!("driftcheck: earlier panic: {first}");
            previous(info);
        }
    }));
}

fn text(info: &PanicHookInfo<'_>) -> String {
    let message = cut_text(message(info.payload()), MAX_PANIC);
    match info.location() {
        Some(at) => format!(
            "{message} ({}:{}:{})",
            place(at.file()),
            at.line(),
            at.column()
        ),
        None => message.into_owned(),
    }
}

fn message(payload: &dyn Any) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "a panic without a message"
    }
}

/// Shortens a source path to the part that is the same on every machine: `lru-0.16.2/src/lib.rs`.
fn place(path: &str) -> &str {
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
    fn the_text_of_a_panic_names_its_place() {
        let line = line!() + 1;
        let text = guard(|| panic!("out of {}", "luck")).unwrap_err();

        assert!(text.starts_with("out of luck ("), "{text}");
        assert!(text.contains(&format!("panics.rs:{line}:")), "{text}");
    }

    #[test]
    fn a_payload_that_is_no_text_still_has_one() {
        let text = guard(|| panic::resume_unwind(Box::new(7))).unwrap_err();

        assert_eq!(text, "a panic without a message");
    }

    #[test]
    fn places_name_no_folder_of_the_machine() {
        let krate = "/home/me/.cargo/registry/src/index.crates.io-1949/lru-0.16.2/src/lib.rs";

        assert_eq!(place(krate), "lru-0.16.2/src/lib.rs");
        assert_eq!(
            place("/rustc/59807616e1/library/core/src/num.rs"),
            "library/core/src/num.rs"
        );
        assert_eq!(place("src/lib.rs"), "src/lib.rs");
    }
}
