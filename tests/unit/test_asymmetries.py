"""What an entry of asymmetries.toml covers, and what it must leave to be found."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from packaging.specifiers import SpecifierSet

from driftcheck.core.disagreement import groups_of
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import Asymmetries, Asymmetry
from driftcheck.oracle.signature import Divergence, Observed

LANGUAGES = {"go": "go", "serde": "rust", "model": "python"}


def _entry(shape: Mapping[str, str]) -> Asymmetries:
    day = datetime.date(2030, 1, 1)
    return Asymmetries([Asymmetry("known", "put", shape, ("go",), "why", "me", day)], LANGUAGES)


def _found(check: checks.Check, blamed: tuple[str, ...] = (), **shape: str) -> Divergence:
    return Divergence(check, 0, "put", tuple(shape.items()), blamed=blamed)


KNOWN = _entry({"go": "accepted", "rust": "full"})


def test_an_entry_covers_the_outcomes_that_it_names() -> None:
    """An entry names a subject or a language. A subject that it does not name may have any outcome."""
    for other in ("accepted", "full"):
        found = _found(checks.ACCEPT_REJECT, go="accepted", serde="full", model=other)

        assert KNOWN.match(found) is not None


@pytest.mark.parametrize("check", [checks.REJECTED_CHANGED_STATE, checks.QUERY_CHANGED_STATE])
def test_an_entry_of_outcomes_does_not_cover_a_change_of_state(check: checks.Check) -> None:
    """A subject whose rejection is accepted must still not change the state."""
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
def test_an_entry_does_not_cover_the_fault_of_another_subject(check: checks.Check, kind: str) -> None:
    """The outcomes of two subjects do not cover what happens to a third one."""
    assert KNOWN.match(_found(check, ("model",), go="accepted", serde="full", model=kind)) is None


def test_an_entry_may_cover_a_crash() -> None:
    """A crash is an outcome like any other."""
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


def test_an_entry_covers_values_if_the_other_subjects_agree() -> None:
    """The entry does not cover a difference between subjects that do not deviate."""
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
def test_each_field_narrows_the_trigger(more: dict[str, Any], covers: bool) -> None:
    """These are one feature among several, exactly these features, a path and a check."""
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
def test_an_entry_for_a_writer_covers_its_exchange(more: dict[str, Any], between: str, covers: bool) -> None:
    """If all subjects accept, that no reader accepts the document is the same asymmetry."""
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


def test_an_entry_may_cover_a_broken_law() -> None:
    """The entry names the law and the subject that breaks it."""
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
def test_an_entry_holds_for_the_versions_that_it_names(library: str, wanted: str, holds: bool) -> None:
    """If no library has such a version, the entry covers nothing."""
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


def _of_features(**shapes: Mapping[str, str]) -> Asymmetries:
    """Return entries, each with the feature of its name."""
    day = datetime.date(2030, 1, 1)
    entries = [
        Asymmetry(name, "put", shape, ("go",), "why", "me", day, features=(name,))
        for name, shape in shapes.items()
    ]
    return Asymmetries(entries, LANGUAGES)


SEVERAL = _of_features(
    leap={"go": "full", "rust": "late", "model": "accepted"},
    comma={"go": "accepted", "rust": "full", "model": "accepted"},
    space={"go": "full", "rust": "accepted", "model": "accepted"},
)


def _of_cause(*cause: str, check: checks.Check = checks.ACCEPT_REJECT, **shape: str) -> Divergence:
    return attrs.evolve(_found(check, **shape), cause=cause)


@pytest.mark.parametrize("check", [checks.ACCEPT_REJECT, checks.REJECTION_CLASS])
def test_two_entries_cover_a_document_with_both_features(check: checks.Check) -> None:
    """Each subject refuses it as it refuses one of the features, and the first entry is seen."""
    found = _of_cause("comma", "leap", check=check, go="full", serde="full", model="accepted")

    entry = SEVERAL.match(found)

    assert entry is not None
    assert entry.id == "leap"


def test_a_subject_that_does_not_support_the_operation_needs_no_explanation() -> None:
    """It takes no part in the comparison, so no entry says anything of it."""
    entries = _of_features(comma={"go": "accepted", "rust": "full"}, leap={"go": "full", "rust": "late"})

    assert entries.match(_of_cause("comma", "leap", go="full", serde="full", model="unsupported"))


@pytest.mark.parametrize(
    "shape",
    [
        {"go": "full", "serde": "full", "model": "full"},  # the model accepts both features
        {"go": "late", "serde": "full", "model": "accepted"},  # Go refuses neither in this way
        {"go": "accepted", "serde": "late", "model": "accepted"},  # Go refuses one of the two
    ],
)
def test_two_entries_do_not_cover_what_neither_says(shape: dict[str, str]) -> None:
    """A subject that does with both features what it does with neither is a finding."""
    assert SEVERAL.match(_of_cause("comma", "leap", **shape)) is None


def test_entries_do_not_cover_a_document_that_lacks_a_feature() -> None:
    """The features of the document decide which entries may explain it together."""
    for other in ((), ("other",)):
        found = _of_cause("comma", *other, go="full", serde="full", model="accepted")

        assert SEVERAL.match(found) is None


def test_every_entry_of_a_feature_must_agree() -> None:
    """A third feature of the document is refused by Go, so it must not accept the whole."""
    two = _of_cause("leap", "space", go="full", serde="full", model="accepted")
    three = _of_cause("comma", "leap", "space", go="accepted", serde="late", model="accepted")

    assert SEVERAL.match(two) is None
    assert SEVERAL.match(three) is None


def test_the_entry_that_is_seen_is_needed() -> None:
    """Without the entry that counts as seen, the others do not explain the document."""
    found = _of_cause("comma", "leap", "space", go="full", serde="full", model="accepted")

    entry = SEVERAL.match(found)

    assert entry is not None
    assert entry.id == "comma"


@pytest.mark.parametrize("kind", ["accepted", "full"])
def test_an_entry_that_says_nothing_of_a_subject_explains_nothing_of_it(kind: str) -> None:
    """Otherwise this subject might do anything with a document that has both features."""
    partial = _of_features(comma={"go": "accepted", "rust": "full"}, leap={"go": "full", "rust": "late"})

    assert partial.match(_of_cause("comma", "leap", go="full", serde="full", model=kind)) is None


def test_an_entry_of_values_says_nothing_of_outcomes() -> None:
    """The entry of a value that differs stands beside the one of the same feature's outcomes."""
    day = datetime.date(2030, 1, 1)
    value = Asymmetry("late", "put", {"differs": ""}, ("go",), "why", "me", day, features=("leap",))
    entries = Asymmetries([value, *SEVERAL.entries], LANGUAGES)

    assert entries.match(_of_cause("comma", "leap", go="full", serde="full", model="accepted")) is not None


@pytest.mark.parametrize("change", [{"is_exact": True}, {"says": "bad"}, {"operation": "get"}, {"path": "a"}])
def test_what_narrows_an_entry_narrows_it_beside_others(change: Mapping[str, Any]) -> None:
    """An entry that does not have the trigger of the divergence explains nothing of it."""
    first, *others = SEVERAL.entries[:2]
    entries = Asymmetries([attrs.evolve(first, **change), *others], LANGUAGES)

    assert entries.match(_of_cause("comma", "leap", go="full", serde="full", model="accepted")) is None


def test_entries_together_do_not_cover_a_fault() -> None:
    """A panic is a fault of one subject, whatever the others do."""
    found = _of_cause("comma", "leap", check=checks.PANIC, go="full", serde="panicked", model="accepted")

    assert SEVERAL.match(attrs.evolve(found, blamed=("serde",))) is None


def test_a_function_decides_whatever_else_is_odd() -> None:
    """An entry with a function and no feature covers a document that has features by chance."""
    predicate: Any = SimpleNamespace(holds=lambda seen: seen == "rounded")
    day = datetime.date(2030, 1, 1)
    entry = Asymmetry("known", "put", {"differs": ""}, ("go",), "why", "me", day, where=predicate)
    entries = Asymmetries([entry], LANGUAGES)
    found = _of_cause("comma", check=checks.VALUE, go="accepted", serde="accepted", model="accepted")
    found = attrs.evolve(found, groups=groups_of({"go": "1", "serde": "2", "model": "2"}))

    assert entries.match(attrs.evolve(found, observed="rounded")) is entry
    assert entries.match(attrs.evolve(found, observed="another")) is None
    assert Asymmetries([attrs.evolve(entry, where=None)], LANGUAGES).match(found) is None
    named = attrs.evolve(entry, id="comma", where=None, features=("comma",))
    assert Asymmetries([entry, named], LANGUAGES).match(attrs.evolve(found, observed="rounded")) is named


@pytest.mark.parametrize(
    ("go", "serde", "covers"),
    [
        ("full", "late", True),
        ("late", "accepted", True),
        ("late", "late", False),
        ("full", "accepted", False),
    ],
)
def test_entries_of_one_feature_are_alternatives(go: str, serde: str, covers: bool) -> None:
    """One of them, as a whole, must agree beside the entries of the other features."""
    entries = _of_features(
        leap={"go": "full", "rust": "late", "model": "accepted"},
        comma={"go": "accepted", "rust": "accepted", "model": "full"},
    ).entries
    other = {"go": "late", "rust": "accepted", "model": "accepted"}
    second = attrs.evolve(entries[0], id="second", shape=other)
    found = _of_cause("comma", "leap", go=go, serde=serde, model="full")

    assert (Asymmetries([*entries, second], LANGUAGES).match(found) is not None) is covers


FIVE = {"go": "go", "v2": "go", "serde": "rust", "exact": "rust", "sonic": "rust"}


def _values_of(*cause: str, entries: Mapping[str, tuple[str, ...]], **groups: str) -> Asymmetry | None:
    """Match a value that differs with entries, each with the feature of its name."""
    day = datetime.date(2030, 1, 1)
    known = [
        Asymmetry(name, "put", {"differs": ""}, deviates, "why", "me", day, features=(name,))
        for name, deviates in entries.items()
    ]
    shape = tuple((name, "accepted") for name in groups)
    found = Divergence(checks.VALUE, 0, "put", shape, cause=cause, groups=groups_of(groups))
    return Asymmetries(known, FIVE).match(found)


ROUNDS = {"wide": ("go",), "long": ("serde",), "twice": ("sonic",)}


@pytest.mark.parametrize(
    ("cause", "groups", "expected"),
    [
        (("wide", "long"), {"go": "1", "v2": "1", "serde": "2", "exact": "0", "sonic": "0"}, "wide"),
        (("twice", "wide"), {"go": "1", "v2": "1", "serde": "0", "exact": "0", "sonic": "3"}, "wide"),
        (("long", "twice", "wide"), {"go": "1", "serde": "2", "exact": "0", "sonic": "3"}, "wide"),
        (("long", "twice"), {"serde": "2", "exact": "0", "sonic": "2"}, "long"),  # in the same way
        # The subject that nobody expects to deviate does.
        (("wide", "long"), {"go": "1", "v2": "1", "serde": "2", "exact": "4", "sonic": "0"}, None),
        (("wide", "long"), {"go": "1", "v2": "1", "serde": "2", "exact": "0", "sonic": "3"}, None),
        # A feature is missing.
        (("wide",), {"go": "1", "v2": "1", "serde": "2", "exact": "0", "sonic": "0"}, None),
    ],
)
def test_entries_cover_together_why_values_differ(
    cause: tuple[str, ...], groups: dict[str, str], expected: str | None
) -> None:
    """Each subject that differs from those that agree needs an entry of its own."""
    entry = _values_of(*cause, entries=ROUNDS | {"wide": ("go", "v2")}, **groups)

    assert (entry.id if entry else None) == expected


@pytest.mark.parametrize("change", [{"disagreement": "go | v2, serde"}, {"relation": "rounding"}])
def test_what_narrows_an_entry_of_values_narrows_it_beside_others(change: Mapping[str, str]) -> None:
    """How the values of one subject differ is not known if several differ."""
    day = datetime.date(2030, 1, 1)
    shape = {"differs": "", **change}
    known = [
        Asymmetry("wide", "put", shape, ("go",), "why", "me", day, features=("wide",)),
        Asymmetry("long", "put", {"differs": ""}, ("serde",), "why", "me", day, features=("long",)),
    ]
    groups = groups_of({"go": "1", "v2": "0", "serde": "2", "exact": "0"})
    found = Divergence(
        checks.VALUE,
        0,
        "put",
        (("go", "accepted"), ("v2", "accepted"), ("serde", "accepted"), ("exact", "accepted")),
        cause=("long", "wide"),
        groups=groups,
        relation="rounding",
    )

    assert Asymmetries(known, FIVE).match(found) is None


def test_a_function_sees_one_subject_that_differs() -> None:
    """All other subjects have the value of those that agree, so that it decides on this one alone."""
    day = datetime.date(2030, 1, 1)
    seen: list[dict[str, Any]] = []

    def holds(observed: Observed) -> bool:
        seen.append({name: one.value for name, one in observed.outcomes.items()})
        return seen[-1] == {"go": 0, "v2": 0, "serde": 0, "exact": 0, "sonic": 3}

    where: Any = SimpleNamespace(holds=holds)
    shape = {"differs": ""}
    known = [
        Asymmetry("zero", "put", shape, ("sonic",), "why", "me", day, where=where),
        Asymmetry("wide", "put", shape, ("go", "v2"), "why", "me", day, features=("wide",)),
    ]
    values = {"go": 1, "v2": 1, "serde": 0, "exact": 0, "sonic": 3}
    observed = Observed("put", {}, {name: SimpleNamespace(value=value) for name, value in values.items()})
    found = Divergence(
        checks.VALUE,
        0,
        "put",
        tuple((name, "accepted") for name in values),
        cause=("wide",),
        groups=groups_of(values),
        observed=observed,
    )

    entry = Asymmetries(known, FIVE).match(found)

    assert entry is not None
    assert len(seen) >= 2  # first with all values, which it does not know


@pytest.mark.parametrize(
    ("path", "place", "covers"),
    [
        ("home", "home", True),
        ("home.street", "home", True),
        ("tags[3]", "tags", True),
        ("homes", "home", False),
        ("note", "home", False),
        ("home", "home.street", False),
        ("note", "", True),
    ],
)
def test_a_value_may_differ_where_its_feature_stands(path: str, place: str, covers: bool) -> None:
    """The entry covers the field that has the feature, and what is inside it."""
    entry = attrs.evolve(_entry({"differs": "@feature"}).entries[0], features=("late",))
    found = Divergence(
        checks.VALUE,
        0,
        "put",
        (("go", "accepted"), ("serde", "accepted")),
        path=path,
        cause=("late",),
        places={"late": frozenset({place})},
        groups=(("go",), ("serde",)),
    )

    assert (Asymmetries([entry], LANGUAGES).match(found) is not None) is covers


@pytest.mark.parametrize(
    ("blamed", "covers"),
    [(("go",), True), (("go", "v2"), True), (("v2",), True), (("sonic",), False), (("go", "sonic"), False)],
)
def test_chance_may_show_nondeterminism_in_some_subjects(blamed: tuple[str, ...], covers: bool) -> None:
    """The entry covers each subject that it names, and says nothing of one that it does not name."""
    day = datetime.date(2030, 1, 1)
    shape = {"go": "nondeterministic", "v2": "nondeterministic"}
    entry = Asymmetry("any-order", "put", shape, ("go", "v2"), "why", "me", day)
    shown = tuple((name, "nondeterministic" if name in blamed else "deterministic") for name in FIVE)
    found = Divergence(checks.NOT_DETERMINISTIC, 0, "put", shown, blamed=blamed)

    assert (Asymmetries([entry], FIVE).match(found) is not None) is covers
