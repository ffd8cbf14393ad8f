"""What benchmarks share: libraries, sessions, the state machine beside them, and the table at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
from figures import Table
from scale import SMOKE

from driftcheck import schema_of
from driftcheck.build import build
from driftcheck.lockstep.lockstep import Lockstep
from driftcheck.oracle.asymmetries import Asymmetries
from driftcheck.oracle.oracle import Oracle
from driftcheck.search.session import Session, open_session
from driftcheck.subjects.discover import NativeSource, subjects
from driftcheck_contracts.lru import Lru

HERE = Path(__file__).parent
CACHE = HERE / "cache"
TABLE = pytest.StashKey["Table"]()
FAULT = "DRIFTCHECK_FAULT"


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = Table()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if SMOKE or not config.stash[TABLE].rows:
        return  # the figures of a smoke run mean nothing
    rows = [("measured", "median (least to greatest)", "promised"), *config.stash[TABLE].rows]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    terminalreporter.section(f"benchmarks, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for row in rows:
        terminalreporter.write_line("  ".join(map(str.ljust, row, widths)).rstrip())


@pytest.fixture
def table(pytestconfig: pytest.Config) -> Table:
    return pytestconfig.stash[TABLE]


@pytest.fixture(scope="session")
def lru() -> Iterator[Session]:
    """A session of the contract `lru`, Go beside Rust."""
    with open_session(Lru, only=("go", "rust")) as session:
        yield session


@pytest.fixture(scope="session")
def go_source() -> NativeSource:
    folder = CACHE / "go"
    return NativeSource("go", "go", folder, folder / "none.so")


@pytest.fixture(scope="session")
def planted(go_source: NativeSource) -> Callable[[str], AbstractContextManager[Session]]:
    """Return a maker of sessions of `lru` in whose Go subject a fault is planted."""
    schema = schema_of(Lru)
    rust_source = next(s for s in subjects(Lru) if s.name == "rust")
    go, rust = build(go_source, schema), build(rust_source, schema)

    @contextmanager
    def session(fault: str) -> Iterator[Session]:
        with Lockstep(schema, [attrs.evolve(go, env={FAULT: fault}), rust]) as lockstep:
            descriptions = lockstep.start()
            asymmetries = Asymmetries((), {})
            oracle = Oracle(schema, lockstep, asymmetries)
            yield Session(Lru, schema, None, lockstep, oracle, asymmetries, descriptions)

    return session


@pytest.fixture(scope="session")
def machine(go_source: NativeSource) -> Callable[..., dict[str, Any]]:
    """Return a function that runs the state machine in a process of its own, and returns what it says."""
    go = build(go_source, schema_of(Lru)).target
    manifest, target = CACHE / "rust" / "Cargo.toml", HERE.parents[1] / "rust_shim" / "target"
    command = ["cargo", "build", "--quiet", "--release", "--manifest-path", manifest, "--target-dir", target]
    subprocess.run(command, check=True, env={**os.environ, "PYO3_PYTHON": sys.executable})
    rust = target / "release" / "libcache.so"

    def run(seed: int, examples: int, fault: str = "") -> dict[str, Any]:
        call = [sys.executable, HERE / "machine.py", go, rust, str(seed), str(examples)]
        found = subprocess.run(call, check=True, capture_output=True, env={**os.environ, FAULT: fault})
        result: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
        return result

    return run
