"""
The broker of a campaign: gives turns to workers, merges what they bring, and keeps it.

Owns the clock, the corpora and the record. It calls its listener only in the thread that calls `run`.
Knows nothing of terminals.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import attrs

from driftcheck.campaign.builds import CampaignBuilds
from driftcheck.campaign.corpus import DOCUMENTS, TRACES, opened
from driftcheck.campaign.errors import WorkerDied, WorkerKilled, WorkersDie, WorkerStuck
from driftcheck.campaign.events import Record
from driftcheck.campaign.limits import Limits, Staleness
from driftcheck.campaign.parcel import pack, unpack
from driftcheck.campaign.state import State
from driftcheck.campaign.time_shares import TimeShares
from driftcheck.campaign.turn import (
    NOT_STARTED,
    Found,
    Posted,
    Progress,
    Said,
    Turn,
    TurnResult,
    limit_s,
    take_turn,
)
from driftcheck.campaign.worker import FINISH, STOP, Worker
from driftcheck.contract.declare import schema_of
from driftcheck.core.errors import DriftcheckError
from driftcheck.plugins.registry import Registry
from driftcheck.search.budget import GRACE_S
from driftcheck.search.drawing import derived_seed
from driftcheck.search.keeper import Kept
from driftcheck.search.saved_cases import SavedCase
from driftcheck.search.settings import SessionSettings, without_plugins
from driftcheck.subjects.host import HostKilled
from driftcheck.subjects.wire import Wire

SLACK_S = 90.0  # that a turn may exceed its time by, before its worker counts as stuck
POLL_S = 0.2
SAVE_EVERY_S = 10.0  # between two writes of what the entries of a corpus show
MOST_FAILURES = 3  # turns of one contract in a row that have no result
SAMPLE = {TRACES: 64, DOCUMENTS: 32}  # entries that a turn begins with
ALL = {TRACES: 1 << 30, DOCUMENTS: 1 << 30}


@attrs.frozen
class Search:
    """How the contracts of a campaign are searched."""

    settings: SessionSettings
    plugins: Registry
    seed: int
    workers: int
    max_steps: int | None = None
    ignore_asymmetries: bool = False
    coverage: bool = False  # every second turn uses builds for coverage


@attrs.define
class Listener:
    """Functions that a campaign calls in the thread of its broker."""

    said: Callable[[str], None] = lambda line: None
    building: Callable[[str, str], None] = lambda name, line: None  # this one in any thread
    found: Callable[[State, Kept], None] = lambda state, kept: None
    replayed: Callable[[State, SavedCase], None] = lambda state, case: None
    looked: Callable[[], None] = lambda: None  # a few times a second


@attrs.define(eq=False)
class _Given:
    """A turn that a worker takes now."""

    turn: Turn
    worker: int
    searches_since: float | None = None  # None: it still starts
    entries: int = 0
    findings: int = 0


class Broker:
    """A campaign of several contracts; `run` is called once."""

    def __init__(
        self,
        contracts: Mapping[str, type],
        search: Search,
        limits: Limits,
        listener: Listener | None = None,
    ) -> None:
        self.states: dict[str, State] = {}
        self.ended_by = ""
        self._contracts = contracts
        self._search = search
        self._limits = limits
        self._listener = listener or Listener()
        # No SimpleQueue: if the timer of `author_code` fires at the end of its timeout, it waits for ever.
        self._inbox: queue.Queue[tuple[int, Posted | Future[TurnResult]]] = queue.Queue()
        self._workers = [Worker(partial(self._post, n)) for n in range(search.workers)]
        self._given: dict[int, _Given] = {}  # by the number of the worker
        self._again: list[Turn] = []  # turns whose workers died, or whose hosts did not start
        self._shares = TimeShares(contracts)
        self._random = Random(search.seed)
        self._since_ns = time.time_ns()
        self._started: float | None = None  # when the first turn was given
        self._ended: float | None = None
        self._asked: dict[str, float] = {}  # what workers were asked to do at the end, and when
        self.staleness = Staleness()
        self._looked_at = time.monotonic()
        self._saved_at = time.monotonic()
        self._record: Record

    @property
    def seconds(self) -> float:
        """Return how long workers have had turns."""
        now = time.monotonic() if self._ended is None else self._ended
        return 0.0 if self._started is None else now - self._started

    def seconds_of(self, state: State) -> float:
        """Return the part of these seconds that belongs to a contract."""
        total = sum(one.seconds for one in self.states.values())
        return self.seconds * state.seconds / total if total else 0.0

    @property
    def left_s(self) -> float | None:
        """Return the seconds that are left; None without a limit."""
        return self._limits.left_s(self.seconds)

    @property
    def pids(self) -> list[int]:
        """Return the process ids of the workers."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def run(self, interrupted: Callable[[], bool]) -> None:
        """Run the campaign to its end.

        Raises:
            CorpusInUse: another campaign uses a corpus.
            OSError: a corpus or the record cannot be written.
        """
        settings, root = self._search.settings, self._search.settings.root
        with ExitStack() as stack:
            for name, contract in self._contracts.items():
                schema = settings.extend(schema_of(contract))
                corpus = stack.enter_context(opened(root, schema.name))
                seed = derived_seed(self._search.seed, schema.name)
                self.states[name] = State(name, contract, schema, corpus, Wire(schema), seed, len(corpus))
            self._record = Record(root, self._header())
            stack.callback(self._record.close)
            stack.callback(self._end_workers)
            builds = CampaignBuilds(
                self.states,
                settings,
                coverage=self._search.coverage,
                building=self._listener.building,
                said=self._listener.said,
            )
            try:
                self._loop(stack.enter_context(builds), interrupted)
            finally:
                self._ended = time.monotonic()
            for state in self.states.values():
                if state.is_opened:
                    self._minimise(state)
                    data = {"contract": state.schema.name, "entries": len(state.corpus)}
                    self._record.write("corpus", data)
            self._record.write("end", {"ended_by": self.ended_by, "seconds": round(self.seconds, 3)})

    def _loop(self, builds: CampaignBuilds, interrupted: Callable[[], bool]) -> None:
        while True:
            builds.take()
            if not self.ended_by:
                self.ended_by = self._why_to_end(interrupted)
            if not self.ended_by:
                self._give(builds.native)
            elif not self._given:
                return
            else:
                self._end_turns(interrupted)
            self._read_inbox()
            self._count_staleness()
            self._listener.looked()
            self._save()

    def _why_to_end(self, interrupted: Callable[[], bool]) -> str:
        if interrupted():
            return "interrupt"
        return self._limits.why_to_end([*self.states.values()], self.seconds, self.staleness)

    def _count_staleness(self) -> None:
        """Count the time since the last call, if any turn has searched in it."""
        before, self._looked_at = self._looked_at, time.monotonic()
        searched = {
            given.turn.name
            for given in self._given.values()
            if given.searches_since is not None and before - given.searches_since < given.turn.seconds
        }
        self.staleness.search(searched, self._looked_at - before)

    def _note_new(self, state: State) -> None:
        state.last_new = time.monotonic()
        self.staleness.end()

    # Turns

    def _give(self, native: Path | None) -> None:
        """Give a turn to each worker that has none, as long as a contract needs one.

        Args:
            native: the library that draws traces natively, if there is one.
        """
        for number, worker in enumerate(self._workers):
            if number in self._given:
                continue
            turn = self._next_turn(native)
            if turn is None:
                return
            if self._started is None:
                self._started = time.monotonic()
                for state in self.states.values():
                    state.last_new = self._started
            self._given[number] = _Given(turn, number)
            self._shares.begin(turn.name, turn.seconds)
            future = worker.submit(take_turn, turn, limit_s=limit_s(turn, SLACK_S))
            future.add_done_callback(partial(self._post, number))

    def _next_turn(self, native: Path | None) -> Turn | None:
        ready = {
            name: state
            for name, state in self.states.items()
            if state.built is not None and not state.is_broken
        }
        self._again = [turn for turn in self._again if turn.name in ready]
        if self._again:
            turn = self._again.pop(0)
            state = ready[turn.name]
            known, seconds = pack(state.known), self._limits.turn_s(self.seconds, most=turn.seconds)
            return attrs.evolve(turn, known=known, cases=state.cases_seen, seconds=seconds)
        at_first = {given.turn.name for given in self._given.values() if given.turn.is_first}
        for name, state in ready.items():
            if not state.is_opened and name not in at_first:
                return self._turn(state, native)
        open_ones = {name for name, state in ready.items() if state.is_opened}
        return self._turn(ready[self._shares.next(open_ones)], native) if open_ones else None

    def _turn(self, state: State, native: Path | None) -> Turn:
        is_first = not state.is_opened
        number, search = state.turns, self._search
        state.turns += 1
        may_cover = bool(number % 2) and not is_first and (state.sees_blocks or not state.is_covered)
        covered = state.covered if may_cover else None
        runs_corpus = is_first or (covered is not None and not state.is_covered)
        state.is_covered |= covered is not None
        return Turn(
            number=number,
            name=state.name,
            settings=without_plugins(search.settings),
            built=covered or state.built or (),
            native=native,
            seed=derived_seed(state.seed, number),
            seconds=0.0 if runs_corpus else self._limits.turn_s(self.seconds),
            since_ns=self._since_ns,
            things=frozenset() if is_first else frozenset(state.corpus.things),
            entries=tuple(state.corpus.sample(ALL if runs_corpus else SAMPLE, state.times, self._random)),
            known=pack(state.known),
            cases=state.cases_seen if is_first else None,
            is_first=is_first,
            runs_corpus=runs_corpus,
            max_steps=search.max_steps,
            ignore_asymmetries=search.ignore_asymmetries,
        )

    # What workers say

    def _post(self, number: int, message: Posted | Future[TurnResult]) -> None:
        """Take a message from any thread."""
        self._inbox.put((number, message))

    def _read_inbox(self) -> None:
        """Wait a little for messages, and take all that are there."""
        try:
            self._take(*self._inbox.get(timeout=POLL_S))
            while True:
                self._take(*self._inbox.get_nowait())
        except queue.Empty:
            return

    def _take(self, number: int, message: Posted | Future[TurnResult]) -> None:
        given = self._given.get(number)
        if given is None:
            return
        state = self.states[given.turn.name]
        match message:
            case Progress():
                self._take_progress(state, given, message)
            case Found():
                self._take_found(state, given, unpack(message.parcel, state.schema, state.wire))
            case Said():
                self._listener.said(f"driftcheck: {message.line}")
            case Future():
                del self._given[number]
                state.live.pop(number, None)
                self._end_turn(state, given, message)

    def _take_progress(self, state: State, given: _Given, progress: Progress) -> None:
        if given.searches_since is None:
            given.searches_since = time.monotonic()
        state.live[given.worker] = attrs.evolve(progress, candidates=())
        for candidate in progress.candidates:
            if state.corpus.add(candidate):
                given.entries += 1
                state.new_entries += 1
                self._note_new(state)

    def _take_found(self, state: State, given: _Given, one: Kept | SavedCase) -> None:
        name = state.schema.name
        if isinstance(one, SavedCase):
            state.cases.append(one)
            if one.fault is not None:
                state.faults.append(one.fault)
            if one.is_open:
                self._record.write("open_case", {"contract": name, "case": str(one.path)})
            self._listener.replayed(state, one)
            return
        if not state.take_finding(one):
            return
        if one.path is not None:
            try:
                self._search.plugins.report(one.finding, state.schema, one.path)
            except DriftcheckError as fault:
                state.faults.append(fault)
        if one in state.new:
            given.findings += 1
            self._note_new(state)
            data = {"contract": name, "check": str(one.finding.divergence.check), "case": str(one.path)}
            self._record.write("finding", {**data, "signature": one.finding.signature.to_json()})
        self._listener.found(state, one)

    def _end_turn(self, state: State, given: _Given, future: Future[TurnResult]) -> None:
        turn = given.turn
        try:
            result = future.result()
        except WorkerDied as death:
            self._note_death(state, turn, death)
            return
        except NOT_STARTED as fault:
            self._note_failed_start(state, turn, fault)
            return
        except DriftcheckError as fault:
            state.break_off(fault)
            return
        except CancelledError:
            return
        state.take_result(result)
        state.more.update(unpack(result.more, state.schema, state.wire))
        if turn.is_first:
            state.is_opened = True
            self._note_new(state)
        if turn.runs_corpus:
            self._minimise(state)
        self._shares.end(
            turn.name, turn.seconds, result.seconds, entries=given.entries, findings=given.findings
        )
        self._record.write(
            "turn",
            {
                "contract": state.schema.name,
                "number": turn.number,
                "seed": turn.seed,
                "seconds": round(result.seconds, 3),
                "inputs": result.statistics.traces,
                "steps": result.statistics.steps,
                "entries": given.entries,
                "corpus": len(state.corpus),
                "dropped": len(result.misfits),
                "blocks": dict(result.blocks),
                "ended_by": result.ended_by,
            },
        )

    def _minimise(self, state: State) -> None:
        """Remove entries that show nothing more than others, once it is known which blocks they run."""
        has_blocks = any(one.language != "python" for one in state.built or ())
        if state.sees_blocks or not (self._search.coverage and has_blocks):
            state.corpus.minimise()

    def _note_death(self, state: State, turn: Turn, death: WorkerDied) -> None:
        """Count the death of a worker, and give its turn again, unless too many died."""
        state.deaths += 1
        state.failures_in_a_row += not isinstance(death, WorkerKilled)
        how = "stuck" if isinstance(death, WorkerStuck) else "died"
        self._record.write("death", {"contract": state.schema.name, "how": how, "says": str(death)})
        self._listener.said(f"driftcheck: a worker for {state.name} ended: {death}; its turn is repeated")
        if state.failures_in_a_row >= MOST_FAILURES:
            state.break_off(WorkersDie(state.name, state.failures_in_a_row, str(death)))
        else:
            self._again.append(turn)

    def _note_failed_start(self, state: State, turn: Turn, fault: DriftcheckError) -> None:
        """Give a turn again whose hosts did not start, unless they do not start at all.

        Hosts that started before, or that somebody has killed, may start the next time.
        """
        state.killed += fault.times if isinstance(fault, HostKilled) else 0
        state.failures_in_a_row += 1
        may_start = state.is_opened or isinstance(fault, HostKilled)
        if may_start and state.failures_in_a_row < MOST_FAILURES:
            self._listener.said(f"driftcheck: {state.name}: {fault}; its turn is repeated")
            self._again.append(turn)
        elif turn.built != state.built:  # builds for coverage
            state.covered, state.failures_in_a_row = None, 0
            self._listener.said(f"driftcheck: {state.name} is searched without coverage: {fault}")
        else:
            state.break_off(fault)

    # The end

    def _end_turns(self, interrupted: Callable[[], bool]) -> None:
        """Ask workers to finish what they have found, or to stop if nobody waits; kill workers that go on."""
        now = time.monotonic()
        word = STOP if self.ended_by in ("interrupt", "fault") or interrupted() else FINISH
        if word not in self._asked:
            self._asked[word] = now
            for number, given in self._given.items():
                # The first turn says what the corpus shows, without which the campaign has no result.
                if not (given.turn.is_first and self.ended_by == "time" and word == FINISH):
                    self._workers[number].ask(word)
        if now - min(self._asked.values()) > GRACE_S + SLACK_S:
            for number in self._given:
                self._workers[number].kill()

    def _end_workers(self) -> None:
        for worker in self._workers:
            worker.shutdown(wait=False)

    def _save(self) -> None:
        if time.monotonic() - self._saved_at >= SAVE_EVERY_S:
            self._saved_at = time.monotonic()
            for state in self.states.values():
                state.corpus.save_index()

    def _header(self) -> dict[str, Any]:
        return {
            "contracts": [state.schema.name for state in self.states.values()],
            "seed": self._search.seed,
            "workers": self._search.workers,
            **attrs.asdict(self._limits),
        }
