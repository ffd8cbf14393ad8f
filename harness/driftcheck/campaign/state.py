"""
The state of one contract in a campaign: what its turns have brought so far, merged.

Knows what turns bring. Starts nothing and shows nothing.
"""

from __future__ import annotations

import datetime
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import attrs

from driftcheck.campaign.blocks import of_blocks
from driftcheck.campaign.corpus import Corpus
from driftcheck.campaign.turn import Progress, TurnResult
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError
from driftcheck.findings.root_causes import root_causes
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.signature import Divergence, Signature
from driftcheck.search.alarms import Alarm, alarms
from driftcheck.search.explored import Explored
from driftcheck.search.keeper import Kept, new_ones
from driftcheck.search.saved_cases import SavedCase
from driftcheck.search.statistics import RunStatistics
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.wire import Wire


@attrs.define(eq=False)
class State:
    """What a campaign knows of one contract."""

    name: str  # as the user wrote it
    contract: type
    schema: Schema  # with what plugins bring
    corpus: Corpus
    wire: Wire
    seed: int
    entries_before: int  # of the corpus, when the campaign began
    built: tuple[Subject, ...] | None = None  # None: the build goes on
    covered: tuple[Subject, ...] | None = None  # builds for coverage; None: there are none, or not yet
    waits_for_coverage: bool = False  # these builds go on
    is_opened: bool = False  # its first turn has ended
    is_covered: bool = False  # the turn that runs the corpus with builds for coverage was given
    sees_blocks: bool = False  # a turn has noted which blocks the entries run
    blocks: dict[str, tuple[int, int]] = attrs.field(factory=dict)  # by subject: reached, and all
    turns: int = 0  # that were given
    statistics: RunStatistics = attrs.field(factory=RunStatistics)
    kept: list[Kept] = attrs.field(factory=list)
    cases: list[SavedCase] = attrs.field(factory=list)
    more: Counter[Signature] = attrs.field(factory=Counter)
    times: Counter[str] = attrs.field(factory=Counter)  # how often things of the corpus were seen
    live: dict[int, Progress] = attrs.field(factory=dict)  # of turns that go on, by the number of the worker
    seconds: float = 0.0  # of all workers
    hosts: int = 0
    killed: int = 0
    unexamined: int = 0
    drawn_rarely: dict[str, None] = attrs.field(factory=dict)
    descriptions: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    new_entries: int = 0
    misfits: int = 0  # entries of the corpus that did not fit the contract any more
    deaths: int = 0  # of workers
    failures_in_a_row: int = 0  # turns without a result that nobody's kill explains
    faults: list[DriftcheckError] = attrs.field(factory=list)
    is_broken: bool = False  # it gets no more turns
    last_new: float = attrs.field(factory=time.monotonic)  # when something new was seen

    def take_result(self, result: TurnResult) -> None:
        """Merge what a turn has brought."""
        self.statistics.add(result.statistics)
        self.seconds += result.seconds
        self.hosts += result.hosts
        self.killed += result.killed
        self.unexamined += result.unexamined
        self.drawn_rarely |= dict.fromkeys(result.drawn_rarely)
        self.descriptions = self.descriptions or result.descriptions
        self.failures_in_a_row = 0
        self.sees_blocks |= result.sees_blocks
        for name, (reached, most) in result.blocks.items():
            self.blocks[name] = max(reached, self.blocks.get(name, (0, 0))[0]), most
        for name, shown in result.shown.items():
            before = self.corpus.entries[name].shows if name in self.corpus.entries else ()
            self.corpus.note(name, shown if result.sees_blocks else shown | of_blocks(before))
        self.misfits += len(result.misfits)
        self.corpus.drop(result.misfits)
        self.times.update({thing: n for thing, n in result.times.items() if thing in self.corpus.things})
        if result.fault is not None:
            self.break_off(result.fault)

    def take_finding(self, kept: Kept) -> bool:
        """Take a finding; return whether it is the first one of its signature."""
        signature = kept.finding.signature
        if any(one.finding.signature == signature for one in self.kept):
            self.more[signature] += 1
            return False
        self.kept.append(kept)
        self.faults += kept.faults
        return True

    def break_off(self, fault: DriftcheckError) -> None:
        """Note why the contract cannot be searched any more."""
        if not self.is_broken:
            self.faults.append(fault)
        self.is_broken = True

    @property
    def known(self) -> list[Divergence]:
        """Return the divergences that are findings or open cases already."""
        replayed = [case.replayed for case in self.cases if case.is_open and case.replayed is not None]
        found = [one.divergence for one in replayed if one.divergence is not None]
        return found + [one.finding.divergence for one in self.kept]

    @property
    def cases_seen(self) -> frozenset[str]:
        """Return the names of the case files that need no replay."""
        paths = [*(case.path for case in self.cases), *(one.path for one in self.kept)]
        return frozenset(path.name for path in paths if path is not None)

    @property
    def open_cases(self) -> list[SavedCase]:
        """Return the saved cases that still diverge."""
        return [case for case in self.cases if case.is_open]

    @property
    def new(self) -> list[Kept]:
        """Return the findings that are no open cases."""
        return new_ones(self.kept, self.cases)

    @property
    def root_causes(self) -> int:
        """Return how many root causes the new findings have."""
        return len(root_causes([one.finding for one in self.new], self.more))

    def figures(self) -> Progress:
        """Return the figures of all turns, including those that workers take now."""
        done = self.statistics
        live = [*self.live.values()]
        return Progress(
            inputs=done.traces + sum(one.inputs for one in live),
            steps=done.steps + sum(one.steps for one in live),
            accepted=done.total("accepted") + sum(one.accepted for one in live),
            rejected=done.total("rejected") + sum(one.rejected for one in live),
            not_judged=done.not_judged + sum(one.not_judged for one in live),
        )

    def explored(self, ended_by: str, seed: int, seconds: float) -> Explored:
        """Return the result of all turns, in the form of a run.

        Args:
            seed: of the campaign.
            seconds: of the campaign that belong to this contract.
        """
        return Explored(
            contract=self.schema.name,
            seed=seed,
            statistics=self.statistics,
            findings=tuple(one.finding for one in self.kept),
            witnesses={},
            seconds=seconds,
            ended_by="fault" if self.is_broken else ended_by,
            hosts_spent=self.hosts,
            killed=self.killed,
            more=dict(self.more),
            unexamined=self.unexamined,
            drawn_rarely=tuple(self.drawn_rarely),
        )

    def alarms(self, asymmetries: Asymmetries) -> tuple[Alarm, ...]:
        """Return the alarms about the asymmetries of the contract."""
        return alarms(
            self.schema,
            asymmetries,
            self.statistics,
            [one.finding.divergence for one in self.kept],
            list(self.descriptions),
            datetime.datetime.now(tz=datetime.UTC).date(),
            [case.replayed for case in self.cases if case.replayed is not None],
        )
