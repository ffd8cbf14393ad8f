"""
Panics: whose code panicked, and which part of a panic's text stays the same.

Reads the text that an SDK makes of a panic: its message, then its place in parentheses. Knows no hosts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from driftcheck.core.variable_parts import without_variable_parts

ADAPTER, LIBRARY = "the adapter", "the library"

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
    return f"{without_variable_parts(words, inputs)}{f' ({place})' if place else ''}"


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


def _parts(text: str) -> tuple[str, str]:
    """Return the message and the place of a panic; "" for a place that is not there."""
    words, bracket, place = text.rpartition(" (")
    return (words, place[:-1]) if bracket and place.endswith(")") else (text, "")
