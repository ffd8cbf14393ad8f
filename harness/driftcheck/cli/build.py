"""`driftcheck build`: the libraries of a contract's subjects, compiled if they are stale."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from functools import partial

import attrs
import click

from driftcheck import codegen
from driftcheck.build import SideBySide, build, native
from driftcheck.build.ahead import SEVERAL
from driftcheck.cli.named import contracts
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.contract.declare import Contract, schema_of
from driftcheck.contract.schema import Schema
from driftcheck.subjects.discover import (
    ModelSource,
    NativeSource,
    SubjectSource,
    for_coverage,
    for_debugger,
    subjects,
)


@attrs.frozen
class Built:
    """One subject's library, as `--json` prints it."""

    contract: str
    subject: str
    language: str
    library: str | None  # None for a model, which has no library
    origin: str  # "built", "fresh", "shipped" or "model"
    seconds: float

    def line(self) -> str:
        """Return what is printed."""
        name = f"{self.contract}: {self.subject}"
        match self.origin:
            case "built":
                return f"{name}: built in {self.seconds:.1f} s: {self.library}"
            case "fresh":
                return f"{name}: up to date: {self.library}"
            case "shipped":
                return f"{name}: shipped with its package: {self.library}"
            case _:
                return f"{name}: in Python, nothing to build"


@click.command("build")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--debug", is_flag=True, help="Compile without optimisation, for a debugger, beside the other libraries."
)
@click.option(
    "--coverage", is_flag=True, help="Compile with counters, for 'coverage', and keep the other libraries."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(names: tuple[str, ...], debug: bool, coverage: bool, as_json: bool) -> None:
    """Compile the libraries of a contract's subjects that are stale.

    NAME is an installed contract, or module:Class. Without it, all installed contracts are taken.
    'run', 'replay' and pytest also build stale libraries. --debug builds the libraries for 'replay --debug':
    Go without optimisation and inlining, Rust in the profile dev. --coverage builds libraries that count
    which blocks of the code under test run, for 'coverage' and 'replay --suspects'.

    \b
    Examples:
      driftcheck build
      driftcheck build json
      driftcheck build json --debug
      driftcheck build json --coverage
    """
    if debug and coverage:
        raise click.UsageError("--debug and --coverage make different libraries; give one of them")
    declared = [
        pair
        for name, contract in contracts(names).items()
        for pair in _sources(name, contract, debug=debug, coverage=coverage)
    ]
    with SideBySide[Built]() as started:
        search = (
            [] if debug or coverage else [started.submit("rust", job) for job in _native_search(declared)]
        )
        building = [
            started.submit(source.language, partial(_build, source, schema)) for source, schema in declared
        ]
        if not as_json:
            for done in as_completed([*building, *search]):
                if done in building or done.result().origin == "built":
                    echo(done.result().line())
        report = [done.result() for done in building]
        for one in search:
            one.result()
    if as_json:
        echo_json([attrs.asdict(one) for one in report])


def _sources(
    name: str, contract: type[Contract], *, debug: bool, coverage: bool
) -> Iterator[tuple[SubjectSource, Schema]]:
    """Yield a contract's subjects; warn first where their generated code is stale."""
    schema = schema_of(contract)
    sources = subjects(contract)
    if codegen.check(codegen.generate_all(schema, sources)):
        why = "its generated code does not match the contract"
        echo(f"driftcheck: contract {schema.name!r}: {why}; run 'driftcheck gen {name}'", err=True)
    for source in sources:
        if coverage:
            source = for_coverage(source)
        yield for_debugger(source) if debug else source, schema


def _native_search(declared: Sequence[tuple[SubjectSource, Schema]]) -> list[Callable[[], Built]]:
    """Return the build of the native search, if a contract may need it; it is not a subject."""
    natives = Counter(schema.name for source, schema in declared if isinstance(source, NativeSource))
    schema = next((schema for _, schema in declared if natives[schema.name] >= SEVERAL), None)
    return [] if schema is None else [partial(_build, native.source(), schema)]


def _build(source: SubjectSource, schema: Schema) -> Built:
    compiled: list[str] = []
    started = time.monotonic()
    subject = build(source, schema, say=compiled.append)
    seconds = round(time.monotonic() - started, 3)
    match source:
        case ModelSource():
            origin = "model"
        case NativeSource() if subject.target == str(source.prebuilt):
            origin = "shipped"
        case _:
            origin = "built" if compiled else "fresh"
    library = None if origin == "model" else subject.target
    contract = "driftcheck" if source.language == native.LANGUAGE else schema.name
    return Built(contract, source.name, source.language, library, origin, seconds)
