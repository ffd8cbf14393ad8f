"""`driftcheck export`: a case as a failing test in the tree of the library under test."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from driftcheck.cli.named import schemas_of_cases
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.core.errors import DriftcheckError
from driftcheck.export import LANGUAGES, Exported, export
from driftcheck.export.seal import is_as_written
from driftcheck.findings import case as cases
from driftcheck.plugins.registry import load_plugins
from driftcheck.subjects.discover import subjects


@click.command("export")
@click.argument("path", metavar="CASE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", required=True, type=click.Choice([*LANGUAGES]), help="The kind of the test.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder in the tree of the library under test; it is made if it is missing. [default: the "
    "folder of the adapter; with --to pytest, the working directory]",
)
@click.option(
    "--subject",
    metavar="NAME",
    help="The subject that the test tests. [default: the one of that language whose answer is wrong]",
)
@click.option(
    "--contract",
    metavar="MODULE:CLASS",
    help="The contract of the case as module:Class, where it is not installed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    path: Path, to: str, into: Path | None, subject: str | None, contract: str | None, as_json: bool
) -> None:
    """Write a test that fails while the case diverges, and that needs no driftcheck.

    CASE is the case file of a finding. The test performs its steps on one subject's library, with plain
    literals, and asserts what the reference answered, or what the contract promises. Where nobody is to
    blame, it asserts what the other side answered, below a comment with DECIDE. It imports the library, the
    standard library, and what the adapter imports. No subject is run.

    \b
    Examples:
      driftcheck export cases/lru/value-get-1.json --to go --into ~/cache
      driftcheck export cases/json/accept-reject-1.json --to rust --subject serde --into ../parser

    Exit code 2: the case cannot become a failing test of that subject; the message says why.
    """
    if not os.path.exists(path):  # also where the system refuses such a path
        where = "" if path.is_absolute() else f" in {Path.cwd()}"
        raise DriftcheckError(f"case file {path}: there is no such file{where}; check the path")
    if into is not None and not into.absolute().parent.is_dir():
        raise DriftcheckError(
            f"--into {into}: {_missing(into)} does not exist; check the path, or make the folder above {into}"
        )
    case = cases.load(path, schemas_of_cases(contract, load_plugins().extended))
    exported = export(case, subjects(case.schema.cls), to, subject=subject, into=into)
    replaced = _write(exported)
    if as_json:
        echo_json(
            {
                "subject": exported.subject,
                "files": [str(one) for one in exported.files],
                "asserts": exported.demand.why,
                "decide": exported.demand.decide,
                "flaky": exported.seen is not None,
                "lacks": [lack.what for lack in exported.lacks],
                "outside": [os.path.normpath(one) for one in exported.outside],
                "first": exported.first,
                "run": exported.run,
                "in": str(exported.at),
            }
        )
        return
    for one in exported.files:
        echo(f"{'replaced' if one in replaced else 'wrote   '} {_shown(one)}")
    echo(f"tests    {exported.subject}")
    echo(f"asserts  {exported.demand.why}")
    if exported.demand.decide:
        echo("decide   nobody says who is right; the test has a comment with DECIDE")
    if exported.seen is not None:
        seen, of = exported.seen
        echo(f"flaky    seen in {seen} of {of} processes; the test may pass once although nothing is fixed")
    if exported.copied:
        echo(f"copied   the conversions in {', '.join(_shown(one) for one in exported.copied)}")
    if exported.lacks:
        echo(f"lacks    {'; '.join(lack.what for lack in exported.lacks)}")
    for number, folder in enumerate(exported.outside):
        kept = "; send this folder with the test" if number == 0 else ""
        echo(f"{'' if number else 'outside':<8} {_shown(Path(os.path.normpath(folder)))}{kept}")
    for number, line in enumerate(_typed(exported)):
        echo(f"{'' if number else 'run':<8} {line}")


def _typed(exported: Exported) -> list[str]:
    """List what the reader types, line by line, from the working directory."""
    at = _shown(exported.at)
    return [*([] if at == "." else [f"cd {shlex.quote(at)}"]), *exported.first, exported.run]


def _write(exported: Exported) -> set[Path]:
    """Write the files; return those that were there already."""
    replaced = {path for path in exported.files if path.exists()}
    try:
        for path in replaced:
            _refuse_if_changed(path, exported.files[path])
        for path, data in exported.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    except OSError as error:
        raise DriftcheckError(f"{error.filename} cannot be written: {error.strerror}") from None
    return replaced


def _refuse_if_changed(path: Path, data: bytes) -> None:
    """Refuse to replace a file into which somebody has put work."""
    held = path.read_bytes()
    if held != data and not is_as_written(held):
        raise DriftcheckError(
            f"{_shown(path)} exists, and driftcheck cannot tell that 'driftcheck export' wrote it and nobody "
            "changed it, so nothing is written; move it to another place, and type the command again"
        )


def _missing(folder: Path) -> Path:
    """Return the uppermost folder of a path that is missing."""
    return next(one for one in reversed(folder.absolute().parents) if not one.is_dir())


def _shown(path: Path) -> str:
    """Return a path relative to the working directory where it is below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
