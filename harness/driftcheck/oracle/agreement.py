"""
The agreement of subjects: the same outcome, the same value, the same state after each step.

Only compares subjects with each other. Knows nothing of what the contract promises about each one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core import types as t
from driftcheck.core.disagreement import groups_of
from driftcheck.core.outcome import Accepted, NotReached, Rejected, Unsupported, Void
from driftcheck.lockstep.answer import Answer
from driftcheck.oracle import checks
from driftcheck.oracle.blame import Electorate
from driftcheck.oracle.compare import Difference, differences
from driftcheck.oracle.signature import Divergence, without_numbers
from driftcheck.oracle.states import States
from driftcheck.oracle.step import Outcomes, divergence_at, kind_of
from driftcheck.values.encoding import OutsideType

OUTCOMES = "(outcomes)"  # among known paths: the outcomes are known to differ; values are still compared

KnownPaths = frozenset[str]  # paths of one step at which an asymmetry covers the difference


class Agreement:
    """Compares the subjects of one contract with each other."""

    def __init__(self, schema: Schema, states: States, electorate: Electorate) -> None:
        self.schema = schema
        self.states = states
        self.electorate = electorate

    def broken(
        self,
        operation: Operation,
        number: int,
        answers: Mapping[str, Answer],
        outcomes: Outcomes,
        known_paths: KnownPaths,
    ) -> Divergence | None:
        """Return the first difference after a step."""
        found = self.outcomes_differ(operation, number, outcomes, known_paths)
        if found is not None or self.schema.state is None:
            return found
        if groups := self.states.groups(answers, number):
            return self.states_differ(operation, number, answers, outcomes, groups)
        return None

    def outcomes_differ(
        self,
        operation: Operation,
        number: int | None,
        outcomes: Outcomes,
        known_paths: KnownPaths,
    ) -> Divergence | None:
        able = {
            n: o for n, o in outcomes.items() if not isinstance(o, Unsupported | OutsideType | NotReached)
        }
        if OUTCOMES in known_paths:
            able = {n: o for n, o in able.items() if isinstance(o, Accepted)}
        kinds = {n: kind_of(o) for n, o in able.items()}
        if len(set(kinds.values())) > 1:
            accepted = any(isinstance(o, Accepted) for o in able.values())
            voids = any(isinstance(o, Void) for o in able.values())
            check = checks.ACCEPT_REJECT if accepted or voids else checks.REJECTION_CLASS
            return divergence_at(check, number, operation, outcomes, blamed=self.electorate.at_fault(kinds))
        check, type_, values = self._compared(operation, able)
        if type_ is None:
            return None
        found = _first_differing_value(type_, values, known_paths)
        if found is None:
            return None
        other, difference = found
        groups = _groups_at(type_, values, without_numbers(difference.path))
        return divergence_at(
            check,
            number,
            operation,
            {name: outcomes[name] for name in values},  # what the others did is not part of it
            blamed=self.electorate.at_fault(groups),
            path=difference.path,
            relation=difference.relation,
            detail=f"{next(iter(values))} has {difference.one}, {other} has {difference.other}",
            groups=groups_of(groups),
        )

    def _compared(
        self, operation: Operation, able: Outcomes
    ) -> tuple[checks.Check, t.Type | None, dict[str, Any]]:
        """Return the check, the type and the values to compare; no type where nothing is compared."""
        accepted = {name: o.value for name, o in able.items() if isinstance(o, Accepted)}
        if accepted:
            return checks.VALUE, operation.result, accepted
        rejected = {name: o for name, o in able.items() if isinstance(o, Rejected)}
        classes = {o.rejection for o in rejected.values()}
        type_ = next((r.detail for r in self.schema.rejections if r.name in classes), None)
        return checks.DETAIL, type_, {name: o.detail for name, o in rejected.items()}

    def states_differ(
        self,
        operation: Operation,
        number: int,
        answers: Mapping[str, Answer],
        outcomes: Outcomes,
        groups: Mapping[str, str],
    ) -> Divergence:
        one, other = _two_groups(groups)
        path = relation = detail = ""
        left, right = answers[one].reply.states, answers[other].reply.states
        if left is not None and right is not None and self.schema.state is not None:
            a, b = left[number + 1], right[number + 1]
            assert a is not None
            assert b is not None
            difference = self.states.difference(a, b)
            if difference is not None:
                path, relation = difference.path, difference.relation
                detail = f"{one} has {difference.one}, {other} has {difference.other}"
        return divergence_at(
            checks.POST_STATE,
            number,
            operation,
            outcomes,
            blamed=self.electorate.at_fault(groups),
            path=path,
            relation=relation,
            detail=detail,
            moves_state=True,
            groups=groups_of(groups),
        )


def _first_differing_value(
    type_: t.Type, values: Mapping[str, Any], known_paths: KnownPaths
) -> tuple[str, Difference] | None:
    """Return a subject whose value differs from the value of the first one, and the difference."""
    first, *others = values
    for name in others:
        for difference in differences(type_, values[first], values[name]):
            if without_numbers(difference.path) not in known_paths:
                return name, difference
    return None


def _groups_at(type_: t.Type, values: Mapping[str, Any], path: str) -> dict[str, str]:
    """Group subjects by their value at a path, each under the first subject with that value."""
    groups: dict[str, str] = {}
    for name, value in values.items():
        same = (
            n
            for n in dict.fromkeys(groups.values())
            if all(without_numbers(d.path) != path for d in differences(type_, values[n], value))
        )
        groups[name] = next(same, name)
    return groups


def _two_groups(groups: Mapping[str, str]) -> tuple[str, str]:
    """Return two subjects of different groups, the first one first."""
    one, *rest = groups
    return one, next(name for name in rest if groups[name] != groups[one])
