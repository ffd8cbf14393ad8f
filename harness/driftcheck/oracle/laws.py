"""
Laws: a property that the author of a contract writes in plain Python, about one subject at a time.

The body runs to its first call that has no answer yet. The subject executes this call as one more step. Then
the body runs again from its beginning with the answer. Knows nothing of how law cases are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import attrs

from driftcheck.contract.schema import Law, Operation, Schema
from driftcheck.contract.words import Fault, Rejection, StepRejected
from driftcheck.core import types as t
from driftcheck.core.author_code import Misbehaviour, call, place_of, shown
from driftcheck.core.errors import ContractError, DriftcheckError
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.payload import Handle, Payload
from driftcheck.core.trace import Document, Instance, LawCase, Name, Ref, Step, Trace
from driftcheck.lockstep.answer import Answer
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.signature import Divergence
from driftcheck.subjects.wire import STATES
from driftcheck.values.encoding import OutsideType, as_payload
from driftcheck.values.literal import literal

LAW_RULE = "a law returns True or False: whether it holds"
LONGEST_VALUE = 200  # characters of a value in a message
REPEATS = 3  # of the body of a broken law with the same answers, to see whether the law is deterministic
MOST_CALLS = 200  # of one law on one subject; beyond that the law does not end


class _Unanswered(BaseException):
    """A call of the law that has no answer yet; no `except Exception` of the author's may catch it."""

    def __init__(self, step: Step | None) -> None:
        super().__init__()
        self.step = step  # None: the state is asked for


class _DifferentCall(BaseException):
    """With the same answers the law makes a different call."""

    def __init__(self, before: Step | None, now: Step | None) -> None:
        super().__init__()
        self.before, self.now = before, now


class _Undecided(BaseException):
    """The subject neither accepted nor rejected a step, which other checks report."""


@attrs.frozen
class LawTrial:
    """The result of a law on one subject."""

    holds: bool | None  # None: undecided, since a step was rejected or did not end regularly
    trace: Trace  # the steps before, and the calls that the law made


@attrs.define
class Prefetch:
    """The calls that a law will probably make, and the answer of a subject that executed them in advance."""

    steps: tuple[Step, ...] = ()  # the law's own
    answer: Answer | None = None  # None: not run yet

    def begins_with(self, steps: Sequence[Step]) -> bool:
        """Say whether it begins with these steps."""
        return len(self.steps) >= len(steps) and all(map(_is_same, steps, self.steps))


class _Script:
    """What a law has called so far, and the answers that are known."""

    def __init__(
        self, laws: Laws, base: int, answers: list[tuple[Step | None, Any]], prefetch: Prefetch
    ) -> None:
        self.laws = laws
        self.base = base  # steps before the law's own
        self.steps: list[Step] = []  # made by the law so far
        self.used = 0  # of the answers
        self._answers = answers  # with what was asked; None: the state
        self._prefetch = prefetch

    def answer(self, step: Step | None) -> Any:
        """Return the answer to the next call."""
        if step is not None:
            self.steps.append(step)
        if self.used == len(self._answers):
            answer = self._prefetch.answer
            if (
                answer is None
                or len(self._answers) >= MOST_CALLS
                or not self._prefetch.begins_with(self.steps)
            ):
                raise _Unanswered(step)
            self._answers.append((step, self.laws.answer_in(answer, self.base, self.steps, step)))
        asked, found = self._answers[self.used]
        if not _is_same(asked, step):
            raise _DifferentCall(asked, step)
        self.used += 1
        return found


class _NeedsAnswer(BaseException):
    """The law uses an answer that is not known yet."""


# What the body of a law raises because of driftcheck, and not by a mistake.
PASSING = (StepRejected, _Unanswered, _DifferentCall, _Undecided, _NeedsAnswer)


class _Raised(DriftcheckError):
    """A law raised an exception while an answer was pending; it may not do so with the answer."""


def _once_answered(
    fails: Callable[[Misbehaviour], ContractError], misbehaviour: Misbehaviour
) -> DriftcheckError:
    return _Raised() if misbehaviour.is_raised else fails(misbehaviour)


class _PendingAnswer:
    """An answer that is not known yet. A law may pass it on, and may not look into it."""

    def _look(self, *_: object) -> NoReturn:
        raise _NeedsAnswer

    __getattr__ = __eq__ = __ne__ = __hash__ = __bool__ = __repr__ = __str__ = __format__ = _look


class _Prediction(_Script):
    """Goes on without answers, and records what a law calls until it needs one."""

    def answer(self, step: Step | None) -> Any:
        """Return the answer to the next call, or a pending one."""
        if self.used < len(self._answers):
            return super().answer(step)
        if step is None:
            count = self.laws.schema.instances
            return (_PendingAnswer(),) * count if count > 1 else _PendingAnswer()
        self.steps.append(step)
        if len(self.steps) >= MOST_CALLS:
            raise _NeedsAnswer
        return Accepted(_PendingAnswer())


class Caller:
    """The `self` of a law: one subject, whose operations are methods; of several instances the first."""

    def __init__(self, script: _Script, instance: int = 0) -> None:
        self._script = script
        self._instance = instance

    def __getattr__(self, name: str) -> Any:
        """Return an operation as a method; a rejection or a fault as the contract declares it."""
        operation = self._script.laws.operations.get(name)
        if operation is None:
            word = getattr(self._script.laws.schema.cls, name, None)
            if isinstance(word, Rejection | Fault):
                return word
            raise AttributeError(f"the contract has no operation {name!r}")
        return lambda *arguments, **named: self._call(operation, arguments, named)

    @property
    def instances(self) -> tuple[Caller, ...]:
        """Return all instances, this one among them; each can be called like `self`."""
        count = self._script.laws.schema.instances
        return tuple(self if i == self._instance else Caller(self._script, i) for i in range(count))

    def state(self) -> Any:
        """Return the current state of the instance."""
        whole = self._script.answer(None)
        return whole if self._script.laws.schema.instances == 1 else whole[self._instance]

    def run(self, steps: tuple[Step, ...]) -> None:
        """Execute generated steps, each on its own instance; they may be rejected."""
        base, offset = self._script.base, len(self._script.steps)
        for step in steps:
            moved = tuple(
                Ref(a.step + offset) if isinstance(a, Ref) and a.step >= base else a for a in step.arguments
            )
            self._script.answer(attrs.evolve(step, arguments=moved))

    def _call(self, operation: Operation, arguments: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
        names = [a.name for a in operation.arguments]
        named = dict(named)
        fault = named.pop("fault", None) if operation.faults else None
        given = dict(zip(names, arguments, strict=False)) | dict(named)
        if len(arguments) + len(named) != len(names) or set(given) != set(names):
            raise TypeError(f"{operation.name}() takes {', '.join(names) or 'no arguments'}")
        number = self._script.base + len(self._script.steps)
        step = Step(
            operation.name,
            tuple(_argument(given[n]) for n in names),
            self._instance,
            fault.name if isinstance(fault, Fault) else None,
        )
        if Instance(self._instance) in step.arguments:
            raise TypeError(f"{operation.name}() is given its own instance as a peer")
        answer = self._script.answer(step)
        if isinstance(answer, Rejected):
            raise StepRejected(getattr(self._script.laws.schema.cls, answer.rejection), answer.detail)
        if isinstance(t.bare(operation.result) if operation.result else None, t.Handle):
            return Handle(number)
        return answer.value


def _is_same(one: Step | None, other: Step | None) -> bool:
    """Say whether two calls are equal, even if they are made of different objects."""
    return one == other or _written(one) == _written(other)


def _written(step: Step | None) -> str:
    """Write a call of a law."""
    if step is None:
        return "state()"
    instance = f"#{step.instance + 1}." if step.instance else ""
    under = f" under {step.fault}" if step.fault is not None else ""
    return f"{instance}{step.operation}({', '.join(map(_in_words, step.arguments))}){under}"


def _in_words(argument: Any) -> str:
    match argument:
        case Ref(step=step):
            return f"step {step + 1}"
        case Instance(number=number):
            return f"#{number + 1}"
        case _:
            return literal(as_payload(argument))


def _argument(value: Any) -> Any:
    match value:
        case Handle():
            return Ref(value.value)
        case Caller():
            return Instance(value._instance)
        case Payload():
            return Document(value.data, value.value)
        case _:
            return value


class Laws:
    """Tries the laws of one contract."""

    def __init__(self, schema: Schema, lockstep: Lockstep) -> None:
        self.schema = schema
        self.lockstep = lockstep
        self.operations = {o.name: o for o in schema.operations}
        self._by_name = {law.name: law for law in schema.laws}

    def examine(self, case: LawCase) -> tuple[Divergence | None, dict[str, LawTrial]]:
        """Try a law on every subject.

        Raises:
            ContractError: the law itself raises, or does not end.
        """
        prefetch = Prefetch()
        trials = {s.name: self.try_on(s.name, case, prefetch) for s in self.lockstep.subjects}
        broken = tuple(name for name, one in trials.items() if one.holds is False)
        if not broken:
            return None, trials
        words = {True: "holds", False: "broken", None: "undecided"}
        divergence = Divergence(
            checks.LAW,
            None,
            "",
            tuple((name, words[one.holds]) for name, one in trials.items()),
            subject=case.law,
            blamed=broken,
            detail=f"the law {case.law!r} does not hold in {' and '.join(broken)}",
        )
        return divergence, trials

    def try_on(self, subject: str, case: LawCase, prefetch: Prefetch) -> LawTrial:
        """Try a law on one subject. The calls that it made on the subject before are prefetched."""
        law = self._by_name[case.law]
        arguments = tuple(_body_argument(value) for value in case.arguments)
        base, prefetch.answer = len(case.trace.steps), None
        answers: list[tuple[Step | None, Any]] = []

        def trace_of(steps: Sequence[Step]) -> Trace:
            return case.trace.with_steps((*case.trace.steps, *steps))

        def called() -> Trace:
            return trace_of([step for step, _ in answers if step is not None])

        while len(answers) < MOST_CALLS:
            try:
                holds = self._holds(law, base, answers, prefetch, arguments)
                for _ in range(0 if holds else REPEATS):
                    if self._holds(law, base, answers, prefetch, arguments):
                        raise self._nondeterministic(law, "is broken, and holds")
                return LawTrial(holds, called())
            except _Unanswered as question:
                asked = question.step
            except _DifferentCall as two:
                raise self._nondeterministic(
                    law, f"calls {_written(two.before)}, and {_written(two.now)}"
                ) from None
            except (StepRejected, _Undecided):
                return LawTrial(None, called())
            steps = [step for step, _ in [*answers, (asked, None)] if step is not None]
            if len(prefetch.steps) <= len(steps) or not prefetch.begins_with(steps):
                prefetch.steps = self._predicted(law, base, answers, arguments)
            if not prefetch.begins_with(steps):
                prefetch.steps = (*steps,)
            prefetch.answer = self.lockstep.run_each({subject: trace_of(prefetch.steps)}, STATES)[subject]
            if prefetch.answer.death is not None and len(prefetch.steps) > len(steps):
                prefetch.steps = (*steps,)
                prefetch.answer = self.lockstep.run_each({subject: trace_of(steps)}, STATES)[subject]
            try:
                answers.append((asked, self.answer_in(prefetch.answer, base, steps, asked)))
            except _Undecided:
                return LawTrial(None, trace_of(steps))
        what = f"law {law.name!r} made {MOST_CALLS} calls and did not end{place_of(law.body)}"
        raise ContractError(self.schema.name, f"{what}; a law makes fewer calls on one subject")

    def _holds(
        self,
        law: Law,
        base: int,
        answers: list[tuple[Step | None, Any]],
        prefetch: Prefetch,
        arguments: tuple[Any, ...],
    ) -> bool:
        """Run the body with the answers that are known; raises the next call that has none."""
        script = _Script(self, base, answers, prefetch)
        holds: Any = call(
            law.body, Caller(script), *arguments, fails=partial(self._misbehaved, law), passing=PASSING
        )
        if script.used < len(answers):
            raise self._nondeterministic(law, f"makes {len(answers)} calls, and {script.used}")
        if type(holds) is not bool:
            what = f"law {law.name!r} returned {shown(holds, LONGEST_VALUE)}{place_of(law.body)}"
            raise ContractError(self.schema.name, f"{what}; {LAW_RULE}")
        return holds

    def _predicted(
        self, law: Law, base: int, answers: list[tuple[Step | None, Any]], arguments: tuple[Any, ...]
    ) -> tuple[Step, ...]:
        """Return what a law calls until it needs an answer that is not known yet."""
        script = _Prediction(self, base, answers, Prefetch())
        fails = partial(self._misbehaved, law)
        with suppress(_NeedsAnswer, _DifferentCall, StepRejected, _Raised):
            call(law.body, Caller(script), *arguments, fails=partial(_once_answered, fails), passing=PASSING)
        return (*script.steps,)

    def _nondeterministic(self, law: Law, what: str) -> ContractError:
        return ContractError(
            self.schema.name,
            f"law {law.name!r} {what} when it is run again with the same answers; "
            "a law must be deterministic: pass what changes as an argument",
        )

    def _misbehaved(self, law: Law, misbehaviour: Misbehaviour) -> ContractError:
        return ContractError(self.schema.name, misbehaviour.sentence(f"law {law.name!r}", LAW_RULE))

    def answer_in(self, answer: Answer, base: int, steps: Sequence[Step], asked: Step | None) -> Any:
        """Return what a subject did in the last of these steps of a law, or its state after them."""
        if answer.death is not None:
            raise _Undecided
        reply, done = answer.reply, base + len(steps)
        if asked is None:
            data = reply.states[done] if reply.states else None
            if data is None:
                raise _Undecided
            try:
                return self.lockstep.wire.state(data)
            except OutsideType:
                raise _Undecided from None
        try:
            outcome = self.lockstep.wire.outcome(self.operations[asked.operation], reply.outcomes[done - 1])
        except OutsideType:
            raise _Undecided from None
        if not isinstance(outcome, Accepted | Rejected):
            raise _Undecided
        return outcome


def _body_argument(value: Any) -> Any:
    """Turn an argument of a law case into an argument of the body."""
    if isinstance(value, Ref):
        return Handle(value.step)
    return as_payload(value) if isinstance(value, Document | Name) else value
