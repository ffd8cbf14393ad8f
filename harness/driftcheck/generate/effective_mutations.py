"""
Which mutations can show themselves in a contract's payloads at all: a duplicated map key needs a map.
"""

from __future__ import annotations

from collections.abc import Iterable

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Document, Trace
from driftcheck.generate.engine import search
from driftcheck.generate.restrict_plan import Only
from driftcheck.generate.strategy import traces

DOCUMENTS = 200  # well-formed ones, on which a mutation is tried before it is said to have nothing to break


class _Lowest:
    """Draws the simplest breakage."""

    def integer(self, lo: int, hi: int) -> int:
        return lo

    def boolean(self, p: float = 0.5) -> bool:
        return False


def without_effect(schema: Schema, names: Iterable[str]) -> frozenset[str]:
    """Return those of the named mutations that break none of many well-formed payloads of the contract."""
    left = set(names)
    payloads = {
        (o.name, i): type_
        for o in schema.operations
        for i, a in enumerate(o.arguments)
        if isinstance(type_ := t.bare(a.type), t.Payload)
    }
    seen = 0

    def look(trace: Trace, shrinking: bool) -> None:
        nonlocal seen
        for step in trace.steps:
            for i, argument in enumerate(step.arguments):
                if isinstance(argument, Document):
                    seen += 1
                    _try(payloads[step.operation, i], argument.data, left)

    if left and payloads:
        strategy = traces(schema, malformed=0.0)
        search(strategy, look, seed=0, max_cases=DOCUMENTS, stop=lambda: not left or seen >= DOCUMENTS)
    return frozenset(left)


def nothing_to_break(schema: Schema, operation: str, argument: str) -> frozenset[str]:
    """Return the mutations that break none of many well-formed payloads of this argument."""
    arguments = schema.operation(operation).arguments
    index = [a.name for a in arguments].index(argument)
    type_ = t.bare(arguments[index].type)
    assert isinstance(type_, t.Payload)
    left = {mutation.name for mutation in type_.codec.all_mutations}

    def look(trace: Trace, shrinking: bool) -> None:
        for step in trace.steps:
            if step.operation == operation:
                _try(type_, step.arguments[index].data, left)

    search(traces(schema, only=Only(operation)), look, seed=0, max_cases=DOCUMENTS, stop=lambda: not left)
    return frozenset(left)


def _try(type_: t.Payload, data: bytes, left: set[str]) -> None:
    for mutation in type_.codec.all_mutations:
        if mutation.name in left:
            broken = mutation.apply(data, _Lowest(), type_.inner)
            if broken is not None and broken != data:
                left.discard(mutation.name)
