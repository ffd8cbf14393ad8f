"""`driftcheck run`: search contracts for divergences, within a budget."""

from __future__ import annotations

import datetime
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

import attrs
import click

from driftcheck.build import BuildsAhead
from driftcheck.cli import AGREE, FINDINGS, INTERRUPTED, MISUSE, last_screen, summary
from driftcheck.cli.junit import write_junit
from driftcheck.cli.options import DURATION, OUTPUT, plugins, session_options
from driftcheck.cli.options import contracts as installed_or_named
from driftcheck.cli.screen import Screen
from driftcheck.cli.summary import Reported
from driftcheck.cli.terminal import echo, echo_json, wants_colour
from driftcheck.contract.declare import Contract, schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import CaseError, DriftcheckError, PluginFailed
from driftcheck.core.output_file import OutputError, OutputFile
from driftcheck.core.shorten import shorten
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings import keep, show
from driftcheck.findings.finding import Finding
from driftcheck.plugins.registry import Registry
from driftcheck.search.adapter_check import check_adapters
from driftcheck.search.alarms import alarms
from driftcheck.search.budget import Budget
from driftcheck.search.explore import Explored, explore
from driftcheck.search.observer import Observer
from driftcheck.search.replay import recurs
from driftcheck.search.session import Session
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
@click.option("--junit", type=OUTPUT, metavar="FILE", help="Write a JUnit file.")
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
    junit: OutputFile | None,
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
    2: something is wrong with the command, a contract or an adapter. 130: interrupted, without findings.
    """
    contracts = installed_or_named(names)
    names = tuple(contracts)
    if max_time is None and max_traces is None:
        max_time = DEFAULT_TIME_S
    seed = secrets.randbelow(2**32) if seed is None else seed
    screen = Screen(names, as_json=as_json)
    search = _Search(
        settings, plugins(), screen, seed, fail_fast, corpus, max_steps, ignore_asymmetries, verbose
    )
    reports: dict[str, Reported] = {}
    faults: dict[str, DriftcheckError] = {}  # of contracts that could not be opened
    waiting, spent_s = list(names), 0.0
    with _interrupt() as interrupted:
        to_build = _to_build(contracts, settings)
        with (
            screen.shown(),
            BuildsAhead(to_build, no_build=settings.no_build, say=screen.building) as builds,
        ):
            while waiting and not (fail_fast and any(r.explored.findings for r in reports.values())):
                name = builds.next_ready(waiting, interrupted=interrupted)
                if name is None:
                    break
                started = time.monotonic()
                share_s = None if max_time is None else max(0.0, max_time - spent_s) / len(waiting)
                budget = Budget(max_traces, share_s)
                screen.begin(name, budget)
                try:
                    builds.check(name)
                    reports[name] = search.contract(contracts[name], budget, interrupted)
                except DriftcheckError as error:  # the other contracts are run all the same
                    faults[name] = error
                screen.end(is_broken=name in faults)
                waiting.remove(name)
                spent_s += time.monotonic() - started
        failed = list(faults)
        in_order = [reports[name] for name in names if name in reports]
        if in_order and junit is not None:
            try:
                write_junit(junit, in_order)
            except OutputError as error:  # the results are printed all the same
                faults["--junit"] = error
        if in_order and as_json:
            echo_json([summary.to_json(r) for r in in_order])
        elif in_order:
            _show(in_order, names, failed, interrupted(), verbose=verbose)
    ctx.exit(_exit_code(in_order, faults.values(), interrupted=interrupted()))


def _exit_code(reports: Sequence[Reported], faults: Iterable[DriftcheckError], *, interrupted: bool) -> int:
    """Print what went wrong, and return the exit code.

    Raises:
        NothingRun: a contract had no time.
    """
    wrong = [*faults, *(r.fault for r in reports if r.fault is not None)]
    for fault in wrong:
        echo(f"driftcheck: {fault}", err=True)
    if wrong:
        return MISUSE
    if any(not r.is_clean for r in reports):
        return FINDINGS
    if interrupted:
        return INTERRUPTED
    for report in reports:
        if not report.explored.statistics.traces:
            raise NothingRun(report.schema.name)
    return AGREE


def _to_build(
    contracts: Mapping[str, type[Contract]], settings: SessionSettings
) -> dict[str, tuple[Schema, Sequence[SubjectSource]]]:
    """Return what to compile for each contract; opening it reports a mistake in its subjects."""
    found: dict[str, tuple[Schema, Sequence[SubjectSource]]] = {}
    for name, contract in contracts.items():
        found[name] = schema_of(contract), ()
        with suppress(DriftcheckError):
            found[name] = schema_of(contract), settings.sources(contract)
    return found


def _show(
    reports: list[Reported], names: Sequence[str], failed: Sequence[str], interrupted: bool, *, verbose: bool
) -> None:
    if verbose:
        for report in reports:
            echo("\n".join(summary.lines(report)))
        echo()
    columns = shutil.get_terminal_size().columns if sys.stdout and sys.stdout.isatty() else summary.WIDTH
    shown = last_screen.lines(
        reports,
        names,
        failed=failed,
        interrupted=interrupted,
        columns=columns,
        colour=wants_colour(sys.stdout),
    )
    echo("\n".join(shown), is_painted=True)


@attrs.frozen
class _Search:
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

    def contract(self, contract: type, budget: Budget, interrupted: Callable[[], bool]) -> Reported:
        """Search one contract; show what is found while it goes."""
        screen = self.screen
        with self.settings.open(contract, ignore_asymmetries=self.ignore_asymmetries) as session:
            screen.phase("trying adapters")
            check_adapters(session, seed=self.seed)
            screen.search()
            sink = _Sink(session, self.plugins, screen, verbose=self.verbose)
            explored = explore(
                session,
                budget,
                seed=self.seed,
                fail_fast=self.fail_fast,
                corpus=self.corpus,
                max_steps=self.max_steps,
                observer=Observer(screen.progress, sink.finding, sink.witness, interrupted, sink.fault),
            )
            screen.progress(explored.statistics, len(explored.findings))
            return sink.reported(explored)


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
        self._screen.count_finding()
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
            self._screen.result(shorten(line, summary.WIDTH), colour=False)

    def fault(self, fault: DriftcheckError) -> None:
        self._fault = fault

    def reported(self, explored: Explored) -> Reported:
        """Return the report of the contract."""
        return Reported(
            self._session.schema,
            explored,
            self._session.asymmetries,
            {
                name: str(description.get("language"))
                for name, description in self._session.descriptions.items()
            },
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
