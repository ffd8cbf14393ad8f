"""
Settings of a contract's items: from the command line, the test file, ini keys and defaults, in that order.

Owns their names, and names every mistake in them. Knows pytest's configuration. Knows no items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from driftcheck.contract.export import export
from driftcheck.contract.schema import Schema
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.trace import MOST_STEPS
from driftcheck.core.units import duration_s, size_bytes
from driftcheck.plugins.registry import Registry
from driftcheck.search.settings import SessionSettings

if TYPE_CHECKING:
    import pytest

TRACES = 1_000


@attrs.define(eq=False)
class SettingError(DriftcheckError):
    """A setting has a value that cannot be used."""

    where: str
    value: object
    remedy: str

    def __str__(self) -> str:
        return f"{self.where} is {self.value!r}; {self.remedy}"


@attrs.frozen
class Settings:
    """How a contract's items are run."""

    session: SessionSettings
    seed: int | None  # of all contracts; None: each contract has its fixed seed
    shards: int
    traces: int  # of all shards together
    max_time_s: float | None  # of one item
    max_steps: int | None
    since_ns: int | None = None  # when the run began, in nanoseconds since the epoch

    def seed_of(self, schema: Schema) -> int:
        """Return the seed of a contract: the given one, or one that is the same in every run.

        It changes only with the contract. So an old, rare bug does not fail a change that has nothing to do
        with it.
        """
        return int(export(schema)["digest"][:8], 16) if self.seed is None else self.seed

    @property
    def root(self) -> Path:
        """Return the folder with `cases/`."""
        return self.session.root


def read_settings(
    config: pytest.Config,
    arguments: Mapping[str, object],
    plugins: Registry,
    *,
    seed: int | None = None,
    since_ns: int | None = None,
) -> Settings:
    """Return the settings of one contract.

    Args:
        config: has options and ini keys.
        arguments: of `driftcheck.test`.
        plugins: extend the contract.
        seed: of all contracts; None: each contract has its fixed seed.
        since_ns: when the run began, in nanoseconds since the epoch.

    Raises:
        SettingError: an option, argument or key has a value that cannot be used.
        ConfigError: the project's defaults have a mistake.
    """

    def of(name: str, read: Callable[[Any], Any], default: Any) -> Any:
        for where, value in _given(config, arguments, name):
            try:
                return read(value)
            except (TypeError, ValueError) as error:
                raise SettingError(where, value, _remedy(error, name)) from None
        return default

    return Settings(
        session=SessionSettings.from_project(
            config.rootpath,
            subjects=of("subject", tuple, ()),
            deadline_s=of("deadline", duration_s, None),
            memory_bytes=of("memory", size_bytes, None),
            no_build=config.getoption("driftcheck_no_build") or config.getini("driftcheck_no_build"),
            extend=plugins.extended,
        ),
        seed=seed,
        shards=getattr(config, "workerinput", {}).get("workercount", 1),
        traces=of("traces", _count, TRACES),
        max_time_s=of("max_time", duration_s, None),
        max_steps=of("max_steps", lambda value: _count(value, MOST_STEPS), None),
        since_ns=since_ns,
    )


def _given(config: pytest.Config, arguments: Mapping[str, object], name: str) -> list[tuple[str, object]]:
    """List the places that give a setting, with its value there; the first one counts."""
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
    # A message of units begins with the value, which SettingError prints too.
    said = str(error).partition("; ")[2]
    return said or "give text with a unit, such as '30s' or '512MiB'"
