"""Plugins that the tests of plugins make."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from driftcheck.plugins import Finished, PluginCheck, Report, hookimpl


def checking(*checks: PluginCheck) -> Any:
    """Return a plugin that adds these checks."""
    return SimpleNamespace(driftcheck_checks=hookimpl(lambda: [*checks]))


def check_named(name: str, examine: Callable[[Finished], Report | None] = lambda run: None) -> PluginCheck:
    """Return a check."""
    return PluginCheck(name, "it is so", "Because.", examine)
