"""What several verbs take: names of contracts, and types of options."""

from __future__ import annotations

from collections.abc import Sequence

import click
from click.types import FuncParamType

from driftcheck.contract import lookup
from driftcheck.contract.declare import Contract
from driftcheck.core.units import duration_s, size_bytes


def duration(value: str) -> float:
    """Read a duration from the command line, in seconds."""
    try:
        return duration_s(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def size(value: str) -> int:
    """Read a size from the command line, in bytes."""
    try:
        return size_bytes(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


DURATION = FuncParamType(duration)
SIZE = FuncParamType(size)


def contracts(names: Sequence[str]) -> dict[str, type[Contract]]:
    """Import the contracts of these names, each once; all that are installed where none is given.

    Returns:
        the classes by the names that were given, which need not be the contracts' own ("module:Class").

    Raises:
        UnknownContract, ContractError: as `lookup.load`.
    """
    return {name: lookup.load(name) for name in names or lookup.installed()}
