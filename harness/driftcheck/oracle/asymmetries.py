"""
Known differences: `asymmetries.toml` beside a contract, read, and matched against divergences.

An entry has a trigger (operation, feature) and a shape (outcome by subject or language, or the path that
differs). What matches is counted and not reported. Knows nothing of how divergences are found.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.errors import DriftcheckError
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Divergence

FILE = "asymmetries.toml"
REQUIRED = ("operation", "shape", "deviates", "reason", "owner", "expires")
ALLOWED = (*REQUIRED, "feature", "issue")
BY_PATH = (checks.VALUE, checks.POST_STATE, checks.ROUND_TRIP, checks.EXCHANGE)  # told by what differs
COMPARED = (checks.ACCEPT_REJECT, checks.REJECTION_CLASS)  # of outcomes; all others are one subject's fault
# Told by no outcome: a rejection that is known may still change the state.
ONE_SIDED_STATE = (checks.REJECTED_CHANGED_STATE, checks.QUERY_CHANGED_STATE, checks.INVARIANT)
KINDS = (
    "accepted",
    "unmapped",
    "panicked",
    "unsupported",
    "void",
    "crashed",
    "hung",
    "exhausted",
    "outside its type",
)


@attrs.define(eq=False)
class AsymmetryError(DriftcheckError):
    """An asymmetry file cannot be kept to."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


@attrs.frozen
class Asymmetry:
    """A difference that is known and lived with."""

    id: str
    operation: str
    shape: Mapping[str, str]  # outcome by subject or language; {"differs": path} where values differ
    deviates: str  # the subject or language that departs from the contract
    reason: str
    owner: str
    expires: datetime.date
    feature: str | None = None
    issue: str | None = None

    def is_triggered_by(self, divergence: Divergence) -> bool:
        """Say whether the divergence comes from this operation and feature."""
        if divergence.operation != self.operation:
            return False
        return self.feature in divergence.cause if self.feature else not divergence.cause

    def has_shape_of(self, divergence: Divergence, languages: Mapping[str, str]) -> bool:
        """Say whether the outcomes are those of this entry.

        Args:
            languages: of the subjects, by name.
        """
        if "differs" in self.shape:
            place = divergence.signature.path
            if divergence.check == checks.POST_STATE:
                place = f"state.{place}" if place else "state"
            blamed = {*divergence.blamed, *(languages.get(name) for name in divergence.blamed)}
            if blamed and self.deviates not in blamed:
                return False
            return divergence.check in BY_PATH and place == self.shape["differs"]
        if divergence.check in BY_PATH or divergence.check in ONE_SIDED_STATE:
            return False
        if divergence.check not in COMPARED and not all(
            name in self.shape or languages.get(name) in self.shape for name in divergence.blamed
        ):
            return False  # of a subject that the entry does not speak of
        return (
            all(
                kind == self.shape.get(name, self.shape.get(languages.get(name, "")))
                for name, kind in divergence.shape
                if name in self.shape or languages.get(name) in self.shape
            )
            and len({k for _, k in divergence.shape}) > 1
        )


class Asymmetries:
    """The known differences of one contract."""

    def __init__(self, entries: Sequence[Asymmetry] = (), languages: Mapping[str, str] | None = None) -> None:
        self.entries = tuple(entries)
        self._languages = languages or {}

    def match(self, divergence: Divergence) -> Asymmetry | None:
        """Return the entry that covers a divergence."""
        for entry in self.entries:
            if entry.is_triggered_by(divergence) and entry.has_shape_of(divergence, self._languages):
                return entry
        return None

    def widened_by(self, divergence: Divergence) -> Asymmetry | None:
        """Return the entry whose trigger the divergence has, with another shape."""
        for entry in self.entries:
            if entry.feature and entry.is_triggered_by(divergence):
                return entry
        return None

    def expired(self, today: datetime.date) -> tuple[Asymmetry, ...]:
        """List the entries whose time is over."""
        return tuple(e for e in self.entries if e.expires < today)


def read_asymmetries(
    path: Path, schema: Schema, languages: Mapping[str, str], features: frozenset[str] | None = None
) -> Asymmetries:
    """Read a file of known differences; a missing one holds none.

    Args:
        path: the file.
        schema: the contract, whose operations and rejections the entries name.
        languages: of the subjects, by name.
        features: words that the contract's codecs know; None where they cannot be listed.

    Raises:
        AsymmetryError: names the file, the entry, what was found and what to do.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Asymmetries((), languages)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AsymmetryError(str(path), f"is not TOML: {error}") from None
    except OSError as error:
        raise AsymmetryError(str(path), f"cannot be read: {error.strerror}") from None
    known = {o.name for o in schema.operations}
    kinds = {r.name for r in schema.rejections} | set(KINDS)
    entries = []
    for name, table in tables.items():
        try:
            entries.append(
                _entry(name, table, known, kinds, set(languages) | set(languages.values()), features)
            )
        except ValueError as error:
            raise AsymmetryError(str(path), f"entry {name!r} {error}") from None
    return Asymmetries(entries, languages)


def _entry(
    name: str,
    table: Any,
    operations: set[str],
    kinds: set[str],
    subjects: set[str],
    features: frozenset[str] | None,
) -> Asymmetry:
    if not isinstance(table, dict):
        raise ValueError(f"is {table!r}; write a table [{name}]")
    for key in table:
        if key not in ALLOWED:
            raise ValueError(f"has the field {key!r}; known are {', '.join(sorted(ALLOWED))}")
    for key in REQUIRED:
        if key not in table:
            raise ValueError(f"lacks {key!r}; add it")
    if not isinstance(table["expires"], datetime.date):
        raise ValueError(f"expires = {table['expires']!r}; give a date such as 2027-06-30, without quotes")
    for key in ("operation", "deviates", "reason", "owner", "feature", "issue"):
        if key in table and (not isinstance(table[key], str) or not table[key].strip()):
            raise ValueError(f"has {key} = {table[key]!r}; give text")
    if table["deviates"] not in subjects:
        raise ValueError(
            f"has deviates = {table['deviates']!r}; the subjects are {', '.join(sorted(subjects))}"
        )
    if table["operation"] not in operations:
        raise ValueError(
            f"has operation = {table['operation']!r}; the contract has {', '.join(sorted(operations))}"
        )
    if features is not None and table.get("feature") is not None and table["feature"] not in features:
        raise ValueError(f"has feature = {table['feature']!r}, which no codec of the contract knows")
    shape = table["shape"]
    if not isinstance(shape, dict) or not all(isinstance(v, str) for v in shape.values()) or not shape:
        raise ValueError(f'has shape = {shape!r}; give outcomes by subject, or {{ differs = "path" }}')
    if "differs" not in shape:
        for subject, kind in shape.items():
            if subject not in subjects:
                raise ValueError(
                    f"has a shape for {subject!r}; the subjects are {', '.join(sorted(subjects))}"
                )
            if kind not in kinds:
                raise ValueError(f"has the outcome {kind!r}; known are {', '.join(sorted(kinds))}")
        if len(set(shape.values())) < 2:
            raise ValueError("has a shape in which all agree, which is no difference; remove the entry")
    elif len(shape) > 1:
        raise ValueError("has 'differs' beside outcomes; give one of the two")
    expires = table["expires"]
    if isinstance(expires, datetime.datetime):
        expires = expires.date()
    return Asymmetry(
        id=name,
        operation=table["operation"],
        shape=shape,
        deviates=table["deviates"],
        reason=table["reason"],
        owner=table["owner"],
        expires=expires,
        feature=table.get("feature"),
        issue=table.get("issue"),
    )
