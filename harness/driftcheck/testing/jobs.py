"""
What an item does: a share of the traces, a law, a subject tested alone, or a saved case run again.

Knows sessions, runs and findings. Knows nothing of pytest. A result is plain data, since xdist sends it from
a worker to the controller.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import attrs

from driftcheck.build import BuildError
from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError, SubjectUnsound
from driftcheck.core.outcome import Evidence
from driftcheck.findings import replayed as replays
from driftcheck.findings import show
from driftcheck.findings.finding import Finding
from driftcheck.findings.replayed import Replayed
from driftcheck.oracle.signature import Divergence
from driftcheck.plugins.registry import Registry
from driftcheck.search.adapter_check import check_adapters
from driftcheck.search.alarms import Alarm, alarms
from driftcheck.search.budget import Budget
from driftcheck.search.drawing import derived_seed
from driftcheck.search.explore import explore, explore_law
from driftcheck.search.explored import Explored
from driftcheck.search.keeper import Keeper
from driftcheck.search.law_turns import LAW_SHARE
from driftcheck.search.observer import Observer
from driftcheck.search.saved_cases import replay_saved
from driftcheck.search.self_consistency import examine_self_consistency
from driftcheck.search.session import Session
from driftcheck.search.statistics import RunStatistics
from driftcheck.search.unexercised import NotExercised, law_not_decided, not_exercised
from driftcheck.testing.settings import Settings

Kind = Literal["shard", "law", "self", "case"]


@attrs.frozen(eq=False)
class Job:
    """One item's work."""

    kind: Kind
    what: str  # number of the shard, name of the law or subject, or path of the case file
    contract: type
    settings: Settings
    plugins: Registry = attrs.field(repr=False)

    @property
    def schema(self) -> Schema:
        """Return the contract's data."""
        return self.plugins.extended(schema_of(self.contract))

    @property
    def run_seed(self) -> int:
        """Return the seed that repeats the run of this contract."""
        return self.settings.seed_of(schema_of(self.contract))

    @property
    def seed(self) -> int:
        """Return this item's own seed, so that no two items draw the same inputs."""
        return derived_seed(self.run_seed, self.schema.name, self.kind, self.what)

    @property
    def share(self) -> int:
        """Return how many traces this shard runs, or how many cases this law."""
        traces, shards = self.settings.traces, self.settings.shards
        if self.kind == "law":
            return max(1, traces // LAW_SHARE)
        return max(1, traces // shards + (int(self.what) < traces % shards))


@attrs.frozen
class Page:
    """A finding as it is printed."""

    title: str
    text: str
    case: str = ""  # path of the case file, "" where none is kept
    replay: str = ""  # the command that runs it again
    stderr: str = ""
    stacks: str = ""


@attrs.define
class Result:
    """The result of an item."""

    pages: list[Page] = attrs.field(factory=list)
    troubles: list[str] = attrs.field(factory=list)  # what else fails the item, a sentence each
    traces: int = 0
    steps: int = 0
    asymmetries: dict[str, int] = attrs.field(factory=dict)  # how often each was seen, by id
    alarms: dict[str, list[str]] = attrs.field(factory=dict)  # those that fail no item: kind and line, by id
    missing: dict[str, list[Any]] = attrs.field(factory=dict)  # what was not exercised, as JSON data
    not_judged: str = ""  # why a saved case cannot be judged with these subjects


def run_job(job: Job) -> Result:
    """Do an item's work.

    Raises:
        DriftcheckError: the contract, an adapter, a setting or a case file is at fault.
    """
    match job.kind:
        case "shard":
            return _run_shard(job)
        case "law":
            return _run_law(job)
        case "self":
            return _run_alone(job)
        case "case":
            return _run_case(job)


_unbuilt: dict[tuple[type, str], BuildError] = {}  # subjects that this process could not build


@contextmanager
def _session(job: Job, *only: str) -> Iterator[Session]:
    only = only or job.settings.session.subjects
    for (contract, subject), failure in _unbuilt.items():
        if contract is job.contract and (not only or subject in only):
            raise failure  # so that not each item calls the compiler again, only to fail
    try:
        with job.settings.session.open(job.contract, subjects=only) as session:
            yield session
    except BuildError as failure:
        _unbuilt[job.contract, failure.subject] = failure
        raise


def _run_shard(job: Job) -> Result:
    result = Result()
    with _session(job) as session:
        explored = explore(
            session,
            Budget(job.share, job.settings.max_time_s),
            seed=job.seed,
            observer=_keeping(job, session, result),
            max_steps=job.settings.max_steps,
            laws=False,
            witnesses=False,
        )
        raised = _count(result, explored, session)
        missing = not_exercised(session.schema, explored.statistics, laws=False)  # laws are own items
        result.missing = missing.to_json()
        if job.what == "0":
            result.troubles += [str(alarm) for alarm in raised if alarm.kind == "expired"]
    return result


def _run_law(job: Job) -> Result:
    result = Result()
    with _session(job) as session:
        budget = Budget(job.share, job.settings.max_time_s)
        observer = _keeping(job, session, result)
        explored = explore_law(session, job.what, budget, seed=job.seed, observer=observer)
        _count(result, explored, session)
        result.missing = NotExercised(tuple(law_not_decided(job.what, explored.statistics))).to_json()
    return result


def _run_alone(job: Job) -> Result:
    result = Result()
    with _session(job, job.what) as session:
        check_adapters(session, seed=job.seed)
        finding = examine_self_consistency(session, seed=job.seed)
        if finding is not None:
            said = SubjectUnsound(job.schema.name, job.what, "it answers differently in two processes")
            page = _page(finding, job.schema, title=str(said))
            result.pages.append(attrs.evolve(page, text=f"{said}\n\n{page.text}"))
    return result


def _run_case(job: Job) -> Result:
    with _session(job) as session:
        replayed = replay_saved(job.settings.root / job.what, session)
        raised = _alarms(session, RunStatistics(), (), [replayed])
    result = Result(asymmetries={entry.id: 1 for entry in replayed.known})
    result.alarms = {a.entry.id: [a.kind, str(a)] for a in raised if a.kind == "healed"}
    if not replayed.is_judged:
        result.not_judged = replays.why_not_judged(replayed)
    if replayed.is_open:
        evidence = replayed.divergence.evidence if replayed.divergence else None
        shown = replayed.case.path
        text = replays.render_open(replayed)
        result.pages.append(_paged(replays.title(replayed), text, job.schema, shown, evidence))
    return result


def _keeping(job: Job, session: Session, result: Result) -> Observer:
    """Keep each finding, and show the content of its file."""
    keeper = Keeper(session, job.settings.root, job.settings.since_ns, job.plugins.report)

    def keep(finding: Finding) -> None:
        kept = keeper.keep(finding)
        result.troubles += [str(fault) for fault in kept.faults]
        result.pages.append(_page(kept.finding, session.schema, kept.path))

    def note(fault: DriftcheckError) -> None:
        if not result.pages:
            raise fault
        result.troubles.append(str(fault))  # beside the findings until then

    return Observer(finding=keep, fault=note)


def _page(finding: Finding, schema: Schema, path: Path | None = None, title: str = "") -> Page:
    title = title or show.title(schema, finding.divergence)
    return _paged(title, show.render(finding, schema, path=path), schema, path, finding.divergence.evidence)


def _paged(title: str, text: str, schema: Schema, path: Path | None, evidence: Evidence | None) -> Page:
    page = Page(title, text)
    if path is not None:
        page = attrs.evolve(page, case=str(path), replay=show.replay_command(schema, path))
    if evidence is not None:
        page = attrs.evolve(page, stderr=evidence.stderr, stacks=evidence.stacks)
    return page


def _count(result: Result, explored: Explored, session: Session) -> tuple[Alarm, ...]:
    """Put the counts of a search into the result of an item; return the alarms."""
    statistics = explored.statistics
    result.traces = statistics.traces or sum(statistics.law_cases.values())
    result.steps = statistics.steps
    result.asymmetries = dict(statistics.known)
    found = [finding.divergence for finding in explored.findings]
    raised = _alarms(session, statistics, found)
    result.alarms = {a.entry.id: [a.kind, str(a)] for a in raised if a.kind != "expired"}
    return raised


def _alarms(
    session: Session,
    statistics: RunStatistics,
    found: Sequence[Divergence],
    replays: Sequence[Replayed] = (),
) -> tuple[Alarm, ...]:
    today = datetime.datetime.now(tz=datetime.UTC).date()
    running = list(session.descriptions)
    return alarms(session.schema, session.asymmetries, statistics, found, running, today, replays)
