"""Whose code panicked, by the text that an SDK makes of a panic."""

from __future__ import annotations

import json

import pytest

from driftcheck.oracle.checks import PANIC
from driftcheck.oracle.panics import frame_of, who_panicked

INDEX = "runtime error: index out of range [3] with length 3"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (
            f"{INDEX} (adapter.go:17, main.adapter.Decode)",
            "the adapter panicked at adapter.go:17, in main.adapter.Decode",
        ),
        (
            f"{INDEX} (contract_gen.go:98, driftcheck/contracts/json/json.(*opened).Step)",
            "the adapter panicked at contract_gen.go:98, in driftcheck/contracts/json/json.(*opened).Step",
        ),
        (
            f"{INDEX} (decode.go:102, encoding/json.Unmarshal)",
            "the library panicked at decode.go:102, in encoding/json.Unmarshal",
        ),
        (
            f"{INDEX} (limiter.go:9, driftcheck-bucket/limiter.(*Bucket).Take)",
            "the library panicked at limiter.go:9, in driftcheck-bucket/limiter.(*Bucket).Take",
        ),
        (
            "called `Option::unwrap()` on a `None` value (src/lib.rs:41:9)",
            "the adapter panicked at src/lib.rs:41:9",
        ),
        (
            "not a char boundary (lru-0.16.2/src/lib.rs:8:9)",
            "the library panicked at lru-0.16.2/src/lib.rs:8:9",
        ),
        (
            "capacity overflow (library/alloc/src/raw_vec/mod.rs:28:5)",
            "the library panicked at library/alloc/src/raw_vec/mod.rs:28:5",
        ),
        (
            "no entry (/home/me/engine/src/store.rs:5:1)",
            "the library panicked at /home/me/engine/src/store.rs:5:1",
        ),
        ("no entry (engine/src/store.rs:5:1)", ""),
        ("boom (in an unknown place)", ""),
        ("boom", ""),
        ("a message with (brackets)", ""),
    ],
)
def test_the_place_of_a_panic_tells_whose_it_is(text: str, who: str) -> None:
    """The Go package `main`, the crate of the adapter and generated code are the adapter's; where the place
    does not tell, nothing is claimed.
    """
    assert who_panicked(text) == who


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        (f"{INDEX} (a.go:17, main.f)", "runtime error: index out of range […] with length … (a.go, main.f)"),
        ("boom 7 (src/lib.rs:41:9)", "boom … (src/lib.rs:41:9)"),
        ("boom at 0xc000", "boom at …"),
    ],
)
def test_the_frame_stays_the_same(text: str, frame: str) -> None:
    """It has no number of the message, and a line only where no function is known."""
    assert frame_of(text) == frame


@pytest.mark.parametrize("word", ["S", "sn", "{", '"n', ",", "[", "7", "-3", "é", "a b", "abc def", "s,"])
@pytest.mark.parametrize("number", [5, -7])
def test_a_frame_repeats_nothing_of_an_input(word: str, number: int) -> None:
    """However short an input is, and in which form a panic repeats it, the frame stays the same."""
    text = f"cannot read {word}, or {json.dumps(word)} of {number}: [{' '.join(map(str, word.encode()))}]"

    assert frame_of(text, [word]) == "cannot read …, or … of …: […]"


def test_a_short_word_of_a_message_is_no_input() -> None:
    """An input of one letter may be a word of the message by chance."""
    assert frame_of("a comma is expected", ["a"]) == "a comma is expected"


def test_nobody_is_told_to_reject_what_a_library_panics_on() -> None:
    """To reject it in the adapter hides a fault that all other callers of the library have."""
    assert "Do not let the adapter reject the input" in PANIC.next
    assert "return a rejection" not in PANIC.next
