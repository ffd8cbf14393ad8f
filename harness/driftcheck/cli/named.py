"""
Contracts and plugins by the names that a user gives. Knows nothing of options.

Imports no more than that, so that a verb that only reads contracts starts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from driftcheck.contract import lookup
from driftcheck.contract.declare import Contract, schema_of
from driftcheck.contract.schema import Schema
from driftcheck.plugins.registry import Registry, load_plugins

PLUGINS = "driftcheck.plugins"  # key in the data of a click context


def plugins() -> Registry:
    """Return what plugins add, loaded once for a verb."""
    meta = click.get_current_context().meta
    if PLUGINS not in meta:
        meta[PLUGINS] = load_plugins()
    loaded: Registry = meta[PLUGINS]
    return loaded


def schemas_of_cases(contract: str | None, extend: Callable[[Schema], Schema]) -> Callable[[str], Schema]:
    """Return the function that finds the contract of a case file by the name in the file.

    Args:
        contract: what the user gave as `--contract`, which may name a module; it applies to all case files.
            Without it a name in a file finds an installed contract or nothing.
        extend: adds what plugins bring.

    Raises:
        UnknownContract, ContractError: as `lookup.load_named`.
    """
    if contract is None:
        return lambda name: extend(schema_of(lookup.load_installed(name)))
    schema = extend(schema_of(lookup.load_named(contract)))
    return lambda name: schema


def contracts(names: Sequence[str]) -> dict[str, type[Contract]]:
    """Import the contracts of these names, each once; all installed ones if no name is given.

    Returns:
        the classes by the given names, which may be places ("module:Class") instead of contract names.

    Raises:
        UnknownContract, ContractError: as `lookup.load_named`.
    """
    return {name: lookup.load_named(name) for name in names or lookup.installed()}
