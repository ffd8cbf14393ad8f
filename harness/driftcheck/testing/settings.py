"""
Settings of a contract's items: the command line before the test file, that before ini keys and defaults.

Owns their names, and names every mistake in them. Knows pytest's configuration, and nothing of items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from driftcheck.core import config as project
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.units import duration_s, size_bytes

if TYPE_CHECKING:
    import pytest

TRACES = 1_000
MOST_STEPS = 10_000


@attrs.define(eq=False)
class SettingError(DriftcheckError):
    """A setting has a value that cannot be kept to."""

    where: str
    value: object
    remedy: str

    def __str__(self) -> str:
        return f"{self.where} is {self.value!r}; {self.remedy}"


@attrs.frozen
class Settings:
    """How a contract's items are run."""

    root: Path  # `cases/` lies there
    seed: int
    shards: int
    traces: int  # of all shards together
    max_time_s: float | None  # of one item
    max_steps: int | None
    subjects: tuple[str, ...]
    deadline_s: float
    memory_bytes: int
    no_build: bool
    env: Mapping[str, str]  # of hosts


def read_settings(config: pytest.Config, arguments: Mapping[str, object], seed: int) -> Settings:
    """Return the settings of one contract.

    Args:
        config: with options and ini keys.
        arguments: of `driftcheck.test`.
        seed: of the whole run.

    Raises:
        SettingError: names the option, argument or key, what was found and what to do.
    """
    defaults = project.load(config.rootpath)

    def of(name: str, read: Callable[[Any], Any], default: Any) -> Any:
        for where, value in _given(config, arguments, name):
            try:
                return read(value)
            except (TypeError, ValueError) as error:
                raise SettingError(where, value, _remedy(error, name)) from None
        return default

    return Settings(
        root=config.rootpath,
        seed=seed,
        shards=getattr(config, "workerinput", {}).get("workercount", 1),
        traces=of("traces", _count, TRACES),
        max_time_s=of("max_time", duration_s, None),
        max_steps=of("max_steps", lambda value: _count(value, MOST_STEPS), None),
        subjects=of("subject", tuple, ()),
        deadline_s=of("deadline", duration_s, defaults.deadline_s),
        memory_bytes=of("memory", size_bytes, defaults.memory_bytes),
        no_build=config.getoption("driftcheck_no_build") or config.getini("driftcheck_no_build"),
        env=defaults.env,
    )


def _given(config: pytest.Config, arguments: Mapping[str, object], name: str) -> list[tuple[str, object]]:
    """List where a setting is given, and as what; the first one counts."""
    places = [
        (f"--driftcheck-{name.replace('_', '-')}", config.getoption(f"driftcheck_{name}")),
        (f"argument {name!r} of driftcheck.test", arguments.get(name)),
        (f"ini key 'driftcheck_{name}'", config.getini(f"driftcheck_{name}")),
    ]
    return [(where, value) for where, value in places if value not in (None, "", [])]


def _count(value: Any, most: int | None = None) -> int:
    number = int(value)
    if number < 1 or (most is not None and number > most):
        raise ValueError(value)
    return number


def _remedy(error: Exception, name: str) -> str:
    if name == "max_steps":
        return f"give a whole number from 1 to {MOST_STEPS}"
    if name == "traces":
        return "give a whole number, 1 or more"
    # What units say of a value begins with the value itself.
    said = str(error).partition("; ")[2]
    return said or "give text with a unit, such as '30s' or '512MiB'"
