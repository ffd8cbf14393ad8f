"""`driftcheck run`: search contracts for divergences, within a budget."""

from __future__ import annotations

import datetime
import json
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import attrs
import click

from driftcheck.build import BuildsAhead
from driftcheck.cli import AGREE, FINDINGS, INTERRUPTED, MISUSE, last_screen, summary
from driftcheck.cli.colour import wants_colour
from driftcheck.cli.junit import write_junit
from driftcheck.cli.options import DURATION, session_options
from driftcheck.cli.screen import Screen
from driftcheck.cli.summary import Reported
from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import CaseError, DriftcheckError, PluginFailed
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings import keep, show
from driftcheck.findings.finding import Finding
from driftcheck.plugins.registry import Registry, load_plugins
from driftcheck.search.alarms import alarms
from driftcheck.search.explore import Budget, Explored, Watch, explore
from driftcheck.search.replay import recurs
from driftcheck.search.session import Session, self_run
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.discover import SubjectSource

DEFAULT_TIME_S = 60.0


@attrs.define(eq=False)
class NothingRun(DriftcheckError):
    """The time ended before the first input of a contract."""

    contract: str

    def __str__(self) -> str:
        return (
            f"contract {self.contract!r}: nothing was run, since the time ended before the first input; "
            "give a longer --max-time"
        )


@click.command("run")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--max-time",
    type=DURATION,
    metavar="TIME",
    help="End after this time in all, builds not counted: 90 (seconds), 90s, 2h. [default: 60s]",
)
@click.option(
    "--max-traces", type=click.IntRange(1), metavar="N", help="End after this many inputs of each contract."
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    metavar="N",
    help="With --max-traces: the same seed gives the same findings.",
)
@click.option(
    "--corpus", multiple=True, metavar="GLOB", help="Also run these real documents, as they are and mutated."
)
@click.option(
    "--max-steps", type=click.IntRange(1, 10_000), metavar="N", help="Steps of a trace. [default: 50]"
)
@click.option("--fail-fast", is_flag=True, help="End with the first finding.")
@click.option("--ignore-asymmetries", is_flag=True, help="Report what asymmetries cover as findings too.")
@session_options
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit file.")
@click.option(
    "--verbose", is_flag=True, help="Show asymmetries with their witnesses, and what was not exercised."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON; all else goes to stderr.")
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    max_time: float | None,
    max_traces: int | None,
    seed: int | None,
    corpus: tuple[str, ...],
    max_steps: int | None,
    fail_fast: bool,
    ignore_asymmetries: bool,
    settings: SessionSettings,
    junit: Path | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Search contracts for inputs on which their subjects behave differently.

    NAME is an installed contract, or module:Class. Each finding is shrunk, confirmed in fresh processes,
    printed, and kept as a case file under cases/.

    \b
    Examples:
      driftcheck run json                      search for one minute
      driftcheck run json lru --max-time 10m   share ten minutes between two contracts
      driftcheck run json --max-traces 1000 --seed 7

    Exit code 0: no divergence. 1: findings, flaky ones included, or asymmetries that have expired or healed.
    2: something is wrong with the input, a contract or an adapter. 130: interrupted, without findings.
    """
    names = tuple(dict.fromkeys(names))
    contracts = {name: lookup.load(name) for name in names}
    sources = {
        name: (schema_of(contract), settings.sources(contract)) for name, contract in contracts.items()
    }
    plugins = load_plugins()
    if max_time is None and max_traces is None:
        max_time = DEFAULT_TIME_S
    seed = secrets.randbelow(2**32) if seed is None else seed
    screen = Screen(names, as_json=as_json)
    reports: list[Reported] = []
    failed: list[str] = []  # contracts that could not be opened
    faults: list[DriftcheckError] = []
    with (
        _interrupt() as interrupted,
        screen.shown(),
        BuildsAhead(sources, no_build=settings.no_build, say=screen.building) as builds,
    ):
        waiting, left_s = [*names], max_time
        while waiting and not (fail_fast and any(r.explored.findings for r in reports)):
            name = builds.next_ready(waiting, interrupted=interrupted)
            if name is None:
                break
            started = time.monotonic()  # a run's time does not count what compilers take
            share_s = None if left_s is None else left_s / len(waiting)
            waiting.remove(name)
            budget = Budget(max_traces, share_s)
            screen.begin(name, budget)
            try:
                with settings.open(contracts[name], ignore_asymmetries=ignore_asymmetries) as session:
                    screen.phase("trying adapters")
                    self_run(session, seed=seed)
                    screen.search()
                    sink = _Sink(session, plugins, screen, verbose=verbose)
                    explored = explore(
                        session,
                        budget,
                        seed=seed,
                        fail_fast=fail_fast,
                        corpus=corpus,
                        max_steps=max_steps,
                        watch=Watch(screen.progress, sink.finding, sink.witness, interrupted, sink.fault),
                    )
                    reports.append(sink.reported(explored))
                    screen.progress(explored.statistics, len(explored.findings))
            except DriftcheckError as error:  # the other contracts are run all the same
                faults.append(error)
                failed.append(name)
            screen.end(is_broken=name in failed)
            if left_s is not None:
                left_s = max(0.0, left_s - (time.monotonic() - started))
        faults += [r.fault for r in reports if r.fault is not None]
    if reports:
        if junit is not None:
            write_junit(junit, reports)
        if as_json:
            click.echo(json.dumps([summary.to_json(r) for r in reports], indent=2))
        else:
            _show(reports, names, failed, interrupted(), verbose=verbose)
    for fault in faults:
        click.echo(f"driftcheck: {fault}", err=True)
    if faults:
        ctx.exit(MISUSE)
    if any(not r.is_clean for r in reports):
        ctx.exit(FINDINGS)
    if interrupted():
        ctx.exit(INTERRUPTED)
    for report in reports:
        if not report.explored.statistics.traces:
            raise NothingRun(report.schema.name)
    ctx.exit(AGREE)


def _sources(settings: SessionSettings, contract: type) -> tuple[Schema, Sequence[SubjectSource]]:
    """Return what can be built ahead; where that is nothing, opening the contract says why."""
    try:
        return schema_of(contract), settings.sources(contract)
    except DriftcheckError:
        return schema_of(contract), ()


def _show(
    reports: list[Reported], names: Sequence[str], failed: Sequence[str], interrupted: bool, *, verbose: bool
) -> None:
    if verbose:
        for report in reports:
            click.echo("\n".join(summary.lines(report)))
        click.echo()
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else summary.WIDTH
    shown = last_screen.lines(
        reports,
        names,
        failed=failed,
        interrupted=interrupted,
        columns=columns,
        colour=wants_colour(sys.stdout),
    )
    click.echo("\n".join(shown))


class _Sink:
    """Takes what a run reports of one contract: shows it, and keeps findings as case files."""

    def __init__(self, session: Session, plugins: Registry, screen: Screen, *, verbose: bool) -> None:
        self._session = session
        self._plugins = plugins
        self._screen = screen
        self._verbose = verbose
        self._root = Path.cwd()
        self._paths: list[str] = []
        self._fault: DriftcheckError | None = None

    def finding(self, finding: Finding) -> None:
        schema = self._session.schema
        try:
            path = keep.save(finding, schema, self._root, partial(recurs, oracle=self._session.oracle))
        except CaseError:  # show the finding all the same
            self._paths.append("not kept")
            self._screen.result(show.render(finding, schema) + "\n")
            raise
        self._paths.append(str(path.relative_to(self._root)))
        self._screen.result(show.render(finding, schema, path=self._paths[-1]) + "\n")
        try:
            self._plugins.report(finding, schema, path)
        except PluginFailed as fault:  # the search goes on, since the finding is kept
            self._screen.say(f"driftcheck: {fault}")
            self._fault = fault

    def witness(self, asymmetry: str, case: Trace | LawCase) -> None:
        if self._verbose:
            line = f"asymmetry {asymmetry}: {show.in_a_line(self._session.schema, case)}"
            self._screen.result(_cut(line), colour=False)

    def fault(self, fault: DriftcheckError) -> None:
        self._fault = fault

    def reported(self, explored: Explored) -> Reported:
        """Return the report of the contract."""
        return Reported(
            self._session.schema,
            explored,
            self._session.asymmetries,
            {name: str(told.get("language")) for name, told in self._session.descriptions.items()},
            tuple(self._paths),
            alarms(
                self._session.schema,
                self._session.asymmetries,
                explored.statistics,
                [finding.divergence for finding in explored.findings],
                datetime.datetime.now(tz=datetime.UTC).date(),
            ),
            self._fault,
        )


def _cut(line: str) -> str:
    return line if len(line) <= summary.WIDTH else f"{line[: summary.WIDTH - 3]}..."


@contextmanager
def _interrupt() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C end the run with its summary, and the second one end it at once."""
    pressed: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
