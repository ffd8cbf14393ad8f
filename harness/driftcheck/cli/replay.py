"""`driftcheck replay`: run case files again, and show the subjects side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
import click

from driftcheck.build import build_all
from driftcheck.cli import AGREE, FINDINGS, MISUSE, suspects
from driftcheck.cli.named import schemas_of_cases
from driftcheck.cli.options import session_options
from driftcheck.cli.terminal import echo, echo_json, wants_colour
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.files import files_below
from driftcheck.core.visible import visible
from driftcheck.findings import case as cases
from driftcheck.findings import keep
from driftcheck.findings.colour import coloured
from driftcheck.findings.replayed import Replayed, render
from driftcheck.search import replay
from driftcheck.search.session import Session
from driftcheck.search.settings import SessionSettings
from driftcheck.search.suspects import Suspects
from driftcheck.search.suspects import suspects as find_suspects
from driftcheck.subjects.discover import Subject, for_debugger

NO_DEADLINE_S = 86_400.0
DEBUGGERS = {"go": "dlv attach {pid}", "rust": "rust-gdb -p {pid}", "python": "py-spy dump --pid {pid}"}
_RECORDED = "recorded: the file now says what the subjects did"
_NOT_RECORDED = "not recorded: the steps show no divergence, so the file is as it was"


@attrs.define(eq=False)
class NoCases(DriftcheckError):
    """There is nothing to replay."""

    path: str

    def __str__(self) -> str:
        return (
            f"{self.path}: no case file (*.json) is there; 'driftcheck run' keeps each finding under cases/"
        )


@click.command("replay")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--contract",
    metavar="MODULE:CLASS",
    help="The contract of the cases as module:Class, if it is not installed.",
)
@session_options
@click.option(
    "--debug", is_flag=True, help="Print the process of each host, and wait until a debugger is attached."
)
@click.option(
    "--record",
    is_flag=True,
    help="Save in each case that diverges what the subjects did; 'driftcheck export' needs this.",
)
@click.option(
    "--suspects",
    "wants_suspects",
    is_flag=True,
    help="Name up to three places in each library that the case reached and agreeing variations did not.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    contract: str | None,
    settings: SessionSettings,
    debug: bool,
    record: bool,
    wants_suspects: bool,
    as_json: bool,
) -> None:
    """Run case files again, and show what each subject does, side by side.

    PATH is a case file, or a folder with case files. Nothing in a case file is code.

    With --suspects driftcheck also builds the subjects with counters, and runs variations of the case. It
    ranks the blocks of each library that the case reached and the agreeing variations did not.

    \b
    Examples:
      driftcheck replay cases/json
      driftcheck replay cases/lru/crash-f588a0b8.json --debug
      driftcheck replay cases/lru/crash-f588a0b8.json --suspects

    Exit code 0: no case diverges. 1: a case diverges, whether or not an asymmetry covers it. 2: a case
    cannot be judged, such as a case that compares subjects when only one of them ran.
    """
    if debug:  # a person steps through it
        settings = attrs.evolve(settings, limits=attrs.evolve(settings.limits, deadline_s=NO_DEADLINE_S))
    find_schema = schemas_of_cases(contract, settings.extend)
    worst, results = AGREE, []
    for path in _files(paths):
        try:
            case = cases.load(path, find_schema)
            built = _built_for_debugger(case, settings) if debug else None
            with settings.open(
                case.schema.cls, built=built, say=lambda line: echo(line, err=True)
            ) as session:
                if debug:
                    _wait_for_debugger(session)
                    replay.step_through(case, session.lockstep)
                replayed = replay.replay(case, session.oracle)
                is_recorded = record and replayed.divergence is not None
                if is_recorded:
                    keep.record(replay.found(replayed, session), case)
            found = _suspects(case, replayed, settings) if wants_suspects else None
        except DriftcheckError as error:
            echo(f"driftcheck: {error}", err=True)
            worst = MISUSE
            continue
        if not replayed.is_judged:
            worst = MISUSE
        elif replayed.diverges and worst == AGREE:
            worst = FINDINGS
        result = _to_json(path, replayed, found)
        results.append({**result, "is_recorded": is_recorded} if record else result)
        if not as_json:
            parts = [render(replayed), *([] if found is None else [suspects.render(found)])]
            if record:
                parts.append(_RECORDED if is_recorded else _NOT_RECORDED)
            text = "\n\n".join(parts)
            colour = wants_colour(sys.stdout)
            echo(f"{coloured(text) if colour else visible(text)}\n", is_painted=True)
    if as_json:
        echo_json(results)
    ctx.exit(worst)


def _built_for_debugger(case: cases.Case, settings: SessionSettings) -> list[Subject]:
    """Build the subjects without optimisation, beside their other libraries."""
    sources = [for_debugger(source) for source in settings.sources(case.schema.cls)]
    return build_all(sources, case.schema, no_build=settings.no_build, say=lambda line: echo(line, err=True))


def _suspects(case: cases.Case, replayed: Replayed, settings: SessionSettings) -> Suspects | None:
    """Return the suspect places of a case, from builds for coverage; None if the case agrees."""
    if replayed.divergence is None:
        return None
    contract, signature = case.schema.cls, replayed.divergence.signature
    with settings.open(contract, coverage=True, say=lambda line: echo(line, err=True)) as session:
        return find_suspects(session, case.case, signature)


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            where = "" if path.is_absolute() else f" in {Path.cwd()}"
            raise DriftcheckError(f"{path}: there is no such file or folder{where}; check the path")
        below = files_below(path, ".json") if path.is_dir() else [path]
        if not below:
            raise NoCases(str(path))
        found += below
    return found


def _wait_for_debugger(session: Session) -> None:
    for subject in session.lockstep.subjects:
        attach = DEBUGGERS[subject.language].format(pid=session.lockstep.pid(subject.name))
        echo(f"{subject.name}: process {session.lockstep.pid(subject.name)}; {attach}", err=True)
    echo("attach a debugger, then press Enter to run the case", err=True)
    sys.stdin.readline()


def _to_json(path: Path, replayed: Replayed, found: Suspects | None) -> dict[str, Any]:
    divergence = replayed.divergence
    return {
        "case": str(path),
        "contract": replayed.case.schema.name,
        "diverges": replayed.diverges,
        "is_judged": replayed.is_judged,
        "is_open": replayed.is_open,
        "is_the_same": replayed.is_the_same,
        "signature": None if divergence is None else divergence.signature.to_json(),
        "says": "" if divergence is None else divergence.detail,
        "is_accepted": replayed.is_known,
        "asymmetries": [entry.id for entry in replayed.known],
        **({} if found is None else {"suspects": suspects.to_json(found)}),
    }
