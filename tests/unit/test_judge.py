"""What the judge finds in answers that are written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import attrs
import pytest

from driftcheck import I64, Contract, Rejection, ge, invariant, lt, operation, query, schema_of
from driftcheck.core.errors import ContractError
from driftcheck.core.outcome import Crashed, Evidence
from driftcheck.core.trace import Step, Trace
from driftcheck.lockstep.answer import Answer, Execution
from driftcheck.oracle import checks
from driftcheck.oracle.judge import Judge
from driftcheck.subjects.wire import Wire
from driftcheck.values.encoding import dumps


@attrs.frozen
class Count:
    """How much was added."""

    total: I64


@attrs.frozen
class Place:
    """Where counting ends."""

    line: Annotated[int, ge(0), lt(100)]
    words: str


class Counter(Contract):
    """Counts."""

    refused = Rejection("it is not taken")
    too_far = Rejection("it is beyond what is counted", detail=Place)

    def open(self) -> None: ...
    def state(self) -> Count: ...
    @operation(rejects=[refused, too_far])
    def add(self, n: I64) -> I64: ...
    @query
    def total(self) -> I64: ...
    @invariant
    def is_readable(self, state: Count) -> bool:
        return 100 // (state.total - 13) < 1000

    @invariant
    def is_small(self, state: Count) -> bool:
        return state.total < 50


SCHEMA = schema_of(Counter)
WIRE = Wire(SCHEMA)
ADD, TOTAL = Step("add", (1,)), Step("total")
UNSUPPORTED = [4]


def _reply(first: int, *steps: tuple[list[Any], int]) -> bytes:
    """Return the reply of a subject that opened with a total, made in mode STATES."""
    totals = [first, *(total for _, total in steps)]
    pairs = [part for plain, total in steps for part in (plain, total.to_bytes(8, "big"))]
    return dumps([[[0, None]], pairs, [[dumps([total])] for total in totals], None])


def _run(steps: tuple[Step, ...], **replies: bytes) -> Execution:
    return Execution(Trace(steps), {name: Answer(raw, WIRE) for name, raw in replies.items()})


def _found(execution: Execution, start: int = 0) -> tuple[checks.Check, int | None, Mapping[str, str]] | None:
    found = Judge(SCHEMA, WIRE).examine(execution, start)
    return None if found is None else (found.check, found.step, dict(found.shape))


def test_a_subject_without_a_step_that_writes_is_not_compared_from_there_on() -> None:
    """Neither its outcomes nor its state are compared from that step on."""
    go = _reply(0, ([0, 1], 1), ([0, 1], 1))
    rust = _reply(0, (UNSUPPORTED, 0), ([0, 0], 0))

    assert _found(_run((ADD, TOTAL), go=go, rust=rust)) is None


def test_a_subject_that_is_not_compared_stays_so_after_an_asymmetry() -> None:
    """A judgement that begins after an asymmetry excludes the same subjects."""
    go = _reply(0, ([0, 1], 1), ([0, 1], 1), ([0, 1], 1))
    rust = _reply(0, (UNSUPPORTED, 0), ([0, 0], 0), ([0, 0], 0))

    assert _found(_run((ADD, TOTAL, TOTAL), go=go, rust=rust), start=2) is None


def test_a_subject_without_a_query_is_compared_from_the_next_step_on() -> None:
    """A query that a subject does not support cannot make the states differ."""
    go = _reply(0, ([0, 0], 0), ([0, 1], 1))
    rust = _reply(0, (UNSUPPORTED, 0), ([0, 2], 2))

    found = _found(_run((TOTAL, ADD), go=go, rust=rust))
    assert found == (checks.VALUE, 1, {"go": "accepted", "rust": "accepted"})


def test_states_that_differ_after_open_are_a_divergence_of_open() -> None:
    """The divergence has no step."""
    go, rust = _reply(0, ([0, 1], 1)), _reply(5, ([0, 1], 6))

    found = _found(_run((ADD,), go=go, rust=rust))
    assert found == (checks.POST_STATE, None, {"go": "accepted", "rust": "accepted"})


@pytest.mark.parametrize(("first", "expected"), [(0, None), (50, (None, "is_small"))])
def test_invariants_are_evaluated_on_the_state_after_open(first: int, expected: object) -> None:
    """This holds also where all subjects agree."""
    same = _reply(first, ([0, 1], 1))

    found = Judge(SCHEMA, WIRE).examine(_run((ADD,), go=same, rust=same))
    assert (found and (found.step, found.subject)) == expected


def test_a_divergence_says_whether_the_states_differ_after_it() -> None:
    """If an asymmetry covers it, the rest of the trace is not judged."""
    go, rust = _reply(0, ([2, "no"], 0)), _reply(0, ([0, 1], 1))

    found = Judge(SCHEMA, WIRE).examine(_run((ADD,), go=go, rust=rust))
    assert found is not None
    assert (found.check, found.moves_state) == (checks.UNMAPPED, True)


def test_a_subject_that_dies_later_is_compared_until_then() -> None:
    """Its values before the death are compared."""
    raw = _reply(0, ([0, 0], 0))
    dead = Answer(raw, WIRE, Crashed(Evidence("exit 2")), 1)
    execution = Execution(
        Trace((TOTAL, ADD)), {"go": Answer(_reply(0, ([0, 7], 0), ([0, 1], 1)), WIRE), "rust": dead}
    )

    assert _found(execution) == (checks.VALUE, 0, {"go": "accepted", "rust": "accepted"})
    assert _found(execution, start=1) == (checks.CRASH, 1, {"go": "accepted", "rust": "crashed"})


def test_an_invariant_that_raises_is_a_mistake_of_the_contract() -> None:
    """The error names the invariant; it is not a finding."""
    same = _reply(0, ([0, 1], 13))

    with pytest.raises(ContractError, match="invariant 'is_readable' raised ZeroDivisionError"):
        _found(_run((ADD,), go=same, rust=same))


TOO_FAR = 1


def test_details_are_compared_like_values() -> None:
    """If all subjects reject with one class, a difference between the details has a path."""
    go, rust = ([1, TOO_FAR, [3, "here"]], [1, TOO_FAR, [3, "there"]])

    found = Judge(SCHEMA, WIRE).examine(
        _run((ADD,), go=_reply(0, (go, 0)), rust=_reply(0, (rust, 0)), model=_reply(0, (go, 0)))
    )

    assert found is not None
    assert (found.check, found.path, found.blamed) == (checks.DETAIL, "words", ("rust",))
    assert found.detail == 'go has "here", rust has "there"'
    assert found.signature.disagreement == "go, model | rust"


@pytest.mark.parametrize(
    ("detail", "path"), [([100, ""], "detail.line"), ([1, 2], "detail.words"), (None, "detail")]
)
def test_a_detail_outside_its_type_blames_its_subject(detail: Any, path: str) -> None:
    """This holds also if all subjects return the same detail."""
    reply = _reply(0, ([1, TOO_FAR, detail], 0))

    found = Judge(SCHEMA, WIRE).examine(_run((ADD,), go=reply, rust=reply))

    assert found is not None
    assert (found.check, found.path, found.blamed) == (checks.OUTSIDE_TYPE, path, ("go", "rust"))


def test_a_detail_that_is_not_declared_is_outside_its_type() -> None:
    """A subject must not return a detail that the contract does not declare."""
    reply = _reply(0, ([1, 0, "because"], 0))

    found = Judge(SCHEMA, WIRE).examine(_run((ADD,), go=reply, rust=reply))

    assert found is not None
    assert (found.check, found.path) == (checks.OUTSIDE_TYPE, "detail")


@pytest.mark.parametrize(
    ("go", "rust", "start", "expected"),
    [
        ((0, 1, 2), (0, 1, 2), 0, 3),  # equal answers: one of them is read
        ((0, 1, 2), (0, 1, 3), 0, 4),  # the states after the second step differ, so that they are not read
        ((0, 1, 2), (0, 1, 2), 1, 1),  # from the second step on
        ((0, 1, 60), (0, 1, 60), 0, 3),  # the last one breaks an invariant
    ],
)
def test_states_that_invariants_were_evaluated_on_are_counted(
    go: Sequence[int], rust: Sequence[int], start: int, expected: int
) -> None:
    """Each state up to the first divergence counts, and the state after `open` too."""
    replies = {
        name: _reply(first, *(([0, 1], total) for total in totals))
        for name, (first, *totals) in (("go", go), ("rust", rust))
    }
    execution, judge = _run((ADD, ADD), **replies), Judge(SCHEMA, WIRE)

    found = judge.examine(execution, start)

    assert judge.states_checked(execution, start, found) == expected
