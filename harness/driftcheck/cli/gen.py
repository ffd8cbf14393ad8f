"""`driftcheck gen`: the Go and Rust code that adapters implement, written or compared."""

from __future__ import annotations

import os
from pathlib import Path

import attrs
import click

from driftcheck import codegen
from driftcheck.cli.named import contracts
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.contract.declare import schema_of
from driftcheck.core.errors import DriftcheckError
from driftcheck.subjects.discover import subjects


@attrs.define(eq=False)
class StaleCode(DriftcheckError):
    """Generated files differ from what their contracts give."""

    contracts: tuple[str, ...]
    paths: tuple[str, ...]

    def __str__(self) -> str:
        verb = "does" if len(self.paths) == 1 else "do"
        return (
            f"{', '.join(self.paths)} {verb} not match the contract; "
            f"run 'driftcheck gen {' '.join(self.contracts)}'"
        )


@click.command("gen")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; exit with 2 if a file is stale.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(names: tuple[str, ...], check: bool, as_json: bool) -> None:
    """Write the Go and Rust code that the adapters of a contract implement.

    NAME is an installed contract, or module:Class. Without it, all installed contracts are taken.

    \b
    Examples:
      driftcheck gen shop
      driftcheck gen --check    in CI: fails if a generated file is stale
    """
    report: list[dict[str, object]] = []
    stale: dict[str, list[str]] = {}
    for name, contract in contracts(names).items():
        schema = schema_of(contract)
        texts = codegen.generate_all(schema, subjects(contract))
        files = [_shown(path) for path in texts]
        changed = [_shown(path) for path in (codegen.check(texts) if check else _write(texts))]
        report.append({"contract": schema.name, "files": files, "stale" if check else "written": changed})
        if check and changed:
            stale[name] = changed
        elif not as_json:
            echo(f"{schema.name}: {_summary(files, changed)}")
    if as_json:
        echo_json(report)
    if stale:
        raise StaleCode(tuple(stale), tuple(path for paths in stale.values() for path in paths))


def _summary(files: list[str], written: list[str]) -> str:
    if written:
        return f"wrote {', '.join(written)}"
    return (
        f"{', '.join(files)} up to date"
        if files
        else "its sources are not here, so there is nothing to write"
    )


def _write(texts: dict[Path, str]) -> list[Path]:
    try:
        return codegen.write(texts)
    except OSError as error:
        raise DriftcheckError(f"{error.filename} cannot be written: {error.strerror}") from None


def _shown(path: Path) -> str:
    """Return a path relative to the working directory, if it is below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
