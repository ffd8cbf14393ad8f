"""
The plan: what to draw for a contract, as data.

Made once from a schema, frozen, read by every lane that generates. All numbers that shape the distribution of
traces stand here. Knows nothing of how choices are drawn, recorded or shrunk.

A *slot* is a small integer that is drawn before a value and only steers it: slot 0 always means the whole
range, any other slot a part of it. So a value that another slot brought about stays valid when a shrinker
lowers the slot to 0, and whoever encodes a known value writes slot 0. `spread` fills them.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import attrs

from driftcheck import spread
from driftcheck.contract import types as t
from driftcheck.contract.schema import Argument, Schema
from driftcheck.errors import ContractError, DriftcheckError
from driftcheck.spread import Alphabet, Decimal, Pinned, Span

MAX_STEPS = 50
STOP = 2**-16  # so traces are nearly always full length, yet a shrinker may end one anywhere
MALFORMED = 0.5
AGAIN = (0.35, 0.25)  # of a second and a third mutation

Kind = Literal["value", "seed", "raw"]


@attrs.frozen
class Truth:
    """True or False."""


@attrs.frozen
class Whole:
    """An integer; `slots` is empty where the range is narrow enough to be drawn evenly."""

    lo: int
    hi: int
    slots: tuple[Span, ...] = ()


@attrs.frozen
class Real:
    """A float; a slot is None for the whole range."""

    lo: float
    hi: float
    nan: bool
    slots: tuple[Pinned | Decimal | None, ...]


@attrs.frozen
class Characters:
    """Text; a slot is an alphabet and a range of lengths."""

    min_len: int
    max_len: int | None
    slots: tuple[tuple[Alphabet, int, int | None], ...]


@attrs.frozen
class Matching:
    """Text that a pattern matches in full."""

    type: t.Text


@attrs.frozen
class Octets:
    """Bytes; a slot is a range of lengths."""

    min_len: int
    max_len: int | None
    slots: tuple[tuple[int, int | None], ...]


@attrs.frozen
class Member:
    """One member of an enum."""

    type: t.Enumeration


@attrs.frozen
class Fields:
    """A record."""

    type: t.Record
    parts: tuple[Part, ...]


@attrs.frozen
class OneOf:
    """One of several records."""

    type: t.Union
    parts: tuple[Fields, ...]


@attrs.frozen
class Maybe:
    """A value, with this probability, or None."""

    part: Part
    p: float = 0.75


@attrs.frozen
class Several:
    """A tuple; a slot is the probability of one more item."""

    part: Part
    min_len: int
    max_len: int | None
    slots: tuple[float, ...]


@attrs.frozen
class Pairs:
    """A dict; a slot is the probability of one more pair."""

    key: Part
    value: Part
    min_len: int
    max_len: int | None
    slots: tuple[float, ...]


@attrs.frozen
class Listed:
    """One of the listed values."""

    values: tuple[Any, ...]


@attrs.frozen(eq=False)
class Foreign:
    """A value of the author's own strategy."""

    strategy: Any


@attrs.frozen
class Use:
    """One of the trace's names in play."""

    roster: str
    count: int


@attrs.frozen
class Written:
    """A payload: a value written by a codec and perhaps broken, a real document likewise, or any bytes."""

    type: t.Payload
    part: Part
    kinds: tuple[Kind, ...]  # slots
    more: tuple[float, ...]  # the probability of a first mutation, of a second, of a third; 1 lets none fail
    names: tuple[str, ...]  # the mutations that are drawn
    seeds: tuple[tuple[str, bytes], ...]  # real documents, by file name


@attrs.frozen
class Held:
    """A live handle."""

    kind: str
    closing: bool


@attrs.frozen
class Run:
    """A run of steps, for a law."""


Part = (
    Truth
    | Whole
    | Real
    | Characters
    | Matching
    | Octets
    | Member
    | Fields
    | OneOf
    | Maybe
    | Several
    | Pairs
    | Listed
    | Foreign
    | Use
    | Written
    | Held
    | Run
)


def is_flat(part: Part) -> bool:
    """Say whether each value of a part takes the same number of choices."""
    match part:
        case Fields(parts=parts):
            return all(map(is_flat, parts))
        case Maybe() | Several() | Pairs() | OneOf() | Foreign() | Matching() | Written() | Run():
            return False
        case _:
            return True


@attrs.frozen
class Roster:
    """Names in play: `count` values, drawn once for each trace, distinct where possible."""

    key: str
    count: int
    part: Part
    type: t.Type = attrs.field(eq=False)  # of one name


@attrs.frozen
class PlannedOperation:
    """An operation: how many slots it has among all, what to draw, which handles it needs and makes."""

    name: str
    slots: int
    parts: tuple[Part, ...]
    needs: tuple[tuple[str, int], ...]  # handle kinds, and how many of each must be live
    makes: str | None


@attrs.frozen
class PlannedLaw:
    """A law: what to draw for its arguments, and the names in play that they alone use."""

    name: str
    parts: tuple[Part, ...]
    rosters: tuple[Roster, ...]
    fresh: bool


@attrs.frozen
class Plan:
    """What to draw for a contract."""

    contract: str
    rosters: tuple[Roster, ...]
    opening: tuple[Part, ...]
    operations: tuple[PlannedOperation, ...]  # those that need no handle come first, else in declared order
    laws: tuple[PlannedLaw, ...]
    is_stateless: bool  # traces have exactly one step
    stop: float = STOP

    def law(self, name: str) -> PlannedLaw:
        """Return the law of that name; raises KeyError."""
        for law in self.laws:
            if law.name == name:
                return law
        raise KeyError(name)


def compile_plan(schema: Schema, *, malformed: float = MALFORMED, seeds: Sequence[str] = ()) -> Plan:
    """Compile a contract.

    Args:
        malformed: the probability that a payload is broken by at least one mutation.
        seeds: glob patterns of further real documents, beside those that the contract names.

    Raises:
        ContractError: no step can be first, since every operation needs a handle.
    """
    compiler = _Compiler(schema, malformed, tuple(seeds))
    opening = compiler.parts(schema.opening)
    slots = _slots([o.weight for o in schema.operations])
    operations = []
    for operation, count in zip(schema.operations, slots, strict=True):
        makes = operation.result.name if isinstance(operation.result, t.Handle) else None
        parts = compiler.parts(operation.arguments)
        operations.append(PlannedOperation(operation.name, count, parts, _needs(parts), makes))
    operations.sort(key=lambda o: bool(o.needs))  # so that slots mean the same with and without live handles
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
        laws.append(PlannedLaw(law.name, parts, own, law.fresh))
    return Plan(
        contract=schema.name,
        rosters=tuple(shared.values()),
        opening=opening,
        operations=tuple(operations),
        laws=tuple(laws),
        is_stateless=schema.is_stateless,
    )


class _Compiler:
    def __init__(self, schema: Schema, malformed: float, seeds: tuple[str, ...]) -> None:
        self.schema = schema
        self.malformed = malformed
        self.seeds = seeds
        self.rosters: dict[str, Roster] = {}
        self._keys: dict[str, t.Named] = {}

    def parts(self, arguments: Sequence[Argument]) -> tuple[Part, ...]:
        return tuple(self.part(a.type) for a in arguments)

    def part(self, type_: t.Type) -> Part:
        match type_:
            case t.Bool():
                return Truth()
            case t.Int(lo=lo, hi=hi):
                return Whole(lo, hi, spread.whole(lo, hi))
            case t.Float(lo=lo, hi=hi):
                return self.real(lo, hi)
            case t.Text(pattern=None, min_len=lo, max_len=hi):
                return Characters(lo, hi, spread.text(lo, hi))
            case t.Text():
                return Matching(type_)
            case t.Bytes(min_len=lo, max_len=hi):
                return Octets(lo, hi, spread.lengths(lo, hi))
            case t.Enumeration():
                return Member(type_)
            case t.Record():
                return self.fields(type_)
            case t.Union(alternatives=alternatives):
                return OneOf(type_, tuple(self.fields(a) for a in alternatives))
            case t.Optional(inner=inner):
                return Maybe(self.part(inner))
            case t.Sequence(inner=inner, min_len=lo, max_len=hi):
                return Several(self.part(inner), lo, hi, spread.more(lo, hi))
            case t.Mapping(key=key, value=value, min_len=lo, max_len=hi):
                return Pairs(self.part(key), self.part(value), lo, hi, spread.more(lo, hi))
            case t.Payload():
                return self.payload(type_)
            case t.Handle(name=name, closing=closing):
                return Held(name, closing)
            case t.Steps():
                return Run()
            case t.Named():
                return self.named(type_)
            case t.Choice(values=values):
                return Listed(values)
            case t.Generated(strategy=strategy):
                return Foreign(strategy)

    def real(self, lo: float, hi: float) -> Real:
        bounded = lo != -math.inf or hi != math.inf
        lo = -0.0 if lo == 0 else lo  # it is not below 0.0, and worth a try
        return Real(lo, hi, not bounded, spread.real(lo, hi))

    def fields(self, type_: t.Record) -> Fields:
        return Fields(type_, tuple(self.part(f.type) for f in type_.fields))

    def named(self, type_: t.Named) -> Use:
        count = min(type_.count, _cardinality(type_.inner))
        key = text_form(type_.inner) + f" x{count}"
        tried = 1
        while self._keys.setdefault(key, type_) != type_:  # two of the author's strategies look alike
            tried += 1
            key = f"{text_form(type_.inner)} #{tried} x{count}"
        if key not in self.rosters:
            self.rosters[key] = Roster(key, count, self.part(type_.inner), type_.inner)
        return Use(key, count)

    def payload(self, type_: t.Payload) -> Written:
        documents = _documents(self.schema, type_.seeds, self.seeds)
        kinds: list[Kind] = ["value"] * 160
        kinds += ["seed" if documents else "value"] * 95
        kinds.append("raw" if self.malformed else "value")
        more = (self.malformed, *AGAIN) if self.malformed and type_.codec.all_mutations else ()
        inner = self.part(type_.codec.expressible(type_.inner))
        names = tuple(m.name for m in type_.codec.all_mutations)
        return Written(type_, inner, tuple(kinds), more, names, documents)


def text_form(type_: t.Type) -> str:
    """Write a type in a few words: the key of its roster in case files."""
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
    """Return how many slots each weight gets; at most about `spread.MAX_SLOTS` in all, at least one each."""
    weights = [w // math.gcd(*weights) for w in weights]
    scale = min(1.0, spread.MAX_SLOTS / sum(weights))
    return [max(1, round(w * scale)) for w in weights]


def _needs(parts: tuple[Part, ...]) -> tuple[tuple[str, int], ...]:
    needs: dict[str, int] = {}
    for part in parts:
        if isinstance(part, Held):
            needs[part.kind] = needs.get(part.kind, 0) + 1
    return tuple(needs.items())


def _cardinality(type_: t.Type) -> int:
    """Say how many values a small type has, so that no roster asks for more distinct ones."""
    match type_:
        case t.Bool():
            return 2
        case t.Int(lo=lo, hi=hi):
            return hi - lo + 1
        case t.Enumeration():
            return len(type_.members)
        case t.Choice(values=values):
            return len(values)
        case _:
            return sys.maxsize


@attrs.define(eq=False)
class NoDocuments(DriftcheckError):
    """A pattern of real documents names none."""

    pattern: str

    def __str__(self) -> str:
        return f"no file matches the seeds {self.pattern!r}; mend the pattern, or leave it out"


def _documents(
    schema: Schema, patterns: tuple[str, ...], more: tuple[str, ...]
) -> tuple[tuple[str, bytes], ...]:
    """Read the real documents that the contract names, relative to its file, and further ones."""
    files: list[Path] = []
    for pattern in patterns:
        folder = Path(inspect.getfile(schema.cls)).parent
        found = sorted(folder.glob(pattern))
        if not found:
            raise ContractError(
                schema.name,
                f"no file in {folder} matches its seeds({pattern!r}); mend the pattern, or add one",
            )
        files += found
    for pattern in more:
        path = Path(pattern)
        found = sorted(Path(path.anchor or ".").glob(str(path.relative_to(path.anchor))))
        if not found:
            raise NoDocuments(pattern)
        files += found
    return tuple((f.name, f.read_bytes()) for f in dict.fromkeys(files) if f.is_file())
