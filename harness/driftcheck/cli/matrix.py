"""`driftcheck matrix`: what each subject does with every operation and mutation, at a glance."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import attrs
import click

from driftcheck.cli import AGREE, FINDINGS
from driftcheck.cli.options import DURATION, SIZE
from driftcheck.contract import lookup
from driftcheck.core import config
from driftcheck.core.errors import DriftcheckError
from driftcheck.findings import keep
from driftcheck.findings.finding import Finding
from driftcheck.matrix import data, html, markdown, text
from driftcheck.matrix.cells import Matrix
from driftcheck.matrix.survey import survey
from driftcheck.plugins.registry import load_plugins
from driftcheck.search.session import open_session, self_run
from driftcheck.subjects.host import Limits

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
@click.option("--traces", type=click.IntRange(1), default=TRACES, help="Documents a row.", show_default=True)
@click.option(
    "--seed", type=click.IntRange(0), default=0, help="Another one draws other documents.", show_default=True
)
@click.option("--subject", "subjects", multiple=True, help="Take only these subjects; repeat it for more.")
@click.option("--all", "everything", is_flag=True, help="Show the rows on which all agree, too.")
@click.option(
    "--markdown", "to_markdown", type=click.Path(path_type=Path), metavar="FILE", help="Write it as Markdown."
)
@click.option(
    "--html",
    "to_html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it as a page for a browser.",
)
@click.option("--deadline", type=DURATION, help="For one step; beyond it the subject hangs. [default: 1s]")
@click.option("--memory", type=SIZE, help="For one host, such as 512MiB. [default: 512MiB]")
@click.option("--no-build", is_flag=True, help="Refuse a stale library instead of building it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; progress goes to stderr.")
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    traces: int,
    seed: int,
    subjects: tuple[str, ...],
    everything: bool,
    to_markdown: Path | None,
    to_html: Path | None,
    deadline: float | None,
    memory: int | None,
    no_build: bool,
    as_json: bool,
) -> None:
    """Show what each subject does with every operation and mutation of a contract.

    A row is an operation with its payloads made in one way: well-formed, by one mutation, or any bytes. Where
    the subjects part ways each picture is a line, with its share, the known differences that cover it and a
    shortest witness, which is kept as a case file. Subjects that accept with different values have different
    letters. Rows on which all agree are counted.

    A contract with state has a row for each operation, counted in steps of whole traces; what comes after a
    step that moved the states apart is not counted. Laws, round trips and invariants are for
    `driftcheck run`.

    Exit code 0: each difference is known. 1: one is not. 2: something is wrong with the words given, the
    contract or an adapter.
    """
    contract = lookup.load(name)
    for path in (to_markdown, to_html):
        if path is not None:
            _write(path, None)
    settings = config.load(Path.cwd())
    limits = Limits(
        deadline_s=settings.deadline_s if deadline is None else deadline,
        memory_bytes=settings.memory_bytes if memory is None else memory,
    )
    root = Path.cwd()
    with open_session(
        contract,
        only=subjects,
        env=settings.env,
        limits=limits,
        no_build=no_build,
        root=root,
        extend=load_plugins().extended,
        say=lambda line: click.echo(line, err=True),
    ) as session:
        self_run(session, seed=seed)

        def kept(finding: Finding, picture: str) -> str:
            return str(keep.save(finding, session.schema, root, picture=picture).relative_to(root))

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
    return text.render(matrix, everything=everything, colour=sys.stdout.isatty())


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[2K{f'{done} of {of} rows' if done < of else ''}", nl=False, err=True)


def _write(path: Path, text: str | None) -> None:
    """Write a page whole or not at all; without text see that it could be, before a minute is spent.

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
