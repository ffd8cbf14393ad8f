"""
Readings: the steps of a trace in which a reader of one schema version gets a document of another one.

Knows traces and plain outcomes. Knows nothing of what a reader must do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.contract.schema import Operation, Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Document, Instance, Step, Trace
from driftcheck.subjects.wire import ACCEPTED
from driftcheck.values.encoding import plain


@attrs.frozen
class Reading:
    """A step in which an instance gets a document, with the schema versions of the reader and the writer."""

    number: int  # of the step
    reader: int
    writer: int
    is_certain: bool = True  # False: malformed bytes say so, and the reader may find another fault first


def is_reader(schema: Schema, operation: Operation) -> bool:
    """Say whether an operation takes documents with schema versions, or a peer that may write them."""
    table = schema.schema_versions
    if table is None or table.otherwise not in operation.rejects:
        return False
    types = [t.bare(a.type) for a in operation.arguments]
    return any(
        isinstance(type_, t.Peer)
        or (isinstance(type_, t.Payload) and t.schema_version_field(type_.inner) is not None)
        for type_ in types
    )


@lru_cache(maxsize=64)
def readings_of(schema: Schema) -> Readings:
    """Return the `Readings` of a contract, made once."""
    return Readings(schema)


class Readings:
    """Finds the readings in the traces of one contract."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._moves = {
            o.name: place
            for o in schema.operations
            for place, a in enumerate(o.arguments)
            if a.schema_version
        }
        self._readers = {
            o.name: tuple(t.bare(a.type) for a in o.arguments)
            for o in schema.operations
            if is_reader(schema, o)
        }
        self._opened = [n for n, (a, _) in enumerate(schema.slots) if a.schema_version]

    def of(self, trace: Trace, outcomes: Sequence[Sequence[Any]]) -> Iterator[Reading]:
        """Yield each reading of a trace, in order.

        Args:
            outcomes: plain, of one subject, as many as there are.
        """
        if not self._readers:
            return
        versions = [plain(trace.opening[n]) for n in self._opened]
        if len(versions) < self.schema.instances:  # all instances share one
            versions *= self.schema.instances
        for number, (step, outcome) in enumerate(zip(trace.steps, outcomes, strict=False)):
            if step.operation in self._readers:
                for writer, is_certain in self._writers(step, versions):
                    yield Reading(number, versions[step.instance], writer, is_certain)
            place = self._moves.get(step.operation)
            if place is not None and outcome[0] == ACCEPTED:
                versions[step.instance] = plain(step.arguments[place])

    def _writers(self, step: Step, versions: Sequence[int]) -> Iterator[tuple[int, bool]]:
        for type_, argument in zip(self._readers[step.operation], step.arguments, strict=True):
            if isinstance(argument, Instance):
                yield versions[argument.number], True
            elif isinstance(argument, Document) and isinstance(type_, t.Payload):
                name = t.schema_version_field(type_.inner)
                if name is not None and argument.is_well_formed:
                    yield getattr(argument.value, name), True
                elif name is not None:
                    version = checked_calls.schema_version_of(type_.codec, type_.inner, argument.data)
                    yield from () if version is None else ((version, False),)
