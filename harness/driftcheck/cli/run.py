"""`driftcheck run`: search contracts for divergences, within a budget."""

from __future__ import annotations

import datetime
import json
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import attrs
import click

from driftcheck.cli import AGREE, FINDINGS, INTERRUPTED, MISUSE, summary
from driftcheck.cli.junit import write_junit
from driftcheck.cli.options import DURATION, SIZE
from driftcheck.contract import lookup
from driftcheck.core import config
from driftcheck.core.errors import CaseError, DriftcheckError, PluginFailed
from driftcheck.core.trace import LawCase, Trace
from driftcheck.findings import keep, show
from driftcheck.findings.finding import Finding
from driftcheck.plugins.registry import Registry, load_plugins
from driftcheck.search.alarms import alarms
from driftcheck.search.explore import Budget, Explored, Watch, explore
from driftcheck.search.replay import recurs
from driftcheck.search.session import Session, open_session, self_run
from driftcheck.search.statistics import RunStatistics
from driftcheck.subjects.host import Limits

DEFAULT_TIME_S = 60.0
PLAIN_EVERY_S = 10.0  # between lines of progress where there is no terminal
LIVE_EVERY_S = 0.2


@attrs.define(eq=False)
class NothingRun(DriftcheckError):
    """A run ended before a contract's first trace."""

    contract: str

    def __str__(self) -> str:
        return (
            f"contract {self.contract!r}: nothing was run, since the budget ended before the first trace; "
            "give more --max-time or --max-traces"
        )


@click.command("run")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--max-time", type=DURATION, help="End after this time in all, such as 90s or 2h. [default: 60s]"
)
@click.option("--max-traces", type=click.IntRange(1), help="End after so many traces of each contract.")
@click.option(
    "--seed", type=click.IntRange(0), help="Repeat a run: same seed and --max-traces, same findings."
)
@click.option("--subject", "subjects", multiple=True, help="Take only these subjects; repeat it for more.")
@click.option(
    "--corpus", multiple=True, metavar="GLOB", help="Real documents to run as they are, and broken."
)
@click.option("--max-steps", type=click.IntRange(1, 10_000), help="Steps of a trace. [default: 50]")
@click.option("--deadline", type=DURATION, help="For one step; beyond it the subject hangs. [default: 1s]")
@click.option("--memory", type=SIZE, help="For one host, such as 512MiB. [default: 512MiB]")
@click.option("--fail-fast", is_flag=True, help="End with the first finding.")
@click.option("--ignore-asymmetries", is_flag=True, help="Call known differences findings, too.")
@click.option("--no-build", is_flag=True, help="Refuse a stale library instead of building it.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit file.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON; progress goes to stderr.")
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    max_time: float | None,
    max_traces: int | None,
    seed: int | None,
    subjects: tuple[str, ...],
    corpus: tuple[str, ...],
    max_steps: int | None,
    deadline: float | None,
    memory: int | None,
    fail_fast: bool,
    ignore_asymmetries: bool,
    no_build: bool,
    junit: Path | None,
    as_json: bool,
) -> None:
    """Search contracts for divergences.

    Exit code 0: no divergence. 1: findings, also flaky ones, and known differences that have expired or
    healed. 2: something is wrong with the input, a contract or an adapter. 130: interrupted, without
    findings.
    """
    plugins = load_plugins()
    contracts = [lookup.load(name) for name in dict.fromkeys(names)]
    settings = config.load(Path.cwd())
    limits = Limits(
        deadline_s=settings.deadline_s if deadline is None else deadline,
        memory_bytes=settings.memory_bytes if memory is None else memory,
    )
    if max_time is None and max_traces is None:
        max_time = DEFAULT_TIME_S
    seed = secrets.randbelow(2**32) if seed is None else seed
    screen = _Screen(live=sys.stderr.isatty(), quiet=as_json)
    reports: list[summary.Reported] = []
    faults: list[DriftcheckError] = []
    with _interrupt() as interrupted:
        started = time.monotonic()
        for number, contract in enumerate(contracts):
            if interrupted() or (fail_fast and any(r.explored.findings for r in reports)):
                break
            share_s = None
            if max_time is not None:
                left_s = max(0.0, max_time - (time.monotonic() - started))
                share_s = left_s / (len(contracts) - number)
            try:
                with open_session(
                    contract,
                    only=subjects,
                    env=settings.env,
                    limits=limits,
                    no_build=no_build,
                    ignore_asymmetries=ignore_asymmetries,
                    root=Path.cwd(),
                    extend=plugins.extended,
                    say=screen.say,
                ) as session:
                    self_run(session, seed=seed)
                    sink = _Sink(session, plugins, screen, Path.cwd())
                    explored = explore(
                        session,
                        Budget(max_traces, share_s),
                        seed=seed,
                        fail_fast=fail_fast,
                        corpus=corpus,
                        max_steps=max_steps,
                        watch=Watch(sink.progress, sink.finding, sink.witness, interrupted, sink.fault),
                    )
                    reports.append(sink.reported(explored))
            except DriftcheckError as error:  # the other contracts are run all the same
                faults.append(error)
            screen.clear()
        faults += [r.fault for r in reports if r.fault is not None]
        if reports:
            _close(reports, interrupted(), as_json, junit)
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


def _close(reports: list[summary.Reported], interrupted: bool, as_json: bool, junit: Path | None) -> None:
    if junit is not None:
        write_junit(junit, reports)
    if as_json:
        click.echo(json.dumps([summary.to_json(r) for r in reports], indent=2))
        return
    for report in reports:
        click.echo("\n".join(summary.lines(report)))
    click.echo(summary.closing(reports, interrupted))


class _Screen:
    """Where a run shows itself: one line that changes on a terminal, plain lines elsewhere."""

    def __init__(self, *, live: bool, quiet: bool) -> None:
        self._live = live
        self._quiet = quiet
        self._shown_at = time.monotonic()
        self._dirty = False

    def clear(self) -> None:
        if self._dirty:
            click.echo("\r\x1b[2K", nl=False, err=True)
            self._dirty = False

    def say(self, line: str) -> None:
        self.clear()
        click.echo(line, err=True)

    def print(self, text: str) -> None:
        self.clear()
        click.echo(text, err=self._quiet)

    def status(self, line: str) -> None:
        now = time.monotonic()
        if now - self._shown_at < (LIVE_EVERY_S if self._live else PLAIN_EVERY_S):
            return
        self._shown_at = now
        if self._live:
            click.echo(f"\r\x1b[2K{line[:99]}", nl=False, err=True)
            self._dirty = True
        else:
            click.echo(line, err=True)


class _Sink:
    """Takes what a run reports: shows it, and keeps findings as case files."""

    def __init__(self, session: Session, plugins: Registry, screen: _Screen, root: Path) -> None:
        self._session = session
        self._plugins = plugins
        self._screen = screen
        self._root = root
        self._started = time.monotonic()
        self.paths: list[str] = []
        self._fault: DriftcheckError | None = None

    def progress(self, statistics: RunStatistics, findings: int) -> None:
        seconds = time.monotonic() - self._started
        self._screen.status(
            f"{self._session.schema.name}: {statistics.traces:,} traces, "
            f"{statistics.steps / seconds:,.0f} steps/s, accepted {statistics.total('accepted'):,}, "
            f"rejected {statistics.total('rejected'):,}, known {sum(statistics.known.values()):,}, "
            f"findings {findings}"
        )

    def finding(self, finding: Finding) -> None:
        schema = self._session.schema
        try:
            path = keep.save(finding, schema, self._root, partial(recurs, oracle=self._session.oracle))
        except CaseError:  # it is shown all the same
            self.paths.append("not kept")
            self._screen.print(show.render(finding, schema) + "\n")
            raise
        self.paths.append(str(path.relative_to(self._root)))
        self._screen.print(show.render(finding, schema, path=self.paths[-1]) + "\n")
        try:
            self._plugins.report(finding, schema, path)
        except PluginFailed as fault:  # the search goes on, since the finding is kept
            self._screen.say(f"driftcheck: {fault}")
            self._fault = fault

    def witness(self, asymmetry: str, case: Trace | LawCase) -> None:
        line = f"known difference {asymmetry}: {show.in_a_line(self._session.schema, case)}"
        self._screen.print(line if len(line) <= 100 else f"{line[:97]}...")

    def fault(self, fault: DriftcheckError) -> None:
        self._fault = fault

    def reported(self, explored: Explored) -> summary.Reported:
        """Return what is reported of the contract in the end."""
        return summary.Reported(
            self._session.schema,
            explored,
            self._session.asymmetries,
            {name: str(told.get("language")) for name, told in self._session.descriptions.items()},
            tuple(self.paths),
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
    """Let Ctrl-C end a run in good order; a second one ends it at once."""
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
