"""
A plan restricted to one operation, and to payloads of one kind or with one mutation.

Makes a plan from a plan. Knows nothing of how choices are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.generate import plan as p


@attrs.frozen
class Only:
    """The only operation and payload to draw.

    A contract with state needs its other operations too. These are drawn with well-formed payloads.
    """

    operation: str
    argument: str | None = None  # the payload that these rules are for; every other one is well-formed
    kind: p.Kind = "value"
    mutation: str | None = None  # the only mutation of each such payload, for the kinds "value" and "seed"


def restricted(plan: p.Plan, schema: Schema, only: Only) -> p.Plan:
    """Return a plan that draws only these payloads.

    Raises:
        KeyError: the contract has no such operation or payload, or its codec no such mutation.
    """
    operation = schema.operation(only.operation)
    index = None
    if only.argument is not None:
        index = {a.name: i for i, a in enumerate(operation.arguments)}[only.argument]
    operations = []
    for planned in plan.operations:
        if planned.name == only.operation:
            parts = tuple(
                _made(part, only) if i == index else _well_formed(part)
                for i, part in enumerate(planned.parts)
            )
        elif plan.is_stateless:
            continue
        else:
            parts = tuple(map(_well_formed, planned.parts))
        operations.append(attrs.evolve(planned, parts=parts))
    rosters = _used(plan, [*plan.opening, *(part for o in operations for part in o.parts)])
    return attrs.evolve(plan, operations=tuple(operations), rosters=rosters)


def _used(plan: p.Plan, parts: Sequence[p.Part]) -> tuple[p.Roster, ...]:
    """Return the names in play that the parts use, since drawing the others would take the most time."""
    found = {key for part in parts for key in names_used(part)}
    by_key = {roster.key: roster for roster in plan.rosters}
    while more := {key for name in found for key in names_used(by_key[name].part)} - found:
        found |= more
    return tuple(roster for roster in plan.rosters if roster.key in found)


def names_used(part: p.Part) -> Iterator[str]:
    """Yield the keys of the names in play from which a part draws."""
    match part:
        case p.NameDraw(roster=key) | p.DistinctNameDraw(roster=key):
            yield key
        case p.RecordDraw(parts=parts) | p.UnionDraw(parts=parts):
            for inner in parts:
                yield from names_used(inner)
        case p.OptionalDraw(part=inner) | p.SequenceDraw(part=inner) | p.PayloadDraw(part=inner):
            yield from names_used(inner)
        case p.MappingDraw(key=key_part, value=value):
            yield from names_used(key_part)
            yield from names_used(value)


def _well_formed(part: p.Part) -> p.Part:
    return attrs.evolve(part, kinds=("value",), more=()) if isinstance(part, p.PayloadDraw) else part


def _made(part: p.Part, only: Only) -> p.Part:
    if not isinstance(part, p.PayloadDraw):
        raise KeyError(only.argument)
    if only.mutation is None:
        return attrs.evolve(part, kinds=(only.kind,), more=())
    name = part.type.codec.mutation(only.mutation).name
    return attrs.evolve(part, kinds=(only.kind,), more=(1.0,), names=(name,), giants=(), giant=0.0)
