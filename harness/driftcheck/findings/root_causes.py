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
from driftcheck.oracle import checks
from driftcheck.oracle.relations import ABOUT_FORM, are_opposite
from driftcheck.oracle.signature import Divergence, Signature


@attrs.frozen(eq=False)
class RootCause:
    """Findings that are probably one bug; the first one represents it."""

    findings: tuple[Finding, ...]
    more: int = 0  # divergences that belong to it, and that were not shrunk

    @property
    def finding(self) -> Finding:
        """Return the finding that represents it: the smallest cause, then the shortest case."""
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
        group = next((g for g in groups if are_one(g[0].divergence, finding.divergence)), None)
        if group is None:
            groups.append([finding])
        else:
            group.append(finding)
    counts = more or {}
    causes = [RootCause(tuple(g), sum(counts.get(f.signature, 0) for f in g)) for g in groups]
    return tuple(_furthest_first(causes))


def are_one(one: Divergence, other: Divergence) -> bool:
    """Say whether two divergences are probably one bug."""
    a, b = one.signature, other.signature
    if a == b:
        return True
    if (a.subject, a.frame) != (b.subject, b.frame) or are_opposite(one.relation, other.relation):
        return False
    if a.cause and a.cause == b.cause and a.operation == b.operation:
        return True  # seen in two ways
    if a.check != b.check or not _have_one_shape(one, other):
        return False
    if a.frame:
        return True
    says_the_same = bool(one.reason) and one.reason == other.reason
    if one.check == checks.OUTSIDE_TYPE and says_the_same:
        return True
    if a.cause and b.cause:
        shared = set(a.cause) & set(b.cause)
        return shared in (set(a.cause), set(b.cause)) or (bool(shared) and says_the_same)
    if a.cause or b.cause or one.reason or other.reason:
        return says_the_same
    if one.relation != other.relation or not one.relation:
        return False
    return one.relation in ABOUT_FORM or (a.operation, _whole(a.path)) == (b.operation, _whole(b.path))


def _have_one_shape(one: Divergence, other: Divergence) -> bool:
    """Say whether the subjects that both compared, or that are at fault, ended the step in the same way."""
    a, b = dict(one.shape), dict(other.shape)
    if one.check in checks.OF_ONE_SUBJECT:
        a = {name: word for name, word in a.items() if name in one.blamed}
        b = {name: word for name, word in b.items() if name in other.blamed}
    return all(b.get(name, word) == word for name, word in a.items())


def _whole(path: str) -> str:
    """Return the path of the sequence whose items, or whose length, a path names."""
    return re.sub(r"(\.?length|\[\])+$", "", path)


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
