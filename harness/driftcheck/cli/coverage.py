"""`driftcheck coverage`: search with builds for coverage, and list the code under test that never ran."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import click

from driftcheck.cli import AGREE, FINDINGS, MISUSE
from driftcheck.cli.named import contracts
from driftcheck.cli.options import DEFAULT_TIME_S, budget_options, session_options
from driftcheck.cli.places import at
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.units import plural
from driftcheck.search.budget import Budget
from driftcheck.search.explore import explore
from driftcheck.search.explored import Explored
from driftcheck.search.reached import FunctionReached, OneSided, SubjectReached, one_sided, reached
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.discover import ModelSource

MOST_FUNCTIONS = 6  # of a subject, so that two subjects fit a screen
MOST_ONE_SIDED = 4


@attrs.define(eq=False)
class NothingToCount(DriftcheckError):
    """No chosen subject is native, so no code can be counted."""

    contract: str

    def __str__(self) -> str:
        return (
            f"contract {self.contract!r}: no Go or Rust subject was chosen, and only these have coverage; "
            "leave out --subject, or name one of them"
        )


@click.command("coverage")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@budget_options("Search each contract for this time", "the same seed reaches the same code")
@session_options
@click.option(
    "--verbose", is_flag=True, help="List all functions with a block that never ran, and the lines."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON; progress goes to stderr.")
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    max_time: float | None,
    max_traces: int | None,
    seed: int | None,
    settings: SessionSettings,
    verbose: bool,
    as_json: bool,
) -> None:
    """Search contracts, and list the code under test that never ran.

    NAME is an installed contract, or module:Class. driftcheck builds the subjects with counters, and keeps
    their other libraries. A block is a line at which the compiler counts. The functions with the most blocks
    that never ran come first. Code that nothing calls is not listed, because the linker removes it.

    The search only counts divergences; 'run' reports and saves them.

    \b
    Examples:
      driftcheck coverage lru
      driftcheck coverage json --max-time 10m --subject go --verbose

    Exit code 0: no divergence was seen. 1: a divergence was seen. 2: something is wrong with the command, a
    contract or an adapter, or a tool is missing.
    """
    if max_time is None and max_traces is None:
        max_time = DEFAULT_TIME_S
    budget = Budget(max_traces, max_time)
    seed = secrets.randbelow(2**32) if seed is None else seed
    worst, report = AGREE, []
    for name, contract in contracts(names).items():
        try:
            explored, subjects = _searched(contract, settings, budget, seed)
        except DriftcheckError as error:
            echo(f"driftcheck: {error}", err=True)
            worst = MISUSE
            continue
        sides = one_sided(subjects)
        if explored.findings and worst == AGREE:
            worst = FINDINGS
        report.append(_to_json(explored, subjects, sides))
        if not as_json:
            echo("\n".join(_lines(name, explored, subjects, sides, verbose=verbose)))
    if as_json:
        echo_json(report)
    ctx.exit(worst)


def _searched(
    contract: type, settings: SessionSettings, budget: Budget, seed: int
) -> tuple[Explored, list[SubjectReached]]:
    """Search a contract with its builds for coverage; return what that found and reached."""
    sources = settings.sources(contract)
    if all(isinstance(source, ModelSource) for source in sources):
        raise NothingToCount(contract.__name__)
    with settings.open(contract, coverage=True, say=lambda line: echo(line, err=True)) as session:
        explored = explore(session, budget, seed=seed, witnesses=False)
        return explored, reached(session.lockstep.covered)


def _lines(
    name: str,
    explored: Explored,
    subjects: Sequence[SubjectReached],
    sides: Sequence[OneSided],
    *,
    verbose: bool,
) -> Iterator[str]:
    statistics = explored.statistics
    yield f"{name}: {plural(statistics.traces, 'input')} in {explored.seconds:.1f} s, seed {explored.seed}"
    for one in subjects:
        share = one.reached / one.blocks if one.blocks else 0.0
        whole = sum(not function.unreached for function in one.functions)
        yield (
            f"{one.subject}: {one.reached:,} of {one.blocks:,} blocks ran ({share:.0%}); "
            f"{whole:,} of {len(one.functions):,} functions ran completely"
        )
        shown = one.incomplete if verbose else one.incomplete[:MOST_FUNCTIONS]
        for function in shown:
            yield f"  {_function(function, verbose=verbose)}"
        if len(shown) < len(one.incomplete):
            left = len(one.incomplete) - len(shown)
            yield f"  and {plural(left, 'more function')}; --verbose lists them"
    shown_sides = sides if verbose else sides[:MOST_ONE_SIDED]
    if sides:
        yield "functions that ran in one subject, but never under the same name in another one:"
    for side in shown_sides:
        yield (
            f"  {side.function.function} ran in {side.subject}, never in {side.other}: "
            f"{at(side.namesake.file, side.namesake.lines[0])}"
        )
    if len(shown_sides) < len(sides):
        yield f"  and {len(sides) - len(shown_sides):,} more; --verbose lists them"
    if count := len(explored.findings):
        seen = "1 divergence was" if count == 1 else f"{count} divergences were"
        yield f"{seen} seen; 'driftcheck run {name}' reports and keeps what it finds"


def _function(one: FunctionReached, *, verbose: bool) -> str:
    first = one.unreached[0]
    lines = f"; lines {', '.join(map(str, one.unreached))}" if verbose and len(one.unreached) > 1 else ""
    return f"{one.reached:>3} of {len(one.lines):>3}  {at(one.file, first)} {one.function}{lines}"


def _to_json(
    explored: Explored, subjects: Sequence[SubjectReached], sides: Sequence[OneSided]
) -> dict[str, Any]:
    return {
        "contract": explored.contract,
        "inputs": explored.statistics.traces,
        "seconds": round(explored.seconds, 3),
        "seed": explored.seed,
        "divergences": len(explored.findings),
        "subjects": [
            {
                "subject": one.subject,
                "blocks": one.blocks,
                "reached": one.reached,
                "functions": [attrs.asdict(function) for function in one.functions],
            }
            for one in subjects
        ],
        "one_sided": [
            {
                "function": side.function.function,
                "reached_in": side.subject,
                "never_in": side.other,
                "file": side.namesake.file,
                "line": side.namesake.lines[0],
            }
            for side in sides
        ],
    }
