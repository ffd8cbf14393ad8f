"""`driftcheck run`: search contracts for divergences, within a budget."""

from __future__ import annotations

import secrets
import time

import click

from driftcheck.cli.ending import exit_code, interrupts, show, write_results
from driftcheck.cli.named import contracts as installed_or_named
from driftcheck.cli.named import plugins
from driftcheck.cli.options import DEFAULT_TIME_S, OUTPUT, budget_options, session_options
from driftcheck.cli.reported import NotRun
from driftcheck.cli.screen import Screen
from driftcheck.cli.turns import INTERRUPTED_BEFORE, Search, Turns
from driftcheck.core.output_file import OutputFile
from driftcheck.core.trace import MOST_STEPS
from driftcheck.search.settings import SessionSettings


@click.command("run")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@budget_options(
    "End after this time in all, without builds and saved cases", "the same seed gives the same findings"
)
@click.option(
    "--corpus", multiple=True, metavar="GLOB", help="Also run these real documents, as they are and mutated."
)
@click.option(
    "--max-steps", type=click.IntRange(1, MOST_STEPS), metavar="N", help="Steps of a trace. [default: 50]"
)
@click.option("--fail-fast", is_flag=True, help="End with the first new finding.")
@click.option("--ignore-asymmetries", is_flag=True, help="Also report divergences that asymmetries cover.")
@session_options
@click.option("--junit", type=OUTPUT, metavar="FILE", help="Write a JUnit file.")
@click.option(
    "--verbose", is_flag=True, help="Show asymmetries with their witnesses, and what was not exercised."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the summary as JSON; everything else goes to stderr."
)
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

    NAME is an installed contract, or module:Class. The saved cases of the contract run first; a case is open
    if it still diverges and no asymmetry covers it. Each new finding is shrunk, confirmed in fresh processes,
    printed, and kept as a case file under cases/.

    \b
    Examples:
      driftcheck run json                      search for one minute
      driftcheck run json lru --max-time 10m   share ten minutes between two contracts
      driftcheck run json --max-traces 1000 --seed 7

    Exit code 0: no divergence. 1: findings, flaky ones included, open cases, or asymmetries that have expired
    or healed. 2: something is wrong with the command, a contract or an adapter, or a contract had no time.
    130: interrupted, without findings.
    """
    contracts = installed_or_named(names)
    if max_time is None and max_traces is None:
        max_time = DEFAULT_TIME_S
    seed = secrets.randbelow(2**32) if seed is None else seed
    screen = Screen(list(contracts), as_json=as_json)
    screen.say(f"seed {seed}")
    search = Search(
        settings,
        plugins(),
        screen,
        seed,
        fail_fast,
        corpus,
        max_steps,
        ignore_asymmetries,
        verbose,
        time.time_ns(),
    )
    turns = Turns(contracts, search, max_traces, max_time)

    def write() -> None:
        if junit is not None and junit.can_be_replaced:
            write_results(junit, turns.entries())  # a later one says what goes wrong

    with interrupts() as interrupted:
        turns.take(interrupted, write)
        entries = turns.entries(INTERRUPTED_BEFORE)
        not_written = write_results(junit, entries)  # the results are still printed
        if not all(isinstance(one, NotRun) and one.faults for one in entries):  # messages say all of these
            show(entries, list(contracts), interrupted(), verbose=verbose, as_json=as_json)
    ctx.exit(exit_code(entries, not_written, interrupted=interrupted()))
