"""What is known of a contract's subjects is all there is, and each entry shows in its smallest witness."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from driftcheck.contract import lookup
from driftcheck.findings.show import in_a_line
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.session import open_session

PAYLOADS = 20_000
CONTRACTS = ("cbor", "json", "semver", "time")
# Payloads by day, which show a few asymmetries. A witness of semver that is shrunk shows nearly all others.
FEW = {"cbor": 20, "json": 60, "time": 40}
MANY = 500  # payloads by day without shrinking; they show an eighth of the asymmetries
SEED = 0
WITNESSES = Path(__file__).parent / "witnesses"


def witnesses(name: str, payloads: int) -> tuple[dict[str, str], set[str]]:
    """Return the smallest witness of each asymmetry that was seen, and all that are on file."""
    with open_session(lookup.load_named(name)) as session:
        explored = explore(session, Budget(max_traces=payloads), seed=SEED)
        shown = {id_: in_a_line(session.schema, case) for id_, case in explored.witnesses.items()}

    assert [f.signature for f in explored.findings] == []
    return shown, {entry.id for entry in session.asymmetries.entries}


@pytest.mark.parametrize(
    ("name", "payloads"),
    [*FEW.items(), *(pytest.param(name, PAYLOADS, marks=pytest.mark.nightly) for name in CONTRACTS)],
)
def test_what_differs_is_known(name: str, payloads: int) -> None:
    """No payload shows a finding, and no witness is longer than the one on file."""
    expected = tomllib.loads((WITNESSES / f"{name}.toml").read_text())

    shown, entries = witnesses(name, payloads)

    assert set(expected) == entries
    assert {id_: text for id_, text in shown.items() if len(text) > len(expected[id_])} == {}
    if payloads == PAYLOADS:
        assert set(shown) == entries
    else:
        assert shown


@pytest.mark.parametrize("name", CONTRACTS)
def test_many_payloads_show_no_finding(name: str) -> None:
    """What differs in them is known, and an eighth of what is known is seen."""
    with open_session(lookup.load_named(name)) as session:
        explored = explore(session, Budget(max_traces=MANY), seed=SEED, witnesses=False)

    assert [f.signature for f in explored.findings] == []
    assert len(explored.statistics.known) >= len(session.asymmetries.entries) / 8
