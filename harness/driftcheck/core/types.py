"""
The types of a contract as data.

Knows nothing of annotations, and nothing of the languages of subjects.
"""

from __future__ import annotations

import enum
import math
import re
import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from driftcheck.core.recent import Recent

if TYPE_CHECKING:
    from driftcheck.core.codec import Codec

I64_MIN, I64_MAX = -(2**63), 2**63 - 1
U64_MAX = 2**64 - 1


@attrs.frozen
class Bool:
    """A truth value."""


@attrs.frozen
class Int:
    """An integer in [lo, hi], both ends included; 64 bits, unsigned where lo is not negative."""

    lo: int
    hi: int

    @property
    def signed(self) -> bool:
        return self.lo < 0


@attrs.frozen
class Float:
    """A double in [lo, hi]; NaN and the infinities only where no bound excludes them."""

    lo: float = -math.inf
    hi: float = math.inf
    nan_equal: bool = False  # every NaN is sent as the canonical NaN, so all NaNs are equal

    @property
    def bounded(self) -> bool:
        return self.lo != -math.inf or self.hi != math.inf


@attrs.frozen
class Text:
    """Unicode text without lone surrogates; lengths count code points."""

    min_len: int = 0
    max_len: int | None = None
    pattern: re.Pattern[str] | None = None  # matched in full


@attrs.frozen
class Bytes:
    """A byte string; lengths count bytes."""

    min_len: int = 0
    max_len: int | None = None


@attrs.frozen
class Enumeration:
    """One member of a Python enum; on the wire its index in definition order."""

    name: str
    cls: type[enum.Enum]

    @property
    def members(self) -> tuple[enum.Enum, ...]:
        return tuple(self.cls)


@attrs.frozen
class Field:
    """A field of a record."""

    name: str
    type: Type
    schema_version: bool = False  # it is the schema version of the document
    since: int | None = None  # the first schema version that has it; None: all do, up to `until`
    until: int | None = None  # the first schema version that no longer has it; None: no such one

    def is_in(self, schema_version: int) -> bool:
        """Tell whether a document of that schema version has this field."""
        return (self.since or schema_version) <= schema_version < (self.until or schema_version + 1)


@attrs.frozen
class Record:
    """An attrs class; on the wire the array of all its fields, in order."""

    name: str
    cls: type
    fields: tuple[Field, ...]
    doc: str = ""

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Return the fields by their names."""
        return {f.name: f for f in self.fields}

    @cached_property
    def by_folded_name(self) -> dict[str, Field]:
        """Return the fields by their names without letter case; the first of several that are equal so."""
        return {f.name.casefold(): f for f in reversed(self.fields)}


@attrs.frozen
class Union:
    """One of several records; on the wire [index, value]."""

    name: str
    alternatives: tuple[Record, ...]


@attrs.frozen
class Optional:
    """A value or null."""

    inner: Type


@attrs.frozen
class Sequence:
    """A homogeneous tuple; `unordered` ones are sorted by their items' encoding before comparison."""

    inner: Type
    min_len: int = 0
    max_len: int | None = None
    unordered: bool = False


@attrs.frozen
class Mapping:
    """A dict; on the wire a map whose keys are in the order of their encoding (RFC 8949, 4.2.1)."""

    key: Type
    value: Type
    min_len: int = 0
    max_len: int | None = None


@attrs.frozen
class Payload:
    """The bytes of a value of `inner` in `codec`, well-formed or broken by mutations."""

    inner: Type
    codec: Codec[Any]
    corpus: tuple[str, ...] = ()  # glob patterns of real documents, relative to the contract's file


@attrs.frozen
class Handle:
    """A value that the subject's SDK stores under the step that made it; never compared."""

    name: str
    closing: bool = False  # as an argument: the step closes it


@attrs.frozen
class Steps:
    """Generated steps; only a law takes them."""


@attrs.frozen
class Peer:
    """Another instance of the same trace; on the wire its number."""


@attrs.frozen
class Named:
    """One of `count` values of `inner` that a trace draws once and uses in many steps (names in play)."""

    inner: Type
    count: int


@attrs.frozen
class Choice:
    """One of the listed values of `inner`."""

    inner: Type
    values: tuple[Any, ...]


@attrs.frozen(eq=False)
class Generated:
    """Values of `inner` that only the author's own strategy can draw."""

    inner: Type
    strategy: Any  # a hypothesis SearchStrategy


Type = (
    Bool
    | Int
    | Float
    | Text
    | Bytes
    | Enumeration
    | Record
    | Union
    | Optional
    | Sequence
    | Mapping
    | Payload
    | Handle
    | Steps
    | Peer
    | Named
    | Choice
    | Generated
)
WRAPPERS = (Named, Choice, Generated)


def bare(type_: Type) -> Type:
    """Return a type without the wrappers that only guide generation; they are not on the wire."""
    while isinstance(type_, WRAPPERS):
        type_ = type_.inner
    return type_


def with_codec(type_: Type, change: Callable[[Codec[Any]], Codec[Any]]) -> Type:
    """Return a type with a changed codec if it is a payload, else the type itself."""
    match type_:
        case Payload(codec=codec):
            return attrs.evolve(type_, codec=change(codec))
        case Named(inner=inner) | Choice(inner=inner) | Generated(inner=inner):
            return attrs.evolve(type_, inner=with_codec(inner, change))
        case _:
            return type_


def children(type_: Type) -> tuple[Type, ...]:
    """List the types directly inside `type_`."""
    match type_:
        case Record(fields=fields):
            return tuple(f.type for f in fields)
        case Union(alternatives=alternatives):
            return alternatives
        case Mapping(key=key, value=value):
            return (key, value)
        case Optional(inner=inner) | Sequence(inner=inner) | Named(inner=inner):
            return (inner,)
        case Choice(inner=inner) | Generated(inner=inner) | Payload(inner=inner):
            return (inner,)
        case _:
            return ()


def schema_version_field(type_: Type) -> str | None:
    """Return the name of the field with the schema version of a document, or None."""
    record = bare(type_)
    fields = record.fields if isinstance(record, Record) else ()
    return next((f.name for f in fields if f.schema_version), None)


# A codec asks for each document, and keeps what it knows of a type by its identity.
_NARROWED: Recent[tuple[int, int], tuple[Type, Type]] = Recent(256, 256)


def at_schema_version(type_: Type, schema_version: int) -> Type:
    """Return a type without the fields that a document of that schema version does not have."""

    def make() -> tuple[Type, Type]:
        return type_, _at_schema_version(type_, schema_version)  # the first is held, so that its number stays

    return _NARROWED.get((id(type_), schema_version), 1, make)[1]


def _at_schema_version(type_: Type, schema_version: int) -> Type:
    match type_:
        case Record(fields=fields):
            kept = (f for f in fields if f.is_in(schema_version))
            narrowed = tuple(attrs.evolve(f, type=_at_schema_version(f.type, schema_version)) for f in kept)
            return attrs.evolve(type_, fields=narrowed)
        case Union(alternatives=alternatives):
            records = (_at_schema_version(a, schema_version) for a in alternatives)
            return attrs.evolve(type_, alternatives=tuple(r for r in records if isinstance(r, Record)))
        case Mapping(key=key, value=value):
            return attrs.evolve(
                type_,
                key=_at_schema_version(key, schema_version),
                value=_at_schema_version(value, schema_version),
            )
        case Optional(inner=inner) | Sequence(inner=inner) | Named(inner=inner):
            return attrs.evolve(type_, inner=_at_schema_version(inner, schema_version))
        case Choice(inner=inner) | Generated(inner=inner):
            return attrs.evolve(type_, inner=_at_schema_version(inner, schema_version))
        case _:
            return type_


def cardinality(type_: Type) -> int:
    """Return how many values a small type has, and `sys.maxsize` for all others."""
    match type_:
        case Bool():
            return 2
        case Int(lo=lo, hi=hi):
            return hi - lo + 1
        case Enumeration():
            return len(type_.members)
        case Choice(values=values):
            return len(values)
        case _:
            return sys.maxsize
