"""
The verbs of the command line as Markdown, from the CLI's own help.

`docs/reference/cli.md` has a generated part for each verb, between two HTML comments; what stands around
these parts is written by hand.
"""

from __future__ import annotations

import importlib
import inspect
import re

import click
from blocks import ROOT

PAGE = ROOT / "docs" / "reference" / "cli.md"

_PART = re.compile(r"^<!-- help of (?P<verb>\w+) -->\n(?P<help>.*?)(?=^<!-- end of help -->$)", re.M | re.S)


def page() -> str:
    """Return the page with each generated part as it should be."""
    return _PART.sub(
        lambda part: f"<!-- help of {part['verb']} -->\n{_help(part['verb'])}",
        PAGE.read_text(encoding="utf-8"),
    )


def verbs_of_the_page() -> list[str]:
    """Return the verbs that have a part in the page, in order."""
    return [part["verb"] for part in _PART.finditer(PAGE.read_text(encoding="utf-8"))]


def _help(verb: str) -> str:
    command = importlib.import_module(f"driftcheck.cli.{verb}").command
    context = click.Context(command, info_name=f"driftcheck {verb}", max_content_width=100_000)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    paragraphs = _sentences(inspect.cleandoc(command.help or ""))
    records = [r for p in command.params if isinstance(p, click.Option) and (r := p.get_help_record(context))]
    table = "".join(f"| `{_cell(names)}` | {_cell(says)} |\n" for names, says in records)
    title = "option"
    if isinstance(command, click.Group):
        title, table = "action", "".join(_action(action) for action in command.commands.values())
    return f"\n```text\n{usage}\n```\n\n{paragraphs}\n\n| {title} | meaning |\n|---|---|\n{table}\n"


def _action(command: click.Command) -> str:
    """Return the row of an action of a verb, such as `corpus list`."""
    context = click.Context(command, info_name=command.name)
    usage = " ".join([str(command.name), *command.collect_usage_pieces(context)])
    help_ = " ".join(inspect.cleandoc(command.help or "").split())
    return f"| `{_cell(usage)}` | {_cell(help_)} |\n"


def _sentences(text: str) -> str:
    """Return the paragraphs of a help with a line for each sentence; what click does not wrap is a block."""
    return "\n\n".join(
        f"```text\n{paragraph[2:].rstrip()}\n```"
        if paragraph.startswith("\b\n")
        else re.sub(r"(?<=\.) (?=[A-Z0-9])", "\n", " ".join(paragraph.split()))
        for paragraph in text.split("\n\n")
    )


def _cell(text: str) -> str:
    return re.sub(r"  +", " ", text).replace("|", r"\|")
