//! The limits of what a library sends, as `docs/reference/limits.md` gives them.

use std::borrow::Cow;

/// In bytes, of the state of one instance.
const MAX_STATE: usize = 8 << 20;

/// In bytes, of the text of an error or a panic.
pub(crate) const MAX_TEXT: usize = 4096;

/// In bytes, of the words of a panic, so that its place is kept.
pub(crate) const MAX_PANIC: usize = 2048;

/// In bytes, of what a cut text ends with.
const MAX_SUFFIX: usize = 32;

const STATUS_EXHAUSTED: i32 = 2;

/// Returns a text. One that is longer than `longest` bytes loses its end, and says how long it was.
pub(crate) fn cut_text(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    let mut end = longest - MAX_SUFFIX;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!(
        "{}... ({} bytes)",
        &text[..end],
        grouped(text.len())
    ))
}

/// Ends the process if a state is larger than its limit. driftcheck reads the line that it prints.
pub(crate) fn check_state(size: usize) {
    if size > MAX_STATE {
        eprintln!(
            "driftcheck: exhausted: a state of {} bytes is larger than the limit of {} bytes",
            grouped(size),
            grouped(MAX_STATE)
        );
        std::process::exit(STATUS_EXHAUSTED);
    }
}

/// Returns a number with a comma between each three digits.
fn grouped(n: usize) -> String {
    let mut text = n.to_string();
    let mut at = text.len();
    while at > 3 {
        at -= 3;
        text.insert(at, ',');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_loses_its_end_and_says_how_long_it_was() {
        let text = "ü".repeat(25_000_000);
        let cut = cut_text(&text, MAX_TEXT);

        assert!(cut.len() <= MAX_TEXT);
        assert!(cut.ends_with("ü... (50,000,000 bytes)"), "{cut}");
        assert_eq!(cut_text(&cut, MAX_TEXT), cut);
    }

    #[test]
    fn a_text_of_the_limit_is_kept() {
        let text = "x".repeat(MAX_TEXT);

        assert_eq!(cut_text(&text, MAX_TEXT), text);
    }
}
