"""
The defaults of a project: `[tool.driftcheck]` in the nearest pyproject.toml.

Owns the keys of that table, and reports every mistake in it. Options on the command line override it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from driftcheck.core.author_code import AuthorLimits
from driftcheck.core.environment import read_environment
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.files import Unreadable
from driftcheck.core.shorten import shown
from driftcheck.core.suggest import advice
from driftcheck.core.toml_text import read_toml
from driftcheck.core.units import duration_s, size_bytes

FILE = "pyproject.toml"
TABLE = "tool.driftcheck"
DEADLINE_S = 1.0  # for one step
MEMORY_BYTES = 512 << 20  # private memory of a host, beyond what it has without a library
KEYS = ("deadline", "memory", "env", "author-deadline", "author-memory")


@attrs.define(eq=False)
class ConfigError(DriftcheckError):
    """The defaults of a project have a mistake."""

    path: str
    what: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.path}{'' if self.line is None else f', line {self.line}'}: {self.what}"


@attrs.frozen
class Config:
    """The limits and the environment of hosts, and the limits of an author's code."""

    deadline_s: float = DEADLINE_S
    memory_bytes: int = MEMORY_BYTES
    env: Mapping[str, str] = attrs.field(factory=dict)  # of every host
    author: AuthorLimits = attrs.field(factory=AuthorLimits)


def load(start: Path) -> Config:
    """Read the defaults that apply in a folder.

    Args:
        start: the folder; the first pyproject.toml in it or above it is read, with the table or without.

    Raises:
        ConfigError: names the file, the key, what was found and what to do.
    """
    here = start.resolve()
    for folder in (here, *here.parents):
        path = folder / FILE
        if path.is_file():
            return _read(path)
    return Config()


def author_limits(start: Path) -> AuthorLimits:
    """Return the limits of an author's code in a folder; a verb that needs the file reports its mistakes."""
    try:
        return load(start).author
    except ConfigError:
        return AuthorLimits()


def _read(path: Path) -> Config:
    try:
        tables = read_toml(path)
    except Unreadable as error:
        raise ConfigError(str(path), error.reason, error.line) from None
    tool = tables.get("tool", {})
    table = tool.get("driftcheck", {}) if isinstance(tool, dict) else {}
    try:
        return _config(table)
    except ValueError as error:
        raise ConfigError(str(path), str(error)) from None


def _config(table: Any) -> Config:
    """Read the table; raises ValueError with the reason."""
    if not isinstance(table, dict):
        raise ValueError(f"{TABLE} is {shown(table)}; write a table [{TABLE}]")
    for key in table:
        if key not in KEYS:
            raise ValueError(f"{TABLE} has the key {shown(key)}; {advice(key, KEYS)}")
    found: dict[str, Any] = {}
    if "deadline" in table:
        found["deadline_s"] = _measure(table["deadline"], "deadline", duration_s, "90s")
    if "memory" in table:
        found["memory_bytes"] = _measure(table["memory"], "memory", size_bytes, "512MiB")
    if "env" in table:
        try:
            found["env"] = read_environment(table["env"])
        except ValueError as error:
            raise ValueError(f"{TABLE}.env {error}") from None
    author: dict[str, Any] = {}
    if "author-deadline" in table:
        author["deadline_s"] = _measure(table["author-deadline"], "author-deadline", duration_s, "90s")
    if "author-memory" in table:
        author["memory_bytes"] = _measure(table["author-memory"], "author-memory", size_bytes, "512MiB")
    return Config(**found, author=AuthorLimits(**author))


def _measure(value: object, key: str, read: Any, example: str) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"{TABLE}.{key} is {shown(value)}; give it with its unit, as {example!r}")
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(f"{TABLE}.{key}: {error}") from None
