"""A contract that says a little of everything, its export, and edits of it; for the tests of `compat`."""

from __future__ import annotations

import copy
import enum
from collections.abc import Callable
from typing import Annotated, Any

import attrs

from driftcheck import (
    Cbor,
    Contract,
    Fault,
    Handle,
    Json,
    Payload,
    Peer,
    Rejection,
    distinct,
    flag,
    ge,
    in_,
    invariant,
    law,
    le,
    matches_re,
    max_len,
    min_len,
    names,
    operation,
    query,
    schema_of,
)
from driftcheck.compat import Compared, compare
from driftcheck.compat.exported import Exported, read_export
from driftcheck.compat.rebuild import AtHand
from driftcheck.contract.export import export

Data = dict[str, Any]
AT_HAND = AtHand({cls.name: cls() for cls in (Cbor, Json)})


class Colour(enum.Enum):
    """Three members."""

    RED = 1
    GREEN = 2
    BLUE = 3


class Mode(enum.Enum):
    """A flag's values."""

    OFF = 0
    ON = 1


@attrs.frozen
class Left:
    """One alternative."""

    n: Annotated[int, ge(0), le(9)]


@attrs.frozen
class Right:
    """Another."""

    colour: Colour


@attrs.frozen
class Item:
    """What is in a document."""

    id: Annotated[int, ge(-5), le(100)]
    name: Annotated[str, min_len(1), max_len(8)]
    note: Annotated[str, max_len(8)] | None
    colour: Colour
    tags: Annotated[tuple[Annotated[str, max_len(4)], ...], max_len(3)]
    sizes: Annotated[dict[Annotated[str, max_len(2)], Annotated[int, ge(0), le(9)]], max_len(2)]
    side: Left | Right


@attrs.frozen
class Why:
    """What a rejection brings."""

    place: Annotated[str, max_len(9)]


class Cursor:
    """What a handle is."""


class Store(Contract, instances=3):
    """A store."""

    malformed = Rejection("no Item", catch_all=True)
    absent = Rejection("it is not there", retryable=True)
    full = Rejection("there is no room", detail=Why)
    lost = Fault("the message is lost")

    def open(
        self,
        place: Annotated[int, ge(0), le(5), distinct],
        room: Annotated[int, ge(1), le(9)],
        mode: Annotated[Mode, flag],
    ) -> None: ...
    def state(self) -> Annotated[tuple[Item, ...], max_len(9)]: ...
    @operation(rejects=[full], idempotent=True, faults=[lost])
    def read(self, document: Payload[Item, Json]) -> Annotated[int, ge(0), le(9)]: ...
    @query
    def write(self) -> Payload[Item, Json]: ...
    @operation(rejects=[absent])
    def put(
        self,
        key: Annotated[str, min_len(1), max_len(4), matches_re("[a-c]+"), names(3)],
        value: Annotated[bytes, max_len(4)],
        share: Annotated[float, ge(0.0), le(1.0)],
        level: Annotated[int, ge(0), le(9), in_([1, 2, 3])],
    ) -> None: ...
    @query
    def walk(self, peer: Peer) -> Handle[Cursor]: ...
    @operation
    def step(self, cursor: Handle[Cursor]) -> bool: ...
    @law
    def holds(self, n: Annotated[int, ge(0), le(9)]) -> bool:
        return n >= 0

    @invariant
    def small(self, state: tuple[Item, ...]) -> bool:
        return len(state) < 10


STORE = export(schema_of(Store))

Edit = Callable[[Data], Any]


def edited(edit: Edit, data: Data = STORE) -> Data:
    """Return an export after an edit; its fingerprint stays."""
    after = copy.deepcopy(data)
    edit(after)
    return after


def read(data: Data, path: str = "x.json") -> Exported:
    """Return an export, read with the codecs of these contracts."""
    return read_export(path, data, AT_HAND)


def compared(old: Data, new: Data) -> Compared:
    """Compare two exports."""
    return compare(read(old, "old.json"), read(new, "new.json"))


def operation_of(data: Data, name: str) -> Data:
    """Return an operation of an export."""
    return next(o for o in data["operations"] if o["name"] == name)


def argument_of(data: Data, operation: str, name: str) -> Data:
    """Return an argument of an operation, or of 'open'."""
    arguments = data["open"] if operation == "open" else operation_of(data, operation)["arguments"]
    return next(a for a in arguments if a["name"] == name)


def field_of(data: Data, record: str, name: str) -> Data:
    """Return a field of a record."""
    return next(f for f in data["types"][record]["fields"] if f["name"] == name)


def without(items: list[Data], name: str) -> None:
    """Take what has this name out of a list."""
    items[:] = [one for one in items if one["name"] != name]
