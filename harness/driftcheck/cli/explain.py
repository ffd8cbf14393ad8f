"""`driftcheck explain`: what a check compares, what usually causes a finding of it, and what to do next."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import attrs
import click

from driftcheck.cli.terminal import echo, echo_json
from driftcheck.compat.rules import RULES
from driftcheck.contract.schema import PluginCheck
from driftcheck.core.errors import UnknownCheck
from driftcheck.oracle.checks import Check, check, known_checks
from driftcheck.plugins.registry import load_plugins

WIDTH = 96


@click.command("explain")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(code: str | None, as_json: bool) -> None:
    """Explain a check, or a rule of compatibility: what was compared, what causes it, what to do.

    CODE is the code or the name that a finding prints. Without it, all checks and rules are listed.

    \b
    Examples:
      driftcheck explain D101
      driftcheck explain post-state
    """
    added = load_plugins().checks
    if code is None:
        if as_json:
            echo_json([attrs.asdict(c) for c in (*known_checks(added), *RULES)])
            return
        for one in (*known_checks(added), *RULES):
            echo(f"{one.code}  {one.name:<27} {one.says}")
        return
    one = _found(code, added)
    if as_json:
        echo_json(attrs.asdict(one))
        return
    echo(f"{one}: {one.says}")
    texts = {"What was compared": one.compared, "Usual causes": one.causes, "What to do next": one.next}
    for title, text in texts.items():
        if text:
            echo(f"\n{title}\n{textwrap.indent(textwrap.fill(text, WIDTH - 2), '  ')}")


def _found(code_or_name: str, added: Sequence[PluginCheck]) -> Check:
    for one in RULES:
        if code_or_name.lower() in (one.code.lower(), one.name):
            return one
    try:
        return check(code_or_name, added)
    except UnknownCheck as error:
        raise UnknownCheck(error.code, (*error.known, *(one.code for one in RULES))) from None
