"""`driftcheck matrix`: what each subject does with every operation and mutation, in one table."""

from __future__ import annotations

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

import attrs
import click

from driftcheck.cli import AGREE, FINDINGS
from driftcheck.cli.options import drawing_options, session_options
from driftcheck.cli.terminal import is_terminal, wants_colour
from driftcheck.contract import lookup
from driftcheck.core.errors import DriftcheckError
from driftcheck.findings import keep
from driftcheck.findings.finding import Finding
from driftcheck.matrix import data, html, markdown, text
from driftcheck.matrix.cells import Matrix
from driftcheck.matrix.survey import survey
from driftcheck.search.adapter_check import check_adapters
from driftcheck.search.replay import shown_again
from driftcheck.search.settings import SessionSettings

TRACES = 60


@attrs.define(eq=False)
class PageError(DriftcheckError):
    """A page cannot be written."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: the page cannot be written: {self.reason}; name another file"


@click.command("matrix")
@click.argument("name", metavar="CONTRACT")
@drawing_options(TRACES, "Documents in a row", "documents")
@click.option("--all", "everything", is_flag=True, help="Also show the rows on which all subjects agree.")
@click.option(
    "--markdown",
    "to_markdown",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the matrix as Markdown.",
)
@click.option(
    "--html",
    "to_html",
    type=click.Path(path_type=Path),
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
    to_markdown: Path | None,
    to_html: Path | None,
    settings: SessionSettings,
    as_json: bool,
) -> None:
    """Show what each subject does with every operation and mutation of a contract.

    A row is an operation with its payloads made in one way: well-formed, by one mutation, or as any bytes.
    Where the subjects disagree, each way of disagreeing is a line. It shows its share of the documents, the
    asymmetries that cover it, and a smallest witness, which is kept as a case file. Subjects that accept
    with different values have different letters. Rows on which all subjects agree are counted.

    A contract with state has one row for each operation, counted in steps of whole traces. Steps after one
    that left different states are not counted. 'driftcheck run' checks laws, round trips and invariants.

    \b
    Examples:
      driftcheck matrix json
      driftcheck matrix json --all --html matrix.html

    Exit code 0: asymmetries cover each divergence. 1: they do not cover one. 2: something is wrong with the
    command, the contract or an adapter.
    """
    contract = lookup.load_named(name)
    for path in (to_markdown, to_html):
        if path is not None:
            _write(path, None)
    root = settings.root
    with settings.open(contract, say=lambda line: click.echo(line, err=True)) as session:
        for sentence in check_adapters(session, seed=seed):
            click.echo(f"driftcheck: {sentence}", err=True)

        def kept(finding: Finding, picture: str) -> tuple[str, Finding]:
            again = partial(shown_again, session=session)
            saved = keep.save(finding, session.schema, root, again, picture=picture)
            return str(saved.path.relative_to(root)), saved.finding

        matrix = survey(session, traces=traces, seed=seed, keep=kept, progress=_progress)
    if to_markdown is not None:
        _write(to_markdown, markdown.render(matrix, everything=everything))
    if to_html is not None:
        _write(to_html, html.render(matrix))
    click.echo(_shown(matrix, everything, as_json))
    ctx.exit(FINDINGS if matrix.has_news else AGREE)


def _shown(matrix: Matrix, everything: bool, as_json: bool) -> str:
    if as_json:
        return json.dumps(data.to_json(matrix), indent=2)
    return text.render(matrix, everything=everything, colour=wants_colour(sys.stdout))


def _progress(done: int, of: int) -> None:
    if is_terminal(sys.stderr):
        click.echo(f"\r\x1b[2K{f'{done} of {of} rows' if done < of else ''}", nl=False, err=True)


def _write(path: Path, text: str | None) -> None:
    """Write a page whole or not at all; without text only check that it can be written.

    Raises:
        PageError: the file cannot be written.
    """
    try:
        if path.is_dir():
            raise PageError(str(path), "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            tempfile.TemporaryFile(dir=path.parent).close()
        else:
            keep.replace(path, text)
    except OSError as error:
        raise PageError(str(path), error.strerror or str(error)) from None
