"""Well-formed payloads, of which nothing is known but what the entries say, raise no alarm."""

from __future__ import annotations

import pytest

from driftcheck import registry
from driftcheck.generate.engine import search
from driftcheck.generate.strategy import traces
from driftcheck.oracle.signature import Signature
from driftcheck.run import CHUNK, derived_seed
from driftcheck.session import open_session
from driftcheck.trace import Trace

CONTRACTS = ("cbor", "json", "semver", "time")
SEED = 0


@pytest.mark.parametrize("name", CONTRACTS)
@pytest.mark.parametrize("payloads", [2_000, pytest.param(25_000, marks=pytest.mark.nightly)])
def test_well_formed_payloads_show_no_finding(name: str, payloads: int) -> None:
    """Of 100,000 in all, each is read and written alike by all subjects, or as an entry says."""
    found: list[Signature] = []
    with open_session(registry.load(name)) as session:
        strategy = traces(session.schema, malformed=0.0)

        def judge(trace: Trace, shrinking: bool) -> None:
            divergence = session.oracle.explore(trace, sampled=False).divergence
            found.extend([] if divergence is None else [divergence.signature])

        for chunk in range(payloads // CHUNK):
            search(
                strategy,
                judge,
                seed=derived_seed(SEED, chunk),
                max_cases=CHUNK,
                ahead=session.lockstep.ahead,
            )

    assert found == []
