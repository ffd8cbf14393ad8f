"""
Mutations of bytes and of text that need no knowledge of a codec, and features that any text may have.

`unicode_text` has those that are about single characters.
"""

from __future__ import annotations

from driftcheck.core.mutation import Draw, Mutation, mutation
from driftcheck.core.types import Type
from driftcheck.core.unicode_text import SURROGATE_PAIRS, UNICODE, unicode_features

BOM = b"\xef\xbb\xbf"
GARBAGE = (b"x", b"\x00", b"\xff")
SPACE = (b" ", b"\t", b"\n", b"\r\n")
ILL_FORMED = (
    b"\xff",  # never a byte of UTF-8
    b"\x80",  # a continuation without a lead
    b"\xc3",  # a lead without its continuation
    b"\xed\xa0\x80",  # U+D800, a surrogate
    b"\xf4\x90\x80\x80",  # past U+10FFFF
)
OVERLONG = (b"\xc0\xaf", b"\xc0\x80", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf")


@mutation
def empty(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Send no bytes at all."""
    return b"" if data else None


@mutation
def truncated(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Cut the document short."""
    if len(data) < 2:
        return None
    return data[: -draw.integer(1, len(data) - 1)]


@mutation
def trailing_bytes(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Append a byte that does not belong to the document."""
    return data + GARBAGE[draw.integer(0, len(GARBAGE) - 1)]


@mutation
def doubled(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Send the document twice."""
    return data * 2 if data else None


@mutation
def byte_replaced(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Replace one byte by another."""
    if not data:
        return None
    at = draw.integer(0, len(data) - 1)
    other = draw.integer(0, 254)
    return data[:at] + bytes([other + (other >= data[at])]) + data[at + 1 :]


@mutation
def bit_flipped(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Flip one bit."""
    if not data:
        return None
    at = draw.integer(0, len(data) - 1)
    return data[:at] + bytes([data[at] ^ 1 << draw.integer(0, 7)]) + data[at + 1 :]


@mutation
def byte_inserted(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Insert a byte."""
    at = draw.integer(0, len(data))
    return data[:at] + bytes([draw.integer(0, 255)]) + data[at:]


@mutation
def byte_deleted(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Delete a byte."""
    if not data:
        return None
    at = draw.integer(0, len(data) - 1)
    return data[:at] + data[at + 1 :]


@mutation
def length_doubled(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Double the value of one byte, so that what may be a length lies."""
    places = [at for at, byte in enumerate(data) if 0 < byte < 128]
    if not places:
        return None
    at = places[draw.integer(0, len(places) - 1)]
    return data[:at] + bytes([2 * data[at]]) + data[at + 1 :]


@mutation
def zero_run(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a run of zero bytes into the document."""
    at = draw.integer(0, len(data))
    return data[:at] + bytes(1 << draw.integer(0, 12)) + data[at:]


@mutation
def chunk_repeated(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Send a part of the document again, right after itself."""
    start, end = _chunk(data, draw)
    return data[:end] + data[start:end] * (1 << draw.integer(0, 6)) + data[end:]


@mutation
def chunks_swapped(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Send two neighbouring parts of the document in the other order."""
    start, middle = _chunk(data, draw)
    end = draw.integer(middle, len(data))
    return data[:start] + data[middle:end] + data[start:middle] + data[end:]


@mutation
def spliced(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Join the head of the document with a tail that begins elsewhere."""
    return data[: draw.integer(0, len(data))] + data[draw.integer(0, len(data)) :]


@mutation
def bom(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a byte order mark in front."""
    return None if data.startswith(BOM) else BOM + data


@mutation
def invalid_utf8(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put bytes that are not UTF-8 into the text."""
    at = _boundary(data, draw)
    return data[:at] + ILL_FORMED[draw.integer(0, len(ILL_FORMED) - 1)] + data[at:]


@mutation
def overlong_utf8(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put a character into the text in more bytes than it needs."""
    at = _boundary(data, draw)
    return data[:at] + OVERLONG[draw.integer(0, len(OVERLONG) - 1)] + data[at:]


@mutation
def nul(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put U+0000 into the text."""
    at = _boundary(data, draw)
    return data[:at] + b"\x00" + data[at:]


@mutation
def leading_space(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put white space in front."""
    return SPACE[draw.integer(0, len(SPACE) - 1)] + data


@mutation
def trailing_space(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Put white space at the end."""
    return data + SPACE[draw.integer(0, len(SPACE) - 1)]


@mutation
def case_swapped(data: bytes, draw: Draw, type_: Type) -> bytes | None:
    """Swap the case of an ASCII letter."""
    letters = [at for at, byte in enumerate(data) if chr(byte).isascii() and chr(byte).isalpha()]
    if not letters:
        return None
    at = letters[draw.integer(0, len(letters) - 1)]
    return data[:at] + data[at : at + 1].swapcase() + data[at + 1 :]


raw_mutations: tuple[Mutation, ...] = (
    empty,
    truncated,
    trailing_bytes,
    doubled,
    byte_replaced,
    bit_flipped,
    byte_inserted,
    byte_deleted,
    length_doubled,
    zero_run,
    chunk_repeated,
    chunks_swapped,
    spliced,
)
text_mutations: tuple[Mutation, ...] = (
    empty,
    truncated,
    trailing_bytes,
    doubled,
    bom,
    invalid_utf8,
    overlong_utf8,
    nul,
    leading_space,
    trailing_space,
    case_swapped,
    *UNICODE,
)


def text_features(data: bytes) -> set[str]:
    """Return the features of any text, by the names of the `text_mutations` that can be recognised.

    It may return several: each feature is removed before driftcheck looks for the next one. An author's codec
    adds its own: `return text_features(data) | {...}`.
    """
    return plain_text(data)[0]


def plain_text(data: bytes) -> tuple[set[str], str]:
    """Return the features that `text_features` returns, and the text without them.

    A codec looks for its own features in that text.
    """
    found = set()
    if not data:
        found.add("empty")
    if data.startswith(BOM):
        found.add("bom")
        data = data[len(BOM) :]
    if any(sequence in data for sequence in OVERLONG):
        found.add("overlong-utf8")
        for sequence in OVERLONG:
            data = data.replace(sequence, b"")
    if SURROGATE_PAIRS.search(data):
        found.add("surrogate-pair")
        data = SURROGATE_PAIRS.sub(b"", data)
    text = data.decode(errors="ignore")
    if text.encode() != data:
        found.add("invalid-utf8")
    if "\0" in text:
        found.add("nul")
        text = text.replace("\0", "")
    if data[:1].isspace():
        found.add("leading-space")
    if data[-1:].isspace():
        found.add("trailing-space")
    odd, text = unicode_features(text.strip(" \t\n\r\x0b\x0c"))
    return found | odd, text


def _chunk(data: bytes, draw: Draw) -> tuple[int, int]:
    start = draw.integer(0, len(data))
    return start, draw.integer(start, len(data))


def _boundary(data: bytes, draw: Draw) -> int:
    """Draw a position that splits no character of well-formed text."""
    at = draw.integer(0, len(data))
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at
