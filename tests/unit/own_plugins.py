"""Plugins that the tests of hooks make."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from driftcheck.hooks import Finished, OwnCheck, Report, hookimpl


def checking(*checks: OwnCheck) -> Any:
    """Return a plugin that brings these checks."""
    return SimpleNamespace(driftcheck_checks=hookimpl(lambda: [*checks]))


def own(name: str, examine: Callable[[Finished], Report | None] = lambda run: None) -> OwnCheck:
    """Return a check."""
    return OwnCheck(name, "it is so", "Because.", examine)
