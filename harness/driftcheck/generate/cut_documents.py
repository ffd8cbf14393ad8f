"""
Cutting documents: removing bytes, and simplifying characters, where no smaller value or mutation gives the
same signature.

A value keeps each required field, and a real document keeps its length. Their bytes can still be cut.
Knows only the protocol of codecs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from driftcheck.codecs import checked_calls
from driftcheck.core.trace import Document
from driftcheck.generate import plan as p
from driftcheck.generate.cutting import minimal_subset

LONGEST = 2_048  # bytes; in longer documents each try costs a millisecond, so only long runs are removed
PLAIN = "a0"
MOST_PLACES = 64  # characters that are tried at once
MOST_BYTES = 1 << 19  # of all longer documents that are tried; a codec may take seconds for a megabyte
SHORT = 8  # bytes of the longest run that is removed at every position

Still = Callable[[Document], bool]


def cut(
    part: p.PayloadDraw, document: Document, still: Still, end_if_over: Callable[[], None] = lambda: None
) -> None:
    """Remove all that a document does not need: first parts that its codec knows, then runs of bytes.

    The document gets no feature that it did not have. A well-formed document stays well-formed.

    Args:
        still: tries a shorter document, and says whether it still shows the same.
        end_if_over: is called before each try, and raises where the time is over. Most tries have a new
            feature and never reach `still`.
    """
    if "raw" not in part.kinds:
        return
    cutter = _Cutter(part, document, still, end_if_over)
    length = None
    while length != len(cutter.data):
        length = len(cutter.data)
        while length <= LONGEST and any(map(cutter.takes, cutter.parts())):
            pass
        for size in _sizes(length):
            if size * LONGEST >= len(cutter.data) * SHORT:
                cutter.leave_out_runs(size)
    cutter.simplify_characters()
    cutter.simplify_marks()


class _Cutter:
    """A document while it becomes shorter."""

    def __init__(
        self, part: p.PayloadDraw, document: Document, still: Still, end_if_over: Callable[[], None]
    ) -> None:
        self.data = document.data
        self._left = MOST_BYTES
        self._codec, self._type = part.type.codec, part.type.inner
        self._features = self._features_of(document.data)
        self._is_well_formed = document.is_well_formed
        self._still, self._end_if_over = still, end_if_over

    def takes(self, data: bytes) -> bool:
        """Take fewer bytes if they have no new feature and still show the same."""
        return len(data) < len(self.data) and self._tries(data)

    def _tries(self, data: bytes) -> bool:
        self._end_if_over()
        if len(data) > LONGEST:
            self._left -= len(data)
        if self._left < 0:
            return False
        if not checked_calls.has_only(self._codec, self._type, data, self._features):
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
        """Replace each character that is not needed: letters by `a`, digits by `0`, other bytes by zeros."""
        form, plains = ("utf-8", PLAIN) if _is_text(self.data) else ("latin-1", f"{PLAIN}\0")
        for plain in plains:
            text = self.data.decode(form)
            places = [n for n, c in enumerate(text) if _may_become(c, plain, is_text=form == "utf-8")]
            for start in range(0, len(places), MOST_PLACES):
                self._replace(form, plain, places[start : start + MOST_PLACES])

    def _replace(self, form: str, plain: str, places: list[int]) -> None:
        text = self.data.decode(form)

        def still(keep: list[int]) -> bool:
            others = set(places) - set(keep)
            replaced = "".join(plain if n in others else c for n, c in enumerate(text))
            return self._tries(replaced.encode(form))

        minimal_subset(places, still)

    def simplify_marks(self) -> None:
        """Replace each mark, and each control character, that is not needed by a letter.

        A zero stays unless a feature goes with it: the document may be binary.
        """
        at = tries = 0
        while at < len(text := _text_of(self.data)) and tries < MOST_PLACES:
            if not text[at].isalnum():
                tries += 1
                data = f"{text[:at]}{PLAIN[0]}{text[at + 1 :]}".encode()
                if text[at] != "\0" or self._features_of(data) < self._features_of(self.data):
                    self._tries(data)
            at += 1

    def _features_of(self, data: bytes) -> set[str]:
        return set(checked_calls.places_of(self._codec, self._type, data))


def _is_text(data: bytes) -> bool:
    """Say whether bytes are text; in binary documents no letter is simpler than a zero."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(not c.isascii() or c.isprintable() or c.isspace() for c in text)


def _text_of(data: bytes) -> str:
    """Return the bytes as text; "" if they are binary, so that most characters are not text."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    controls = sum(c.isascii() and not c.isprintable() and not c.isspace() for c in text)
    return text if 2 * controls < len(text) else ""


def _may_become(character: str, plain: str, *, is_text: bool) -> bool:
    """Say whether the plain character is simpler."""
    if character in PLAIN or character == plain:
        return False
    if character.isascii() and character.isalnum():
        return plain == ("0" if character.isdigit() else "a")
    return not character.isascii() if is_text else plain == "\0"


def _sizes(length: int) -> Iterator[int]:
    """Yield the lengths of runs, halves first."""
    while length > SHORT:
        yield length
        length = (length + 1) // 2
    yield from range(min(SHORT, length), 0, -1)
