"""
The pytest plugin: options and hooks, and nothing else, since every pytest run on the machine imports it.

Is outside the package and imports nothing of it until there is a driftcheck test. `driftcheck.testing`
does the work.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

CONTRACT = "driftcheck_contract"
SEED = "driftcheck_seed"
CASES = "driftcheck_cases"  # for xdist workers: the case files that were there at the start
STARTED = "driftcheck_started"
SEED_KEY = pytest.StashKey["int | None"]()  # None: each contract has its fixed seed
CASES_KEY = pytest.StashKey["list[str]"]()
STARTED_KEY = pytest.StashKey[int]()  # in nanoseconds since the epoch, as time stamps of files
MARK = "driftcheck: a test of a contract, made by driftcheck.test() or --driftcheck-contract"

# name, metavar, help; each an option and an ini key
VALUES = (
    ("traces", "N", "number of traces of each contract; its shards share them [1000]"),
    (
        "max-time",
        "DURATION",
        "end each item after this time, such as 30 (seconds) or 30s; findings then depend on the machine",
    ),
    ("max-steps", "N", "largest number of steps of a trace [50]"),
    (
        "seed",
        "N",
        "seed of the random inputs; the seed of another run repeats its inputs [fixed by each contract]",
    ),
    ("deadline", "DURATION", "time limit of a step; a subject that takes longer hangs [1s]"),
    ("memory", "SIZE", "memory of one host [512MiB]"),
)
LISTS = (
    ("contract", "NAME", "test this contract without a test file; repeat it for more"),
    ("subject", "NAME", "use only this subject; repeat it for more"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare options and ini keys."""
    group = parser.getgroup("driftcheck", "driftcheck: Go and Rust implementations of one contract")
    for name, metavar, text in VALUES:
        group.addoption(f"--driftcheck-{name}", metavar=metavar, help=text)
        parser.addini(f"driftcheck_{name.replace('-', '_')}", text, default="")
    for name, metavar, text in LISTS:
        group.addoption(f"--driftcheck-{name}", metavar=metavar, action="append", default=[], help=text)
        parser.addini(f"driftcheck_{name}", f"{text.partition(';')[0]}, and more", type="args", default=[])
    text = "refuse a stale library instead of building it"
    group.addoption("--driftcheck-no-build", action="store_true", default=False, help=text)
    parser.addini("driftcheck_no_build", text, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Read the seed; an xdist worker receives from its controller what all workers must agree on."""
    config.addinivalue_line("markers", MARK)
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    given = config.getoption(SEED) or config.getini(SEED)
    if SEED in worker:
        config.stash[SEED_KEY] = worker[SEED]
        config.stash[CASES_KEY] = [os.fsdecode(path) for path in worker[CASES]]
        config.stash[STARTED_KEY] = worker[STARTED]
        return
    config.stash[STARTED_KEY] = time.time_ns()
    if given and not (given.isascii() and given.isdigit()):
        raise pytest.UsageError(f"--driftcheck-seed is {given!r}; give a whole number, 0 or more")
    config.stash[SEED_KEY] = int(given) if given else None
    cases = sorted((config.rootpath / "cases").glob("*/*.json"))
    config.stash[CASES_KEY] = [path.relative_to(config.rootpath).as_posix() for path in cases]
    if contracts(config):
        from driftcheck.testing.collect import check_names

        check_names(config, contracts(config))


def contracts(config: pytest.Config) -> list[str]:
    """Return the contracts to test without a test file."""
    names: list[str] = config.getoption(CONTRACT) or config.getini(CONTRACT)
    return names


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Send an xdist worker what all workers must agree on; a worker that replaces another gets it too."""
    node.workerinput[SEED] = node.config.stash[SEED_KEY]
    # As bytes, because xdist sends no name that is not UTF-8.
    node.workerinput[CASES] = [os.fsencode(path) for path in node.config.stash[CASES_KEY]]
    node.workerinput[STARTED] = node.config.stash[STARTED_KEY]


def _shared(config: pytest.Config) -> dict[str, Any]:
    """Return what all workers agree on, as arguments of the functions that make items."""
    stash = config.stash
    return {"seed": stash[SEED_KEY], "since_ns": stash[STARTED_KEY], "cases": stash[CASES_KEY]}


def pytest_report_header(config: pytest.Config) -> str:
    """Print the seed, before anything can fail."""
    seed = config.stash[SEED_KEY]
    return f"driftcheck: seed {'fixed by each contract' if seed is None else seed}"


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> Any:
    """Make items of what `driftcheck.test` returned."""
    if type(obj).__module__ != "driftcheck.testing.marker":
        return None
    from driftcheck.testing.collect import items_of

    return items_of(collector, name, obj, **_shared(collector.config))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the items of contracts that the command line names."""
    if contracts(config):
        from driftcheck.testing.collect import items_by_name

        items[:0] = items_by_name(session, contracts(config), **_shared(config))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Say in one sentence what mistake an author made, also where a contract class cannot be created."""
    report = yield
    if report.failed and "driftcheck.core.errors" in sys.modules:
        from driftcheck.testing.failure import in_one_sentence

        in_one_sentence(collector, report)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(report: pytest.TestReport, sched: Any) -> None:
    """List the cases that were saved before a worker died."""
    folder = sched.config.rootpath / "cases"
    since_ns = sched.config.stash[STARTED_KEY]
    saved = [path for path in sorted(folder.glob("*/*.json")) if _written_ns(path) >= since_ns]
    if saved:
        paths = "".join(f"\n  {path.relative_to(sched.config.rootpath)}" for path in saved)
        report.longrepr = f"{report.longrepr}\ncases that this run had already saved:{paths}"


def _written_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # it has gone, or is a link to nothing
        return 0


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the section that closes the run."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    reports = [r for r in reports if getattr(r, "when", "") == "call" and is_ours(r)]
    if reports:
        from driftcheck.testing.summary import write

        write(terminalreporter, reports)


def is_ours(report: pytest.TestReport) -> bool:
    """Say whether a report belongs to an item of a contract."""
    return any(name == CONTRACT for name, _ in report.user_properties)
