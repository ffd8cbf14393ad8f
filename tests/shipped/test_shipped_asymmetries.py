"""What is known of a contract's subjects is all there is, and each entry shows in its smallest witness."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import pytest

from driftcheck import Payload
from driftcheck.contract import lookup
from driftcheck.core.outcome import Accepted, Rejected
from driftcheck.findings.show import in_a_line
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.saved_cases import replay_saved
from driftcheck.search.session import open_session
from driftcheck_contracts.json import is_two_units_off, loses_the_sign_of_zero
from driftcheck_contracts.semver import has_long_bound

PAYLOADS = 20_000
CONTRACTS = ("cbor", "json", "semver", "time")
# Payloads by day, which show a few asymmetries. A witness of semver that is shrunk shows nearly all others.
FEW = {"cbor": 20, "json": 40, "time": 40}
MANY = 500  # payloads by day without shrinking; they show an eighth of the asymmetries
SEED = 0
WITNESSES = Path(__file__).parent / "witnesses"
# Campaigns show these: their documents are odd already before they are mutated. A run may show none of them.
RARE = {
    "cbor": {
        "bignum-as-bytes",
        "first-name-wins-in-any-case",
        "value-after-any-case",
        "value-after-any-case-that-ciborium-reads",
    },
    "json": {"any-float-one-off"},
    "semver": {
        "compare-at-most-256-bytes",
        "bound-of-at-most-256-bytes",
        "bound-of-one-long-identifier",
    },
}


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
        assert set(shown) | RARE.get(name, set()) == entries
    else:
        assert shown


@pytest.mark.parametrize("name", CONTRACTS)
def test_many_payloads_show_no_finding(name: str) -> None:
    """What differs in them is known, and an eighth of what is known is seen."""
    with open_session(lookup.load_named(name)) as session:
        explored = explore(session, Budget(max_traces=MANY), seed=SEED, witnesses=False)

    assert [f.signature for f in explored.findings] == []
    assert len(explored.statistics.known) >= len(session.asymmetries.entries) / 8


@pytest.mark.parametrize("name", RARE)
def test_a_rare_asymmetry_covers_its_case(name: str) -> None:
    """The case of each entry that a run may not show diverges, and this entry covers it."""
    paths = [WITNESSES / "cases" / name / f"{id_}.json" for id_ in sorted(RARE[name])]
    with open_session(lookup.load_named(name)) as session:
        replays = [replay_saved(path, session) for path in paths]

    # Whether the outcomes differ is judged before the values.
    assert [one.known[-1].id for one in replays] == [path.stem for path in paths]


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("=0.0.0-" + "a" * 251, True),
        ("=0.0.0-" + "a" * 250, False),
        (", ".join(["=0.0.0-" + "a" * 200] * 2), False),
    ],
)
def test_a_long_bound_is_one_version(requirement: str, expected: bool) -> None:
    """The length of a whole requirement says nothing of the versions in it."""
    arguments = {"requirement": Payload(requirement.encode())}

    assert has_long_bound("matches", arguments, {}) is expected


def below(number: float, units: int) -> float:
    """Return a smaller double, by this number of units."""
    for _ in range(units):
        number = math.nextafter(number, -math.inf)
    return number


@pytest.mark.parametrize(
    ("serde", "expected"),
    [
        (f'[1, {{"a": {below(5e29, 1)!r}}}]', True),
        (f'[1, {{"a": {below(5e29, 2)!r}}}]', True),
        (f'[1, {{"a": {below(5e29, 3)!r}}}]', False),
        ('[2, {"a": 5e29}]', False),
        ('[1, {"b": 5e29}]', False),
        (f'[1.0, {{"a": {below(5e29, 1)!r}}}]', True),  # the same number
        ('[true, {"a": 5e29}]', False),
        ("[1]", False),
        ("[", False),
    ],
)
def test_two_units_off_is_nothing_else(serde: str, expected: bool) -> None:
    """Only a double of serde may differ, and only by two units."""
    outcomes = {"go": Accepted(Payload(b'[1, {"a": 5e29}]')), "serde": Accepted(Payload(serde.encode()))}

    assert is_two_units_off("rewrite", {}, outcomes) is expected
    assert not is_two_units_off("rewrite", {}, {**outcomes, "serde": Rejected("malformed")})


@pytest.mark.parametrize(
    ("go", "serde", "expected"),
    [
        ("5e-324", "0.0", True),
        ("1e-323", "0.0", True),
        ("1.5e-323", "0.0", False),
        ("0.0", "-0.0", False),
        ("[5e-324,-0]", "[0.0,-0.0]", True),  # encoding/json writes -0.0 without a fraction
        ("[5e-324,0]", "[0.0,-0.0]", False),
        ("100000000000000000000", "100000000000000020000.0", True),
        ("100000000000000000000", "100000000000000050000.0", False),
        ("[18600000300000000000,5e-324]", "[1.86000003e19,0.0]", True),  # in the digits of the shortest text
        ("[20000000000000010,5e-324]", "[20000000000000008,0.0]", True),
        ("[20000000000000020,5e-324]", "[20000000000000008,0.0]", False),
        ("9007199254740993", "9007199254740992.0", False),
        ("1" + "0" * 400, "1.0", False),
    ],
)
def test_zero_is_one_unit_from_the_smallest_double(go: str, serde: str, expected: bool) -> None:
    """The sign of a zero is no unit, and a double may be written as an integer."""
    outcomes = {"go": Accepted(Payload(go.encode())), "serde": Accepted(Payload(serde.encode()))}

    assert is_two_units_off("rewrite", {}, outcomes) is expected


@pytest.mark.parametrize(
    ("sonic", "expected"),
    [
        ("[1,0.0]", True),
        ("[1,0]", True),
        ("[1.0,0.0]", True),
        ("[1,1e-300]", False),
        ("[1,null]", False),
        ("[2,0]", False),
    ],
)
def test_the_sign_of_zero_is_nothing_else(sonic: str, expected: bool) -> None:
    """Only a zero of sonic may differ."""
    outcomes = {"go": Accepted(Payload(b"[1,-0.0]")), "sonic": Accepted(Payload(sonic.encode()))}

    assert loses_the_sign_of_zero("rewrite", {}, outcomes) is expected
