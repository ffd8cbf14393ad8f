"""`driftcheck doctor`: what is missing, before anything fails."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import click

from driftcheck.cli import AGREE, MISUSE
from driftcheck.contract import lookup
from driftcheck.doctor import examine
from driftcheck.plugins.registry import load_plugins


@click.command("doctor")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Look at the machine and at the contracts named NAME; without one, at all that are installed.

    Exit code 0: a run can begin. 2: something that it needs is missing or broken.
    """
    items = examine(list(dict.fromkeys(names or lookup.installed())), Path.cwd(), load_plugins())
    lacking = sum(not item.is_well for item in items)
    if as_json:
        click.echo(json.dumps([attrs.asdict(item) for item in items], indent=2))
    else:
        width = max(len(item.name) for item in items)
        for item in items:
            first, *rest = item.text.splitlines()
            click.echo(f"{item.state:<7}  {item.name:<{width}}  {first}")
            for line in rest:
                click.echo(f"{'':<{width + 11}}{line}")
        click.echo(f"{lacking} to mend before a run" if lacking else "all is well")
    ctx.exit(MISUSE if lacking else AGREE)
