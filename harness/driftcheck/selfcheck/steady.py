"""
Whether a subject's answers hang on nothing but the trace: not on chance, on what ran before, or on the order
in which an equal value was filled.

Compares one subject with itself. Knows nothing of other subjects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from driftcheck.codecs.checked_calls import encode
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, kind
from driftcheck.core.trace import Document, Trace, cut
from driftcheck.generate.codec_check import rebuilt
from driftcheck.generate.cutting import minimal_subset
from driftcheck.generate.engine import Found, search
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.oracle.compare import first_difference
from driftcheck.oracle.metamorphic import determinism
from driftcheck.search.self_consistency import SelfComparison
from driftcheck.search.session import Session
from driftcheck.subjects.wire import STATES
from driftcheck.values.encoding import OutsideType

AFRESH = 8  # fresh hosts in which a trace must give the same as in the first to be called steady
SHRINK_CALLS = 500  # what varies by chance would never end to look smaller
ORDERED = 40  # traces that are run in other orders


@attrs.frozen
class Variation:
    """Two answers that should be one."""

    trace: Trace
    step: int
    one: str
    other: str
    after: Trace | None = None  # what ran before the other answer
    instead: Trace | None = None  # the same with an equal value in it, which gave the other answer


@attrs.define
class Steadiness:
    """What was found; None where nothing was."""

    by_chance: Variation | None = None
    by_history: Variation | None = None
    in_rendering: Variation | None = None
    rewritten: int = 0  # documents that were given in the writing of an equal value, too


def examine_steadiness(session: Session, *, seed: int, max_traces: int) -> Steadiness:
    """Search for traces to which a session's one subject has two answers."""
    found = Steadiness()
    _twice(session, found, seed, max_traces)
    if found.by_chance is None and found.by_history is None:
        found.by_history = _in_other_orders(session, seed)
    if found == Steadiness():
        _of_equal_values(session, found, seed, max_traces)
    return found


def _twice(session: Session, found: Steadiness, seed: int, max_traces: int) -> None:
    """Run each trace twice in two hosts."""
    with SelfComparison(session) as self_comparison:

        def judge(trace: Trace, shrinking: bool) -> str | None:
            varied = self_comparison.compare(trace)
            if varied is None:
                return None
            answers = tuple(varied[0].answers.values())
            step = varied[1].step or 0
            return "rendering" if _means_the_same(session.schema, trace, step, answers) else "answer"

        shrunk: list[Found[Trace]] = []
        search(
            traces(session.schema, model=session.model),
            judge,
            seed=seed,
            max_cases=max_traces,
            max_shrink_calls=SHRINK_CALLS,
            stop=lambda: self_comparison.has_died or len(shrunk) == 2,
            found=shrunk.append,
        )
        for one in shrunk:
            variation = _shown(self_comparison, session.schema, one.case)
            if variation is None:
                continue
            if one.signature == "rendering":
                found.in_rendering = variation
            elif _is_steady_afresh(session, one.case):
                found.by_history = attrs.evolve(variation, after=one.case)
            else:
                found.by_chance = variation


def _shown(self_comparison: SelfComparison, schema: Schema, trace: Trace) -> Variation | None:
    """Return a variation as it shows again; None where it does not."""
    for _ in range(AFRESH):
        varied = self_comparison.compare(trace, STATES)
        if varied is not None:
            one, other = varied[0].answers.values()
            return _variation(schema, trace, varied[1].step or 0, one, other)
    return None


def _variation(schema: Schema, trace: Trace, step: int, one: Answer, other: Answer) -> Variation:
    told = [_told(schema, trace, step, answer) for answer in (one, other)]
    if told[0] == told[1]:  # what differs is the state after it
        told = [f"{words} and left a state" for words in told]
        told[1] += " of another digest"
    return Variation(trace, step, told[0], told[1])


def _told(schema: Schema, trace: Trace, step: int, answer: Answer) -> str:
    outcome = answer.outcome(schema.operation(trace.steps[step].operation), step)
    if isinstance(outcome, OutsideType):
        return f"a value that {outcome}"
    if not isinstance(outcome, Accepted):
        return kind(outcome)
    text = repr(getattr(outcome.value, "data", outcome.value))
    return text if len(text) <= 60 else f"{text[:57]}..."


def _means_the_same(schema: Schema, trace: Trace, step: int, answers: Sequence[Answer]) -> bool:
    """Say whether two answers to a step hold other bytes of payloads, and nothing else that differs."""
    operation = schema.operation(trace.steps[step].operation)
    one, other = (answer.outcome(operation, step) for answer in answers)
    if not (isinstance(one, Accepted) and isinstance(other, Accepted)) or operation.result is None:
        return False
    digests = [answer.reply.digests[step] for answer in answers]
    return digests[0] == digests[1] and first_difference(operation.result, one.value, other.value) is None


def _afresh(session: Session, trace: Trace) -> Answer:
    """Run a trace in a host that has run nothing else."""
    lockstep = session.lockstep
    execution = lockstep.probe(trace, STATES, deadline_s=lockstep.limits.deadline_s, fresh=True)
    (answer,) = execution.answers.values()
    return answer


def _is_steady_afresh(session: Session, trace: Trace) -> bool:
    first = _afresh(session, trace)
    return all(_differ(session, trace, first, _afresh(session, trace)) is None for _ in range(AFRESH))


def _differ(session: Session, trace: Trace, one: Answer, other: Answer) -> int | None:
    """Return the first step at which two answers to a trace differ; None where they do not, or one died."""
    if one.death is not None or other.death is not None:
        return None
    varies = determinism.examine([Execution(trace, {"": one}), Execution(trace, {"": other})])
    return None if varies is None else varies.step


def _in_other_orders(session: Session, seed: int) -> Variation | None:
    """Run traces in one host, then the same from their end, and look for what hangs on those before it."""
    drawn: list[Trace] = []
    strategy = traces(session.schema, model=session.model)
    search(strategy, lambda trace, _: drawn.append(trace), seed=seed, max_cases=ORDERED)
    lockstep = session.lockstep
    lockstep.refresh()
    there = lockstep.run_all(drawn, STATES)
    back = lockstep.run_all(drawn[::-1], STATES)[::-1]
    for trace, one, other in zip(drawn, there, back, strict=True):
        answers = (*one.answers.values(), *other.answers.values())
        step = _differ(session, trace, *answers)
        if step is None or _means_the_same(session.schema, trace, step, answers):
            continue
        if _is_steady_afresh(session, trace):
            found = _least_history(session, trace, [*drawn, *drawn[::-1]])
            if found is not None:
                return found
    return None


def _least_history(session: Session, trace: Trace, before: list[Trace]) -> Variation | None:
    """Return how a trace answers otherwise after others: with the fewest of these, and of all their steps."""
    alone = _afresh(session, trace)
    if _after(session, trace, before, alone) is None:
        return None
    before = minimal_subset(before, lambda some: _after(session, trace, some, alone) is not None)
    for number in range(len(before)):
        before = _with_fewest_steps(session, trace, before, number, alone)

    def shorter(keep: list[int]) -> Variation | None:
        one = cut(trace, keep)
        return _after(session, one, before, _afresh(session, one))

    return shorter(minimal_subset(list(range(len(trace.steps))), lambda keep: shorter(keep) is not None))


def _with_fewest_steps(
    session: Session, trace: Trace, before: list[Trace], number: int, alone: Answer
) -> list[Trace]:
    """Return what runs before a trace, one of it with no more steps than it takes."""
    one = before[number]

    def less(keep: list[int]) -> list[Trace]:
        return [*before[:number], cut(one, keep), *before[number + 1 :]]

    steps = list(range(len(one.steps)))
    return less(minimal_subset(steps, lambda some: _after(session, trace, less(some), alone) is not None))


def _after(session: Session, trace: Trace, before: Sequence[Trace], alone: Answer) -> Variation | None:
    """Return how a trace answers otherwise in a host that has run others than it does alone."""
    session.lockstep.refresh()
    *_, last = session.lockstep.run_all([*before, trace], STATES)
    (answer,) = last.answers.values()
    step = _differ(session, trace, alone, answer)
    if step is None:
        return None
    after = before[-1] if before else None
    return attrs.evolve(_variation(session.schema, trace, step, alone, answer), after=after)


def _of_equal_values(session: Session, found: Steadiness, seed: int, max_traces: int) -> None:
    """Give a subject documents of equal values that were filled in another order."""

    def look(trace: Trace, shrinking: bool) -> None:
        for step, other in _rewritten(session.schema, trace):
            found.rewritten += 1
            executions = session.lockstep.run_all([trace, other])
            one, answer = (next(iter(execution.answers.values())) for execution in executions)
            if found.in_rendering is None and _is_read_otherwise(session.schema, trace, step, one, answer):
                variation = _variation(session.schema, trace, step, one, answer)
                found.in_rendering = attrs.evolve(variation, instead=other)

    strategy = traces(session.schema, model=session.model, malformed=0.0)
    search(strategy, look, seed=seed, max_cases=max_traces, stop=lambda: found.in_rendering is not None)


def _is_read_otherwise(schema: Schema, trace: Trace, step: int, one: Answer, other: Answer) -> bool:
    if one.death is not None or other.death is not None:
        return False
    operation = schema.operation(trace.steps[step].operation)
    a, b = one.outcome(operation, step), other.outcome(operation, step)
    if not (isinstance(a, Accepted) and isinstance(b, Accepted)):
        return _told(schema, trace, step, one) != _told(schema, trace, step, other)
    if operation.result is not None and first_difference(operation.result, a.value, b.value) is not None:
        return True
    return one.reply.digests[step] != other.reply.digests[step]


def _rewritten(schema: Schema, trace: Trace) -> Iterator[tuple[int, Trace]]:
    """Yield traces that end in a step of this one, its document written of an equal value instead."""
    for number, step in enumerate(trace.steps):
        operation = schema.operation(step.operation)
        for i, (argument, value) in enumerate(zip(operation.arguments, step.arguments, strict=True)):
            type_ = t.bare(argument.type)
            if not (isinstance(type_, t.Payload) and isinstance(value, Document) and value.is_well_formed):
                continue
            twin = rebuilt(value.value, type_.inner)
            data = encode(type_.codec, type_.inner, twin)
            if data != value.data:
                arguments = (*step.arguments[:i], Document(data, twin), *step.arguments[i + 1 :])
                steps = (*trace.steps[:number], attrs.evolve(step, arguments=arguments))
                yield number, trace.with_steps(steps)
