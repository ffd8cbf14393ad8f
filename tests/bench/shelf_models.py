"""A contract with state and one JSON payload, and two subjects that use the same library."""

from __future__ import annotations

from typing import Annotated

from shelf import Shelf

from driftcheck import U64, Contract, Json, Payload, Rejection, max_len, names, operation, query
from driftcheck_contracts.json import Item

Label = Annotated[str, max_len(8), names(4)]


class Shelves(Contract):
    """Keeps documents under names."""

    malformed = Rejection("not an object", catch_all=True)

    def state(self) -> dict[str, U64]: ...
    @operation
    def put(self, name: Label, document: Payload[Item, Json]) -> bool: ...
    @query
    def get(self, name: Label) -> U64 | None: ...
    @operation
    def remove(self, name: Label) -> bool: ...
    @query
    def count(self) -> U64: ...


class First(Shelves):
    """Calls the library."""

    def open(self) -> None:
        self.shelf = Shelf()

    def state(self) -> dict[str, int]:
        return self.shelf.documents

    def put(self, name: str, document: Payload[Item, Json]) -> bool:
        try:
            return self.shelf.put(name, document.data)
        except ValueError:
            raise Shelves.malformed() from None

    def get(self, name: str) -> int | None:
        return self.shelf.get(name)

    def remove(self, name: str) -> bool:
        return self.shelf.remove(name)

    def count(self) -> int:
        return self.shelf.count()


class Second(First):
    """Calls it too."""
