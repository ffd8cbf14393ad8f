"""A contract whose documents come in three schema versions, and models of it, some of which misread them."""

from __future__ import annotations

import json
from typing import Annotated

import attrs

from driftcheck import (
    U64,
    Contract,
    Json,
    Payload,
    Peer,
    Rejection,
    SchemaVersions,
    max_len,
    neighbours,
    operation,
    query,
    schema_version,
    since,
    until,
)

Short = Annotated[str, max_len(4)]


@attrs.frozen
class Home:
    """Where somebody lives."""

    street: Short
    country: Annotated[Short | None, since(2)]


@attrs.frozen
class Profile:
    """What is told of somebody: the phone went as the mail came, and homes have a country since 2."""

    schema: Annotated[int, schema_version]
    name: Short
    mail: Annotated[Short | None, since(3)]
    phone: Annotated[Short | None, until(3)]
    homes: Annotated[tuple[Home, ...], max_len(2)]


class Profiles(Contract, instances=2):
    """Keeps the profile that it was given last."""

    too_far = Rejection("a schema that is no neighbour")
    malformed = Rejection("no profile", catch_all=True)
    schema = SchemaVersions(1, 2, 3, reads=neighbours, otherwise=too_far)

    def open(self, schema: Annotated[int, schema_version]) -> None: ...
    def state(self) -> str: ...
    @operation(rejects=[too_far])
    def take(self, document: Payload[Profile, Json]) -> U64: ...
    @operation(rejects=[too_far])
    def pull(self, peer: Peer) -> None: ...
    @operation
    def migrate(self, to: Annotated[int, schema_version]) -> None: ...
    @query
    def name(self) -> str: ...


class Right(Profiles):
    """Keeps the contract."""

    own: int
    kept: str

    def open(self, schema: int) -> None:
        self.own, self.kept = schema, ""

    def state(self) -> str:
        return self.kept

    def accepts(self, writer: int) -> bool:
        return neighbours(self.own, writer)

    def take(self, document: Payload[Profile, Json]) -> int:
        told = _read(document.data)
        if not self.accepts(told[0]):
            raise self.too_far()
        self.kept = told[1]
        return told[0]

    def pull(self, peer: Right) -> None:
        if not self.accepts(peer.own):
            raise self.too_far()
        self.kept = peer.kept

    def migrate(self, to: int) -> None:
        self.own = to

    def name(self) -> str:
        return self.kept


class Lenient(Right):
    """Reads what is older, however old."""

    def accepts(self, writer: int) -> bool:
        return writer <= self.own or super().accepts(writer)


class Stubborn(Right):
    """Reads nothing that is newer."""

    def accepts(self, writer: int) -> bool:
        return writer <= self.own and super().accepts(writer)


class Vague(Right):
    """Says of what it does not read that it is malformed."""

    def take(self, document: Payload[Profile, Json]) -> int:
        if not self.accepts(_read(document.data)[0]):
            raise self.malformed()
        return super().take(document)


def _read(data: bytes) -> tuple[int, str]:
    try:
        told = json.loads(data)
        found = told["schema"], told["name"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Profiles.malformed() from None
    if type(found[0]) is not int or not 1 <= found[0] <= 3 or type(found[1]) is not str:
        raise Profiles.malformed()
    try:
        found[1].encode()
    except UnicodeEncodeError:
        raise Profiles.malformed() from None
    return found
