"""`driftcheck doctor`: what is missing or broken, before a run fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from driftcheck.cli import AGREE, MISUSE
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.contract import lookup
from driftcheck.doctor import Item, examine
from driftcheck.plugins.registry import load_plugins


@click.command("doctor")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Look for what is missing or broken, before a run fails.

    Looks at the machine, and at the contracts named NAME, or at all installed ones. Builds nothing.

    \b
    Examples:
      driftcheck doctor
      driftcheck doctor json

    Exit code 0: a run can begin. 2: something that it needs is missing or broken.
    """
    items = examine(list(dict.fromkeys(names or lookup.installed())), Path.cwd(), load_plugins())
    if as_json:
        echo_json([attrs.asdict(item) for item in items])
    else:
        width = max(len(item.name) for item in items)
        for item in items:
            first, *rest = item.text.splitlines()
            echo(f"{item.state:<7}  {item.name:<{width}}  {first}")
            for line in rest:
                echo(f"{'':<{width + 11}}{line}")
        echo(_closing(items))
    ctx.exit(MISUSE if any(item.blocks for item in items) else AGREE)


def _closing(items: Sequence[Item]) -> str:
    blocking = sum(item.blocks for item in items)
    stale = sum(item.state == "stale" for item in items)
    if blocking:
        return f"{blocking} problem{'s' if blocking > 1 else ''} to fix before a run can begin"
    if stale:
        return f"a run can begin; it builds {stale} librar{'ies' if stale > 1 else 'y'} first"
    return "a run can begin"
