"""
Root causes: findings that are probably one bug, in groups, with different groups first.

Decides by the signatures of findings, and by what their divergences need. Knows nothing of how they were
found or of how they are printed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

import attrs

from driftcheck.core.trace import Document, Trace
from driftcheck.findings.finding import Finding
from driftcheck.generate.cutting import size
from driftcheck.generate.repairs import ODD_TEXT, Repair
from driftcheck.oracle import checks
from driftcheck.oracle.parts import ACCEPTED
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
        alike = next((g for g in groups if are_one_bug(g[0], finding)), None)
        shown = [g for g in groups if g is alike or any(_share_states(one, finding) for one in g)]
        groups = [g for g in groups if g not in shown[1:]]
        if not shown:
            groups.append([finding])
        else:
            shown[0] += [*(one for g in shown[1:] for one in g), finding]
    counts = more or {}
    causes = [RootCause(tuple(g), sum(counts.get(f.signature, 0) for f in g)) for g in groups]
    return tuple(_furthest_first(causes))


def are_one_bug(one: Finding, other: Finding) -> bool:
    """Say whether two findings are probably one bug: by their divergences, and by what these need.

    Where a divergence needs a mark of the format, another divergence of the same cause needs that mark, too.
    If it only needs an odd text, it does not matter which text that is, but where and how the subjects
    differ.
    """
    a, b = one.divergence, other.divergence
    if a.signature == b.signature or _share_states(one, other):
        return True
    needs, others = _needs(one), _needs(other)
    if not needs or not others:
        return are_one(a, b)
    if (a.subject, a.frame) != (b.subject, b.frame):
        return False
    is_alike = a.check == b.check and _have_one_shape(a, b)
    if is_alike and not (a.cause or b.cause) and _ODD_ARGUMENT in needs & others:
        return True  # in which direction the values differ depends on the other arguments
    if _are_opposite(a, b):
        return False
    if not {n.format for n in needs} & {n.format for n in others}:
        return _are_one_in_two_formats(one, other)
    return (is_alike and _differ_alike(one, other)) or _share_a_cause(one, other)


def _share_states(one: Finding, other: Finding) -> bool:
    """Say whether a run has shown that both diverge at the same states."""
    return one.same_states == other.signature or other.same_states == one.signature


_ODD_ARGUMENT = Repair("", ODD_TEXT)  # such as `é` in a plain text


def _differ_alike(one: Finding, other: Finding) -> bool:
    """Say whether subjects say the same, or values differ in the same way, where marks are the same."""
    a, b = one.divergence, other.divergence
    marks, others = _marks(one.repairs.healing), _marks(other.repairs.healing)
    if a.reason == b.reason != "" and _needs_text(one) == _needs_text(other):
        is_named = _marks(one.repairs.of_cause) and _marks(other.repairs.of_cause) and a.cause and b.cause
        return _are_nested(marks, others) and not (is_named and set(a.cause).isdisjoint(b.cause))
    if a.relation == b.relation != "" and (_place(a) == _place(b) or _documents(one) & _documents(other)):
        return marks == others or (not (a.cause or b.cause) and _are_nested(marks, others))
    return False


def _share_a_cause(one: Finding, other: Finding) -> bool:
    """Say whether the cause of one is a part of the other's, and both need it in the same way."""
    a, b = one.divergence, other.divergence
    if not a.cause or not _are_nested(a.cause, b.cause):
        return False
    marks, others = _marks(_needs(one)), _marks(_needs(other))
    if marks or others:
        return bool(marks & others) and (a.check == b.check or _sides(a) == _sides(b))
    is_one_place = a.check == b.check and _have_one_shape(a, b) and _place(a)[1] == _place(b)[1]
    may_say_otherwise = a.operation != b.operation or not (a.reason or b.reason)
    return is_one_place and a.cause == b.cause and may_say_otherwise


def _are_one_in_two_formats(one: Finding, other: Finding) -> bool:
    """Say whether two findings are one bug, where a mark of one format may mean nothing in the other."""
    a, b = one.divergence, other.divergence
    if a.check == checks.OUTSIDE_TYPE:
        return False
    if a.check == b.check and a.reason == b.reason != "" and _have_one_shape(a, b):
        kinds, others = ({n.kind for n in _needs(finding)} for finding in (one, other))
        return kinds == others or are_one(a, b)
    return bool(a.reason or (a.cause and b.cause)) and are_one(a, b)


def _needs(finding: Finding) -> frozenset[Repair]:
    """Return the repairs that heal and take away the cause, or all that heal if the cause is accidental."""
    return finding.repairs.of_cause or finding.repairs.healing


def _needs_text(finding: Finding) -> bool:
    """Say whether the divergence is gone without the text between the marks."""
    return any(not one.is_of_mark for one in finding.repairs.healing)


def _marks(needs: Iterable[Repair]) -> set[Repair]:
    return {one for one in needs if one.is_of_mark}


def _sides(divergence: Divergence) -> set[frozenset[str]]:
    """Return which subjects agree with each other."""
    return {frozenset(group) for group in divergence.disagreement}


def _place(divergence: Divergence) -> tuple[str, str]:
    return divergence.operation, _whole(divergence.signature.path)


def _documents(finding: Finding) -> set[bytes]:
    """Return the documents of the step that diverges, without empty ones."""
    case, number = finding.case, finding.divergence.step
    if not isinstance(case, Trace) or number is None:
        return set()
    return {a.data for a in case.steps[number].arguments if isinstance(a, Document) and a.data}


def _are_nested(one: Collection[object], other: Collection[object]) -> bool:
    """Say whether one collection is a part of the other; an empty one is only part of an empty one."""
    shared = set(one) & set(other)
    return shared in (set(one), set(other)) and bool(one) == bool(other)


def _are_opposite(a: Divergence, b: Divergence) -> bool:
    """Say whether the subjects differ in opposite directions."""
    if a.check != b.check or a.check != checks.ACCEPT_REJECT:
        return are_opposite(a.relation, b.relation)
    words = dict(b.shape)
    turned = [
        word == ACCEPTED
        for name, word in a.shape
        if (word == ACCEPTED) != (words.get(name, word) == ACCEPTED)
    ]
    return len(set(turned)) == 2


def are_one(one: Divergence, other: Divergence) -> bool:
    """Say whether two divergences are probably one bug, as far as these two show it."""
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
    says_the_same = one.reason == other.reason != ""
    if one.check == checks.OUTSIDE_TYPE and says_the_same and _place(one) == _place(other):
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
