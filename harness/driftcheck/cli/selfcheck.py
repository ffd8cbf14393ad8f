"""`driftcheck selfcheck`: adapters tried alone, before they are believed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from driftcheck.cli import AGREE, MISUSE
from driftcheck.cli.options import DURATION, SIZE, contracts
from driftcheck.core import config
from driftcheck.plugins.registry import load_plugins
from driftcheck.selfcheck import TRACES, Item, Options, examine
from driftcheck.subjects.host import Limits


@click.command("selfcheck")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--traces", type=click.IntRange(1), default=TRACES, help=f"Of each trial. [default: {TRACES}]")
@click.option("--seed", type=click.IntRange(0), default=0, help="Try others. [default: 0]")
@click.option("--subject", "subjects", multiple=True, help="Take only these subjects; repeat it for more.")
@click.option("--deadline", type=DURATION, help="For one step. [default: 1s]")
@click.option("--memory", type=SIZE, help="For one host. [default: 512MiB]")
@click.option("--no-build", is_flag=True, help="Refuse a stale library instead of building it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    traces: int,
    seed: int,
    subjects: tuple[str, ...],
    deadline: float | None,
    memory: int | None,
    no_build: bool,
    as_json: bool,
) -> None:
    """Try each adapter of a contract alone, before it is compared with another.

    Exit code 0: all are sound. 2: one is not.
    """
    settings = config.load(Path.cwd())
    limits = Limits(
        deadline_s=settings.deadline_s if deadline is None else deadline,
        memory_bytes=settings.memory_bytes if memory is None else memory,
    )
    options = Options(
        settings.env,
        limits,
        no_build,
        load_plugins(),
        Path.cwd(),
        traces,
        seed,
        lambda line: click.echo(line, err=True),
    )
    found: list[tuple[str, Item]] = []
    for name, contract in contracts(names).items():
        for item in examine(contract, options, only=subjects):
            found.append((name, item))
            if not as_json:
                click.echo("\n".join(_lines(name, item)))
    unsound = sum(item.state == "unsound" for _, item in found)
    if as_json:
        click.echo(json.dumps([{"contract": name, **attrs.asdict(item)} for name, item in found], indent=2))
    else:
        click.echo(f"{unsound} to mend before anything is compared" if unsound else "all are sound")
    ctx.exit(MISUSE if unsound else AGREE)


def _lines(name: str, item: Item) -> Sequence[str]:
    where = f"{name}: {item.subject}" if item.subject else name
    first, *rest = item.text.splitlines() or [""]
    return [f"{item.state:<7}  {where}: {item.name}  {first}".rstrip(), *(f"{'':<11}{line}" for line in rest)]
