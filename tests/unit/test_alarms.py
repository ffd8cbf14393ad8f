"""When an asymmetry is expired, healed, stale or widened."""

from __future__ import annotations

import datetime

import attrs
import pytest

from driftcheck import schema_of
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import HEALED_OUTCOMES, HEALED_VALUES, Asymmetries, Asymmetry
from driftcheck.oracle.signature import Divergence
from driftcheck.search.alarms import STALE_MEAN, STALE_STEPS, alarms
from driftcheck.search.statistics import RunStatistics, mutation_names
from driftcheck_contracts.json import JsonContract

SCHEMA = schema_of(JsonContract)
TODAY = datetime.date(2030, 1, 1)
ENTRY = Asymmetry(
    "known",
    "decode",
    {"go": "accepted", "rust": "malformed"},
    ("go",),
    "so",
    "me",
    TODAY,
    ("duplicate-field",),
)


BOTH = ("go", "rust")


def raised(
    entry: Asymmetry, statistics: RunStatistics, *found: Divergence, running: tuple[str, ...] = BOTH
) -> list[str]:
    """Return the kinds of the alarms."""
    entries = Asymmetries([entry], {"go": "go", "rust": "rust"})
    return [alarm.kind for alarm in alarms(SCHEMA, entries, statistics, found, running, TODAY)]


def statistics(
    triggers: int, feature: str = "duplicate-field", known: int = 0, steps: int = 0
) -> RunStatistics:
    """Return the counts of a run in which a feature occurred alone this often."""
    made = RunStatistics()
    made.single_mutation["decode", feature] = triggers
    made.known["known"] = known
    made.outcomes["decode", "accepted"] = steps
    return made


def test_an_entry_that_was_seen_raises_no_alarm() -> None:
    """Once is enough, however often its trigger occurred."""
    assert raised(ENTRY, statistics(10 * HEALED_OUTCOMES, known=1)) == []


def test_it_expires_from_the_day_after() -> None:
    """On its last day it is still valid."""
    yesterday = attrs.evolve(ENTRY, expires=TODAY - datetime.timedelta(days=1))

    assert raised(ENTRY, statistics(0, known=1)) == []
    assert raised(yesterday, statistics(0, known=1)) == ["expired"]


@pytest.mark.parametrize(
    ("shape", "enough"),
    [({"go": "accepted", "rust": "malformed"}, HEALED_OUTCOMES), ({"differs": "score"}, HEALED_VALUES)],
)
def test_it_is_healed_when_its_trigger_occurred_and_the_difference_did_not(
    shape: dict[str, str], enough: int
) -> None:
    """Values need more triggers than outcomes, since they depend on what was drawn."""
    entry = attrs.evolve(ENTRY, shape=shape)

    assert raised(entry, statistics(enough - 1)) == []
    assert raised(entry, statistics(enough)) == ["healed"]


def test_an_entry_without_a_feature_needs_more_triggers() -> None:
    """Its trigger is any step of the operation, and few of these may show it."""
    entry = attrs.evolve(ENTRY, features=())

    assert raised(entry, statistics(HEALED_VALUES - 1, feature="")) == []
    assert raised(entry, statistics(HEALED_VALUES, feature="")) == ["healed"]


@pytest.mark.parametrize(
    ("shape", "deviates", "running", "kinds"),
    [
        ({"go": "accepted", "rust": "malformed"}, ("go",), ("go",), []),
        ({"go": "accepted", "rust": "malformed"}, ("go",), ("rust",), []),
        ({"differs": "score"}, ("go",), ("go",), []),
        ({"differs": "score"}, ("go",), ("rust",), []),
        ({"rust": "panicked"}, ("rust",), ("go",), []),
        ({"rust": "panicked"}, ("rust",), ("rust",), ["healed"]),
    ],
)
def test_a_run_without_its_subjects_says_nothing_of_an_entry(
    shape: dict[str, str], deviates: tuple[str, ...], running: tuple[str, ...], kinds: list[str]
) -> None:
    """What two subjects differ in, no run of one of them can show; a panic shows in the one that panics."""
    entry = attrs.evolve(ENTRY, shape=shape, deviates=deviates)

    assert raised(entry, statistics(HEALED_VALUES), running=running) == kinds


def test_it_is_stale_when_its_trigger_did_not_occur() -> None:
    """A run is long enough when each mutation occurred thirty times on average."""
    long, short = RunStatistics(), RunStatistics()
    for name in mutation_names(SCHEMA):
        long.single_mutation["decode", name] = STALE_MEAN + 1
        short.single_mutation["decode", name] = STALE_MEAN - 1
    long.single_mutation["decode", "duplicate-field"] = short.single_mutation["decode", "duplicate-field"] = 0

    assert raised(ENTRY, long) == ["stale"]
    assert raised(ENTRY, short) == []


def test_a_trigger_that_is_no_mutation_makes_an_entry_stale_after_many_steps() -> None:
    """The alarm names the mutation that a misspelt feature resembles."""
    entry = attrs.evolve(ENTRY, features=("duplicate-fields",))
    entries = Asymmetries([entry], {"go": "go", "rust": "rust"})

    assert raised(entry, statistics(0, steps=STALE_STEPS - 1)) == []
    (alarm,) = alarms(SCHEMA, entries, statistics(0, steps=STALE_STEPS), (), BOTH, TODAY)
    assert "did you mean 'duplicate-field'?" in str(alarm)
    assert not alarm.fails


def test_it_is_widened_by_a_finding_with_its_trigger() -> None:
    """The finding fails the run; the alarm says which entry it belongs to, and not that it is healed."""
    other = (("go", "malformed"), ("rust", "accepted"))
    found = Divergence(checks.ACCEPT_REJECT, 0, "decode", other, cause=("duplicate-field",))

    assert raised(ENTRY, statistics(HEALED_OUTCOMES), found) == ["widened"]
