"""
A contract whose Go subject is right, and wrong in very many ways on request.

`DRIFTCHECK_FLOOD`, in the environment in which a host starts, asks for the wrong ways.
"""

from __future__ import annotations

from typing import Annotated

from driftcheck import Contract, Rejection, ge, le, max_len, query

VARIABLE = "DRIFTCHECK_FLOOD"
BUGS = 10  # in each of the operations `refuse` and `panics`

Word = Annotated[str, max_len(12)]
Number = Annotated[int, ge(-(2**40)), le(2**40)]
Bug = Annotated[int, ge(0), le(BUGS - 1)]


class Flooding(Contract):
    """Reads words."""

    refused = Rejection("what the library says", catch_all=True)

    @query
    def quote(self, word: Word, number: Number) -> bool:
        """Read a word; a wrong subject panics, and repeats its input in the text."""

    @query
    def refuse(self, bug: Bug, word: Word) -> bool:
        """Read a word; a wrong subject refuses it, and says which of its bugs that is."""

    @query
    def panics(self, bug: Bug, word: Word) -> bool:
        """Read a word; a wrong subject panics, and says which of its bugs that is."""
