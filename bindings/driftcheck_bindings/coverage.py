"""
Requests about coverage: recognises them, and passes them on to a library that is built for coverage.

Knows the word that such a request begins with. Knows nothing of what it asks.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from driftcheck_bindings.library import Library

START = b"\x82\x68coverage"  # the head of an array of two items, and the first of them


def asks(request: bytes) -> bool:
    """Say whether a request is about coverage, and no batch of traces."""
    return request.startswith(START)


def answer(library: Library, request: bytes) -> bytes:
    """Return what the library answers.

    Raises:
        ValueError: the library is not built for coverage, or cannot answer.
    """
    ask = getattr(library, "coverage", None)
    if ask is None:
        raise ValueError("this library is not built for coverage")
    answered: bytes = ask(request[len(START) :])
    return answered
