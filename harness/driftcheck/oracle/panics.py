"""
Panics: whose code panicked, and which part of a panic's text stays the same.

Reads the text that an SDK makes of a panic: its message, then its place in parentheses. Knows no hosts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from driftcheck.core.variable_parts import without_variable_parts

# Words of a message, also where an input is the same.
SHORT_WORDS = frozenset("a an as at be by do if in is it no of on or so to up we".split())
SHORT = 2  # characters of an input that is replaced only if it stands alone

ADAPTER, LIBRARY = "the adapter", "the library"

_NUMBER_LIST = re.compile(r"\[(?:-?[0-9]+(?:[ ,]+-?[0-9]+)*)?\]")  # bytes, as a panic of Go prints them
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_SIGNED = re.compile(r"(?<!\w)-(?=[0-9])")
_VARIED = re.compile(r"\bN\b|…[…\s]*…")  # a number may be an input, too

_GENERATED = re.compile(r"contract_gen\.(?:go|rs)$")
# What rustc names otherwise: a folder outside the crate, its own standard library, a crate of the registry.
_RUST_LIBRARY = re.compile(r"^(?:/|library/|[^/]+-\d+\.\d+\.\d+[^/]*/)")


def frame_of(text: str, inputs: Sequence[str] = ()) -> str:
    """Return the message of a panic without its variable parts, and the place of the panic.

    A panic in Rust names no function, so its line stays: it distinguishes two panics in one file.

    Args:
        inputs: what the subject was given, as text.
    """
    words, place = _parts(text)
    if ", " in place:
        place = re.sub(r":\d+", "", place)  # the function stays the same when lines move
    words = _SIGNED.sub("", _NUMBER_LIST.sub("[0]", _without_inputs(words, inputs)))
    words = _VARIED.sub("…", without_variable_parts(words, inputs))
    return f"{words}{f' ({place})' if place else ''}"


def who_panicked(text: str) -> str:
    """Say whose code panicked, and where; "" if the text does not tell.

    The adapter is the Go package `main`, or the crate of the Rust adapter, with the code that driftcheck has
    generated for it. All other code belongs to a library.
    """
    _, place = _parts(text)
    file, _, function = place.partition(", ")
    path = re.sub(r"(?::\d+)+$", "", file)
    if function:
        is_adapter = function.startswith("main.") or _GENERATED.search(path) is not None
        owner = ADAPTER if is_adapter else LIBRARY
        return f"{owner} panicked at {file}, in {function}"
    if path.startswith("src/"):
        return f"{ADAPTER} panicked at {file}"
    return f"{LIBRARY} panicked at {file}" if _RUST_LIBRARY.match(path) else ""


def _without_inputs(words: str, inputs: Sequence[str]) -> str:
    """Return the message without its inputs: whole ones first, then quoted parts, then short words of inputs.

    Short ones are removed only if they stand alone. A quoted part may itself contain a quotation mark.
    """
    for text in sorted(inputs, key=len, reverse=True):
        words = words.replace(text, "…") if len(text) > SHORT else _without_alone(words, text)
    words = _STRING.sub("…", words)
    short = {part for text in inputs for part in text.split() if len(part) <= SHORT}
    for part in sorted(short):
        words = _without_alone(words, part)
    return words


def _without_alone(words: str, part: str) -> str:
    """Return the message without a part, if it is between spaces, brackets or marks."""
    if not part or part in SHORT_WORDS:
        return words
    alone = rf"(?<![^\s\"'`(\[{{<=:]){re.escape(part)}(?![^\s\"'`)\]}}>,.;:])"
    return re.sub(alone, "…", words)


def _parts(text: str) -> tuple[str, str]:
    """Return the message and the place of a panic; "" for a place that is not there."""
    words, bracket, place = text.rpartition(" (")
    return (words, place[:-1]) if bracket and place.endswith(")") else (text, "")
