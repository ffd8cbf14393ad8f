"""`driftcheck matrix`: what each subject does with every operation and mutation, in one table."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from functools import partial

import click

from driftcheck.cli import AGREE, FINDINGS
from driftcheck.cli.options import OUTPUT, drawing_options, session_options
from driftcheck.cli.terminal import echo, echo_json, is_terminal, wants_colour, write
from driftcheck.contract import lookup
from driftcheck.core.output_file import OutputError, OutputFile
from driftcheck.findings import keep
from driftcheck.findings.finding import Finding
from driftcheck.matrix import data, html, markdown, text
from driftcheck.matrix.survey import survey
from driftcheck.search.adapter_check import check_adapters
from driftcheck.search.replay import shown_again
from driftcheck.search.settings import SessionSettings

TRACES = 60


@click.command("matrix")
@click.argument("name", metavar="CONTRACT")
@drawing_options(TRACES, "Documents in a row", "documents")
@click.option("--all", "everything", is_flag=True, help="Also show the rows on which all subjects agree.")
@click.option(
    "--markdown",
    "to_markdown",
    type=OUTPUT,
    metavar="FILE",
    help="Write the matrix as Markdown.",
)
@click.option(
    "--html",
    "to_html",
    type=OUTPUT,
    metavar="FILE",
    help="Write the matrix as a page for a browser.",
)
@session_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON; progress goes to stderr.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    traces: int,
    seed: int,
    everything: bool,
    to_markdown: OutputFile | None,
    to_html: OutputFile | None,
    settings: SessionSettings,
    as_json: bool,
) -> None:
    """Show what each subject does with every operation and mutation of a contract.

    A row is an operation with payloads of one kind: well-formed, broken by one mutation, or random bytes.
    Each combination of outcomes in a row is a line. If the subjects disagree, the line shows its share of the
    documents, the asymmetries that cover it, and a smallest witness, which is kept as a case file. Subjects
    that accept with different values have different letters. Rows on which all subjects agree are only
    counted.

    A contract with state has one row for each operation, counted in steps of whole traces. Steps after one
    that left different states are not counted. 'driftcheck run' checks laws, round trips and invariants.

    \b
    Examples:
      driftcheck matrix json
      driftcheck matrix json --all --html matrix.html

    Exit code 0: asymmetries cover each divergence. 1: no asymmetry covers one of them. 2: something is wrong
    with the command, the contract or an adapter.
    """
    contract = lookup.load_named(name)
    root = settings.root
    with settings.open(contract, say=lambda line: echo(line, err=True)) as session:
        for sentence in check_adapters(session, seed=seed):
            echo(f"driftcheck: {sentence}", err=True)

        def kept(finding: Finding, picture: str) -> tuple[str, Finding]:
            again = partial(shown_again, session=session)
            saved = keep.save(finding, session.schema, root, again, picture=picture)
            return str(saved.path.relative_to(root)), saved.finding

        matrix = survey(session, traces=traces, seed=seed, keep=kept, progress=_progress)
    fault = _write(to_markdown, lambda: markdown.render(matrix, everything=everything))
    fault = _write(to_html, lambda: html.render(matrix)) or fault
    if as_json:
        echo_json(data.to_json(matrix))
    else:
        colour = wants_colour(sys.stdout)
        echo(text.render(matrix, everything=everything, colour=colour), is_painted=True)
    if fault is not None:
        raise fault
    ctx.exit(FINDINGS if matrix.has_news else AGREE)


def _write(file: OutputFile | None, page: Callable[[], str]) -> OutputError | None:
    """Write a page if one was asked for; return what went wrong, so that the matrix is still printed."""
    try:
        if file is not None:
            file.write(page())
    except OutputError as error:
        return error
    return None


def _progress(done: int, of: int) -> None:
    if is_terminal(sys.stderr):
        columns = shutil.get_terminal_size().columns - 1
        line = f"{done} of {of} rows"[: max(columns, 0)] if done < of else ""
        write(f"\r\x1b[2K{line}", err=True)
