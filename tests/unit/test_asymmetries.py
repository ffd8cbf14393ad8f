"""What an entry of known differences covers, and what it must leave to be found."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pytest

from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetries, Asymmetry
from driftcheck.oracle.signature import Divergence

LANGUAGES = {"go": "go", "serde": "rust", "model": "python"}


def _entry(shape: Mapping[str, str]) -> Asymmetries:
    day = datetime.date(2030, 1, 1)
    return Asymmetries([Asymmetry("known", "put", shape, ("go",), "why", "me", day)], LANGUAGES)


def _found(check: checks.Check, blamed: tuple[str, ...] = (), **shape: str) -> Divergence:
    return Divergence(check, 0, "put", tuple(shape.items()), blamed=blamed)


KNOWN = _entry({"go": "accepted", "rust": "full"})


def test_the_outcomes_that_it_names_are_known() -> None:
    """A subject is named by itself or by its language; one that is not named may do either."""
    for other in ("accepted", "full"):
        found = _found(checks.ACCEPT_REJECT, go="accepted", serde="full", model=other)

        assert KNOWN.match(found) is not None


@pytest.mark.parametrize("check", [checks.REJECTED_CHANGED_STATE, checks.QUERY_CHANGED_STATE])
def test_a_change_of_state_is_no_known_outcome(check: checks.Check) -> None:
    """Who rejects where another accepts, as is known, must still leave the state as it was."""
    assert KNOWN.match(_found(check, ("serde",), go="accepted", serde="full")) is None


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        (checks.CRASH, "crashed"),
        (checks.PANIC, "panicked"),
        (checks.UNMAPPED, "unmapped"),
        (checks.OUTSIDE_TYPE, "outside its type"),
    ],
)
def test_the_fault_of_a_subject_that_it_does_not_name_is_found(check: checks.Check, kind: str) -> None:
    """What two subjects are known to do does not cover what happens to a third."""
    assert KNOWN.match(_found(check, ("model",), go="accepted", serde="full", model=kind)) is None


def test_a_fault_that_it_names_is_known() -> None:
    """A crash may be known like any other outcome."""
    entry = _entry({"go": "accepted", "rust": "crashed"})

    assert entry.match(_found(checks.CRASH, ("serde",), go="accepted", serde="crashed")) is not None
