"""
Mutations of the fields of a binary document, where its documents name them.
"""

from __future__ import annotations

from driftcheck.codecs.generic.blocks import scalar
from driftcheck.codecs.generic.mutation import bytes_mutation, pick, weighted
from driftcheck.codecs.generic.template import (
    Field,
    fields_of,
    gaps_of,
    shared_runs,
    short_gaps_of,
)
from driftcheck.codecs.generic.vocabulary import Vocabulary
from driftcheck.core.mutation import Draw

COUNTED = 0.75  # of the documents with a field more or less: a byte in front is changed by as much
NEAR_START = 4  # bytes, one of which is most often the number of fields


@bytes_mutation
def value_of_another_field(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write the value of another field, of this document or of another one."""
    field, gaps = _field(data, draw, words), gaps_of(words.documents)
    return data[: field.gap] + pick(draw, gaps) + data[field.end :] if field and gaps else None


@bytes_mutation
def short_value_for_field(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write one of the shortest values of all fields, which may be the one for nothing."""
    field, gaps = _field(data, draw, words), short_gaps_of(words.documents)
    return data[: field.gap] + pick(draw, gaps) + data[field.end :] if field and gaps else None


@bytes_mutation
def scalar_for_field(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a tag with a few bytes behind it for the value of a field."""
    field = _field(data, draw, words)
    return data[: field.gap] + scalar(draw) + data[field.end :] if field else None


@bytes_mutation
def item_for_item(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a short value in the place of the end of a field's value."""
    field, gaps = _field(data, draw, words), short_gaps_of(words.documents)
    if field is None or not gaps or field.end == field.gap:
        return None
    at = draw.integer(field.gap, field.end - 1)
    return data[:at] + pick(draw, gaps) + data[field.end :]


@bytes_mutation
def field_dropped(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Leave out a field, and mostly count one less."""
    field = _field(data, draw, words)
    if field is None:
        return None
    start = _start(data, field, draw)
    return _counted(data[:start] + data[field.end :], start, -1, draw)


@bytes_mutation
def field_repeated(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a field again, and mostly count one more."""
    field = _field(data, draw, words)
    if field is None:
        return None
    start = _start(data, field, draw)
    return _counted(data[: field.end] + data[start : field.end] + data[field.end :], start, 1, draw)


@bytes_mutation
def fields_exchanged(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write two neighbouring fields in the other order."""
    fields = fields_of(data, words.documents)
    if len(fields) < 2:
        return None
    at = draw.integer(0, len(fields) - 2)
    one, other = fields[at], fields[at + 1]
    start = _start(data, one, draw)
    return data[:start] + data[other.at : other.end] + data[start : one.end] + data[other.end :]


@bytes_mutation
def name_of_another_field(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write the name of another field."""
    field, runs = _field(data, draw, words), shared_runs(words.documents)
    return data[: field.at] + pick(draw, runs) + data[field.gap :] if field else None


@bytes_mutation
def scalar_for_name(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write a tag with a few bytes behind it for the name of a field."""
    field = _field(data, draw, words)
    if field is None:
        return None
    start = _start(data, field, draw)
    return data[:start] + scalar(draw) + data[field.gap :]


@bytes_mutation
def name_misspelt(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Change a byte of the name of a field, perhaps only its case."""
    field = _field(data, draw, words)
    if field is None:
        return None
    at = draw.integer(field.at, field.gap - 1)
    byte = data[at] ^ 0x20 if draw.boolean() else draw.integer(0, 255)
    return data[:at] + bytes([byte]) + data[at + 1 :]


@bytes_mutation
def value_alone(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write the value of a field, or a short one, in the place of the document."""
    field, gaps = _field(data, draw, words), short_gaps_of(words.documents)
    if field is None:
        return None
    return pick(draw, gaps) if gaps and draw.boolean() else data[field.gap : field.end]


def _field(data: bytes, draw: Draw, words: Vocabulary) -> Field | None:
    fields = fields_of(data, words.documents)
    return pick(draw, fields) if fields else None


def _start(data: bytes, field: Field, draw: Draw) -> int:
    """Return where a field begins; in front of the first name the document may have a byte of its own."""
    return min(field.at + 1, field.gap) if field.at == 0 and draw.boolean(0.75) else field.at


def _counted(data: bytes, before: int, more: int, draw: Draw) -> bytes:
    """Change one byte in front, mostly near the start, which may be the number of fields."""
    if not before or not draw.boolean(COUNTED):
        return data
    last = before - 1
    at = draw.integer(0, min(last, NEAR_START - 1)) if draw.boolean(0.75) else draw.integer(0, last)
    return data[:at] + bytes([data[at] + more & 0xFF]) + data[at + 1 :]


FIELDS = weighted(
    some=(
        value_of_another_field,
        short_value_for_field,
        item_for_item,
        name_of_another_field,
        field_repeated,
    ),
    many=(scalar_for_field, scalar_for_name),
    all_=(
        value_of_another_field,
        short_value_for_field,
        scalar_for_field,
        item_for_item,
        field_dropped,
        field_repeated,
        fields_exchanged,
        name_of_another_field,
        scalar_for_name,
        name_misspelt,
        value_alone,
    ),
)
