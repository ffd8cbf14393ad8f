"""
A contract whose subjects misbehave as they are told: every outcome but those that end a host.

Go and Rust say the same words, as far as their strings can hold them; only a panic tells its place besides.
"""

from __future__ import annotations

import enum

from driftcheck import U64, Closing, Contract, Handle, Rejection, operation

PANIC = "on request"  # the text of a panic begins with this
LONG = 400_000  # times; the long words
TOO_LARGE = 1 << 40  # as a length of the state: 9 MiB


class How(enum.Enum):
    """How a step ends."""

    ACCEPTED = 0
    REFUSED = 1
    UNDECLARED = 2
    LIBRARY = 3
    UNMAPPED = 4
    UNSUPPORTED = 5
    BROKEN = 6
    PANIC = 7
    # In Go with words that are not UTF-8.
    LIBRARY_ILL_FORMED = 8
    UNMAPPED_ILL_FORMED = 9
    BROKEN_ILL_FORMED = 10
    PANIC_ILL_FORMED = 11
    # With words of four million bytes.
    LIBRARY_LONG = 12
    UNMAPPED_LONG = 13
    BROKEN_LONG = 14
    PANIC_LONG = 15


class When(enum.Enum):
    """When a subject panics, or does not open, of itself."""

    NEVER = 0
    OPEN = 1
    FIRST_STATE = 2
    SECOND_STATE = 3
    DROP = 4
    REFUSED = 5
    LIBRARY = 6


class Token: ...


class Unruly(Contract):
    """Does as it is told."""

    refused = Rejection("it was told to refuse")
    undeclared = Rejection("it is declared where it does not come")
    other = Rejection("what the library says", catch_all=True)

    def open(self, when: When, length: U64) -> None: ...

    def state(self) -> bytes:
        """Return so many bytes as were asked for last."""

    @operation(rejects=[refused])
    def do(self, how: How) -> None:
        """End in that way."""

    @operation(rejects=[undeclared])
    def grow(self, length: U64) -> None:
        """Ask for a state of that length, modulo 6,000, or one that is too large."""

    @operation
    def spoil(self) -> None:
        """Let the next state panic."""

    @operation
    def text(self) -> str:
        """Return text; in Go it is not UTF-8."""

    @operation
    def make(self) -> Handle[Token]: ...

    @operation
    def use(self, token: Handle[Token]) -> None: ...

    @operation(rejects=[refused])
    def close(self, token: Closing[Handle[Token]], how: How) -> None:
        """End in that way."""

    @operation(rejects=[refused])
    def close_both(
        self, one: Closing[Handle[Token]], other: Closing[Handle[Token]], how: How
    ) -> Handle[Token]:
        """End in that way."""
