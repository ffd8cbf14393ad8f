"""Types and values that the tests of the CBOR codec share, beside those of JSON."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import strategies as st
from json_samples import EVERYTHING, I64, TYPES, Level, values

from driftcheck.core import types as t

TEXT, BYTES, FLOAT, BOOL = t.Text(), t.Bytes(), t.Float(), t.Bool()
MEMBER = t.Enumeration("Level", Level)
LIST = t.Sequence(TEXT)
DICT = t.Mapping(I64, BOOL)


@attrs.frozen
class Pair:
    """A record with a field that may be null and one that may not."""

    id: int = 0
    note: str | None = None


@attrs.frozen
class Sample:
    """A record with a field for each kind of mutation."""

    id: int = 7
    f: float = 1.5
    ok: bool = False
    name: str = "ab"
    blob: bytes = b"ab"
    level: Level = Level.LOW
    pair: Pair | None = Pair()
    tags: tuple[str, ...] = ("a", "b")
    codes: Any = attrs.field(factory=lambda: {1: True, 2: False})


PAIR = t.Record("Pair", Pair, (t.Field("id", I64), t.Field("note", t.Optional(TEXT))))
SAMPLE = t.Record(
    "Sample",
    Sample,
    (
        t.Field("id", I64),
        t.Field("f", FLOAT),
        t.Field("ok", BOOL),
        t.Field("name", TEXT),
        t.Field("blob", BYTES),
        t.Field("level", MEMBER),
        t.Field("pair", t.Optional(PAIR)),
        t.Field("tags", LIST),
        t.Field("codes", DICT),
    ),
)
SHAPE = next(f.type for f in EVERYTHING.fields if f.name == "shape")
every_type = st.sampled_from((*TYPES, PAIR, SAMPLE))
typed_values = every_type.flatmap(lambda type_: st.tuples(st.just(type_), values(type_)))
