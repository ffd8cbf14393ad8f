"""
Mutations of tags and blocks of binary documents, which know no format.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.codecs.generic.length_fields import length_fields
from driftcheck.codecs.generic.lengths import drawn_field
from driftcheck.codecs.generic.mutation import bytes_mutation, pick, weighted
from driftcheck.codecs.generic.vocabulary import Vocabulary
from driftcheck.core.mutation import Draw

SIZES = (0, 1, 2, 4, 8, 3, 5, 9, 16)  # bytes of a scalar behind its tag, most common first
FILLS = (b"\x00", b"\xff", b"\x01", b"\x80", b"\x7f")
NOT_UTF8 = (0xFF, 0x80, 0xC0, 0xED, 0xF5)


@bytes_mutation
def tag_changed(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write another byte where a block or the document begins."""
    if not data:
        return None
    at = _border(data, draw)
    if at == len(data):
        return None
    return data[:at] + bytes([draw.integer(0, 255)]) + data[at + 1 :]


@bytes_mutation
def tag_of_another(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write the byte of another document, or of another place, where a block or the document begins."""
    other = pick(draw, words.documents) if words.documents else data
    if not data or not other:
        return None
    at = min(_border(data, draw), len(data) - 1)
    byte = other[_border(other, draw) % len(other)]
    return data[:at] + bytes([byte]) + data[at + 1 :]


@bytes_mutation
def byte_neighbour(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write the byte before or after the one that is there, or the one with another high bit."""
    if not data:
        return None
    at = draw.integer(0, len(data) - 1)
    byte = pick(draw, (data[at] + 1, data[at] - 1, data[at] ^ 0x80, data[at] ^ 0x20, data[at] ^ 0x10))
    return data[:at] + bytes([byte & 0xFF]) + data[at + 1 :]


@bytes_mutation
def scalar_for_block(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a tag with a few bytes behind it in the place of a block."""
    start, end = _block(data, draw)
    return data[:start] + scalar(draw) + data[end:]


@bytes_mutation
def scalar_inserted(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Put a tag with a few bytes behind it where a block begins or ends."""
    at = _border(data, draw)
    return data[:at] + scalar(draw) + data[at:]


@bytes_mutation
def edge_number(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write the least, the greatest or a middle number over one to eight bytes."""
    width = pick(draw, (1, 2, 4, 8))
    if len(data) < width:
        return None
    at = draw.integer(0, len(data) - width)
    top = 1 << 8 * width
    number = pick(draw, (0, 1, top - 1, top // 2, top // 2 - 1, top // 2 + 1))
    return data[:at] + number.to_bytes(width, "little" if draw.boolean() else "big") + data[at + width :]


@bytes_mutation
def text_not_utf8(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a byte that is not UTF-8 in the place of a letter or a digit."""
    places = [at for at, byte in enumerate(data) if chr(byte).isascii() and chr(byte).isalnum()]
    if not places:
        return None
    at = pick(draw, places)
    return data[:at] + bytes([pick(draw, NOT_UTF8)]) + data[at + 1 :]


@bytes_mutation
def block_dropped(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Leave out a block with its length."""
    start, end = _block(data, draw)
    return data[:start] + data[end:]


@bytes_mutation
def block_repeated(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a block with its length again, once or several times."""
    start, end = _block(data, draw)
    return data[:end] + data[start:end] * (1 << draw.integer(0, 4)) + data[end:]


@bytes_mutation
def block_replaced(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a block of another document, or of this one, in the place of a block."""
    other = pick(draw, words.documents) if words.documents else data
    start, end = _block(data, draw)
    first, last = _block(other, draw)
    return data[:start] + other[first:last] + data[end:]


@bytes_mutation
def document_nested(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a whole document in the place of a block."""
    other = pick(draw, words.documents) if words.documents else data
    start, end = _block(data, draw)
    return data[:start] + other + data[end:]


@bytes_mutation
def blocks_exchanged(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write two blocks in the other order."""
    fields = length_fields(data)
    pairs = [(a, b) for a in fields[:32] for b in fields[:32] if a.end <= b.at]
    if not pairs:
        return None
    one, other = pick(draw, pairs)
    between = data[one.end : other.at]
    exchanged = data[other.at : other.end] + between + data[one.at : one.end]
    return data[: one.at] + exchanged + data[other.end :]


@bytes_mutation
def cut_at_block(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Cut the document where a block begins or ends, or a byte beside that place."""
    at = _border(data, draw) + pick(draw, (0, 1, -1))
    return data[: max(0, at)] if at < len(data) else None


@bytes_mutation
def trailing_document(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Append another document, or a block of this one."""
    if words.documents and draw.boolean():
        return data + pick(draw, words.documents)
    start, end = _block(data, draw)
    return data + data[start:end]


@bytes_mutation
def heads_and_tails(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Join the head of the document with the tail of another one, where blocks begin or end."""
    if not words.documents:
        return None
    other = pick(draw, words.documents)
    return data[: _border(data, draw)] + other[_border(other, draw) :]


def scalar(draw: Draw) -> bytes:
    """Draw a tag with a few bytes behind it."""
    return bytes([draw.integer(0, 255)]) + pick(draw, FILLS) * pick(draw, SIZES)


def _block(data: bytes, draw: Draw) -> tuple[int, int]:
    """Draw where a block with its length begins and ends; some bytes if nothing may be a length."""
    field = drawn_field(data, draw)
    if field is not None and draw.boolean(0.75):
        return field.at, field.end
    start = draw.integer(0, len(data))
    return start, min(len(data), start + pick(draw, (1, 2, 3, 5, 9)))


def _border(data: bytes, draw: Draw) -> int:
    """Draw a place where a block or the document begins or ends, or any place."""
    return pick(draw, _borders(data)) if draw.boolean(0.75) else draw.integer(0, len(data))


def _borders(data: bytes) -> Sequence[int]:
    fields = length_fields(data)
    return sorted({0, len(data), *(n for one in fields for n in (one.at, one.start, one.end))})


BLOCKS = weighted(
    some=(tag_of_another, byte_neighbour, edge_number, block_replaced, heads_and_tails),
    many=(tag_changed, scalar_for_block, scalar_inserted),
    all_=(
        tag_changed,
        tag_of_another,
        byte_neighbour,
        scalar_for_block,
        scalar_inserted,
        edge_number,
        text_not_utf8,
        block_dropped,
        block_repeated,
        block_replaced,
        document_nested,
        blocks_exchanged,
        cut_at_block,
        trailing_document,
        heads_and_tails,
    ),
)
