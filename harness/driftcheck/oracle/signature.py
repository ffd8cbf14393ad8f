"""
Divergences and signatures: what the oracle found, and what of it stays the same while a case shrinks.

Two divergences with one signature are one finding. Knows nothing of how divergences are found.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.core.disagreement import Groups, groups_of, groups_to_text
from driftcheck.core.outcome import Evidence
from driftcheck.core.trace import Trace
from driftcheck.oracle.checks import DEATHS, OF_NO_CHANGE, OUTSIDE_TYPE, PANIC, Check, name_of
from driftcheck.oracle.relations import are_opposite, has_direction


@attrs.frozen
class Signature:
    """What stays the same while a finding is shrunk."""

    check: str  # code
    operation: str  # "" for a law, and for a crash whose frame says more
    shape: tuple[tuple[str, str], ...]  # the outcome's class by subject
    path: str = ""  # the first differing field; numbers of items left out
    cause: tuple[str, ...] = ()  # features, faults and values that the divergence needs
    frame: str = ""  # of a crash
    subject: str = ""  # the law, the invariant, or the writer and reader that are concerned
    disagreement: str = ""  # whose values or states differ, where more than two subjects were compared
    relation: str = ""  # of the values that differ, such as "rounding"
    reason: str = ""  # what the subjects say, if the divergence has no cause; without its variable parts

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        data = attrs.asdict(self)
        data["shape"] = dict(self.shape)
        data["cause"] = list(self.cause)
        for name in ("disagreement", "relation", "reason"):
            if not data[name]:
                del data[name]  # most have none
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Signature:
        """Read it; raises KeyError, TypeError or ValueError where it has another form."""
        fields = {a.name for a in attrs.fields(cls)}
        if set(data) - fields:
            raise ValueError(f"a signature has no {sorted(set(data) - fields)[0]!r}")
        for name in fields - {"shape", "cause"}:
            if not isinstance(data.get(name, ""), str):
                raise ValueError(f"a signature's {name!r} is text")
        shape, cause = data["shape"], data.get("cause", [])
        if not isinstance(shape, dict) or not isinstance(cause, list):
            raise ValueError("a signature's 'shape' is an object and its 'cause' a list")
        return cls(**{**data, "shape": tuple(shape.items()), "cause": tuple(cause)})

    @property
    def without_cause(self) -> Signature:
        """Return what a glance at the outcomes shows of it."""
        return attrs.evolve(self, cause=(), relation="", reason="")

    def is_explained_by(self, other: Signature) -> bool:
        """Say whether the other one is the same but for a cause that is a part of this one's, or equal."""
        if self.without_cause != other.without_cause or not set(other.cause) <= set(self.cause):
            return False
        if self.cause:
            return not are_opposite(self.relation, other.relation)
        return (self.relation, self.reason) == (other.relation, other.reason)

    @property
    def digest(self) -> str:
        """Return 8 hex digits that name it."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def slug(self) -> str:
        """Return words for a file name."""
        words = [name_of(self.check), self.operation or self.subject, *self.cause[:2]]
        return re.sub(r"[^a-z0-9]+", "-", "-".join(w for w in words if w).lower()).strip("-")[:60]


@attrs.frozen(eq=False)
class Observed:
    """What a step was asked, and how each subject answered it, as the author of a contract sees it."""

    operation: str
    arguments: Mapping[str, Any]  # by name
    outcomes: Mapping[str, Any]  # by subject


@attrs.frozen
class Divergence:
    """Subjects differ, or one breaks a promise of the contract, at one step."""

    check: Check
    step: int | None  # from 0; None: while the subject was opened
    operation: str
    shape: tuple[tuple[str, str], ...]
    path: str = ""  # with the numbers of items
    cause: tuple[str, ...] = ()
    places: Mapping[str, frozenset[str]] = attrs.field(factory=dict, eq=False)  # of each feature, in fields
    frame: str = ""
    subject: str = ""  # the law, the invariant, or the writer and reader that are concerned
    blamed: tuple[str, ...] = ()  # subjects that are at fault, if that is known
    detail: str = ""  # one line for people
    groups: Groups = ()  # which subjects agree, where values or states differ; otherwise the shape shows it
    relation: str = ""  # of the values that differ, if a word fits
    reason: str = ""  # what the subjects say, without its variable parts
    moves_state: bool = False  # the states of the subjects differ from here on
    evidence: Evidence | None = attrs.field(default=None, eq=False)
    observed: Observed | None = attrs.field(default=None, eq=False, repr=False)  # if an asymmetry asks for it
    variation: Trace | None = attrs.field(
        default=None, eq=False
    )  # of a metamorphic check: the trace that shows it

    @property
    def disagreement(self) -> Groups:
        """Return the groups of subjects that agree."""
        return self.groups or groups_of(dict(self.shape))

    @property
    def is_death(self) -> bool:
        """Say whether a subject panicked, or took its process with it."""
        return self.check in (PANIC, *DEATHS)

    @property
    def signature(self) -> Signature:
        """Return what stays the same while it is shrunk."""
        return Signature(
            self.check.code,
            # A goroutine may die in whichever step comes next, so its frame says more than the step.
            "" if self.frame else self.operation,
            # What the others did when one died is not part of the fault.
            tuple(s for s in self.shape if s[0] in self.blamed) if self.is_death else self.shape,
            # Nothing may change here, and which part changed depends on the arguments of the step.
            "" if self.check in OF_NO_CHANGE else without_numbers(self.path),
            self.cause,
            self.frame,
            self.subject,
            groups_to_text(self.groups) if sum(map(len, self.groups)) > 2 else "",
            # If there is a cause, the way in which values differ often depends only on the values.
            self.relation if not self.cause or has_direction(self.relation) else "",
            "" if self.cause or self.check == OUTSIDE_TYPE else self.reason,
        )


def without_numbers(path: str) -> str:
    """Return a path without the numbers and keys of items, since these change while a case shrinks."""
    return re.sub(r"\[[^\]]*\]", "[]", path)
