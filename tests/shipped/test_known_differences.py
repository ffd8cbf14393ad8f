"""What is known of a contract's subjects is all there is, and each entry shows in its smallest witness."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from driftcheck import registry
from driftcheck.findings.show import in_a_line
from driftcheck.run import Budget, explore
from driftcheck.session import open_session

CONTRACTS = ("cbor", "json", "semver", "time")
PAYLOADS = 20_000
SEED = 0
WITNESSES = Path(__file__).parent / "witnesses"


@pytest.mark.parametrize("name", CONTRACTS)
def test_each_known_difference_is_met(name: str) -> None:
    """20,000 payloads show no finding, and of each entry a witness no longer than the one on file."""
    expected = tomllib.loads((WITNESSES / f"{name}.toml").read_text())
    with open_session(registry.load(name)) as session:
        explored = explore(session, Budget(max_traces=PAYLOADS), seed=SEED)
        shown = {id_: in_a_line(session.schema, case) for id_, case in explored.witnesses.items()}

    assert [f.signature for f in explored.findings] == []
    assert set(shown) == set(expected) == {entry.id for entry in session.asymmetries.entries}
    assert {id_: text for id_, text in shown.items() if len(text) > len(expected[id_])} == {}
