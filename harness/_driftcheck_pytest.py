"""
The pytest plugin: options, hooks, and nothing else, for every run of every project pays for its import.

Lies outside the package and imports nothing of it until a driftcheck test is met; `driftcheck.testing` does
the work.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

CONTRACT = "driftcheck_contract"
SEED = "driftcheck_seed"
CASES = "driftcheck_cases"  # what an xdist worker is told: the case files that were there at the start
SEED_KEY = pytest.StashKey[int]()
CASES_KEY = pytest.StashKey["list[str]"]()
STARTED_KEY = pytest.StashKey[int]()  # nanoseconds of the clock that files are stamped with
MARK = "driftcheck: a check of a contract, made by driftcheck.test() or --driftcheck-contract"

# name, metavar, help; each an option and an ini key
VALUES = (
    ("traces", "N", "traces of each contract, shared by its shards [1000]"),
    (
        "max-time",
        "DURATION",
        "end each item after this time, such as 30s; the counts are what shapes results",
    ),
    ("max-steps", "N", "steps of a trace [50]"),
    ("seed", "N", "repeat a run: same seed, same number of workers, same findings [random]"),
    ("deadline", "DURATION", "for one step; beyond it the subject hangs [1s]"),
    ("memory", "SIZE", "for one host [512MiB]"),
)
LISTS = (
    ("contract", "NAME", "test this contract, without any file; repeat it for more"),
    ("subject", "NAME", "take only this subject; repeat it for more"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare options and ini keys."""
    group = parser.getgroup("driftcheck", "driftcheck: Go and Rust implementations against one contract")
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
    """Choose the seed; an xdist worker is told it, and which cases are saved, by its controller."""
    config.addinivalue_line("markers", MARK)
    told: dict[str, Any] = getattr(config, "workerinput", {})
    given = config.getoption(SEED) or config.getini(SEED)
    config.stash[STARTED_KEY] = time.time_ns()
    if SEED in told:
        config.stash[SEED_KEY] = told[SEED]
        config.stash[CASES_KEY] = told[CASES]
        return
    if given and not (given.isascii() and given.isdigit()):
        raise pytest.UsageError(f"--driftcheck-seed is {given!r}; give a whole number, 0 or more")
    config.stash[SEED_KEY] = int(given) if given else int.from_bytes(os.urandom(4))
    cases = sorted((config.rootpath / "cases").glob("*/*.json"))
    config.stash[CASES_KEY] = [path.relative_to(config.rootpath).as_posix() for path in cases]
    if contracts(config):
        from driftcheck.testing.collect import check_names

        check_names(config, contracts(config))


def contracts(config: pytest.Config) -> list[str]:
    """Return the contracts that are to be tested without any file."""
    names: list[str] = config.getoption(CONTRACT) or config.getini(CONTRACT)
    return names


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker what all workers must agree on, also one that replaces another."""
    node.workerinput[SEED] = node.config.stash[SEED_KEY]
    node.workerinput[CASES] = node.config.stash[CASES_KEY]


def pytest_report_header(config: pytest.Config) -> str:
    """Print the seed, before anything can go wrong."""
    return f"driftcheck: seed {config.stash[SEED_KEY]}"


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> Any:
    """Make the items of what `driftcheck.test` returned."""
    if type(obj).__module__ != "driftcheck.testing.marker":
        return None
    from driftcheck.testing.collect import items_of

    seed, cases = collector.config.stash[SEED_KEY], collector.config.stash[CASES_KEY]
    return items_of(collector, name, obj, seed=seed, cases=cases)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the items of contracts that were named on the command line."""
    if contracts(config):
        from driftcheck.testing.collect import items_by_name

        seed, cases = config.stash[SEED_KEY], config.stash[CASES_KEY]
        items[:0] = items_by_name(session, contracts(config), seed=seed, cases=cases)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Say in one sentence what an author did wrong, be it that the class of a contract cannot be made."""
    report = yield
    if report.failed and "driftcheck.core.errors" in sys.modules:
        from driftcheck.testing.failure import in_one_sentence

        in_one_sentence(collector, report)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(report: pytest.TestReport, sched: Any) -> None:
    """Say what was saved before a worker died."""
    folder = sched.config.rootpath / "cases"
    since_ns = sched.config.stash[STARTED_KEY]
    saved = [path for path in sorted(folder.glob("*/*.json")) if path.stat().st_mtime_ns >= since_ns]
    if saved:
        paths = "".join(f"\n  {path.relative_to(sched.config.rootpath)}" for path in saved)
        report.longrepr = f"{report.longrepr}\ncases that this run had saved by then:{paths}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print where findings lie and how to replay them, and what was not exercised."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    reports = [r for r in reports if getattr(r, "when", "") == "call" and is_ours(r)]
    if reports:
        from driftcheck.testing.summary import write

        write(terminalreporter, reports)


def is_ours(report: pytest.TestReport) -> bool:
    """Say whether a report is of an item of a contract."""
    return any(name == CONTRACT for name, _ in report.user_properties)
