"""`driftcheck campaign`: search contracts for hours with all processors, and keep a corpus."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from driftcheck.campaign.broker import Broker, Search
from driftcheck.campaign.errors import NotKept
from driftcheck.campaign.events import last_campaign, last_of_contracts
from driftcheck.campaign.limits import Limits
from driftcheck.campaign.state import State
from driftcheck.cli import AGREE
from driftcheck.cli.campaign_notes import corpus_notes, ending_notes, status_lines
from driftcheck.cli.campaign_screen import CampaignScreen
from driftcheck.cli.ending import exit_code, interrupts, show, write_results
from driftcheck.cli.named import contracts as installed_or_named
from driftcheck.cli.named import plugins
from driftcheck.cli.options import DURATION, OUTPUT, session_options
from driftcheck.cli.reported import Entry, NotRun, Reported
from driftcheck.cli.terminal import echo
from driftcheck.contract.declare import schema_of
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.output_file import OutputFile
from driftcheck.core.trace import MOST_STEPS
from driftcheck.core.units import duration_s
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.asymmetry_file import read_asymmetries
from driftcheck.search.session import asymmetry_files
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.discover import subjects as subjects_of

DEFAULT_TIME = "8h"
MOST_WORKERS = 256
NOT_REACHED = {
    "interrupt": "the campaign was interrupted before its first turn",
    "time": "the time ended before its first turn; give a longer --max-time",
    "findings": "--max-findings ended the campaign before its first turn",
    "stale": "--until-stale ended the campaign before its first turn",
}


@click.command("campaign")
@click.argument("names", metavar="NAME...", nargs=-1)
@click.option(
    "--max-time",
    type=DURATION,
    metavar="TIME",
    help=f"End after this time, such as 90s or 2h; builds do not count. [default: {DEFAULT_TIME}]",
)
@click.option(
    "--until-stale",
    type=DURATION,
    metavar="TIME",
    help="End after this time of searching without anything new, such as 30m or 2h.",
)
@click.option(
    "--max-findings", type=click.IntRange(1), metavar="N", help="End after this number of new findings."
)
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    metavar="N",
    help="Processes that search. [default: one for each processor]",
)
@click.option(
    "--seed", type=click.IntRange(0), metavar="N", help="Derive the seed of each turn from this one."
)
@click.option(
    "--max-steps", type=click.IntRange(1, MOST_STEPS), metavar="N", help="Steps of a trace. [default: 50]"
)
@click.option("--ignore-asymmetries", is_flag=True, help="Also report divergences that asymmetries cover.")
@click.option("--no-coverage", is_flag=True, help="Build nothing for coverage, and search without it.")
@session_options
@click.option("--junit", type=OUTPUT, metavar="FILE", help="Write a JUnit file.")
@click.option("--verbose", is_flag=True, help="Show asymmetries, and what was not exercised, at the end.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the summary as JSON; everything else goes to stderr."
)
@click.option("--status", is_flag=True, help="Show the last campaign, which may still be running, and end.")
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    max_time: float | None,
    until_stale: float | None,
    max_findings: int | None,
    workers: int | None,
    seed: int | None,
    max_steps: int | None,
    ignore_asymmetries: bool,
    no_coverage: bool,
    settings: SessionSettings,
    junit: OutputFile | None,
    verbose: bool,
    as_json: bool,
    status: bool,
) -> None:
    """Search contracts for hours, with several processes, and keep a corpus.

    NAME is an installed contract, or module:Class. The saved cases of each contract and its corpus run first.
    Contracts that still show new behaviour get more of the time. Inputs that show new behaviour, or run new
    code of a subject, are kept under .driftcheck/corpus/, and the next campaign begins with them.

    \b
    Examples:
      driftcheck campaign json lru                       search for eight hours
      driftcheck campaign json --until-stale 1h          end after an hour without anything new
      driftcheck campaign json --workers 2 --max-time 30m
      driftcheck campaign --status                       show how the last campaign went

    Ctrl-C and SIGTERM end a campaign with its summary. Exit codes are those of 'driftcheck run'.
    """
    if status:
        echo("\n".join(status_lines(last_campaign(settings.root))))
        ctx.exit(AGREE)
    if not names:
        raise click.UsageError("name a contract; 'driftcheck contracts' lists the installed ones")
    contracts = installed_or_named(names)
    _refuse_same(contracts)
    if max_time is None:
        max_time = duration_s(DEFAULT_TIME)
    seed = secrets.randbelow(2**32) if seed is None else seed
    count = workers or len(os.sched_getaffinity(0))
    with _keeping(settings.root):
        before = last_of_contracts(settings.root, [schema_of(one).name for one in contracts.values()])
    search = Search(settings, plugins(), seed, count, max_steps, ignore_asymmetries, not no_coverage)
    screen = CampaignScreen(as_json=as_json)
    limits = Limits(max_time, until_stale, max_findings)
    broker = Broker(contracts, search, limits, screen.listener)
    screen.say(f"seed {seed}, {count} worker{'s' * (count > 1)}")
    with interrupts(signal.SIGTERM) as interrupted:
        not_written: list[DriftcheckError] = []
        with screen.shown(broker):
            try:
                with _keeping(settings.root):
                    broker.run(interrupted)
            except NotKept as fault:
                if not any(state.is_opened for state in broker.states.values()):
                    raise
                not_written.append(fault)
        entries = [_entry(state, broker, search) for state in broker.states.values()]
        not_written += write_results(junit, entries)
        if not all(isinstance(one, NotRun) and one.faults for one in entries):
            show(
                entries,
                list(contracts),
                interrupted(),
                verbose=verbose,
                as_json=as_json,
                verb="campaign",
                notes=ending_notes(broker.ended_by, limits) + corpus_notes([*broker.states.values()], before),
            )
    ctx.exit(exit_code(entries, not_written, interrupted=interrupted()))


@contextmanager
def _keeping(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotKept(str(error.filename or root), error.strerror or str(error)) from None


def _refuse_same(contracts: Mapping[str, type]) -> None:
    """Refuse two names of one contract, because they would share a corpus."""
    names: dict[str, str] = {}
    for given, contract in contracts.items():
        name = schema_of(contract).name
        if name in names:
            raise click.UsageError(
                f"{names[name]!r} and {given!r} are both the contract {name!r}; name it once"
            )
        names[name] = given


def _entry(state: State, broker: Broker, search: Search) -> Entry:
    """Return what is reported of a contract."""
    if not state.is_opened:
        fault = next(iter(state.faults), None)
        why = NOT_REACHED.get(broker.ended_by, "it was not searched") if fault is None else str(fault)
        return NotRun(state.name, why, fault)
    languages = {source.name: source.language for source in subjects_of(state.contract)}
    asymmetries = Asymmetries((), languages)
    if not search.ignore_asymmetries:
        files = asymmetry_files(state.contract, search.settings.root)
        asymmetries = read_asymmetries(files, state.schema, languages).for_libraries(state.descriptions)
    running = {name: str(one.get("language")) for name, one in state.descriptions.items()}
    return Reported(
        state.schema,
        state.explored(broker.ended_by, search.seed, broker.seconds_of(state)),
        asymmetries,
        running,
        tuple(state.kept),
        state.alarms(asymmetries),
        tuple(state.cases),
        0.0,
        tuple(state.faults),
    )
