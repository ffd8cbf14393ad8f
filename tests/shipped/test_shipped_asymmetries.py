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
BY_DAY = {
    "cbor": 30,
    "json": 100,
    "semver": 100,
    "time": 60,
}  # payloads that show an eighth of the asymmetries
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
    [*BY_DAY.items(), *(pytest.param(name, PAYLOADS, marks=pytest.mark.nightly) for name in BY_DAY)],
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
        assert len(shown) >= len(entries) / 8
