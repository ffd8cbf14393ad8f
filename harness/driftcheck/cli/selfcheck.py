"""`driftcheck selfcheck`: tests each adapter alone, before it is compared with another."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import click

from driftcheck.cli import AGREE, MISUSE
from driftcheck.cli.named import contracts
from driftcheck.cli.options import drawing_options, session_options
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.search.settings import SessionSettings
from driftcheck.selfcheck import TRACES, Item, Options, examine


@click.command("selfcheck")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@drawing_options(TRACES, "Traces of each trial", "traces")
@session_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    traces: int,
    seed: int,
    settings: SessionSettings,
    as_json: bool,
) -> None:
    """Test each adapter of a contract alone, before you compare it with another.

    \b
    Examples:
      driftcheck selfcheck json
      driftcheck selfcheck json --subject serde

    Exit code 0: all adapters are sound, perhaps with warnings. 2: an adapter is unsound.
    """
    options = Options(settings, traces, seed, lambda line: echo(line, err=True))
    found: list[tuple[str, Item]] = []
    for name, contract in contracts(names).items():
        for item in examine(contract, options):
            found.append((name, item))
            if not as_json:
                echo("\n".join(_lines(name, item)))
    unsound = sum(item.state == "unsound" for _, item in found)
    if as_json:
        echo_json([{"contract": name, **attrs.asdict(item)} for name, item in found])
    else:
        echo(_closing(unsound, sum(item.state == "warning" for _, item in found)))
    ctx.exit(MISUSE if unsound else AGREE)


def _closing(unsound: int, warnings: int) -> str:
    if unsound:
        return f"{_counted(unsound, 'trial')} failed; fix what is unsound before you compare subjects"
    if warnings:
        return f"all adapters are sound, with {_counted(warnings, 'warning')}"
    return "all adapters are sound"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _lines(name: str, item: Item) -> Sequence[str]:
    where = f"{name}: {item.subject}" if item.subject else name
    first, *rest = item.text.splitlines() or [""]
    return [f"{item.state:<7}  {where}: {item.name}  {first}".rstrip(), *(f"{'':<11}{line}" for line in rest)]
