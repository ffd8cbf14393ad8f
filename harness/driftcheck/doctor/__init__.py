"""
The doctor: checks what a run needs, before anything fails.

`machine` looks at the tools, `contracts` at contracts and their subjects. Changes nothing, builds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from driftcheck.core.config import ConfigError
from driftcheck.doctor import contracts, machine
from driftcheck.doctor.item import Item
from driftcheck.plugins.registry import Registry
from driftcheck.search.settings import SessionSettings
from driftcheck.subjects.host import Limits

__all__ = ["Item", "examine"]


def examine(names: Sequence[str], folder: Path, plugins: Registry) -> list[Item]:
    """Look at the machine, and at contracts with their subjects.

    Args:
        names: of contracts, or "module:Class".
        folder: where the project's defaults are read.
        plugins: extend the contracts.
    """
    limits, defaults = _defaults(folder)
    found, languages = contracts.examine(names, limits, plugins)
    return [*machine.examine(languages), defaults, *found]


def _defaults(folder: Path) -> tuple[Limits, Item]:
    try:
        limits = SessionSettings.from_project(folder).limits
    except ConfigError as error:
        return Limits(), Item("defaults", "broken", str(error))
    text = f"deadline {limits.deadline_s:g} s, memory {limits.memory_bytes >> 20} MiB"
    return limits, Item("defaults", "ok", text)
