"""
What a loader returns: a subject's library behind four calls, whatever it was written in.

A loader is a callable that takes a target (the path of a library, or `module:Class`) and returns
a `Library`; entry points of the group `driftcheck.loaders` make it known.
"""

from __future__ import annotations

from typing import Protocol


class Library(Protocol):
    """The calls of docs/reference/wire.md."""

    def abi(self) -> int:
        """Return the version of these calls; asked before any other."""

    def describe(self) -> bytes:
        """Return the description of contract and library, a CBOR map."""

    def run(self, note: memoryview, request: bytes) -> bytes:
        """Run a request and return its reply.

        Args:
            note: eight writable bytes that say what is being done.
            request: a batch of traces.

        Raises:
            ValueError: the request cannot be read; the text says what of it.
        """
