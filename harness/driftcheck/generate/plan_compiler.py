"""
The compiler that makes a plan from a schema.

Decides how likely each kind of payload is and which names are in play, and reads the real documents. Knows
types and distributions. Knows nothing of how choices are drawn, recorded or shrunk.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from driftcheck.codecs import checked_calls
from driftcheck.contract.schema import Argument, Schema
from driftcheck.core import types as t
from driftcheck.core.codec import Codec
from driftcheck.core.errors import ContractError, DriftcheckError
from driftcheck.core.raw_mutations import raw_mutations, text_mutations
from driftcheck.generate import distributions
from driftcheck.generate import plan as p

MALFORMED = 0.5
WITHOUT_FAULT = 4  # steps without a fault for each step with one
AGAIN = (0.35, 0.25)  # of a second and a third mutation


@attrs.define(eq=False)
class NoDocuments(DriftcheckError):
    """A pattern matches no real document."""

    pattern: str

    def __str__(self) -> str:
        return f"no file matches the corpus pattern {self.pattern!r}; correct the pattern, or leave it out"


def compile_plan(schema: Schema, *, malformed: float = MALFORMED, corpus: Sequence[str] = ()) -> p.Plan:
    """Compile a contract.

    Args:
        malformed: the probability that a payload is broken by at least one mutation.
        corpus: glob patterns of more real documents, besides those that the contract names.

    Raises:
        ContractError: no step can be first, since every operation needs a handle.
    """
    compiler = _Compiler(schema, malformed, tuple(corpus))
    opening = compiler.opening()
    slots = _slots([o.weight for o in schema.operations])
    operations = []
    for operation, count in zip(schema.operations, slots, strict=True):
        makes = operation.result.name if isinstance(operation.result, t.Handle) else None
        parts = compiler.parts(operation.arguments)
        faults = (*[None] * (WITHOUT_FAULT * len(operation.faults)), *operation.faults)
        moves = next((n for n, a in enumerate(operation.arguments) if a.schema_version), None)
        planned = p.PlannedOperation(
            operation.name, count, parts, _needs(parts), makes, faults, operation.query, moves
        )
        operations.append(planned)
    operations.sort(key=lambda o: bool(o.needs))  # so that slots mean the same with live handles and without
    if operations[0].needs:
        raise ContractError(
            schema.name,
            "every operation needs a handle, so no step can be first; declare one that needs none",
        )
    shared = dict(compiler.rosters)
    laws = []
    for law in schema.laws:
        compiler.rosters = dict(shared)
        parts = compiler.parts(law.arguments)
        own = tuple(r for key, r in compiler.rosters.items() if key not in shared)
        laws.append(p.PlannedLaw(law.name, parts, own, law.fresh))
    return p.Plan(
        contract=schema.name,
        rosters=tuple(shared.values()),
        opening=opening,
        operations=tuple(operations),
        laws=tuple(laws),
        is_stateless=schema.is_stateless,
        instances=schema.instances,
        opened_at=tuple(n for n, (a, _) in enumerate(schema.slots) if a.schema_version),
        alike=_alike(schema),
    )


def _alike(schema: Schema) -> tuple[tuple[int, ...], ...]:
    """Return the places of each opening argument that instances may share and need not."""
    places: dict[str, list[int]] = {}
    for place, (argument, instance) in enumerate(schema.slots):
        if instance is not None and argument.across == "each":
            places.setdefault(argument.name, []).append(place)
    return tuple(map(tuple, places.values()))


class _Compiler:
    def __init__(self, schema: Schema, malformed: float, corpus: tuple[str, ...]) -> None:
        self.schema = schema
        self.malformed = malformed
        self.corpus = corpus
        self.rosters: dict[str, p.Roster] = {}
        self._keys: dict[str, t.Named] = {}

    def parts(self, arguments: Sequence[Argument]) -> tuple[p.Part, ...]:
        return tuple(self.part(a.type) for a in arguments)

    def opening(self) -> tuple[p.Part, ...]:
        parts: list[p.Part] = []
        for argument, instance in self.schema.slots:
            if instance is None or argument.across == "each":
                parts.append(self.part(argument.type))
                continue
            assert isinstance(argument.type, t.Named)
            self.rosters.setdefault(argument.name, self.distinct_roster(argument.name, argument.type.inner))
            parts.append(p.DistinctNameDraw(argument.name, self.schema.instances - instance))
        return tuple(parts)

    def distinct_roster(self, name: str, type_: t.Type) -> p.Roster:
        """Return the names of which each instance has a different one."""
        return p.Roster(name, self.schema.instances, self.part(type_), type_, must_differ=True)

    def part(self, type_: t.Type) -> p.Part:
        match type_:
            case t.Bool():
                return p.BoolDraw()
            case t.Int(lo=lo, hi=hi):
                return p.IntDraw(lo, hi, distributions.integer_slots(lo, hi))
            case t.Float(lo=lo, hi=hi):
                return self.real(lo, hi)
            case t.Text(pattern=None, min_len=lo, max_len=hi):
                return p.TextDraw(lo, hi, distributions.text_slots(lo, hi))
            case t.Text():
                return p.PatternDraw(type_)
            case t.Bytes(min_len=lo, max_len=hi):
                return p.BytesDraw(lo, hi, distributions.length_slots(lo, hi))
            case t.Enumeration():
                return p.EnumDraw(type_)
            case t.Record():
                return self.fields(type_)
            case t.Union(alternatives=alternatives):
                return p.UnionDraw(type_, tuple(self.fields(a) for a in alternatives))
            case t.Optional(inner=inner):
                return p.OptionalDraw(self.part(inner))
            case t.Sequence(inner=inner, min_len=lo, max_len=hi):
                return p.SequenceDraw(self.part(inner), lo, hi, distributions.more_slots(lo, hi))
            case t.Mapping(key=key, value=value, min_len=lo, max_len=hi):
                return p.MappingDraw(
                    self.part(key), self.part(value), lo, hi, distributions.more_slots(lo, hi)
                )
            case t.Payload():
                return self.payload(type_)
            case t.Handle(name=name, closing=closing):
                return p.HandleDraw(name, closing)
            case t.Steps():
                return p.StepsDraw()
            case t.Peer():
                return p.PeerDraw(self.schema.instances - 1)
            case t.Named():
                return self.named(type_)
            case t.Choice(values=values):
                return p.ChoiceDraw(values)
            case t.Generated(strategy=strategy):
                return p.StrategyDraw(strategy)

    def real(self, lo: float, hi: float) -> p.FloatDraw:
        bounded = lo != -math.inf or hi != math.inf
        lo = -0.0 if lo == 0 else lo  # -0.0 is not below 0.0, so that the type allows it
        return p.FloatDraw(lo, hi, not bounded, distributions.float_slots(lo, hi))

    def fields(self, type_: t.Record) -> p.RecordDraw:
        return p.RecordDraw(type_, tuple(self.part(f.type) for f in type_.fields))

    def named(self, type_: t.Named) -> p.NameDraw:
        count = min(type_.count, t.cardinality(type_.inner))
        key = text_form(type_.inner) + f" x{count}"
        tried = 1
        while self._keys.setdefault(key, type_) != type_:  # two strategies of the author have the same text
            tried += 1
            key = f"{text_form(type_.inner)} #{tried} x{count}"
        if key not in self.rosters:
            self.rosters[key] = p.Roster(key, count, self.part(type_.inner), type_.inner)
        return p.NameDraw(key, count)

    def payload(self, type_: t.Payload) -> p.PayloadDraw:
        documents = _documents(self.schema, type_.corpus, self.corpus)
        kinds: list[p.Kind] = ["value"] * 160
        kinds += ["seed" if documents else "value"] * 95
        kinds.append("raw" if self.malformed else "value")
        more = (self.malformed, *AGAIN) if self.malformed and type_.codec.all_mutations else ()
        inner = self.part(checked_calls.expressible(type_.codec, type_.inner))
        giants = tuple(m.name for m in type_.codec.all_mutations if m.is_giant)
        names = _mutation_slots(type_.codec)
        probability = (distributions.GIANT if names else 1.0) if giants else 0.0
        return p.PayloadDraw(type_, inner, tuple(kinds), more, names, documents, giants, probability)


def _mutation_slots(codec: Codec[Any]) -> tuple[str, ...]:
    """Return the names of mutations without giants, those that know the format more often than the others."""
    weights = {one.name: one.weight for one in codec.all_mutations if not one.is_giant}
    generic = {one.name for one in codec.generic_mutations}
    if generic:
        generic |= {one.name for one in (*raw_mutations, *text_mutations)}
    own = {name: weight for name, weight in weights.items() if name not in generic}
    others = {name: weight for name, weight in weights.items() if name in generic}
    return distributions.mutation_slots(own, others)


def text_form(type_: t.Type) -> str:
    """Write a type in a few words, which are the key of its roster in case files."""
    match type_:
        case t.Text(min_len=lo, max_len=hi, pattern=pattern):
            return f"text {_range(lo, hi)}" + (f" {pattern.pattern}" if pattern is not None else "")
        case t.Bytes(min_len=lo, max_len=hi):
            return f"bytes {_range(lo, hi)}"
        case t.Int(lo=lo, hi=hi) | t.Float(lo=lo, hi=hi):
            return f"{type(type_).__name__.lower()} {_range(lo, hi)}"
        case t.Record(name=name) | t.Union(name=name) | t.Enumeration(name=name):
            return name
        case t.Optional(inner=inner):
            return f"{text_form(inner)} or null"
        case t.Sequence(inner=inner, min_len=lo, max_len=hi):
            return f"{_range(lo, hi)} of {text_form(inner)}"
        case t.Mapping(key=key, value=value, min_len=lo, max_len=hi):
            return f"{_range(lo, hi)} of {text_form(key)} to {text_form(value)}"
        case t.Choice(values=values):
            return "one of " + ", ".join(map(repr, values))
        case t.Generated(inner=inner):
            return f"generated {text_form(inner)}"
        case _:
            return type(type_).__name__.lower()


def _range(lo: float, hi: float | None) -> str:
    return f"{lo}..{'' if hi is None else hi}"


def _slots(weights: list[int]) -> list[int]:
    """Return the number of slots for each weight: at least one each, and about `MAX_SLOTS` in all at most."""
    weights = [w // math.gcd(*weights) for w in weights]
    scale = min(1.0, distributions.MAX_SLOTS / sum(weights))
    return [max(1, round(w * scale)) for w in weights]


def _needs(parts: tuple[p.Part, ...]) -> tuple[tuple[str, int], ...]:
    needs: dict[str, int] = {}
    for part in parts:
        if isinstance(part, p.HandleDraw):
            needs[part.kind] = needs.get(part.kind, 0) + 1
    return tuple(needs.items())


def _documents(
    schema: Schema, patterns: tuple[str, ...], more: tuple[str, ...]
) -> tuple[tuple[str, bytes], ...]:
    """Read the real documents that the contract names, relative to its file, and those of the corpus."""
    files: list[Path] = []
    for pattern in patterns:
        folder = Path(inspect.getfile(schema.cls)).parent
        found = sorted(folder.glob(pattern))
        if not found:
            raise ContractError(
                schema.name,
                f"no file in {folder} matches its corpus({pattern!r}); correct the pattern, or add a file",
            )
        files += found
    for pattern in more:
        path = Path(pattern)
        found = sorted(Path(path.anchor or ".").glob(str(path.relative_to(path.anchor))))
        if not found:
            raise NoDocuments(pattern)
        files += found
    return tuple((f.name, f.read_bytes()) for f in dict.fromkeys(files) if f.is_file())
