"""What several verbs take: types of their options."""

from __future__ import annotations

import click
from click.types import FuncParamType

from driftcheck.units import duration_s, size_bytes


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
