"""`driftcheck explain`: what a check compares, and what to do about a finding of it."""

from __future__ import annotations

import json
import textwrap

import attrs
import click

from driftcheck.oracle.checks import check, known_checks


@click.command("explain")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(code: str | None, as_json: bool) -> None:
    """Explain a check by its CODE or name; without one, list them all."""
    if code is None:
        if as_json:
            click.echo(json.dumps([attrs.asdict(c) for c in known_checks()], indent=2))
            return
        for one in known_checks():
            click.echo(f"{one.code}  {one.name:<23} {one.says}")
        return
    one = check(code)
    if as_json:
        click.echo(json.dumps(attrs.asdict(one), indent=2))
        return
    click.echo(f"{one}: {one.says}\n")
    click.echo(textwrap.fill(one.why, 96))
