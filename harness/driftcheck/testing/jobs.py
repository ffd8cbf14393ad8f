"""
What an item does: a share of the traces, a law, a subject tried alone, or a saved case run again.

Knows sessions, runs and findings. Knows nothing of pytest. A result is plain data, since xdist sends it from
a worker to the controller.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import attrs

from driftcheck.build import BuildError
from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import CaseError, DriftcheckError, PluginFailed, SubjectUnsound, UnknownContract
from driftcheck.core.outcome import Evidence
from driftcheck.findings import case as case_files
from driftcheck.findings import show
from driftcheck.findings.finding import Finding
from driftcheck.findings.keep import save
from driftcheck.findings.replayed import render as render_replay
from driftcheck.plugins.registry import Registry
from driftcheck.search import replay
from driftcheck.search.adapter_check import check_adapters
from driftcheck.search.alarms import alarms
from driftcheck.search.budget import Budget
from driftcheck.search.explore import LAW_SHARE, Explored, derived_seed, explore, explore_law
from driftcheck.search.observer import Observer
from driftcheck.search.self_consistency import examine_self_consistency
from driftcheck.search.session import Session
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
    def seed(self) -> int:
        """Return this item's own seed, so that no two items draw the same inputs."""
        return derived_seed(self.settings.seed, self.schema.name, self.kind, self.what)

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
    missing: list[str] = attrs.field(factory=list)  # what was not exercised


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
        _count(result, explored, session)
        result.missing = explored.statistics.not_exercised(job.schema, laws=False)  # laws are own items
        if job.what == "0":
            result.troubles += [
                f"asymmetry {entry.id!r} ({entry.owner}) expired on {entry.expires}; renew it or remove it"
                for entry in session.asymmetries.expired(_today())
            ]
    return result


def _run_law(job: Job) -> Result:
    result = Result()
    with _session(job) as session:
        budget = Budget(job.share, job.settings.max_time_s)
        observer = _keeping(job, session, result)
        explored = explore_law(session, job.what, budget, seed=job.seed, observer=observer)
        _count(result, explored, session)
        if not explored.statistics.laws[job.what]:
            result.missing = [f"law {job.what}: never decided"]
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
    found = case_files.load(job.settings.root / job.what, lambda name: _own_schema(job, name))
    shown = _from_here(job.settings.root / job.what)
    found = attrs.evolve(found, path=shown)
    with _session(job) as session:
        replayed = replay.replay(found, session.oracle)
    result = Result(asymmetries={entry.id: 1 for entry in replayed.known})
    if replayed.diverges and not replayed.is_known:
        check = replayed.divergence.check if replayed.divergence else found.signature.check
        text = f"{render_replay(replayed)}\n\nreplay  {show.replay_command(job.schema, shown)}"
        evidence = replayed.divergence.evidence if replayed.divergence else None
        result.pages.append(_paged(f"saved case still diverges: {check}", text, job.schema, shown, evidence))
    return result


def _own_schema(job: Job, name: str) -> Schema:
    if name != job.schema.name:
        raise UnknownContract(name, (job.schema.name,))
    return job.schema


def _keeping(job: Job, session: Session, result: Result) -> Observer:
    """Keep each finding at once, since the process may be killed before the next one."""

    def keep(finding: Finding) -> None:
        path = None
        try:
            again = partial(replay.recurs, oracle=session.oracle)
            path = _from_here(save(finding, session.schema, job.settings.root, again))
            job.plugins.report(finding, session.schema, path)
        except (CaseError, PluginFailed) as error:  # show the finding all the same
            result.troubles.append(str(error))
        result.pages.append(_page(finding, session.schema, path))

    def note(fault: DriftcheckError) -> None:
        if not result.pages:
            raise fault
        result.troubles.append(str(fault))  # beside the findings until then

    return Observer(finding=keep, fault=note)


def _from_here(path: Path) -> Path:
    """Return a path relative to the working directory, as a command typed there must name it."""
    return Path(os.path.relpath(path))


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


def _count(result: Result, explored: Explored, session: Session) -> None:
    statistics = explored.statistics
    result.traces = statistics.traces or sum(statistics.law_cases.values())
    result.steps = statistics.steps
    result.asymmetries = dict(statistics.known)
    found = [finding.divergence for finding in explored.findings]
    raised = alarms(session.schema, session.asymmetries, statistics, found, _today())
    result.alarms = {a.entry.id: [a.kind, str(a)] for a in raised if a.kind != "expired"}


def _today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.UTC).date()
