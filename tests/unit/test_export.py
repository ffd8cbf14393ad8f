"""A contract's export: its data is stable, complete and documented."""

from __future__ import annotations

import enum
import json
from pathlib import Path
from typing import Annotated, Any

import attrs
import hypothesis.strategies as st

from driftcheck import (
    I64,
    U64,
    Closing,
    Contract,
    Handle,
    Json,
    Payload,
    Steps,
    corpus,
    ge,
    generated,
    in_,
    law,
    le,
    matches_re,
    max_len,
    min_len,
    names,
    nan_equal,
    operation,
    schema_of,
    unordered,
)
from driftcheck.contract.export import export
from driftcheck_contracts.lru import Lru

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"


class Colour(enum.Enum):
    """Two members."""

    RED = 1
    BLUE = 2


@attrs.frozen
class Left:
    """One alternative."""

    n: U64


@attrs.frozen
class Right:
    """Another."""

    colour: Colour


class Cursor:
    """What a handle is."""


class Every(Contract):
    """Every kind of type."""

    @operation
    def scalars(
        self,
        a: bool,
        b: I64,
        c: Annotated[float, ge(0.5), nan_equal],
        d: Annotated[str, matches_re("a+"), min_len(1), max_len(8), names(4)],
        e: Annotated[bytes, in_([b"\xff", b""])],
        f: Annotated[Colour, in_([Colour.BLUE])],
        g: Annotated[str, generated(st.text())],
    ) -> Handle[Cursor]:
        """Take scalars."""

    @operation
    def compounds(
        self,
        a: Left | Right | None,
        b: Annotated[tuple[bool, ...], unordered, max_len(2)],
        c: Annotated[dict[str, bool], min_len(1)],
        d: Annotated[Payload[Left, Json], corpus("corpus/*")],
        e: Closing[Handle[Cursor]],
    ) -> Annotated[int, ge(0), le(2)]:
        """Take compounds."""

    @law
    def holds(self, between: Steps) -> bool:
        """Hold."""
        return True


def types_of(operation: int) -> dict[str, Any]:
    """Return the exported types of an operation's arguments, by name."""
    return {a["name"]: a["type"] for a in export(schema_of(Every))["operations"][operation]["arguments"]}


def test_scalars_have_their_constraints() -> None:
    """A constraint has a key only if it is set."""
    assert types_of(0) == {
        "a": {"kind": "bool"},
        "b": {"kind": "int", "min": -(2**63), "max": 2**63 - 1},
        "c": {"kind": "float", "min": 0.5, "nan_equal": True},
        "d": {"kind": "text", "min_len": 1, "max_len": 8, "pattern": "a+", "names": 4},
        "e": {"kind": "bytes", "one_of": [{"hex": "ff"}, {"hex": ""}]},
        "f": {"kind": "named", "name": "Colour", "one_of": ["BLUE"]},
        "g": {"kind": "text", "generated": True},
    }


def test_compounds_name_what_they_hold() -> None:
    """Records, unions and enumerations are named in place and defined once."""
    assert types_of(1) == {
        "a": {"kind": "optional", "of": {"kind": "named", "name": "LeftOrRight"}},
        "b": {"kind": "sequence", "of": {"kind": "bool"}, "max_len": 2, "unordered": True},
        "c": {"kind": "mapping", "key": {"kind": "text"}, "value": {"kind": "bool"}, "min_len": 1},
        "d": {
            "kind": "payload",
            "of": {"kind": "named", "name": "Left"},
            "codec": "json",
            "corpus": ["corpus/*"],
        },
        "e": {"kind": "handle", "name": "Cursor", "closing": True},
    }
    assert export(schema_of(Every))["types"] == {
        "Colour": {"kind": "enumeration", "members": ["RED", "BLUE"]},
        "Left": {
            "kind": "record",
            "doc": "One alternative.",
            "fields": [{"name": "n", "type": {"kind": "int", "min": 0, "max": 2**64 - 1}}],
        },
        "LeftOrRight": {"kind": "union", "alternatives": ["Left", "Right"]},
        "Right": {
            "kind": "record",
            "doc": "Another.",
            "fields": [{"name": "colour", "type": {"kind": "named", "name": "Colour"}}],
        },
    }


def test_the_digest_covers_what_the_fingerprint_leaves_out() -> None:
    """A change of documentation or a weight changes the digest, but not the fingerprint."""

    def made(doc: str, weight: int) -> dict[str, Any]:
        class Toy(Contract):
            @operation(weight=weight)
            def ping(self) -> bool: ...

        return export(attrs.evolve(schema_of(Toy), doc=doc))

    plain, told, heavy = made("", 10), made("A toy.", 10), made("", 20)

    assert plain["fingerprint"] == told["fingerprint"] == heavy["fingerprint"]
    assert len({plain["digest"], told["digest"], heavy["digest"]}) == 3
    assert plain["digest"] == made("", 10)["digest"]


def test_the_reference_names_every_key() -> None:
    """The reference of the command line describes every key of an export."""
    page = PAGE.read_text()
    exports = [export(schema_of(Every)), export(schema_of(Lru))]

    told = set().union(*map(keys, exports))

    assert {key for key in told if f"`{key}`" not in page and f'"{key}"' not in page} == set()


def keys(data: Any) -> set[str]:
    """Return all keys of JSON data except those of `types`, which are names."""
    if isinstance(data, list):
        return set().union(*(keys(one) for one in data)) if data else set()
    if not isinstance(data, dict):
        return set()
    inside = data["types"].values() if "types" in data else ()
    rest = [value for key, value in data.items() if key != "types"]
    return {*data}.union(*(keys(one) for one in (*rest, *inside)))


def test_it_is_json() -> None:
    """An export survives being written and read."""
    data = export(schema_of(Every))

    assert json.loads(json.dumps(data)) == data
