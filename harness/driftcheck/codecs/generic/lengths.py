"""
Mutations that write a wrong number for what may be a length, or write it in another form.
"""

from __future__ import annotations

from driftcheck.codecs.generic.length_fields import LengthField, length_fields, likely_fields
from driftcheck.codecs.generic.mutation import bytes_mutation, pick, weighted
from driftcheck.codecs.generic.vocabulary import Vocabulary
from driftcheck.core.mutation import Draw

MOST_ADDED = 1 << 12  # bytes


@bytes_mutation
def length_off_by_one(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a length that is one too small or too large."""
    field = drawn_field(data, draw)
    return None if field is None else field.written(data, field.value + pick(draw, (1, -1)))


@bytes_mutation
def length_far_off(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a length of zero, the greatest one, one with only the sign bit, or twice as much."""
    field = drawn_field(data, draw)
    if field is None:
        return None
    return field.written(data, pick(draw, (0, field.most, field.most // 2 + 1, 2 * field.value)))


@bytes_mutation
def length_past_end(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a length up to the end of the document, or a little beyond."""
    field = drawn_field(data, draw)
    if field is None:
        return None
    return field.written(data, len(data) - field.start + draw.integer(0, 2))


@bytes_mutation
def length_in_other_order(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write the bytes of a length in the other order."""
    fields = [one for one in length_fields(data) if one.width > 1]
    if not fields:
        return None
    field = pick(draw, fields)
    turned = data[field.at : field.start][::-1]
    return data[: field.at] + turned + data[field.start :]


@bytes_mutation
def length_padded(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a length in more bytes than it needs."""
    fields = [one for one in likely_fields(data) if one.width == 1 and one.form == "big"]
    if not fields:
        return None
    field = pick(draw, fields)
    value = field.value
    wide = (
        bytes([value & 0x7F | 0x80, value >> 7]),
        value.to_bytes(2),
        value.to_bytes(4),
        value.to_bytes(2, "little"),
    )
    return data[: field.at] + pick(draw, wide) + data[field.start :]


@bytes_mutation
def block_resized(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Make a block empty, shorter or longer, with the length that it then has."""
    field = drawn_field(data, draw)
    if field is None:
        return None
    edges = (0, field.value - 1, field.value + 1, field.most, field.most // 2, field.most // 2 + 1, 255, 256)
    size = min(pick(draw, edges), MOST_ADDED, field.most)
    block = data[field.start : field.end]
    resized = (block * (size // len(block) + 1))[:size]
    return field.written(data, size)[: field.start] + resized + data[field.end :]


def drawn_field(data: bytes, draw: Draw) -> LengthField | None:
    """Draw a plausible field, mostly a likely one; None if there is none."""
    fields = length_fields(data) if draw.boolean(0.25) else likely_fields(data)
    return pick(draw, fields) if fields else None


LENGTHS = weighted(
    some=(length_off_by_one, length_far_off, block_resized),
    many=(),
    all_=(
        length_off_by_one,
        length_far_off,
        length_past_end,
        length_in_other_order,
        length_padded,
        block_resized,
    ),
)
