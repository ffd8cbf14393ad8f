"""
The features of bytes, compared with the well-formed documents of their format.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import attrs

from driftcheck.codecs.generic.length_fields import Form, length_fields
from driftcheck.codecs.generic.vocabulary import Vocabulary

FEWEST = 8  # documents of different lengths for which a rule must hold
MOST_BEHIND = 16  # bytes behind the block that the length of a document counts


@attrs.frozen
class LengthRule:
    """A field whose block, with a fixed number of bytes behind it, ends with every document."""

    at: int
    width: int
    form: Form
    behind: int

    def length_of(self, data: bytes) -> int | None:
        """Return how long a document must be by its own field; None if it has no such field."""
        field = data[self.at : self.at + self.width]
        if len(field) < self.width:
            return None
        match self.form:
            case "big" | "little" as order:
                value = int.from_bytes(field, order)
            case "low-4":
                value = field[0] & 0x0F
            case "low-5":
                value = field[0] & 0x1F
            case "varint":
                value = field[0] & 0x7F | field[1] << 7
        return self.at + self.width + value + self.behind


def features(data: bytes, words: Vocabulary) -> set[str]:
    """Return the features of bytes; of those that make the rest unreadable, only the first.

    There are none if the codec has learned nothing. That no document has a byte, or a length, says
    something only if very few other documents would have a new one.
    """
    documents = words.documents
    if not documents:
        return set()
    if not data:
        return {"empty"} - {"empty" for one in documents if not one}
    if words.first_bytes is not None and data[0] not in words.first_bytes:
        return {f"first-byte-{data[0]:02x}"}
    rule = length_rule(documents)
    if rule is None:
        if words.lengths is not None and len(data) < min(words.lengths):
            return {"truncated"}
        return _of_content(data, words)
    length = rule.length_of(data)
    if length is None or len(data) < length:
        return {"truncated"}
    if len(data) > length:
        return {"trailing-bytes"}
    return _of_content(data, words)


def _of_content(data: bytes, words: Vocabulary) -> set[str]:
    if words.checksum is not None and not words.checksum.fits(data):
        return {"wrong-checksum"}
    if words.known_bytes is None:
        return set()
    return {f"byte-{byte:02x}" for byte in set(data) - words.known_bytes}


@lru_cache(maxsize=64)
def length_rule(documents: tuple[bytes, ...]) -> LengthRule | None:
    """Return the first field that fits the length of all documents; None if none does."""
    if len(documents) < FEWEST or len(set(map(len, documents))) < 2:
        return None
    longest = max(documents, key=len)
    for field in length_fields(longest):
        behind = len(longest) - field.end
        rule = LengthRule(field.at, field.width, field.form, behind)
        if behind <= MOST_BEHIND and _fits(rule, documents):
            return rule
    return None


def _fits(rule: LengthRule, documents: Sequence[bytes]) -> bool:
    return all(rule.length_of(one) == len(one) for one in documents)
