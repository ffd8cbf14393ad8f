"""What shows in very many ways: one bug is one finding or one group, and ten bugs are about ten groups."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import flood_models as models
import flooding
import pytest
from test_triage import search

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.oracle import Oracle
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.session import Session
from driftcheck.subjects.discover import subjects

FEW = range(flooding.BUGS - 2, flooding.BUGS + 3)  # groups that are about ten


def test_keys_of_maps_do_not_multiply_findings() -> None:
    """A value that differs under keys with brackets, quotes and dots is one finding, wherever it lies."""
    explored = search(models.Keys, 150, model_a=models.KeysGo, model_b=models.KeysRust)

    found = [(f.signature.operation, f.signature.path) for f in explored.findings]
    assert sorted(found) == [("count", "[]"), ("nest", "[][][]")]


def test_one_cause_under_ten_operations_is_one_group() -> None:
    """A byte order mark is refused by ten operations; three findings are kept, and the others counted."""
    explored = search(models.Ten, 800, model_a=models.TenGo, model_b=models.TenRust)

    (cause,) = explored.root_causes
    assert cause.finding.signature.cause == ("bom",)
    assert len(cause.findings) <= 3
    assert len(cause.findings) + cause.more >= 10


@pytest.fixture(scope="module")
def flood() -> Iterator[Explored]:
    """A search with a subject that is right and one that is wrong in very many ways."""
    schema = schema_of(flooding.Flooding)
    (source,) = subjects(flooding.Flooding)
    right = attrs.evolve(build(source, schema), name="right")
    wrong = attrs.evolve(right, name="wrong", env={flooding.VARIABLE: "1"})
    with Lockstep(schema, [right, wrong]) as lockstep:
        descriptions = lockstep.start()
        known = Asymmetries()
        oracle = Oracle(schema, lockstep, known)
        session = Session(flooding.Flooding, schema, None, lockstep, oracle, known, descriptions)
        yield explore(session, Budget(max_traces=1_000), seed=0)


def groups_of(explored: Explored, operation: str) -> list[str]:
    """Return what the representative of each group of an operation says."""
    found = (cause.finding for cause in explored.root_causes)
    return [f.divergence.frame or f.divergence.reason for f in found if f.divergence.operation == operation]


def test_a_panic_that_quotes_its_input_is_one_finding(flood: Explored) -> None:
    """Whatever it quotes, and in which form, the rest of the text tells which panic it is."""
    found = [f.divergence for f in flood.findings if f.divergence.operation == "quote"]

    assert [one.check for one in found] == [checks.PANIC]


def test_ten_refusals_of_one_operation_are_about_ten_groups(flood: Explored) -> None:
    """Where no payload has a feature, the words of the library tell its bugs apart."""
    assert len(groups_of(flood, "refuse")) in FEW


def test_ten_panics_of_one_operation_are_about_ten_groups(flood: Explored) -> None:
    """Panics at one place are told apart by their words."""
    assert len(groups_of(flood, "panics")) in FEW
