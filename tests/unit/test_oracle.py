"""Verdicts on traces that subjects execute in hosts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftcheck import schema_of
from driftcheck.core.trace import Step, Trace
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.exercised import Exercised
from driftcheck.oracle.oracle import Oracle
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.host import Limits
from driftcheck_contracts.lru import Lru

LRU = schema_of(Lru)
RIGHT = "driftcheck_contracts.lru.model:LruModel"
PUTS = (Step("put", ("a", b"")), Step("put", ("b", b"")))
GET, PEEK = Step("get", ("a",)), Step("peek", ("b",))


@contextmanager
def _oracle(other: str, limits: Limits | None = None) -> Iterator[Oracle]:
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    subjects = [
        Subject(name, "python", "python", target, here) for name, target in (("go", RIGHT), ("rust", other))
    ]
    with Lockstep(LRU, subjects, limits) as lockstep:
        yield Oracle(LRU, lockstep)


def test_nondeterminism_in_a_later_step_does_not_hide_a_divergence() -> None:
    """A divergence that recurs is reported, although a step after it is nondeterministic."""
    with _oracle("judged_models:Restless") as oracle:
        verdict = oracle.explore(Trace((*PUTS, GET, PEEK), (2,)), sampled=True)

    assert verdict.divergence is not None
    assert (verdict.divergence.check, verdict.divergence.step) == (checks.POST_STATE, 2)


def test_nondeterminism_is_reported_instead_of_the_divergence_that_it_causes() -> None:
    """A value that differs in each execution does not tell the subjects apart."""
    with _oracle("judged_models:Restless") as oracle:
        verdict = oracle.explore(Trace((*PUTS, PEEK, GET), (2,)), sampled=True)

    assert verdict.divergence is not None
    assert (verdict.divergence.check, verdict.divergence.step) == (checks.NOT_DETERMINISTIC, 2)
    assert verdict.divergence.blamed == ("rust",)


def test_a_divergence_that_was_seen_once_is_reported() -> None:
    """The verdict holds it although it does not recur; the confirmation then calls it flaky."""
    with _oracle("judged_models:Cold") as oracle:
        first, second = (oracle.explore(Trace((*PUTS, PEEK), (2,)), sampled=False) for _ in range(2))

    assert first.divergence is not None
    assert first.divergence.check == checks.VALUE
    assert second.divergence is None


def test_a_known_divergence_is_repeated_only_up_to_its_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a long run most traces may show it. The verdict stays the same."""
    trace = Trace((*PUTS, GET, *PUTS * 10), (2,))
    with _oracle("judged_models:Restless") as oracle:
        first = oracle.explore(trace, sampled=False)
        assert first.divergence is not None
        lengths = []
        run_all = oracle.lockstep.run_all

        def noted(traces: Sequence[Trace], *more: Any, **named: Any) -> Any:
            lengths.extend(len(one.steps) for one in traces)
            return run_all(traces, *more, **named)

        monkeypatch.setattr(oracle.lockstep, "run_all", noted)
        again = oracle.explore(trace, sampled=False, found_before={first.divergence.signature})
        other = attrs.evolve(first.divergence.signature, path="another")
        new = oracle.explore(trace, sampled=False, found_before={other})

    assert again.divergence == new.divergence == first.divergence
    assert lengths == [23, 3, 3, 3, 23, 3, 3, 3, 23, 23, 23]
    assert again.execution is not None
    assert again.execution.trace == trace


def test_the_deadline_while_shrinking_depends_on_the_deadline() -> None:
    """A slow subject must not appear to hang while another finding is shrunk."""
    shares = {}
    for deadline_s in (0.05, 0.3, 1.0, 10.0):
        with _oracle(RIGHT, Limits(deadline_s=deadline_s)) as oracle:
            shares[deadline_s] = oracle.shrink_deadline_s

    assert shares == {0.05: 0.05, 0.3: 0.1, 1.0: 0.1, 10.0: 1.0}


def test_each_verdict_holds_what_its_own_trace_exercised() -> None:
    """The second of two equal traces counts as much as the first, since the oracle keeps no counts."""
    with _oracle(RIGHT) as oracle:
        first, second = (oracle.explore(Trace((*PUTS, GET), (2,)), sampled=True) for _ in range(2))
        not_sampled = oracle.explore(Trace((*PUTS, GET), (2,)), sampled=False)

    assert first.exercised == second.exercised
    assert first.exercised.invariants == {one.name: 4 for one in LRU.invariants}
    assert first.exercised.variations[checks.NOT_DETERMINISTIC.code] == 2
    assert not_sampled.exercised == Exercised()
