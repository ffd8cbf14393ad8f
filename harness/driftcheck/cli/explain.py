"""`driftcheck explain`: what a check compares, and what to do about a finding of it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

import attrs
import click

from driftcheck.compat.rules import RULES
from driftcheck.contract.schema import PluginCheck
from driftcheck.core.errors import UnknownCheck
from driftcheck.oracle.checks import Check, check, known_checks
from driftcheck.plugins.registry import load_plugins


@click.command("explain")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(code: str | None, as_json: bool) -> None:
    """Explain a check, or a rule of compatibility, by its CODE or name; without one, list them all."""
    added = load_plugins().checks
    if code is None:
        if as_json:
            click.echo(json.dumps([attrs.asdict(c) for c in (*known_checks(added), *RULES)], indent=2))
            return
        for one in (*known_checks(added), *RULES):
            click.echo(f"{one.code}  {one.name:<23} {one.says}")
        return
    one = _found(code, added)
    if as_json:
        click.echo(json.dumps(attrs.asdict(one), indent=2))
        return
    click.echo(f"{one}: {one.says}")
    texts = {"compared": one.compared, "usual causes": one.causes, "what to do": one.next}
    for title, text in texts.items():
        if text:
            click.echo(f"\n{title}\n{textwrap.indent(textwrap.fill(text, 94), '  ')}")


def _found(code_or_name: str, added: Sequence[PluginCheck]) -> Check:
    for one in RULES:
        if code_or_name.lower() in (one.code.lower(), one.name):
            return one
    try:
        return check(code_or_name, added)
    except UnknownCheck as error:
        raise UnknownCheck(error.code, (*error.known, *(one.code for one in RULES))) from None
