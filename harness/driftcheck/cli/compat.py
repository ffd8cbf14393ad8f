"""`driftcheck compat`: what a new version of a contract breaks, by the exports of both."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from driftcheck.cli import AGREE, FINDINGS
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.codecs.cbor import Cbor, DeterministicCbor, UntypedCbor
from driftcheck.codecs.identifier_text import UuidText
from driftcheck.codecs.json import Json
from driftcheck.codecs.number import DecimalText, IntegerText
from driftcheck.codecs.rfc3339 import Rfc3339
from driftcheck.codecs.semver import SemverText
from driftcheck.codecs.semver.ranges import SemverRange
from driftcheck.compat import compare, text
from driftcheck.compat.exported import ExportError, parse_export, read_export
from driftcheck.compat.rebuild import AtHand
from driftcheck.compat.saved_files import SavedFiles
from driftcheck.contract import lookup
from driftcheck.contract.declare import Contract, schema_of
from driftcheck.contract.export import export
from driftcheck.core import types as t
from driftcheck.core.codec import Codec
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.files import Absent, Unreadable, as_text, read_stream, read_text
from driftcheck.oracle.asymmetry_file import project_file
from driftcheck.plugins.registry import load_plugins
from driftcheck.search.session import asymmetry_files
from driftcheck.values.json_text import MAX_BYTES

STREAM = "-"
OURS: tuple[type[Codec[Any]], ...] = (
    Cbor,
    DecimalText,
    DeterministicCbor,
    IntegerText,
    Json,
    Rfc3339,
    SemverRange,
    SemverText,
    UntypedCbor,
    UuidText,
)


@click.command("compat")
@click.argument("old")
@click.argument("new")
@click.option(
    "--cases",
    type=click.Path(path_type=Path),
    default="cases",
    help="The folder of case files. [default: cases]",
)
@click.option(
    "--contract", metavar="MODULE:CLASS", help="The contract as module:Class, if it is not installed."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, old: str, new: str, cases: Path, contract: str | None, as_json: bool) -> None:
    """Compare two exports of a contract, and list what the new one breaks.

    OLD and NEW are files. 'driftcheck contracts NAME --json' writes them. One of them may be -, the standard
    input.

    \b
    Examples:
      driftcheck compat lru-1.json lru-2.json
      driftcheck contracts lru --json | driftcheck compat lru-1.json -

    Exit code 0: nothing breaks. 1: something breaks. 2: the exports cannot be compared.
    """
    if old == new == STREAM:
        raise click.UsageError(
            "OLD and NEW are both -, but there is one standard input; give a file for one of them"
        )
    exports = [(path, parse_export(path, _text(path))) for path in (old, new)]
    name = exports[1][1]["contract"]
    ours = lookup.load_named(contract) if contract else _installed(name)
    if ours is not None and schema_of(ours).name != name:
        raise click.UsageError(
            f"{contract} is the contract {schema_of(ours).name!r}, and {new} is of {name!r}; give the "
            f"class of {name!r} with --contract"
        )
    before, after = (read_export(path, data, _at_hand(ours)) for path, data in exports)
    present = None if ours is None else export(schema_of(ours))["digest"]
    compared = compare(before, after, _kept(after.name, ours, cases), present=present)
    if as_json:
        echo_json(text.to_json(compared))
    else:
        echo("\n".join(text.lines(compared)))
    ctx.exit(FINDINGS if compared.breaks else AGREE)


def _text(path: str) -> str:
    try:
        if path == STREAM:
            return as_text(read_stream(sys.stdin.buffer, MAX_BYTES))
        return read_text(Path(path), MAX_BYTES)
    except Absent:
        is_name = ":" in path or path in lookup.installed()
        what = "it is the name of a contract, not a file" if is_name else "there is no such file"
        wanted = f"{path} --json > FILE" if is_name else f"NAME --json > {path}"
        message = f"{what}; 'driftcheck contracts {wanted}' writes the export of the contract as it is now"
        raise ExportError(path, message) from None
    except Unreadable as error:
        raise ExportError(path, f"it {error.reason}") from None


def _installed(name: str) -> type[Contract] | None:
    """Return the contract of this name, if it can be imported; its codecs and files are used."""
    try:
        return lookup.load_installed(name)
    except DriftcheckError:
        return None


def _at_hand(contract: type[Contract] | None) -> AtHand:
    """Return the codecs of driftcheck, of plugins and of the contract, and the classes of the contract."""
    ours: tuple[type[Codec[Any]], ...] = (*OURS, *load_plugins().codecs)
    codecs = {cls.name: cls() for cls in ours}
    classes: dict[str, type] = {}
    stack = [] if contract is None else list(schema_of(contract).walk())
    while stack:
        type_ = t.bare(stack.pop())
        stack.extend(t.children(type_))
        if isinstance(type_, t.Payload):
            codecs[type_.codec.name] = type_.codec
        elif isinstance(type_, t.Record | t.Enumeration):
            classes[type_.name] = type_.cls
    return AtHand(codecs, classes)


def _kept(name: str, contract: type[Contract] | None, cases: Path) -> SavedFiles:
    folder = cases / name
    files = [project_file(name, Path.cwd())] if contract is None else asymmetry_files(contract, Path.cwd())
    shown = tuple(_shown(path) for path in files if path.is_file())
    return SavedFiles(folder if os.path.lexists(folder) else None, shown)


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
