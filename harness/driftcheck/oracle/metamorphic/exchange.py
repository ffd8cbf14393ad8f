"""
Round trip and exchange: what a writer wrote, its own reader and every other subject's reader read.

An operation that returns a payload is a writer. An operation whose only argument is that payload is its
reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftcheck.contract.schema import Operation, Schema
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted
from driftcheck.core.payload import Payload
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.compare import first_difference
from driftcheck.oracle.metamorphic.answers import (
    StepOutcome,
    accepted_by_all,
    kind_of,
    outcome_of,
    outcomes_differ,
)
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import STATES
from driftcheck.values.encoding import plain


def examine(schema: Schema, lockstep: Lockstep, execution: Execution) -> Divergence | None:
    """Return the first payload that its own subject, or another one, does not read as it was written."""
    for writer, reader in _pairs(schema):
        for number, step in enumerate(execution.trace.steps):
            if step.operation == writer.name and accepted_by_all(execution, number):
                found = _exchange(lockstep, execution, number, writer, reader)
                if found is not None:
                    return found
    return None


def _pairs(schema: Schema) -> Iterator[tuple[Operation, Operation]]:
    for writer in schema.operations:
        for reader in schema.operations:
            if _is_pair(writer, reader):
                yield writer, reader


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


def _exchange(
    lockstep: Lockstep, execution: Execution, number: int, writer: Operation, reader: Operation
) -> Divergence | None:
    """Give what each subject wrote at a step to every subject's reader."""
    head = execution.trace.steps[: number + 1]
    all_written = {name: _written(answer, writer, number) for name, answer in execution.answers.items()}
    written = {name: data for name, data in all_written.items() if data is not None}
    distinct = list(dict.fromkeys(written.values()))
    traces = [
        execution.trace.with_steps((*head, Step(reader.name, (Document(data),), head[-1].instance)))
        for data in distinct
    ]
    executions = dict(zip(distinct, lockstep.run_all(traces, STATES), strict=True))
    outcomes = {
        name: {n: outcome_of(a, reader, number + 1) for n, a in executions[data].answers.items()}
        for name, data in written.items()
    }
    shown = {name: executions[data].trace for name, data in written.items()}
    # A reader that misreads its own writing misreads others', too: the round trip is reported first.
    for name, by_reader in outcomes.items():
        wrong = _wrong_round_trip(head[-1], writer, reader, by_reader[name])
        if wrong is not None:
            return _divergence(
                checks.ROUND_TRIP, number, writer, by_reader, (name, name), (name,), *wrong, shown[name]
            )
    for name, by_reader in outcomes.items():
        for other, outcome in by_reader.items():
            found = outcomes_differ(reader, by_reader[name], outcome)
            if found is not None:
                detail = (
                    f"the reader of {name} returns {found.one}, the reader of {other} returns {found.other}"
                )
                return _divergence(
                    checks.EXCHANGE,
                    number,
                    writer,
                    by_reader,
                    (name, other),
                    (),
                    found.path,
                    detail,
                    shown[name],
                )
    return None


def _written(answer: Answer, writer: Operation, number: int) -> bytes | None:
    outcome = outcome_of(answer, writer, number)
    payload = outcome.value if isinstance(outcome, Accepted) else None
    return payload.data if isinstance(payload, Payload) else None


def _wrong_round_trip(
    step: Step, writer: Operation, reader: Operation, outcome: StepOutcome
) -> tuple[str, str] | None:
    """Return where and how a subject misreads what it wrote itself, or None."""
    if not isinstance(outcome, Accepted):
        return "", f"its own reader {reader.name!r} answered {kind_of(outcome)}"
    payload = t.bare(reader.arguments[0].type)
    assert isinstance(payload, t.Payload)
    takes_value = len(writer.arguments) == 1 and t.bare(writer.arguments[0].type) == payload.inner
    if takes_value and reader.result is not None and t.bare(reader.result) == payload.inner:
        found = first_difference(payload.inner, plain(step.arguments[0]), outcome.value)
        if found is not None:
            return found.path, f"{found.path or 'the value'} was {found.one} and became {found.other}"
    return None


def _divergence(
    check: checks.Check,
    number: int,
    writer: Operation,
    outcomes: Mapping[str, StepOutcome],
    between: tuple[str, str],
    blamed: tuple[str, ...],
    path: str,
    detail: str,
    shown: Trace,
) -> Divergence:
    return Divergence(
        check,
        number,
        writer.name,
        tuple((name, kind_of(outcome)) for name, outcome in outcomes.items()),
        path,
        subject=">".join(between),
        blamed=blamed,
        detail=detail,
        variation=shown,
    )
