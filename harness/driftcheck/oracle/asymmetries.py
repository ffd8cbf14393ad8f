"""
Asymmetries: which divergences an entry of `asymmetries.toml` covers, and which ones it does not.

An entry has a trigger (the operation, and the features of its payload) and a shape (which subject did what).
The author's function may narrow it.
A divergence that matches both is counted and not reported. Knows nothing of files.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import Any

import attrs
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from driftcheck.core.disagreement import agree_without, groups_of, groups_to_text
from driftcheck.oracle import checks
from driftcheck.oracle.parts import ACCEPTED, needed_of
from driftcheck.oracle.predicates import Predicate
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import DETAIL

COMPARED_BY_PATH = (
    checks.VALUE,
    checks.DETAIL,
    checks.POST_STATE,
    *checks.OF_WRITING,
)  # with a path at which values differ
OUTCOME_CHECKS = (
    checks.ACCEPT_REJECT,
    checks.REJECTION_CLASS,
)  # these compare subjects; all others blame one
# The outcomes do not show these: a rejection that is covered may still change the state.
STATE_PROMISES = (
    checks.REJECTED_CHANGED_STATE,
    checks.QUERY_CHANGED_STATE,
    checks.OTHER_INSTANCE_CHANGED,
    checks.INVARIANT,
)
FAULTY = (  # a fault of this subject, so that it shows where this subject runs alone
    "unmapped",
    "panicked",
    "crashed",
    "hung",
    "exhausted",
    "outside its type",
    "nondeterministic",
    "changed again",
    "ended differently",
    "broken",
)
UNSUPPORTED = "unsupported"  # this subject takes no part in a comparison
DIFFERS, DISAGREEMENT, RELATION = (
    "differs",
    "disagreement",
    "relation",
)  # keys of a shape that compares values
AT_FEATURE = "@feature"  # for a path: where the features of the entry stand, or below

# How often the trigger must occur alone before an entry that was not seen is healed. A shape of values, and
# an entry without a feature, need more: whether the subjects differ, such as by a rounding, depends on the
# values that were drawn.
HEALED_OUTCOMES, HEALED_VALUES = 100, 5_000


@attrs.frozen
class Asymmetry:
    """A divergence that was accepted: an entry of `asymmetries.toml`."""

    id: str
    operation: str  # "" if a law or a crash's frame says where
    shape: Mapping[str, str]  # outcome by subject or language; {"differs": path} where values differ
    deviates: tuple[str, ...]  # the subjects or languages that depart from the contract
    reason: str
    owner: str
    expires: datetime.date
    features: tuple[str, ...] = ()  # of the payload
    is_exact: bool = False  # the cause is these features and no others
    path: str | None = None  # the field of the payload that has the feature
    law: str = ""
    check: str = ""  # the code of the one check that it covers
    frame: str = ""  # of a crash
    concerns: str = ""  # an invariant, or the writer and the reader of an exchange, "a>b"
    says: str = ""  # what the subjects say, without its variable parts
    where: Predicate | None = None  # the author's function that must say yes, too
    at: str | None = None  # the path of a value that lies outside its type
    versions: Mapping[str, SpecifierSet] = attrs.field(factory=dict)  # by library, "go" or "rust"
    issue: str | None = None
    decided: datetime.date | None = None

    @property
    def compares_values(self) -> bool:
        """Say whether its shape compares values, and not outcomes."""
        return DIFFERS in self.shape

    @property
    def triggers_to_heal(self) -> int:
        """Return after how many triggers without its shape it is healed."""
        return HEALED_OUTCOMES if self.features and not self.compares_values else HEALED_VALUES

    @property
    def covers_whole_operation(self) -> bool:
        """Say whether it compares subjects, and nothing but the operation and the outcomes limits it."""
        if self.check and self.check not in [c.code for c in (*OUTCOME_CHECKS, *COMPARED_BY_PATH)]:
            return False
        is_narrow = (
            self.features
            or self.says
            or self.frame
            or self.law
            or self.concerns
            or self.at is not None
            or self.where is not None
        )
        return not is_narrow and RELATION not in self.shape

    def is_triggered_by(self, divergence: Divergence) -> bool:
        """Say whether the divergence has the trigger of this entry."""
        if self.law or divergence.check == checks.LAW:
            return divergence.check == checks.LAW and divergence.subject == self.law
        if self.operation and divergence.operation != self.operation:
            return False
        if self.check and divergence.check.code != self.check:
            return False
        if self.frame and divergence.frame != self.frame:
            return False
        if self.concerns and divergence.subject != self.concerns:
            return False
        if self.says and divergence.reason != self.says:
            return False
        return self._has_cause(divergence)

    def _has_cause(self, divergence: Divergence) -> bool:
        if self.frame:
            return True
        if self.where is not None and not self.features:
            return True  # a document may be odd by chance; the author's function looks at the outcomes
        cause = set(divergence.cause)
        if self.is_exact or not self.features:
            return cause == set(self.features) and self._has_place(divergence)
        return cause >= set(self.features) and self._has_place(divergence)

    def _has_place(self, divergence: Divergence) -> bool:
        if self.path is None:
            return True
        return all(self.path in divergence.places.get(feature, ()) for feature in self.features)

    def holds_for(self, divergence: Divergence) -> bool:
        """Ask the author's function, if the entry has one; raises ContractError where it misbehaves.

        What no single step shows, such as a law or a death that did not recur, no function covers.
        """
        if self.where is None:
            return True
        return divergence.observed is not None and self.where.holds(divergence.observed)

    def has_shape_of(self, divergence: Divergence, languages: Mapping[str, str]) -> bool:
        """Say whether the outcomes are those of this entry.

        Args:
            languages: of the subjects, by name.
        """
        if self.compares_values:
            return self._differs_as(divergence, languages)
        if divergence.check in checks.OF_WRITING:
            return self._covers_exchange(divergence, languages)
        if divergence.check in COMPARED_BY_PATH or ignores_outcomes(divergence.check):
            return False
        if self.at is not None and place_of(divergence) != self.at:
            return False
        expected = {name: self._outcome_of(name, languages) for name, _ in divergence.shape}
        if divergence.check not in OUTCOME_CHECKS and any(expected.get(n) is None for n in divergence.blamed):
            return False  # the entry says nothing about this subject
        # What the others did when one died is not part of the shape. One that has answered alike may still be
        # nondeterministic.
        is_of_some = divergence.is_death or divergence.check == checks.NOT_DETERMINISTIC
        concerned = divergence.blamed if is_of_some else tuple(expected)
        return all(
            kind == expected[name] for name, kind in divergence.shape if name in concerned and expected[name]
        )

    def outcomes_of(self, divergence: Divergence, languages: Mapping[str, str]) -> Mapping[str, str]:
        """Return what the entry says of each subject of a divergence; it may say nothing of some."""
        outcomes = {name: self._outcome_of(name, languages) for name, _ in divergence.shape}
        return {name: outcome for name, outcome in outcomes.items() if outcome is not None}

    def _outcome_of(self, name: str, languages: Mapping[str, str]) -> str | None:
        return self.shape.get(name, self.shape.get(languages.get(name, "")))

    def _covers_exchange(self, divergence: Divergence, languages: Mapping[str, str]) -> bool:
        """Say whether the entry covers an exchange, because its writer already deviates by accepting.

        If another subject rejects the step, the entry covers the difference of the outcomes. If all accept,
        the writer's document is all that shows the divergence, and no reader must accept it.
        """
        writer, _, _ = divergence.subject.partition(">")
        return (
            bool(self.features)  # otherwise it would cover everything that the operation writes
            and writer in subjects_named(self.deviates, languages)
            and self._outcome_of(writer, languages) == ACCEPTED
            and all(self._outcome_of(name, languages) in (ACCEPTED, None) for name, _ in divergence.shape)
        )

    def _differs_as(self, divergence: Divergence, languages: Mapping[str, str]) -> bool:
        if not self._differs_at(divergence):
            return False
        if DISAGREEMENT in self.shape and groups_to_text(divergence.groups) != self.shape[DISAGREEMENT]:
            return False
        if self.shape.get(RELATION, divergence.relation) != divergence.relation:
            return False
        deviating = subjects_named(self.deviates, languages)
        if ignores_outcomes(divergence.check):  # the entry must name the check, since no outcome shows it
            return bool(self.check) and all(name in deviating for name in divergence.blamed)
        if divergence.check not in COMPARED_BY_PATH:
            return False
        if divergence.check in checks.OF_WRITING:
            concerned = divergence.blamed or divergence.subject.split(">")
            return any(name in deviating for name in concerned)
        return agree_without(divergence.disagreement if divergence.groups else (), deviating)

    def _differs_at(self, divergence: Divergence) -> bool:
        path = place_of(divergence)
        if self.shape[DIFFERS] != AT_FEATURE:
            return path == self.shape[DIFFERS]
        return bool(self.features) and all(
            any(_is_within(path, place) for place in divergence.places.get(feature, ()))
            for feature in self.features
        )


def _is_within(path: str, place: str) -> bool:
    """Say whether a path is that of a field, or leads to something inside it; "" is the whole value."""
    return not place or path == place or path.startswith((f"{place}.", f"{place}["))


def ignores_outcomes(check: checks.Check) -> bool:
    """Say whether a check is independent of the outcomes: the fault is in the state, or a plugin found it."""
    return check in STATE_PROMISES or check.is_from_plugin


def subjects_named(names: Sequence[str], languages: Mapping[str, str]) -> list[str]:
    """Return the subjects that names stand for: a subject, or all subjects of a language."""
    return [n for n, lang in languages.items() if n in names or (lang in names and lang not in languages)]


def place_of(divergence: Divergence) -> str:
    """Return the path at which values differ, as the shape of an entry writes it."""
    path = divergence.signature.path
    if divergence.check == checks.POST_STATE:
        return f"state.{path}" if path else "state"
    if divergence.check == checks.DETAIL:
        return f"{DETAIL}.{path}" if path else DETAIL
    return path


class Asymmetries:
    """The asymmetries of one contract."""

    def __init__(self, entries: Sequence[Asymmetry] = (), languages: Mapping[str, str] | None = None) -> None:
        self.entries = tuple(entries)
        self._languages = languages or {}
        # A function without a feature is asked last: an entry that names a cause says more.
        self._by_trigger = sorted(entries, key=lambda entry: entry.where is not None and not entry.features)
        self._asked = frozenset(entry.operation for entry in self.entries if entry.where is not None)

    def match(self, divergence: Divergence) -> Asymmetry | None:
        """Return the entry that covers a divergence; raises ContractError where a function misbehaves."""
        for entry in self._by_trigger:
            is_like_it = entry.is_triggered_by(divergence) and entry.has_shape_of(divergence, self._languages)
            if is_like_it and entry.holds_for(divergence):
                return entry
        return self._first_of_several(divergence) or self._first_of_values(divergence)

    def _first_of_several(self, divergence: Divergence) -> Asymmetry | None:
        """Return the first of the entries that explain a divergence together, and of which each is needed.

        A document may have the features of several entries, and then outcomes that none of them has: one
        subject refuses it for this feature, and another subject for that one. All features for which there
        are entries must agree with the outcomes. Entries for the same features are alternatives.
        """
        if divergence.check not in OUTCOME_CHECKS:
            return None
        alternatives: dict[tuple[object, ...], list[Asymmetry]] = {}
        for entry in self.entries:
            may_explain = bool(entry.features) and not entry.compares_values
            if may_explain and entry.is_triggered_by(divergence) and entry.holds_for(divergence):
                alternatives.setdefault((entry.features, entry.path), []).append(entry)
        whole = {name: kind for name, kind in divergence.shape if kind != UNSUPPORTED}
        for entries in product(*alternatives.values()):
            needed = needed_of([entry.outcomes_of(divergence, self._languages) for entry in entries], whole)
            if needed:
                return entries[needed[0]]
        return None

    def _first_of_values(self, divergence: Divergence) -> Asymmetry | None:
        """Return the first of several entries that explain together why values differ.

        Some subjects agree, and an entry of its own covers each other subject: it covers the divergence that
        would be there if only this subject differed from those that agree.
        """
        entries = [e for e in self.entries if e.compares_values and e.is_triggered_by(divergence)]
        for agreeing in divergence.groups if len(entries) > 1 else ():
            differing = [name for group in divergence.groups if group is not agreeing for name in group]
            found = [self._covering(entries, _of_one(divergence, name, agreeing)) for name in differing]
            if found and None not in found:
                return found[0]
        return None

    def _covering(self, entries: Sequence[Asymmetry], divergence: Divergence) -> Asymmetry | None:
        like_it = (entry for entry in entries if entry.has_shape_of(divergence, self._languages))
        return next((entry for entry in like_it if entry.holds_for(divergence)), None)

    def ask_about(self, operation: str) -> bool:
        """Say whether an author's function must see the steps of an operation."""
        return operation in self._asked

    def widened_by(self, divergence: Divergence) -> Asymmetry | None:
        """Return the entry whose trigger the divergence has, with another shape."""
        for entry in self.entries:
            if (entry.features or entry.law or entry.frame) and entry.is_triggered_by(divergence):
                return entry
        return None

    def can_be_seen(self, entry: Asymmetry, running: Collection[str]) -> bool:
        """Say whether the subjects of a run can show an entry: all that it names, and one to compare with.

        Args:
            running: the names of the subjects.
        """
        named = subjects_named((*entry.deviates, *entry.shape), self._languages)
        shows_alone = any(outcome in FAULTY for outcome in entry.shape.values())
        return set(named) <= set(running) and (shows_alone or len(running) > 1)

    def expired(self, today: datetime.date) -> tuple[Asymmetry, ...]:
        """List the entries whose expiry date is over."""
        return tuple(e for e in self.entries if e.expires < today)

    def for_libraries(self, descriptions: Mapping[str, Mapping[str, Any]]) -> Asymmetries:
        """Return the entries whose `versions` match the libraries in use.

        Args:
            descriptions: what the library of each subject reports about itself.
        """
        versions = _versions(descriptions)
        return Asymmetries(
            [e for e in self.entries if all(_holds(versions, *one) for one in e.versions.items())],
            self._languages,
        )


def _of_one(divergence: Divergence, name: str, agreeing: Sequence[str]) -> Divergence:
    """Return the divergence as if all subjects but one had the value of those that agree.

    How the values differ is not known then, so that it has no relation.
    """
    names = [one for group in divergence.groups for one in group]
    order = [one for one, _ in divergence.shape if one in names]
    groups = groups_of({one: one == name for one in order})
    observed = divergence.observed
    if observed is not None:
        changed = {one: observed.outcomes[agreeing[0]] for one in names if one not in (name, *agreeing)}
        observed = attrs.evolve(observed, outcomes={**observed.outcomes, **changed})
    return attrs.evolve(divergence, groups=groups, relation="", observed=observed)


def _versions(descriptions: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Collect the versions of all linked libraries and toolchains, by name."""
    found: dict[str, list[str]] = {}
    for description in descriptions.values():
        found.setdefault(str(description.get("language")), []).append(str(description.get("toolchain", "")))
        for library, version in dict(description.get("libraries") or {}).items():
            found.setdefault(library, []).append(str(version))
    return found


def _holds(versions: Mapping[str, Sequence[str]], library: str, wanted: SpecifierSet) -> bool:
    """Say whether a library is linked in a version within the range."""
    return any(
        wanted.contains(version, prereleases=True)
        for text in versions.get(library, ())
        for version in map(_version, re.findall(r"\d+(?:\.\d+)+\S*", text))
        if version is not None
    )


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:  # such as the version of a commit, 0.0.0-2024…-abc
        plain = re.match(r"\d+(?:\.\d+)*", text)
        return Version(plain.group()) if plain else None
