"""
Whether the answers of a subject depend only on the trace.

They must not depend on chance, on earlier traces, or on the order in which an equal value was filled.
Compares one subject with itself. Knows nothing of other subjects.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import islice

import attrs

from driftcheck.codecs.checked_calls import encode
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, kind
from driftcheck.core.shorten import shorten
from driftcheck.core.trace import Document, Trace, cut
from driftcheck.generate.codec_check import rebuilt
from driftcheck.generate.cutting import minimal_subset
from driftcheck.generate.draw import draw
from driftcheck.generate.shrink import shrink
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.oracle.compare import first_difference
from driftcheck.oracle.metamorphic import determinism
from driftcheck.search.self_consistency import SelfComparison
from driftcheck.search.session import Session
from driftcheck.subjects.wire import STATES
from driftcheck.values.encoding import OutsideType

FRESH_HOSTS = 8  # in which a trace must give the same answers to be called steady
SHRINK_CALLS = 500  # with nondeterminism, a shrink might not end
ANSWER, RENDERING = "answer", "rendering"  # what differs; a rendering is another writing of an equal value
ORDERED = 40  # traces that run in two orders


@attrs.frozen
class Variation:
    """Two different answers to the same trace."""

    trace: Trace
    step: int
    one: str
    other: str
    after: Trace | None = None  # the trace that ran before the other answer
    instead: Trace | None = None  # the same trace with an equal value, which gave the other answer


@attrs.define
class Steadiness:
    """The variations that were found, if any."""

    by_chance: Variation | None = None
    by_history: Variation | None = None
    in_rendering: Variation | None = None
    rewritten: int = 0  # documents that were also tried as written for an equal value


def examine_steadiness(session: Session, *, seed: int, max_traces: int) -> Steadiness:
    """Search for traces to which the only subject of a session has two answers."""
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
        for signature, case in _shrunk_cases(session, self_comparison, seed, max_traces).items():
            variation = _shown(self_comparison, session.schema, case)
            if variation is None:
                continue
            if signature == RENDERING:
                found.in_rendering = variation
            elif _is_steady_in_fresh_hosts(session, case):
                found.by_history = attrs.evolve(variation, after=case)
            else:
                found.by_chance = variation


def _shrunk_cases(
    session: Session, self_comparison: SelfComparison, seed: int, max_traces: int
) -> dict[Hashable, Trace]:
    """Return a shrunk trace that two hosts answer differently, for each kind of difference."""
    strategy = traces(session.schema, model=session.model)

    def judge(trace: Trace) -> Hashable | None:
        varied = self_comparison.compare(trace)
        if varied is None:
            return None
        answers = tuple(varied[0].answers.values())
        step = varied[1].step or 0
        return RENDERING if _means_the_same(session.schema, trace, step, answers) else ANSWER

    cases: dict[Hashable, Trace] = {}
    for trace in islice(draw(strategy, seed), max_traces):
        if self_comparison.has_died or len(cases) == 2:
            break
        signature = judge(trace)
        waiting = {} if signature is None else {signature: trace}
        while new := [one for one in waiting if one not in cases]:
            shrunk = shrink(
                strategy,
                waiting[new[0]],
                judge,
                new[0],
                seed=seed,
                max_calls=SHRINK_CALLS,
                stop=lambda: self_comparison.has_died,
            )
            cases[new[0]] = shrunk.case
            waiting |= shrunk.others
    return cases


def _shown(self_comparison: SelfComparison, schema: Schema, trace: Trace) -> Variation | None:
    """Return a variation that recurs; None where it does not."""
    for _ in range(FRESH_HOSTS):
        varied = self_comparison.compare(trace, STATES)
        if varied is not None:
            one, other = varied[0].answers.values()
            return _variation(schema, trace, varied[1].step or 0, one, other)
    return None


def _variation(schema: Schema, trace: Trace, step: int, one: Answer, other: Answer) -> Variation:
    answers = [_in_words(schema, trace, step, answer) for answer in (one, other)]
    if answers[0] == answers[1]:  # the state after the step differs
        answers = [f"{words} and left a state" for words in answers]
        answers[1] += " of another digest"
    return Variation(trace, step, answers[0], answers[1])


def _in_words(schema: Schema, trace: Trace, step: int, answer: Answer) -> str:
    outcome = answer.outcome(schema.operation(trace.steps[step].operation), step)
    if isinstance(outcome, OutsideType):
        return f"a value that {outcome}"
    if not isinstance(outcome, Accepted):
        return kind(outcome)
    return shorten(repr(getattr(outcome.value, "data", outcome.value)), 60)


def _means_the_same(schema: Schema, trace: Trace, step: int, answers: Sequence[Answer]) -> bool:
    """Say whether two answers to a step differ only in the bytes of equal payloads."""
    operation = schema.operation(trace.steps[step].operation)
    one, other = (answer.outcome(operation, step) for answer in answers)
    if not (isinstance(one, Accepted) and isinstance(other, Accepted)) or operation.result is None:
        return False
    digests = [answer.reply.digests[step] for answer in answers]
    return digests[0] == digests[1] and first_difference(operation.result, one.value, other.value) is None


def _in_fresh_host(session: Session, trace: Trace) -> Answer:
    """Run a trace in a host that has run nothing else."""
    lockstep = session.lockstep
    execution = lockstep.probe(trace, STATES, deadline_s=lockstep.limits.deadline_s, fresh=True)
    (answer,) = execution.answers.values()
    return answer


def _is_steady_in_fresh_hosts(session: Session, trace: Trace) -> bool:
    first = _in_fresh_host(session, trace)
    return all(
        _differ(session, trace, first, _in_fresh_host(session, trace)) is None for _ in range(FRESH_HOSTS)
    )


def _differ(session: Session, trace: Trace, one: Answer, other: Answer) -> int | None:
    """Return the first step at which two answers to a trace differ; None where none does, or one died."""
    if one.death is not None or other.death is not None:
        return None
    varies = determinism.examine([Execution(trace, {"": one}), Execution(trace, {"": other})])
    return None if varies is None else varies.step


def _in_other_orders(session: Session, seed: int) -> Variation | None:
    """Run traces in one host in two orders, and look for a trace that depends on the traces before it."""
    drawn = list(islice(draw(traces(session.schema, model=session.model), seed), ORDERED))
    lockstep = session.lockstep
    lockstep.refresh()
    there = lockstep.run_all(drawn, STATES)
    back = lockstep.run_all(drawn[::-1], STATES)[::-1]
    for trace, one, other in zip(drawn, there, back, strict=True):
        answers = (*one.answers.values(), *other.answers.values())
        step = _differ(session, trace, *answers)
        if step is None or _means_the_same(session.schema, trace, step, answers):
            continue
        if _is_steady_in_fresh_hosts(session, trace):
            found = _least_history(session, trace, [*drawn, *drawn[::-1]])
            if found is not None:
                return found
    return None


def _least_history(session: Session, trace: Trace, before: list[Trace]) -> Variation | None:
    """Return how other traces change the answer to a trace, with the fewest traces and steps."""
    alone = _in_fresh_host(session, trace)
    if _after(session, trace, before, alone) is None:
        return None
    before = minimal_subset(before, lambda some: _after(session, trace, some, alone) is not None)
    for number in range(len(before)):
        before = _with_fewest_steps(session, trace, before, number, alone)

    def shorter(keep: list[int]) -> Variation | None:
        one = cut(trace, keep)
        return _after(session, one, before, _in_fresh_host(session, one))

    return shorter(minimal_subset(list(range(len(trace.steps))), lambda keep: shorter(keep) is not None))


def _with_fewest_steps(
    session: Session, trace: Trace, before: list[Trace], number: int, alone: Answer
) -> list[Trace]:
    """Return the traces before a trace, one of them with the fewest steps that change its answer."""
    one = before[number]

    def less(keep: list[int]) -> list[Trace]:
        return [*before[:number], cut(one, keep), *before[number + 1 :]]

    steps = list(range(len(one.steps)))
    return less(minimal_subset(steps, lambda some: _after(session, trace, less(some), alone) is not None))


def _after(session: Session, trace: Trace, before: Sequence[Trace], alone: Answer) -> Variation | None:
    """Return how the answer to a trace differs in a host that has run other traces."""
    session.lockstep.refresh()
    *_, last = session.lockstep.run_all([*before, trace], STATES)
    (answer,) = last.answers.values()
    step = _differ(session, trace, alone, answer)
    if step is None:
        return None
    after = before[-1] if before else None
    return attrs.evolve(_variation(session.schema, trace, step, alone, answer), after=after)


def _of_equal_values(session: Session, found: Steadiness, seed: int, max_traces: int) -> None:
    """Run documents of equal values whose items were added in another order."""

    strategy = traces(session.schema, model=session.model, malformed=0.0)
    for trace in islice(draw(strategy, seed), max_traces):
        for step, other in _rewritten(session.schema, trace):
            found.rewritten += 1
            executions = session.lockstep.run_all([trace, other])
            one, answer = (next(iter(execution.answers.values())) for execution in executions)
            if found.in_rendering is None and _is_read_otherwise(session.schema, trace, step, one, answer):
                variation = _variation(session.schema, trace, step, one, answer)
                found.in_rendering = attrs.evolve(variation, instead=other)
        if found.in_rendering is not None:
            return


def _is_read_otherwise(schema: Schema, trace: Trace, step: int, one: Answer, other: Answer) -> bool:
    if one.death is not None or other.death is not None:
        return False
    operation = schema.operation(trace.steps[step].operation)
    a, b = one.outcome(operation, step), other.outcome(operation, step)
    if not (isinstance(a, Accepted) and isinstance(b, Accepted)):
        return _in_words(schema, trace, step, one) != _in_words(schema, trace, step, other)
    if operation.result is not None and first_difference(operation.result, a.value, b.value) is not None:
        return True
    return one.reply.digests[step] != other.reply.digests[step]


def _rewritten(schema: Schema, trace: Trace) -> Iterator[tuple[int, Trace]]:
    """Yield traces that end in a step of this one, with its document written for an equal value."""
    for number, step in enumerate(trace.steps):
        operation = schema.operation(step.operation)
        for i, (argument, value) in enumerate(zip(operation.arguments, step.arguments, strict=True)):
            type_ = t.bare(argument.type)
            if not (isinstance(type_, t.Payload) and isinstance(value, Document) and value.is_well_formed):
                continue
            equal = rebuilt(value.value, type_.inner)
            data = encode(type_.codec, type_.inner, equal)
            if data != value.data:
                arguments = (*step.arguments[:i], Document(data, equal), *step.arguments[i + 1 :])
                steps = (*trace.steps[:number], attrs.evolve(step, arguments=arguments))
                yield number, trace.with_steps(steps)
