"""
The contracts of a run in turn: which one is next, how much of the time it gets, and how it is searched.

Knows the screen and the clock. Knows no options of the command line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

from driftcheck.build import BuildsAhead
from driftcheck.cli.reported import Entry, NotRun, Reported, reported
from driftcheck.cli.screen import Screen
from driftcheck.cli.sink import Sink
from driftcheck.contract.declare import Contract, schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError
from driftcheck.lockstep.native import NativeSearch
from driftcheck.plugins.registry import Registry
from driftcheck.search.adapter_check import check_adapters
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.keeper import Keeper
from driftcheck.search.observer import Observer
from driftcheck.search.saved_cases import saved_cases
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.discover import Subject, SubjectSource

NOT_REACHED = "the run has not reached it"
INTERRUPTED_BEFORE = "the run was interrupted before its turn"
ENDED_FAST = "--fail-fast ended the run before its turn"


@attrs.frozen
class Search:
    """How each contract of a run is searched."""

    settings: SessionSettings
    plugins: Registry
    screen: Screen
    seed: int
    fail_fast: bool
    corpus: tuple[str, ...]
    max_steps: int | None
    ignore_asymmetries: bool
    verbose: bool
    since_ns: int  # when the run began, in nanoseconds since the epoch

    def contract(
        self,
        contract: type,
        built: Sequence[Subject],
        native: Path | None,
        budget: Budget,
        interrupted: Callable[[], bool],
    ) -> Reported:
        """Replay the saved cases of one contract and search it; show what is found while it goes.

        Args:
            native: the library that draws traces natively.

        Raises:
            DriftcheckError: a subject cannot be started, or its adapter is at fault.
        """
        screen, root = self.screen, self.settings.root
        with self.settings.open(contract, built=built, ignore_asymmetries=self.ignore_asymmetries) as session:
            keeper = Keeper(session, root, self.since_ns, self.plugins.report)
            sink = Sink(session, keeper, screen, verbose=self.verbose)
            screen.phase("trying adapters")
            for sentence in check_adapters(session, seed=self.seed):
                screen.say(f"driftcheck: {sentence}")
            paths = saved_cases(session.schema.name, root)
            for number, path in enumerate(paths, 1):
                if not interrupted():
                    screen.phase(f"replaying case {number} of {len(paths)}")
                    sink.saved_case(path, interrupted)
            screen.search()
            explored = explore(
                session,
                budget,
                seed=self.seed,
                fail_fast=self.fail_fast,
                corpus=self.corpus,
                max_steps=self.max_steps,
                observer=Observer(screen.progress, sink.finding, sink.witness, interrupted, sink.fault),
                native=None if native is None else NativeSearch(native),
            )
            screen.progress(explored.statistics, len(explored.findings))
            sink.keep_last_run(explored, root)
            return sink.reported(explored)


@attrs.define
class Turns:
    """The contracts of one run."""

    contracts: Mapping[str, type[Contract]]  # by the name that the user wrote
    search: Search
    max_traces: int | None  # of each contract
    max_time_s: float | None  # of all contracts; builds and saved cases are not counted
    ended: dict[str, Entry] = attrs.field(factory=dict)
    spent_s: float = 0.0

    def take(self, interrupted: Callable[[], bool], after_each: Callable[[], None]) -> None:
        """Take each contract in its turn, first those that are built.

        Args:
            after_each: called at the start, and when a contract has ended.
        """
        after_each()
        screen, settings = self.search.screen, self.search.settings
        to_build = self._to_build()
        with (
            screen.shown(),
            BuildsAhead(to_build, no_build=settings.no_build, say=screen.building) as builds,
        ):
            while (waiting := self._waiting()) and not self._has_ended_fast():
                name = builds.next_ready(waiting, interrupted=interrupted)
                if name is None:
                    break
                self._take(name, builds, len(waiting), interrupted)
                after_each()

    def entries(self, why_waiting: str = NOT_REACHED) -> list[Entry]:
        """Return what is known of each contract, in the order in which the user wrote them.

        Args:
            why_waiting: why those that had no turn had none.
        """
        why = ENDED_FAST if self._has_ended_fast() else why_waiting
        return [self.ended.get(name) or NotRun(name, why) for name in self.contracts]

    def _take(self, name: str, builds: BuildsAhead, waiting: int, interrupted: Callable[[], bool]) -> None:
        started = time.monotonic()
        share_s = None if self.max_time_s is None else max(0.0, self.max_time_s - self.spent_s) / waiting
        budget = Budget(self.max_traces, share_s)
        is_broken, cases_s = False, 0.0
        self.search.screen.begin(name, budget)
        try:
            one = self.search.contract(
                self.contracts[name], builds.built(name), builds.native(), budget, interrupted
            )
            self.ended[name], cases_s = one, one.cases_s
            is_broken = one.explored.ended_by == "fault"
        except DriftcheckError as fault:  # the other contracts still run
            self.ended[name] = NotRun(name, str(fault), fault)
            is_broken = True
        self.search.screen.end(is_broken=is_broken)
        self.spent_s += time.monotonic() - started - cases_s

    def _waiting(self) -> list[str]:
        return [name for name in self.contracts if name not in self.ended]

    def _has_ended_fast(self) -> bool:
        return self.search.fail_fast and any(one.kept for one in reported(self.ended.values()))

    def _to_build(self) -> dict[str, tuple[Schema, Sequence[SubjectSource]]]:
        """Return what to compile for each contract; one with a mistake in its subjects has ended."""
        found: dict[str, tuple[Schema, Sequence[SubjectSource]]] = {}
        for name, contract in self.contracts.items():
            try:
                found[name] = schema_of(contract), self.search.settings.sources(contract)
            except DriftcheckError as fault:
                self.ended[name] = NotRun(name, str(fault), fault)
        return found
