"""Flags of the opening and steps that are neutral: neither changes how anything else ends."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flag_models import Sums

from driftcheck import schema_of
from driftcheck.contract.export import export
from driftcheck.core import types as t
from driftcheck.core.trace import Step, Trace
from driftcheck.findings import words
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.metamorphic import neutrality
from driftcheck.oracle.oracle import Oracle
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.session import Session
from driftcheck.subjects.discover import Subject


class Way(enum.Enum):
    A, B, C = range(3)


SUMS = schema_of(Sums)
ADD, FAST, SLOW = Step("add", (9,)), Step("switch", (True,)), Step("switch", (False,))


@contextmanager
def _oracle(model: str) -> Iterator[Oracle]:
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    subjects = [Subject(name, "python", "python", f"flag_models:{model}", here) for name in ("go", "rust")]
    with Lockstep(SUMS, subjects) as lockstep:
        yield Oracle(SUMS, lockstep)


@pytest.mark.parametrize(
    ("steps", "fast", "shown"),
    [
        ((ADD,), False, True),
        ((ADD,), True, False),
        ((FAST, ADD), False, False),
        ((SLOW, ADD), True, True),
    ],
    ids=["opened slow", "opened fast", "switched to fast", "switched to slow"],
)
def test_a_flag_that_changes_a_result_is_found(steps: tuple[Step, ...], fast: bool, shown: bool) -> None:
    """Whichever way was taken, the other one is tried, and the step that ends otherwise is reported."""
    trace = Trace(steps, (fast,))

    with _oracle("Hasty") as oracle:
        verdict = oracle.explore(trace, sampled=True)

    found = verdict.divergence
    assert found is not None
    assert (found.check, found.step, found.operation) == (checks.NOT_NEUTRAL, len(steps) - 1, "add")
    assert found.blamed == ("go", "rust")
    assert found.variation == Trace((ADD,), (shown,))
    assert {found.detail.partition(": ")[2]} <= {
        "it was 8, and is 9 in the varied trace",
        "it was 9, and is 8 in the varied trace",
    }


def test_a_flag_may_be_told_and_chosen() -> None:
    """What tells of it is a history, and what returns the one before is neutral itself."""
    with _oracle("Right") as oracle:
        verdict = oracle.explore(Trace((FAST, ADD, Step("way"), SLOW, ADD), (False,)), sampled=True)

    assert verdict.divergence is None


def test_it_is_shrunk_to_the_one_step_that_shows_it() -> None:
    """With the flag's first value, since the other one is tried anyway."""
    with _oracle("Hasty") as oracle:
        lockstep = oracle.lockstep
        session = Session(Sums, SUMS, None, lockstep, oracle, oracle.asymmetries, lockstep.start())
        explored = explore(session, Budget(max_traces=100), seed=0, max_steps=10, laws=False)

    (found,) = explored.findings
    assert isinstance(found.case, Trace)
    assert [words.step(SUMS, step) for step in found.case.steps] == ["add(9)"]
    assert found.case.opening == (False,)


def test_flags_stand_in_the_export() -> None:
    """For those who read contracts by program."""
    data = export(SUMS)

    assert data["open"][0]["flag"] is True
    assert {o["name"]: o["neutral"] for o in data["operations"]} == {
        "add": False,
        "switch": True,
        "way": False,
    }


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (t.Bool(), (False, True)),
        (t.Choice(t.Enumeration("Way", Way), (Way.A, Way.C)), (Way.A, Way.C)),
        (t.Named(t.Enumeration("Way", Way), 2), tuple(Way)),
    ],
    ids=["bool", "some members", "names in play"],
)
def test_other_flags_are_those_that_the_type_allows(type_: t.Type, values: tuple[Any, ...]) -> None:
    """What `in_` leaves out is not tried."""
    assert neutrality.flag_values(type_) == values
