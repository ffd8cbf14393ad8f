"""
A turn: what one worker does for one contract, and what it brings.

The first turn of a contract tries its adapters, replays its saved cases and runs its whole corpus. The first
turn with builds for coverage runs the corpus too. The others search for a while. Runs in the process of a
worker. Knows nothing of other workers, or of how time is shared.
"""

from __future__ import annotations

import glob
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from driftcheck.campaign.blocks import Blocks
from driftcheck.campaign.corpus import FOLDER, MOST_BYTES, TRACES, Candidate
from driftcheck.campaign.parcel import pack, unpack
from driftcheck.campaign.shown import Collector
from driftcheck.campaign.worker import FINISH, STOP
from driftcheck.contract import lookup
from driftcheck.contract.schema import Schema
from driftcheck.core import types as t
from driftcheck.core.author_code import guarded
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.files import Unreadable, read_file
from driftcheck.core.trace import Document, Step, Trace
from driftcheck.findings.case import read_as_far_as_it_fits
from driftcheck.findings.finding import Finding
from driftcheck.lockstep.answer import Execution
from driftcheck.lockstep.covered import WrongCoverage
from driftcheck.lockstep.native import NativeSearch
from driftcheck.oracle.signature import Divergence
from driftcheck.plugins.registry import load_plugins
from driftcheck.search.adapter_check import check_adapters
from driftcheck.search.budget import GRACE_S, Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.keeper import Keeper
from driftcheck.search.observer import Observer
from driftcheck.search.saved_cases import saved_cases, try_saved
from driftcheck.search.session import Session
from driftcheck.search.settings import SessionSettings
from driftcheck.search.statistics import RunStatistics
from driftcheck.subjects.discover import Subject
from driftcheck.subjects.host import HostFailed, HostKilled
from driftcheck.values.encoding import OutsideType
from driftcheck.values.json_text import read_json

POST_EVERY_S = 1.0  # between two messages with what a turn has kept so far
CORPUS_S = 300.0  # that a turn may take to run the corpus
NOT_STARTED = (HostFailed, HostKilled, WrongCoverage)  # errors of hosts that cannot be started
WARM_UP = 8  # entries that run twice, to see which counters differ on equal input


@attrs.frozen
class Turn:
    """What a worker is asked to do."""

    number: int  # of the contract's turns, from 0
    name: str  # of the contract, as the user wrote it
    settings: SessionSettings  # its `extend` stays behind, since a worker loads the plugins itself
    built: tuple[Subject, ...]
    native: Path | None  # the library that draws traces natively
    seed: int
    seconds: float  # to search, unless it runs the corpus
    since_ns: int  # when the campaign began
    things: frozenset[str]  # that entries of the corpus show
    entries: tuple[str, ...]  # of the corpus, to begin with
    known: bytes = b""  # divergences that are findings already, in a parcel
    cases: frozenset[str] | None = None  # saved cases that need no replay; None: replay none
    is_first: bool = False
    runs_corpus: bool = False  # all of it, and nothing else
    max_steps: int | None = None
    ignore_asymmetries: bool = False


@attrs.frozen
class Progress:
    """The progress of a turn: its figures, and what is new since the last message."""

    inputs: int
    steps: int
    accepted: int
    rejected: int
    not_judged: int
    candidates: tuple[Candidate, ...] = ()


@attrs.frozen
class Found:
    """A finding, or a saved case that was replayed, in a parcel."""

    parcel: bytes


@attrs.frozen
class Said:
    """A sentence for the user."""

    line: str


@attrs.frozen(eq=False)
class TurnResult:
    """What a turn has brought, besides what it posted."""

    statistics: RunStatistics
    seconds: float
    ended_by: str
    hosts: int
    killed: int
    unexamined: int
    more: bytes  # divergences like a finding that were not shrunk, by its signature, in a parcel
    drawn_rarely: tuple[str, ...]
    descriptions: Mapping[str, Mapping[str, Any]]
    times: Counter[str]  # how often each thing was seen
    shown: Mapping[str, frozenset[str]]  # what entries of the corpus showed
    sees_blocks: bool  # `shown` says which blocks they ran
    misfits: tuple[str, ...]  # entries that do not fit the contract any more
    blocks: Mapping[str, tuple[int, int]]  # by subject: how many were ever reached, and how many there are
    fault: DriftcheckError | None = None


Posted = Progress | Found | Said
Post = Callable[[Posted], None]


def take_turn(turn: Turn, *, post: Post, asked: Callable[[str], bool]) -> TurnResult:
    """Take a turn in this process.

    Args:
        post: receives what is found at once, because this process may be killed.
        asked: says what the broker asks of the turn: to `FINISH` what it has found, or to `STOP`.

    Raises:
        DriftcheckError: the contract cannot be searched, or its hosts cannot be started.
    """
    settings = attrs.evolve(turn.settings, extend=load_plugins().extended)
    with guarded(settings.author):
        contract = lookup.load_named(turn.name)
        with settings.open(contract, built=turn.built, ignore_asymmetries=turn.ignore_asymmetries) as session:
            return _Turn(turn, session, post, asked).result()


class _Turn:
    def __init__(self, turn: Turn, session: Session, post: Post, asked: Callable[[str], bool]) -> None:
        self.turn = turn
        self.session = session
        self.post = post
        self.asked = asked
        self.collector = Collector(session.schema, turn.things)
        self.blocks = Blocks(session.lockstep.covered)
        self.sees_blocks = turn.runs_corpus and bool(session.lockstep.covered)  # of entries
        self.keeper = Keeper(session, turn.settings.root, turn.since_ns, lambda *finding: None)
        self.folder = turn.settings.root / FOLDER / session.schema.name
        self.begun: dict[int, str] = {}  # entries by the identity of their trace, until it has run
        self.shown: dict[str, frozenset[str]] = {}
        self.candidates: list[Candidate] = []
        self.posted_at = time.monotonic()
        self.statistics = RunStatistics()
        self.fault: DriftcheckError | None = None

    def result(self) -> TurnResult:
        """Do all of the turn."""
        turn, session = self.turn, self.session
        schema = session.schema
        if turn.is_first:
            for sentence in check_adapters(session, seed=turn.seed):
                self.post(Said(sentence))
        known: list[Divergence] = unpack(turn.known, schema, session.lockstep.wire) if turn.known else []
        known += self._replay()
        traces, misfits = self._entries()
        documents = [self.folder / name for name in turn.entries if not name.startswith(TRACES)]
        self._prepare_coverage(traces)
        self._post(self.statistics)  # says that the search begins
        started = time.monotonic()
        budget = Budget(len(traces), CORPUS_S) if turn.runs_corpus else Budget(None, turn.seconds)
        explored = explore(
            session,
            budget,
            seed=turn.seed,
            corpus=[glob.escape(str(path)) for path in documents if path.is_file()],
            max_steps=turn.max_steps,
            observer=Observer(
                progress=self._progress,
                finding=self._finding,
                finishing=lambda: self.asked(FINISH),
                interrupted=lambda: self.asked(STOP),
                executed=self._executed,
                reached=self._reached,
                fault=self._note,
            ),
            witnesses=False,
            begin_with=traces,
            known=known,
            native=None if turn.native is None else NativeSearch(turn.native),
        )
        self._post(explored.statistics)
        if isinstance(self.fault, NOT_STARTED):  # no result says more of the contract than its next turn
            raise self.fault
        return self._ended(explored, time.monotonic() - started, misfits)

    def _ended(self, explored: Explored, seconds: float, misfits: tuple[str, ...]) -> TurnResult:
        return TurnResult(
            statistics=explored.statistics,
            seconds=seconds,
            ended_by=explored.ended_by,
            hosts=explored.hosts_spent,
            killed=explored.killed,
            unexamined=explored.unexamined,
            more=pack(dict(explored.more)),
            drawn_rarely=explored.drawn_rarely,
            descriptions=dict(self.session.descriptions),
            times=self.collector.times,
            shown=self.shown,
            sees_blocks=self.sees_blocks,
            misfits=misfits,
            blocks=self.blocks.reached(),
            fault=self.fault,
        )

    def _prepare_coverage(self, traces: list[Trace]) -> None:
        """Ignore counters that differ on equal input, and note what the corpus has reached."""
        lockstep = self.session.lockstep
        if not lockstep.covered:
            return
        if traces:
            lockstep.ignore_varying_counters(traces[:WARM_UP])
            lockstep.forget_coverage()  # what these reach is new when they run in the search
        for name in lockstep.covered if not self.turn.runs_corpus else ():
            lockstep.load_coverage_map(name, self.blocks.map(name, self.turn.things))

    def _replay(self) -> Iterator[Divergence]:
        """Replay the saved cases that no turn has replayed; yield the divergences of open ones."""
        if self.turn.cases is None:
            return
        replayed = set(self.turn.cases)
        for path in saved_cases(self.session.schema.name, self.turn.settings.root):
            if path.name in replayed or self._is_ending():
                continue
            case = try_saved(path, self.session, self._is_ending)
            if case.path.name in replayed:
                continue  # a replay shrinks a case further, which may make it one that is saved already
            replayed.add(case.path.name)
            self.post(Found(pack(case)))
            if case.is_open and case.replayed is not None and case.replayed.divergence is not None:
                yield case.replayed.divergence

    def _is_ending(self) -> bool:
        return self.asked(FINISH) or self.asked(STOP)

    def _entries(self) -> tuple[list[Trace], tuple[str, ...]]:
        """Return the traces to begin with, and the names of the entries that do not fit any more."""
        traces, misfits = [], []
        for name in self.turn.entries:
            path = self.folder / name
            if not path.is_file():
                continue
            is_trace = name.startswith(TRACES)
            try:
                read = self._trace(path) if is_trace else _of_document(self.session.schema, path)
            except Unreadable:
                misfits.append(name)
                continue
            if not read and (is_trace or not _takes_documents(self.session.schema)):
                misfits.append(name)
            for trace in read:
                self.begun[id(trace)] = name
                traces.append(trace)
        return traces, tuple(misfits)

    def _trace(self, path: Path) -> list[Trace]:
        try:
            return [read_as_far_as_it_fits(self.session.schema, read_json(path))]
        except OutsideType:
            return []

    def _executed(self, execution: Execution) -> None:
        entry = self.begun.pop(id(execution.trace), None)
        if entry is not None:
            shown = self.collector.shown_by(execution)
            if self.sees_blocks:
                ran = self._ran(execution.trace)
                self.collector.times.update(ran)
                shown |= ran
            self.shown[entry] = self.shown.get(entry, frozenset()) | shown
            self.collector.know(shown)
        self.candidates += self.collector.take(execution)
        if self.candidates and time.monotonic() - self.posted_at >= POST_EVERY_S:
            self._post(self.statistics)

    def _reached(self, execution: Execution) -> None:
        self.candidates += self.collector.take_blocks(execution, self._ran(execution.trace))

    def _ran(self, trace: Trace) -> frozenset[str]:
        """Run a trace once more, and return which blocks it runs."""
        return self.blocks.things(self.session.lockstep.counters(trace))

    def _progress(self, statistics: RunStatistics, findings: int) -> None:
        self.statistics = statistics
        if time.monotonic() - self.posted_at >= POST_EVERY_S:
            self._post(statistics)

    def _post(self, statistics: RunStatistics) -> None:
        self.posted_at = time.monotonic()
        figures = (statistics.traces, statistics.steps, statistics.total("accepted"))
        rejected = statistics.total("rejected")
        self.post(Progress(*figures, rejected, statistics.not_judged, tuple(self.candidates)))
        self.candidates.clear()

    def _finding(self, finding: Finding) -> None:
        self.post(Found(pack(self.keeper.keep(finding))))

    def _note(self, fault: DriftcheckError) -> None:
        self.fault = fault


def limit_s(turn: Turn, slack_s: float) -> float:
    """Return the seconds after which the worker of a turn is believed to be stuck."""
    return (CORPUS_S if turn.runs_corpus else turn.seconds) + GRACE_S + slack_s


def _of_document(schema: Schema, path: Path) -> list[Trace]:
    """Return a trace for each operation that takes a document alone, if the contract is stateless."""
    data = read_file(path, MOST_BYTES)
    document = Document(data, seed=path.name, origin=data)
    return [
        Trace((Step(operation.name, (document,)),))
        for operation in schema.operations
        if schema.is_stateless and len(operation.arguments) == 1
        if isinstance(t.bare(operation.arguments[0].type), t.Payload)
    ]


def _takes_documents(schema: Schema) -> bool:
    arguments = [argument for operation in schema.operations for argument in operation.arguments]
    return any(isinstance(t.bare(argument.type), t.Payload) for argument in arguments)
