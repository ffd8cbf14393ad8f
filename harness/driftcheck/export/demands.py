"""
What an exported test of one subject demands, derived from a case file, without the words of any language.

A test asserts what the reference answered. Without a reference it asserts what the contract promises. Where
nobody is to blame, it asserts what the other side answered, for the reader to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.export.demand import (
    ANSWER,
    CHILD_S,
    STATE,
    AreNot,
    Assertion,
    Demand,
    Is,
    IsNotKind,
    Repeats,
    Same,
    Slot,
    Survives,
)
from driftcheck.export.errors import RECORD, IsRight, NotExportable
from driftcheck.export.recorded import Recorded, in_words
from driftcheck.oracle import checks
from driftcheck.oracle.compare import first_difference
from driftcheck.values.literal import literal


@attrs.frozen(eq=False)
class Demands:
    """Decides what a test of one subject demands.

    Args:
        reference: the subject that is right where others differ, if there is one.
    """

    recorded: Recorded
    subject: str
    reference: str | None

    @property
    def _schema(self) -> Schema:
        return self.recorded.schema

    @property
    def _check(self) -> str:
        return self.recorded.case.signature.check

    def demand(self) -> Demand:
        """Return what the test demands.

        Raises:
            NotExportable: nothing can be demanded of this subject, and why.
        """
        self._refuse_if_right()
        match self._check:
            case checks.CRASH.code | checks.HANG.code | checks.MEMORY.code | checks.PANIC.code:
                return self._death()
            case checks.POST_STATE.code:
                return self._state()
            case checks.REJECTED_CHANGED_STATE.code | checks.QUERY_CHANGED_STATE.code:
                return self._unchanged(others=False)
            case checks.OTHER_INSTANCE_CHANGED.code:
                return self._unchanged(others=True)
            case checks.NOT_IDEMPOTENT.code:
                return self._repeated_step()
            case checks.NOT_FORGOTTEN.code | checks.NOT_NEUTRAL.code:
                return self._varied()
            case checks.NOT_DETERMINISTIC.code:
                why = "the same steps must have the same outcomes each time in one process"
                return self._promise(why, Repeats())
            case checks.ROUND_TRIP.code:
                return self._round_trip()
            case checks.EXCHANGE.code:
                return self._exchange()
            case checks.LAW.code:
                return self._law()
            case checks.INVARIANT.code:
                return self._invariant()
            case checks.UNMAPPED.code:
                why = "an error must be one of the rejections of the contract"
                return self._answer() or self._promise(why, IsNotKind(self._answered_at(), "unmapped"))
            case checks.UNDECLARED.code:
                return self._answer() or self._not_undeclared()
            case checks.READABLE_REFUSED.code | checks.UNREADABLE_TAKEN.code:
                return self._schema_version()
        found = self._answer()
        if found is None:
            answers = [self.recorded.outcome(name, self._at()) for name in (self.subject, *self._others())]
            self._refuse_bits_of_nan([a.value for a in answers if isinstance(a, Accepted)])
            raise NotExportable(f"no other subject says in its file what the right answer is; {RECORD}")
        return found

    def _refuse_bits_of_nan(self, values: Sequence[Any]) -> None:
        """Refuse values that a test takes for equal, though their bits differ."""
        if len({literal(value) for value in values}) > 1:
            raise NotExportable(
                "the values differ only in the bits of a NaN, and an exported test takes one NaN for "
                "another; compare the bits in a test of your own"
            )

    # Who is right

    def _refuse_if_right(self) -> None:
        _ = self.recorded.at  # first of all, since a file that lacks it also names nobody to blame
        blamed, subject = self.recorded.blamed, self.subject
        if subject == self.reference and subject not in blamed:
            raise IsRight(f"{subject} is the reference, which is right")
        if blamed and subject not in blamed and not self._is_exchange_reader():
            raise IsRight(f"{subject} is not to blame, {' and '.join(blamed)} is")
        if subject not in self.recorded.subjects:
            raise NotExportable(f"{subject} did not run in it; {', '.join(self.recorded.subjects)} did")

    def _is_exchange_reader(self) -> bool:
        return self._check == checks.EXCHANGE.code

    def _others(self) -> Sequence[str]:
        """Return the subjects whose answer may be right: the reference, or those that are not blamed."""
        names = self.recorded.subjects
        if self.reference in names:
            return [self.reference] if self.reference is not None else []
        return [name for name in names if name != self.subject and name not in self.recorded.blamed]

    def _whose(self, form: str, other: str) -> tuple[str, bool]:
        """Return the words that say whose answer or state is asserted, and whether the reader must decide.

        Args:
            form: of these words, with a place for who it is.
        """
        if other == self.reference:
            return form.format(f"{other}, the reference,").rstrip(","), False
        if self.recorded.blamed:
            return f"{form.format(other)}, since {' and '.join(self.recorded.blamed)} is to blame", False
        return form.format(f"the other side, {other},").rstrip(","), True

    # What is asserted

    def _at(self) -> int:
        at = self.recorded.at
        if at is None:
            raise NotExportable("the subjects differ in how they open, before any step")
        return at

    def _trace(self) -> Trace:
        return self.recorded.trace

    def _answered_at(self) -> Slot:
        return Slot(ANSWER, self._at())

    def _demand(
        self, assertions: Sequence[Assertion], why: str, *, traces: Sequence[Trace] = (), decide: bool = False
    ) -> Demand:
        return Demand(
            self._schema,
            tuple(traces) or (self._trace(),),
            tuple(assertions),
            why,
            self._answers(),
            decide,
        )

    def _promise(self, why: str, *assertions: Assertion, traces: Sequence[Trace] = ()) -> Demand:
        return self._demand(assertions, why, traces=traces)

    def _answers(self) -> tuple[str, ...]:
        """Return what each subject answered at the diverging step."""
        at = self.recorded.at
        if at is None:
            return ()
        lines = []
        for name in self.recorded.subjects:
            if self._check in (checks.NOT_FORGOTTEN.code, checks.NOT_NEUTRAL.code):
                continue  # the file has the outcomes of the varied trace
            outcome = self.recorded.outcome(name, at)
            if outcome is not None:
                operation = self._schema.operation(self._trace().steps[at].operation)
                lines.append(f"{name}: {in_words(outcome, operation.result, self.recorded.said(name, at))}")
        return tuple(lines)

    def _answer(self) -> Demand | None:
        """Demand the answer of another subject at the diverging step; None if nobody has another one."""
        at = self._at()
        own = self.recorded.outcome(self.subject, at)
        for other in self._others():
            outcome = self.recorded.outcome(other, at)
            if isinstance(outcome, Accepted | Rejected) and _differ(outcome, own):
                why, decide = self._whose("what {} answered", other)
                return self._demand([Is(Slot(ANSWER, at), outcome)], why, decide=decide)
        return None

    def _state(self) -> Demand:
        own = self.recorded.state(self.subject)
        for other in self._others():
            state = self.recorded.state(other) if self.recorded.has_state(other) else own
            difference = first_difference(self.recorded.state_type, own, state)
            if difference is not None and _differ(state, own):
                why, decide = self._whose("the state of {}", other)
                place = f" at {difference.path}" if difference.path else ""
                states = (
                    f"{self.subject} has {difference.one}{place}",
                    f"{other} has {difference.other}{place}",
                )
                demand = self._demand(self._states_are(state, own), why, decide=decide)
                return attrs.evolve(demand, states=states)
        with_states = [name for name in self._others() if self.recorded.has_state(name)]
        self._refuse_bits_of_nan([own, *map(self.recorded.state, with_states)])
        raise NotExportable(f"no other subject has another state in its file; {RECORD}")

    def _states_are(self, state: Any, own: Any) -> list[Assertion]:
        """Demand the states of the instances that differ."""
        at = -1 if self.recorded.at is None else self.recorded.at
        if self._schema.instances == 1:
            return [Is(Slot(STATE, at), state)]
        pairs = enumerate(zip(state, own, strict=True))
        return [Is(Slot(STATE, at, i), right) for i, (right, wrong) in pairs if _differ(right, wrong)]

    def _unchanged(self, *, others: bool) -> Demand:
        at = self._at()
        own = self._trace().steps[at].instance
        instances = [i for i in range(self._schema.instances) if (i != own) == others]
        same = [Same(Slot(STATE, at - 1, i), Slot(STATE, at, i)) for i in instances]
        what = {
            checks.REJECTED_CHANGED_STATE.code: "a rejected step must not change the state",
            checks.QUERY_CHANGED_STATE.code: "a query must not change the state",
        }
        return self._promise(what.get(self._check, "a step must not change another instance"), *same)

    def _repeated_step(self) -> Demand:
        at, trace = self._at(), self._trace()
        twice = trace.with_steps((*trace.steps[: at + 1], trace.steps[at]))
        same = [Same(Slot(STATE, at, i), Slot(STATE, at + 1, i)) for i in range(self._schema.instances)]
        if self._schema.state is None:
            same = [Same(Slot(ANSWER, at), Slot(ANSWER, at + 1))]
        why = "the step is idempotent: repeated at once, it must not change anything more"
        return self._promise(why, *same, traces=[twice])

    def _varied(self) -> Demand:
        at, trace, varied = self._at(), self._trace(), self.recorded.variation
        if varied is None:
            raise NotExportable(f"its file does not hold the varied trace; {RECORD}")
        place = len(varied.steps) - (len(trace.steps) - at)
        if place < 0 or varied.steps[place].operation != trace.steps[at].operation:
            raise NotExportable("the varied trace has no step in the place of the diverging one")
        same = [Same(Slot(ANSWER, at), Slot(ANSWER, place, trace=1))]
        if self._schema.state is not None:
            same += [
                Same(Slot(STATE, at, i), Slot(STATE, place, i, trace=1))
                for i in range(self._schema.instances)
            ]
        why = (
            "with other flags, or without neutral steps, the step must have the same outcome"
            if self._check == checks.NOT_NEUTRAL.code
            else "without the rejected steps before it, the step must have the same outcome"
        )
        return self._promise(why, *same, traces=[trace, varied])

    def _round_trip(self) -> Demand:
        """Demand that the subject's own reader gives back what was written."""
        at, varied = self._at(), self.recorded.variation
        if varied is None:
            raise NotExportable(f"its file does not hold the document that was written; {RECORD}")
        reader = self._schema.operation(varied.steps[-1].operation)
        written = self._trace().steps[at]
        writer = self._schema.operation(written.operation)
        same_type = reader.result is not None and t.bare(reader.result) == t.bare(writer.arguments[0].type)
        if len(writer.arguments) == 1 and same_type:
            value = written.arguments[0]
            expected = Accepted(value.value if isinstance(value, Document) else value)
            assertion: Assertion = Is(Slot(ANSWER, at + 1), expected)
            return self._promise("the subject must read what it wrote itself", assertion, traces=[varied])
        return self._promise(
            "the subject must read what it wrote itself",
            IsNotKind(Slot(ANSWER, at + 1), "rejected"),
            traces=[varied],
        )

    def _exchange(self) -> Demand:
        writer, _, reader = self.recorded.case.signature.subject.partition(">")
        at, varied = self._at(), self.recorded.variation
        if varied is None:
            raise NotExportable(f"its file does not hold the document that was written; {RECORD}")
        read = varied.steps[-1]
        document = read.arguments[0]
        assert isinstance(document, Document)
        if self.subject == writer:
            # Its own reader takes the document, so only its writer can be wrong.
            why = f"another document than this one, which {reader} reads in another way"
            pair = (Slot(ANSWER, at), Accepted(document))
            return self._demand([AreNot((pair,))], why, decide=True)
        if self.subject != reader:
            raise NotExportable(f"it is about {writer} and {reader}; export it for one of these")
        outcome = self.recorded.varied_outcome(writer)
        if not isinstance(outcome, Accepted | Rejected):
            raise NotExportable(f"its file does not say how {writer} reads its own document; {RECORD}")
        alone = varied.with_steps((Step(read.operation, (document,), read.instance),))
        why = f"what {writer} reads in the document that it wrote"
        return self._demand([Is(Slot(ANSWER, 0), outcome)], why, traces=[alone], decide=True)

    def _law(self) -> Demand:
        """Demand what another subject answered to the calls of the law, or other answers than these."""
        law = self.recorded.case.signature.subject
        trace = self._trace()
        numbers = range(len(trace.steps))
        own = {n: self.recorded.outcome(self.subject, n) for n in numbers}
        for other in self._others():
            if self.recorded.shape.get(other) not in ("holds", None):
                continue
            theirs = {n: self.recorded.outcome(other, n) for n in numbers}
            wrong = [
                n
                for n, outcome in theirs.items()
                if isinstance(outcome, Accepted | Rejected) and _differ(outcome, own[n])
            ]
            if wrong:
                first = wrong[0]
                why = f"what {other} answered, since the law {law!r} is broken otherwise"
                return self._demand([Is(Slot(ANSWER, first), theirs[first])], why)
        pairs = tuple(
            (Slot(ANSWER, n), outcome)
            for n, outcome in own.items()
            if isinstance(outcome, Accepted | Rejected) and not self._makes_a_handle(trace.steps[n])
        )
        if trace.steps and self.recorded.has_state(self.subject):
            pairs += self._states_at_end(len(trace.steps) - 1)
        if not pairs:
            raise NotExportable(f"the law {law!r} made no call whose answer its file holds; {RECORD}")
        why = f"other answers than these, of which the law {law!r} does not hold: {self._doc(law)}"
        pattern = self.recorded.data.get("law", {}).get("states", ())
        return self._promise(why, AreNot(pairs, " ".join(str(n) for moment in pattern for n in moment)))

    def _states_at_end(self, at: int) -> tuple[tuple[Slot, Any], ...]:
        """Return the states after the last call of a law."""
        own = self.recorded.state(self.subject)
        states = [own] if self._schema.instances == 1 else own
        return tuple((Slot(STATE, at, i), state) for i, state in enumerate(states))

    def _makes_a_handle(self, step: Step) -> bool:
        result = self._schema.operation(step.operation).result
        return result is not None and isinstance(t.bare(result), t.Handle)

    def _invariant(self) -> Demand:
        name = self.recorded.case.signature.subject
        own = self.recorded.state(self.subject)
        for other in self._others():
            if self.recorded.has_state(other) and _differ(state := self.recorded.state(other), own):
                why = f"the state of {other}, since the invariant {name!r} is broken otherwise"
                return self._demand(self._states_are(state, own), why)
        at = -1 if self.recorded.at is None else self.recorded.at
        states = [own] if self._schema.instances == 1 else own
        if self._schema.instances > 1 and at >= 0:
            wrong = [self._trace().steps[at].instance]
        else:
            wrong = [*range(len(states))]
        pairs = tuple((Slot(STATE, at, i), states[i]) for i in wrong)
        why = f"another state than this one, which breaks the invariant {name!r}: {self._doc(name)}"
        return self._promise(why, AreNot(pairs))

    def _doc(self, name: str) -> str:
        docs = {law.name: law.doc for law in self._schema.laws}
        docs |= {invariant.name: invariant.doc for invariant in self._schema.invariants}
        words = " ".join(docs.get(name, "").split())
        return words.partition(". ")[0].removesuffix(".") or "see the contract"

    def _not_undeclared(self) -> Demand:
        own = self.recorded.outcome(self.subject, self._at())
        if not isinstance(own, Rejected):
            raise NotExportable(f"its file does not say how the step was rejected; {RECORD}")
        step = self._trace().steps[self._at()]
        why = f"the contract does not declare that {step.operation!r} may reject with {own.rejection!r}"
        return self._promise(why, IsNotKind(self._answered_at(), own.rejection))

    def _schema_version(self) -> Demand:
        table = self._schema.schema_versions
        assert table is not None  # of the checks of schema versions
        if self._check == checks.READABLE_REFUSED.code:
            why = "the reader must accept a document of this schema version"
            return self._answer() or self._promise(why, IsNotKind(self._answered_at(), table.otherwise))
        found = self._answer()
        if found is not None:
            return found
        why = f"the reader must reject a document of this schema version with {table.otherwise!r}"
        return self._promise(why, Is(self._answered_at(), Rejected(table.otherwise)))

    def _death(self) -> Demand:
        ended = {
            checks.PANIC.code: "panicked",
            checks.CRASH.code: "crashed",
            checks.HANG.code: "hung",
            checks.MEMORY.code: "exhausted",
        }[self._check]
        what = {
            "panicked": "no step may panic",
            "crashed": "no step may end the process",
            "hung": f"all steps must end within {CHILD_S} seconds",
            "exhausted": "all steps must end within the memory of the test",
        }[ended]
        if self.recorded.case.batch:
            raise NotExportable(
                "the process died only after many traces, and not when it ran this one alone; "
                "'driftcheck replay' runs all of them"
            )
        return self._promise(what, Survives(ended))


def _differ(one: Any, other: Any) -> bool:
    """Compare as the wire does: zeros of both signs differ, and a NaN is itself."""
    return repr(one) != repr(other)
