"""
Shared states: whether the last steps of two shrunk cases diverge at the same states.

Runs the last step of one case after the earlier steps of another. Knows nothing of groups or of budgets.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, permutations
from typing import Any

import attrs

from driftcheck.core.trace import Instance, Name, Ref, Step, Trace
from driftcheck.findings.finding import Finding
from driftcheck.generate.cutting import keep_steps
from driftcheck.generate.plan_compiler import compile_plan
from driftcheck.generate.simplest import Simplifier, simplified
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Divergence
from driftcheck.search.session import Session

MOST_OTHERS = 16  # findings that one new finding is compared with
MOST_PLACEMENTS = 6  # ways to give the instances of a step to another trace: all of them, for three instances
MOST_WEAKER = 8  # weaker variants of the earlier steps


def with_same_states(session: Session, finding: Finding, others: list[Finding]) -> tuple[Finding, int]:
    """Return the finding with the first other one that diverges at the same states, and the number of runs.

    Args:
        others: one finding of each root cause that it may belong to.
    """
    runs = _Runs(session)
    for other in others[:MOST_OTHERS]:
        if runs.are_one(finding, other):
            return attrs.evolve(finding, same_states=other.signature), runs.count
    return finding, runs.count


class _Runs:
    """Runs steps after other steps, and counts the runs."""

    def __init__(self, session: Session) -> None:
        self.count = 0
        self._session = session
        self._plan = compile_plan(session.schema)

    def are_one(self, one: Finding, other: Finding) -> bool:
        """Say whether one state, or one call under two faults, shows both divergences."""
        if not (_is_of_last_step(one) and _is_of_last_step(other)) or _sides(one) != _sides(other):
            return False
        return (
            self._is_under_any_fault(one, other)
            or self._is_of_its_states(one, other)
            or self._is_of_its_states(other, one)
        )

    def _is_under_any_fault(self, one: Finding, other: Finding) -> bool:
        """Say whether the cases still diverge in the same way with the fault of the other around the step."""
        a, b = _last_step(one), _last_step(other)
        if a.operation != b.operation or a.fault == b.fault:
            return False
        faults = attrs.evolve(a, fault=b.fault), attrs.evolve(b, fault=a.fault)
        return self._shows(_earlier(one), faults[0], other) and self._shows(_earlier(other), faults[1], one)

    def _is_of_its_states(self, one: Finding, other: Finding) -> bool:
        """Say whether the other's last step diverges at the states at which the last step of one does.

        Weaker variants of the earlier steps are the control: in at least one of them both must agree, and in
        none may only one agree. Otherwise two bugs of steps that need any entry at all would be one.
        """
        earlier, step = _earlier(one), _last_step(one)
        if not earlier.steps or not _earlier(other).steps:
            return False
        placed = next((s for s in self._placed(other, earlier) if self._shows(earlier, s, other)), None)
        if placed is None:
            return False
        has_agreed = False
        for weaker in islice(self._weaker(earlier), MOST_WEAKER):
            if any(isinstance(a, Ref) for a in step.arguments) and len(weaker.steps) < len(earlier.steps):
                continue  # the handle has another number, or is gone
            shows = self._shows(weaker, step, one)
            if shows != self._shows(weaker, placed, other):
                return False
            has_agreed |= not shows
        return has_agreed

    def _placed(self, finding: Finding, earlier: Trace) -> Iterator[Step]:
        """Yield the last step, then the same step of other instances; nothing if it takes a handle."""
        step = _last_step(finding)
        if any(isinstance(a, Ref) for a in step.arguments):
            return
        seen: list[Step] = []
        for order in islice(permutations(range(self._session.schema.instances)), MOST_PLACEMENTS):
            arguments = tuple(_moved(argument, order, earlier) for argument in step.arguments)
            placed = attrs.evolve(step, arguments=arguments, instance=order[step.instance])
            if placed not in seen:
                seen.append(placed)
                yield placed

    def _weaker(self, earlier: Trace) -> Iterator[Trace]:
        """Yield the steps with one of the arguments as simple as possible, then without one of them."""
        places = set(Simplifier(self._plan, earlier).places())
        for place in sorted(places):
            yield simplified(self._plan, earlier, places - {place})
        count = len(earlier.steps)
        for number in reversed(range(count)):
            weaker = keep_steps(earlier, [n for n in range(count) if n != number])
            if weaker.steps:
                yield weaker

    def _shows(self, earlier: Trace, step: Step, wanted: Finding) -> bool:
        self.count += 1
        trace = earlier.with_steps((*earlier.steps, step))
        found = self._session.oracle.probe_quickly(trace, wanted.divergence).divergence
        if found is None or found.step != len(earlier.steps):
            return False
        return _kind(found) == _kind(wanted.divergence)


def _is_of_last_step(finding: Finding) -> bool:
    """Say whether the divergence is of the last step of a trace, and one run of the trace shows it."""
    case, found = finding.case, finding.divergence
    if not isinstance(case, Trace) or found.step is None or finding.is_flaky or not finding.is_minimal:
        return False
    is_plain = found.variation is None and not found.is_death and found.check != checks.NOT_DETERMINISTIC
    return is_plain and found.step == len(case.steps) - 1


def _kind(found: Divergence) -> object:
    """Return what another run must show of a divergence: of one subject's, only what that subject did."""
    if found.check in checks.OF_ONE_SUBJECT:
        return found.check, found.operation, [s for s in found.shape if s[0] in found.blamed]
    return found.signature.without_cause


def _moved(argument: Any, order: tuple[int, ...], trace: Trace) -> Any:
    """Return an argument as another trace has it: another instance, and a name that is in play there."""
    match argument:
        case Instance(number=number):
            return Instance(order[number])
        case Name(roster=roster, index=index) if index < len(trace.rosters.get(roster, ())):
            return Name(roster, index, trace.rosters[roster][index])
    return argument


def _sides(finding: Finding) -> set[frozenset[str]]:
    return {frozenset(group) for group in finding.divergence.disagreement}


def _last_step(finding: Finding) -> Step:
    assert isinstance(finding.case, Trace)
    return finding.case.steps[-1]


def _earlier(finding: Finding) -> Trace:
    assert isinstance(finding.case, Trace)
    return finding.case.with_steps(finding.case.steps[:-1])
