"""`driftcheck contracts`: which contracts are installed, and what one of them says."""

from __future__ import annotations

import json
from typing import Any

import click

from driftcheck import registry
from driftcheck.cli.contract_page import page
from driftcheck.contract.declare import schema_of
from driftcheck.contract.export import export
from driftcheck.errors import DriftcheckError, SubjectError
from driftcheck.subjects.discover import subjects


@click.command("contracts")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON; of one contract, all that it says.")
def command(name: str | None, as_json: bool) -> None:
    """Show the contract NAME in full; without it, list those that are installed."""
    if name is None:
        _list(as_json)
        return
    contract = registry.load(name)
    data = export(schema_of(contract))
    if as_json:
        click.echo(json.dumps(data, indent=2))
    else:
        try:
            named = ", ".join(_subjects(contract))
        except SubjectError as error:  # a contract can be read before it has an adapter
            named = f"none: {error.what}"
        click.echo(page(data, named), nl=False)


def _list(as_json: bool) -> None:
    found: list[dict[str, Any]] = []
    broken: list[DriftcheckError] = []
    for name in registry.installed():
        try:
            contract = registry.load(name)
            schema = schema_of(contract)
            doc = schema.doc.partition("\n")[0]
            operations = [o.name for o in schema.operations]
            found.append(
                {"name": name, "doc": doc, "operations": operations, "subjects": _subjects(contract)}
            )
        except DriftcheckError as error:  # the others are told of all the same
            broken.append(error)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for one in found:
            click.echo(f"{one['name']}: {one['doc'] or 'no description'}")
            click.echo(f"  operations  {', '.join(one['operations'])}")
            click.echo(f"  subjects    {', '.join(one['subjects'])}")
        if not found and not broken:
            click.echo(
                "no contract is installed; a package has one by an entry point in 'driftcheck.contracts'"
            )
    if broken:
        raise DriftcheckError("; ".join(map(str, broken)))


def _subjects(contract: type) -> list[str]:
    return [source.name for source in subjects(contract)]
