"""
Collects the items of a contract, from a test file or by the contract's name.

The plugin hands over what all workers must agree on, so that they collect the same items.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import cast

import pytest

from driftcheck.contract import lookup
from driftcheck.contract.declare import schema_of
from driftcheck.core.author_code import guarded
from driftcheck.core.config import author_limits
from driftcheck.core.errors import DriftcheckError
from driftcheck.core.visible import visible
from driftcheck.plugins.registry import Registry, load_plugins
from driftcheck.search.saved_cases import saved_cases
from driftcheck.search.session import chosen
from driftcheck.subjects.discover import subjects
from driftcheck.testing.items import ContractItem
from driftcheck.testing.jobs import Job
from driftcheck.testing.marker import ContractTest
from driftcheck.testing.settings import Settings, read_settings

PLUGINS = pytest.StashKey[Registry]()


def items_of(
    collector: pytest.Collector,
    name: str,
    test: object,
    *,
    seed: int | None,
    since_ns: int,
    cases: Sequence[str],
) -> list[pytest.Item]:
    """Return the items of what `driftcheck.test` returned, or none where `test` is something else."""
    if not isinstance(test, ContractTest):
        return []
    with guarded(author_limits(collector.config.rootpath)):
        plugins = plugins_of(collector.config)
        settings = read_settings(collector.config, test.arguments, plugins, seed=seed, since_ns=since_ns)
        jobs = _jobs(test.contract, settings, plugins, cases)
    return _items(collector, name, jobs, test.line)


def check_names(config: pytest.Config, names: Sequence[str]) -> None:
    """Check the contracts that the command line names, before anything is collected.

    Raises:
        UsageError: there is no such contract, or its subjects or the settings have a mistake.
    """
    try:
        with guarded(author_limits(config.rootpath)):
            plugins = plugins_of(config)
            settings = read_settings(config, {}, plugins)
            for name in names:
                _jobs(lookup.load_named(name), settings, plugins, ())
    except DriftcheckError as error:
        raise pytest.UsageError(visible(str(error))) from None


def items_by_name(
    session: pytest.Session,
    names: Sequence[str],
    *,
    seed: int | None,
    since_ns: int,
    cases: Sequence[str],
) -> list[pytest.Item]:
    """Return the items of contracts that the command line names."""
    found: list[pytest.Item] = []
    with guarded(author_limits(session.config.rootpath)):
        plugins = plugins_of(session.config)
        settings = read_settings(session.config, {}, plugins, seed=seed, since_ns=since_ns)
        for name in dict.fromkeys(names):
            contract = lookup.load_named(name)
            jobs = _jobs(contract, settings, plugins, cases)
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
        title = visible(f"{name}[{job.kind}-{what}]")
        # A contract named on the command line has no file, so its node id would begin with nothing.
        nodeid = f"driftcheck::{title}" if isinstance(parent, pytest.Session) else None
        item = ContractItem.from_parent(parent, name=title, nodeid=nodeid, job=job, line=line)
        items.append(cast(pytest.Item, item))
    return items


def _jobs(contract: type, settings: Settings, plugins: Registry, cases: Sequence[str]) -> list[Job]:
    """List the jobs of a contract: saved cases first, then the others, with shards far from each other.

    Raises:
        CasesUnreadable: the folder of saved cases cannot be read; `cases` does not tell it from an empty one.
    """
    schema = schema_of(contract)
    saved_cases(schema.name, settings.root)
    sources = chosen(schema, subjects(contract), settings.session.subjects)
    own = [path for path in cases if PurePosixPath(path).parts[1] == schema.name]
    saved = [Job("case", path, contract, settings, plugins) for path in own]
    light = [Job("self", source.name, contract, settings, plugins) for source in sources]
    light += [Job("law", law.name, contract, settings, plugins) for law in schema.laws]
    shards = [Job("shard", str(number), contract, settings, plugins) for number in range(settings.shards)]
    return [*saved, *_spread(light, shards)]


def _spread(light: Sequence[Job], shards: Sequence[Job]) -> Iterator[Job]:
    """Put the shards far from each other, since xdist gives at least two neighbours to one worker."""
    done = 0
    for number, shard in enumerate(shards, 1):
        until = len(light) * number // len(shards)
        yield from light[done:until]
        yield shard
        done = until
