"""
The export of a plan: the same plan as canonical CBOR, for the native search.

docs/reference/native-search.md is normative, and `rust_shim/generator` reads it. Probabilities are integers,
so that a seed gives the same traces on every machine. Knows nothing of who reads it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import attrs

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core import types as t
from driftcheck.generate import plan as p
from driftcheck.generate.coder import Coder
from driftcheck.generate.dice import characters
from driftcheck.generate.distributions import Decimal, Pinned
from driftcheck.generate.pools import Pool, fill, needs_pool
from driftcheck.generate.simplest import UNKNOWN, simplest_value
from driftcheck.generate.strategy import Interpreter
from driftcheck.values.encoding import dumps, encoder, writer

VERSION = 1
ALPHABETS = ("any", "ascii", "tricky")
WHOLE = 2**32  # a probability of 1
_STEPS_OF_OCTAVE = 256

_float = encoder(t.Float(-math.inf, math.inf))


@attrs.frozen(eq=False)
class ExportedPlan:
    """A plan as the native search reads it, and the pools that it names."""

    data: bytes
    pools: tuple[Pool, ...]
    opening: tuple[Pool | None, ...]  # the pool of each argument that has one
    arguments: dict[str, tuple[Pool | None, ...]]  # by operation


def export_plan(interpreter: Interpreter, seed: int) -> ExportedPlan:
    """Export the plan of an interpreter.

    Args:
        seed: of the values in its pools.

    Raises:
        NoPool: a pool has no value.
    """
    return _Exporter(interpreter, seed).export()


class _Exporter:
    def __init__(self, interpreter: Interpreter, seed: int) -> None:
        self._interpreter = interpreter
        self._plan = interpreter.plan
        self._schema: Schema = interpreter.schema
        self._seed = seed
        self._pools: list[Pool] = []
        self._rosters = {r.key: n for n, r in enumerate(self._plan.rosters)}
        kinds = [k for o in self._plan.operations for k in (*dict(o.needs), o.makes) if k is not None]
        self._kinds = {kind: n for n, kind in enumerate(dict.fromkeys(kinds))}

    def export(self) -> ExportedPlan:
        plan, schema, interpreter = self._plan, self._schema, self._interpreter
        rosters = [
            self._roster(r, coder) for r, coder in zip(plan.rosters, interpreter.roster_coders, strict=True)
        ]
        types = [a.type for a, _ in schema.slots]
        opening, opening_pools = self._arguments(plan.opening, types, interpreter.opening_coders)
        operations, arguments = [], {}
        for planned in plan.operations:
            declared = schema.operation(planned.name)
            parts, pools = self._arguments(
                planned.parts, [a.type for a in declared.arguments], interpreter.coders_of(planned.name)
            )
            operations.append(self._operation(planned, declared, parts))
            arguments[planned.name] = pools
        places = tuple(range(len(schema.slots)))
        data = dumps(
            [
                VERSION,
                plan.is_stateless,
                interpreter.max_steps,
                _chance(plan.stop),
                octave(),
                [[characters(name), name == "any"] for name in ALPHABETS],
                rosters,
                opening,
                [list(schema.opening_of(places, n)) for n in range(schema.instances)],
                len(self._kinds),
                operations,
                [list(pool.encoded) for pool in self._pools],
            ]
        )
        return ExportedPlan(data, tuple(self._pools), opening_pools, arguments)

    def _arguments(
        self, parts: Sequence[p.Part], types: Sequence[t.Type], coders: Sequence[Coder]
    ) -> tuple[list[Any], tuple[Pool | None, ...]]:
        exported: list[Any] = []
        pools: list[Pool | None] = []
        for part, type_, coder in zip(parts, types, coders, strict=True):
            if needs_pool(part):
                exported.append(self._pool(coder, type_))
                pools.append(self._pools[-1])
            else:
                exported.append(self._part(part, type_))
                pools.append(None)
        return exported, tuple(pools)

    def _pool(self, coder: Coder, type_: t.Type) -> Any:
        number = len(self._pools)
        self._pools.append(fill(coder, type_, f"{self._seed}:{number}"))
        return ["pool", number]

    def _roster(self, roster: p.Roster, coder: Coder) -> Any:
        if needs_pool(roster.part):
            part = self._pool(coder, roster.type)
        else:
            part = self._part(roster.part, roster.type)
        simplest: list[Any] = []
        if roster.must_differ:
            simplest = [simplest_value(roster.part, {}, n) for n in range(roster.count)]
        write = writer(roster.type)
        return [roster.count, part, roster.must_differ, [write(v) for v in simplest if v is not UNKNOWN]]

    def _operation(self, planned: p.PlannedOperation, declared: Operation, parts: list[Any]) -> Any:
        index_of = {fault.name: fault.index for fault in self._schema.faults}
        return [
            declared.index,
            planned.slots,
            parts,
            [[self._kinds[kind], count] for kind, count in planned.needs],
            None if planned.makes is None else self._kinds[planned.makes],
            [None if fault is None else index_of[fault] for fault in planned.faults],
        ]

    def _part(self, part: p.Part, type_: t.Type) -> Any:
        match part:
            case p.NameDraw(roster=roster, count=count):
                return ["name", self._rosters[roster], count]
            case p.DistinctNameDraw(roster=roster):
                return ["distinct", self._rosters[roster]]
            case p.HandleDraw(kind=kind, closing=closing):
                return ["handle", self._kinds[kind], closing]
            case p.PeerDraw(count=count):
                return ["peer", count]
            case p.BoolDraw():
                return ["bool"]
            case p.IntDraw(lo=lo, hi=hi, slots=slots):
                return ["int", lo, hi, [list(span) for span in slots]]
            case p.FloatDraw():
                return self._real(part, type_)
            case p.TextDraw(slots=slots):
                return ["text", [[ALPHABETS.index(name), lo, hi] for name, lo, hi in slots]]
            case p.BytesDraw(slots=slots):
                return ["bytes", [[lo, hi] for lo, hi in slots]]
            case p.EnumDraw(type=enumeration):
                return ["listed", list(map(writer(enumeration), enumeration.members))]
            case p.ChoiceDraw(values=values):
                return ["listed", list(map(writer(type_), values))]
            case _:
                return self._compound(part, t.bare(type_))

    def _real(self, part: p.FloatDraw, type_: t.Type) -> Any:
        real = t.bare(type_)
        assert isinstance(real, t.Float)
        slots: list[Any] = []
        for slot in part.slots:
            match slot:
                case None:
                    slots.append(None)
                case Pinned(value=value):
                    slots.append([_float(value)])
                case Decimal(lo=lo, hi=hi, divisor=divisor):
                    slots.append([lo, hi, divisor])
        return ["float", _float(part.lo), _float(part.hi), part.nan, real.nan_equal, slots]

    def _compound(self, part: p.Part, type_: t.Type) -> Any:
        match part, type_:
            case p.RecordDraw(parts=parts), t.Record(fields=fields):
                return ["record", [self._part(q, f.type) for q, f in zip(parts, fields, strict=True)]]
            case p.UnionDraw(parts=records), t.Union(alternatives=alternatives):
                return ["union", [self._part(q, a) for q, a in zip(records, alternatives, strict=True)]]
            case p.OptionalDraw(part=inner, p=probability), t.Optional(inner=of_inner):
                return ["optional", _chance(probability), self._part(inner, of_inner)]
            case p.SequenceDraw(part=inner), t.Sequence(inner=of_inner, unordered=unordered):
                return ["sequence", self._part(inner, of_inner), _sizes(part), unordered]
            case p.MappingDraw(key=key, value=value), t.Mapping(key=of_key, value=of_value):
                return ["mapping", self._part(key, of_key), self._part(value, of_value), _sizes(part)]
        raise AssertionError(f"{part!r} draws no {type_!r}")


def _sizes(part: p.SequenceDraw | p.MappingDraw) -> Any:
    return [part.min_len, part.max_len, list(map(_chance, part.slots))]


def _chance(probability: float) -> int:
    return round(probability * WHOLE)


def octave() -> list[int]:
    """Return 2**32 times the powers of two from 0 to 1, for lengths that are even on a logarithmic scale."""
    return [round(2.0 ** (n / _STEPS_OF_OCTAVE) * WHOLE) for n in range(_STEPS_OF_OCTAVE + 1)]
