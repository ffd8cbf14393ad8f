"""Each library for versions agrees with itself, and all agree where their documents say that they do."""

from __future__ import annotations

import pytest

from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.self_consistency import examine_self_consistency
from driftcheck.search.session import open_session
from driftcheck.search.unexercised import not_exercised
from driftcheck_contracts.semver import Semver

SUBJECTS = ("masterminds", "masterminds-loose", "x-mod", "semver-rs")
SEED = 0
EVERY_MUTATION = 20_000  # payloads in which a run sees each, with any seed
ALL = pytest.param(EVERY_MUTATION, marks=pytest.mark.nightly)


@pytest.mark.parametrize("count", [200, ALL])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_library_agrees_with_itself(subject: str, count: int) -> None:
    """In two hosts of one subject each payload gives the same, and its order keeps the laws."""
    with open_session(Semver, only=(subject,)) as session:
        assert examine_self_consistency(session, seed=SEED, max_traces=count) is None
        explored = explore(session, Budget(max_traces=count), seed=SEED)

    assert [f.signature for f in explored.findings] == []
    assert all(explored.statistics.laws[law.name] for law in session.schema.laws)


@pytest.mark.parametrize("seed", [SEED, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in (1, 2))])
@pytest.mark.parametrize("count", [500, ALL])
def test_what_is_known_is_all(seed: int, count: int) -> None:
    """The asymmetries leave no finding, and only x/mod, which has no ranges, is not exercised there."""
    with open_session(Semver) as session:
        explored = explore(session, Budget(max_traces=count), seed=seed, witnesses=False)

    assert [f.signature for f in explored.findings] == []
    unmet = [str(one) for one in not_exercised(session.schema, explored.statistics).items]
    if count < EVERY_MUTATION:
        unmet = [one for one in unmet if not one.startswith("mutation ")]
    assert unmet == ["operation matches in x-mod: unsupported"]
