"""JSON documents: Go's `encoding/json` beside Rust's `serde_json`."""

from __future__ import annotations

from typing import Annotated

import attrs

from driftcheck import I64, Contract, Json, Payload, Rejection, max_len, operation


@attrs.frozen
class Item:
    """A record with a field of every kind that the two libraries treat on their own."""

    id: I64
    name: Annotated[str, max_len(64)]
    score: float
    note: Annotated[str, max_len(64)] | None
    tags: Annotated[tuple[str, ...], max_len(8)]


class JsonContract(Contract, name="json"):
    """Reads and writes an Item as a JSON document."""

    malformed = Rejection("not an Item", catch_all=True)

    @operation
    def decode(self, document: Payload[Item, Json]) -> Item:
        """Read an Item from a document."""

    @operation
    def encode(self, item: Item) -> Payload[Item, Json]:
        """Write an Item as a document."""
