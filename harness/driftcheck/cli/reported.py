"""
What a run reports about each of its contracts: what was found, or why it was not searched.

Values only. `summary`, `last_screen` and `junit` make text of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError
from driftcheck.findings.root_causes import root_causes
from driftcheck.oracle.asymmetries import Asymmetries, Asymmetry
from driftcheck.search.alarms import Alarm
from driftcheck.search.explored import Explored
from driftcheck.search.keeper import Kept, new_ones
from driftcheck.search.saved_cases import SavedCase
from driftcheck.search.unexercised import NotExercised, not_exercised

_NO_INPUT = {
    "time": "the time ended before its first input; give a longer --max-time",
    "interrupt": "it was interrupted before its first input",
    "fault": "",  # the message says more
}


@attrs.frozen(eq=False)
class Reported:
    """What is reported of one contract whose subjects were started."""

    schema: Schema
    explored: Explored
    asymmetries: Asymmetries
    languages: Mapping[str, str]  # of the subjects, by name
    kept: tuple[Kept, ...]  # the findings of the search, as they are in their files
    alarms: tuple[Alarm, ...]
    cases: tuple[SavedCase, ...] = ()  # that were there before, each run again
    cases_s: float = 0.0  # how long the saved cases took
    faults: tuple[DriftcheckError, ...] = ()  # of the search, of saved cases and of plugins

    @property
    def name(self) -> str:
        """Return the name of the contract."""
        return self.schema.name

    @property
    def is_clean(self) -> bool:
        """Say whether the run passes: without findings, open cases, and alarms that fail it."""
        return not (self.kept or self.open_cases or any(alarm.fails for alarm in self.alarms))

    @property
    def open_cases(self) -> list[SavedCase]:
        """Return the saved cases that still diverge and that no asymmetry covers."""
        return [case for case in self.cases if case.is_open]

    @property
    def new(self) -> list[Kept]:
        """Return the findings that are not open cases too."""
        return new_ones(self.kept, self.cases)

    @property
    def root_causes(self) -> list[tuple[Kept, int]]:
        """Return the new findings that represent a root cause, and how many others belong to each."""
        kept = {id(one.finding): one for one in self.new}
        causes = root_causes([one.finding for one in self.new], self.explored.more)
        return [(kept[id(cause.finding)], len(cause.findings) - 1 + cause.more) for cause in causes]

    @property
    def not_exercised(self) -> NotExercised:
        """Return what the search did not exercise."""
        return not_exercised(self.schema, self.explored.statistics)

    @property
    def why_not_run(self) -> str:
        """Say why the contract was not searched; "" if it was."""
        ended_by = self.explored.ended_by
        return "" if self.explored.statistics.traces else _NO_INPUT.get(ended_by, "no input was drawn")

    @property
    def asymmetries_seen(self) -> list[Asymmetry]:
        """Return the declared asymmetries that this run saw."""
        times, witnesses = self.explored.statistics.known, self.explored.witnesses
        return [e for e in self.asymmetries.entries if times[e.id] or e.id in witnesses]


@attrs.frozen(eq=False)
class NotRun:
    """A contract whose subjects were not started."""

    name: str  # as the user wrote it
    why_not_run: str
    fault: DriftcheckError | None = None  # where something is wrong with the contract

    @property
    def faults(self) -> tuple[DriftcheckError, ...]:
        """Return what is wrong with the contract."""
        return () if self.fault is None else (self.fault,)


Entry = Reported | NotRun


def reported(entries: Iterable[Entry]) -> list[Reported]:
    """Return the contracts whose subjects were started."""
    return [one for one in entries if isinstance(one, Reported)]


def not_run(entries: Iterable[Entry]) -> list[Entry]:
    """Return the contracts that were not searched although nothing is wrong with them."""
    return [one for one in entries if one.why_not_run and not one.faults]
