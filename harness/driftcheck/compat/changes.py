"""
Changes between two exports: the rule, whom the change breaks, the place, and a witness.

Only frozen data. Knows nothing of how changes are found.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, get_args

import attrs

from driftcheck.oracle.checks import Check

Whom = Literal[
    "old callers",
    "old adapters",
    "new readers of old documents",
    "old readers of new documents",
    "cases",
    "asymmetries",
]
WHOMS: tuple[Whom, ...] = get_args(Whom)


@attrs.frozen
class Witness:
    """A value that one contract may write and the other refuses; for a payload also its bytes."""

    value: Any  # in the notation of case files
    document: bytes | None = None  # if the codec is available
    refused: str | None = None  # why the other contract's type refuses it; None: it was not checked


@attrs.frozen
class Change:
    """One change that breaks something, or a note."""

    rule: Check
    whom: Whom | None  # whom it breaks; None: it is a note
    path: str
    says: str
    witness: Witness | None = None
    home: str = ""  # the field that it is about, by record and name
    also_at: tuple[str, ...] = ()
    schema_versions: tuple[int, ...] = ()  # the schema versions of the documents that it is about


@attrs.frozen
class Compatible:
    """A change that breaks nobody."""

    path: str
    says: str


def merged(changes: Iterable[Change]) -> list[Change]:
    """Merge the changes of one field at several places or in several schema versions."""
    found: dict[tuple[Any, ...], Change] = {}
    for one in changes:
        key = (one.rule.code, one.whom, one.home or one.path, one.says)
        before = found.get(key)
        if before is None:
            found[key] = one
            continue
        places = (before.path, *before.also_at)
        found[key] = attrs.evolve(
            before,
            witness=before.witness or one.witness,
            also_at=before.also_at if one.path in places else (*before.also_at, one.path),
            schema_versions=tuple(sorted({*before.schema_versions, *one.schema_versions})),
        )
    return list(found.values())
