"""
CBOR without a declared type: the features of any bytes for a reader of any item, and mutations of its maps.

Such a reader skips nothing and expects no field, so that no feature depends on a type.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from driftcheck.codecs.cbor import head as h
from driftcheck.codecs.cbor import value as v
from driftcheck.codecs.cbor.document import BIGNUM_WORDS, Document, judged_items
from driftcheck.codecs.cbor.forms import cbor_form_mutations
from driftcheck.codecs.cbor.mutation import cbor_mutation, pick
from driftcheck.codecs.cbor.scan import Node, scan
from driftcheck.codecs.cbor.syntax import cbor_syntax_mutations
from driftcheck.core import types as t
from driftcheck.core.mutation import Draw

ZEROS = (h.bits(0.0), h.bits(-0.0))
OF_TYPES = {"indefinite-name", "out-of-range", "short-length", "undefined-field", "undefined-optional"}


def places(data: bytes) -> Mapping[str, frozenset[str]]:
    """Return the features of the bytes; they stand at no field."""
    return {word: frozenset(("",)) for word in _found(data)}


def has_only(data: bytes, features: Collection[str]) -> bool:
    """Tell whether the bytes have no other features than these; stops at the first other one."""
    return all(word in features for word in _found(data))


def _found(data: bytes) -> Iterator[str]:
    scanned = scan(data)
    yield from scanned.words
    stack = [] if scanned.root is None else [scanned.root]
    while stack:
        node = stack.pop()
        yield from node.words
        if node.kind == "map" and not node.lies:
            yield from _of_keys(data, [key for key, _ in node.pairs()])
        stack.extend(judged_items(node))


def _of_keys(data: bytes, keys: list[Node]) -> Iterator[str]:
    if any(_is_odd(data, key) for key in keys):
        yield "odd-key"
    nans = [key for key in keys if key.kind == "float" and math.isnan(h.float_of_bits(key.number))]
    if len(nans) > 1:
        yield "duplicate-nan-key"
    if {key.number for key in keys if key.kind == "float"} >= set(ZEROS):
        yield "duplicate-zero-key"
    meant = set()
    for key in (key for key in keys if key not in nans):
        raw = data[key.start : key.end]
        with suppress(ValueError):  # a malformed key has a feature of its own
            raw = v.read(raw)
        if raw in meant:
            yield "duplicate-key"
            return
        meant.add(raw)


def _is_odd(data: bytes, key: Node) -> bool:
    """Tell whether a key is a container, a bignum, or an integer below those of 64 bits."""
    while key.kind == "tag" and not any(word in BIGNUM_WORDS for word in key.words) and key.items:
        key = key.items[0]
    if key.kind == "integer" and data[key.start] >> 5 == h.NINT:
        return -1 - key.number < t.I64_MIN
    return key.kind in ("array", "map", "tag")


def _maps(document: Document) -> list[Node]:
    return [node for node in document.scan.nodes() if node.kind == "map" and node.closed and not node.words]


@cbor_mutation
def duplicate_key(document: Document, draw: Draw) -> bytes | None:
    """Repeat a key of a map: with its own value, or with null."""
    maps = [node for node in _maps(document) if node.items]
    if not maps:
        return None
    node = pick(draw, maps)
    at = 2 * draw.integer(0, len(node.items) // 2 - 1)
    items = document.entries(node)
    value = h.NULL if draw.boolean() else items[at + 1]
    return document.with_items(node, [*items[: at + 2], items[at], value, *items[at + 2 :]])


@cbor_mutation
def duplicate_nan_key(document: Document, draw: Draw) -> bytes | None:
    """Put two entries into a map whose keys are NaN, which is equal to no key."""
    maps = _maps(document)
    if not maps:
        return None
    node = pick(draw, maps)
    nan = h.double(math.nan)
    return document.with_items(node, [*document.entries(node), nan, b"\x00", nan, b"\x01"])


@cbor_mutation
def duplicate_zero_key(document: Document, draw: Draw) -> bytes | None:
    """Put two entries into a map whose keys are 0.0 and -0.0, which are equal as numbers."""
    maps = _maps(document)
    if not maps:
        return None
    node = pick(draw, maps)
    zeros = (h.double(0.0), h.double(-0.0))
    items = document.entries(node)
    if set(zeros) & set(items[::2]):
        return None
    first, second = zeros if not draw.boolean() else zeros[::-1]
    return document.with_items(node, [*items, first, b"\x00", second, b"\x01"])


@cbor_mutation
def odd_key(document: Document, draw: Draw) -> bytes | None:
    """Put an entry into a map whose key is an array, a map, or an integer below those of 64 bits."""
    maps = _maps(document)
    if not maps:
        return None
    node = pick(draw, maps)
    key = pick(draw, (b"\x80", b"\xa0", h.integer(-(2**64))))
    items = document.entries(node)
    return None if key in items[::2] else document.with_items(node, [*items, key, h.NULL])


_FORMS = [m for m in (*cbor_form_mutations, *cbor_syntax_mutations) if m.name not in OF_TYPES]
UNTYPED_MAPS = (duplicate_key, duplicate_nan_key, duplicate_zero_key, odd_key)
UNTYPED = (*UNTYPED_MAPS, *_FORMS)
