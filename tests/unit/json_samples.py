"""Types and values that the tests of the JSON codec share, and draws for its mutations."""

from __future__ import annotations

import enum
from typing import Any

import attrs
from hypothesis import strategies as st

from driftcheck.codecs.json.any_value import JsonValue
from driftcheck.contract.annotations import Annotations
from driftcheck.core import types as t

I64 = t.Int(t.I64_MIN, t.I64_MAX)
U64 = t.Int(0, t.U64_MAX)


@attrs.frozen
class Item:
    """The record of the json contract."""

    id: int = 0
    name: str = ""
    score: float = 0.0
    note: str | None = None
    tags: tuple[str, ...] = ()


ITEM = t.Record(
    "Item",
    Item,
    (
        t.Field("id", I64),
        t.Field("name", t.Text(max_len=64)),
        t.Field("score", t.Float()),
        t.Field("note", t.Optional(t.Text(max_len=64))),
        t.Field("tags", t.Sequence(t.Text(), max_len=8)),
    ),
)


@attrs.frozen
class Message:
    """A record that tells its version."""

    version: int = 1
    item: Item = Item()


MESSAGE = t.Record("Message", Message, (t.Field("version", t.Int(1, 3)), t.Field("item", ITEM)))
ANY = Annotations({}).read(JsonValue)


class Level(enum.Enum):
    """An enumeration."""

    LOW = 1
    HIGH = 2


@attrs.frozen
class Everything:
    """A record with a field of every other type."""

    flag: bool = False
    level: Level = Level.LOW
    blob: bytes = b""
    count: int = 0
    item: Item | None = None
    items: tuple[Item, ...] = ()
    shape: Any = Item()
    by_text: Any = attrs.field(factory=dict)
    by_number: Any = attrs.field(factory=dict)
    ratio: float | None = None
    grid: tuple[tuple[int | None, ...], ...] = ()


@attrs.frozen
class Point:
    """The other alternative of a union."""

    x: float = 0.0


POINT = t.Record("Point", Point, (t.Field("x", t.Float(lo=-1.0, hi=1.0)),))
EVERYTHING = t.Record(
    "Everything",
    Everything,
    (
        t.Field("flag", t.Bool()),
        t.Field("level", t.Enumeration("Level", Level)),
        t.Field("blob", t.Bytes()),
        t.Field("count", t.Named(U64, 4)),
        t.Field("item", t.Optional(ITEM)),
        t.Field("items", t.Sequence(ITEM, max_len=3)),
        t.Field("shape", t.Union("Shape", (ITEM, POINT))),
        t.Field("by_text", t.Mapping(t.Text(), t.Bool())),
        t.Field("by_number", t.Mapping(U64, ITEM)),
        t.Field("ratio", t.Optional(t.Float())),
        t.Field("grid", t.Sequence(t.Sequence(t.Optional(I64)))),
    ),
)
TYPES: tuple[t.Type, ...] = (
    ITEM,
    EVERYTHING,
    I64,
    t.Float(),
    t.Text(),
    t.Bytes(),
    t.Bool(),
    t.Sequence(t.Bytes()),
    t.Optional(ITEM),
    t.Mapping(t.Enumeration("Level", Level), I64),
    t.Int(-128, 127),
    MESSAGE,
    ANY,
    t.Sequence(ANY),
)


def values(type_: t.Type) -> st.SearchStrategy[Any]:
    """Draw a value of a type that JSON can say."""
    match t.bare(type_):
        case t.Bool():
            return st.booleans()
        case t.Int(lo=lo, hi=hi):
            return st.integers(lo, hi)
        case t.Float(lo=lo, hi=hi):
            return st.floats(lo, hi, allow_nan=False, allow_infinity=False)
        case t.Text(max_len=longest):
            return st.text(st.characters(exclude_categories=["Cs"]), max_size=longest)
        case t.Bytes():
            return st.binary()
        case t.Enumeration(members=members):
            return st.sampled_from(members)
        case t.Record(cls=cls, fields=fields):
            return st.builds(cls, **{f.name: values(f.type) for f in fields})
        case t.Union(alternatives=alternatives):
            return st.one_of(map(values, alternatives))
        case t.Optional(inner=inner):
            return st.none() | values(inner)
        case t.Sequence(inner=inner, max_len=longest):
            return st.lists(values(inner), max_size=min(longest or 4, 4)).map(tuple)
        case t.Mapping(key=key, value=value):
            return st.dictionaries(values(key), values(value), max_size=3)
        case other:
            raise AssertionError(other)


typed_values = st.sampled_from(TYPES).flatmap(lambda type_: st.tuples(st.just(type_), values(type_)))


class Lowest:
    """Draws the simplest choice, always."""

    def integer(self, lo: int, hi: int) -> int:
        return lo

    def boolean(self, p: float = 0.5) -> bool:
        return False


class Played(Lowest):
    """Draws the given integers, then the simplest ones."""

    def __init__(self, *choices: int) -> None:
        self.choices = list(choices)

    def integer(self, lo: int, hi: int) -> int:
        choice = self.choices.pop(0) if self.choices else lo
        assert lo <= choice <= hi
        return choice


class Drawn:
    """Draws what Hypothesis draws."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    def integer(self, lo: int, hi: int) -> int:
        return self.data.draw(st.integers(lo, hi))

    def boolean(self, p: float = 0.5) -> bool:
        return self.data.draw(st.booleans())
