"""`driftcheck replay`: run case files again, and show the subjects side by side."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
import click

from driftcheck.cli import AGREE, FINDINGS, MISUSE
from driftcheck.cli.options import DURATION, SIZE
from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of
from driftcheck.contract.schema import Schema
from driftcheck.core import config
from driftcheck.core.errors import DriftcheckError
from driftcheck.findings import case as cases
from driftcheck.plugins.registry import load_plugins
from driftcheck.search import replay
from driftcheck.search.session import Session, open_session
from driftcheck.subjects.host import Limits

NO_DEADLINE_S = 86_400.0  # a person steps through it
DEBUGGERS = {"go": "dlv attach {pid}", "rust": "rust-gdb -p {pid}", "python": "py-spy dump --pid {pid}"}


@attrs.define(eq=False)
class NoCases(DriftcheckError):
    """There is nothing to replay."""

    path: str

    def __str__(self) -> str:
        return f"{self.path}: no case files (*.json) are there; 'driftcheck run' writes them under cases/"


@click.command("replay")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--contract", help="The case's contract as module:Class, where no entry point names it.")
@click.option("--subject", "subjects", multiple=True, help="Take only these subjects; repeat it for more.")
@click.option("--deadline", type=DURATION, help="For one step. [default: 1s]")
@click.option("--memory", type=SIZE, help="For one host. [default: 512MiB]")
@click.option("--no-build", is_flag=True, help="Refuse a stale library instead of building it.")
@click.option("--debug", is_flag=True, help="Print each host's process and wait for a debugger.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    contract: str | None,
    subjects: tuple[str, ...],
    deadline: float | None,
    memory: int | None,
    no_build: bool,
    debug: bool,
    as_json: bool,
) -> None:
    """Run case files again; a folder stands for all files below it.

    Nothing in a case file is code.

    Exit code 0: no case diverges any more. 1: one does, known difference or not. 2: one cannot be judged.
    """
    settings = config.load(Path.cwd())
    limits = Limits(
        deadline_s=NO_DEADLINE_S if debug else settings.deadline_s if deadline is None else deadline,
        memory_bytes=settings.memory_bytes if memory is None else memory,
    )
    plugins = load_plugins()
    worst, told = AGREE, []
    for path in _files(paths):
        try:
            case = cases.load(path, lambda name: plugins.extended(_schema(contract or name)))
            with open_session(
                case.schema.cls,
                only=subjects,
                env=settings.env,
                limits=limits,
                no_build=no_build,
                extend=plugins.extended,
                say=lambda line: click.echo(line, err=True),
            ) as session:
                if debug:
                    _wait_for_debugger(session)
                    replay.step_through(case, session.lockstep)
                replayed = replay.replay(case, session.oracle)
        except DriftcheckError as error:
            click.echo(f"driftcheck: {error}", err=True)
            worst = MISUSE
            continue
        if replayed.diverges and worst == AGREE:
            worst = FINDINGS
        told.append(_told(path, replayed))
        if not as_json:
            click.echo(replay.render(replayed, colour=sys.stdout.isatty()) + "\n")
    if as_json:
        click.echo(json.dumps(told, indent=2))
    ctx.exit(worst)


def _schema(name: str) -> Schema:
    return schema_of(lookup.load(name))


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        below = sorted(p for p in path.rglob("*.json") if p.is_file()) if path.is_dir() else [path]
        if not below:
            raise NoCases(str(path))
        found += below
    return found


def _wait_for_debugger(session: Session) -> None:
    for subject in session.lockstep.subjects:
        attach = DEBUGGERS[subject.language].format(pid=session.lockstep.pid(subject.name))
        click.echo(f"{subject.name}: process {session.lockstep.pid(subject.name)}; {attach}", err=True)
    click.echo("press Enter to run the case", err=True)
    sys.stdin.readline()


def _told(path: Path, replayed: replay.Replayed) -> dict[str, Any]:
    divergence = replayed.divergence
    return {
        "case": str(path),
        "contract": replayed.case.schema.name,
        "diverges": replayed.diverges,
        "is_the_same": replayed.is_the_same,
        "signature": None if divergence is None else divergence.signature.to_json(),
        "says": "" if divergence is None else divergence.detail,
        "is_known": replayed.is_known,
        "known": [entry.id for entry in replayed.known],
    }
