"""
Mutations of tokens: left out, repeated, moved, exchanged, and joined with another document.
"""

from __future__ import annotations

from collections.abc import Sequence

from driftcheck.codecs.generic.mutation import bytes_mutation, pick, token_mutation, weighted
from driftcheck.codecs.generic.vocabulary import (
    Vocabulary,
    as_bytes,
    as_text,
    is_delimiter,
    kind_of,
    tokens_of,
)
from driftcheck.core.mutation import Draw

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


@token_mutation
def token_dropped(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Leave out a token."""
    if not parts:
        return None
    at = draw.integer(0, len(parts) - 1)
    return parts[:at] + parts[at + 1 :]


@token_mutation
def token_repeated(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Write a token again, once or several times."""
    if not parts:
        return None
    at = draw.integer(0, len(parts) - 1)
    return parts[:at] + [parts[at]] * (1 << draw.integer(0, 3)) + parts[at:]


@token_mutation
def token_replaced(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Write a token of another document in the place of a token."""
    if not parts:
        return None
    at = draw.integer(0, len(parts) - 1)
    others = words.tokens if draw.boolean() else words.tokens_like(parts[at])
    return [*parts[:at], pick(draw, others), *parts[at + 1 :]] if others else None


@token_mutation
def token_inserted(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Put a token of this document, or of another one, between two tokens."""
    others = words.tokens or parts
    if not others:
        return None
    at = draw.integer(0, len(parts))
    return [*parts[:at], pick(draw, others), *parts[at:]]


@token_mutation
def tokens_swapped(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Exchange a token and the next one of its kind."""
    pairs = []
    for at, token in enumerate(parts):
        others = (n for n in range(at + 1, len(parts)) if kind_of(parts[n]) == kind_of(token))
        other = next(others, None)
        if other is not None and parts[other] != token:
            pairs.append((at, other))
    if not pairs:
        return None
    one, other = pick(draw, pairs)
    changed = list(parts)
    changed[one], changed[other] = parts[other], parts[one]
    return changed


@token_mutation
def token_moved(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Move a token to another place."""
    if len(parts) < 2:
        return None
    left = list(parts)
    token = left.pop(draw.integer(0, len(parts) - 1))
    left.insert(draw.integer(0, len(left)), token)
    return left


@token_mutation
def part_dropped(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Leave out all from one delimiter to another one, or to an end."""
    start, end = _part(parts, draw)
    return parts[:start] + parts[end:] if 0 < end - start < len(parts) else None


@token_mutation
def part_alone(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Leave out all but the text between two delimiters."""
    start, end = _part(parts, draw)
    return parts[start:end] if 0 < end - start < len(parts) else None


@token_mutation
def part_repeated(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Write all from one delimiter to another one again, once or several times."""
    start, end = _part(parts, draw)
    return parts[:end] + parts[start:end] * (1 << draw.integer(0, 3)) + parts[end:]


@bytes_mutation
def crossed_over(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Join the head of the document with the tail of another one, at tokens."""
    if not words.documents:
        return None
    one, other = tokens_of(as_text(data)), tokens_of(as_text(pick(draw, words.documents)))
    at = draw.integer(0, len(one))
    same = [n for n, token in enumerate(other) if at < len(one) and token == one[at]]
    start = pick(draw, same) if same else draw.integer(0, len(other))
    return as_bytes("".join(one[:at] + other[start:]))


@token_mutation
def delimiter_dropped(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Leave out a delimiter."""
    places = _delimiters(parts)
    if not places:
        return None
    at = pick(draw, places)
    return parts[:at] + parts[at + 1 :]


@token_mutation
def delimiter_repeated(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Write a delimiter again, once or several times."""
    places = _delimiters(parts)
    if not places:
        return None
    at = pick(draw, places)
    return parts[:at] + [parts[at]] * draw.integer(1, 3) + parts[at:]


@token_mutation
def delimiter_replaced(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Write another mark in the place of a delimiter."""
    places = _delimiters(parts)
    if not places:
        return None
    at = pick(draw, places)
    return [*parts[:at], _mark(draw, words), *parts[at + 1 :]]


@token_mutation
def delimiter_inserted(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Put a mark between two tokens, or at an end."""
    at = draw.integer(0, len(parts))
    return [*parts[:at], _mark(draw, words), *parts[at:]]


@bytes_mutation
def mark_inserted(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Put a mark between any two characters."""
    text = as_text(data)
    at = draw.integer(0, len(text))
    return as_bytes(text[:at] + _mark(draw, words) + text[at:])


@bytes_mutation
def character_replaced(data: bytes, draw: Draw, words: Vocabulary) -> bytes | None:
    """Write another character of the same kind in the place of one."""
    text = as_text(data)
    if not text:
        return None
    at = draw.integer(0, len(text) - 1)
    kind = kind_of(text[at])
    others = [c for c in words.characters if kind_of(c) == kind and c != text[at]]
    return as_bytes(text[:at] + pick(draw, others) + text[at + 1 :]) if others else None


@token_mutation
def token_wrapped(parts: list[str], draw: Draw, words: Vocabulary) -> Sequence[str] | None:
    """Put quotes or brackets around a token, or around the whole text."""
    pairs = ('""', "''", "()", "[]", "{}", "<>", "``")
    pair = pick(draw, pairs)
    left, right = pair[0], pair[1]
    if not parts or draw.boolean(0.25):
        return [left, *parts, right]
    at = draw.integer(0, len(parts) - 1)
    return [*parts[:at], left, parts[at], right, *parts[at + 1 :]]


def _delimiters(parts: Sequence[str]) -> list[int]:
    return [at for at, token in enumerate(parts) if is_delimiter(token)]


def _mark(draw: Draw, words: Vocabulary) -> str:
    """Draw a delimiter of the format, or any mark of ASCII."""
    known = words.delimiters
    return pick(draw, known) if known and draw.boolean() else pick(draw, PUNCTUATION)


def _part(parts: Sequence[str], draw: Draw) -> tuple[int, int]:
    """Draw where a part begins and ends: at delimiters, before or after them, or at the ends."""
    places = sorted({0, len(parts), *(n for at in _delimiters(parts) for n in (at, at + 1))})
    start = draw.integer(0, len(places) - 1)
    end = draw.integer(start, len(places) - 1)
    return places[start], places[end]


TOKENS = weighted(
    some=(tokens_swapped, token_moved, part_dropped, crossed_over, delimiter_repeated, token_wrapped),
    many=(
        token_replaced,
        token_inserted,
        delimiter_replaced,
        delimiter_inserted,
        mark_inserted,
        character_replaced,
    ),
    all_=(
        token_dropped,
        token_repeated,
        token_replaced,
        token_inserted,
        tokens_swapped,
        token_moved,
        part_dropped,
        part_alone,
        part_repeated,
        crossed_over,
        delimiter_dropped,
        delimiter_repeated,
        delimiter_replaced,
        delimiter_inserted,
        mark_inserted,
        character_replaced,
        token_wrapped,
    ),
)
