"""`driftcheck new`: a package for a contract of your own, which builds and runs at once."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from driftcheck.cli.terminal import echo, echo_json
from driftcheck.starter.package import write_package


@click.command("new")
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The package's folder, new or empty. [default: NAME]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str, into: Path | None, as_json: bool) -> None:
    """Write a package for a new contract NAME: the contract, adapters in Go and Rust, tests and CI.

    The package builds and runs at once, and finds a divergence between the two standard libraries.

    \b
    Examples:
      driftcheck new shop
      driftcheck new shop --into packages/shop
    """
    package = write_package(name, Path(name) if into is None else into)
    steps = _next_commands(name, package.folder)
    if as_json:
        files = list(package.files)
        echo_json({"name": name, "folder": str(package.folder), "files": files, "next": steps})
        return
    echo(f"{name}: wrote {len(package.files)} files into {package.folder}/")
    echo("next:")
    for step in steps:
        echo(f"  {step}")


def _next_commands(name: str, folder: Path) -> list[str]:
    """Return the three commands that lead to the first divergence."""
    enter = [] if folder.resolve() == Path.cwd() else [f"cd {shlex.quote(str(folder))}"]
    return [*enter, "pip install --editable .", f"driftcheck run {name}", "pytest"][:3]
