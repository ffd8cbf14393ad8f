"""Traces that were sent ahead are executed only once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from driftcheck.core.trace import Step, Trace
from driftcheck.search.session import Session, open_session
from driftcheck.subjects.host import Host
from driftcheck.subjects.wire import STATES
from driftcheck_contracts.lru import Lru


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with open_session(Lru, only=("go", "rust")) as opened:
        yield opened


def traces(count: int) -> list[Trace]:
    return [Trace((Step("walk"),) * number, (1,)) for number in range(count)]


def test_a_second_look_drops_no_answer(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace that is repeated while the next batch is in flight needs only its own messages."""
    lockstep, first, second = session.lockstep, traces(4), traces(4)
    sent = []
    plain = Host.send
    monkeypatch.setattr(Host, "send", lambda host, request: (sent.append(request), plain(host, request))[1])

    lockstep.ahead(first)
    lockstep.ahead(second)
    executions = []
    for trace in (*first, *second):
        executions.append(lockstep.run(trace))
        if trace is first[1]:
            lockstep.run_all([trace], STATES)

    assert [len(execution.answers["go"].reply.outcomes) for execution in executions] == [0, 1, 2, 3] * 2
    assert len(sent) == 2 * (2 + 1)  # each subject: two batches, and the second look


def test_forgets_answers_that_nobody_asks_for(session: Session) -> None:
    """A search that ended early leaves at most a few batches."""
    lockstep = session.lockstep

    for _ in range(40):
        lockstep.ahead(traces(32))

    assert len(lockstep._ready) <= 256


def test_a_subject_may_be_left_out() -> None:
    """A batch goes only to the others, and a second look to all."""
    with open_session(Lru) as session:
        lockstep, batch = session.lockstep, traces(4)

        lockstep.ahead(batch, without=lockstep.in_python)
        some = [lockstep.run(trace, without=lockstep.in_python) for trace in batch]
        every = lockstep.run(batch[0])

    assert [set(execution.answers) for execution in some] == [{"go", "rust"}] * 4
    assert set(every.answers) == {"go", "rust", "model"}


def test_a_subject_in_python_is_not_spared_where_only_one_other_is_left() -> None:
    """Nothing would be compared without it."""
    with open_session(Lru, only=("go", "model")) as session:
        assert session.lockstep.in_python == ()
