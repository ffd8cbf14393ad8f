"""
Cutting documents: removing bytes, and simplifying characters, where no smaller value or mutation gives the
same signature.

A value keeps each required field, and a real document keeps its length. Their bytes can still be cut.
Knows only the protocol of codecs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from driftcheck.codecs import checked_calls
from driftcheck.core.trace import Document
from driftcheck.generate import plan as p
from driftcheck.generate.cutting import minimal_subset

LONGEST = 2_048  # bytes; in longer documents each try costs a millisecond, and there would be thousands
MOST_LARGE_RUNS = 16  # of a longer document, each of which is tried alone
PLAIN = "a0"
MOST_PLACES = 64  # characters that are tried
SHORT = 8  # bytes of the longest run that is removed at every position

Still = Callable[[Document], bool]


def cut(part: p.PayloadDraw, document: Document, still: Still) -> None:
    """Remove all that a document does not need: first parts that its codec knows, then runs of bytes.

    The document gets no feature that it did not have. A well-formed document stays well-formed.

    Args:
        still: tries a shorter document, and says whether it still shows the same.
    """
    if "raw" not in part.kinds:
        return
    cutter = _Cutter(part, document, still)
    for size in _large_sizes(len(document.data)):
        cutter.leave_out_runs(size)
    if len(cutter.data) > LONGEST:
        return
    length = None
    while length != len(cutter.data):
        length = len(cutter.data)
        while any(cutter.takes(data) for data in cutter.parts()):
            pass
        for size in _sizes(length):
            cutter.leave_out_runs(size)
    cutter.simplify_characters()
    cutter.simplify_marks()


class _Cutter:
    """A document while it becomes shorter."""

    def __init__(self, part: p.PayloadDraw, document: Document, still: Still) -> None:
        self.data = document.data
        self._codec, self._type = part.type.codec, part.type.inner
        self._features = self._features_of(document.data)
        self._is_well_formed = document.is_well_formed
        self._still = still

    def takes(self, data: bytes) -> bool:
        """Take fewer bytes if they have no new feature and still show the same."""
        return len(data) < len(self.data) and self._tries(data)

    def _tries(self, data: bytes) -> bool:
        if not self._features_of(data) <= self._features:
            return False
        value = None
        if self._is_well_formed:
            try:
                value = checked_calls.value_of(self._codec, self._type, data)
            except ValueError:
                return False
        if not self._still(Document(data, value)):
            return False
        self.data = data
        return True

    def parts(self) -> list[bytes]:
        """List the documents without one of the parts that the codec knows, the shortest first."""
        return sorted(set(checked_calls.shorter(self._codec, self.data)), key=lambda data: (len(data), data))

    def leave_out_runs(self, size: int) -> None:
        """Remove each run of this length that is not needed."""
        start = 0
        while start < len(self.data):
            if not self.takes(self.data[:start] + self.data[start + size :]):
                start += size if size > SHORT else 1

    def simplify_characters(self) -> None:
        """Replace each character of a text that is not needed: letters by `a`, digits by `0`."""
        for plain in PLAIN:
            text = _as_text(self.data)
            if text is None:
                return
            places = [n for n, c in enumerate(text) if _may_become(c, plain)][:MOST_PLACES]
            replaced = partial(_replaced, text, plain, places)
            minimal_subset(places, lambda keep: self._tries(replaced(keep).encode()))  # noqa: B023 # called at once

    def simplify_marks(self) -> None:
        """Replace each mark, and each control character, that is not needed by a letter."""
        at = tries = 0
        while (text := _as_text(self.data)) is not None and at < len(text) and tries < MOST_PLACES:
            if not text[at].isalnum():
                tries += 1
                self._tries(_replaced(text, PLAIN[0], [at], []).encode())
            at += 1

    def _features_of(self, data: bytes) -> set[str]:
        return set(checked_calls.places_of(self._codec, self._type, data))


def _as_text(data: bytes) -> str | None:
    """Return the bytes as text; None where they are binary, so that no letter is simpler than a zero."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    controls = sum(c.isascii() and not c.isprintable() and not c.isspace() for c in text)
    return None if 2 * controls >= max(len(text), 1) else text


def _replaced(text: str, plain: str, places: list[int], keep: list[int]) -> str:
    """Return the text with a plain character at the places, except those to keep."""
    others = set(places) - set(keep)
    return "".join(plain if n in others else c for n, c in enumerate(text))


def _may_become(character: str, plain: str) -> bool:
    """Say whether the plain character is simpler."""
    if character in PLAIN:
        return False
    if character.isascii() and character.isalnum():
        return character.isdigit() == plain.isdigit()
    return not character.isascii()


def _large_sizes(length: int) -> Iterator[int]:
    """Yield the lengths of runs of a document that is too long for others, halves first."""
    size = length
    while length > LONGEST and size >= length // MOST_LARGE_RUNS:
        yield size
        size = (size + 1) // 2


def _sizes(length: int) -> Iterator[int]:
    """Yield the lengths of runs, halves first."""
    while length > SHORT:
        yield length
        length = (length + 1) // 2
    yield from range(min(SHORT, length), 0, -1)
