"""
The vocabulary of a format: what its well-formed documents contain, learned from some of them.

A mutation that knows no format takes from it the words that it writes. Knows nothing of mutations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import attrs

from driftcheck.codecs.generic.checksums import Checksum, checksum_of
from driftcheck.codecs.generic.completeness import complete

MOST_DOCUMENTS = 64  # that are kept to be joined with others
LONGEST = 4096  # bytes of a kept document
MOST_TOKENS = 256  # every source of choices draws integers below this evenly
LONGEST_TOKEN = 64  # characters

Oddity = tuple[str, str | None]  # its name, and what comes before it; None if that does not matter

_TOKEN = re.compile(r"[0-9]+|[A-Za-z]+|[ \t\r\n]+|[^\x00-\x7f]+|.", re.DOTALL)


def as_text(data: bytes) -> str:
    """Return any bytes as text; `as_bytes` gives them back."""
    return data.decode(errors="surrogateescape")


def as_bytes(text: str) -> bytes:
    """Return the bytes of a text; half of a surrogate pair becomes its three bytes."""
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")


def tokens_of(text: str) -> list[str]:
    """Split a text into runs of digits, of letters, of white space and of other characters.

    A mark or a control character of ASCII is a token of its own.
    """
    return _TOKEN.findall(text)


def is_delimiter(token: str) -> bool:
    """Say whether a token is a mark of ASCII or white space."""
    return token.isspace() or (len(token) == 1 and token.isascii() and not token.isalnum())


def kind_of(token: str) -> str:
    """Return what a token is, in one word."""
    if is_delimiter(token):
        return "delimiter"
    if not token[:1].isascii():
        return "foreign"
    return "digits" if token.isdigit() else "letters"


@attrs.frozen
class Vocabulary:
    """What well-formed documents of one format contain.

    Attributes:
        documents: some of them, short ones.
        tokens: those of all documents, and those that the codec names, without repeats.
        usual: the oddities that a well-formed document may have, so that they name nothing.
        checksum: what every document ends with.
        first_bytes: those of documents; None if other documents probably have others.
        known_bytes: the bytes that occur in some document; None if others probably have more.
        lengths: those of documents, in bytes; None if other documents probably have others.
    """

    documents: tuple[bytes, ...] = ()
    tokens: tuple[str, ...] = ()
    usual: frozenset[Oddity] = frozenset()
    checksum: Checksum | None = None
    first_bytes: frozenset[int] | None = None
    known_bytes: frozenset[int] | None = None
    lengths: frozenset[int] | None = None

    @cached_property
    def delimiters(self) -> tuple[str, ...]:
        """Return the tokens that are delimiters."""
        return tuple(filter(is_delimiter, self.tokens))

    @cached_property
    def usual_names(self) -> frozenset[str]:
        """Return the names of the usual oddities."""
        return frozenset(name for name, _ in self.usual)

    @cached_property
    def characters(self) -> tuple[str, ...]:
        """Return the characters of all tokens."""
        return tuple(sorted(set("".join(self.tokens))))

    def tokens_like(self, token: str) -> tuple[str, ...]:
        """Return the tokens of the same kind."""
        return tuple(one for one in self.tokens if kind_of(one) == kind_of(token))


def learned(
    documents: Sequence[bytes], named: Iterable[str], oddities: Callable[[bytes], Iterable[Oddity]]
) -> Vocabulary:
    """Return the vocabulary of some well-formed documents.

    Args:
        named: tokens that the codec names; they come first.
        oddities: names all that may be odd about a document.
    """
    short = [data for data in dict.fromkeys(documents) if len(data) <= LONGEST]
    found = dict.fromkeys(named)
    for data in short:
        found.update(dict.fromkeys(t for t in tokens_of(as_text(data)) if len(t) <= LONGEST_TOKEN))
        if len(found) >= MOST_TOKENS:
            break
    usual = frozenset(one for data in short for one in oddities(data))
    return Vocabulary(
        documents=tuple(short[:MOST_DOCUMENTS]),
        tokens=tuple(found)[:MOST_TOKENS],
        usual=usual,
        checksum=checksum_of(short),
        first_bytes=complete([one[:1] for one in short if one]),
        known_bytes=complete(short),
        lengths=complete([(len(one),) for one in short]),
    )
