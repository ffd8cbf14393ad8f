"""
A plan restricted to one operation and to payloads that are made in one way, such as by one mutation.

Makes a plan of a plan. Knows nothing of how choices are drawn.
"""

from __future__ import annotations

import attrs

from driftcheck import plan as p
from driftcheck.contract.schema import Schema


@attrs.frozen
class Only:
    """What alone is drawn of a contract.

    A contract with state needs its other operations to get anywhere: these are drawn, too, well-formed.
    """

    operation: str
    argument: str | None = None  # the payload that is made as follows; every other one is well-formed
    kind: p.Kind = "value"
    mutation: str | None = None  # which every such payload has, once; of the kinds "value" and "seed"


def restricted(plan: p.Plan, schema: Schema, only: Only) -> p.Plan:
    """Return the plan that draws only these payloads.

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
    return attrs.evolve(plan, operations=tuple(operations))


def _well_formed(part: p.Part) -> p.Part:
    return attrs.evolve(part, kinds=("value",), more=()) if isinstance(part, p.Written) else part


def _made(part: p.Part, only: Only) -> p.Part:
    if not isinstance(part, p.Written):
        raise KeyError(only.argument)
    if only.mutation is None:
        return attrs.evolve(part, kinds=(only.kind,), more=())
    name = part.type.codec.mutation(only.mutation).name
    return attrs.evolve(part, kinds=(only.kind,), more=(1.0,), names=(name,))
