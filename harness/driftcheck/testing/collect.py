"""
Collecting: the items of a contract, from a test file or by its name.

The plugin hands over the seed and the saved cases, on which all workers agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import cast

import pytest

from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of
from driftcheck.core.errors import DriftcheckError
from driftcheck.plugins.registry import Registry, load_plugins
from driftcheck.search.session import chosen
from driftcheck.subjects.discover import subjects
from driftcheck.testing.items import ContractItem
from driftcheck.testing.jobs import Job
from driftcheck.testing.marker import ContractTest
from driftcheck.testing.settings import Settings, read_settings

PLUGINS = pytest.StashKey[Registry]()


def items_of(
    collector: pytest.Collector, name: str, test: object, *, seed: int, cases: Sequence[str]
) -> list[pytest.Item]:
    """Return the items of what `driftcheck.test` returned, or none where it is anything else."""
    if not isinstance(test, ContractTest):
        return []
    settings = read_settings(collector.config, test.arguments, seed)
    jobs = _jobs(test.contract, settings, plugins_of(collector.config), cases)
    return _items(collector, name, jobs, test.line)


def check_names(config: pytest.Config, names: Sequence[str]) -> None:
    """Look at contracts that were named on the command line, before anything is collected.

    Raises:
        UsageError: there is no such contract, or its subjects or the settings are wrong.
    """
    try:
        settings = read_settings(config, {}, 0)
        for name in names:
            _jobs(lookup.load(name), settings, plugins_of(config), ())
    except DriftcheckError as error:
        raise pytest.UsageError(str(error)) from None


def items_by_name(
    session: pytest.Session, names: Sequence[str], *, seed: int, cases: Sequence[str]
) -> list[pytest.Item]:
    """Return the items of contracts that were named on the command line."""
    settings = read_settings(session.config, {}, seed)
    found: list[pytest.Item] = []
    for name in dict.fromkeys(names):
        contract = lookup.load(name)
        jobs = _jobs(contract, settings, plugins_of(session.config), cases)
        found += _items(session, schema_of(contract).name, jobs, 0)
    return found


def plugins_of(config: pytest.Config) -> Registry:
    """Return what driftcheck's plugins bring, loaded once in each pytest process."""
    if PLUGINS not in config.stash:
        config.stash[PLUGINS] = load_plugins()
    return config.stash[PLUGINS]


def _items(parent: pytest.Collector, name: str, jobs: Sequence[Job], line: int) -> list[pytest.Item]:
    items = []
    for job in jobs:
        what = PurePosixPath(job.what).stem if job.kind == "case" else job.what
        title = f"{name}[{job.kind}-{what}]"
        # A contract that was named has no file, and its node would have no name to begin with.
        nodeid = f"driftcheck::{title}" if isinstance(parent, pytest.Session) else None
        item = ContractItem.from_parent(parent, name=title, nodeid=nodeid, job=job, line=line)
        items.append(cast(pytest.Item, item))
    return items


def _jobs(contract: type, settings: Settings, plugins: Registry, cases: Sequence[str]) -> list[Job]:
    """List the jobs of a contract: saved cases, then the others, shards far from each other."""
    schema = schema_of(contract)
    sources = chosen(schema, subjects(contract), settings.subjects)
    own = [path for path in cases if PurePosixPath(path).parts[1] == schema.name]
    saved = [Job("case", path, contract, settings, plugins) for path in own]
    light = [Job("self", source.name, contract, settings, plugins) for source in sources]
    light += [Job("law", law.name, contract, settings, plugins) for law in schema.laws]
    shards = [Job("shard", str(number), contract, settings, plugins) for number in range(settings.shards)]
    return [*saved, *_spread(light, shards)]


def _spread(light: Sequence[Job], shards: Sequence[Job]) -> Iterator[Job]:
    """Put the shards far from each other: xdist hands out neighbours, at least two of them, to one worker."""
    done = 0
    for number, shard in enumerate(shards, 1):
        until = len(light) * number // len(shards)
        yield from light[done:until]
        yield shard
        done = until
