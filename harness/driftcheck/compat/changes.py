"""
What differs between two exports: under which rule, whom it breaks, where, and by which witness.
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
    "kept cases",
    "known differences",
]
WHOMS: tuple[Whom, ...] = get_args(Whom)


@attrs.frozen
class Witness:
    """A value that one side may write and the other refuses; of a payload also its bytes."""

    value: Any  # in the notation of case files
    document: bytes | None = None  # where the codec is at hand
    refused: str | None = None  # what a check of the other side's type says of it; None: it was not checked


@attrs.frozen
class Change:
    """One difference."""

    rule: Check
    whom: Whom | None  # whom it breaks; None: it is a note
    path: str
    says: str
    witness: Witness | None = None
    home: str = ""  # the field that it is about, wherever its record stands
    also_at: tuple[str, ...] = ()
    schema_versions: tuple[int, ...] = ()  # of the documents that it is about


@attrs.frozen
class Compatible:
    """A difference that breaks nobody."""

    path: str
    says: str


def merged(changes: Iterable[Change]) -> list[Change]:
    """Tell once what is said of one field at several places, or of several schema versions."""
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
