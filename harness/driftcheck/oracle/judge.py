"""
The judge: the first divergence in the answers to one trace.

Pure: it reads answers and runs nothing. Knows nothing of causes, asymmetries or shrinking.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core.outcome import Unsupported, kind
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.oracle import checks
from driftcheck.oracle.agreement import Agreement, KnownPaths
from driftcheck.oracle.blame import Electorate
from driftcheck.oracle.promises import Promises, may_change
from driftcheck.oracle.signature import Divergence
from driftcheck.oracle.states import States
from driftcheck.oracle.step import Outcomes, kind_of
from driftcheck.subjects.wire import ACCEPTED, REJECTED, VOID, Wire

BEFORE_FIRST = -1  # the number of a step after which the state is the one just after `open`


class Judge:
    """Compares the answers to traces of one contract with the contract and with each other."""

    def __init__(self, schema: Schema, wire: Wire, electorate: Electorate | None = None) -> None:
        self.schema = schema
        self.wire = wire
        self.states = States(schema, wire)
        self.promises = Promises(schema, self.states)
        self.agreement = Agreement(schema, self.states, electorate or Electorate())
        self._by_name = {o.name: o for o in schema.operations}
        self._rejects = [
            frozenset(r.index for r in schema.rejections if r.name in o.rejects) for o in schema.operations
        ]

    def states_checked(self, execution: Execution, start: int, found: Divergence | None) -> int:
        """Count the states on which `examine`, which returned `found`, evaluated the invariants."""
        first = start + 1 if start else 0  # states[n + 1] is the state after step n
        end = len(execution.trace.steps) + 1
        if found is not None:
            end = (0 if found.step is None else found.step + 1) + (found.check == checks.INVARIANT)
        answers = [*execution.answers.values()]
        states = [
            state
            for answer in answers[: 1 if execution.is_equal else None]
            for state in (answer.reply.states or ())[first:end]
            if state is not None
        ]
        return len(states) * self.schema.instances

    def examine(
        self, execution: Execution, start: int = 0, known_paths: KnownPaths = frozenset()
    ) -> Divergence | None:
        """Return the first divergence at or after step `start`.

        Args:
            known_paths: where the values of step `start` are known to differ. `OUTCOMES` among them says that
                its outcomes are known to differ.

        Raises:
            AdapterBroken: an adapter reports it.
        """
        if execution.is_equal:
            name, answer = next(iter(execution.answers.items()))
            return self._examine_equal(execution, {name: answer}, tuple(execution.answers), start)
        if start == 0 and (found := self._opening(execution)) is not None:
            return found
        active = dict(execution.answers)  # without the subjects that do not support a step that writes
        for number, step in enumerate(execution.trace.steps):
            operation = self._by_name[step.operation]
            outcomes = {name: a.outcome(operation, number) for name, a in active.items()}
            supporting = active
            if not operation.query:
                supporting = {n: a for n, a in active.items() if not isinstance(outcomes[n], Unsupported)}
            if number >= start:
                here = known_paths if number == start else frozenset()
                found = self.promises.broken(execution.trace, number, active, outcomes)
                found = found or self.agreement.broken(operation, number, supporting, outcomes, here)
                if found is not None:
                    moves_state = found.moves_state or bool(self.states.groups(supporting, number))
                    return attrs.evolve(found, moves_state=moves_state)
            active = supporting
        return None

    def death_in(self, execution: Execution) -> Divergence | None:
        """Return the first death of a subject in an execution, whatever diverges before it."""
        if all(answer.death is None for answer in execution.answers.values()):
            return None
        for number, step in enumerate(execution.trace.steps):
            operation = self._by_name[step.operation]
            if any(
                answer.death is not None and answer.died_at == number for answer in execution.answers.values()
            ):
                outcomes = {name: a.outcome(operation, number) for name, a in execution.answers.items()}
                return self.promises.death(operation, number, outcomes)
        return None

    def kinds(self, execution: Execution, number: int | None) -> dict[str, str]:
        """Return how the step of that number ended, by subject; None is the opening."""
        if number is None:
            return {name: kind(answer.opened) for name, answer in execution.answers.items()}
        operation = self._by_name[execution.trace.steps[number].operation]
        outcomes = {name: answer.outcome(operation, number) for name, answer in execution.answers.items()}
        return {name: kind_of(outcome) for name, outcome in outcomes.items()}

    def _examine_equal(
        self, execution: Execution, answer: Mapping[str, Answer], names: tuple[str, ...], start: int
    ) -> Divergence | None:
        """Examine equal answers, of which one stands for all. Most traces take this fast path."""
        ((_, one),) = answer.items()
        reply = one.reply
        if reply.opening[0] != ACCEPTED:
            return self._opening(execution)
        everyone = dict.fromkeys(names, one)
        states = reply.states
        sound_states = self.promises.sound_states
        opened = states[0] if states and start == 0 else None
        if (
            opened is not None
            and opened not in sound_states
            and (found := self._opening(execution)) is not None
        ):
            return found
        before = reply.digests[start - 1] if start else self.states.digest(one, 0)
        violations = self.promises.schema_version_rules.violations(execution.trace, reply.outcomes)
        for number in range(start, len(execution.trace.steps)):
            step = execution.trace.steps[number]
            operation = self._by_name[step.operation]
            plain, after = reply.outcomes[number], reply.digests[number]
            has_moved = before != after and bool(before and after)
            before = after
            is_sound = number not in violations and self._is_sound(operation, plain, has_moved)
            if is_sound and has_moved and self.schema.instances > 1:
                is_sound = not self.states.have_changed_beside(one, number, may_change(step, operation))
            if is_sound and (states is None or states[number + 1] in sound_states):
                continue
            outcomes = dict.fromkeys(names, one.outcome(operation, number))
            found = self.promises.broken(execution.trace, number, everyone, outcomes)
            if found is not None:
                return found
        return None

    def _is_sound(self, operation: Operation, plain: list[Any], has_moved: bool) -> bool:
        """Say quickly whether an answer keeps the contract; False asks for the complete check."""
        code = plain[0]
        if code == ACCEPTED:
            fine = len(plain) == 2 and not (has_moved and operation.query)
            return fine and self.wire.is_of_type(operation, plain[1])
        if code == REJECTED:
            declared = plain[1] in self._rejects[operation.index]
            return not has_moved and declared and self.wire.has_typed_detail(plain[1], plain[2])
        return bool(code == VOID)

    def _opening(self, execution: Execution) -> Divergence | None:
        outcomes: Outcomes = {n: a.opened for n, a in execution.answers.items()}
        opening = Operation("open", -1, self.schema.opening, None)
        found = self.promises.wrong_outcome(opening, None, outcomes)
        found = found or self.agreement.outcomes_differ(opening, None, outcomes, frozenset())
        return found or self._opening_state(opening, execution.answers, outcomes)

    def _opening_state(
        self,
        opening: Operation,
        answers: Mapping[str, Answer],
        outcomes: Outcomes,
    ) -> Divergence | None:
        """Compare the states just after `open`, if they are known, with the contract and each other."""
        found = self.promises.state_broken(opening, BEFORE_FIRST, answers)
        if found is None and (groups := self.states.groups(answers, BEFORE_FIRST)):
            found = self.agreement.states_differ(opening, BEFORE_FIRST, answers, outcomes, groups)
        return None if found is None else attrs.evolve(found, step=None)
