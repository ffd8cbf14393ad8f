"""
Traces of the native search: made from what it says of a seed.

Each is a trace of the plan, so that it can be lifted, shrunk and saved like one that Python has drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from driftcheck.core import types as t
from driftcheck.core.trace import Instance, Name, Ref, Step, Trace
from driftcheck.generate import plan as p
from driftcheck.generate.plan_export import ExportedPlan
from driftcheck.generate.pools import Pool
from driftcheck.generate.strategy import Interpreter
from driftcheck.values.encoding import Decode, decoder, load_strictly


class NativeTraces:
    """Reads the descriptions of traces of one plan."""

    def __init__(self, interpreter: Interpreter, exported: ExportedPlan) -> None:
        schema, plan = interpreter.schema, interpreter.plan
        self._rosters = [(r.key, decoder(r.type)) for r in plan.rosters]
        self._opening = [
            _Argument(part, argument.type, pool)
            for part, (argument, _), pool in zip(plan.opening, schema.slots, exported.opening, strict=True)
        ]
        parts = {o.name: o.parts for o in plan.operations}
        self._operations = {
            o.index: (
                o.name,
                [
                    _Argument(part, argument.type, pool)
                    for part, argument, pool in zip(
                        parts[o.name], o.arguments, exported.arguments[o.name], strict=True
                    )
                ],
            )
            for o in schema.operations
            if o.name in parts
        }
        self._faults = {f.index: f.name for f in schema.faults}

    def read(self, description: bytes) -> Trace:
        """Return the trace that a description describes.

        Raises:
            ValueError: it is not a description of a trace of this plan.
        """
        plain_rosters, plain_opening, plain_steps = load_strictly(description)
        rosters = {
            key: tuple(decode(load_strictly(name)) for name in names)
            for (key, decode), names in zip(self._rosters, plain_rosters, strict=True)
        }
        opening = _values(self._opening, plain_opening, rosters)
        steps = []
        for index, instance, fault, plain in plain_steps:
            name, arguments = self._operations[index]
            values = _values(arguments, plain, rosters)
            steps.append(Step(name, values, instance, None if fault is None else self._faults[fault]))
        return Trace(tuple(steps), opening, rosters)


class _Argument:
    """How the value of one argument is read."""

    def __init__(self, part: p.Part, type_: t.Type, pool: Pool | None) -> None:
        self._part = part
        self._pool = pool
        self._decode: Decode | None = None
        if pool is None and not isinstance(part, p.HandleDraw | p.PeerDraw):
            self._decode = decoder(type_)

    def value(self, encoded: bytes, pick: int | None, rosters: dict[str, tuple[Any, ...]]) -> Any:
        if self._pool is not None:
            assert pick is not None
            return self._pool.values[pick]
        if isinstance(self._part, p.NameDraw | p.DistinctNameDraw):
            assert pick is not None
            return Name(self._part.roster, pick, rosters[self._part.roster][pick])
        plain = load_strictly(encoded)
        if self._decode is not None:
            return self._decode(plain)
        return Ref(plain) if isinstance(self._part, p.HandleDraw) else Instance(plain)


def _values(
    arguments: Sequence[_Argument], plain: Sequence[Any], rosters: dict[str, tuple[Any, ...]]
) -> tuple[Any, ...]:
    pairs = zip(arguments, plain, strict=True)
    return tuple(argument.value(encoded, pick, rosters) for argument, (encoded, pick) in pairs)
