"""Nothing is known of what agrees: well-formed payloads and subjects that stand alone raise no alarm."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from driftcheck.contract import lookup
from driftcheck.generate.draw import draw
from driftcheck.generate.strategy import traces
from driftcheck.lockstep.send_ahead import send_ahead
from driftcheck.oracle.signature import Signature
from driftcheck.search.budget import Budget
from driftcheck.search.drawing import derived_seed
from driftcheck.search.explore import CHUNK, explore
from driftcheck.search.session import open_session
from driftcheck.search.settings import SessionSettings
from driftcheck.selfcheck import Options
from driftcheck.selfcheck import examine as selfcheck
from driftcheck.subjects.discover import subjects

CONTRACTS = ("cbor", "json", "semver", "time")
SEED = 0
ALONE = [(name, source.name) for name in (*CONTRACTS, "lru") for source in subjects(lookup.load_named(name))]


@pytest.mark.parametrize("name", CONTRACTS)
@pytest.mark.parametrize("payloads", [2_000, pytest.param(25_000, marks=pytest.mark.nightly)])
def test_well_formed_payloads_show_no_finding(name: str, payloads: int) -> None:
    """Of 100,000 in all, each is read and written alike by all subjects, or as an entry says."""
    found: list[Signature] = []
    with open_session(lookup.load_named(name)) as session:
        strategy = traces(session.schema, malformed=0.0)

        for chunk in range(payloads // CHUNK):
            drawn = islice(draw(strategy, derived_seed(SEED, chunk)), CHUNK)
            for trace in send_ahead(drawn, session.lockstep.ahead):
                divergence = session.oracle.explore(trace, sampled=False).divergence
                found.extend([] if divergence is None else [divergence.signature])

    assert found == []


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("name", "subject"), ALONE)
def test_a_subject_alone_shows_no_finding(name: str, subject: str, seed: int) -> None:
    """What each promises by itself it keeps, or an entry says that it does not; and its adapter is sound."""
    contract = lookup.load_named(name)
    with open_session(contract, only=(subject,)) as session:
        explored = explore(session, Budget(max_traces=5_000), seed=seed, witnesses=False)
    settings = SessionSettings(Path.cwd(), subjects=(subject,))
    tried = list(selfcheck(contract, Options(settings, seed=seed)))

    assert [finding.signature for finding in explored.findings] == []
    assert [item for item in tried if item.state != "ok"] == []
