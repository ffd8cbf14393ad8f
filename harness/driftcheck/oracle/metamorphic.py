"""
Derived traces: what a contract promises without a word from its author.

A repeated trace gives the same; a repeated idempotent step changes nothing more; what a writer wrote, its
own reader and every other subject's reader read. Each is an ordinary trace in the same hosts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import attrs

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, Outcome, kind
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document, Ref, Step, Trace, cut
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.compare import LONGEST, Difference, first_difference
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import BROKEN, PANICKED, REJECTED, STATES, UNMAPPED
from driftcheck.values.encoding import OutsideType, dumps, plain
from driftcheck.values.literal import literal


class MetamorphicChecks:
    """Makes and judges the derived traces of one contract."""

    def __init__(self, schema: Schema, lockstep: Lockstep) -> None:
        self.schema = schema
        self.lockstep = lockstep
        self.wire = lockstep.wire
        self._by_name = {o.name: o for o in schema.operations}
        self._readers = [
            (writer, reader)
            for writer in schema.operations
            for reader in schema.operations
            if _is_pair(writer, reader)
        ]
        self.tried: Counter[str] = Counter()  # by code: how often a trace was varied so

    def examine(self, execution: Execution, again: Sequence[Execution]) -> Divergence | None:
        """Return the first promise that a trace, on which all subjects agree, breaks when it is varied.

        Args:
            run: made with states.
            again: of the same trace.
        """
        return (
            self.not_deterministic([execution], again)
            or self._not_idempotent(execution)
            or self._not_forgotten(execution)
            or self._not_neutral(execution)
            or self.not_read(execution)
        )

    def again(self, trace: Trace, repeats: int) -> list[Execution]:
        """Run a trace some more times."""
        return self.lockstep.run_all([trace] * repeats, STATES)

    def not_deterministic(self, first: Sequence[Execution], again: Sequence[Execution]) -> Divergence | None:
        """Compare each subject with itself."""
        executions = [*first, *again]
        self.tried[checks.NOT_DETERMINISTIC.code] += len(executions) - 1
        differing: dict[str, int] = {}
        for name, answer in executions[0].answers.items():
            for other in executions[1:]:
                step = _first_change(answer, other.answers[name])
                if step is not None:
                    differing[name] = min(step, differing.get(name, step))
        if not differing:
            return None
        step = min(differing.values())
        trace = executions[0].trace
        if not trace.steps:
            return None
        operation = trace.steps[min(step, len(trace.steps) - 1)].operation
        return Divergence(
            checks.NOT_DETERMINISTIC,
            min(step, len(trace.steps) - 1),
            operation,
            tuple((name, "varies" if name in differing else "steady") for name in executions[0].answers),
            blamed=tuple(differing),
            detail=f"run twice on the same trace, {' and '.join(differing)} answered differently",
        )

    def _not_idempotent(self, execution: Execution) -> Divergence | None:
        steps = execution.trace.steps
        numbers = [n for n, step in enumerate(steps) if self._by_name[step.operation].idempotent]
        numbers = [n for n in numbers if _accepted_by_all(execution, n)]
        if not numbers:
            return None
        self.tried[checks.NOT_IDEMPOTENT.code] += len(numbers)
        twice = [execution.trace.with_steps((*steps[: n + 1], steps[n])) for n in numbers]
        for number, repeated in zip(numbers, self.lockstep.run_all(twice, STATES), strict=True):
            blamed = [name for name, a in repeated.answers.items() if _changed_again(a, number + 1)]
            if blamed:
                return Divergence(
                    checks.NOT_IDEMPOTENT,
                    number,
                    steps[number].operation,
                    tuple((n, "changed again" if n in blamed else "accepted") for n in repeated.answers),
                    blamed=tuple(blamed),
                    detail="the same step, repeated at once, changed the state again or ended otherwise",
                    shown=repeated.trace,
                )
        return None

    def _not_forgotten(self, execution: Execution) -> Divergence | None:
        """Leave out what was rejected, of which nothing may be left.

        What a rejected step does to a handle is its own affair, so those that take one stay.
        """
        steps = execution.trace.steps
        rejected = [
            n
            for n, step in enumerate(steps)
            if _rejected_by_all(execution, n) and not any(isinstance(a, Ref) for a in step.arguments)
        ]
        keep = [n for n in range(len(steps)) if n not in rejected]
        if not rejected or not keep or keep[-1] < rejected[0]:
            return None
        return self._ends_alike(
            execution,
            cut(execution.trace, keep),
            keep,
            checks.NOT_FORGOTTEN,
            "without the rejected steps before it, the step ended otherwise",
        )

    def _not_neutral(self, execution: Execution) -> Divergence | None:
        """Choose other flags; then leave out the neutral steps, since the two may make up for each other."""
        trace, all_steps = execution.trace, range(len(execution.trace.steps))
        flagged = self._with_other_flags(trace)
        found = None
        if flagged is not trace:
            said = "with other flags the step ended otherwise"
            found = self._ends_alike(execution, flagged, all_steps, checks.NOT_NEUTRAL, said)
        keep = [n for n in all_steps if not self._by_name[trace.steps[n].operation].neutral]
        if found is None and keep and len(keep) < len(trace.steps):
            said = "without the neutral steps before it, the step ended otherwise"
            found = self._ends_alike(execution, cut(trace, keep), keep, checks.NOT_NEUTRAL, said)
        return found

    def _with_other_flags(self, trace: Trace) -> Trace:
        """Return the trace with the first value of each flag, or the last one where it has these."""
        slots = self.schema.slots
        values = {n: _values(a.type) for n, (a, _) in enumerate(slots) if a.flag}
        if not values:
            return trace
        has_first = all(plain(trace.opening[n]) == all_[0] for n, all_ in values.items())
        opening = list(trace.opening)
        for n, all_ in values.items():
            opening[n] = all_[-1 if has_first else 0]
        return attrs.evolve(trace, opening=tuple(opening))

    def _ends_alike(
        self, execution: Execution, other: Trace, kept: Sequence[int], check: checks.Check, detail: str
    ) -> Divergence | None:
        """Hold each subject against itself on another trace, whose steps are those of `kept` in the first."""
        self.tried[check.code] += 1
        (varied,) = self.lockstep.run_all([other], STATES)
        for place, number in enumerate(kept):
            operation = self._by_name[execution.trace.steps[number].operation]
            if operation.history or operation.neutral:  # these may tell what was done
                continue
            blamed = tuple(
                name
                for name, answer in execution.answers.items()
                if _ended_otherwise(answer, number, varied.answers[name], place)
            )
            if blamed:
                before = self._read(execution.answers[blamed[0]], operation, number)
                after = self._read(varied.answers[blamed[0]], operation, place)
                return Divergence(
                    check,
                    number,
                    operation.name,
                    tuple((n, "ended otherwise" if n in blamed else "steady") for n in execution.answers),
                    blamed=blamed,
                    detail=f"{detail}: {_became(operation, before, after)}",
                    shown=varied.trace,
                )
        return None

    def not_read(self, execution: Execution) -> Divergence | None:
        """Return the first writing that is not read as it was meant, by its own subject or by another."""
        for writer, reader in self._readers:
            for number, step in enumerate(execution.trace.steps):
                if step.operation == writer.name and _accepted_by_all(execution, number):
                    found = self._exchanged(execution, number, writer, reader)
                    if found is not None:
                        return found
        return None

    def _exchanged(
        self, execution: Execution, number: int, writer: Operation, reader: Operation
    ) -> Divergence | None:
        """Give what each subject wrote at a step to every subject's reader."""
        head = execution.trace.steps[: number + 1]
        written = {name: self._written(a, writer, number) for name, a in execution.answers.items()}
        distinct = list(dict.fromkeys(data for data in written.values() if data is not None))
        instance = head[-1].instance
        traces = [
            execution.trace.with_steps((*head, Step(reader.name, (Document(d),), instance))) for d in distinct
        ]
        executions = dict(zip(distinct, self.lockstep.run_all(traces, STATES), strict=True))
        read = {
            name: {n: self._read(a, reader, number + 1) for n, a in executions[data].answers.items()}
            for name, data in written.items()
            if data is not None
        }
        # A reader that misreads its own writing misreads others', too: that is one fault, told first.
        for name, outcomes in read.items():
            wrong = self._wrong_reading(execution.trace.steps[number], writer, reader, outcomes[name])
            if wrong is not None:
                between = f"{name}>{name}"
                shown = executions[written[name] or b""].trace
                return _make(checks.ROUND_TRIP, number, writer, outcomes, between, (name,), *wrong, shown)
        for name, outcomes in read.items():
            for other, outcome in outcomes.items():
                difference = _otherwise(reader, outcomes[name], outcome)
                if difference is not None:
                    between = f"{name}>{other}"
                    detail = (
                        f"of what {name} wrote, {name} makes {difference.one}, {other} {difference.other}"
                    )
                    return _make(
                        checks.EXCHANGE,
                        number,
                        writer,
                        outcomes,
                        between,
                        (),
                        difference.path,
                        detail,
                        executions[written[name] or b""].trace,
                    )
        return None

    def _written(self, answer: Answer, writer: Operation, number: int) -> bytes | None:
        outcome = self._read(answer, writer, number)
        payload = outcome.value if isinstance(outcome, Accepted) else None
        return payload.data if isinstance(payload, Payload) else None

    def _read(self, answer: Answer, operation: Operation, number: int) -> Outcome | OutsideType | None:
        if answer.death is not None:
            return answer.death if answer.died_at == number else None
        try:
            return self.wire.outcome(operation, answer.reply.outcomes[number])
        except OutsideType as fault:
            return fault

    def _wrong_reading(
        self, step: Step, writer: Operation, reader: Operation, own: Outcome | OutsideType | None
    ) -> tuple[str, str] | None:
        """Return where and how a subject misreads its own writing, or None."""
        if not isinstance(own, Accepted):
            return "", f"its own reader {reader.name!r} answered {_kind(own)}"
        payload = t.bare(reader.arguments[0].type)
        assert isinstance(payload, t.Payload)
        takes_value = len(writer.arguments) == 1 and t.bare(writer.arguments[0].type) == payload.inner
        if takes_value and reader.result is not None and t.bare(reader.result) == payload.inner:
            found = first_difference(payload.inner, plain(step.arguments[0]), own.value)
            if found is not None:
                return found.path, f"{found.path or 'the value'} was {found.one} and became {found.other}"
        return None


def _is_pair(writer: Operation, reader: Operation) -> bool:
    if len(reader.arguments) != 1:
        return False
    written, read = t.bare(writer.result) if writer.result else None, t.bare(reader.arguments[0].type)
    return (
        isinstance(written, t.Payload)
        and isinstance(read, t.Payload)
        and written.inner == read.inner
        and type(written.codec) is type(read.codec)
    )


def _accepted_by_all(execution: Execution, number: int) -> bool:
    return all(
        a.death is None and number < len(a.reply.outcomes) and a.reply.outcomes[number][0] == 0
        for a in execution.answers.values()
    )


def _values(type_: t.Type) -> tuple[Any, ...]:
    """List the values of a flag's type."""
    match type_:
        case t.Choice(values=values):
            return values
        case t.Named(inner=inner) | t.Generated(inner=inner):
            return _values(inner)
        case t.Enumeration(members=members):
            return members
        case _:
            return (False, True)


def _rejected_by_all(execution: Execution, number: int) -> bool:
    return all(
        a.death is None and number < len(a.reply.outcomes) and a.reply.outcomes[number][0] == REJECTED
        for a in execution.answers.values()
    )


def _ended_otherwise(one: Answer, number: int, other: Answer, place: int) -> bool:
    """Say whether a step ended differently in another trace, where it stands at `place`."""
    if other.death is not None:
        return other.died_at == place
    a, b = one.reply, other.reply
    if place >= len(b.outcomes) or number >= len(a.outcomes):
        return False
    same = _without_words(a.outcomes[number]) == _without_words(b.outcomes[place])
    return not same or a.digests[number] != b.digests[place]


def _changed_again(answer: Answer, number: int) -> bool:
    """Say whether the step at `number`, which repeats the one before, did not end as that one did."""
    if answer.death is not None:
        return answer.died_at == number
    reply = answer.reply
    if reply.outcomes[number][0] != reply.outcomes[number - 1][0]:
        return True
    return reply.states is not None and reply.states[number + 1] != reply.states[number]


def _first_change(one: Answer, other: Answer) -> int | None:
    """Return the first step at which two answers of one subject differ, or None.

    The words of an error do not count: they may hold a number that is never the same.
    """
    if one.raw == other.raw or one.death is not None:
        return None
    if other.death is not None:
        return other.died_at or 0
    a, b = one.reply, other.reply
    for number, (x, y) in enumerate(zip(a.outcomes, b.outcomes, strict=False)):
        if _without_words(x) != _without_words(y) or a.digests[number] != b.digests[number]:
            return number
    return None if len(a.outcomes) == len(b.outcomes) else min(len(a.outcomes), len(b.outcomes))


def _without_words(outcome: list[Any]) -> list[Any]:
    return outcome[:1] if outcome[0] in (UNMAPPED, PANICKED, BROKEN) else [dumps(outcome)]


def _otherwise(
    reader: Operation, own: Outcome | OutsideType | None, outcome: Outcome | OutsideType | None
) -> Difference | None:
    """Return how two subjects read the same bytes differently, or None."""
    if _kind(own) != _kind(outcome):
        return Difference("", _kind(own), _kind(outcome))
    if isinstance(own, Accepted) and isinstance(outcome, Accepted) and reader.result is not None:
        return first_difference(reader.result, own.value, outcome.value)
    return None


def _became(
    operation: Operation, before: Outcome | OutsideType | None, after: Outcome | OutsideType | None
) -> str:
    """Say in words how a step ended, and how it ends in the trace that is shown."""
    found = _otherwise(operation, before, after)
    if found is None:
        return "the state after it is another one"
    if isinstance(before, Accepted) and isinstance(after, Accepted):
        whole = literal(before.value), literal(after.value)
        if max(map(len, whole)) <= LONGEST:
            return f"it was {whole[0]}, and is {whole[1]}"
    return f"{found.path or 'it'} was {found.one}, and is {found.other}"


def _kind(outcome: Outcome | OutsideType | None) -> str:
    if outcome is None:
        return "not reached"
    return "outside its type" if isinstance(outcome, OutsideType) else kind(outcome)


def _make(
    check: checks.Check,
    number: int,
    writer: Operation,
    outcomes: dict[str, Outcome | OutsideType | None],
    between: str,
    blamed: tuple[str, ...],
    path: str,
    detail: str,
    shown: Trace,
) -> Divergence:
    shape = tuple((name, _kind(outcome)) for name, outcome in outcomes.items())
    return Divergence(
        check,
        number,
        writer.name,
        shape,
        path,
        subject=between,
        blamed=blamed,
        detail=detail,
        shown=shown,
    )
