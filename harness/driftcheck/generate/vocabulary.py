"""
The documents that codecs learn from: what `encode` writes for some values, and the real documents.

Draws from a fixed seed, so that a codec learns the same in each process, and a replay judges a case as
the search did.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.codec import Codec
from driftcheck.core.errors import CodecError
from driftcheck.core.trace import Document
from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import traces

SEED = 0
DOCUMENTS = 200  # for each codec
TRACES = 2_000  # at most, to draw these documents from


def with_vocabularies(schema: Schema) -> Schema:
    """Return the contract with what its codecs have learned; the same one if none learns.

    A codec that cannot encode a value has learned from the others; the check of codecs reports it.
    """
    found: dict[Codec[Any], dict[bytes, None]] = {
        codec: {} for codec in _payload_codecs(schema).values() if codec.learns
    }
    if not found:
        return schema
    with suppress(CodecError):
        _fill(schema, found)
    return schema.with_codecs(lambda codec: codec.learned(tuple(found.get(codec, ()))))


def _payload_codecs(schema: Schema) -> dict[tuple[str, int], Codec[Any]]:
    """Return the codec of each payload that an operation reads, by the place of the argument."""
    return {
        (operation.name, n): type_.codec
        for operation in schema.operations
        for n, argument in enumerate(operation.arguments)
        if isinstance(type_ := t.bare(argument.type), t.Payload)
    }


def _fill(schema: Schema, found: dict[Codec[Any], dict[bytes, None]]) -> None:
    codecs = _payload_codecs(schema)
    for trace in islice(draw(traces(schema, malformed=0.0), SEED), TRACES):
        for step in trace.steps:
            _take(codecs, step.operation, step.arguments, found)
        if all(len(documents) >= DOCUMENTS for documents in found.values()):
            return


def _take(
    codecs: dict[tuple[str, int], Codec[Any]],
    operation: str,
    arguments: Sequence[Any],
    found: dict[Codec[Any], dict[bytes, None]],
) -> None:
    for n, argument in enumerate(arguments):
        documents = found.get(codecs[operation, n]) if (operation, n) in codecs else None
        if documents is not None and isinstance(argument, Document) and len(documents) < DOCUMENTS:
            documents[argument.data] = None
