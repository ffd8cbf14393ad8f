"""`driftcheck contracts`: the installed contracts, or all that one of them says."""

from __future__ import annotations

from typing import Any

import click

from driftcheck.cli.contract_page import page
from driftcheck.cli.terminal import echo, echo_json
from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of
from driftcheck.contract.export import export
from driftcheck.core import types as t
from driftcheck.core.codec import Codec
from driftcheck.core.errors import DriftcheckError, SubjectError
from driftcheck.plugins.registry import load_plugins
from driftcheck.subjects.discover import subjects


@click.command("contracts")
@click.argument("name", required=False)
@click.option("--codecs", is_flag=True, help="List codecs and their mutations.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; for one contract, its export.")
def command(name: str | None, codecs: bool, as_json: bool) -> None:
    """List the installed contracts, or show all of one contract.

    \b
    Examples:
      driftcheck contracts
      driftcheck contracts lru
      driftcheck contracts lru --json > lru.json    keep its export, for 'driftcheck compat'
    """
    if codecs:
        _list_codecs([name] if name else list(lookup.installed()), as_json)
        return
    if name is None:
        _list(as_json)
        return
    contract = lookup.load_named(name)
    data = export(schema_of(contract))
    if as_json:
        echo_json(data)
    else:
        try:
            named = ", ".join(_subjects(contract))
        except SubjectError as error:  # a contract can be read before it has an adapter
            named = f"none: {error.what}"
        echo(page(data, named), nl=False)


def _list(as_json: bool) -> None:
    found: list[dict[str, Any]] = []
    broken: list[DriftcheckError] = []
    for name in lookup.installed():
        try:
            contract = lookup.load_installed(name)
            schema = schema_of(contract)
            doc = schema.doc.partition("\n")[0]
            operations = [o.name for o in schema.operations]
            found.append(
                {"name": name, "doc": doc, "operations": operations, "subjects": _subjects(contract)}
            )
        except DriftcheckError as error:  # still list the other contracts
            broken.append(error)
    if as_json:
        echo_json(found)
    else:
        for one in found:
            echo(f"{one['name']}: {one['doc'] or 'no description'}")
            echo(f"  operations  {', '.join(one['operations'])}")
            echo(f"  subjects    {', '.join(one['subjects'])}")
        if not found and not broken:
            echo("no contract is installed; 'driftcheck new NAME' writes a package with one")
    if broken:
        raise DriftcheckError("; ".join(map(str, broken)))


def _list_codecs(names: list[str], as_json: bool) -> None:
    """List the codecs of contracts, and those that plugins bring."""
    types = (type_ for name in names for type_ in schema_of(lookup.load_named(name)).walk())
    classes = {type(type_.codec) for type_ in types if isinstance(type_, t.Payload)}
    plugins = load_plugins()
    classes.update(plugins.codecs)
    found = [_to_json(plugins.extended_codec(cls())) for cls in sorted(classes, key=lambda cls: cls.name)]
    if as_json:
        echo_json(found)
        return
    for one in found:
        echo(f"{one['name']}: {one['doc'] or 'no description'}")
        echo(f"  class  {one['class']}")
        for mutation in one["mutations"]:
            echo(f"  {mutation['name']}: {mutation['doc']}")


def _to_json(codec: Codec[Any]) -> dict[str, Any]:
    cls = type(codec)
    return {
        "name": codec.name,
        "doc": (cls.__doc__ or "").strip().partition("\n")[0],
        "class": f"{cls.__module__}:{cls.__qualname__}",
        "mutations": [{"name": m.name, "doc": m.doc} for m in codec.all_mutations],
    }


def _subjects(contract: type) -> list[str]:
    return [source.name for source in subjects(contract)]
