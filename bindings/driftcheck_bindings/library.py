"""
What a loader returns: the library of a subject, in any language, behind three calls.

A library that is built for coverage has a fourth, `coverage(request)`.

A loader is a callable that takes a target and returns a `Library`.
A target is the path of a library, or `module:Class`.
Entry points of the group `driftcheck.loaders` name the loaders.
"""

from __future__ import annotations

from typing import Protocol


class Library(Protocol):
    """The calls that docs/reference/wire.md defines."""

    def abi(self) -> int:
        """Return the version of these calls. The host asks for it before any other call."""

    def describe(self) -> bytes:
        """Return the description of contract and library, a CBOR map."""

    def run(self, note: memoryview, request: bytes) -> bytes:
        """Run a request and return its reply.

        Args:
            note: 8 writable bytes, where the library says which trace and step is being run.
            request: a batch of traces.

        Raises:
            ValueError: the request cannot be read. The text says which part.
        """
