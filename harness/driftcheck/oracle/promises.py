"""
The promises that each subject must keep by itself: to survive, to answer within its types, to keep its state.

They are checked before subjects are compared, since they tell which subject is wrong. Does not compare
subjects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from driftcheck.contract.schema import Invariant, Operation, Schema
from driftcheck.core.author_code import Misbehaviour, call, place_of, shown
from driftcheck.core.errors import ContractError
from driftcheck.core.outcome import (
    Accepted,
    Broken,
    Crashed,
    Exhausted,
    Hung,
    Panicked,
    Rejected,
    Unmapped,
    kind,
)
from driftcheck.core.trace import Instance, Step, Trace
from driftcheck.lockstep.answer import Answer
from driftcheck.oracle import checks, panics
from driftcheck.oracle.reasons import inputs_of
from driftcheck.oracle.schema_version_rules import SchemaVersionRules
from driftcheck.oracle.signature import Divergence
from driftcheck.oracle.states import States
from driftcheck.oracle.step import Outcomes, divergence_at
from driftcheck.values.encoding import OutsideType

INVARIANT_RULE = "an invariant returns True or False: whether it holds"
LONGEST_STATE = 2_000  # characters of a state in a message
SEEN_STATES = 10_000  # remembered, so that invariants run once for each of them


class AdapterBroken(Exception):
    """An adapter reports that it is broken."""

    def __init__(self, subject: str, operation: str, text: str) -> None:
        super().__init__(subject, operation, text)
        self.subject, self.operation, self.text = subject, operation, text


class Promises:
    """Compares each subject of one contract with the contract."""

    def __init__(self, schema: Schema, states: States) -> None:
        self.schema = schema
        self.states = states
        self.sound_states: set[bytes] = set()  # encoded; all invariants hold of them
        self.schema_version_rules = SchemaVersionRules(schema)
        self._bare: Any = object.__new__(schema.cls)
        self._by_name = {o.name: o for o in schema.operations}

    def broken(
        self, trace: Trace, number: int, answers: Mapping[str, Answer], outcomes: Outcomes
    ) -> Divergence | None:
        """Return the first promise that a step of a trace breaks.

        Raises:
            AdapterBroken: an adapter reports it.
        """
        step = trace.steps[number]
        operation = self._by_name[step.operation]
        return (
            self.wrong_outcome(operation, number, outcomes, step)
            or self._changed_state(operation, number, answers, outcomes)
            or self._changed_another(step, operation, number, answers, outcomes)
            or self.schema_version_rules.broken(trace, operation, number, answers, outcomes)
            or self.state_broken(operation, number, answers)
        )

    def wrong_outcome(
        self, operation: Operation, number: int | None, outcomes: Outcomes, step: Step | None = None
    ) -> Divergence | None:
        """Return an outcome that no subject may have; raises AdapterBroken."""
        inputs = [] if step is None else inputs_of(step)
        return self._died(operation, number, outcomes, inputs) or self._outside_contract(
            operation, number, outcomes
        )

    def death(self, operation: Operation, number: int, outcomes: Outcomes) -> Divergence | None:
        """Return the death of a subject in a step; raises AdapterBroken."""
        return self._died(operation, number, outcomes, [])

    def _died(
        self, operation: Operation, number: int | None, outcomes: Outcomes, inputs: Sequence[str]
    ) -> Divergence | None:
        for name, outcome in outcomes.items():
            match outcome:
                case Panicked(text=text):
                    who = _with_outcome(outcomes, Panicked)
                    return divergence_at(
                        checks.PANIC,
                        number,
                        operation,
                        outcomes,
                        blamed=who,
                        frame=panics.frame_of(text, inputs),
                        detail=text,
                    )
                case Crashed() | Hung() | Exhausted():
                    check = {Crashed: checks.CRASH, Hung: checks.HANG, Exhausted: checks.MEMORY}[
                        type(outcome)
                    ]
                    return divergence_at(
                        check,
                        number,
                        operation,
                        outcomes,
                        blamed=_with_outcome(outcomes, type(outcome)),
                        frame=outcome.evidence.frame,
                        detail=outcome.evidence.reason,
                        evidence=outcome.evidence,
                    )
                case Broken(text=text):
                    raise AdapterBroken(name, operation.name, text)
        return None

    def _outside_contract(
        self, operation: Operation, number: int | None, outcomes: Outcomes
    ) -> Divergence | None:
        outside = [name for name, o in outcomes.items() if isinstance(o, OutsideType)]
        if outside:
            fault = outcomes[outside[0]]
            assert isinstance(fault, OutsideType)
            return divergence_at(
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
            return divergence_at(
                checks.UNMAPPED, number, operation, outcomes, blamed=tuple(unmapped), detail=text
            )
        undeclared = [
            name
            for name, o in outcomes.items()
            if isinstance(o, Rejected) and o.rejection not in operation.rejects
        ]
        if undeclared:
            found = outcomes[undeclared[0]]
            detail = f"operation {operation.name!r} does not declare the rejection {kind(found)!r}"  # type: ignore[arg-type] # an outcome
            return divergence_at(
                checks.UNDECLARED, number, operation, outcomes, blamed=tuple(undeclared), detail=detail
            )
        return None

    def _changed_state(
        self,
        operation: Operation,
        number: int,
        answers: Mapping[str, Answer],
        outcomes: Outcomes,
    ) -> Divergence | None:
        changed = [name for name, a in answers.items() if self.states.have_changed(a, number)]
        rejected = tuple(n for n in changed if isinstance(outcomes[n], Rejected))
        if rejected:
            return divergence_at(
                checks.REJECTED_CHANGED_STATE,
                number,
                operation,
                outcomes,
                blamed=rejected,
                moves_state=True,
                path=self.states.change_path(answers[rejected[0]], number),
            )
        queried = tuple(n for n in changed if operation.query and isinstance(outcomes[n], Accepted))
        if queried:
            return divergence_at(
                checks.QUERY_CHANGED_STATE,
                number,
                operation,
                outcomes,
                blamed=queried,
                moves_state=True,
                path=self.states.change_path(answers[queried[0]], number),
            )
        return None

    def _changed_another(
        self,
        step: Step,
        operation: Operation,
        number: int,
        answers: Mapping[str, Answer],
        outcomes: Outcomes,
    ) -> Divergence | None:
        if self.schema.instances == 1:
            return None
        allowed = may_change(step, operation)
        changed = {n: self.states.have_changed_beside(a, number, allowed) for n, a in answers.items()}
        blamed = tuple(name for name, instances in changed.items() if instances)
        if not blamed:
            return None
        # The path would name an instance, and split one fault into several findings.
        others = " and ".join(f"#{i + 1}" for i in changed[blamed[0]])
        return divergence_at(
            checks.OTHER_INSTANCE_CHANGED,
            number,
            operation,
            outcomes,
            blamed=blamed,
            moves_state=True,
            detail=f"in {blamed[0]}, the step of instance #{step.instance + 1} changed the state of {others}",
        )

    def state_broken(
        self, operation: Operation, number: int, answers: Mapping[str, Answer]
    ) -> Divergence | None:
        """Check the state after a step, if it is known, with its type and the invariants."""
        breaking: dict[tuple[str, str], list[str]] = {}
        details: dict[tuple[str, str], str] = {}
        for name, answer in answers.items():
            states = answer.reply.states
            if states is None or number + 1 >= len(states):
                continue
            data = states[number + 1]
            if data is None or data in self.sound_states:
                continue
            fault = self.fault_of_state(data)
            if fault is None:
                if len(self.sound_states) >= SEEN_STATES:
                    self.sound_states.clear()
                self.sound_states.add(data)
                continue
            breaking.setdefault(fault[:2], []).append(name)
            details.setdefault(fault[:2], fault[2])
        if not breaking:
            return None
        (invariant, path), names = next(iter(breaking.items()))
        return divergence_at(
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

    def fault_of_state(self, data: bytes) -> tuple[str, str, str] | None:
        try:
            state = self.states.wire.state(data)
        except OutsideType as fault:
            return "", f"state.{fault.path}" if fault.path else "state", f"the state: {fault}"
        several = self.schema.instances > 1
        for invariant, one in product(self.schema.invariants, state if several else (state,)):
            if not self._holds(invariant, one):
                detail = f"invariant {invariant.name!r} does not hold for {shown(one, LONGEST_STATE)}"
                return invariant.name, "", detail
        return None

    def _holds(self, invariant: Invariant, state: Any) -> bool:
        who = f"invariant {invariant.name!r}"

        def fails(misbehaviour: Misbehaviour) -> ContractError:
            return ContractError(self.schema.name, misbehaviour.sentence(who, INVARIANT_RULE))

        holds: Any = call(invariant.predicate, self._bare, state, fails=fails)
        if type(holds) is not bool:
            what = f"{who} returned {shown(holds, LONGEST_STATE)}{place_of(invariant.predicate)}"
            raise ContractError(self.schema.name, f"{what}; {INVARIANT_RULE}")
        return holds


def may_change(step: Step, operation: Operation) -> set[int]:
    """Return the instances that a step may change: its own, and its peer where the contract says so."""
    peers = [a.number for a in step.arguments if isinstance(a, Instance)]
    return {step.instance, *(peers if operation.changes_peer else ())}


def _with_outcome(outcomes: Outcomes, cls: type) -> tuple[str, ...]:
    return tuple(n for n, o in outcomes.items() if isinstance(o, cls))
