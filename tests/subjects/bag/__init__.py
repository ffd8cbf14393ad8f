"""
A bag, whose subjects return what they hold in the opposite order of each other, as the contract allows.

Where `DRIFTCHECK_BAG`, in the environment in which a subject starts, is "forgets", the subject leaves out the
oldest thing of what it returns.
"""

from __future__ import annotations

from typing import Annotated

import attrs

from driftcheck import U64, Contract, Rejection, max_len, operation, query, unordered

VARIABLE = "DRIFTCHECK_BAG"

Labels = Annotated[tuple[str, ...], unordered, max_len(3)]


@attrs.frozen
class Labelled:
    labels: Labels
    more: Labels | None


@attrs.frozen
class Numbered:
    n: U64


Things = Annotated[tuple[Labelled | Numbered, ...], unordered, max_len(3)]


@attrs.frozen
class Held:
    last: Labelled | Numbered | None
    by_place: dict[str, Things]


class Bag(Contract):
    """Holds up to three things."""

    full = Rejection("the bag is full; it holds these", detail=Things)

    def state(self) -> Held: ...

    @operation(rejects=[full])
    def put(self, thing: Labelled | Numbered) -> Things:
        """Put a thing into the bag, and return all that it holds."""

    @query
    def oldest(self) -> Labelled | Numbered | None:
        """Return what was put first."""
