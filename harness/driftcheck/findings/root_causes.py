"""
Root causes: findings that are probably one bug, in groups, with different groups first.

Decides by the signatures of findings alone. Knows nothing of how they were found or of how they are printed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import attrs

from driftcheck.findings.finding import Finding
from driftcheck.generate.cutting import size
from driftcheck.oracle.relations import ABOUT_FORM, are_opposite
from driftcheck.oracle.signature import Signature


@attrs.frozen(eq=False)
class RootCause:
    """Findings that are probably one bug; the first one represents it."""

    findings: tuple[Finding, ...]
    more: int = 0  # divergences that belong to it, and that were not shrunk

    @property
    def finding(self) -> Finding:
        """Return the finding that represents it: that of the smallest cause, and then the shortest."""
        return self.findings[0]


def root_causes(
    findings: Sequence[Finding], more: Mapping[Signature, int] | None = None
) -> tuple[RootCause, ...]:
    """Group findings by their root cause, and rank the groups so that neighbours differ most.

    Each next group is the one that is furthest from all before it (Chen and others, "Taming compiler
    fuzzers", PLDI 2013), so that the first few are different bugs.

    Args:
        more: how many divergences were attributed to the finding of a signature, and not shrunk.
    """
    groups: list[list[Finding]] = []
    for finding in sorted(findings, key=_simplest_first):
        group = next((g for g in groups if are_one(g[0].signature, finding.signature)), None)
        if group is None:
            groups.append([finding])
        else:
            group.append(finding)
    counts = more or {}
    causes = [RootCause(tuple(g), sum(counts.get(f.signature, 0) for f in g)) for g in groups]
    return tuple(_furthest_first(causes))


def are_one(one: Signature, other: Signature) -> bool:
    """Say whether two findings are probably one bug."""
    if one == other:
        return True
    if (one.check, one.subject, one.frame) != (other.check, other.subject, other.frame):
        return False
    if one.frame:
        return True
    if not _have_one_shape(dict(one.shape), dict(other.shape)) or are_opposite(one.relation, other.relation):
        return False
    if one.cause and other.cause:
        return set(one.cause) <= set(other.cause) or set(other.cause) <= set(one.cause)
    if one.cause or other.cause:
        return False
    if one.reason or other.reason:
        return one.reason == other.reason
    return one.relation == other.relation and one.relation in ABOUT_FORM


def _have_one_shape(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(other.get(subject, word) == word for subject, word in one.items())


def _simplest_first(finding: Finding) -> tuple[bool, int, int]:
    return finding.is_flaky, len(finding.signature.cause), size(finding.case)


def _furthest_first(causes: Sequence[RootCause]) -> list[RootCause]:
    left = sorted(causes, key=lambda one: not one.finding.divergence.is_death)
    ranked: list[RootCause] = []
    nearest = [1.0] * len(left)  # the distance to the nearest one that is ranked already
    words = [_words(one.finding.signature) for one in left]
    todo = list(range(len(left)))
    while todo:
        number = max(todo, key=lambda n: nearest[n])
        todo.remove(number)
        ranked.append(left[number])
        for n in todo:
            nearest[n] = min(nearest[n], _distance(words[n], words[number]))
    return ranked


def _words(signature: Signature) -> frozenset[str]:
    parts = [signature.check, signature.operation, signature.path, signature.subject, signature.frame]
    parts += [*signature.cause, signature.relation, *(f"{n}={word}" for n, word in signature.shape)]
    return frozenset(filter(None, [*parts, *re.findall(r"\w+", signature.reason)]))


def _distance(one: frozenset[str], other: frozenset[str]) -> float:
    return 1 - len(one & other) / len(one | other) if one | other else 0.0
