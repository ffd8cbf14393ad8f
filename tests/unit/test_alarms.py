"""When an asymmetry is expired, healed, stale or widened."""

from __future__ import annotations

import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from driftcheck import schema_of
from driftcheck.core.trace import Trace
from driftcheck.findings.accept import as_divergence
from driftcheck.findings.case import Case
from driftcheck.findings.replayed import Replayed
from driftcheck.oracle import checks
from driftcheck.oracle.asymmetries import HEALED_OUTCOMES, HEALED_VALUES, Asymmetries, Asymmetry
from driftcheck.oracle.signature import Divergence, Signature
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


def test_an_entry_with_a_function_is_not_healed_by_its_trigger() -> None:
    """The function may have said no of each trigger."""
    predicate: Any = object()
    for features in ((), ENTRY.features):
        entry = attrs.evolve(ENTRY, where=predicate, features=features)

        assert raised(entry, statistics(HEALED_VALUES, feature="".join(features))) == []


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


def replayed(*, known: bool = False, diverges: bool = False, is_flaky: bool = False) -> Replayed:
    """Return what a replay of the case from which the entry was made has shown."""
    signature = Signature(
        "D101", "decode", (("go", "accepted"), ("rust", "malformed")), cause=("duplicate-field",)
    )
    case = Case(Path("cases/json/twice.json"), SCHEMA, Trace(()), signature, is_flaky=is_flaky)
    divergence = as_divergence(signature, SCHEMA) if known or diverges else None
    execution: Any = SimpleNamespace(answers=dict.fromkeys(BOTH))
    return Replayed(case, execution, divergence, (ENTRY,) if known else (), known)


def raised_with(witness: Replayed, triggers: int = 0) -> list[str]:
    """Return the alarms of a run that replayed a saved case first."""
    entries = Asymmetries([ENTRY], {"go": "go", "rust": "rust"})
    return [str(a) for a in alarms(SCHEMA, entries, statistics(triggers), (), BOTH, TODAY, [witness])]


def test_a_witness_that_no_longer_shows_heals_its_entry() -> None:
    """The saved case decides at once, however rarely its trigger was drawn."""
    (alarm,) = raised_with(replayed())

    assert alarm == (
        "healed: known (me): cases/json/twice.json no longer diverges, and the run did not see it; "
        "remove the entry"
    )


def test_a_witness_that_still_shows_keeps_its_entry() -> None:
    """A trigger that is drawn rarely, or in vain, says nothing against the saved case."""
    assert raised_with(replayed(known=True), 10 * HEALED_OUTCOMES) == []
    assert raised_with(replayed(diverges=True), 10 * HEALED_OUTCOMES) == []


def test_a_flaky_witness_does_not_decide() -> None:
    """It may agree by chance, so that triggers are counted as without it."""
    assert raised_with(replayed(is_flaky=True)) == []
    assert len(raised_with(replayed(is_flaky=True), HEALED_OUTCOMES)) == 1
