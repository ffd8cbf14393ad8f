"""What an entry of known differences covers, and what it must leave to be found."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from packaging.specifiers import SpecifierSet

from driftcheck.core.disagreement import groups_of
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


def _of_values(deviates: tuple[str, ...], **groups: str) -> bool:
    """Say whether an entry for these deviating subjects covers a value that differs in this way."""
    day = datetime.date(2030, 1, 1)
    entry = Asymmetry("known", "put", {"differs": "score"}, deviates, "why", "me", day)
    found = Divergence(
        checks.VALUE,
        0,
        "put",
        tuple((name, "accepted") for name in groups),
        path="score",
        groups=groups_of(groups),
    )
    return Asymmetries([entry], LANGUAGES).match(found) is not None


def test_values_are_known_to_differ_where_the_others_agree() -> None:
    """Who deviates is set aside; what then still differs is no part of the entry."""
    assert _of_values(("go",), go="1", serde="2", model="2")
    assert _of_values(("rust",), go="1", serde="2", model="1")
    assert _of_values(("go", "rust"), go="1", serde="2", model="3")
    assert not _of_values(("rust",), go="1", serde="2", model="2")
    assert not _of_values(("go",), go="1", serde="2", model="3")


@pytest.mark.parametrize(
    ("more", "covers"),
    [
        ({"features": ("bom",)}, True),
        ({"features": ("bom",), "is_exact": True}, False),
        ({"features": ("bom", "nul"), "is_exact": True}, True),
        ({"features": ("bom",), "path": "note"}, True),
        ({"features": ("bom",), "path": "name"}, False),
        ({"features": ()}, False),
        ({"features": ("bom",), "check": "D102"}, False),
        ({"features": ("bom",), "concerns": "other"}, False),
    ],
)
def test_a_trigger_is_as_narrow_as_it_says(more: dict[str, Any], covers: bool) -> None:
    """One feature among several or exactly these, a field, a check: each narrows it."""
    entry = attrs.evolve(KNOWN.entries[0], **more)
    found = attrs.evolve(
        _found(checks.ACCEPT_REJECT, go="accepted", serde="full"),
        cause=("bom", "nul"),
        places={"bom": frozenset({"note"}), "nul": frozenset({""})},
    )

    assert (Asymmetries([entry], LANGUAGES).match(found) is not None) is covers


@pytest.mark.parametrize(
    ("more", "between", "covers"),
    [
        ({}, "go>go", True),
        ({}, "go>model", True),
        ({}, "model>go", False),  # who is not said to deviate
        ({}, "go>serde", False),  # who is said to refuse
        ({"features": ()}, "go>go", False),
        ({"features": ("nul",)}, "go>go", False),
        ({"check": "D101"}, "go>go", False),
        ({"shape": {"go": "full", "rust": "accepted"}}, "go>go", False),
    ],
)
def test_who_deviates_by_accepting_need_not_be_read(more: dict[str, Any], between: str, covers: bool) -> None:
    """Where all accept, that nobody reads what was written is the same difference, and no other's."""
    entry = attrs.evolve(KNOWN.entries[0], **{"features": ("bom",), **more})
    writer, reader = between.split(">")
    found = Divergence(
        checks.ROUND_TRIP if writer == reader else checks.EXCHANGE,
        0,
        "put",
        tuple({writer: "accepted", reader: "full"}.items()),
        cause=("bom",) if entry.features else (),
        subject=between,
    )

    assert (Asymmetries([entry], LANGUAGES).match(found) is not None) is covers


def test_a_broken_law_may_be_known() -> None:
    """It is told by the law and by who breaks it."""
    entry = attrs.evolve(KNOWN.entries[0], operation="", law="orders", shape={"go": "broken"})
    found = Divergence(
        checks.LAW, None, "", (("go", "broken"), ("serde", "holds")), subject="orders", blamed=("go",)
    )

    assert Asymmetries([entry], LANGUAGES).match(found) is entry
    assert Asymmetries([entry], LANGUAGES).match(attrs.evolve(found, subject="another")) is None
    assert Asymmetries([entry], LANGUAGES).match(attrs.evolve(found, blamed=("serde",))) is None


@pytest.mark.parametrize(
    ("library", "wanted", "holds"),
    [
        ("serde_json", "<1.1", True),
        ("serde_json", ">=1.1", False),
        ("go", ">=1.26", True),
        ("github.com/a/b", "==2.0.7", True),
        ("rust", "<1.90", False),
        ("not-linked", ">=0", False),
    ],
)
def test_an_entry_speaks_of_versions(library: str, wanted: str, holds: bool) -> None:
    """Where no library at hand is of a version that it names, it covers nothing."""
    entry = attrs.evolve(KNOWN.entries[0], versions={library: SpecifierSet(wanted)})
    builds = {
        "go": {"language": "go", "toolchain": "go1.26.8", "libraries": {"github.com/a/b": "v2.0.7"}},
        "serde": {
            "language": "rust",
            "toolchain": "rustc 1.95.0 (x)",
            "libraries": {"serde_json": "1.0.154"},
        },
    }

    assert (Asymmetries([entry], LANGUAGES).for_libraries(builds).entries == (entry,)) is holds
