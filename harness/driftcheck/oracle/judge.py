"""
The judge: the first thing that is wrong with the answers to one trace.

Pure: it sees answers, and asks nobody anything. One-sided promises are held before subjects are compared,
since they say which side is wrong. Knows nothing of causes, known differences or shrinking.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.contract import types as t
from driftcheck.contract.schema import Operation, Schema
from driftcheck.errors import ContractError
from driftcheck.lockstep import Answer, Run
from driftcheck.oracle import checks
from driftcheck.oracle.compare import Difference, differences, first_difference
from driftcheck.oracle.signature import Divergence, without_numbers
from driftcheck.outcome import (
    Accepted,
    Broken,
    Crashed,
    Exhausted,
    Hung,
    NotReached,
    Outcome,
    Panicked,
    Rejected,
    Unmapped,
    Unsupported,
    Void,
    kind,
)
from driftcheck.sides import sides_of
from driftcheck.values import OutsideType
from driftcheck.wire import ACCEPTED, REJECTED, VOID, Wire

BEFORE_FIRST = -1  # the number of a step after which the state is the one just after `open`
SEEN_STATES = 10_000  # remembered, so that invariants run once for each; a query leaves its state as it was


OUTCOMES = "(outcomes)"  # among what was passed: that outcomes differ is known, values are still compared

Passed = frozenset[str]


class AdapterBroken(Exception):
    """A subject's adapter says that it is at fault itself."""

    def __init__(self, subject: str, operation: str, text: str) -> None:
        super().__init__(subject, operation, text)
        self.subject, self.operation, self.text = subject, operation, text


class Judge:
    """Holds the answers to traces of one contract against the contract and against each other."""

    def __init__(self, schema: Schema, wire: Wire) -> None:
        self.schema = schema
        self.wire = wire
        self.invariants_met: Counter[str] = Counter()
        self._bare: Any = object.__new__(schema.cls)
        self._by_name = {o.name: o for o in schema.operations}
        self._rejects = [
            frozenset(r.index for r in schema.rejections if r.name in o.rejects) for o in schema.operations
        ]
        self._holding: set[bytes] = set()  # states of which all invariants are known to hold

    def examine(self, run: Run, start: int = 0, passed: Passed = frozenset()) -> Divergence | None:
        """Return the first divergence at or after step `start`.

        Args:
            passed: paths at which the values of step `start` are known to differ; `OUTCOMES` among them
                says that its outcomes are, too.

        Raises:
            AdapterBroken: a subject says so of itself.
        """
        if run.is_equal:
            name, answer = next(iter(run.answers.items()))
            return self._alone(run, {name: answer}, tuple(run.answers), start)
        if start == 0 and (found := self._opening(run)) is not None:
            return found
        active = dict(run.answers)  # without those that could not do a step that writes
        for number, step in enumerate(run.trace.steps):
            operation = self._by_name[step.operation]
            outcomes = {name: a.outcome(operation, number) for name, a in active.items()}
            able = active
            if not operation.query:
                able = {n: a for n, a in active.items() if not isinstance(outcomes[n], Unsupported)}
            if number >= start:
                here = passed if number == start else frozenset()
                found = self._one_sided(run, operation, number, active, outcomes)
                found = found or self._compared(operation, number, able, outcomes, here)
                if found is not None:
                    moves_state = found.moves_state or bool(self._groups_of_state(able, number))
                    return attrs.evolve(found, moves_state=moves_state)
            active = able
        return None

    def kinds(self, run: Run, number: int | None) -> dict[str, str]:
        """Return how the step of that number ended, by subject; None is the opening."""
        if number is None:
            return {name: kind(answer.opened) for name, answer in run.answers.items()}
        operation = self._by_name[run.trace.steps[number].operation]
        outcomes = {name: answer.outcome(operation, number) for name, answer in run.answers.items()}
        return {name: _kind(outcome) for name, outcome in outcomes.items()}

    def _alone(
        self, run: Run, answer: Mapping[str, Answer], names: tuple[str, ...], start: int
    ) -> Divergence | None:
        """Examine equal answers: what is wrong with one is wrong with all. The quick path."""
        ((_, one),) = answer.items()
        reply = one.reply
        if reply.opened[0][0] != ACCEPTED:
            return self._opening(run)
        everyone = dict.fromkeys(names, one)
        states = reply.states
        opened = states[0] if states and start == 0 else None
        if opened is not None and opened not in self._holding and (found := self._opening(run)) is not None:
            return found
        before = reply.digests[start - 1] if start else self._state_digest(one, 0)
        for number in range(start, len(run.trace.steps)):
            operation = self._by_name[run.trace.steps[number].operation]
            plain, after = reply.outcomes[number], reply.digests[number]
            has_moved = before != after and bool(before and after)
            before = after
            if self._is_sound(operation, plain, has_moved) and (
                states is None or states[number + 1] in self._holding
            ):
                continue
            outcomes = dict.fromkeys(names, one.outcome(operation, number))
            found = self._one_sided(run, operation, number, everyone, outcomes)
            if found is not None:
                return found
        return None

    def _is_sound(self, operation: Operation, plain: list[Any], has_moved: bool) -> bool:
        """Say at a glance whether an answer keeps the contract; where it may not, a closer look tells."""
        code = plain[0]
        if code == ACCEPTED:
            fine = len(plain) == 2 and not (has_moved and operation.query)
            return fine and self.wire.is_of_type(operation, plain[1])
        if code == REJECTED:
            return not has_moved and plain[1] in self._rejects[operation.index]
        return bool(code == VOID)

    def _opening(self, run: Run) -> Divergence | None:
        outcomes: dict[str, Outcome | OutsideType] = {n: a.opened for n, a in run.answers.items()}
        opening = Operation("open", -1, self.schema.opening, None)
        found = self._died(opening, None, outcomes) or self._misbehaved(opening, None, outcomes)
        found = found or self._outcomes_differ(opening, None, outcomes, frozenset())
        return found or self._opening_state(opening, run.answers, outcomes)

    def _opening_state(
        self,
        opening: Operation,
        answers: Mapping[str, Answer],
        outcomes: Mapping[str, Outcome | OutsideType],
    ) -> Divergence | None:
        """Hold the states just after `open` against the contract and each other, where they are there."""
        found = self._state_holds(opening, BEFORE_FIRST, answers)
        if found is None and (groups := self._groups_of_state(answers, BEFORE_FIRST)):
            found = self._states_differ(opening, BEFORE_FIRST, answers, outcomes, groups)
        return None if found is None else attrs.evolve(found, step=None)

    def _one_sided(
        self,
        run: Run,
        operation: Operation,
        number: int,
        answers: Mapping[str, Answer],
        outcomes: Mapping[str, Outcome | OutsideType],
    ) -> Divergence | None:
        """Hold each subject against the contract alone."""
        return (
            self._died(operation, number, outcomes)
            or self._misbehaved(operation, number, outcomes)
            or self._changed_state(operation, number, answers, outcomes)
            or self._state_holds(operation, number, answers)
        )

    def _died(
        self, operation: Operation, number: int | None, outcomes: Mapping[str, Outcome | OutsideType]
    ) -> Divergence | None:
        for name, outcome in outcomes.items():
            match outcome:
                case Panicked(text=text):
                    who = _like(outcomes, Panicked)
                    return self._make(
                        checks.PANIC,
                        number,
                        operation,
                        outcomes,
                        blamed=who,
                        frame=_panic_frame(text),
                        detail=text,
                    )
                case Crashed() | Hung() | Exhausted():
                    check = {Crashed: checks.CRASH, Hung: checks.HANG, Exhausted: checks.MEMORY}[
                        type(outcome)
                    ]
                    return self._make(
                        check,
                        number,
                        operation,
                        outcomes,
                        blamed=_like(outcomes, type(outcome)),
                        frame=outcome.evidence.frame,
                        detail=outcome.evidence.reason,
                        evidence=outcome.evidence,
                    )
                case Broken(text=text):
                    raise AdapterBroken(name, operation.name, text)
        return None

    def _misbehaved(
        self, operation: Operation, number: int | None, outcomes: Mapping[str, Outcome | OutsideType]
    ) -> Divergence | None:
        outside = [name for name, o in outcomes.items() if isinstance(o, OutsideType)]
        if outside:
            fault = outcomes[outside[0]]
            assert isinstance(fault, OutsideType)
            return self._make(
                checks.OUTSIDE_TYPE,
                number,
                operation,
                outcomes,
                blamed=tuple(outside),
                path=fault.path,
                detail=f"{fault.path or 'the result'} {fault.reason}",
            )
        unmapped = {name: o.text for name, o in outcomes.items() if isinstance(o, Unmapped)}
        if unmapped:
            text = next(iter(unmapped.values()))
            return self._make(
                checks.UNMAPPED, number, operation, outcomes, blamed=tuple(unmapped), detail=text
            )
        undeclared = [
            name
            for name, o in outcomes.items()
            if isinstance(o, Rejected) and o.rejection not in operation.rejects
        ]
        if undeclared:
            found = outcomes[undeclared[0]]
            detail = f"{operation.name!r} does not declare the rejection {kind(found)!r}"  # type: ignore[arg-type] # an outcome
            return self._make(
                checks.UNDECLARED, number, operation, outcomes, blamed=tuple(undeclared), detail=detail
            )
        return None

    def _changed_state(
        self,
        operation: Operation,
        number: int,
        answers: Mapping[str, Answer],
        outcomes: Mapping[str, Outcome | OutsideType],
    ) -> Divergence | None:
        changed = [name for name, a in answers.items() if self._has_changed(a, number)]
        rejected = tuple(n for n in changed if isinstance(outcomes[n], Rejected))
        if rejected:
            return self._make(
                checks.REJECTED_CHANGED_STATE,
                number,
                operation,
                outcomes,
                blamed=rejected,
                moves_state=True,
                path=self._change_path(answers[rejected[0]], number),
            )
        queried = tuple(n for n in changed if operation.query and isinstance(outcomes[n], Accepted))
        if queried:
            return self._make(
                checks.QUERY_CHANGED_STATE,
                number,
                operation,
                outcomes,
                blamed=queried,
                moves_state=True,
                path=self._change_path(answers[queried[0]], number),
            )
        return None

    def _has_changed(self, answer: Answer, number: int) -> bool:
        before, after = self._state_digest(answer, number), self._state_digest(answer, number + 1)
        return before is not None and after is not None and before != after

    def _state_digest(self, answer: Answer, number: int) -> bytes | None:
        """Return what stands for the state before step `number`: its digest, or the state itself."""
        reply = answer.reply
        if reply.states is not None:
            return reply.states[number] if number < len(reply.states) else None
        return reply.digests[number - 1] if 0 < number <= len(reply.digests) else None

    def _change_path(self, answer: Answer, number: int) -> str:
        states = answer.reply.states
        if states is None or self.schema.state is None:
            return ""
        before, after = states[number], states[number + 1]
        if before is None or after is None:
            return ""
        difference = self._state_difference(before, after)
        return difference.path if difference else ""

    def _state_difference(self, one: bytes, other: bytes) -> Difference | None:
        try:
            a, b = self.wire.state(one), self.wire.state(other)
        except OutsideType:
            return None
        return first_difference(self.schema.state, a, b)  # type: ignore[arg-type] # there are states

    def _state_holds(
        self, operation: Operation, number: int, answers: Mapping[str, Answer]
    ) -> Divergence | None:
        """Hold the state after a step against its type and the invariants, where it is there."""
        breaking: dict[tuple[str, str], list[str]] = {}
        details: dict[tuple[str, str], str] = {}
        for name, answer in answers.items():
            states = answer.reply.states
            if states is None or number + 1 >= len(states):
                continue
            data = states[number + 1]
            if data is None or data in self._holding:
                continue
            fault = self._fault_of_state(data)
            if fault is None:
                if len(self._holding) >= SEEN_STATES:
                    self._holding.clear()
                self._holding.add(data)
                continue
            breaking.setdefault(fault[:2], []).append(name)
            details.setdefault(fault[:2], fault[2])
        if not breaking:
            return None
        (invariant, path), names = next(iter(breaking.items()))
        return self._make(
            checks.INVARIANT if invariant else checks.OUTSIDE_TYPE,
            number,
            operation,
            {name: Accepted() for name in answers},
            blamed=tuple(names),
            path=path,
            subject=invariant,
            detail=details[invariant, path],
            moves_state=True,
        )

    def _fault_of_state(self, data: bytes) -> tuple[str, str, str] | None:
        try:
            state = self.wire.state(data)
        except OutsideType as fault:
            return "", f"state.{fault.path}" if fault.path else "state", f"the state: {fault}"
        for invariant in self.schema.invariants:
            self.invariants_met[invariant.name] += 1
            try:
                holds = invariant.predicate(self._bare, state)
            except Exception as error:  # an author's predicate may raise anything
                raise ContractError(
                    self.schema.name,
                    f"invariant {invariant.name!r} raised {type(error).__name__}: {error}; "
                    "an invariant returns whether it holds",
                ) from error
            if not holds:
                return invariant.name, "", f"{invariant.name!r} does not hold of {state!r}"
        return None

    def _compared(
        self,
        operation: Operation,
        number: int,
        answers: Mapping[str, Answer],
        outcomes: Mapping[str, Outcome | OutsideType],
        passed: Passed,
    ) -> Divergence | None:
        """Hold the subjects against each other."""
        found = self._outcomes_differ(operation, number, outcomes, passed)
        if found is not None or self.schema.state is None:
            return found
        if groups := self._groups_of_state(answers, number):
            return self._states_differ(operation, number, answers, outcomes, groups)
        return None

    def _outcomes_differ(
        self,
        operation: Operation,
        number: int | None,
        outcomes: Mapping[str, Outcome | OutsideType],
        passed: Passed,
    ) -> Divergence | None:
        able = {
            n: o for n, o in outcomes.items() if not isinstance(o, Unsupported | OutsideType | NotReached)
        }
        if OUTCOMES in passed:
            able = {n: o for n, o in able.items() if isinstance(o, Accepted)}
        kinds = {n: kind(o) for n, o in able.items()}
        if len(set(kinds.values())) > 1:
            accepted = any(isinstance(o, Accepted) for o in able.values())
            voids = any(isinstance(o, Void) for o in able.values())
            check = checks.ACCEPT_REJECT if accepted or voids else checks.REJECTION_CLASS
            return self._make(check, number, operation, outcomes, blamed=_odd(kinds))
        if operation.result is None or not able or not all(isinstance(o, Accepted) for o in able.values()):
            return None
        values = {name: o.value for name, o in able.items() if isinstance(o, Accepted)}
        found = _first_value_apart(operation.result, values, passed)
        if found is None:
            return None
        other, difference = found
        groups = _groups_at(operation.result, values, without_numbers(difference.path))
        return self._make(
            checks.VALUE,
            number,
            operation,
            outcomes,
            blamed=_odd(groups),
            path=difference.path,
            detail=f"{next(iter(values))} has {difference.one}, {other} has {difference.other}",
            sides=sides_of(groups),
        )

    def _groups_of_state(self, answers: Mapping[str, Answer], number: int) -> dict[str, str]:
        """Group subjects by their state after a step; empty where there is but one group."""
        digests = {n: self._state_digest(a, number + 1) for n, a in answers.items()}
        known = {n: d.hex() for n, d in digests.items() if d is not None}
        return known if len(set(known.values())) > 1 else {}

    def _states_differ(
        self,
        operation: Operation,
        number: int,
        answers: Mapping[str, Answer],
        outcomes: Mapping[str, Outcome | OutsideType],
        groups: Mapping[str, str],
    ) -> Divergence:
        one, other = _two_sides(groups)
        path = detail = ""
        left, right = answers[one].reply.states, answers[other].reply.states
        if left is not None and right is not None and self.schema.state is not None:
            a, b = left[number + 1], right[number + 1]
            assert a is not None
            assert b is not None
            difference = self._state_difference(a, b)
            if difference is not None:
                path = difference.path
                detail = f"{one} has {difference.one}, {other} has {difference.other}"
        return self._make(
            checks.POST_STATE,
            number,
            operation,
            outcomes,
            blamed=_odd(groups),
            path=path,
            detail=detail,
            moves_state=True,
            sides=sides_of(groups),
        )

    def _make(
        self,
        check: checks.Check,
        number: int | None,
        operation: Operation,
        outcomes: Mapping[str, Outcome | OutsideType],
        **more: Any,
    ) -> Divergence:
        shape = tuple((name, _kind(outcome)) for name, outcome in outcomes.items())
        return Divergence(check, number, operation.name, shape, **more)


def _kind(outcome: Outcome | OutsideType) -> str:
    return "outside its type" if isinstance(outcome, OutsideType) else kind(outcome)


def _like(outcomes: Mapping[str, Outcome | OutsideType], cls: type) -> tuple[str, ...]:
    return tuple(n for n, o in outcomes.items() if isinstance(o, cls))


def _odd(groups: Mapping[str, str]) -> tuple[str, ...]:
    """Return the one subject that stands alone against two or more; else nobody is known to be wrong."""
    counts = Counter(groups.values())
    alone = [name for name, group in groups.items() if counts[group] == 1]
    return (alone[0],) if len(groups) > 2 and len(counts) == 2 and len(alone) == 1 else ()


def _first_value_apart(
    type_: t.Type, values: Mapping[str, Any], passed: Passed
) -> tuple[str, Difference] | None:
    """Return which subject's value differs from the first one's, and where first."""
    first, *others = values
    for name in others:
        for difference in differences(type_, values[first], values[name]):
            if without_numbers(difference.path) not in passed:
                return name, difference
    return None


def _groups_at(type_: t.Type, values: Mapping[str, Any], path: str) -> dict[str, str]:
    """Group subjects by what they have at a path: each by the first one that has the same there."""
    groups: dict[str, str] = {}
    for name, value in values.items():
        alike = (
            n
            for n in dict.fromkeys(groups.values())
            if all(without_numbers(d.path) != path for d in differences(type_, values[n], value))
        )
        groups[name] = next(alike, name)
    return groups


def _two_sides(groups: Mapping[str, str]) -> tuple[str, str]:
    """Return two subjects of different groups, the first one first."""
    one, *rest = groups
    return one, next(name for name in rest if groups[name] != groups[one])


def _panic_frame(text: str) -> str:
    """Return the words of a panic without their numbers, and where it was.

    A line tells two panics of one file apart where no function does; it is all that Rust knows.
    """
    words, bracket, place = text.rpartition(" (")
    if not bracket or not place.endswith(")"):
        words, place = text, ""
    elif ", " in place:
        place = re.sub(r":\d+", "", place)  # a function is named, and stays where lines move
    return f"{re.sub(r'0x[0-9a-f]+|[0-9]+', 'N', words)[:200]}{bracket}{place}"
