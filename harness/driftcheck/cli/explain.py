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
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(codes: tuple[str, ...], as_json: bool) -> None:
    """Explain checks, or rules of compatibility: what was compared, what causes it, what to do.

    CODE is the code or the name that a finding prints. Without it, all checks and rules are listed.

    \b
    Examples:
      driftcheck explain D101
      driftcheck explain post-state round-trip
    """
    added = load_plugins().checks
    # Found before anything is printed, so that an unknown one leaves no half of an answer.
    asked = [_found(code, added) for code in codes]
    if as_json:
        echo_json([attrs.asdict(one) for one in asked or (*known_checks(added), *RULES)])
        return
    if not asked:
        for one in (*known_checks(added), *RULES):
            echo(f"{one.code}  {one.name:<27} {one.says}")
    for place, one in enumerate(asked):
        if place:
            echo("")
        _explain(one)


def _explain(one: Check) -> None:
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
