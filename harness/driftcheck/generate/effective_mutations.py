"""
Effective mutations: those that can change a contract's payloads; a duplicated map key needs a map.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.trace import Document
from driftcheck.generate.draw import draw
from driftcheck.generate.restrict_plan import Only
from driftcheck.generate.strategy import traces

DOCUMENTS = 200  # well-formed ones, in which a mutation that has no effect is tried


class _Lowest:
    """Makes the simplest choices of a mutation."""

    def integer(self, lo: int, hi: int) -> int:
        return lo

    def boolean(self, p: float = 0.5) -> bool:
        return False


@lru_cache(maxsize=16)  # since a report asks more than once
def without_effect(schema: Schema, names: frozenset[str]) -> frozenset[str]:
    """Return those of the named mutations that change none of many well-formed payloads of the contract."""
    left = set(names)
    payloads = {
        (o.name, i): type_
        for o in schema.operations
        for i, a in enumerate(o.arguments)
        if isinstance(type_ := t.bare(a.type), t.Payload)
    }
    if not left or not payloads:
        return frozenset(left)
    seen = 0
    for trace in islice(draw(traces(schema, malformed=0.0), seed=0), DOCUMENTS):
        for step in trace.steps:
            for i, argument in enumerate(step.arguments):
                if isinstance(argument, Document):
                    seen += 1
                    _try(payloads[step.operation, i], argument.data, left)
        if not left or seen >= DOCUMENTS:
            break
    return frozenset(left)


def nothing_to_break(schema: Schema, operation: str, argument: str) -> frozenset[str]:
    """Return the mutations that change none of many well-formed payloads of this argument."""
    arguments = schema.operation(operation).arguments
    index = [a.name for a in arguments].index(argument)
    type_ = t.bare(arguments[index].type)
    assert isinstance(type_, t.Payload)
    left = {mutation.name for mutation in type_.codec.all_mutations}

    for trace in islice(draw(traces(schema, only=Only(operation)), seed=0), DOCUMENTS):
        for step in trace.steps:
            if step.operation == operation:
                _try(type_, step.arguments[index].data, left)
        if not left:
            break
    return frozenset(left)


def _try(type_: t.Payload, data: bytes, left: set[str]) -> None:
    for mutation in type_.codec.all_mutations:
        if mutation.name in left:
            broken = mutation.apply(data, _Lowest(), type_.inner)
            if broken is not None and broken != data:
                left.discard(mutation.name)
